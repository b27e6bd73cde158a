namespace Anax.Core.Memory;

/// <summary>
/// Hears of every unit of a structure in an arena before its contents change, so that a running snapshot can save it
/// first. A structure is named by the handle of its header. The unit of a table is a home bucket, named by a position at
/// which a walk would visit it.
/// </summary>
public interface IUnitListener
{
    void Before(uint container, ulong unit);
}

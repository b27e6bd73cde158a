namespace Anax.Core.Structures;

/// <summary>
/// Hears of every unit of a structure before its contents change, so that a running snapshot can save it
/// first. The unit of a key table is a home bucket, named by a position at which a walk would visit it.
/// </summary>
public interface IUnitListener
{
    void Before(KeyTable container, ulong unit);
}

namespace Anax.Core.Structures;

/// <summary>
/// Sees the entries of a walk. It may delete or change the entry that it is given, and no other.
/// </summary>
public interface IEntryVisitor
{
    void Visit(ref Entry entry);
}

/// <summary>
/// Sees the entries whose time has come, during a sweep; deletes them (or not) on behalf of their owner.
/// </summary>
public interface IExpiryVisitor
{
    void Expired(ref Entry entry);
}

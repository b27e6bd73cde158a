using Anax.Core.Buffers;

namespace Anax.Engine.Keyspace;

/// <summary>Classes of keyspace events, by the letters of notify-keyspace-events.</summary>
[Flags]
public enum EventClass
{
    None = 0,
    Generic = 1 << 0,
    String = 1 << 1,
    List = 1 << 2,
    Set = 1 << 3,
    Hash = 1 << 4,
    SortedSet = 1 << 5,
    Expired = 1 << 6,
    Evicted = 1 << 7,
    Stream = 1 << 8,
    KeyMiss = 1 << 9,
    New = 1 << 10,
}

/// <summary>What a change means to who repeats it later (journal, replicas).</summary>
public enum Effect : byte
{
    /// <summary>Repeating the command gives the same change.</summary>
    Command,

    /// <summary>The key's new value and expiry, absolute: what the command computed must not be computed again.</summary>
    State,

    /// <summary>The key's new expiry, absolute.</summary>
    Expiry,

    /// <summary>The key is gone.</summary>
    Deleted,
}

/// <summary>Whose change it is, and whom it concerns.</summary>
public enum ChangeReach : byte
{
    /// <summary>A command's, and everybody's.</summary>
    Everybody,

    /// <summary>Time or memory did it.</summary>
    Nobodys,

    /// <summary>
    /// A command's, of what stands beside the content (how far groups of consumers have read): who watches the key, keeps its value
    /// or waits for it is not told.
    /// </summary>
    Beside,
}

/// <summary>One logical change of one key, as every listener gets it.</summary>
public readonly ref struct Change(Key key, EventClass eventClass, ReadOnlySpan<byte> name, Effect effect, long stamp, ChangeReach reach)
{
    public readonly Key Key = key;
    public readonly EventClass Class = eventClass;

    /// <summary>The event's name as subscribers see it ("set", "expired").</summary>
    public readonly ReadOnlySpan<byte> Name = name;
    public readonly Effect Effect = effect;

    /// <summary>Position in the one order across shards: greater than every stamp that this loop has seen.</summary>
    public readonly long Stamp = stamp;

    /// <summary>Time or memory changed the key: a command may have met it, but has not done it.</summary>
    public bool IsNobodys => reach == ChangeReach.Nobodys;

    /// <summary>What belongs to the value has changed, but nothing that a reader of it sees: see <see cref="ChangeReach.Beside"/>.</summary>
    public bool IsBeside => reach == ChangeReach.Beside;
}

/// <summary>
/// Who must learn of every change: journal, replicas, notifications, tracking, WATCH. Called on the shard's thread
/// when the change is complete; must not wait and must not change the keyspace.
/// </summary>
public interface IChangeListener
{
    void Changed(ShardScope shard, in Change change);

    /// <summary>A whole database was emptied, swapped or dropped (database -1: all).</summary>
    void Flushed(ShardScope shard, int database);
}

namespace Anax.Engine.Keyspace;

/// <summary>The time that one part of a long command may take of its shard's turn.</summary>
public struct WorkSlice
{
    /// <summary>Half of the millisecond that a shard may give one command: the last step overruns.</summary>
    private const long SliceNs = 500_000;

    /// <summary>Steps between two looks at the clock.</summary>
    private const int StepsPerLook = 8;

    private readonly long _deadlineNs;
    private int _steps;

    /// <summary>For a command that is short, or must not rest: lasts until it is done.</summary>
    public static WorkSlice Endless => new(long.MaxValue);

    private WorkSlice(long deadlineNs) => _deadlineNs = deadlineNs;

    public WorkSlice(ShardScope shard) => _deadlineNs = shard.Loop.Events.MonotonicNs() + SliceNs;

    /// <summary>The same for a coordinator's steps on its own loop.</summary>
    public WorkSlice(Transactions.Coordinator tx) => _deadlineNs = tx.Loop.Events.MonotonicNs() + SliceNs;

    /// <summary>Asked after each step, which takes long enough for a look at the clock.</summary>
    public readonly bool MayGoOn(Transactions.Coordinator tx) => tx.Loop.Events.MonotonicNs() < _deadlineNs;

    /// <summary>Asked after each step: false when the rest must wait for the next turn.</summary>
    public bool MayGoOn(ShardScope shard) =>
        ++_steps % StepsPerLook != 0 || shard.Loop.Events.MonotonicNs() < _deadlineNs;
}

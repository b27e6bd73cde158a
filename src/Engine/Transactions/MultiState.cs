using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Engine.Dispatch;

namespace Anax.Engine.Transactions;

/// <summary>
/// What a session has said to MULTI and WATCH: the queue of commands and the keys that it watches. Other loops read it
/// while a coordinator of the session waits for them.
/// </summary>
internal sealed class MultiState : IDisposable
{
    private struct SeenKey : IChained
    {
        internal int Database;

        public ulong Hash { get; set; }
        int IChained.Link { get; set; }
    }

    private readonly NativeChains<SeenKey> _seen = new();

    /// <summary>MULTI was said: commands are queued.</summary>
    internal bool IsOpen { get; private set; }

    /// <summary>A command was refused while queueing: EXEC will not run.</summary>
    internal bool IsFailed { get; private set; }

    /// <summary>Why EXEC itself was refused.</summary>
    internal Fault Refusal { get; private set; }

    /// <summary>All flags of the queued commands.</summary>
    internal CommandFlags Flags { get; private set; }

    internal NativeList<BatchCommand> Commands { get; } = new();
    internal KeptArguments Arguments { get; } = new();

    internal KeptArguments Watched { get; } = new();

    /// <summary>The databases of the watched keys, one for each.</summary>
    internal NativeList<int> WatchedDatabases { get; } = new();

    /// <summary>Raised by the shards when a watched key has changed.</summary>
    internal NativeFlag Changed { get; } = NativeFlag.Allocate();
    internal MultiState? NextFree { get; set; }

    /// <summary>Each command has its keys on one shard, or can be run in parts.</summary>
    internal bool IsPlain { get; private set; } = true;

    /// <summary>Commands whose arguments are kept here; those behind them have theirs in the round that brings them.</summary>
    internal int Kept { get; private set; }

    internal bool IsIdle => !IsOpen && Watched.Count == 0;
    internal long AllocatedBytes => Arguments.AllocatedBytes + Watched.AllocatedBytes;

    internal void Open() => IsOpen = true;

    internal void Fail() => IsFailed = true;

    internal void Refuse(Fault fault) => Refusal = fault;

    /// <summary>Queues a command whose arguments stay where they are until <see cref="Keep"/>.</summary>
    internal void Queue(CommandFlags flags, in BatchCommand command)
    {
        // What will not run is not kept.
        if (IsFailed || Changed.IsRaised) return;
        Flags |= flags;
        IsPlain &= command.Shard is >= 0 or Round.Several;
        Commands.Add(in command);
    }

    /// <summary>The round is over, and EXEC was not in it: its arguments are copied.</summary>
    internal void Keep(ArgumentList arguments)
    {
        for (; Kept < Commands.Count; Kept++)
        {
            ref BatchCommand command = ref Commands[Kept];
            command.FirstArgument = Arguments.Add(arguments.Slice(command.FirstArgument, command.ArgumentCount));
        }
    }

    internal void Watch(ReadOnlySpan<ArgumentSlice> keys, int database)
    {
        for (int i = 0; i < keys.Length; i++)
        {
            if (IsWatched(keys[i].Hash, database)) continue;
            _ = _seen.Add(new SeenKey { Hash = keys[i].Hash, Database = database });
            _ = Watched.Add(keys.Slice(i, 1));
            _ = WatchedDatabases.Add(in database);
        }
    }

    private bool IsWatched(ulong hash, int database)
    {
        int seen = _seen.First(hash);
        while (seen != 0 && _seen[seen].Database != database) seen = _seen.Next(seen);
        return seen != 0;
    }

    /// <summary>No shard knows of the watches any more.</summary>
    internal void ForgetWatches()
    {
        Watched.Clear();
        WatchedDatabases.Clear();
        _seen.Clear();
        Changed.Lower();
    }

    internal void ForgetQueue()
    {
        Commands.Clear();
        Arguments.Clear();
        Kept = 0;
        IsPlain = true;
        Flags = CommandFlags.None;
        IsOpen = IsFailed = false;
        Refusal = Fault.None;
    }

    public void Dispose()
    {
        Commands.Dispose();
        Arguments.Dispose();
        Watched.Dispose();
        WatchedDatabases.Dispose();
        _seen.Dispose();
        Changed.Free();
    }
}

/// <summary>A loop's states of sessions in transactions; sessions that are in none have none.</summary>
internal sealed class MultiPool(EngineLoop loop) : IDisposable
{
    private readonly List<MultiState> _all = [];
    private MultiState? _free;

    /// <summary>Bytes that free states keep for the next use.</summary>
    internal long KeptBytes
    {
        get
        {
            long bytes = 0;
            for (MultiState? multi = _free; multi is not null; multi = multi.NextFree) bytes += multi.AllocatedBytes;
            return bytes;
        }
    }

    /// <summary>Sessions that queue commands or watch keys.</summary>
    internal int InUse { get; private set; }

    internal MultiState Of(Session session)
    {
        if (session.Multi is { } multi) return multi;
        InUse++;
        if (_free is { } free)
        {
            _free = free.NextFree;
            return session.Multi = free;
        }
        multi = new MultiState();
        _all.Add(multi);
        return session.Multi = multi;
    }

    /// <summary>Copies what was queued of a round that ends.</summary>
    internal void Keep(MultiState multi, ArgumentList arguments)
    {
        if (multi.Kept == multi.Commands.Count) return;
        long before = multi.AllocatedBytes;
        multi.Keep(arguments);
        Count(multi, before);
    }

    /// <summary>Keeps the loop's account of memory that waits for clients; called after a change.</summary>
    internal void Count(MultiState multi, long before) => loop.ClientBytes += multi.AllocatedBytes - before;

    /// <summary>The queue has run or was dropped, and nothing is watched.</summary>
    internal void Close(Session session)
    {
        if (session.Multi is { } multi) Close(multi);
        session.Multi = null;
    }

    /// <summary>As <see cref="Close(Session)"/>, of a state that its session has left.</summary>
    internal void Close(MultiState multi)
    {
        long before = multi.AllocatedBytes;
        multi.ForgetQueue();
        multi.ForgetWatches();
        Count(multi, before);
        InUse--;
        multi.NextFree = _free;
        _free = multi;
    }

    public void Dispose()
    {
        foreach (MultiState multi in _all) multi.Dispose();
    }
}

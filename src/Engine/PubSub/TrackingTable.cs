using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Runtime;

namespace Anax.Engine.PubSub;

// The shard's side of client tracking; Tracker is the clients' side.
//
//   a tracked client reads ── Note ── key: client 7 of loop 1, client 9 of loop 0
//   the key changes ───────── Changed ── each of them is told, the key is forgotten
//                                   └─── loops that have a prefix of the key are told
//
// 1. What is told goes the way of the read's reply, so it cannot overtake it.
// 2. A client that is gone is left in the table until the key changes; its loop does not know it any more.
// 3. As in Valkey, keys are noted without their database: one message too many does no harm.

/// <summary>Which clients may keep which keys of one shard.</summary>
internal sealed class TrackingTable : IChangeListener, IDisposable
{
    private const int None = -1, EvictionsMax = 1000;

    private readonly EngineLoop _loop;
    private readonly NameTable _keys;
    private readonly NativeList<int> _first = new();
    private readonly NativePool<Reader> _readers = new();
    private readonly NativeList<int> _loops = new();
    private readonly LimitTimer _timer;
    private int _victim;

    internal TrackingTable(EngineLoop loop)
    {
        _loop = loop;
        _keys = new NameTable(loop.Settings.HashKey);
        _timer = new LimitTimer(this);
    }

    private struct Reader
    {
        internal long Client;
        internal int Loop;
        internal int Next;
    }

    internal int Keys => _keys.Count;

    /// <summary>Clients of all keys.</summary>
    internal int Items => _readers.Count;
    internal long UsedBytes => _keys.UsedBytes + _first.Bytes + _readers.Bytes;

    /// <summary>
    /// More keys than tracking-table-max-keys allows: more than this shard's part of it, and more on all shards together.
    /// The parts sum up to the limit, so it holds whatever the others' counts are by now.
    /// </summary>
    private bool IsOverLimit
    {
        get
        {
            long max = _loop.Settings.TrackedKeysMax;
            long part = max / _loop.Peers.Length + (_loop.Index < max % _loop.Peers.Length ? 1 : 0);
            if (max == 0 || _keys.Count <= part) return false;
            long all = 0;
            foreach (EngineLoop loop in _loop.Peers) all += Volatile.Read(ref loop.Counters.TrackedKeys);
            return all > max;
        }
    }

    /// <summary>A client that tracks has run a command: it may keep what the command read of this shard.</summary>
    internal void Note(in CommandContext context, CommandSpec command, Arguments args)
    {
        if ((command.Flags & CommandFlags.ReadOnly) == 0 || command.RunsCommands) return;
        foreach (KeySpec keys in command.Keys)
        {
            if ((keys.Access & KeyAccess.NotKey) != 0 || !keys.TryFind(args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
                if (Dispatcher.ShardOf(in args.Slices[i], _loop.Settings, _loop.Peers.Length) == _loop.Index) Note(in context, args[i]);
        }
        Limit();
    }

    /// <summary>Forgets keys, and tells their clients, until there are no more than the option allows.</summary>
    internal void Limit()
    {
        for (int i = 0; IsOverLimit; i++)
        {
            if (i == EvictionsMax)
            {
                _loop.Events.Schedule(_timer, _loop.Events.NowNs);
                return;
            }
            do _victim = _victim + 1 < _keys.Bound ? _victim + 1 : 0;
            while (!_keys.IsTaken(_victim));
            Invalidate(_victim, changer: 0);
        }
    }

    public void Changed(ShardScope shard, in Change change)
    {
        if (change.IsBeside) return;
        // Who happens to meet an expired key has not changed it; but having read it before, learns by the very reply that it is gone.
        Broadcast(change.Key.Bytes, change.IsNobodys ? 0 : shard.Context.ClientId);
        int key = _keys.Find(change.Key.Bytes);
        if (key != None) Invalidate(key, shard.Context.ClientId);
    }

    public void Flushed(ShardScope shard, int database)
    {
        Clear();
        // A flush is one for all shards, so one of them tells.
        if (_loop.Index != 0) return;
        _loops.Clear();
        TopicTable trackers = _loop.Broker.Table(TopicKind.Tracker);
        if (trackers.Find(default) is not TopicTable.None and var topic) Broker.NoteLoops(trackers, topic, _loops);
        foreach (int loop in _loops.Span) Tell(loop, default, InvalidationKind.All, 0, 0);
        _loop.Tracker.InvalidateAll();
    }

    internal void Clear()
    {
        _keys.Clear();
        _readers.Clear();
        _first.Clear();
        CountKeys();
    }

    public void Dispose()
    {
        _keys.Dispose();
        _first.Dispose();
        _readers.Dispose();
        _loops.Dispose();
    }

    private void Note(in CommandContext context, ReadOnlySpan<byte> name)
    {
        int key = _keys.GetOrAdd(name, out bool isNew);
        if (key == None) return;
        if (key >= _first.Count) _ = _first.Resize(key + 1);
        if (isNew)
        {
            _first[key] = None;
            CountKeys();
        }
        for (int i = _first[key]; i != None; i = _readers[i].Next)
            if (_readers[i].Client == context.ClientId) return;
        _first[key] = _readers.Take(new Reader { Client = context.ClientId, Loop = context.Home, Next = _first[key] });
    }

    private void Invalidate(int key, long changer)
    {
        NativeBlock block = BlockOf(_keys[key]);
        int reader = _first[key];
        _keys.Remove(key);
        CountKeys();
        while (reader != None)
        {
            Reader told = _readers[reader];
            _readers.Give(reader);
            reader = told.Next;
            if (told.Loop == _loop.Index) _loop.Tracker.Invalidate(told.Client, block.Bytes, changer);
            else Tell(told.Loop, block, InvalidationKind.Key, told.Client, changer);
        }
        block.Release();
    }

    private void CountKeys() => Volatile.Write(ref _loop.Counters.TrackedKeys, _keys.Count);

    private void Broadcast(ReadOnlySpan<byte> key, long changer)
    {
        TopicTable prefixes = _loop.Broker.Table(TopicKind.Prefix);
        if (prefixes.Count == 0) return;
        _loops.Clear();
        bool isOwn = false;
        // Prefixes are found by their names: a key has no more of them than bytes.
        for (int length = 0; length <= Math.Min(key.Length, prefixes.LongestName); length++)
        {
            int prefix = prefixes.Find(key[..length]);
            if (prefix == None) continue;
            isOwn |= prefixes[prefix].Own != 0;
            Broker.NoteLoops(prefixes, prefix, _loops);
        }
        if (isOwn) _loop.Tracker.Broadcast(key, changer);
        if (_loops.Count == 0) return;
        NativeBlock block = BlockOf(key);
        foreach (int loop in _loops.Span) Tell(loop, block, InvalidationKind.Broadcast, 0, changer);
        block.Release();
    }

    private void Tell(int loop, NativeBlock block, InvalidationKind kind, long client, long changer)
    {
        if (!block.IsNull) block.AddReference();
        _ = _loop.Events.Post(loop, new Message
        {
            Kind = (ushort)MessageKind.Invalidation,
            A = block.Address,
            B = (long)kind,
            C = client,
            D = changer,
        });
    }

    private static NativeBlock BlockOf(ReadOnlySpan<byte> key)
    {
        NativeBlock block = NativeBlock.Allocate(key.Length);
        Core.Invariant.Holds(!block.IsNull, "there is memory for a key's name");
        key.CopyTo(block.Bytes);
        return block;
    }

    private sealed class LimitTimer(TrackingTable table) : LoopTimer
    {
        public override void OnTimer() => table.Limit();
    }
}

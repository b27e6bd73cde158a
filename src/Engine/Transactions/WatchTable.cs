using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;

namespace Anax.Engine.Transactions;

/// <summary>
/// The keys of one shard that clients WATCH. A change raises the flag of each client that watches its key. EXEC locks what
/// its client watches, so it reads the flag when nothing can raise it any more.
/// </summary>
internal sealed class WatchTable : IDisposable
{
    private const int None = 0;

    private struct Watch : IChained
    {
        internal ArgumentSlice Key;
        internal NativeFlag Flag;
        internal int Database;

        /// <summary>The key existed when the watch began: only then can it vanish by expiry or with its database.</summary>
        internal bool Existed;

        readonly ulong IChained.Hash => Key.Hash;
        int IChained.Link { get; set; }
    }

    private readonly NativeArray<ShardCounters> _counters;
    private readonly NativeChains<Watch> _watches = new();

    internal WatchTable(NativeArray<ShardCounters> counters) => _counters = counters;

    internal int Count => _watches.Count;

    /// <summary>Begins to watch a key, once; its bytes must stay where they are until <see cref="Remove"/>.</summary>
    internal void Add(in ArgumentSlice key, int database, bool exists, NativeFlag flag)
    {
        if (Find(in key, database, flag) != None) return;
        _ = _watches.Add(new Watch { Key = key, Flag = flag, Database = database, Existed = exists });
        Shard.Note(ref _counters[0], ShardCare.Watches, true);
    }

    internal void Remove(in ArgumentSlice key, int database, NativeFlag flag)
    {
        int watch = Find(in key, database, flag);
        if (watch == None) return;
        _watches.Remove(watch);
        Shard.Note(ref _counters[0], ShardCare.Watches, Count != 0);
    }

    /// <summary>Is it watched by this client, and has existed when that began?</summary>
    internal bool Existed(in ArgumentSlice key, int database, NativeFlag flag) =>
        Find(in key, database, flag) is var watch && watch != None && _watches[watch].Existed;

    /// <summary>A key has changed.</summary>
    internal void Touch(int database, ulong hash, EventClass eventClass)
    {
        for (int at = _watches.First(hash); at != None; at = _watches.Next(at))
        {
            ref Watch watch = ref _watches[at];
            // A key that had expired before it was watched is as absent as before when it is dropped.
            if (watch.Database == database && (watch.Existed || eventClass != EventClass.Expired)) watch.Flag.Raise();
        }
    }

    /// <summary>A database is about to be emptied, or another one's table (null: none) to take its place.</summary>
    internal void TouchAll(int database, KeyTable? next, long nowMs)
    {
        for (int at = 1; Count != 0 && at < _watches.Bound; at++)
        {
            ref Watch watch = ref _watches[at];
            if (!_watches.IsLive(at) || watch.Database != database) continue;
            if (watch.Existed || next is not null && IsThere(next.Entries.Find(watch.Key.Hash, watch.Key.Span), nowMs)) watch.Flag.Raise();
        }
    }

    private static bool IsThere(Entry entry, long nowMs) => entry.Exists && (entry.ExpireAtMs == 0 || entry.ExpireAtMs > nowMs);

    public void Dispose() => _watches.Dispose();

    private int Find(in ArgumentSlice key, int database, NativeFlag flag)
    {
        int at = _watches.First(key.Hash);
        while (at != None && (_watches[at].Database != database || _watches[at].Flag != flag)) at = _watches.Next(at);
        return at;
    }
}

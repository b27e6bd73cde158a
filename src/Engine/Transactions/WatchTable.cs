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
    private const int None = 0, BucketsMin = 64;

    private struct Watch
    {
        internal ArgumentSlice Key;
        internal NativeFlag Flag;
        internal int Database;
        internal int Next;

        /// <summary>The key existed when the watch began: only then can it vanish by expiry or with its database.</summary>
        internal bool Existed;
    }

    private readonly NativeList<Watch> _watches = new();
    private readonly NativeList<int> _buckets = new();
    private int _free;

    internal WatchTable()
    {
        _ = _watches.Resize(1);
        _ = _buckets.Resize(BucketsMin);
    }

    internal int Count { get; private set; }

    /// <summary>Begins to watch a key; its bytes must stay where they are until <see cref="Remove"/>.</summary>
    internal void Add(in ArgumentSlice key, int database, bool exists, NativeFlag flag)
    {
        if (Count == _buckets.Count) GrowBuckets();
        int watch = _free;
        if (watch != None) _free = _watches[watch].Next;
        else _ = _watches.Add(default);
        if (watch == None) watch = _watches.Count - 1;
        ref int bucket = ref _buckets[BucketOf(key.Hash)];
        _watches[watch] = new Watch { Key = key, Flag = flag, Database = database, Existed = exists, Next = bucket };
        bucket = watch;
        Count++;
    }

    internal void Remove(in ArgumentSlice key, int database, NativeFlag flag)
    {
        ref int link = ref _buckets[BucketOf(key.Hash)];
        while (link != None)
        {
            ref Watch watch = ref _watches[link];
            if (watch.Key.Hash != key.Hash || watch.Database != database || watch.Flag != flag)
            {
                link = ref watch.Next;
                continue;
            }
            int removed = link;
            link = watch.Next;
            watch = new Watch { Next = _free };
            _free = removed;
            Count--;
            return;
        }
    }

    /// <summary>Is it watched by this client, and has existed when that began?</summary>
    internal bool Existed(in ArgumentSlice key, int database, NativeFlag flag)
    {
        for (int at = _buckets[BucketOf(key.Hash)]; at != None; at = _watches[at].Next)
        {
            ref Watch watch = ref _watches[at];
            if (watch.Key.Hash == key.Hash && watch.Database == database && watch.Flag == flag) return watch.Existed;
        }
        return false;
    }

    /// <summary>A key has changed.</summary>
    internal void Touch(int database, ulong hash, EventClass eventClass)
    {
        for (int at = _buckets[BucketOf(hash)]; at != None; at = _watches[at].Next)
        {
            ref Watch watch = ref _watches[at];
            if (watch.Key.Hash != hash || watch.Database != database) continue;
            // A key that had expired before it was watched is as absent as before when it is dropped.
            if (watch.Existed || eventClass != EventClass.Expired) watch.Flag.Raise();
        }
    }

    /// <summary>A database is about to be emptied, or another one's table (null: none) to take its place.</summary>
    internal void TouchAll(int database, KeyTable? next)
    {
        if (Count == 0) return;
        for (int at = 1; at < _watches.Count; at++)
        {
            ref Watch watch = ref _watches[at];
            if (watch.Flag.IsNull || watch.Database != database) continue;
            if (watch.Existed || next is not null && next.Find(watch.Key.Hash, watch.Key.Span).Exists) watch.Flag.Raise();
        }
    }

    public void Dispose()
    {
        _watches.Dispose();
        _buckets.Dispose();
    }

    private int BucketOf(ulong hash) => (int)(hash >> 32) & (_buckets.Count - 1);

    private void GrowBuckets()
    {
        _buckets.Resize(_buckets.Count * 2).Clear();
        for (int at = 1; at < _watches.Count; at++)
        {
            ref Watch watch = ref _watches[at];
            if (watch.Flag.IsNull) continue;
            ref int bucket = ref _buckets[BucketOf(watch.Key.Hash)];
            watch.Next = bucket;
            bucket = at;
        }
    }
}

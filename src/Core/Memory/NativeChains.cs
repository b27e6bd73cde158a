namespace Anax.Core.Memory;

/// <summary>A record of <see cref="NativeChains{T}"/>: it knows its hash and keeps a link for the owner of the chains.</summary>
public interface IChained
{
    ulong Hash { get; }

    /// <summary>Not for the record's own use.</summary>
    int Link { get; set; }
}

/// <summary>
/// Unmanaged records that are found by a hash and named by a number that they keep. 0 names none. Several records may have
/// the same hash. Used by one thread at a time.
/// </summary>
public sealed class NativeChains<T> : IDisposable where T : unmanaged, IChained
{
    private const int None = 0, BucketsMin = 64;

    private readonly NativeList<T> _records = new();
    private readonly NativeList<int> _buckets = new();
    private int _free;

    public NativeChains()
    {
        _ = _records.Resize(1);
        _ = _buckets.Resize(BucketsMin);
    }

    public int Count { get; private set; }

    /// <summary>All records have smaller numbers; see <see cref="IsLive"/>.</summary>
    public int Bound => _records.Count;

    public ref T this[int record] => ref _records[record];

    /// <summary>Is there a record with this number, below <see cref="Bound"/>?</summary>
    public bool IsLive(int record) => record != None && _records[record].Link >= 0;

    public int First(ulong hash) => Same(_buckets[BucketOf(hash)], hash);

    /// <summary>The next record with the same hash.</summary>
    public int Next(int record) => Same(_records[record].Link, _records[record].Hash);

    public int Add(T record)
    {
        if (Count == _buckets.Count) Grow();
        int at = _free;
        if (at != None) _free = ~_records[at].Link;
        else _ = _records.Add(default);
        if (at == None) at = _records.Count - 1;
        ref int bucket = ref _buckets[BucketOf(record.Hash)];
        record.Link = bucket;
        _records[at] = record;
        bucket = at;
        Count++;
        return at;
    }

    public void Remove(int record)
    {
        ref int bucket = ref _buckets[BucketOf(_records[record].Hash)];
        int next = _records[record].Link;
        if (bucket == record)
        {
            bucket = next;
        }
        else
        {
            int before = bucket;
            while (_records[before].Link != record) before = _records[before].Link;
            _records[before].Link = next;
        }
        _records[record] = default;
        _records[record].Link = ~_free;
        _free = record;
        Count--;
    }

    public void Clear()
    {
        if (Count == 0) return;
        _records.Clear();
        _buckets.Clear();
        _ = _records.Resize(1);
        _buckets.Resize(BucketsMin).Clear();
        _free = None;
        Count = 0;
    }

    public void Dispose()
    {
        _records.Dispose();
        _buckets.Dispose();
    }

    private int Same(int at, ulong hash)
    {
        while (at != None && _records[at].Hash != hash) at = _records[at].Link;
        return at;
    }

    private int BucketOf(ulong hash) => (int)(hash >> 32) & (_buckets.Count - 1);

    private void Grow()
    {
        _buckets.Resize(_buckets.Count * 2).Clear();
        for (int at = 1; at < _records.Count; at++)
        {
            if (!IsLive(at)) continue;
            ref int bucket = ref _buckets[BucketOf(_records[at].Hash)];
            _records[at].Link = bucket;
            bucket = at;
        }
    }
}

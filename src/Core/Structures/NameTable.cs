using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

// A chain of names per bucket; the hash of each name is kept.
//
//   _buckets:  [ 3 ][ - ][ 7 ] …            number of a chain's first name
//   _names:    [name, hash, next] …         by number; free ones are chained through next
//
// 1. The buckets grow one at a time (linear hashing): a new bucket takes its part of one old chain, so no name makes
//    the table rehash the others.
// 2. A number is given again only after its name was removed.

/// <summary>
/// Names (channels, patterns, keys that clients remember) and a small number for each, by which their owner keeps more
/// about them. In native memory; belongs to one loop.
/// </summary>
public sealed class NameTable(HashKey hashKey) : IDisposable
{
    private const int None = -1;

    private readonly NativeList<int> _buckets = new();
    private readonly NativeList<Name> _names = new();
    private int _free = None;
    private long _nameBytes;

    private struct Name
    {
        internal NativeBlock Bytes;
        internal ulong Hash;
        internal int Length;
        internal int Next;
    }

    public int Count { get; private set; }

    /// <summary>Every number is below this.</summary>
    public int Bound => _names.Count;

    /// <summary>Memory of the table and of all names.</summary>
    public long UsedBytes => _nameBytes + _names.Bytes + _buckets.Bytes;

    /// <summary>The name with a number that <see cref="IsTaken"/>; valid until it is removed.</summary>
    public ReadOnlySpan<byte> this[int number] => _names[number].Bytes.Bytes[.._names[number].Length];

    public bool IsTaken(int number) => !_names[number].Bytes.IsNull;

    /// <summary>The number of a name, -1 where it is not in the table.</summary>
    public int Find(ReadOnlySpan<byte> name) => Count == 0 ? None : Find(name, hashKey.Hash(name));

    /// <summary>The number of a name, which is added where it is missing; -1 where there is no memory for it.</summary>
    public int GetOrAdd(ReadOnlySpan<byte> name, out bool isNew)
    {
        ulong hash = hashKey.Hash(name);
        int found = Find(name, hash);
        isNew = found == None;
        if (!isNew) return found;
        NativeBlock bytes = NativeBlock.Allocate(name.Length);
        if (bytes.IsNull) return None;
        name.CopyTo(bytes.Bytes);
        int number = TakeNumber();
        AddBucket();
        ref int first = ref _buckets[BucketOf(hash)];
        _names[number] = new Name { Bytes = bytes, Hash = hash, Length = name.Length, Next = first };
        first = number;
        Count++;
        _nameBytes += bytes.FootprintBytes;
        return number;
    }

    public void Remove(int number)
    {
        ref Name name = ref _names[number];
        ref int link = ref _buckets[BucketOf(name.Hash)];
        while (link != number) link = ref _names[link].Next;
        link = name.Next;
        _nameBytes -= name.Bytes.FootprintBytes;
        name.Bytes.Release();
        name = new Name { Next = _free };
        _free = number;
        if (--Count == 0) Clear();
    }

    /// <summary>Forgets all names.</summary>
    public void Clear()
    {
        for (int i = 0; i < _names.Count; i++)
            if (IsTaken(i)) _names[i].Bytes.Release();
        _names.Clear();
        _buckets.Clear();
        _free = None;
        _nameBytes = 0;
        Count = 0;
    }

    public void Dispose()
    {
        Clear();
        _names.Dispose();
        _buckets.Dispose();
    }

    private int Find(ReadOnlySpan<byte> name, ulong hash)
    {
        if (Count == 0) return None;
        for (int i = _buckets[BucketOf(hash)]; i != None; i = _names[i].Next)
            if (_names[i].Hash == hash && this[i].SequenceEqual(name)) return i;
        return None;
    }

    private int TakeNumber()
    {
        if (_free == None)
        {
            _names.Add(default);
            return _names.Count - 1;
        }
        int number = _free;
        _free = _names[number].Next;
        return number;
    }

    /// <summary>The lowest bits that name a bucket: of those beyond the last bucket, one bit less.</summary>
    private int BucketOf(ulong hash)
    {
        int top = TopBit(_buckets.Count - 1);
        var bucket = (int)(hash & (ulong)(2 * top - 1));
        return bucket < _buckets.Count ? bucket : bucket - top;
    }

    /// <summary>One bucket for each name: the new one takes from the chain whose hashes now end in its number.</summary>
    private void AddBucket()
    {
        if (_buckets.Count > Count) return;
        int added = _buckets.Count;
        _buckets.Add(None);
        if (added == 0) return;
        ref int link = ref _buckets[added - TopBit(added)];
        ref int target = ref _buckets[added];
        while (link != None)
        {
            ref Name name = ref _names[link];
            if (BucketOf(name.Hash) != added)
            {
                link = ref name.Next;
                continue;
            }
            int moved = link;
            link = name.Next;
            name.Next = target;
            target = moved;
        }
    }

    private static int TopBit(int value) => value <= 0 ? 1 : 1 << System.Numerics.BitOperations.Log2((uint)value);
}

using System.Numerics;
using System.Runtime.InteropServices;

namespace Anax.Core.Structures;

// A segment is one dense cell:
//
//     | home buckets | stash buckets | lane: 4 B per bucket | ages: 12 B per bucket, or none | trailer |
//
//     lane word   | 0…11 slots that may expire | 12…31 earliest expiry of the entries at home here, see ExpiryBound |
//
// 1. An entry lies in its home bucket, or as a guest in the right neighbour, or in a stash bucket that the home hints at, or
//    in an overflow block of the segment. Displacement moves entries between buckets and never changes their home.
// 2. The slots of the lane are a superset: a bit may stay behind when its slot is emptied.
// 3. Lookups read buckets only.

/// <summary>What stands at the end of a segment: by it the owner of a moved segment is found.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SegmentTrailer
{
    public ulong Prefix;
    public uint Table;
    public uint Overflow;
    public uint AgedAtSeconds;
    public byte Depth, Base, HasOverflow, Reserved;
}

/// <summary>What a slot holds beside its place: it moves as one.</summary>
internal readonly record struct SlotContent(uint Handle, byte Fingerprint, byte Age, bool Expires);

/// <summary>A view of one segment's memory. Knows buckets and lanes, not records.</summary>
internal readonly unsafe struct Segment(byte* start, uint homes, bool hasAges)
{
    private const int DisplacementMax = 4;

    public readonly uint Homes = homes;
    public readonly bool HasAges = hasAges;

    public Bucket* Buckets => (Bucket*)start;

    public uint BucketCount => Homes + StashOf(Homes);

    public uint* Lane => (uint*)(start + BucketCount * Bucket.SizeBytes);

    public byte* Ages => (byte*)(Lane + BucketCount);

    public SegmentTrailer* Trailer => (SegmentTrailer*)(start + TrailerOffset(Homes, HasAges));

    /// <summary>Small segments, of tables with few entries, grow sooner instead of having a stash.</summary>
    public static uint StashOf(uint homes) => homes >= Positions.BaseMin ? 4u : homes >= 8 ? 2u : 0;

    public static int SizeOf(uint homes, bool hasAges) =>
        (TrailerOffset(homes, hasAges) + sizeof(SegmentTrailer) + Bucket.SizeBytes - 1) & -Bucket.SizeBytes;

    private static int TrailerOffset(uint homes, bool hasAges)
    {
        var buckets = (int)(homes + StashOf(homes));
        return (buckets * (Bucket.SizeBytes + sizeof(uint) + (hasAges ? Bucket.Slots : 0)) + 7) & -8;
    }

    public uint RightOf(uint home) => home + 1 == Homes ? 0 : home + 1;

    public uint LeftOf(uint home) => home == 0 ? Homes - 1 : home - 1;

    public void Clear()
    {
        for (uint i = 0; i < BucketCount; i++) Buckets[i].Meta = 0;
        for (uint i = 0; i < BucketCount; i++) Lane[i] = ExpiryBound.None << ExpiryBound.Shift;
        if (HasAges) new Span<byte>(Ages, (int)BucketCount * Bucket.Slots).Clear();
    }

    public int Count()
    {
        var count = 0;
        for (uint i = 0; i < BucketCount; i++) count += BitOperations.PopCount(Buckets[i].Occupied);
        return count;
    }

    public SlotContent ContentOf(uint bucket, int slot) => new(
        Buckets[bucket].Handles[slot], Buckets[bucket].Fingerprints[slot],
        HasAges ? Ages[bucket * Bucket.Slots + slot] : (byte)0, (Lane[bucket] >> slot & 1) != 0);

    /// <summary>Notes that an entry of this home expires no earlier than this.</summary>
    public void LowerBound(uint home, long expireAtMs, uint clockSeconds) =>
        Lane[home] = ExpiryBound.Lowered(Lane[home], expireAtMs, clockSeconds);

    /// <summary>
    /// Home, right neighbour, else a chain of displacements: own entries move one to the right, or guests
    /// back to the left; else a stash bucket. False when there is no room.
    /// </summary>
    public bool TryPlace(uint home, in SlotContent content, out uint bucket, out int slot)
    {
        var right = RightOf(home);
        bucket = home;
        if (!Buckets[home].IsFull)
        {
            slot = Put(home, content, false);
            return true;
        }
        if (Homes > 1)
        {
            if (!Buckets[right].IsFull || MakeRoomRight(home, right))
            {
                bucket = right;
                slot = Put(right, content, true);
                return true;
            }
            if (MakeRoomLeft(home))
            {
                slot = Put(home, content, false);
                return true;
            }
        }
        for (bucket = Homes; bucket < BucketCount; bucket++)
        {
            if (Buckets[bucket].IsFull) continue;
            slot = Put(bucket, content, false);
            Buckets[home].Hint((int)(bucket - Homes));
            return true;
        }
        slot = 0;
        return false;
    }

    private int Put(uint bucket, in SlotContent content, bool isGuest)
    {
        var slot = Buckets[bucket].Put(content.Fingerprint, content.Handle, isGuest);
        if (content.Expires) Lane[bucket] |= 1u << slot;
        if (HasAges) Ages[bucket * Bucket.Slots + slot] = content.Age;
        return slot;
    }

    private void Shift(uint from, int slot, uint to, bool isGuest)
    {
        Put(to, ContentOf(from, slot), isGuest);
        Buckets[from].Clear(slot);
    }

    // A chain must not reach the home bucket again from the other side.
    private uint ChainMax => Math.Min(DisplacementMax, Homes - 2);

    /// <summary>
    /// Frees a slot of the right neighbour: each bucket up to one with room gives an own entry to its right.
    /// </summary>
    private bool MakeRoomRight(uint home, uint right)
    {
        var end = right;
        for (var i = ChainMax; i > 0; i--)
        {
            if (Buckets[end].Own == 0) return false;
            end = RightOf(end);
            if (Buckets[end].IsFull) continue;
            for (var to = end; to != right; to = LeftOf(to))
            {
                var from = LeftOf(to);
                Shift(from, BitOperations.TrailingZeroCount(Buckets[from].Own), to, true);
            }
            return true;
        }
        return false;
    }

    /// <summary>
    /// Frees a slot of the home bucket: each bucket from one with room takes back a guest of its right.
    /// </summary>
    private bool MakeRoomLeft(uint home)
    {
        var end = home;
        for (var i = ChainMax; i > 0; i--)
        {
            if (Buckets[end].Guests == 0) return false;
            end = LeftOf(end);
            if (Buckets[end].IsFull) continue;
            for (var to = end; to != home; to = RightOf(to))
            {
                var from = RightOf(to);
                Shift(from, BitOperations.TrailingZeroCount(Buckets[from].Guests), to, false);
            }
            return true;
        }
        return false;
    }
}

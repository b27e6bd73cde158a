using System.Numerics;

namespace Anax.Core.Structures;

/// <summary>
/// The whole-structure check that tests run: every rule that lookups, walks and the sweep rest on.
/// </summary>
internal readonly unsafe partial struct DashTable<TRecord>
{
    public void Verify(long nowMs)
    {
        long count = 0, expiring = 0, capacity = 0;
        var segments = 0;
        for (ulong prefix = 0; _header->Segments != 0;)
        {
            var entry = Directory.Find(prefix);
            var segment = Store.Open(entry);
            var trailer = segment.Trailer;
            Invariant.Holds(trailer->Prefix == prefix, "a segment stands at another prefix");
            Invariant.Holds(trailer->Depth == entry.Depth, "a segment's depth differs from its directory entry");
            Invariant.Holds(trailer->Base == entry.Base, "a segment's base differs from its directory entry");
            Invariant.Holds(trailer->Table == _headerHandle, "a segment belongs to another table");
            Invariant.Holds((trailer->HasOverflow != 0) == entry.HasOverflow, "an overflow flag differs");
            Invariant.Holds((trailer->Overflow != 0) == entry.HasOverflow, "an overflow chain is not flagged");
            VerifyNames(entry, prefix);
            segments++;
            capacity += segment.BucketCount * Bucket.Slots;
            for (uint bucket = 0; bucket < segment.BucketCount; bucket++)
                VerifyBucket(entry, prefix, bucket, nowMs, ref count, ref expiring);
            for (var handle = trailer->Overflow; handle != 0;)
            {
                var block = (OverflowBlock*)_arena.At(handle);
                for (var bucket = block->First; bucket < block->End; bucket++)
                    for (var slots = bucket->Occupied; slots != 0; slots &= slots - 1)
                        VerifySlot(
                            entry, prefix, bucket, SlotPlace.NoLane, BitOperations.TrailingZeroCount(slots), nowMs,
                            ref count, ref expiring);
                handle = block->Next;
            }
            prefix = Positions.Next(entry, prefix, entry.Homes - 1);
            if (prefix == 0) break;
        }
        Invariant.Holds(segments == _header->Segments, "the count of segments is wrong");
        Invariant.Holds(capacity == _header->Capacity, "the count of slots is wrong");
        Invariant.Holds(count == _header->Count, "the count of entries is wrong");
        Invariant.Holds(expiring == _header->Expiring, "the count of expiring entries is wrong");
    }

    private void VerifyNames(SegmentEntry entry, ulong prefix)
    {
        var depth = Directory.DepthAt(prefix);
        Invariant.Holds(depth >= entry.Depth, "a segment is deeper than its directory");
        for (var i = 0; i < 1 << (depth - entry.Depth); i++)
            Invariant.Holds(*Directory.At(prefix + ((ulong)i << (64 - depth))) == entry.Bits, "a directory entry names another segment");
    }

    private void VerifyBucket(SegmentEntry entry, ulong prefix, uint index, long nowMs, ref long count, ref long expiring)
    {
        var bucket = Store.Open(entry).Buckets + index;
        Invariant.Holds((bucket->Guests & ~bucket->Occupied) == 0, "an empty slot is a guest");
        if (index >= entry.Homes) Invariant.Holds(bucket->Guests == 0, "a stash entry is a guest");
        for (var slots = bucket->Occupied; slots != 0; slots &= slots - 1)
            VerifySlot(
                entry, prefix, bucket, index, BitOperations.TrailingZeroCount(slots), nowMs, ref count, ref expiring);
    }

    private void VerifySlot(
        SegmentEntry entry, ulong prefix, Bucket* bucket, uint index, int slot, long nowMs, ref long count, ref long expiring)
    {
        count++;
        var segment = Store.Open(entry);
        var record = _arena.At(bucket->Handles[slot]);
        var hash = TRecord.Hash(record, _key);
        Invariant.Holds(Positions.PrefixOf(hash, entry.Depth) == prefix, "an entry lies in another segment than its hash says");
        var home = Positions.HomeOf(entry, hash, out var fingerprint);
        Invariant.Holds(bucket->Fingerprints[slot] == fingerprint, "a fingerprint is wrong");
        if (index < entry.Homes)
        {
            var isGuest = (bucket->Guests >> slot & 1) != 0;
            Invariant.Holds(isGuest ? segment.RightOf(home) == index : home == index, "an entry is not near its home");
        }
        else if (index != SlotPlace.NoLane)
        {
            var hint = segment.Buckets[home].StashHints >> (int)(index - entry.Homes) & 1;
            Invariant.Holds(hint != 0, "a stash entry's home does not hint at it");
        }
        var expireAtMs = TRecord.ExpireAtMs(record);
        if (expireAtMs == 0) return;
        expiring++;
        var mayExpire = index == SlotPlace.NoLane || (segment.Lane[index] >> slot & 1) != 0;
        Invariant.Holds(mayExpire, "an expiring entry is missing in the lane's mask");
        var wait = ExpiryBound.SecondsUntilDue(segment.Lane[home], (uint)(nowMs / 1000));
        Invariant.Holds(wait <= Math.Max(0, expireAtMs / 1000 - nowMs / 1000), "a bound lies behind an entry's expiry");
    }
}

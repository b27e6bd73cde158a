using System.Numerics;
using System.Runtime.Intrinsics.X86;

namespace Anax.Core.Structures;

// A segment that has no room:
//
//     homes < base    small table: twice as wide, records re-hashed
//     homes < max     1.5 × base wide: entries carried over by home and fingerprint, no records read (CarryInto)
//     homes = max     split in two, records re-hashed (Distribute)
//     depth far above the mean of the table, or the directory at its limit: overflow blocks
//
// A merge is a split backwards, and shrinking is growth backwards; both are started by the sweep.

/// <summary>Growth and shrinking: one segment at a time.</summary>
internal readonly unsafe partial struct DashTable<TRecord>
{
    // A split leaves children alone that would start fuller than this share of their slots.
    private const int FillPercentMax = 86;
    private const int ShrunkFillPercentMax = 60;

    // With uniform hashes no segment is more than two bits deeper than the mean; each bit more doubles the directory.
    private const int DepthAboveMeanMax = 4;

    // Buckets per burst of prefetches: about 32 records.
    private const uint BurstBuckets = 3;

    private enum Growth
    {
        Done,
        Refused,
        Overflow,
    }

    /// <summary>Where scattered entries go: one segment, or two by the hash bit between them.</summary>
    private ref struct Targets
    {
        public SegmentEntry LeftEntry, RightEntry;
        public Segment Left, Right;
        public int SplitBit;
        public bool MayOverflow;

        public readonly bool IsSplit => SplitBit >= 0;
    }

    private Growth Grow(ulong hash, SegmentEntry entry)
    {
        var segment = Store.Open(entry);
        var prefix = segment.Trailer->Prefix;
        var max = Positions.MaxOf(entry.Base);
        for (var homes = entry.Homes; homes < max && !entry.HasOverflow;)
        {
            homes = homes < entry.Base ? Math.Min(homes * 2, entry.Base) : max;
            var resized = TryResize(entry, prefix, homes, false);
            if (resized != Growth.Overflow) return resized;
        }
        var meanDepth = BitOperations.Log2((uint)_header->Segments);
        if (entry.Depth >= Math.Min(meanDepth + DepthAboveMeanMax, Positions.DepthMax)) return Growth.Overflow;
        if (entry.Depth == Directory.DepthAt(hash) && !Directory.Deepen(hash)) return Growth.Overflow;
        return Split(entry, prefix, segment.Count());
    }

    /// <summary>Another count of home buckets; Overflow when the entries do not fit.</summary>
    private Growth TryResize(SegmentEntry entry, ulong prefix, uint homes, bool mayOverflow)
    {
        if (!Store.TryMake(prefix, entry.Depth, homes, entry.Base, out var target)) return Growth.Refused;
        var targets = new Targets
        {
            LeftEntry = target,
            Left = Store.Open(target),
            SplitBit = -1,
            MayOverflow = mayOverflow,
        };
        var canCarry = Math.Min(homes, entry.Homes) >= entry.Base && !entry.HasOverflow;
        var fits = canCarry ? CarryInto(entry, ref targets) : Distribute(entry, ref targets);
        if (!fits)
        {
            Store.Free(target);
            return Growth.Overflow;
        }
        targets.Left.Trailer->AgedAtSeconds = AgedAtOf(entry);
        Directory.Set(targets.LeftEntry, prefix);
        Store.Free(entry);
        return Growth.Done;
    }

    private Growth Split(SegmentEntry entry, ulong prefix, int count)
    {
        var depth = entry.Depth + 1;
        var rightPrefix = prefix | 1UL << (64 - depth);
        for (var attempt = 0; ; attempt++)
        {
            var left = HomesFor(Positions.BaseOf(prefix), count / 2, attempt);
            var right = HomesFor(Positions.BaseOf(rightPrefix), count / 2, attempt);
            var targets = new Targets { SplitBit = 64 - depth, MayOverflow = attempt == 2 };
            if (!Store.TryMake(prefix, depth, left, Positions.BaseOf(prefix), out targets.LeftEntry)) return Growth.Refused;
            if (!Store.TryMake(rightPrefix, depth, right, Positions.BaseOf(rightPrefix), out targets.RightEntry))
            {
                Store.Free(targets.LeftEntry);
                return Growth.Refused;
            }
            targets.Left = Store.Open(targets.LeftEntry);
            targets.Right = Store.Open(targets.RightEntry);
            if (Distribute(entry, ref targets))
            {
                targets.Left.Trailer->AgedAtSeconds = targets.Right.Trailer->AgedAtSeconds = AgedAtOf(entry);
                Directory.Set(targets.LeftEntry, prefix);
                Directory.Set(targets.RightEntry, rightPrefix);
                Store.Free(entry);
                return Growth.Done;
            }
            // The last two of their classes, in reverse order: nothing moves.
            Store.Free(targets.RightEntry);
            Store.Free(targets.LeftEntry);
            if (targets.MayOverflow) return Growth.Refused;
        }
    }

    /// <summary>When the ages of a segment were last right; one that has none begins now.</summary>
    private uint AgedAtOf(SegmentEntry entry) =>
        entry.HasAges ? Store.Open(entry).Trailer->AgedAtSeconds : _header->NowSeconds;

    private static uint HomesFor(uint baseHomes, int count, int attempt)
    {
        var slots = (baseHomes + Segment.StashOf(baseHomes)) * Bucket.Slots;
        return attempt > 0 || count * 100 > slots * FillPercentMax ? Positions.MaxOf(baseHomes) : baseHomes;
    }

    /// <summary>
    /// Re-hashes every record of a segment into its targets, reading records with prefetches one burst ahead.
    /// </summary>
    private bool Distribute(SegmentEntry entry, ref Targets targets)
    {
        var source = Store.Open(entry);
        var count = source.BucketCount;
        PrefetchRecords(source.Buckets, 0, Math.Min(BurstBuckets, count));
        for (uint first = 0; first < count; first += BurstBuckets)
        {
            var end = Math.Min(first + BurstBuckets, count);
            PrefetchRecords(source.Buckets, end, Math.Min(end + BurstBuckets, count));
            for (var bucket = first; bucket < end; bucket++)
            {
                for (var slots = source.Buckets[bucket].Occupied; slots != 0; slots &= slots - 1)
                {
                    var content = source.ContentOf(bucket, BitOperations.TrailingZeroCount(slots));
                    if (!Scatter(content.Handle, content.Age, ref targets)) return false;
                }
            }
        }
        return !entry.HasOverflow || DistributeOverflow(source.Trailer->Overflow, ref targets);
    }

    private bool DistributeOverflow(uint handle, ref Targets targets)
    {
        while (handle != 0)
        {
            var block = (OverflowBlock*)_arena.At(handle);
            for (var bucket = block->First; bucket < block->End; bucket++)
                for (var slots = bucket->Occupied; slots != 0; slots &= slots - 1)
                    if (!Scatter(bucket->Handles[BitOperations.TrailingZeroCount(slots)], 0, ref targets)) return false;
            handle = block->Next;
        }
        return true;
    }

    private bool Scatter(uint handle, byte age, ref Targets targets)
    {
        var record = _arena.At(handle);
        var hash = TRecord.Hash(record, _key);
        var toRight = targets.IsSplit && (hash >> targets.SplitBit & 1) != 0;
        ref var entry = ref toRight ? ref targets.RightEntry : ref targets.LeftEntry;
        var segment = toRight ? targets.Right : targets.Left;
        var expireAtMs = TRecord.ExpireAtMs(record);
        var home = Positions.HomeOf(entry, hash, out var fingerprint);
        var content = new SlotContent(handle, fingerprint, age, expireAtMs != 0);
        if (!segment.TryPlace(home, content, out _, out _))
        {
            var bucket = targets.MayOverflow ? Store.OverflowRoom(segment) : null;
            if (bucket == null) return false;
            bucket->Put(fingerprint, handle, false);
            entry = entry.WithOverflow(true);
        }
        if (expireAtMs != 0) segment.LowerBound(home, expireAtMs, _header->NowSeconds);
        return true;
    }

    /// <summary>
    /// Home bucket and fingerprint give back the place. Only stash entries need their records.
    /// </summary>
    private bool CarryInto(SegmentEntry entry, ref Targets targets)
    {
        var source = Store.Open(entry);
        var target = targets.Left;
        var step = Positions.StepOf(source.Homes, entry.Base);
        var newStep = Positions.StepOf(target.Homes, entry.Base);
        PrefetchRecords(source.Buckets, source.Homes, source.BucketCount);
        for (uint home = 0; home < source.Homes; home++)
        {
            var first = Positions.FirstPlaceOf(home, step);
            var right = source.RightOf(home);
            if (!Carry(source, home, source.Buckets[home].Own, first, newStep, target)) return false;
            if (!Carry(source, right, source.Buckets[right].Guests, first, newStep, target)) return false;
        }
        for (var bucket = source.Homes; bucket < source.BucketCount; bucket++)
        {
            for (var slots = source.Buckets[bucket].Occupied; slots != 0; slots &= slots - 1)
            {
                var content = source.ContentOf(bucket, BitOperations.TrailingZeroCount(slots));
                if (!Scatter(content.Handle, content.Age, ref targets)) return false;
            }
        }
        CarryBounds(source, step, target, newStep, _header->NowSeconds);
        return true;
    }

    private static bool Carry(Segment source, uint bucket, uint slots, uint first, ulong newStep, Segment target)
    {
        for (; slots != 0; slots &= slots - 1)
        {
            var content = source.ContentOf(bucket, BitOperations.TrailingZeroCount(slots));
            var place = first + (byte)(content.Fingerprint - (byte)first);
            if (!target.TryPlace(Positions.HomeOfPlace(place, newStep), content, out _, out _)) return false;
        }
        return true;
    }

    /// <summary>A new home's bound is the earliest of the old homes that its places came from.</summary>
    private static void CarryBounds(Segment source, ulong step, Segment target, ulong newStep, uint clockSeconds)
    {
        for (uint home = 0; home < target.Homes; home++)
        {
            var first = Positions.FirstPlaceOf(home, newStep);
            var last = Positions.FirstPlaceOf(home + 1, newStep) - 1;
            var from = Positions.HomeOfPlace(first, step);
            var to = Math.Min(Positions.HomeOfPlace(last, step), source.Homes - 1);
            var bound = ExpiryBound.None;
            for (; from <= to; from++)
                bound = ExpiryBound.Earlier(bound, source.Lane[from] >> ExpiryBound.Shift, clockSeconds);
            target.Lane[home] = ExpiryBound.With(target.Lane[home], bound);
        }
    }

    private void PrefetchRecords(Bucket* buckets, uint first, uint end)
    {
        if (!Sse.IsSupported) return;
        for (; first < end; first++)
            for (var slots = buckets[first].Occupied; slots != 0; slots &= slots - 1)
                Sse.Prefetch0(_arena.At(buckets[first].Handles[BitOperations.TrailingZeroCount(slots)]));
    }

    // ---- shrinking ----

    /// <summary>
    /// Makes the segment at a position smaller, or one with its sibling, when mass deletion left it sparse.
    /// True when the directory has changed.
    /// </summary>
    public bool Shrink(ulong position)
    {
        var entry = Directory.Find(position);
        var segment = Store.Open(entry);
        var prefix = segment.Trailer->Prefix;
        var count = segment.Count();
        _header->Version++;
        if (entry.HasOverflow) return false;
        if (entry.Homes > entry.Base)
            return Holds(entry.Base, count) && TryResize(entry, prefix, entry.Base, false) == Growth.Done;
        if (entry.Depth != 0) return entry.Depth > Directory.DepthMin && Merge(entry, prefix, count);
        if (entry.Homes == 1) return false;
        var homes = entry.Homes;
        while (homes > 1 && Holds(homes / 2, count)) homes /= 2;
        return homes < entry.Homes && TryResize(entry, prefix, homes, false) == Growth.Done;
    }

    /// <summary>
    /// Rebuilds a segment whose overflow blocks are mostly empty. True when the directory has changed.
    /// </summary>
    private bool ShrinkOverflow(SegmentEntry entry)
    {
        var trailer = Store.Open(entry).Trailer;
        int used = 0, slots = 0;
        for (var handle = trailer->Overflow; handle != 0;)
        {
            var block = (OverflowBlock*)_arena.At(handle);
            for (var bucket = block->First; bucket < block->End; bucket++)
            {
                used += BitOperations.PopCount(bucket->Occupied);
                slots += Bucket.Slots;
            }
            handle = block->Next;
        }
        if (used * 100 >= slots * TableHeader.SparsePercent) return false;
        _header->Version++;
        return TryResize(entry, trailer->Prefix, entry.Homes, true) == Growth.Done;
    }

    private static bool Holds(uint homes, int count) =>
        count * 100 <= (homes + Segment.StashOf(homes)) * Bucket.Slots * ShrunkFillPercentMax;

    private bool Merge(SegmentEntry entry, ulong prefix, int count)
    {
        var bit = 1UL << (64 - entry.Depth);
        var sibling = Directory.Find(prefix ^ bit);
        if (sibling.Depth != entry.Depth || sibling.HasOverflow || sibling.Homes > sibling.Base) return false;
        var merged = prefix & ~bit;
        var baseHomes = Positions.BaseOf(merged);
        if (!Holds(baseHomes, count + Store.Open(sibling).Count())) return false;
        if (!Store.TryMake(merged, entry.Depth - 1, baseHomes, baseHomes, out var target)) return false;
        var targets = new Targets { LeftEntry = target, Left = Store.Open(target), SplitBit = -1 };
        targets.Left.Trailer->AgedAtSeconds = AgedAtOf(entry);
        if (!Distribute(entry, ref targets) || !Distribute(sibling, ref targets))
        {
            Store.Free(target);
            return false;
        }
        Directory.Set(target, merged);
        Store.FreePair(entry, sibling);
        Directory.Shrink(merged);
        return true;
    }
}

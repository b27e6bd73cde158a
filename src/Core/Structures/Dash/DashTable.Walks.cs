using System.Numerics;
using System.Runtime.Intrinsics.X86;
using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>
/// Walks in hash order: visits for readers, and the one sweep that does all that is periodic.
/// </summary>
internal readonly unsafe partial struct DashTable<TRecord>
{
    // What a step's budget counts for a bucket whose records are read, against one that is passed over.
    private const int ReadCost = 8;

    // A page of segments that moves: 64 KiB copied and some two dozen directory entries set.
    private const int MovedPageCost = 100;
    private const int MovedPagesMax = 4;

    /// <summary>
    /// Visits the entries of the home bucket at a position once each; returns the next position, 0 at the
    /// end.
    /// </summary>
    public ulong Walk<TVisitor>(ulong position, ref TVisitor visitor)
        where TVisitor : struct, ISlotVisitor, allows ref struct
    {
        if (_header->Segments == 0) return 0;
        var entry = Directory.Find(position);
        var home = Positions.HomeOf(entry, position, out _);
        // Read before the visits: a visitor may delete, and so free the overflow that the entry names.
        var next = Positions.Next(entry, Positions.PrefixOf(position, entry.Depth), home);
        VisitHome(entry, home, ref visitor);
        return next;
    }

    /// <summary>The position of the home bucket that a place belongs to.</summary>
    public ulong PositionOf(SegmentEntry entry, uint home) =>
        Positions.StartOf(entry, Store.Open(entry).Trailer->Prefix, home);

    private void VisitHome<TVisitor>(SegmentEntry entry, uint home, ref TVisitor visitor)
        where TVisitor : struct, ISlotVisitor, allows ref struct
    {
        var segment = Store.Open(entry);
        var place = new SlotPlace { Entry = entry, Home = home };
        var hints = segment.Buckets[home].StashHints;
        VisitSlots(ref place, segment.Buckets + home, home, segment.Buckets[home].Own, ref visitor);
        var right = segment.RightOf(home);
        VisitSlots(ref place, segment.Buckets + right, right, segment.Buckets[right].Guests, ref visitor);
        for (; hints != 0; hints &= hints - 1)
        {
            var index = segment.Homes + (uint)BitOperations.TrailingZeroCount(hints);
            var bucket = segment.Buckets + index;
            VisitSlots(ref place, bucket, index, AtHome(entry, home, bucket), ref visitor);
        }
        if (!entry.HasOverflow) return;
        // The blocks are freed when the last entry goes, so the next one is read first.
        for (var handle = segment.Trailer->Overflow; handle != 0;)
        {
            var block = (OverflowBlock*)_arena.At(handle);
            handle = block->Next;
            for (var bucket = block->First; bucket < block->End; bucket++)
                VisitSlots(ref place, bucket, SlotPlace.NoLane, AtHome(entry, home, bucket), ref visitor);
        }
    }

    private void VisitSlots<TVisitor>(ref SlotPlace place, Bucket* bucket, uint index, uint slots, ref TVisitor visitor)
        where TVisitor : struct, ISlotVisitor, allows ref struct
    {
        place.Bucket = bucket;
        place.BucketIndex = index;
        for (; slots != 0; slots &= slots - 1)
        {
            place.Slot = BitOperations.TrailingZeroCount(slots);
            place.Version = _header->Version;
            visitor.Visit(place);
        }
    }

    /// <summary>Which entries of a stash or overflow bucket have this home: their records tell.</summary>
    private uint AtHome(SegmentEntry entry, uint home, Bucket* bucket)
    {
        uint slots = 0;
        for (var left = bucket->Occupied; left != 0; left &= left - 1)
        {
            var slot = BitOperations.TrailingZeroCount(left);
            var hash = TRecord.Hash(_arena.At(bucket->Handles[slot]), _key);
            if (Positions.HomeOf(entry, hash, out _) == home) slots |= 1u << slot;
        }
        return slots;
    }

    /// <summary>A slot by a random number: of the first home bucket from there on that has any.</summary>
    public bool TryRandom(ulong random, out SlotPlace place)
    {
        place = default;
        if (_header->Count == 0) return false;
        var picker = new Picker { Random = random };
        for (var position = random; picker.Seen == 0;) position = Walk(position, ref picker);
        place = picker.Place;
        return true;
    }

    /// <summary>
    /// A slot by random numbers, each with the same chance: a home bucket is drawn as often as its share of the hashes, so one
    /// that covers more of them is refused more often, and so is one that holds less than the fullest.
    /// </summary>
    public bool TryFairRandom(ref ulong random, out SlotPlace place)
    {
        const int TriesMax = 1000, FullHome = 4 * Bucket.Slots;
        place = default;
        for (var tries = 0; tries < TriesMax && _header->Count != 0; tries++)
        {
            var position = SplitMix.Next(ref random);
            var entry = Directory.Find(position);
            var picker = new Picker { Random = SplitMix.Next(ref random) };
            VisitHome(entry, Positions.HomeOf(entry, position, out _), ref picker);
            // The share of the hashes that one home of this segment covers, against the mean bucket's.
            var share = _header->Segments == 1 ? 1 : Math.ScaleB(1.0 / entry.Homes, -entry.Depth) * _header->Capacity / Bucket.Slots;
            var chance = picker.Seen / (FullHome * share);
            if ((SplitMix.Next(ref random) >> 11) * (1.0 / (1UL << 53)) >= chance) continue;
            place = picker.Place;
            return true;
        }
        return TryRandom(SplitMix.Next(ref random), out place);
    }

    /// <summary>Keeps one of the slots that it sees, each with the same chance.</summary>
    private struct Picker : ISlotVisitor
    {
        public SlotPlace Place;
        public ulong Random;
        public uint Seen;

        public void Visit(in SlotPlace place)
        {
            Random = Random * 6364136223846793005 + 1442695040888963407;
            if ((Random >> 33) % ++Seen == 0) Place = place;
        }
    }

    // ---- the sweep ----

    /// <summary>
    /// One step over at most so many home buckets: hands what has expired to the visitor, tightens bounds,
    /// ages entries, moves records off pages under evacuation, and makes sparse segments smaller. True at the
    /// end of a round.
    /// </summary>
    public bool Sweep<TVisitor>(ref SweepState state, long nowMs, int bucketBudget, ref TVisitor visitor)
        where TVisitor : struct, ISweepVisitor, allows ref struct
    {
        _header->NowSeconds = (uint)(nowMs / 1000);
        if (_arena.IsCompacting) bucketBudget -= MovedPageCost * SegmentStore.MovePages(_arena, MovedPagesMax);
        while (_header->Segments != 0 && bucketBudget > 0)
        {
            var entry = Directory.Find(state.Position);
            var home = Positions.HomeOf(entry, state.Position, out _);
            if (home == 0) entry = TendSegment(state.Position, entry);
            home = Positions.HomeOf(entry, state.Position, out _);
            var prefix = Positions.PrefixOf(state.Position, entry.Depth);
            for (; home < entry.Homes && bucketBudget > 0; home++)
                bucketBudget -= SweepHome(ref state, prefix, entry, home, nowMs, ref visitor);
            state.Position = home < entry.Homes
                ? Positions.StartOf(entry, prefix, home)
                : Positions.Next(entry, prefix, entry.Homes - 1);
            if (state.Position != 0) continue;
            state.Rounds++;
            return true;
        }
        return _header->Segments == 0;
    }

    private SegmentEntry TendSegment(ulong position, SegmentEntry entry)
    {
        var isSparse = _header->IsSparse;
        if (entry.HasOverflow && ShrinkOverflow(entry)) entry = Directory.Find(position);
        if (isSparse && Shrink(position)) entry = Directory.Find(position);
        if (_header->AgesWanted && !entry.HasAges && AddAges(entry)) entry = Directory.Find(position);
        if (entry.HasAges) Ages.Advance(Store.Open(entry), _header->NowSeconds);
        return entry;
    }

    /// <summary>The same segment with an ages lane.</summary>
    private bool AddAges(SegmentEntry entry)
    {
        var prefix = Store.Open(entry).Trailer->Prefix;
        _header->Version++;
        return !entry.HasOverflow && TryResize(entry, prefix, entry.Homes, false) == Growth.Done;
    }

    private int SweepHome<TVisitor>(
        ref SweepState state, ulong prefix, SegmentEntry entry, uint home, long nowMs, ref TVisitor visitor)
        where TVisitor : struct, ISweepVisitor, allows ref struct
    {
        // The visitor's deletes may trim the overflow blocks and so change the entry's bits.
        entry = Directory.Find(prefix);
        var segment = Store.Open(entry);
        var cost = 1;
        if (ExpiryBound.IsDue(segment.Lane[home], _header->NowSeconds))
        {
            PrefetchNextDue(segment, home);
            ExpireHome(ref state, segment, entry, home, nowMs, ref visitor);
            cost = ReadCost;
        }
        if (_arena.IsCompacting) cost += MoveRecords(ref state, segment, entry, home, ref visitor);
        return cost;
    }

    private void PrefetchNextDue(Segment segment, uint home)
    {
        while (++home < segment.Homes)
        {
            if (!ExpiryBound.IsDue(segment.Lane[home], _header->NowSeconds)) continue;
            PrefetchRecords(segment.Buckets, home, home + 1);
            return;
        }
    }

    private void ExpireHome<TVisitor>(
        ref SweepState state, Segment segment, SegmentEntry entry, uint home, long nowMs, ref TVisitor visitor)
        where TVisitor : struct, ISweepVisitor, allows ref struct
    {
        var bound = ExpiryBound.None;
        var hints = segment.Buckets[home].StashHints;
        var right = segment.RightOf(home);
        var place = new SlotPlace { Entry = entry, Home = home };
        ExpireSlots(ref state, ref place, segment, home, segment.Buckets[home].Own, nowMs, ref bound, ref visitor);
        ExpireSlots(ref state, ref place, segment, right, segment.Buckets[right].Guests, nowMs, ref bound, ref visitor);
        for (; hints != 0; hints &= hints - 1)
        {
            var index = segment.Homes + (uint)BitOperations.TrailingZeroCount(hints);
            var slots = AtHome(entry, home, segment.Buckets + index);
            ExpireSlots(ref state, ref place, segment, index, slots, nowMs, ref bound, ref visitor);
        }
        for (var handle = entry.HasOverflow ? segment.Trailer->Overflow : 0; handle != 0;)
        {
            var block = (OverflowBlock*)_arena.At(handle);
            handle = block->Next;
            for (var bucket = block->First; bucket < block->End; bucket++)
            {
                place.Bucket = bucket;
                place.BucketIndex = SlotPlace.NoLane;
                for (var slots = AtHome(entry, home, bucket); slots != 0; slots &= slots - 1)
                {
                    place.Slot = BitOperations.TrailingZeroCount(slots);
                    ExpireSlot(ref state, ref place, nowMs, ref bound, ref visitor);
                }
            }
        }
        segment.Lane[home] = ExpiryBound.With(segment.Lane[home], bound);
    }

    private void ExpireSlots<TVisitor>(
        ref SweepState state, ref SlotPlace place, Segment segment, uint index, uint slots, long nowMs, ref uint bound,
        ref TVisitor visitor) where TVisitor : struct, ISweepVisitor, allows ref struct
    {
        place.Bucket = segment.Buckets + index;
        place.BucketIndex = index;
        for (slots &= segment.Lane[index]; slots != 0; slots &= slots - 1)
        {
            place.Slot = BitOperations.TrailingZeroCount(slots);
            if (!ExpireSlot(ref state, ref place, nowMs, ref bound, ref visitor)) segment.Lane[index] &= ~(1u << place.Slot);
        }
    }

    /// <summary>False when the slot holds nothing that expires.</summary>
    private bool ExpireSlot<TVisitor>(
        ref SweepState state, ref SlotPlace place, long nowMs, ref uint bound, ref TVisitor visitor)
        where TVisitor : struct, ISweepVisitor, allows ref struct
    {
        var expireAtMs = TRecord.ExpireAtMs(_arena.At(place.Handle));
        if (expireAtMs == 0) return false;
        if (expireAtMs <= nowMs)
        {
            state.Expired++;
            place.Version = _header->Version;
            visitor.Visit(place);
            if ((place.Bucket->Occupied >> place.Slot & 1) == 0) return false;
            expireAtMs = TRecord.ExpireAtMs(_arena.At(place.Handle));
            if (expireAtMs == 0) return false;
        }
        var clock = _header->NowSeconds;
        bound = ExpiryBound.Earlier(bound, ExpiryBound.Of(expireAtMs, clock), clock);
        return true;
    }

    private int MoveRecords<TVisitor>(
        ref SweepState state, Segment segment, SegmentEntry entry, uint home, ref TVisitor visitor)
        where TVisitor : struct, ISweepVisitor, allows ref struct
    {
        var moved = MoveRecordsOf(segment.Buckets + home, ref visitor);
        if (home == 0)
        {
            for (var bucket = segment.Homes; bucket < segment.BucketCount; bucket++)
                moved += MoveRecordsOf(segment.Buckets + bucket, ref visitor);
            for (var handle = entry.HasOverflow ? segment.Trailer->Overflow : 0; handle != 0;)
            {
                var block = (OverflowBlock*)_arena.At(handle);
                for (var bucket = block->First; bucket < block->End; bucket++) moved += MoveRecordsOf(bucket, ref visitor);
                handle = block->Next;
            }
        }
        state.Moved += moved;
        return 2 * moved;
    }

    private int MoveRecordsOf<TVisitor>(Bucket* bucket, ref TVisitor visitor)
        where TVisitor : struct, ISweepVisitor, allows ref struct
    {
        uint marked = 0;
        for (var slots = bucket->Occupied; slots != 0; slots &= slots - 1)
        {
            var slot = BitOperations.TrailingZeroCount(slots);
            if (!_arena.MustMove(bucket->Handles[slot])) continue;
            marked |= 1u << slot;
            if (Sse.IsSupported) Sse.Prefetch0(_arena.At(bucket->Handles[slot]));
        }
        if (marked == 0) return 0;
        _header->Version++;
        var moved = 0;
        for (; marked != 0; marked &= marked - 1)
        {
            var slot = BitOperations.TrailingZeroCount(marked);
            var handle = bucket->Handles[slot];
            var target = _arena.Copy(handle);
            if (target == 0) break;
            visitor.Moving(handle, target);
            bucket->Handles[slot] = target;
            _arena.FreeNow(handle);
            moved++;
        }
        return moved;
    }

    // ---- the end ----

    /// <summary>
    /// Frees records and segments of a table that nobody looks at any more, in steps; true when none is left.
    /// </summary>
    public bool FreeStep(ref ulong position, int bucketBudget)
    {
        while (_header->Segments != 0)
        {
            var entry = Directory.Find(position);
            var segment = Store.Open(entry);
            if (bucketBudget <= 0) return false;
            bucketBudget -= (int)segment.BucketCount;
            var next = Positions.Next(entry, segment.Trailer->Prefix, entry.Homes - 1);
            FreeRecords(entry, segment);
            Store.Free(entry);
            position = next;
        }
        Directory.Free();
        _header->Count = 0;
        _header->Expiring = 0;
        _header->Version++;
        return true;
    }

    private void FreeRecords(SegmentEntry entry, Segment segment)
    {
        var count = segment.BucketCount;
        PrefetchRecords(segment.Buckets, 0, Math.Min(BurstBuckets, count));
        for (uint first = 0; first < count; first += BurstBuckets)
        {
            var end = Math.Min(first + BurstBuckets, count);
            PrefetchRecords(segment.Buckets, end, Math.Min(end + BurstBuckets, count));
            for (var bucket = first; bucket < end; bucket++) FreeRecordsOf(segment.Buckets + bucket);
        }
        for (var handle = entry.HasOverflow ? segment.Trailer->Overflow : 0; handle != 0;)
        {
            var block = (OverflowBlock*)_arena.At(handle);
            for (var bucket = block->First; bucket < block->End; bucket++) FreeRecordsOf(bucket);
            handle = block->Next;
        }
    }

    private void FreeRecordsOf(Bucket* bucket)
    {
        for (var slots = bucket->Occupied; slots != 0; slots &= slots - 1)
        {
            var handle = bucket->Handles[BitOperations.TrailingZeroCount(slots)];
            TRecord.Drop(_arena, _arena.At(handle));
            _arena.FreeNow(handle);
        }
        bucket->Meta = 0;
    }
}

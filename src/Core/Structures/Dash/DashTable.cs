using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

// Extendible hashing: directory → segment → bucket → record.
//
//     hash   | top bits: directory | 16 bits: place in the segment → home bucket and fingerprint | … | low 16 bits: not used
//
// A lookup costs one line for the bucket and one for the record. Growth is bounded: one segment at a time, first in place
// (24 → 36 home buckets, without reading records), then by splitting. Positions are hash prefixes in hash order, so a walk
// meets every key that is present throughout at least once, whatever grows, splits or merges between its steps.
// See docs/design/dashtable.md.

/// <summary>
/// A hash table over records of one arena, behind a one-line header. A value of this type is a view: it holds
/// no state and may be made anew at each use. Owned by the shard's thread.
/// </summary>
internal readonly unsafe partial struct DashTable<TRecord>(Arena arena, uint headerHandle, HashKey key)
    where TRecord : struct, IRecord
{
    private const int PrefetchMax = 32;

    private readonly Arena _arena = arena;
    private readonly uint _headerHandle = headerHandle;
    private readonly TableHeader* _header = (TableHeader*)arena.At(headerHandle);
    private readonly HashKey _key = key;

    public Arena Arena => _arena;

    public TableHeader* Header => _header;

    /// <summary>What names the table to the arena's listener and to other structures.</summary>
    public uint HeaderHandle => _headerHandle;

    public HashKey HashKey => _key;

    public ulong HashOf(scoped ReadOnlySpan<byte> key) => _key.Hash(key);

    private Directory Directory => new(_arena, _header);

    private SegmentStore Store => new(_arena, _header, _headerHandle);

    /// <summary>
    /// The header of an empty table: it has no segment before its first entry. 0 when the arena is full.
    /// </summary>
    public static uint MakeHeader(Arena arena)
    {
        var handle = arena.AllocateIndex(TableHeader.SizeBytes);
        if (handle != 0) InitializeHeader(arena, handle, hasAges: true);
        return handle;
    }

    /// <summary>Makes an empty table of the memory behind a handle; one without ages never tells how long entries were idle.</summary>
    public static void InitializeHeader(Arena arena, uint handle, bool hasAges) =>
        *(TableHeader*)arena.At(handle) = new TableHeader { IndexBytes = TableHeader.SizeBytes, NeverAges = !hasAges };

    // ---- lookup ----

    /// <summary>Finds the slot of a key. Whether found or not, the place names segment and home.</summary>
    public bool Find(ulong hash, ReadOnlySpan<byte> key, out SlotPlace place)
    {
        place = default;
        place.Version = _header->Version;
        if (_header->Segments == 0) return false;
        var entry = Directory.Find(hash);
        var buckets = (Bucket*)_arena.At(entry.Handle);
        var home = Positions.HomeOf(entry, hash, out var fingerprint);
        place.Entry = entry;
        place.Home = home;
        var bucket = buckets + home;
        if (Probe(bucket, Bucket.Match(bucket, fingerprint) & bucket->Own, key, ref place))
        {
            place.BucketIndex = home;
            return true;
        }
        var hints = bucket->StashHints;
        var right = home + 1 == entry.Homes ? 0 : home + 1;
        bucket = buckets + right;
        if (Probe(bucket, Bucket.Match(bucket, fingerprint) & bucket->Guests, key, ref place))
        {
            place.BucketIndex = right;
            return true;
        }
        for (; hints != 0; hints &= hints - 1)
        {
            var index = entry.Homes + (uint)BitOperations.TrailingZeroCount(hints);
            bucket = buckets + index;
            if (!Probe(bucket, Bucket.Match(bucket, fingerprint) & bucket->Occupied, key, ref place)) continue;
            place.BucketIndex = index;
            return true;
        }
        return entry.HasOverflow && FindInOverflow(entry, fingerprint, key, ref place);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool Probe(Bucket* bucket, uint candidates, ReadOnlySpan<byte> key, ref SlotPlace place)
    {
        for (; candidates != 0; candidates &= candidates - 1)
        {
            var slot = BitOperations.TrailingZeroCount(candidates);
            if (!TRecord.HasKey(_arena.At(bucket->Handles[slot]), key)) continue;
            place.Bucket = bucket;
            place.Slot = slot;
            return true;
        }
        return false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool FindInOverflow(SegmentEntry entry, byte fingerprint, ReadOnlySpan<byte> key, ref SlotPlace place)
    {
        for (var handle = Store.Open(entry).Trailer->Overflow; handle != 0;)
        {
            var block = (OverflowBlock*)_arena.At(handle);
            for (var bucket = block->First; bucket < block->End; bucket++)
            {
                if (!Probe(bucket, Bucket.Match(bucket, fingerprint) & bucket->Occupied, key, ref place)) continue;
                place.BucketIndex = SlotPlace.NoLane;
                return true;
            }
            handle = block->Next;
        }
        return false;
    }

    /// <summary>
    /// Brings what lookups of these hashes load on its way: buckets in one tight burst, then records in another, because a
    /// prefetch that misses the TLB holds up retirement, so a lone one overlaps nothing (docs/design/dashtable.md). What is
    /// not at home is followed to the right neighbour or the stash. Those who write expiries load lanes, too.
    /// </summary>
    public void Prefetch(ReadOnlySpan<ulong> hashes, bool withLanes)
    {
        if (!Sse.IsSupported || _header->Segments == 0) return;
        for (; hashes.Length > PrefetchMax; hashes = hashes[PrefetchMax..]) PrefetchBurst(hashes[..PrefetchMax], withLanes);
        PrefetchBurst(hashes, withLanes);
    }

    /// <summary>Brings the bucket alone where a hash is at home: for who comes back to it later.</summary>
    public void PrefetchHome(ulong hash)
    {
        if (!Sse.IsSupported || _header->Segments == 0) return;
        var entry = Directory.Find(hash);
        Sse.Prefetch0((Bucket*)_arena.At(entry.Handle) + Positions.HomeOf(entry, hash, out _));
    }

    private void PrefetchBurst(ReadOnlySpan<ulong> hashes, bool withLanes)
    {
        var sought = stackalloc Sought[PrefetchMax];
        for (var i = 0; i < hashes.Length; i++)
        {
            var entry = Directory.Find(hashes[i]);
            var home = Positions.HomeOf(entry, hashes[i], out var fingerprint);
            var buckets = (Bucket*)_arena.At(entry.Handle);
            sought[i] = new Sought(buckets, home, entry.Homes, fingerprint);
        }
        for (var i = 0; i < hashes.Length; i++)
        {
            Sse.Prefetch0(sought[i].Buckets + sought[i].Home);
            if (withLanes) Sse.Prefetch0(new Segment((byte*)sought[i].Buckets, sought[i].Homes, false).Lane + sought[i].Home);
        }
        var elsewhere = 0;
        for (var i = 0; i < hashes.Length; i++)
        {
            var bucket = sought[i].Buckets + sought[i].Home;
            var matches = Bucket.Match(bucket, sought[i].Fingerprint) & bucket->Own;
            if (matches != 0) PrefetchRecord(bucket, matches);
            else
            {
                if (bucket->StashHints != 0) Sse.Prefetch0(sought[i].Stash(bucket->StashHints));
                Sse.Prefetch0(sought[i].Right);
                // Behind those that were read, in the same array.
                sought[elsewhere++] = sought[i];
            }
        }
        for (var i = 0; i < elsewhere; i++) PrefetchGuest(sought[i]);
    }

    private void PrefetchGuest(in Sought sought)
    {
        var bucket = sought.Right;
        var matches = Bucket.Match(bucket, sought.Fingerprint) & bucket->Guests;
        var hints = (sought.Buckets + sought.Home)->StashHints;
        if (matches == 0 && hints != 0)
        {
            bucket = sought.Stash(hints);
            matches = Bucket.Match(bucket, sought.Fingerprint) & bucket->Occupied;
        }
        if (matches != 0) PrefetchRecord(bucket, matches);
    }

    /// <summary>Two lines: a record of the usual size lies across them.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PrefetchRecord(Bucket* bucket, uint matches)
    {
        var record = _arena.At(bucket->Handles[BitOperations.TrailingZeroCount(matches)]);
        Sse.Prefetch0(record);
        Sse.Prefetch0(record + Bucket.SizeBytes);
    }

    // ---- change ----

    /// <summary>
    /// Names a record that is not in the table yet. False when memory is refused; nothing but the layout has
    /// changed then.
    /// </summary>
    public bool Insert(ulong hash, uint record, long expireAtMs, out SlotPlace place)
    {
        place = default;
        if (_header->Segments == 0 && !MakeFirst()) return false;
        _header->Version++;
        for (; ; )
        {
            var entry = Directory.Find(hash);
            var segment = Store.Open(entry);
            place.Entry = entry;
            place.Home = Positions.HomeOf(entry, hash, out var fingerprint);
            var content = new SlotContent(record, fingerprint, 0, expireAtMs != 0);
            if (segment.TryPlace(place.Home, content, out place.BucketIndex, out var slot))
            {
                place.Slot = slot;
                place.Bucket = segment.Buckets + place.BucketIndex;
                if (expireAtMs != 0) segment.LowerBound(place.Home, expireAtMs, _header->NowSeconds);
                break;
            }
            var growth = Grow(hash, entry);
            if (growth == Growth.Refused) return false;
            if (growth == Growth.Done) continue;
            if (!PlaceInOverflow(content, ref place, expireAtMs)) return false;
            break;
        }
        _header->Count++;
        place.Version = _header->Version;
        return true;
    }

    /// <summary>Empties a slot. The record itself is the caller's.</summary>
    public void Remove(ref SlotPlace place)
    {
        Check(place);
        place.Bucket->Clear(place.Slot);
        _header->Count--;
        place.Version = ++_header->Version;
        if (place.BucketIndex == SlotPlace.NoLane) TrimOverflow(place.Entry);
    }

    /// <summary>Names another record in the same slot.</summary>
    public void Replace(in SlotPlace place, uint record)
    {
        Check(place);
        place.Bucket->Handles[place.Slot] = record;
    }

    /// <summary>Tells the expiry lane that the entry at this place expires, no earlier than this.</summary>
    public void NoteExpiry(in SlotPlace place, long expireAtMs)
    {
        Check(place);
        var segment = Store.Open(place.Entry);
        if (place.BucketIndex != SlotPlace.NoLane) segment.Lane[place.BucketIndex] |= 1u << place.Slot;
        segment.LowerBound(place.Home, expireAtMs, _header->NowSeconds);
    }

    /// <summary>The age of an entry in its segment's ages lane; null when it has none.</summary>
    public byte* AgeOf(in SlotPlace place)
    {
        if (!place.Entry.HasAges || place.BucketIndex == SlotPlace.NoLane) return null;
        return Store.Open(place.Entry).Ages + place.BucketIndex * Bucket.Slots + place.Slot;
    }

    public uint AgedAtSeconds(in SlotPlace place) => Store.Open(place.Entry).Trailer->AgedAtSeconds;

    public void Check(in SlotPlace place) =>
        Invariant.Holds(place.Version == _header->Version, "a place was used after its table had changed");

    private bool MakeFirst()
    {
        if (!Store.TryMake(0, 0, 1, Positions.BaseOf(0), out var entry)) return false;
        _header->Single = entry.Bits;
        return true;
    }

    private bool PlaceInOverflow(in SlotContent content, ref SlotPlace place, long expireAtMs)
    {
        var segment = Store.Open(place.Entry);
        var bucket = Store.OverflowRoom(segment);
        if (bucket == null) return false;
        if (!place.Entry.HasOverflow)
        {
            place.Entry = place.Entry.WithOverflow(true);
            Directory.Set(place.Entry, segment.Trailer->Prefix);
        }
        place.Bucket = bucket;
        place.BucketIndex = SlotPlace.NoLane;
        place.Slot = bucket->Put(content.Fingerprint, content.Handle, false);
        if (expireAtMs != 0) segment.LowerBound(place.Home, expireAtMs, _header->NowSeconds);
        return true;
    }

    /// <summary>Frees the overflow blocks of a segment once all of them are empty.</summary>
    private void TrimOverflow(SegmentEntry entry)
    {
        var trailer = Store.Open(entry).Trailer;
        for (var handle = trailer->Overflow; handle != 0;)
        {
            var block = (OverflowBlock*)_arena.At(handle);
            for (var bucket = block->First; bucket < block->End; bucket++)
                if (bucket->Occupied != 0) return;
            handle = block->Next;
        }
        Store.FreeOverflow(trailer);
        Directory.Set(entry.WithOverflow(false), trailer->Prefix);
    }

    /// <summary>Where a lookup will look: at home, then to the right, then in the stash.</summary>
    private readonly struct Sought(Bucket* buckets, uint home, uint homes, byte fingerprint)
    {
        public readonly Bucket* Buckets = buckets;
        public readonly uint Home = home;
        public readonly uint Homes = homes;
        public readonly byte Fingerprint = fingerprint;

        public Bucket* Right => Buckets + (Home + 1 == Homes ? 0 : Home + 1);

        /// <summary>The first stash bucket that these hints name.</summary>
        public Bucket* Stash(uint hints) => Buckets + Homes + BitOperations.TrailingZeroCount(hints);
    }
}

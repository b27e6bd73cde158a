using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// Makes and frees segments. Freeing moves another segment of the same class, perhaps of another table, into
/// the hole; its directory is found by its trailer.
/// </summary>
internal readonly unsafe struct SegmentStore(Arena arena, TableHeader* header, uint table)
{
    private const int AgedClasses = 128;
    private const uint NoTable = 0;

    /// <summary>Up to this many entries a table keeps ages without being asked.</summary>
    public const long AgesKeptMax = 64 * 1024;

    public bool WantsAges => !header->NeverAges && (header->AgesWanted || header->Count <= AgesKeptMax);

    public Segment Open(SegmentEntry entry) => new(arena.At(entry.Handle), entry.Homes, entry.HasAges);

    /// <summary>An empty segment, not yet in the directory; false when the arena is full.</summary>
    public bool TryMake(ulong prefix, int depth, uint homes, uint baseHomes, out SegmentEntry entry) =>
        TryMake(prefix, depth, homes, baseHomes, WantsAges, out entry);

    public bool TryMake(ulong prefix, int depth, uint homes, uint baseHomes, bool ages, out SegmentEntry entry)
    {
        entry = default;
        var size = Segment.SizeOf(homes, ages);
        var handle = arena.AllocateDense(ClassOf(homes, ages), size);
        if (handle == 0) return false;
        entry = new SegmentEntry(handle, homes, baseHomes, depth, ages, false);
        var segment = Open(entry);
        segment.Clear();
        *segment.Trailer = new SegmentTrailer
        {
            Prefix = prefix,
            Table = table,
            Depth = (byte)depth,
            Base = (byte)baseHomes,
            AgedAtSeconds = header->NowSeconds,
        };
        header->Segments++;
        header->Capacity += segment.BucketCount * Bucket.Slots;
        header->IndexBytes += size;
        return true;
    }

    /// <summary>
    /// Frees two segments that no directory names any more, either of which may lie in the other's way.
    /// </summary>
    public void FreePair(SegmentEntry first, SegmentEntry second)
    {
        Open(first).Trailer->Table = NoTable;
        Open(second).Trailer->Table = NoTable;
        var movedSecond = Free(first);
        if (movedSecond)
            second = new SegmentEntry(first.Handle, second.Homes, second.Base, second.Depth, second.HasAges, false);
        Free(second);
    }

    /// <summary>
    /// Frees a segment that no directory names any more, with its overflow blocks. True when a segment
    /// without a table, the other one of a pair, was moved into its place.
    /// </summary>
    public bool Free(SegmentEntry entry)
    {
        var segment = Open(entry);
        FreeOverflow(segment.Trailer);
        header->Segments--;
        header->Capacity -= segment.BucketCount * Bucket.Slots;
        header->IndexBytes -= Segment.SizeOf(entry.Homes, entry.HasAges);
        if (!arena.FreeDense(ClassOf(entry.Homes, entry.HasAges), entry.Handle)) return false;

        // The last segment of the class lies here now.
        var moved = Open(entry).Trailer;
        if (moved->Table == NoTable) return true;
        Rename(arena, entry.Handle, entry.Homes, entry.HasAges);
        return false;
    }

    /// <summary>
    /// Moves at most so many pages of segments, of whatever tables, out of extents that are being emptied.
    /// Returns how many.
    /// </summary>
    public static int MovePages(Arena arena, int pagesMax)
    {
        var pages = 0;
        for (; pages < pagesMax; pages++)
        {
            if (!arena.TryMoveIndexPage(out var denseClass, out var handle, out var cells, out var bytes)) break;
            for (var i = 0; i < cells; i++, handle += (uint)(bytes / arena.GranuleBytes))
                Rename(arena, handle, (uint)(denseClass % AgedClasses), denseClass >= AgedClasses);
        }
        return pages;
    }

    /// <summary>Tells the directory of whichever table it is that its segment lies here now.</summary>
    private static void Rename(Arena arena, uint handle, uint homes, bool ages)
    {
        var trailer = new Segment(arena.At(handle), homes, ages).Trailer;
        var owner = (TableHeader*)arena.At(trailer->Table);
        var named = new SegmentEntry(handle, homes, trailer->Base, trailer->Depth, ages, trailer->HasOverflow != 0);
        new Directory(arena, owner).Set(named, trailer->Prefix);
        owner->Version++;
    }

    /// <summary>
    /// A slot in an overflow block, a new one where all are full; null when the arena is full.
    /// </summary>
    public Bucket* OverflowRoom(Segment segment)
    {
        for (var handle = segment.Trailer->Overflow; handle != 0;)
        {
            var block = (OverflowBlock*)arena.At(handle);
            for (var bucket = block->First; bucket < block->End; bucket++)
                if (!bucket->IsFull) return bucket;
            handle = block->Next;
        }
        var added = arena.AllocateIndex(OverflowBlock.SizeBytes);
        if (added == 0) return null;
        header->IndexBytes += OverflowBlock.SizeBytes;
        var fresh = (OverflowBlock*)arena.At(added);
        fresh->Next = segment.Trailer->Overflow;
        for (var bucket = fresh->First; bucket < fresh->End; bucket++) bucket->Meta = 0;
        segment.Trailer->Overflow = added;
        segment.Trailer->HasOverflow = 1;
        return fresh->First;
    }

    public void FreeOverflow(SegmentTrailer* trailer)
    {
        while (trailer->Overflow != 0)
        {
            var next = ((OverflowBlock*)arena.At(trailer->Overflow))->Next;
            arena.FreeNow(trailer->Overflow);
            header->IndexBytes -= OverflowBlock.SizeBytes;
            trailer->Overflow = next;
        }
        trailer->HasOverflow = 0;
    }

    private static int ClassOf(uint homes, bool ages) => (int)homes + (ages ? AgedClasses : 0);
}

using System.Runtime.CompilerServices;

namespace Anax.Core.Memory;

// Compaction empties the sparsest extents until the others just hold what lives:
//
//     BeginCompaction   extents marked, their pages out of the partial lists: nothing new is placed there
//     sweeps            each table moves its records off marked pages (MustMove, Move); a page that is empty is given back
//     ReleaseFreeExtents whole extents go back to the kernel
//     EndCompaction     what could not be emptied is in use again

/// <summary>Compaction: which extents to empty, and moving their records.</summary>
public sealed unsafe partial class Arena
{
    private const int LoadSteps = 64;
    private const int ExtentsFreedMin = 2;

    /// <summary>True while marked extents are being emptied by the sweeps of the arena's tables.</summary>
    public bool IsCompacting => _state->EvacuatingExtents != 0;

    /// <summary>
    /// Marks sparse extents when enough could be given back; the next whole round of the tables' sweeps empties them.
    /// False when it is not worth it. Cheap when nothing is fragmented.
    /// </summary>
    public bool BeginCompaction()
    {
        if (IsCompacting) return true;
        var pageBytes = (long)_state->RecordPages << PageShift;
        var spare = pageBytes - _state->RecordCellBytes;
        if (spare < _state->RecordCellBytes / 16 + ExtentsFreedMin * (long)ExtentBytes) return false;

        var extents = stackalloc int[LoadSteps];
        long room = 0;
        Unsafe.InitBlock(extents, 0, LoadSteps * sizeof(int));
        for (uint extent = 0; extent < _state->ExtentCount; extent++)
        {
            if (_extents[extent].Kind != ExtentKind.Records) continue;
            room += ExtentBytes;
            if (extent != 0) extents[LoadStepOf(extent)]++;
        }
        // Extents are emptied up to this load: then the rest holds the live cells with 1/32 to spare.
        var goal = _state->RecordCellBytes + _state->RecordCellBytes / 32;
        var marks = (int)Math.Max(0, (room - goal) / ExtentBytes);
        var step = 0;
        for (var sum = 0; step < LoadSteps * 15 / 16 && sum < marks; step++) sum += extents[step];
        for (uint extent = 1; extent < _state->ExtentCount && marks > 0; extent++)
        {
            if (_extents[extent].Kind != ExtentKind.Records || LoadStepOf(extent) >= step) continue;
            Mark(extent);
            marks--;
        }
        return IsCompacting;
    }

    /// <summary>Ends a compaction after the sweeps' round, whatever is left in the marked extents.</summary>
    public void EndCompaction()
    {
        if (!IsCompacting) return;
        for (uint extent = 0; extent < _state->ExtentCount; extent++)
        {
            if (_extents[extent].Kind != ExtentKind.EvacuatingRecords) continue;
            for (var page = extent * PagesPerExtent; page < (extent + 1) * PagesPerExtent; page++)
            {
                if (IsFree(page) || !_pages[page].IsEvacuating) continue;
                _pages[page].IsEvacuating = false;
                ref var slab = ref _slabs[_pages[page].Class];
                if (_pages[page].Used < slab.PerPage) Link(ref slab, page);
            }
            _extents[extent].Kind = ExtentKind.Records;
            if (_extents[extent].FreePages != 0 && extent < _state->Lowest[(int)ExtentKind.Records])
                _state->Lowest[(int)ExtentKind.Records] = extent;
        }
        _state->EvacuatingExtents = 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool MustMove(uint handle) => _pages[PageOf(handle)].IsEvacuating;

    /// <summary>Moves a record to another page; 0 when the arena is full (it stays where it is then).</summary>
    internal uint Move(uint handle)
    {
        var bytes = CellBytesOf(handle);
        var target = Allocate(bytes);
        if (target == 0) return 0;
        Buffer.MemoryCopy(At(handle), At(target), bytes, bytes);
        FreeNow(handle);
        return target;
    }

    private int LoadStepOf(uint extent)
    {
        long live = 0;
        for (var page = extent * PagesPerExtent; page < (extent + 1) * PagesPerExtent; page++)
            if (!IsFree(page)) live += (long)_pages[page].Used * _slabs[_pages[page].Class].SizeBytes;
        return (int)Math.Min(LoadSteps - 1, live * LoadSteps >> ExtentShift);
    }

    private void Mark(uint extent)
    {
        for (var page = extent * PagesPerExtent; page < (extent + 1) * PagesPerExtent; page++)
        {
            if (IsFree(page)) continue;
            ref var slab = ref _slabs[_pages[page].Class];
            if (_pages[page].Used < slab.PerPage) Unlink(ref slab, page);
            _pages[page].IsEvacuating = true;
        }
        _extents[extent].Kind = ExtentKind.EvacuatingRecords;
        _state->EvacuatingExtents++;
    }
}

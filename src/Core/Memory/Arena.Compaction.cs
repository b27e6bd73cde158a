using System.Numerics;
using System.Runtime.CompilerServices;

namespace Anax.Core.Memory;

// Compaction empties the sparsest extents until the others just hold what lives:
//
//     BeginCompaction   extents marked, their pages out of the partial lists: nothing new is placed there
//     sweeps            each table moves its records off marked pages (MustMove, Move); an empty page is given back;
//                       dense pages move whole (TryMoveIndexPage)
//     ReleaseFreeExtents   whole extents go back to the kernel
//     EndCompaction     what could not be emptied is in use again

/// <summary>Compaction: which extents to empty, and moving their records.</summary>
public sealed unsafe partial class Arena
{
    private const int LoadSteps = 64;
    private const int FullStep = LoadSteps * 15 / 16;
    private const int ExtentsFreedMin = 2;

    /// <summary>True while marked extents are being emptied by the sweeps of the arena's tables.</summary>
    public bool IsCompacting => _state->EvacuatingExtents != 0;

    /// <summary>
    /// Marks sparse extents when enough could be given back; the next whole round of the tables' sweeps
    /// empties them. False when it is not worth it. Cheap when nothing is fragmented.
    /// </summary>
    public bool BeginCompaction()
    {
        if (IsCompacting) return true;
        _state->MovingFrom = 1;
        var records = _state->RecordCellBytes + _state->RecordCellBytes / 32;
        var index = (long)_state->IndexPages << PageShift;
        MarkSparse(ExtentKind.Records, ExtentKind.EvacuatingRecords, _state->RecordExtents, records);
        MarkSparse(ExtentKind.Index, ExtentKind.EvacuatingIndex, _state->IndexExtents, index);
        return IsCompacting;
    }

    /// <summary>Ends a compaction after the sweeps' round, whatever is left in the marked extents.</summary>
    public void EndCompaction()
    {
        if (!IsCompacting) return;
        for (uint extent = 0; extent < _state->ExtentCount; extent++)
        {
            if (_extents[extent].Kind == ExtentKind.EvacuatingRecords) Unmark(extent, ExtentKind.Records);
            if (_extents[extent].Kind == ExtentKind.EvacuatingIndex) Unmark(extent, ExtentKind.Index);
        }
        _state->EvacuatingExtents = 0;
    }

    /// <summary>Marks the sparsest extents, until the others just hold this many bytes.</summary>
    private void MarkSparse(ExtentKind kind, ExtentKind marked, uint count, long goalBytes)
    {
        var marks = (int)(count - (goalBytes >> ExtentShift)) - 1;
        if (marks < Math.Max(ExtentsFreedMin, (int)count / 16)) return;
        var histogram = stackalloc int[LoadSteps];
        new Span<int>(histogram, LoadSteps).Clear();
        for (uint extent = 1; extent < _state->ExtentCount; extent++)
            if (_extents[extent].Kind == kind) histogram[LoadStepOf(extent)]++;
        var step = 0;
        for (var sum = 0; step < FullStep && sum < marks; step++) sum += histogram[step];
        for (uint extent = 1; extent < _state->ExtentCount && marks > 0; extent++)
        {
            if (_extents[extent].Kind != kind || LoadStepOf(extent) >= step) continue;
            Mark(extent, marked);
            marks--;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool MustMove(uint handle) => _pages[PageOf(handle)].IsEvacuating;

    /// <summary>
    /// Moves a record to another page; 0 when the arena is full (it stays where it is then).
    /// </summary>
    internal uint Move(uint handle)
    {
        var target = Copy(handle);
        if (target != 0) FreeNow(handle);
        return target;
    }

    /// <summary>The same record on another page, the first half of a move; 0 when the arena is full.</summary>
    internal uint Copy(uint handle)
    {
        var bytes = CellBytesOf(handle);
        var target = Allocate(bytes);
        if (target != 0) Buffer.MemoryCopy(At(handle), At(target), bytes, bytes);
        return target;
    }

    /// <summary>
    /// The next dense page of a marked extent, moved elsewhere: its cells' owners must be told. False at the
    /// end.
    /// </summary>
    internal bool TryMoveIndexPage(out int denseClass, out uint firstCell, out int cellCount, out int cellBytes)
    {
        denseClass = cellCount = cellBytes = 0;
        firstCell = 0;
        for (; _state->MovingFrom < _state->ExtentCount; _state->MovingFrom++)
        {
            var extent = _state->MovingFrom;
            if (_extents[extent].Kind != ExtentKind.EvacuatingIndex || _extents[extent].FreePages == ~0u) continue;
            var page = extent * PagesPerExtent + (uint)BitOperations.TrailingZeroCount(~_extents[extent].FreePages);
            var target = TakePage(ExtentKind.Index);
            if (target == 0) return false;
            Buffer.MemoryCopy(_base + ((nuint)page << PageShift), _base + ((nuint)target << PageShift), PageBytes, PageBytes);
            _pages[target] = _pages[page];
            denseClass = _pages[page].Class;
            ref var dense = ref _dense[denseClass];
            var index = (int)_pages[page].Index;
            dense.Pages[index] = target;
            GivePage(page);
            firstCell = (uint)(((nuint)target << PageShift) >> _shift);
            cellCount = Math.Min(dense.PerPage, dense.Count - index * dense.PerPage);
            cellBytes = dense.SizeBytes;
            return true;
        }
        return false;
    }

    /// <summary>How full an extent is; one with pages that cannot move counts as full.</summary>
    private int LoadStepOf(uint extent)
    {
        long live = 0;
        for (var page = extent * PagesPerExtent; page < (extent + 1) * PagesPerExtent; page++)
        {
            if (IsFree(page)) continue;
            if (_extents[extent].Kind == ExtentKind.Records)
                live += (long)_pages[page].Used * _slabs[_pages[page].Class].SizeBytes;
            else if (_pages[page].IsDense) live += PageBytes;
            else return LoadSteps - 1;
        }
        return (int)Math.Min(LoadSteps - 1, live * LoadSteps >> ExtentShift);
    }

    private void Mark(uint extent, ExtentKind marked)
    {
        for (var page = extent * PagesPerExtent; page < (extent + 1) * PagesPerExtent; page++)
        {
            if (IsFree(page) || _pages[page].IsDense) continue;
            ref var slab = ref _slabs[_pages[page].Class];
            if (_pages[page].Used < slab.PerPage) Unlink(ref slab, page);
            _pages[page].IsEvacuating = true;
        }
        _extents[extent].Kind = marked;
        _state->EvacuatingExtents++;
    }

    private void Unmark(uint extent, ExtentKind kind)
    {
        for (var page = extent * PagesPerExtent; page < (extent + 1) * PagesPerExtent; page++)
        {
            if (IsFree(page) || !_pages[page].IsEvacuating) continue;
            _pages[page].IsEvacuating = false;
            ref var slab = ref _slabs[_pages[page].Class];
            if (_pages[page].Used < slab.PerPage) Link(ref slab, page);
        }
        _extents[extent].Kind = kind;
        if (_extents[extent].FreePages != 0) _state->Lowest[(int)kind] = Math.Min(_state->Lowest[(int)kind], extent);
    }
}

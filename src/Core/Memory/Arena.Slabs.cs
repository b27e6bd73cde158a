using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Anax.Core.Memory;

/// <summary>Slab cells: records, and the directories of tables.</summary>
public sealed unsafe partial class Arena
{
    private const ushort NoCell = 0xFFFF;
    private const int PendingKept = 4096;

    /// <summary>8-byte steps up to 256 B, then eight classes per doubling (at most 12.5 % waste).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int ClassOf(int size)
    {
        if (size <= 256) return (size + 7) >> 3;
        var log = BitOperations.Log2((uint)(size - 1));
        return 32 + ((log - 8) << 3) + (((size - 1) >> (log - 3)) & 7) + 1;
    }

    private static int SizeOf(int slabClass) =>
        slabClass <= 32 ? slabClass << 3 : (8 + ((slabClass - 33) & 7) + 1) << (((slabClass - 33) >> 3) + 5);

    /// <summary>The bytes that a cell for so many bytes really takes.</summary>
    internal int CellBytes(int size) => SizeOf(RoundedClassOf(size));

    internal int CellBytesOf(uint handle) => _slabs[_pages[PageOf(handle)].Class].SizeBytes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int RoundedClassOf(int size) => ClassOf((size + (1 << _shift) - 1) & -(1 << _shift));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint PageOf(uint handle) => handle >> (PageShift - _shift);

    private void InitializeSlabs()
    {
        for (var i = 1; i < ArenaState.SlabClasses; i++)
        {
            var size = SizeOf(i);
            if (size > PageBytes) break;
            _slabs[i] = new SlabClass
            {
                SizeBytes = size,
                PerPage = PageBytes / size,
                Reciprocal = (uint)(((1UL << 32) + (uint)size - 1) / (uint)size),
            };
            _slabs[i + ArenaState.SlabClasses] = _slabs[i];
        }
    }

    /// <summary>A cell for a record; 0 when the arena is full. Its content is undefined.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal uint Allocate(int size)
    {
        var handle = Take(RoundedClassOf(size), out var bytes);
        if (handle != 0) _state->RecordCellBytes += bytes;
        return handle;
    }

    /// <summary>
    /// A cell that never moves, for directories and table headers; 0 when the arena is full.
    /// </summary>
    internal uint AllocateIndex(int size) => Take(RoundedClassOf(size) + ArenaState.SlabClasses, out _);

    private uint Take(int slabClass, out int bytes)
    {
        ref var slab = ref _slabs[slabClass];
        bytes = slab.SizeBytes;
        var page = slab.Partial;
        if (page == 0)
        {
            page = NewSlabPage(slabClass);
            if (page == 0) return 0;
        }
        var meta = _pages + page;
        uint cell = meta->Free;
        var start = _base + ((nuint)page << PageShift);
        if (cell != NoCell) meta->Free = *(ushort*)(start + cell * (uint)slab.SizeBytes);
        else cell = meta->Bump++;
        if (++meta->Used == slab.PerPage) Unlink(ref slab, page);
        _state->CellBytes += bytes;
        return (uint)((((nuint)page << PageShift) + cell * (uint)slab.SizeBytes) >> _shift);
    }

    /// <summary>Frees a cell. Its content stays until <see cref="Settle"/>.</summary>
    internal void Free(uint handle)
    {
        Uncount(handle);
        // Without memory even for the list the cell is free at once: its reader loses, the process lives.
        if (_state->PendingCount == _state->PendingCapacity && !TryGrowPending()) Recycle(handle);
        else _state->Pending[_state->PendingCount++] = handle;
    }

    /// <summary>Frees a cell that nobody can be reading.</summary>
    internal void FreeNow(uint handle)
    {
        Uncount(handle);
        Recycle(handle);
    }

    private void Uncount(uint handle)
    {
        int slabClass = _pages[PageOf(handle)].Class;
        var bytes = _slabs[slabClass].SizeBytes;
        _state->CellBytes -= bytes;
        if (slabClass < ArenaState.SlabClasses) _state->RecordCellBytes -= bytes;
    }

    private void Recycle(uint handle)
    {
        var page = PageOf(handle);
        var meta = _pages + page;
        ref var slab = ref _slabs[meta->Class];
        Invariant.Holds(meta->Used != 0, "a cell of an empty page was freed");
        var offset = (uint)((nuint)handle << _shift) & (PageBytes - 1);
        var cell = (uint)((ulong)offset * slab.Reciprocal >> 32);
        Poison(At(handle), slab.SizeBytes);
        *(ushort*)At(handle) = meta->Free;
        meta->Free = (ushort)cell;
        if (meta->Used-- == slab.PerPage && !meta->IsEvacuating) Link(ref slab, page);
        if (meta->Used != 0) return;
        if (!meta->IsEvacuating) Unlink(ref slab, page);
        meta->IsEvacuating = false;
        GivePage(page);
    }

    private uint NewSlabPage(int slabClass)
    {
        var page = TakePage(slabClass < ArenaState.SlabClasses ? ExtentKind.Records : ExtentKind.Index);
        if (page == 0) return 0;
        _pages[page] = new Page { Class = (ushort)slabClass, Free = NoCell };
        Link(ref _slabs[slabClass], page);
        return page;
    }

    private void Link(ref SlabClass slab, uint page)
    {
        _pages[page].Prev = 0;
        _pages[page].Next = slab.Partial;
        if (slab.Partial != 0) _pages[slab.Partial].Prev = page;
        slab.Partial = page;
    }

    private void Unlink(ref SlabClass slab, uint page)
    {
        var meta = _pages + page;
        if (meta->Prev != 0) _pages[meta->Prev].Next = meta->Next; else slab.Partial = meta->Next;
        if (meta->Next != 0) _pages[meta->Next].Prev = meta->Prev;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryGrowPending()
    {
        var capacity = Math.Max(256, _state->PendingCapacity * 2);
        if (!TryReallocate(ref _state->Pending, capacity)) return false;
        _state->PendingCapacity = capacity;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ShrinkPending()
    {
        if (TryReallocate(ref _state->Pending, PendingKept)) _state->PendingCapacity = PendingKept;
    }

    private static bool TryReallocate(ref uint* array, int capacity)
    {
        try
        {
            array = (uint*)NativeMemory.Realloc(array, (nuint)capacity * sizeof(uint));
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    [System.Diagnostics.Conditional("VERIFY")]
    private static void Poison(byte* cell, int bytes)
    {
        const byte FreedByte = 0xDD;
        Unsafe.InitBlock(cell, FreedByte, (uint)bytes);
    }
}

using System.Runtime.CompilerServices;

namespace Anax.Core.Memory;

/// <summary>
/// Dense cells: the segments of tables. Freeing one moves the last cell of its class into the hole, so the
/// index has no fragmentation, whatever sizes its segments go through; who owns the moved cell must be told.
/// </summary>
public sealed unsafe partial class Arena
{
    /// <summary>
    /// A cell of a dense class, whose size must be the same at every call; 0 when the arena is full.
    /// </summary>
    internal uint AllocateDense(int denseClass, int size)
    {
        ref var dense = ref _dense[denseClass];
        if (dense.SizeBytes == 0)
        {
            dense.SizeBytes = size;
            dense.PerPage = PageBytes / size;
        }
        Invariant.Holds(dense.SizeBytes == size, "a dense class has one size");
        if (dense.Count == dense.PageCount * dense.PerPage && !AddDensePage(ref dense, denseClass)) return 0;
        _state->CellBytes += size;
        return DenseHandle(ref dense, dense.Count++);
    }

    /// <summary>Frees a cell; true when another one was moved into its place.</summary>
    internal bool FreeDense(int denseClass, uint handle)
    {
        ref var dense = ref _dense[denseClass];
        var last = DenseHandle(ref dense, --dense.Count);
        if (last != handle) Buffer.MemoryCopy(At(last), At(handle), dense.SizeBytes, dense.SizeBytes);
        if (dense.Count == (dense.PageCount - 1) * dense.PerPage) GivePage(dense.Pages[--dense.PageCount]);
        _state->CellBytes -= dense.SizeBytes;
        return last != handle;
    }

    private uint DenseHandle(ref DenseClass dense, int index) =>
        (uint)((((nuint)dense.Pages[index / dense.PerPage] << PageShift)
            + (nuint)(index % dense.PerPage * dense.SizeBytes)) >> _shift);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool AddDensePage(ref DenseClass dense, int denseClass)
    {
        if (dense.PageCount == dense.PageCapacity)
        {
            var capacity = Math.Max(16, dense.PageCapacity * 2);
            if (!TryReallocate(ref dense.Pages, capacity)) return false;
            dense.PageCapacity = capacity;
        }
        var page = TakePage(ExtentKind.Index);
        if (page == 0) return false;
        _pages[page] = new Page { Class = (ushort)denseClass, IsDense = true, Index = (uint)dense.PageCount };
        dense.Pages[dense.PageCount++] = page;
        return true;
    }
}

using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// A list of plain rows in a block of native memory of its own. A plain mutable value with one owner at a time, who releases
/// it; it may lie in the state of a hop.
/// </summary>
public struct NativeRows<T> where T : unmanaged
{
    private const int LeastRows = 16;

    private NativeBlock _block;

    public int Count { get; private set; }

    public readonly Span<T> Rows => _block.IsNull ? default : NativeCast.Cells<T>(_block.Bytes)[..Count];

    /// <summary>False where memory is refused.</summary>
    public unsafe bool TryAdd(in T row)
    {
        if (_block.IsNull || (Count + 1L) * sizeof(T) > _block.Capacity)
        {
            var bytes = Math.Max(LeastRows, 2L * Count) * sizeof(T);
            if (bytes > NativeBlock.CapacityMax) return false;
            var grown = NativeBlock.Allocate((int)bytes);
            if (grown.IsNull) return false;
            Rows.CopyTo(NativeCast.Cells<T>(grown.Bytes));
            if (!_block.IsNull) _block.Release();
            _block = grown;
        }
        Count++;
        Rows[^1] = row;
        return true;
    }

    public void Release()
    {
        if (!_block.IsNull) _block.Release();
        this = default;
    }
}

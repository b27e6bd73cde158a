using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Anax.Core.Memory;

/// <summary>
/// A fixed array in native memory, zeroed and 64-byte aligned, so that two owners never share a cache line and the
/// collector never moves it. Large ones take memory only where they are written.
/// </summary>
public sealed unsafe class NativeArray<T> : IDisposable where T : unmanaged
{
    private const nuint LineBytes = 64;

    private void* _memory;
    private T* _items;

    public NativeArray(int length)
    {
        Length = length;
        // Zeroed by the allocator, not by us: fresh pages of the kernel stay untouched until they are used.
        _memory = NativeMemory.AllocZeroed((nuint)((long)length * sizeof(T)) + 2 * LineBytes);
        _items = (T*)(((nuint)_memory + LineBytes - 1) & ~(LineBytes - 1));
    }

    public int Length { get; }
    public long Bytes => (long)Length * sizeof(T);

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)Length) ThrowIndex(index);
            return ref _items[index];
        }
    }

    public Span<T> Span => new(_items, _items is null ? 0 : Length);

    public void Dispose()
    {
        NativeMemory.Free(_memory);
        _memory = _items = null;
    }

    private void ThrowIndex(int index) => throw new ArgumentOutOfRangeException(nameof(index), index, $"length is {Length}");
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Anax.Core.Memory;

/// <summary>
/// A growable list in native memory, in cache lines of its own. Clearing keeps its memory up to a cap, so that one large
/// use is not kept for ever.
/// </summary>
public sealed unsafe class NativeList<T> : IDisposable where T : unmanaged
{
    private const int KeptBytesMax = 64 * 1024;
    private const int LineBytes = 64;

    private T* _items;
    private int _capacity;

    public int Count { get; private set; }

    /// <summary>The memory that the list holds.</summary>
    public long Bytes => (long)_capacity * sizeof(T);

    public ref T this[int index]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if ((uint)index >= (uint)Count) throw new ArgumentOutOfRangeException(nameof(index));
            return ref _items[index];
        }
    }

    public Span<T> Span => new(_items, Count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref T Add(in T item)
    {
        if (Count == _capacity) Grow(Count + 1);
        _items[Count] = item;
        return ref _items[Count++];
    }

    /// <summary>Sets the count; new items are zero.</summary>
    public Span<T> Resize(int count)
    {
        if (count > _capacity) Grow(count);
        if (count > Count) new Span<T>(_items + Count, count - Count).Clear();
        Count = count;
        return Span;
    }

    public void Clear()
    {
        Count = 0;
        if ((long)_capacity * sizeof(T) <= KeptBytesMax) return;
        Dispose();
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_items);
        _items = null;
        _capacity = 0;
        Count = 0;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int least)
    {
        _capacity = Math.Max(Math.Max(16, least), _capacity * 2);
        nuint bytes = ((nuint)_capacity * (nuint)sizeof(T) + LineBytes - 1) & ~(nuint)(LineBytes - 1);
        _items = (T*)NativeMemory.AlignedRealloc(_items, bytes, LineBytes);
    }
}

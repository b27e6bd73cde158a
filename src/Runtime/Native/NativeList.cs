using System.Runtime.InteropServices;

namespace Anax.Runtime.Native;

/// <summary>
/// A growing list of small unmanaged items in native memory, in cache lines of its own, owned by one loop. A mutable
/// struct: keep it in a field, never copy it.
/// </summary>
internal unsafe struct NativeList<T> where T : unmanaged
{
    private const int LineBytes = 64;

    private T* _items;
    private int _capacity;

    public int Count { get; private set; }

    public readonly T this[int index] => _items[index];

    public void Add(T item)
    {
        if (Count == _capacity) Grow();
        _items[Count++] = item;
    }

    public void Clear() => Count = 0;

    public bool TryRemoveLast(out T item)
    {
        if (Count == 0)
        {
            item = default;
            return false;
        }

        item = _items[--Count];
        return true;
    }

    public void Free()
    {
        NativeMemory.AlignedFree(_items);
        this = default;
    }

    private void Grow()
    {
        // Whole lines, whatever the size of an item.
        _capacity = Math.Max(LineBytes, _capacity * 2);
        _items = (T*)NativeMemory.AlignedRealloc(_items, (nuint)_capacity * (nuint)sizeof(T), LineBytes);
    }
}

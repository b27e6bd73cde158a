namespace Anax.Core.Memory;

/// <summary>
/// Items in native memory that are taken and given back one by one; an item's number is its name meanwhile. Belongs to
/// one loop.
/// </summary>
public sealed class NativePool<T> : IDisposable where T : unmanaged
{
    private readonly NativeList<T> _items = new();
    private readonly NativeList<int> _free = new();

    /// <summary>Items that are taken.</summary>
    public int Count => _items.Count - _free.Count;

    /// <summary>The memory that the pool holds.</summary>
    public long Bytes => _items.Bytes + _free.Bytes;

    public ref T this[int number] => ref _items[number];

    /// <summary>The number of an item that holds the given value.</summary>
    public int Take(in T value)
    {
        if (_free.Count == 0)
        {
            _items.Add(in value);
            return _items.Count - 1;
        }
        int number = _free[_free.Count - 1];
        _ = _free.Resize(_free.Count - 1);
        _items[number] = value;
        return number;
    }

    public void Give(int number)
    {
        _free.Add(in number);
        if (Count == 0) Clear();
    }

    /// <summary>Gives all items back.</summary>
    public void Clear()
    {
        _items.Clear();
        _free.Clear();
    }

    public void Dispose()
    {
        _items.Dispose();
        _free.Dispose();
    }
}

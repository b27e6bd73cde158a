using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anax.Core.Memory;

namespace Anax.Core.Buffers;

/// <summary>
/// A growable native list of argument slices, the flat arguments of one or many commands. It owns one reference to each
/// block among its slices and to each block attached to it, and drops them when it is cleared. Used by one thread.
/// </summary>
public sealed unsafe class ArgumentList : IDisposable
{
    private const int CapacityFirst = 64;

    // What a cleared list keeps for the next use; a million arguments once must not stay for ever.
    private const int CapacityKeptMax = 4096;

    private ArgumentSlice* _items;
    private int _count;
    private int _capacity;
    private int _blocks;

    // Blocks that hold bytes of several slices: decoded inline arguments, bytes saved before a direct receive.
    private nint* _attached;
    private int _attachedCount;
    private int _attachedCapacity;

    public int Count => _count;

    /// <summary>Native memory of the list itself, without the blocks that it refers to.</summary>
    public long AllocatedBytes =>
        ((long)_capacity * sizeof(ArgumentSlice)) + ((long)_attachedCapacity * sizeof(nint));

    public ref ArgumentSlice this[int index]
    {
        get
        {
            if ((uint)index >= (uint)_count) ThrowOutOfRange();
            return ref _items[index];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Add(in ArgumentSlice slice)
    {
        if (_count == _capacity) Grow(_count + 1);
        _items[_count++] = slice;
    }

    /// <summary>Adds a whole block as an argument; the caller's reference becomes the list's.</summary>
    public void AddBlock(NativeBlock block, int length)
    {
        Add(ArgumentSlice.From(block, length));
        _blocks++;
    }

    /// <summary>Takes over a reference to a block that slices of this list lie in.</summary>
    public void Attach(NativeBlock block)
    {
        if (_attachedCount == _attachedCapacity)
        {
            _attachedCapacity = Math.Max(4, _attachedCapacity * 2);
            _attached = (nint*)NativeMemory.Realloc(_attached, (nuint)_attachedCapacity * (nuint)sizeof(nint));
        }
        _attached[_attachedCount++] = block.Address;
    }

    public Span<ArgumentSlice> Slice(int first, int count)
    {
        if ((uint)first > (uint)_count || (uint)count > (uint)(_count - first)) ThrowOutOfRange();
        return new Span<ArgumentSlice>(_items + first, count);
    }

    public Arguments Arguments(int first, int count) => new(Slice(first, count));

    /// <summary>Makes room for more arguments at once; a hint, so a wish beyond reason is cut.</summary>
    public void Reserve(int more)
    {
        const int ReserveMax = 1024;
        var wanted = _count + Math.Min(more, ReserveMax);
        if (wanted > _capacity) Grow(wanted);
    }

    /// <summary>Cuts the list back to its first slices, dropping the references of the others.</summary>
    public void Truncate(int count)
    {
        if ((uint)count > (uint)_count) ThrowOutOfRange();
        if (_blocks > 0) ReleaseBlocks(count);
        _count = count;
    }

    /// <summary>Moves everything of another list, references included, behind this one's slices.</summary>
    public void MoveFrom(ArgumentList other)
    {
        if (_count + other._count > _capacity) Grow(_count + other._count);
        new Span<ArgumentSlice>(other._items, other._count).CopyTo(new Span<ArgumentSlice>(_items + _count, other._count));
        for (var i = 0; i < other._attachedCount; i++) Attach(NativeBlock.From(other._attached[i]));
        _count += other._count;
        _blocks += other._blocks;
        other._count = 0;
        other._blocks = 0;
        other._attachedCount = 0;
        other.Clear();
    }

    /// <summary>Empties the list and drops its references. Keeps its memory up to a cap.</summary>
    public void Clear()
    {
        if (_blocks > 0) ReleaseBlocks(0);
        if (_attachedCount > 0) ReleaseAttached();
        _count = 0;
        if (_capacity > CapacityKeptMax) FreeMemory();
    }

    public void Dispose()
    {
        Clear();
        FreeMemory();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int atLeast)
    {
        var capacity = (int)Math.Min(int.MaxValue, Math.Max(Math.Max((long)atLeast, CapacityFirst), _capacity * 2L));
        _items = (ArgumentSlice*)NativeMemory.Realloc(_items, (nuint)capacity * (nuint)sizeof(ArgumentSlice));
        _capacity = capacity;
    }

    private void ReleaseBlocks(int first)
    {
        for (var i = first; i < _count; i++)
        {
            if (!_items[i].IsBlock) continue;
            _items[i].Block.Release();
            _blocks--;
        }
    }

    private void ReleaseAttached()
    {
        for (var i = 0; i < _attachedCount; i++) NativeBlock.From(_attached[i]).Release();
        _attachedCount = 0;
    }

    private void FreeMemory()
    {
        NativeMemory.Free(_items);
        NativeMemory.Free(_attached);
        _items = null;
        _attached = null;
        _capacity = 0;
        _attachedCapacity = 0;
    }

    private static void ThrowOutOfRange() => throw new ArgumentOutOfRangeException("index");
}

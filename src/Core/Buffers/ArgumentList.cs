using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anax.Core.Memory;

namespace Anax.Core.Buffers;

/// <summary>
/// A growable native list of argument slices, the flat arguments of one or many commands. It owns one
/// reference to each block among its slices and to each block attached to it, and drops them when it is
/// cleared. Used by one thread.
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
    private long _blockBytes;

    // Blocks that hold bytes of several slices: decoded inline arguments, bytes saved before a direct
    // receive.
    private nint* _attached;
    private int _attachedCount;
    private int _attachedCapacity;

    public int Count => _count;

    /// <summary>Native memory of the list itself, without the blocks that it refers to.</summary>
    public long AllocatedBytes =>
        ((long)_capacity * sizeof(ArgumentSlice)) + ((long)_attachedCapacity * sizeof(nint));

    /// <summary>What the blocks count that the list holds a reference to.</summary>
    public long BlockBytes => _blockBytes;

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
        _blockBytes += block.FootprintBytes;
    }

    /// <summary>Adds a slice of another owner's, who keeps its bytes for as long as they are used; a block gets a reference of the list's own.</summary>
    public void AddShared(in ArgumentSlice slice)
    {
        Add(in slice);
        if (!slice.IsBlock) return;
        slice.Block.AddReference();
        _blocks++;
        _blockBytes += slice.Block.FootprintBytes;
    }

    /// <summary>Takes over a reference to a block that slices of this list lie in.</summary>
    public void Attach(NativeBlock block)
    {
        if (_attachedCount == _attachedCapacity)
        {
            _attachedCapacity = Math.Max(4, _attachedCapacity * 2);
            var bytes = (nuint)_attachedCapacity * (nuint)sizeof(nint);
            _attached = (nint*)NativeMemory.Realloc(_attached, bytes);
        }
        _attached[_attachedCount++] = block.Address;
        _blockBytes += block.FootprintBytes;
    }

    public Span<ArgumentSlice> Slice(int first, int count)
    {
        if ((uint)first > (uint)_count || (uint)count > (uint)(_count - first)) ThrowOutOfRange();
        return new Span<ArgumentSlice>(_items + first, count);
    }

    public Arguments Arguments(int first, int count) => new(Slice(first, count));

    /// <summary>Cuts the list back to its first slices, dropping the references of the others.</summary>
    public void Truncate(int count)
    {
        if ((uint)count > (uint)_count) ThrowOutOfRange();
        if (_blocks > 0) ReleaseBlocks(count);
        _count = count;
    }

    /// <summary>
    /// Takes over everything of another list and puts it at the given place. What was detached is attached to
    /// the given bytes.
    /// </summary>
    public void InsertFrom(int index, ArgumentList other, ReadOnlySpan<byte> within)
    {
        if ((uint)index > (uint)_count) ThrowOutOfRange();
        if (_count + other._count > _capacity) Grow(_count + other._count);
        var behind = new ReadOnlySpan<ArgumentSlice>(_items + index, _count - index);
        behind.CopyTo(new Span<ArgumentSlice>(_items + index + other._count, behind.Length));
        for (var i = 0; i < other._count; i++) _items[index + i] = other._items[i].Attached(within);
        var before = _blockBytes;
        for (var i = 0; i < other._attachedCount; i++) Attach(NativeBlock.From(other._attached[i]));
        var attachedBytes = _blockBytes - before;
        _count += other._count;
        _blocks += other._blocks;
        // Attach has counted the attached blocks; the others come over with what is left of the sum.
        _blockBytes += other._blockBytes - attachedBytes;
        other._count = 0;
        other._blocks = 0;
        other._blockBytes = 0;
        other._attachedCount = 0;
    }

    /// <summary>
    /// Moves the slices from the given place on behind another list's, detached from the given bytes.
    /// </summary>
    public void DetachTo(ArgumentList other, int index, ReadOnlySpan<byte> within)
    {
        if ((uint)index > (uint)_count) ThrowOutOfRange();
        for (var i = index; i < _count; i++)
        {
            other.Add(_items[i].Detached(within));
            if (!_items[i].IsBlock) continue;
            other._blocks++;
            _blocks--;
            other._blockBytes += _items[i].Block.FootprintBytes;
            _blockBytes -= _items[i].Block.FootprintBytes;
        }
        _count = index;
    }

    /// <summary>
    /// Copies all detached slices' bytes into a block of the list's own, because the bytes are about to go.
    /// False when the system refuses the memory.
    /// </summary>
    public bool TrySaveDetached(ReadOnlySpan<byte> within)
    {
        long total = 0;
        for (var i = 0; i < _count; i++)
        {
            if (_items[i].IsDetached) total += _items[i].Length;
        }
        if (total > NativeBlock.CapacityMax) return false;
        var block = NativeBlock.Allocate((int)total);
        if (block.IsNull) return false;
        Attach(block);
        var rest = block.Bytes;
        for (var i = 0; i < _count; i++)
        {
            ref var slice = ref _items[i];
            if (!slice.IsDetached) continue;
            var bytes = slice.Attached(within).Span;
            bytes.CopyTo(rest);
            slice = slice.MovedTo(rest[..bytes.Length]);
            rest = rest[bytes.Length..];
        }
        return true;
    }

    /// <summary>Empties the list and drops its references. Keeps its memory up to a cap.</summary>
    public void Clear()
    {
        if (_blocks > 0) ReleaseBlocks(0);
        if (_attachedCount > 0) ReleaseAttached();
        _count = 0;
        if (_capacity > CapacityKeptMax) FreeMemory();
    }

    /// <summary>Empties the list and gives all of its memory back; it may be used again.</summary>
    public void Trim()
    {
        Clear();
        FreeMemory();
    }

    public void Dispose() => Trim();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int atLeast)
    {
        var wanted = Math.Max(Math.Max((long)atLeast, CapacityFirst), _capacity * 2L);
        var capacity = (int)Math.Min(int.MaxValue, wanted);
        _items = (ArgumentSlice*)NativeMemory.Realloc(_items, (nuint)capacity * (nuint)sizeof(ArgumentSlice));
        _capacity = capacity;
    }

    private void ReleaseBlocks(int first)
    {
        for (var i = first; i < _count; i++)
        {
            if (!_items[i].IsBlock) continue;
            var block = _items[i].Block;
            _blockBytes -= block.FootprintBytes;
            block.Release();
            _blocks--;
        }
    }

    private void ReleaseAttached()
    {
        for (var i = 0; i < _attachedCount; i++)
        {
            var block = NativeBlock.From(_attached[i]);
            _blockBytes -= block.FootprintBytes;
            block.Release();
        }
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

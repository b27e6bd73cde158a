using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>Says which members of a batch stay in it.</summary>
public interface IMemberFilter
{
    bool Keeps(scoped PackedItem member);
}

/// <summary>
/// Members on their way from one place to another, perhaps to another shard: packed elements in a block of their own. A plain
/// mutable value with one owner at a time, who releases it.
/// </summary>
public struct MemberBatch
{
    private const int LeastBytes = 4096;

    private NativeBlock _block;
    private int _length;

    public int Count { get; private set; }

    private readonly ReadOnlySpan<byte> Elements => _block.IsNull ? default : _block.Bytes[.._length];

    /// <summary>Bytes of the members in it.</summary>
    public readonly int Length => _length;

    /// <summary>False where memory is refused; the batch is as it was then.</summary>
    public bool TryAdd(scoped PackedItem member)
    {
        var size = (long)Packed.OverheadMax + (member.IsInteger ? 0 : member.Bytes.Length);
        if (!HasRoom(size) && !Grow(size)) return false;
        _length += Packed.Write(_block.Bytes[_length..], member);
        Count++;
        return true;
    }

    /// <summary>Leaves only those that the filter keeps, in their order.</summary>
    public void Filter<TFilter>(ref TFilter filter) where TFilter : struct, IMemberFilter, allows ref struct
    {
        var to = 0;
        Count = 0;
        for (var at = 0; at < _length;)
        {
            var keeps = filter.Keeps(Packed.Read(Elements, at, out var next));
            if (keeps)
            {
                if (to != at) _block.Bytes[at..next].CopyTo(_block.Bytes[to..]);
                to += next - at;
                Count++;
            }
            at = next;
        }
        _length = to;
    }

    /// <summary>Shows all members, in their order.</summary>
    public readonly void Show<TReader>(ref TReader reader) where TReader : struct, IMemberReader, allows ref struct
    {
        for (var at = 0; at < _length;)
            if (!reader.Visit(Packed.Read(Elements, at, out at), 1)) return;
    }

    /// <summary>The member at a position, which goes on to the next one; the end is the length.</summary>
    public readonly PackedItem Read(ref int at) => Packed.Read(Elements, at, out at);

    /// <summary>Empties it; the memory stays.</summary>
    public void Clear() => _length = Count = 0;

    public void Release()
    {
        if (!_block.IsNull) _block.Release();
        this = default;
    }

    private readonly bool HasRoom(long bytes) => !_block.IsNull && bytes <= _block.Capacity - _length;

    private bool Grow(long bytes)
    {
        var capacity = Math.Max(Math.Max(LeastBytes, _length + bytes), 2L * _length);
        if (capacity > NativeBlock.CapacityMax) return false;
        var grown = NativeBlock.Allocate((int)capacity);
        if (grown.IsNull) return false;
        Elements.CopyTo(grown.Bytes);
        if (!_block.IsNull) _block.Release();
        _block = grown;
        return true;
    }
}

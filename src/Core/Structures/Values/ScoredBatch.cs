using System.Buffers.Binary;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>Says which members of a batch stay in it, and with what score.</summary>
public interface IScoredFilter
{
    bool Keeps(scoped PackedItem member, ref double score);
}

/// <summary>
/// Members with scores on their way from one place to another, perhaps to another shard, in a block of their own: a packed
/// element and 8 bytes for each. A plain mutable value with one owner at a time, who releases it.
/// </summary>
public struct ScoredBatch
{
    private const int LeastBytes = 4096;

    private NativeBlock _block;
    private int _length;

    public int Count { get; private set; }

    /// <summary>Bytes of the members in it: the place of the next one that is added.</summary>
    public readonly int Length => _length;

    /// <summary>False where memory is refused; the batch is as it was then.</summary>
    public bool TryAdd(scoped PackedItem member, double score)
    {
        var size = (long)Packed.OverheadMax + (member.IsInteger ? 0 : member.Bytes.Length) + sizeof(double);
        if ((_block.IsNull || size > _block.Capacity - _length) && !Grow(size)) return false;
        _length += Packed.Write(_block.Bytes[_length..], member);
        BinaryPrimitives.WriteDoubleLittleEndian(_block.Bytes[_length..], score);
        _length += sizeof(double);
        Count++;
        return true;
    }

    /// <summary>The member at a place.</summary>
    public readonly PackedItem At(int place) => Packed.Read(_block.Bytes[..^sizeof(double)], place, out _);

    /// <summary>Leaves only those that the filter keeps, in their order, with the scores that it gives them.</summary>
    public void Filter<TFilter>(ref TFilter filter) where TFilter : struct, IScoredFilter, allows ref struct
    {
        var to = 0;
        Count = 0;
        for (var at = 0; at < _length;)
        {
            var member = Read(at, out var scoreAt, out var score);
            var next = scoreAt + sizeof(double);
            if (filter.Keeps(member, ref score))
            {
                BinaryPrimitives.WriteDoubleLittleEndian(_block.Bytes[scoreAt..], score);
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
        for (var at = 0; at < _length; at += sizeof(double))
            if (!reader.Visit(Read(at, out at, out var score), score)) return;
    }

    /// <summary>Empties it; the memory stays.</summary>
    public void Clear() => _length = Count = 0;

    public void Release()
    {
        if (!_block.IsNull) _block.Release();
        this = default;
    }

    private readonly PackedItem Read(int at, out int scoreAt, out double score)
    {
        ReadOnlySpan<byte> bytes = _block.Bytes[.._length];
        var member = Packed.Read(bytes, at, out scoreAt);
        score = BinaryPrimitives.ReadDoubleLittleEndian(bytes[scoreAt..]);
        return member;
    }

    private bool Grow(long bytes)
    {
        var capacity = Math.Max(Math.Max(LeastBytes, _length + bytes), 2L * _length);
        if (capacity > NativeBlock.CapacityMax) return false;
        var grown = NativeBlock.Allocate((int)capacity);
        if (grown.IsNull) return false;
        if (!_block.IsNull) _block.Bytes[.._length].CopyTo(grown.Bytes);
        if (!_block.IsNull) _block.Release();
        _block = grown;
        return true;
    }
}

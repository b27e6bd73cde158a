using System.Runtime.CompilerServices;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

// A cell with some elements one behind the other, as Packed writes them, and a gap at either end, so that neither pushing nor
// popping moves bytes. Positions of elements count from the first one; the end is the number of their bytes.
//
//     0       2     4       6       8
//     | start | end | count | 0     | gap | elements | gap |
//     | 0     | 1   | 1     | 1     | length | block, 8 B   |     one large element, in a block: its end is 1

/// <summary>A view of a chunk of a large list.</summary>
internal readonly unsafe struct ListChunk(byte* cell)
{
    public const int HeaderBytes = 8;
    public const int PlainBytes = 20;

    private const int BlockOffset = 12;

    private readonly ushort* _header = (ushort*)cell;

    public int Start
    {
        get => _header[0];
        set => _header[0] = (ushort)value;
    }

    public int End
    {
        get => _header[1];
        set => _header[1] = (ushort)value;
    }

    public int Count
    {
        get => _header[2];
        set => _header[2] = (ushort)value;
    }

    /// <summary>It is one element in a block of its own.</summary>
    public bool IsPlain => _header[3] != 0;

    public int Bytes => _header[1] - _header[0];

    public byte* At(int position) => cell + Start + position;

    /// <summary>Of a chunk that is not plain.</summary>
    public Span<byte> Elements => new(cell + Start, Bytes);

    public NativeBlock Block => NativeBlock.From((nint)Unsafe.ReadUnaligned<long>(cell + BlockOffset));

    /// <summary>The bytes of a plain chunk's element.</summary>
    public ReadOnlySpan<byte> PlainValue => Block.Bytes[..Unsafe.ReadUnaligned<int>(cell + HeaderBytes)];

    public void Initialize(int start, int end, int count)
    {
        Start = start;
        End = end;
        Count = count;
        _header[3] = 0;
    }

    public void InitializePlain(NativeBlock block, int length)
    {
        Initialize(0, 1, 1);
        _header[3] = 1;
        Unsafe.WriteUnaligned(cell + HeaderBytes, length);
        Unsafe.WriteUnaligned(cell + BlockOffset, (long)block.Address);
    }

    /// <summary>The position of the first element with this text from a position on; -1 when none has it.</summary>
    public int Find(int at, ReadOnlySpan<byte> text)
    {
        if (!IsPlain) return Packed.Find(Elements, at, text, 1);
        return at == 0 && PlainValue.SequenceEqual(text) ? 0 : -1;
    }

    /// <summary>The position of an element by its index, which may be the end.</summary>
    public int PositionOf(int index)
    {
        if (IsPlain) return index;
        var elements = Elements;
        if (index <= Count / 2) return Packed.Skip(elements, 0, index);
        var at = elements.Length;
        for (var left = Count - index; left > 0; left--) at = Packed.Previous(elements, at);
        return at;
    }

    public int Next(int at) => IsPlain ? 1 : Packed.Next(Elements, at);

    public int Previous(int at) => IsPlain ? 0 : Packed.Previous(Elements, at);

    public ListItem Read(int at) => IsPlain ? new ListItem(PlainValue, Block) : new ListItem(Packed.Read(Elements, at, out _));
}

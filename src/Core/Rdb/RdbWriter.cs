using System.Buffers.Binary;
using Anax.Core.Structures;
using Anax.Core.Text;

namespace Anax.Core.Rdb;

/// <summary>
/// Writes what files and payloads are made of, in the forms that Valkey chooses (see <see cref="RdbCursor"/> for them). The sink
/// goes back to who lent it.
/// </summary>
public ref struct RdbWriter<TSink>(TSink sink, LzfPacker packer, bool compresses) where TSink : struct, IRdbSink, allows ref struct
{
    /// <summary>The longest string that is looked at for a number, and those that are not compressed.</summary>
    private const int NumberTextMax = 11, ShortMax = 20;

    /// <summary>So much shorter a compressed string must be.</summary>
    private const int GainMin = 4;

    private const int LengthMax = 9, ListpackFrame = 7, ListpackHead = 6;
    private const byte ListpackEnd = 0xFF;

    private readonly LzfPacker _packer = packer;
    private readonly bool _compresses = compresses;

    public TSink Sink = sink;

    public void Byte(byte value) => Sink.Write([value]);

    public void Type(RdbType type) => Byte((byte)type);

    public void Length(long length) => Length((ulong)length);

    /// <summary>A length, or another number that is written as one.</summary>
    public void Length(ulong length)
    {
        Span<byte> bytes = stackalloc byte[LengthMax];
        Sink.Write(bytes[..WriteLength(bytes, length)]);
    }

    /// <summary>8 bytes: a time in milliseconds.</summary>
    public void Long(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        Sink.Write(bytes);
    }

    public void Double(double number) => Long(BitConverter.DoubleToInt64Bits(number));

    public void Item(scoped PackedItem item)
    {
        if (item.IsInteger) Integer(item.Number);
        else String(item.Bytes);
    }

    /// <summary>A string that is a number.</summary>
    public void Integer(long number)
    {
        Span<byte> text = stackalloc byte[Numbers.LongTextMax];
        if (number == (int)number) ShortInteger((int)number);
        else Plain(text[..Numbers.FormatLong(number, text)]);
    }

    /// <summary>A string: a number where it is one, compressed where that makes it shorter, else as it is.</summary>
    public void String(scoped ReadOnlySpan<byte> text)
    {
        if (text.Length <= NumberTextMax && Numbers.TryParseLong(text, out var number) && number == (int)number) ShortInteger((int)number);
        else if (!TryCompress(text)) Plain(text);
    }

    /// <summary>Packed elements as the listpack that they are in, a string of its own.</summary>
    public void Listpack(scoped ReadOnlySpan<byte> elements, int count) => Listpack(default, elements, count);

    /// <summary>The same, with a few small elements in front; the count is that of all.</summary>
    public void Listpack(scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> elements, int count)
    {
        Span<byte> head = stackalloc byte[ListpackHead + first.Length];
        first.CopyTo(head[ListpackHead..]);
        var bytes = ListpackFrame + first.Length + elements.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(head, (uint)bytes);
        BinaryPrimitives.WriteUInt16LittleEndian(head[sizeof(uint)..], (ushort)Math.Min(count, ushort.MaxValue));
        Framed(head, elements, [ListpackEnd]);
    }

    /// <summary>Whole numbers in ascending order as the set of integers that they are in, a string of its own.</summary>
    public void Integers(scoped ReadOnlySpan<byte> numbers, int width)
    {
        Span<byte> head = stackalloc byte[RdbPackedWalk.IntegersHead];
        BinaryPrimitives.WriteInt32LittleEndian(head, width);
        BinaryPrimitives.WriteInt32LittleEndian(head[sizeof(int)..], numbers.Length / width);
        Framed(head, numbers, default);
    }

    /// <summary>A string in three parts.</summary>
    private void Framed(scoped ReadOnlySpan<byte> head, scoped ReadOnlySpan<byte> body, scoped ReadOnlySpan<byte> end)
    {
        var length = head.Length + body.Length + end.Length;
        if (MayCompress(length))
        {
            var whole = _packer.Room(length);
            head.CopyTo(whole);
            body.CopyTo(whole[head.Length..]);
            end.CopyTo(whole[(length - end.Length)..]);
            if (TryCompress(whole)) return;
        }
        Length(length);
        Sink.Write(head);
        Sink.Write(body);
        Sink.Write(end);
    }

    private readonly bool MayCompress(int length) => _compresses && length is > ShortMax and <= LzfPacker.SourceMax;

    private bool TryCompress(scoped ReadOnlySpan<byte> text)
    {
        const byte Compressed = 0xC3;
        if (!MayCompress(text.Length)) return false;
        var packed = _packer.Pack(text, text.Length - GainMin);
        if (packed.IsEmpty) return false;
        Byte(Compressed);
        Length(packed.Length);
        Length(text.Length);
        Sink.Write(packed);
        return true;
    }

    private void Plain(scoped ReadOnlySpan<byte> text)
    {
        Length(text.Length);
        Sink.Write(text);
    }

    private void ShortInteger(int number)
    {
        const byte Number8 = 0xC0, Number16 = 0xC1, Number32 = 0xC2;
        Span<byte> bytes = stackalloc byte[1 + sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes[1..], number);
        var width = number == (sbyte)number ? sizeof(sbyte) : number == (short)number ? sizeof(short) : sizeof(int);
        bytes[0] = width switch { sizeof(sbyte) => Number8, sizeof(short) => Number16, _ => Number32 };
        Sink.Write(bytes[..(1 + width)]);
    }

    private static int WriteLength(Span<byte> target, ulong length)
    {
        const byte TwoBytes = 0x40, FourBytes = 0x80, EightBytes = 0x81;
        switch (length)
        {
            case < 1 << 6:
                target[0] = (byte)length;
                return 1;
            case < 1 << 14:
                target[0] = (byte)(TwoBytes | length >> 8);
                target[1] = (byte)length;
                return 2;
            case <= uint.MaxValue:
                target[0] = FourBytes;
                BinaryPrimitives.WriteUInt32BigEndian(target[1..], (uint)length);
                return 1 + sizeof(uint);
            default:
                target[0] = EightBytes;
                BinaryPrimitives.WriteUInt64BigEndian(target[1..], length);
                return 1 + sizeof(long);
        }
    }
}

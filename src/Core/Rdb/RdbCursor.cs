using System.Buffers.Binary;
using Anax.Core.Structures;
using Anax.Core.Text;

namespace Anax.Core.Rdb;

// A length:    00xxxxxx | 01xxxxxx, x(8) | 10000000, x(32) | 10000001, x(64)            most significant first
// A string:    a length, bytes
//              11000000, 8 bits | 11000001, 16 bits | 11000010, 32 bits                 a number, signed, little endian
//              11000011, length when compressed, length, bytes                          see Lzf

/// <summary>A string as it lies in a payload: a number, bytes, or bytes that are compressed.</summary>
public readonly ref struct RdbString
{
    internal RdbString(long number) => Item = new PackedItem(number);

    internal RdbString(ReadOnlySpan<byte> bytes, int unpackedLength = 0)
    {
        Item = new PackedItem(bytes);
        UnpackedLength = unpackedLength;
    }

    /// <summary>The bytes as they lie there, or the number.</summary>
    public PackedItem Item { get; }

    public bool IsCompressed => UnpackedLength != 0;

    /// <summary>Of a compressed one: of the string. It is no more than its bytes can become.</summary>
    public int UnpackedLength { get; }
}

/// <summary>
/// Reads what files and payloads are made of from bytes that nobody has checked: each read says whether there was such a thing.
/// </summary>
public ref struct RdbCursor(ReadOnlySpan<byte> bytes, int at = 0)
{
    private const byte LongLength = 0x80, VeryLongLength = 0x81, Encoded = 0xC0;
    private const byte Number8 = 0xC0, Number16 = 0xC1, Number32 = 0xC2, Compressed = 0xC3;
    private const int ScoreTextMax = 252;

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int At { get; private set; } = at;

    public readonly int Left => _bytes.Length - At;

    public bool TryReadByte(out byte value)
    {
        value = Left > 0 ? _bytes[At] : (byte)0;
        if (Left == 0) return false;
        At++;
        return true;
    }

    public bool TryReadBytes(ulong count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (count > (ulong)Left) return false;
        bytes = _bytes.Slice(At, (int)count);
        At += (int)count;
        return true;
    }

    public bool TryReadLength(out ulong length)
    {
        length = 0;
        if (!TryReadByte(out var first) || first >= Encoded) return false;
        ReadOnlySpan<byte> more;
        switch (first)
        {
            case < 0x40:
                length = first;
                return true;
            case < 0x80:
                if (!TryReadByte(out var second)) return false;
                length = (ulong)(first & 0x3F) << 8 | second;
                return true;
            case LongLength when TryReadBytes(sizeof(uint), out more):
                length = BinaryPrimitives.ReadUInt32BigEndian(more);
                return true;
            case VeryLongLength when TryReadBytes(sizeof(ulong), out more):
                length = BinaryPrimitives.ReadUInt64BigEndian(more);
                return true;
            default:
                return false;
        }
    }

    public bool TryReadString(out RdbString text)
    {
        text = default;
        if (Left == 0) return false;
        ReadOnlySpan<byte> bytes;
        if (_bytes[At] < Encoded)
        {
            if (!TryReadLength(out var length) || !TryReadBytes(length, out bytes)) return false;
            text = new RdbString(bytes);
            return true;
        }
        switch (_bytes[At++])
        {
            case Number8 when TryReadBytes(sizeof(sbyte), out bytes):
                text = new RdbString((sbyte)bytes[0]);
                return true;
            case Number16 when TryReadBytes(sizeof(short), out bytes):
                text = new RdbString(BinaryPrimitives.ReadInt16LittleEndian(bytes));
                return true;
            case Number32 when TryReadBytes(sizeof(int), out bytes):
                text = new RdbString(BinaryPrimitives.ReadInt32LittleEndian(bytes));
                return true;
            case Compressed when TryReadLength(out var packed) && TryReadLength(out var length) && TryReadBytes(packed, out bytes):
                if (length > int.MaxValue || !Lzf.MayBecome(bytes.Length, length)) return false;
                text = new RdbString(bytes, (int)length);
                return true;
            default:
                return false;
        }
    }

    /// <summary>A number of 8 bytes: a time in milliseconds.</summary>
    public bool TryReadLong(out long number)
    {
        var isThere = TryReadBytes(sizeof(long), out var bytes);
        number = isThere ? BinaryPrimitives.ReadInt64LittleEndian(bytes) : 0;
        return isThere;
    }

    public bool TryReadDouble(out double number)
    {
        var isThere = TryReadLong(out var bits);
        number = BitConverter.Int64BitsToDouble(bits);
        return isThere;
    }

    /// <summary>A score as old versions wrote it: a length and a text, or a mark for what is no number of finite size.</summary>
    public bool TryReadTextDouble(out double number)
    {
        number = 0;
        if (!TryReadByte(out var length)) return false;
        number = length switch { 253 => double.NaN, 254 => double.PositiveInfinity, 255 => double.NegativeInfinity, _ => 0 };
        return length > ScoreTextMax || TryReadBytes(length, out var text) && Numbers.TryParseDouble(text, out number);
    }
}

using System.Buffers.Binary;
using Anax.Core.Text;

namespace Anax.Core.Structures;

// A sequence of elements one behind the other, each so (the elements of Redis's listpack, see "listpack specification" by
// Salvatore Sanfilippo; without its header and its end mark):
//
//     | kind and number or length | bytes of a string | length of both, to be read from the right |
//
//     0xxxxxxx                       number 0 … 127
//     10xxxxxx                       string of up to 63 bytes
//     110xxxxx x(8)                  number of 13 bits, signed
//     1110xxxx x(8)                  string of up to 4095 bytes
//     11110000 x(32)                 string, little endian length
//     11110001 … 11110100            number of 16, 24, 32, 64 bits, little endian, signed
//
// The length at the end has seven bits a byte, most significant first; all bytes but the first have their top bit set.
// A text that is a whole number in its only spelling always lies as a number in its shortest form, so equal elements have
// equal bytes.

/// <summary>Reading and writing sequences of packed elements. Positions are offsets of elements; the end is the length.</summary>
public static class Packed
{
    /// <summary>An element's bytes beside its string, at most.</summary>
    public const int OverheadMax = 10;

    private const int HeaderMax = 9;

    // ---- size ----

    /// <summary>Bytes that a text takes as an element.</summary>
    public static int SizeOf(ReadOnlySpan<byte> text)
    {
        if (text.Length <= Numbers.LongTextMax && Numbers.TryParseLong(text, out var number)) return SizeOf(number);
        var length = HeaderOf(text.Length) + text.Length;
        return length + BackLengthBytes(length);
    }

    /// <summary>Bytes that a number takes as an element; lengths of numbers are told in one byte.</summary>
    public static int SizeOf(long number) => NumberBytes(number) + 1;

    public static int SizeOf(PackedItem item) => item.IsInteger ? SizeOf(item.Number) : SizeOf(item.Bytes);

    // ---- read ----

    /// <summary>The element at a position; next is the position behind it.</summary>
    public static PackedItem Read(ReadOnlySpan<byte> sequence, int at, out int next)
    {
        var kind = sequence[at];
        if (kind < 0x80)
        {
            next = at + 2;
            return new PackedItem(kind);
        }
        if (kind < 0xC0)
        {
            var length = kind & 0x3F;
            next = at + 2 + length;
            return new PackedItem(sequence.Slice(at + 1, length));
        }
        return ReadLonger(sequence, at, kind, out next);
    }

    private static PackedItem ReadLonger(ReadOnlySpan<byte> sequence, int at, byte kind, out int next)
    {
        if (kind is >= 0xE0 and <= 0xF0)
        {
            var header = kind == 0xF0 ? 5 : 2;
            var length = StringLengthAt(sequence, at, kind);
            next = at + header + length + BackLengthBytes(header + length);
            return new PackedItem(sequence.Slice(at + header, length));
        }
        var bytes = NumberBytesOf(kind);
        next = at + bytes + 1;
        var rest = sequence.Slice(at + 1, bytes - 1);
        return new PackedItem(kind switch
        {
            < 0xE0 => ((kind & 0x1F) << 8 | rest[0]) << 19 >> 19,
            0xF1 => BinaryPrimitives.ReadInt16LittleEndian(rest),
            0xF2 => (rest[0] | rest[1] << 8 | rest[2] << 16) << 8 >> 8,
            0xF3 => BinaryPrimitives.ReadInt32LittleEndian(rest),
            _ => BinaryPrimitives.ReadInt64LittleEndian(rest),
        });
    }

    /// <summary>The position behind the element at a position.</summary>
    public static int Next(ReadOnlySpan<byte> sequence, int at)
    {
        var kind = sequence[at];
        if (kind < 0x80) return at + 2;
        if (kind < 0xC0) return at + 2 + (kind & 0x3F);
        if (kind is < 0xE0 or > 0xF0) return at + NumberBytesOf(kind) + 1;
        var length = (kind == 0xF0 ? 5 : 2) + StringLengthAt(sequence, at, kind);
        return at + length + BackLengthBytes(length);
    }

    /// <summary>The position so many elements further on; the end when there are fewer.</summary>
    public static int Skip(ReadOnlySpan<byte> sequence, int at, int elements)
    {
        for (; elements > 0 && at < sequence.Length; elements--) at = Next(sequence, at);
        return at;
    }

    /// <summary>The position of the element before a position that is not 0.</summary>
    public static int Previous(ReadOnlySpan<byte> sequence, int at)
    {
        var length = BackLengthAt(sequence, at, out var bytes);
        return at - bytes - length;
    }

    /// <summary>
    /// The position of the first element with this text among every so-manieth from a position on; -1 when none has it.
    /// </summary>
    public static int Find(ReadOnlySpan<byte> sequence, int at, ReadOnlySpan<byte> text, int stride)
    {
        Span<byte> header = stackalloc byte[HeaderMax];
        header = header[..WriteHeader(header, text, out var payload)];
        while (at < sequence.Length)
        {
            var here = sequence[at..];
            if (here[0] == header[0] && here.StartsWith(header) && here[header.Length..].StartsWith(payload)) return at;
            at = Skip(sequence, at, stride);
        }
        return -1;
    }

    /// <summary>How many elements there are from a position on.</summary>
    public static int Count(ReadOnlySpan<byte> sequence, int at = 0)
    {
        var count = 0;
        for (; at < sequence.Length; at = Next(sequence, at)) count++;
        return count;
    }

    /// <summary>Is it a whole sequence, every element inside and every back length right? For bytes from outside.</summary>
    public static bool IsValid(ReadOnlySpan<byte> sequence, out int count)
    {
        count = 0;
        for (var at = 0; at < sequence.Length; count++)
            if (!TryNext(sequence, at, out at)) return false;
        return true;
    }

    /// <summary>As <see cref="Next"/>, in bytes from outside: false where there is no whole element with the right back length.</summary>
    public static bool TryNext(ReadOnlySpan<byte> sequence, int at, out int next)
    {
        next = at;
        if (at >= sequence.Length) return false;
        var kind = sequence[at];
        if (kind > 0xF4) return false;
        var isString = kind is >= 0x80 and < 0xC0 or >= 0xE0 and <= 0xF0;
        var header = kind == 0xF0 ? 5 : kind is >= 0xE0 and < 0xF0 ? 2 : isString ? 1 : NumberBytesOf(kind);
        var left = sequence.Length - at;
        if (left < header + 1) return false;
        long length = header;
        if (isString) length += kind < 0xC0 ? kind & 0x3F : (uint)StringLengthAt(sequence, at, kind);
        if (length > int.MaxValue - OverheadMax || length + BackLengthBytes((int)length) > left) return false;
        var end = at + (int)length + BackLengthBytes((int)length);
        if (BackLengthAt(sequence, end, out var backBytes) != length || end - backBytes != at + length) return false;
        next = end;
        return true;
    }

    // ---- write ----

    /// <summary>Writes a text as an element, as a number where it is one; returns its bytes, <see cref="SizeOf(ReadOnlySpan{byte})"/>.</summary>
    public static int Write(Span<byte> target, ReadOnlySpan<byte> text)
    {
        var header = WriteHeader(target, text, out var payload);
        payload.CopyTo(target[header..]);
        var length = header + payload.Length;
        return length + WriteBackLength(target[length..], length);
    }

    public static int Write(Span<byte> target, long number)
    {
        var length = WriteNumber(target, number);
        target[length] = (byte)length;
        return length + 1;
    }

    public static int Write(Span<byte> target, PackedItem item) =>
        item.IsInteger ? Write(target, item.Number) : Write(target, item.Bytes);

    /// <summary>What an element with this text begins with, and the bytes that follow.</summary>
    private static int WriteHeader(Span<byte> target, ReadOnlySpan<byte> text, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (text.Length <= Numbers.LongTextMax && Numbers.TryParseLong(text, out var number)) return WriteNumber(target, number);
        payload = text;
        switch (text.Length)
        {
            case < 64:
                target[0] = (byte)(0x80 | text.Length);
                return 1;
            case < 4096:
                target[0] = (byte)(0xE0 | text.Length >> 8);
                target[1] = (byte)text.Length;
                return 2;
            default:
                target[0] = 0xF0;
                BinaryPrimitives.WriteInt32LittleEndian(target[1..], text.Length);
                return 5;
        }
    }

    private static int WriteNumber(Span<byte> target, long number)
    {
        var bytes = NumberBytes(number);
        switch (bytes)
        {
            case 1:
                target[0] = (byte)number;
                break;
            case 2:
                target[0] = (byte)(0xC0 | number >> 8 & 0x1F);
                target[1] = (byte)number;
                break;
            default:
                target[0] = (byte)(bytes == 9 ? 0xF4 : 0xF1 + bytes - 3);
                for (var i = 1; i < bytes; i++) target[i] = (byte)(number >> (8 * (i - 1)));
                break;
        }
        return bytes;
    }

    private static int WriteBackLength(Span<byte> target, int length)
    {
        var bytes = BackLengthBytes(length);
        for (var i = 0; i < bytes; i++)
            target[i] = (byte)(length >> (7 * (bytes - 1 - i)) & 0x7F | (i == 0 ? 0 : 0x80));
        return bytes;
    }

    // ---- lengths ----

    private static int HeaderOf(int length) => length < 64 ? 1 : length < 4096 ? 2 : 5;

    /// <summary>A length of just 7, 14, … bits takes a byte more than it need from two bytes on: so the format has it.</summary>
    private static int BackLengthBytes(int length) => length switch
    {
        < 1 << 7 => 1,
        < (1 << 14) - 1 => 2,
        < (1 << 21) - 1 => 3,
        < (1 << 28) - 1 => 4,
        _ => 5,
    };

    /// <summary>The length that is told by the bytes before a position.</summary>
    private static int BackLengthAt(ReadOnlySpan<byte> sequence, int end, out int bytes)
    {
        const int BytesMax = 5;
        var length = 0;
        bytes = 0;
        for (byte part = 0x80; (part & 0x80) != 0 && bytes < Math.Min(BytesMax, end); bytes++)
        {
            part = sequence[end - 1 - bytes];
            length |= (part & 0x7F) << (7 * bytes);
        }
        return length;
    }

    private static int NumberBytes(long number) => number switch
    {
        >= 0 and <= 127 => 1,
        >= -4096 and <= 4095 => 2,
        >= short.MinValue and <= short.MaxValue => 3,
        >= -(1 << 23) and < 1 << 23 => 4,
        >= int.MinValue and <= int.MaxValue => 5,
        _ => 9,
    };

    private static int NumberBytesOf(byte kind) => kind < 0x80 ? 1 : kind < 0xE0 ? 2 : kind == 0xF4 ? 9 : kind - 0xF1 + 3;

    private static int StringLengthAt(ReadOnlySpan<byte> sequence, int at, byte kind) =>
        kind == 0xF0 ? BinaryPrimitives.ReadInt32LittleEndian(sequence[(at + 1)..]) : (kind & 0x0F) << 8 | sequence[at + 1];
}

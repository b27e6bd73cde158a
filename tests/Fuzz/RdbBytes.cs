using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Anax.Core.Rdb;
using Anax.Core.Structures;
using Anax.Core.Text;

namespace Anax.Tests.Fuzz;

/// <summary>
/// Puts values together as servers of all ages write them, from the descriptions of the formats. Texts are Latin-1; a whole
/// number is packed as one where the format can, unless it is given as a string.
/// </summary>
public sealed class RdbBytes
{
    /// <summary>What a payload has behind its value.</summary>
    public const int FooterBytes = DumpFooter.Bytes;

    private readonly List<byte> _bytes = [];

    public RdbBytes(byte type) => _bytes.Add(type);

    public byte[] ToArray() => [.. _bytes];

    public RdbBytes Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public RdbBytes Length(long length)
    {
        if (length < 0) return LongLength((ulong)length);
        if (length < 64) return Raw((byte)length);
        if (length < 16384) return Raw((byte)(0x40 | length >> 8), (byte)length);
        var bytes = new byte[5];
        bytes[0] = 0x80;
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(1), (uint)length);
        return length <= uint.MaxValue ? Raw(bytes) : LongLength((ulong)length);
    }

    /// <summary>A length of 8 bytes, however small it is.</summary>
    public RdbBytes LongLength(ulong length)
    {
        var bytes = new byte[9];
        bytes[0] = 0x81;
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(1), length);
        return Raw(bytes);
    }

    /// <summary>The id of a stream's entry in 16 bytes.</summary>
    public RdbBytes Id(ulong ms, ulong sequence)
    {
        var bytes = new byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ms);
        BinaryPrimitives.WriteUInt64BigEndian(bytes.AsSpan(8), sequence);
        return Raw(bytes);
    }

    /// <summary>A string as it is.</summary>
    public RdbBytes Text(string text) => Text(Encoding.Latin1.GetBytes(text));

    public RdbBytes Text(byte[] bytes) => Length(bytes.Length).Raw(bytes);

    /// <summary>A string that is compressed, however much that gains.</summary>
    public RdbBytes Compressed(byte[] bytes)
    {
        using var packer = new LzfPacker();
        byte[] packed = packer.Pack(bytes, 2 * bytes.Length + 10).ToArray();
        return Raw(0xC3).Length(packed.Length).Length(bytes.Length).Raw(packed);
    }

    public RdbBytes Long(long number)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        return Raw(bytes);
    }

    public RdbBytes Double(double number) => Long(BitConverter.DoubleToInt64Bits(number));

    /// <summary>The value with a footer, as DUMP of a server of this version would give it.</summary>
    public static byte[] Payload(byte[] value, int version = RdbVersion.Written)
    {
        byte[] payload = [.. value, (byte)version, (byte)(version >> 8), .. new byte[sizeof(ulong)]];
        BinaryPrimitives.WriteUInt64LittleEndian(payload.AsSpan(payload.Length - sizeof(ulong)), Crc64.Compute(payload.AsSpan(..^sizeof(ulong))));
        return payload;
    }

    // ---- what strings hold ----

    public static byte[] Listpack(params object[] items)
    {
        var elements = new List<byte>();
        var element = new byte[1 << 17];
        foreach (object item in items)
        {
            int length = item is string text ? Packed.Write(element, Encoding.Latin1.GetBytes(text))
                : Packed.Write(element, Convert.ToInt64(item, CultureInfo.InvariantCulture));
            elements.AddRange(element.AsSpan(0, length));
        }
        return [.. Number32(7 + elements.Count), (byte)items.Length, (byte)(items.Length >> 8), .. elements, 0xFF];
    }

    public static byte[] Ziplist(params object[] items)
    {
        var entries = new List<byte>();
        int before = 0, last = 10;
        foreach (object item in items)
        {
            last = 10 + entries.Count;
            byte[] entry = [.. Short(before), .. item is string text ? ZiplistText(text) : ZiplistNumber(Convert.ToInt64(item, CultureInfo.InvariantCulture))];
            before = entry.Length;
            entries.AddRange(entry);
        }
        return [.. Number32(11 + entries.Count), .. Number32(last), (byte)items.Length, (byte)(items.Length >> 8), .. entries, 0xFF];
    }

    private static byte[] ZiplistText(string text)
    {
        byte[] bytes = Encoding.Latin1.GetBytes(text);
        int length = bytes.Length;
        byte[] head = length < 64 ? [(byte)length] : length < 16384 ? [(byte)(0x40 | length >> 8), (byte)length]
            : [0x80, (byte)(length >> 24), (byte)(length >> 16), (byte)(length >> 8), (byte)length];
        return [.. head, .. bytes];
    }

    private static byte[] ZiplistNumber(long number)
    {
        byte[] bytes = BitConverter.GetBytes(number);
        return number switch
        {
            >= 0 and <= 12 => [(byte)(0xF1 + number)],
            >= sbyte.MinValue and <= sbyte.MaxValue => [0xFE, bytes[0]],
            >= short.MinValue and <= short.MaxValue => [0xC0, .. bytes[..2]],
            >= -(1 << 23) and < 1 << 23 => [0xF0, .. bytes[..3]],
            >= int.MinValue and <= int.MaxValue => [0xD0, .. bytes[..4]],
            _ => [0xE0, .. bytes],
        };
    }

    /// <summary>Of keys and values by turns; each value has so many unused bytes behind it.</summary>
    public static byte[] Zipmap(int unused, params string[] items)
    {
        var entries = new List<byte>();
        for (int i = 0; i < items.Length; i++)
        {
            byte[] bytes = Encoding.Latin1.GetBytes(items[i]);
            entries.AddRange(Short(bytes.Length));
            if (i % 2 == 1) entries.Add((byte)unused);
            entries.AddRange(bytes);
            if (i % 2 == 1) entries.AddRange(new byte[unused]);
        }
        return [(byte)Math.Min(254, items.Length / 2), .. entries, 0xFF];
    }

    public static byte[] Integers(int width, params long[] numbers) =>
        [.. Number32(width), .. Number32(numbers.Length), .. numbers.SelectMany(n => BitConverter.GetBytes(n)[..width])];

    private static byte[] Short(int length) => length < 254 ? [(byte)length] : [0xFE, .. Number32(length)];

    private static byte[] Number32(int number) => BitConverter.GetBytes(number);
}

using System.Buffers.Binary;
using Anax.Core.Text;

namespace Anax.Scripting;

// Per library the byte 0xF5 and its code as a string of an RDB file; then the file's version and a CRC-64 of all before:
//
//     | F5 | length | code … | F5 | … | version, 2 bytes | CRC-64, 8 bytes |

/// <summary>The payload of FUNCTION DUMP and RESTORE.</summary>
internal static class FunctionDump
{
    private const byte LibraryCode = 0xF5, EarlyLibraryCode = 0xF6;
    private const int Version = 80, ForeignVersionMin = 12, ForeignVersionMax = 79, VersionBytes = 2, ChecksumBytes = 8;
    private const int FooterBytes = VersionBytes + ChecksumBytes;
    private const byte LongLength = 0x80, VeryLongLength = 0x81, Encoded = 0xC0, Compressed = 0xC3;

    internal static byte[] Write(IReadOnlyList<Library> libraries)
    {
        using var payload = new MemoryStream();
        Span<byte> number = stackalloc byte[ChecksumBytes];
        foreach (Library library in libraries)
        {
            payload.WriteByte(LibraryCode);
            payload.WriteByte(LongLength);
            BinaryPrimitives.WriteInt32BigEndian(number, library.Code.Length);
            payload.Write(number[..sizeof(int)]);
            payload.Write(library.Code);
        }
        BinaryPrimitives.WriteUInt16LittleEndian(number, Version);
        payload.Write(number[..VersionBytes]);
        BinaryPrimitives.WriteUInt64LittleEndian(number, Crc64.Compute(payload.GetBuffer().AsSpan(0, (int)payload.Length)));
        payload.Write(number);
        return payload.ToArray();
    }

    internal static bool IsValid(ReadOnlySpan<byte> payload)
    {
        if (payload.Length < FooterBytes) return false;
        int version = BinaryPrimitives.ReadUInt16LittleEndian(payload[^FooterBytes..]);
        if (version is > Version or >= ForeignVersionMin and <= ForeignVersionMax) return false;
        return Crc64.Compute(payload[..^ChecksumBytes]) == BinaryPrimitives.ReadUInt64LittleEndian(payload[^ChecksumBytes..]);
    }

    /// <summary>The libraries' codes up to the first that cannot be read, for which there is an error.</summary>
    internal static List<byte[]> Read(ReadOnlySpan<byte> payload, out string? error)
    {
        var codes = new List<byte[]>();
        error = null;
        for (ReadOnlySpan<byte> rest = payload[..^FooterBytes]; !rest.IsEmpty && error is null;)
        {
            byte type = rest[0];
            rest = rest[1..];
            if (type == EarlyLibraryCode) error = "Pre-GA function format not supported";
            else if (type != LibraryCode) error = "given type is not a function";
            else if (TryReadString(ref rest) is { } code) codes.Add(code);
            else error = "Failed loading library payload";
        }
        return codes;
    }

    private static byte[]? TryReadString(ref ReadOnlySpan<byte> rest)
    {
        if (!rest.IsEmpty && rest[0] == Compressed)
        {
            rest = rest[1..];
            if (!TryReadLength(ref rest, out int packed) || !TryReadLength(ref rest, out int length) || packed > rest.Length) return null;
            byte[]? unpacked = Lzf.Decompress(rest[..packed], length);
            rest = rest[packed..];
            return unpacked;
        }
        if (!TryReadLength(ref rest, out int count) || count > rest.Length) return null;
        byte[] bytes = rest[..count].ToArray();
        rest = rest[count..];
        return bytes;
    }

    private static bool TryReadLength(ref ReadOnlySpan<byte> rest, out int length)
    {
        length = 0;
        if (rest.IsEmpty) return false;
        byte first = rest[0];
        int bytes = first < 0x40 ? 1 : first < 0x80 ? 2 : first == LongLength ? 5 : first == VeryLongLength ? 9 : 0;
        if (bytes == 0 || first >= Encoded || rest.Length < bytes) return false;
        long value = bytes switch
        {
            1 => first,
            2 => (first & 0x3F) << 8 | rest[1],
            5 => BinaryPrimitives.ReadUInt32BigEndian(rest[1..]),
            _ => BinaryPrimitives.ReadInt64BigEndian(rest[1..]),
        };
        rest = rest[bytes..];
        length = (int)Math.Min(value, int.MaxValue);
        return value is >= 0 and < int.MaxValue;
    }
}

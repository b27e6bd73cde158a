using System.Buffers.Binary;
using Anax.Core.Rdb;
using Anax.Core.Text;

namespace Anax.Scripting;

// Per library the byte 0xF5 and its code as a string of an RDB file; then the footer of a dumped value:
//
//     | F5 | length | code … | F5 | … | version, 2 bytes | CRC-64, 8 bytes |

/// <summary>The payload of FUNCTION DUMP and RESTORE.</summary>
internal static class FunctionDump
{
    private const byte LibraryCode = 0xF5, EarlyLibraryCode = 0xF6;
    private const byte LongLength = 0x80;

    internal static byte[] Write(IReadOnlyList<Library> libraries)
    {
        using var payload = new MemoryStream();
        Span<byte> number = stackalloc byte[DumpFooter.Bytes];
        foreach (Library library in libraries)
        {
            payload.WriteByte(LibraryCode);
            payload.WriteByte(LongLength);
            BinaryPrimitives.WriteInt32BigEndian(number, library.Code.Length);
            payload.Write(number[..sizeof(int)]);
            payload.Write(library.Code);
        }
        DumpFooter.Write(number, Crc64.Compute(payload.GetBuffer().AsSpan(0, (int)payload.Length)));
        payload.Write(number);
        return payload.ToArray();
    }

    internal static bool IsValid(ReadOnlySpan<byte> payload, bool isRelaxed) =>
        DumpFooter.TryReadVersion(payload, isRelaxed, out _) && DumpFooter.Matches(payload, Crc64.Compute(DumpFooter.CheckedPart(payload)));

    /// <summary>The libraries' codes up to the first that cannot be read, for which there is an error.</summary>
    internal static List<byte[]> Read(ReadOnlySpan<byte> payload, out string? error)
    {
        var codes = new List<byte[]>();
        var cursor = new RdbCursor(payload[..^DumpFooter.Bytes]);
        for (error = null; error is null && cursor.TryReadByte(out byte type);)
        {
            if (type == EarlyLibraryCode) error = "Pre-GA function format not supported";
            else if (type != LibraryCode) error = "given type is not a function";
            else if (TryReadCode(ref cursor) is { } code) codes.Add(code);
            else error = "Failed loading library payload";
        }
        return codes;
    }

    private static byte[]? TryReadCode(ref RdbCursor cursor)
    {
        if (!cursor.TryReadString(out RdbString text) || text.Item.IsInteger) return null;
        if (!text.IsCompressed) return text.Item.Bytes.ToArray();
        var code = new byte[text.UnpackedLength];
        return Lzf.TryDecompress(text.Item.Bytes, code) ? code : null;
    }
}

using System.Buffers.Binary;
using Anax.Core.Text;

namespace Anax.Core.Rdb;

/// <summary>What DUMP puts behind a value, so that RESTORE may trust it: 2 bytes of version, and 8 of CRC-64 of all before.</summary>
public static class DumpFooter
{
    public const int Bytes = VersionBytes + ChecksumBytes;

    private const int VersionBytes = sizeof(ushort), ChecksumBytes = sizeof(ulong);

    /// <summary>Writes the footer of a payload that has this checksum.</summary>
    public static void Write(Span<byte> footer, ulong checksum)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(footer, RdbVersion.Written);
        checksum = Crc64.Continue(checksum, footer[..VersionBytes]);
        BinaryPrimitives.WriteUInt64LittleEndian(footer[VersionBytes..], checksum);
    }

    /// <summary>Bytes that the checksum covers; of a payload that is long enough.</summary>
    public static ReadOnlySpan<byte> CheckedPart(ReadOnlySpan<byte> payload) => payload[..^ChecksumBytes];

    /// <summary>The version of a payload that may be read, by its version only.</summary>
    public static bool TryReadVersion(ReadOnlySpan<byte> payload, bool isRelaxed, out int version)
    {
        version = 0;
        if (payload.Length < Bytes) return false;
        version = BinaryPrimitives.ReadUInt16LittleEndian(payload[^Bytes..]);
        return RdbVersion.IsRead(version, isRelaxed);
    }

    /// <summary>Is this the checksum that stands at the end of a payload?</summary>
    public static bool Matches(ReadOnlySpan<byte> payload, ulong checksum) =>
        BinaryPrimitives.ReadUInt64LittleEndian(payload[^ChecksumBytes..]) == checksum;
}

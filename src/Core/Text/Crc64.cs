using System.Buffers.Binary;

namespace Anax.Core.Text;

/// <summary>
/// CRC-64 as Redis's files and payloads have it (Jones' polynomial, reflected, begun with zero). Eight bytes a step: the tables
/// say what each of them has become when the others have passed.
/// </summary>
public static class Crc64
{
    private const ulong Polynomial = 0x95AC9329AC4BC9B5;
    private const int Step = 8, Values = 256;

    private static readonly ulong[] Tables = MakeTables();

    public static ulong Compute(ReadOnlySpan<byte> bytes) => Continue(0, bytes);

    /// <summary>The checksum of some bytes, of which this is the checksum, and those behind them.</summary>
    public static ulong Continue(ulong crc, ReadOnlySpan<byte> bytes)
    {
        var tables = Tables;
        for (; bytes.Length >= Step; bytes = bytes[Step..])
        {
            crc ^= BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            crc = tables[7 * Values + (byte)crc] ^ tables[6 * Values + (byte)(crc >> 8)]
                ^ tables[5 * Values + (byte)(crc >> 16)] ^ tables[4 * Values + (byte)(crc >> 24)]
                ^ tables[3 * Values + (byte)(crc >> 32)] ^ tables[2 * Values + (byte)(crc >> 40)]
                ^ tables[Values + (byte)(crc >> 48)] ^ tables[crc >> 56];
        }
        foreach (var value in bytes) crc = tables[(byte)crc ^ value] ^ crc >> 8;
        return crc;
    }

    private static ulong[] MakeTables()
    {
        var tables = new ulong[Step * Values];
        for (var i = 0; i < Values; i++)
        {
            var crc = (ulong)i;
            for (var bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ Polynomial : crc >> 1;
            tables[i] = crc;
        }
        for (var i = Values; i < tables.Length; i++) tables[i] = tables[(byte)tables[i - Values]] ^ tables[i - Values] >> 8;
        return tables;
    }
}

namespace Anax.Core.Text;

/// <summary>CRC-64 as Redis's files and payloads have it (Jones' polynomial, reflected, begun with zero).</summary>
public static class Crc64
{
    private const ulong Polynomial = 0x95AC9329AC4BC9B5;

    private static readonly ulong[] Table = MakeTable();

    public static ulong Compute(ReadOnlySpan<byte> bytes)
    {
        ulong crc = 0;
        foreach (byte value in bytes) crc = Table[(byte)crc ^ value] ^ crc >> 8;
        return crc;
    }

    private static ulong[] MakeTable()
    {
        var table = new ulong[256];
        for (int i = 0; i < table.Length; i++)
        {
            ulong crc = (ulong)i;
            for (int bit = 0; bit < 8; bit++) crc = (crc & 1) != 0 ? crc >> 1 ^ Polynomial : crc >> 1;
            table[i] = crc;
        }
        return table;
    }
}

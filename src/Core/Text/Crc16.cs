namespace Anax.Core.Text;

/// <summary>
/// CRC-16 (XMODEM), and what Redis Cluster derives from it: the hash slot of a key and the tag inside a key.
/// </summary>
public static class Crc16
{
    public const int HashSlots = 16384;

    private const ushort Polynomial = 0x1021;

    private static readonly ushort[] Table = MakeTable();

    public static ushort Compute(ReadOnlySpan<byte> bytes)
    {
        ushort crc = 0;
        foreach (var value in bytes) crc = (ushort)((crc << 8) ^ Table[(crc >> 8) ^ value]);
        return crc;
    }

    public static ushort HashSlotOf(ReadOnlySpan<byte> key) =>
        (ushort)(Compute(HashTag(key)) & (HashSlots - 1));

    /// <summary>
    /// What stands between the first brace and the next closing one, when that is not empty; else the key.
    /// </summary>
    public static ReadOnlySpan<byte> HashTag(ReadOnlySpan<byte> key)
    {
        var open = key.IndexOf((byte)'{');
        if (open < 0) return key;
        var inside = key[(open + 1)..];
        var close = inside.IndexOf((byte)'}');
        return close <= 0 ? key : inside[..close];
    }

    private static ushort[] MakeTable()
    {
        var table = new ushort[256];
        for (var value = 0; value < table.Length; value++)
        {
            var crc = (ushort)(value << 8);
            for (var bit = 0; bit < 8; bit++)
                crc = (ushort)((crc & 0x8000) != 0 ? (crc << 1) ^ Polynomial : crc << 1);
            table[value] = crc;
        }
        return table;
    }
}

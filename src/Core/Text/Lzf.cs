namespace Anax.Core.Text;

// A control byte below 32 is followed by so many literals and one. Else its upper three bits are a length, 7 being followed by
// a byte to add, and its lower five with the next byte the distance back, less one; two bytes more than the length are copied.

/// <summary>Reads what LibLZF has compressed, as Redis's files and payloads have it.</summary>
public static class Lzf
{
    private const int LiteralMax = 32, LongLength = 7, MatchMin = 2;

    /// <summary>The bytes, of which there must be so many; null where the input is damaged.</summary>
    public static byte[]? Decompress(ReadOnlySpan<byte> source, int length)
    {
        // Nothing expands further than a byte of length does.
        if (length > (long)source.Length * (byte.MaxValue + LongLength + MatchMin)) return null;
        var target = new byte[length];
        int written = 0;
        for (int at = 0; at < source.Length;)
        {
            int control = source[at++];
            if (control < LiteralMax)
            {
                int literals = control + 1;
                if (at + literals > source.Length || written + literals > length) return null;
                source.Slice(at, literals).CopyTo(target.AsSpan(written));
                at += literals;
                written += literals;
                continue;
            }
            int count = control >> 5;
            if (count == LongLength)
            {
                if (at >= source.Length) return null;
                count += source[at++];
            }
            if (at >= source.Length) return null;
            int from = written - ((control & 0x1F) << 8) - source[at++] - 1;
            count += MatchMin;
            if (from < 0 || written + count > length) return null;
            // Byte by byte: a match may overlap what it makes.
            for (; count > 0; count--) target[written++] = target[from++];
        }
        return written == length ? target : null;
    }
}

namespace Anax.Core.Text;

// A control byte below 32 is followed by so many literals and one. Else its upper three bits are a length, 7 being followed by
// a byte to add, and its lower five with the next byte the distance back, less one; two bytes more than the length are copied.

/// <summary>Reads what LibLZF has compressed, as Redis's files and payloads have it.</summary>
public static class Lzf
{
    internal const int LiteralMax = 32, LongLength = 7, MatchMin = 2, DistanceMax = 1 << 13;

    /// <summary>Three bytes give so many at most, fewer give less.</summary>
    internal const int MatchMax = byte.MaxValue + LongLength + MatchMin;

    private const int LongMatchBytes = 3;

    /// <summary>Could so many bytes become as many? What a payload claims is believed no further.</summary>
    public static bool MayBecome(int packed, ulong length) =>
        packed > 0 && length > 0 && length <= (ulong)packed * (MatchMax / LongMatchBytes);

    /// <summary>Fills the target with just the bytes that the source stands for; false where it is damaged.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        int at = 0, written = 0;
        return TryDecompress(source, target, ref at, ref written, int.MaxValue) && written == target.Length;
    }

    /// <summary>
    /// As the other, from a place in the source and one in the target on, which are moved, until about so many bytes were written
    /// or the source has ended. False where it is damaged.
    /// </summary>
    internal static bool TryDecompress(ReadOnlySpan<byte> source, Span<byte> target, ref int at, ref int written, int budget)
    {
        var enough = (int)Math.Min((long)written + budget, target.Length);
        while (at < source.Length && (written < enough || enough == target.Length))
        {
            int control = source[at++];
            if (control < LiteralMax)
            {
                var literals = control + 1;
                if (literals > source.Length - at || literals > target.Length - written) return false;
                source.Slice(at, literals).CopyTo(target[written..]);
                at += literals;
                written += literals;
                continue;
            }
            var count = control >> 5;
            if (count == LongLength)
            {
                if (at >= source.Length) return false;
                count += source[at++];
            }
            if (at >= source.Length) return false;
            var from = written - ((control & 0x1F) << 8) - source[at++] - 1;
            count += MatchMin;
            if (from < 0 || count > target.Length - written) return false;
            Copy(target, from, written, count);
            written += count;
        }
        return true;
    }

    private static void Copy(Span<byte> target, int from, int to, int count)
    {
        // A match may overlap what it makes: then it is a pattern, of which each copy makes as much again.
        for (int piece; count > 0; count -= piece, to += piece)
        {
            piece = Math.Min(count, to - from);
            target.Slice(from, piece).CopyTo(target[to..]);
        }
    }
}

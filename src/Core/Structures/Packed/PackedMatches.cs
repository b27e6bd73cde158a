namespace Anax.Core.Structures;

/// <summary>All elements with one text in a sequence of packed ones.</summary>
internal static class PackedMatches
{
    public static int Count(ReadOnlySpan<byte> sequence, scoped ReadOnlySpan<byte> text)
    {
        var count = 0;
        for (var at = Packed.Find(sequence, 0, text, 1); at >= 0; at = FindNext(sequence, at, text)) count++;
        return count;
    }

    /// <summary>
    /// Takes so many of them out, after so many that stay, and moves the rest together; returns the bytes that are left.
    /// </summary>
    public static int Remove(Span<byte> sequence, scoped ReadOnlySpan<byte> text, int skipped, int removed)
    {
        var at = Packed.Find(sequence, 0, text, 1);
        for (; skipped > 0; skipped--) at = FindNext(sequence, at, text);
        var target = at;
        for (; removed > 0; removed--)
        {
            var next = Packed.Next(sequence, at);
            at = removed == 1 ? sequence.Length : FindNext(sequence, at, text);
            sequence[next..at].CopyTo(sequence[target..]);
            target += at - next;
        }
        return target;
    }

    private static int FindNext(ReadOnlySpan<byte> sequence, int at, scoped ReadOnlySpan<byte> text) =>
        Packed.Find(sequence, Packed.Next(sequence, at), text, 1);
}

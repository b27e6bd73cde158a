namespace Anax.Plots;

/// <summary>
/// How wide a text is at most. A chart is laid out without the reader's fonts, so the widths are those of DejaVu Sans,
/// the widest of the stack that <see cref="SvgWriter"/> names: what fits by this fits by the others.
/// </summary>
internal static class TextWidth
{
    private const char FirstListed = ' ';
    private const int OtherWidth = 100;

    /// <summary>Bold letters of the same font are at most so much wider.</summary>
    private const double BoldFactor = 1.27;

    /// <summary>From the space to the tilde, in hundredths of the font's size.</summary>
    private static ReadOnlySpan<byte> Widths =>
    [
        32, 41, 46, 84, 64, 96, 78, 28, 40, 40, 50, 84, 32, 37, 32, 34,
        64, 64, 64, 64, 64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54,
        100, 69, 69, 70, 77, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79,
        61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 50,
        50, 62, 64, 55, 64, 62, 36, 64, 64, 28, 28, 58, 28, 98, 64, 62,
        64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84,
    ];

    public static double Of(string text, double size, bool isBold = false)
    {
        int hundredths = 0;
        foreach (char c in text)
        {
            int index = c - FirstListed;
            hundredths += c == 'µ' ? 64 : (uint)index < (uint)Widths.Length ? Widths[index] : OtherWidth;
        }

        return hundredths * size / 100 * (isBold ? BoldFactor : 1);
    }

    public static double Widest(IReadOnlyList<string> texts, double size)
    {
        double widest = 0;
        foreach (string text in texts) widest = Math.Max(widest, Of(text, size));
        return widest;
    }
}

namespace Anax.Plots;

/// <summary>Breaks a text into lines that fit, at spaces and after hyphens and the like, and shortens what does not.</summary>
internal static class TextLines
{
    private const string Ellipsis = "…";

    /// <summary>Null where a piece that cannot be broken is too wide, or the lines are more than that.</summary>
    public static List<string>? TryWrap(string text, double widthMax, double size, int linesMax)
    {
        List<string> lines = Break(text, widthMax, size, isBold: false);
        return lines.Count <= linesMax && TextWidth.Widest(lines, size) <= widthMax ? lines : null;
    }

    /// <summary>At most so many lines; the last of them ends in an ellipsis where text is missing.</summary>
    public static List<string> Wrap(string text, double widthMax, double size, int linesMax, bool isBold = false)
    {
        List<string> lines = Break(text, widthMax, size, isBold);
        if (lines.Count > linesMax)
        {
            lines[linesMax - 1] += " " + Ellipsis;
            lines.RemoveRange(linesMax, lines.Count - linesMax);
        }

        for (int i = 0; i < lines.Count; i++) lines[i] = Shorten(lines[i], widthMax, size, isBold);
        return lines;
    }

    public static string Shorten(string text, double widthMax, double size, bool isBold = false)
    {
        if (TextWidth.Of(text, size, isBold) <= widthMax) return text;
        string stem = text.EndsWith(Ellipsis, StringComparison.Ordinal) ? text[..^1].TrimEnd() : text;
        int length = stem.Length;
        double stemMax = widthMax - TextWidth.Of(Ellipsis, size, isBold);
        while (length > 0 && TextWidth.Of(stem[..length], size, isBold) > stemMax) length--;
        // Half a surrogate pair is no character.
        if (length > 0 && char.IsHighSurrogate(stem[length - 1])) length--;
        return stem[..length].TrimEnd() + Ellipsis;
    }

    private static List<string> Break(string text, double widthMax, double size, bool isBold)
    {
        List<string> lines = [];
        string line = "";
        foreach (string piece in Pieces(text))
        {
            string longer = line + piece;
            if (line.Length > 0 && TextWidth.Of(longer.TrimEnd(), size, isBold) > widthMax)
            {
                lines.Add(line.TrimEnd());
                line = piece;
            }
            else
            {
                line = longer;
            }
        }

        if (line.Trim().Length > 0) lines.Add(line.TrimEnd());
        return lines;
    }

    private static List<string> Pieces(string text)
    {
        List<string> pieces = [];
        int begin = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] is not (' ' or '\n' or '\t' or '-' or '/' or '_' or ',')) continue;
            string piece = text[begin..(i + 1)];
            pieces.Add(text[i] is '\n' or '\t' ? piece[..^1] + " " : piece);
            begin = i + 1;
        }

        if (begin < text.Length) pieces.Add(text[begin..]);
        return pieces;
    }
}

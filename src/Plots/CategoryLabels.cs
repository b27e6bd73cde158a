namespace Anax.Plots;

/// <summary>The names below the groups of bars: wrapped where all of them fit, else all turned.</summary>
internal sealed class CategoryLabels
{
    private const double Size = SvgWriter.FontSize;
    private const double LinePx = 15;
    private const double GapPx = 6;
    private const double TopPx = 17;
    private const int LinesMax = 3;
    private const double TurnDegrees = -35;
    private const double TurnedWidthMax = 170;

    private readonly List<List<string>> _lines = [];
    private readonly bool _isTurned;

    /// <summary>For groups of this width of which the first one's middle is so far from the left edge of the chart.</summary>
    public CategoryLabels(IReadOnlyList<string> names, int perRow, double groupWidth, double firstMiddle)
    {
        foreach (string name in names)
        {
            if (TextLines.TryWrap(name, groupWidth - GapPx, Size, LinesMax) is not List<string> lines)
            {
                _isTurned = true;
                break;
            }

            _lines.Add(lines);
        }

        if (_isTurned) Turn(names, perRow, groupWidth, firstMiddle);
        foreach (List<string> lines in _lines)
        {
            double width = TextWidth.Widest(lines, Size);
            Height = Math.Max(Height, _isTurned ? TopPx + width * Sine + 4 : 4 + lines.Count * LinePx);
        }
    }

    public double Height { get; }

    /// <summary>How much further right the groups would have to begin so that no turned name is shortened for that.</summary>
    public double MissingLeftPx { get; private set; }

    private static double Sine => Math.Sin(-TurnDegrees * Math.PI / 180);

    private static double Cosine => Math.Cos(TurnDegrees * Math.PI / 180);

    public void Draw(SvgWriter svg, int index, double middle, double top)
    {
        List<string> lines = _lines[index];
        for (int i = 0; i < lines.Count; i++)
        {
            if (_isTurned)
                svg.TurnedText(middle + 4, top + TopPx - 3, TurnDegrees, lines[i], ("text-anchor", "end"));
            else
                svg.Text(middle, top + TopPx + i * LinePx, lines[i], ("text-anchor", "middle"));
        }
    }

    /// <summary>A turned name ends below its group and begins to the left of it, but within the chart.</summary>
    private void Turn(IReadOnlyList<string> names, int perRow, double groupWidth, double firstMiddle)
    {
        _lines.Clear();
        for (int i = 0; i < names.Count; i++)
        {
            int place = i % perRow;
            double room = firstMiddle + place * groupWidth - ChartHeader.EdgePx;
            double wanted = Math.Min(TurnedWidthMax, TextWidth.Of(names[i], Size)) * Cosine;
            // Groups that begin further right are narrower, so that the middle moves by less than the begin.
            MissingLeftPx = Math.Max(MissingLeftPx, (wanted + 1 - room) / (1 - (place + 0.5) / perRow));
            _lines.Add([TextLines.Shorten(names[i], Math.Min(TurnedWidthMax, room / Cosine), Size)]);
        }
    }
}

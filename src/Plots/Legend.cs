namespace Anax.Plots;

/// <summary>The names of the series with their samples, in rows above the plot area: it never covers data.</summary>
internal sealed class Legend
{
    public const double RowPx = 21;

    private const double FontSize = 13;
    private const double LinePx = 26;
    private const double BoxPx = 15;
    private const double SampleGapPx = 7;
    private const double EntryGapPx = 22;

    private readonly List<(LegendEntry Entry, string Name, double X, int Row)> _placed = [];

    public Legend(IReadOnlyList<LegendEntry> entries, double widthMax)
    {
        double x = 0;
        foreach (LegendEntry entry in entries)
        {
            if (entry.Name.Length == 0) continue;
            double sample = SamplePx(entry.Sample) + SampleGapPx;
            string name = TextLines.Shorten(entry.Name, widthMax - sample, FontSize);
            double width = sample + TextWidth.Of(name, FontSize);
            if (x > 0 && x + width > widthMax)
            {
                x = 0;
                RowCount++;
            }

            _placed.Add((entry, name, x, RowCount));
            x += width + EntryGapPx;
        }

        if (_placed.Count > 0) RowCount++;
    }

    public int RowCount { get; }

    public void Draw(SvgWriter svg, double left, double top)
    {
        if (RowCount == 0) return;
        svg.BeginGroup(("data-part", "legend"), ("font-size", NumberText.Coordinate(FontSize)));
        foreach ((LegendEntry entry, string name, double x, int row) in _placed)
        {
            double middle = top + row * RowPx + RowPx / 2;
            DrawSample(svg, entry, left + x, middle);
            svg.Text(left + x + SamplePx(entry.Sample) + SampleGapPx, middle + 4.5, name);
        }

        svg.End();
    }

    private static double SamplePx(LegendSample sample) =>
        sample is LegendSample.Box or LegendSample.Whisker ? BoxPx : LinePx;

    private static void DrawSample(SvgWriter svg, LegendEntry entry, double x, double middle)
    {
        switch (entry.Sample)
        {
            case LegendSample.Line:
                svg.Line(x, middle, x + LinePx, middle, ("stroke", entry.Color), ("stroke-width", "2.5"),
                    ("stroke-dasharray", Marks.DashArray(entry.Dash)));
                if (entry.Marker is int shape)
                    svg.Path(Marks.Shape(shape, x + LinePx / 2, middle), ("fill", entry.Color), ("stroke", "#ffffff"));
                break;
            case LegendSample.Box:
                svg.Rectangle(x, middle - 7, BoxPx, 14, ("fill", entry.Color), ("stroke", "#000000"),
                    ("stroke-opacity", Marks.EdgeOpacity));
                break;
            case LegendSample.Band:
                svg.Rectangle(x, middle - 6, LinePx, 12, ("fill", entry.Color), ("fill-opacity", Marks.BandOpacity));
                break;
            case LegendSample.Whisker:
                Marks.DrawWhisker(svg, x + BoxPx / 2, middle - 7, middle + 7, 5);
                break;
        }
    }
}

internal enum LegendSample
{
    Line,
    Box,
    Band,
    Whisker,
}

internal readonly record struct LegendEntry(
    string Name, LegendSample Sample, string Color, LineDash Dash = LineDash.Solid, int? Marker = null);

namespace Anax.Plots;

/// <summary>What stands above the plot area: title, subtitle, legend, and the title of the vertical axis.</summary>
internal sealed class ChartHeader
{
    public const double EdgePx = 16;

    private const double TitleSize = 17;
    private const double TitleRowPx = 23;
    private const double SubtitleSize = 13;
    private const double SubtitleRowPx = 18;
    private const double AxisTitleRowPx = 24;
    /// <summary>The label of a tick at the upper edge of the plot is half as high.</summary>
    private const double GapPx = 10;

    private const int LinesMax = 3;

    private readonly List<string> _title;
    private readonly List<string> _subtitle;
    private readonly Legend _legend;
    private readonly string _axisTitle;

    public ChartHeader(string title, string subtitle, IReadOnlyList<LegendEntry> legend, string axisTitle, double width)
    {
        double widthMax = width - 2 * EdgePx;
        _title = TextLines.Wrap(title, widthMax, TitleSize, LinesMax, isBold: true);
        _subtitle = TextLines.Wrap(subtitle, widthMax, SubtitleSize, LinesMax);
        _legend = new Legend(legend, widthMax);
        _axisTitle = TextLines.Shorten(axisTitle, widthMax, SubtitleSize);
    }

    public double Height =>
        EdgePx - 4 + _title.Count * TitleRowPx + _subtitle.Count * SubtitleRowPx + LegendHeight + AxisTitleRowPx + GapPx;

    private double LegendHeight => _legend.RowCount > 0 ? _legend.RowCount * Legend.RowPx + 8 : 0;

    public void Draw(SvgWriter svg)
    {
        double y = EdgePx - 4;
        foreach (string line in _title)
        {
            svg.Text(EdgePx, y + 17, line, ("font-size", NumberText.Coordinate(TitleSize)), ("font-weight", "bold"));
            y += TitleRowPx;
        }

        foreach (string line in _subtitle)
        {
            svg.Text(EdgePx, y + 13, line, ("font-size", NumberText.Coordinate(SubtitleSize)), ("fill", SvgWriter.QuietColor));
            y += SubtitleRowPx;
        }

        _legend.Draw(svg, EdgePx, y + 6);
        y += LegendHeight;
        // Lying, not turned, it is read without tilting one's head.
        svg.Text(EdgePx, y + 18, _axisTitle, ("font-size", NumberText.Coordinate(SubtitleSize)), ("fill", SvgWriter.QuietColor));
    }
}

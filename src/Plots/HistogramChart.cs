using System.Globalization;

namespace Anax.Plots;

/// <summary>
/// Bars of adjacent ranges, such as latencies in µs on a logarithmic axis, as SVG. Ranges are drawn as they are given:
/// on a logarithmic axis those compare that are equally wide there. Narrower ones than a pixel share it, and the highest
/// is drawn.
/// </summary>
public sealed record HistogramChart(string Title, Axis X, Axis Y, IReadOnlyList<HistogramBin> Bins)
{
    private const double FooterPx = ChartAxes.TickRowPx + ChartAxes.TitleRowPx + 8;

    /// <summary>Bars that are as wide stand apart.</summary>
    private const double GapFromPx = 4;

    public string Subtitle { get; init; } = "";

    /// <summary>Any colour of CSS.</summary>
    public string Color { get; init; } = ServerColors.Anax;

    public IReadOnlyList<PlotMark> Marks { get; init; } = [];

    /// <summary>In pixels; at least <see cref="ChartSize.WidthMin"/>.</summary>
    public int Width { get; init; } = ChartSize.Width;

    /// <summary>In pixels; marks whose labels need more than one row add to it.</summary>
    public int Height { get; init; } = ChartSize.Height;

    public string ToSvg()
    {
        double width = Math.Max(Width, ChartSize.WidthMin);
        ChartHeader header = new(Title, Subtitle, [], Y.Title, width);
        double plotHeight = Math.Max(ChartSize.PlotHeightMin, Height - header.Height - FooterPx);

        DataRange xRange = new(X.Scale), yRange = new(Y.Scale);
        List<HistogramBin> shown = Shown(ref xRange, ref yRange);
        Scale y = Scale.Vertical(CountAxis(yRange), yRange, plotHeight);
        double left = ChartAxes.LeftPx(y);
        double plotWidth = width - left - ChartAxes.RightPx;
        Scale x = Scale.Horizontal(X, xRange, plotWidth);
        int[] markRows = ChartAxes.MarkRows(Marks, x, left, plotWidth, width, out int markRowCount);

        PlotBox plot = new(left, header.Height + ChartAxes.MarksPx(markRowCount), plotWidth, plotHeight);
        SvgWriter svg = new(width, plot.Bottom + FooterPx, Title, Description());
        header.Draw(svg);
        ChartAxes.DrawGrid(svg, plot, x, y);
        ChartAxes.DrawVerticalLabels(svg, plot, y);
        if (shown.Count == 0) ChartAxes.DrawNoData(svg, plot);
        svg.BeginGroup(("data-part", "plot"), ("fill", Color));
        svg.BeginViewport(plot, 0);
        foreach ((double from, double to, double height) in Bars(shown, x, y, plot))
        {
            double gap = to - from >= GapFromPx ? 1 : 0;
            svg.Rectangle(from, plot.Height - height, to - from - gap, height);
        }

        svg.End();
        svg.End();
        ChartAxes.DrawHorizontalAxis(svg, plot, x, width);
        ChartAxes.DrawHorizontalTitle(svg, plot, X.Title, plot.Bottom + ChartAxes.TickRowPx, width);
        ChartAxes.DrawMarks(svg, plot, Marks, markRows, x, width);
        return svg.Finish();
    }

    /// <summary>On a logarithmic axis that begins at the least count its bar would have no height, so it begins below.</summary>
    private Axis CountAxis(DataRange counts) =>
        Y.Scale == AxisScale.Logarithmic && Y.Minimum is null && !counts.IsEmpty ? Y with { Minimum = counts.Low / 2 } : Y;

    /// <summary>Ranges that have a width and a count; one from zero begins, on a logarithmic axis, at half of its end.</summary>
    private List<HistogramBin> Shown(ref DataRange x, ref DataRange y)
    {
        List<HistogramBin> shown = [];
        foreach (HistogramBin bin in Bins)
        {
            double from = X.Scale == AxisScale.Logarithmic && bin.From <= 0 ? bin.To / 2 : bin.From;
            bool isShown = DataRange.CanShow(X.Scale, from) && DataRange.CanShow(X.Scale, bin.To) && from < bin.To
                && DataRange.CanShow(Y.Scale, bin.Count) && bin.Count > 0;
            if (!isShown) continue;
            x.Include(from);
            x.Include(bin.To);
            y.Include(bin.Count);
            shown.Add(bin with { From = from });
        }

        return shown;
    }

    /// <summary>In pixels from the left edge of the plot, and upwards.</summary>
    private static List<(double From, double To, double Height)> Bars(
        List<HistogramBin> bins, Scale x, Scale y, PlotBox plot)
    {
        List<(double From, double To, double Height)> bars = [];
        foreach (HistogramBin bin in bins)
        {
            double from = x.Fraction(bin.From) * plot.Width, to = x.Fraction(bin.To) * plot.Width;
            double height = Math.Max(0, y.Fraction(bin.Count)) * plot.Height;
            if (bars.Count > 0 && to - from < 1 && bars[^1].To - bars[^1].From < 1 && to - bars[^1].From is >= 0 and <= 1)
                bars[^1] = (bars[^1].From, to, Math.Max(height, bars[^1].Height));
            else
                bars.Add((from, to, height));
        }

        return bars;
    }

    private string Description()
    {
        double total = 0;
        foreach (HistogramBin bin in Bins) total += double.IsFinite(bin.Count) ? bin.Count : 0;
        return string.Create(CultureInfo.InvariantCulture,
            $"Histogram of {X.Title}: {NumberText.OfValue(total)} ({Y.Title}) in {Bins.Count} ranges.");
    }
}

/// <summary>How many values lie from one (inclusive) to the other.</summary>
public readonly record struct HistogramBin(double From, double To, double Count);

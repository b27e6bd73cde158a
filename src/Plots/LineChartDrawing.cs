using System.Globalization;

namespace Anax.Plots;

/// <summary>
/// Draws one <see cref="LineChart"/>. The vertical axis comes first, since its labels decide where the plot area begins,
/// then the horizontal one and the marks on it, which only add to the height.
/// </summary>
internal sealed class LineChartDrawing
{
    /// <summary>Of a series with more points only those are marked that stand alone.</summary>
    private const int MarkedPointsMax = 40;

    /// <summary>Lines of more points are thinner, so that noise is not one thick band.</summary>
    private const int ThickLinePointsMax = 200;

    private const double OverhangPx = 6;
    private const double FooterPx = ChartAxes.TickRowPx + ChartAxes.TitleRowPx + 8;

    private readonly LineChart _chart;
    private readonly string[] _colors;
    private readonly LineDash[] _dashes;

    public LineChartDrawing(LineChart chart)
    {
        _chart = chart;
        string[] names = [.. Each(s => s.Name)];
        _colors = ServerColors.Assign(names, [.. Each(s => s.Color)]);
        _dashes = [.. Each(s => s.Dash ?? ServerColors.DashOf(s.Name))];
    }

    public string Draw()
    {
        double width = Math.Max(_chart.Width, ChartSize.WidthMin);
        ChartHeader header = new(_chart.Title, _chart.Subtitle, Entries(), _chart.Y.Title, width);
        double plotHeight = Math.Max(ChartSize.PlotHeightMin, _chart.Height - header.Height - FooterPx);

        (DataRange xRange, DataRange yRange) = Ranges();
        Scale y = Scale.Vertical(_chart.Y, yRange, plotHeight);
        double left = ChartAxes.LeftPx(y);
        double plotWidth = width - left - ChartAxes.RightPx;
        Scale x = Scale.Horizontal(_chart.X, xRange, plotWidth);
        int[] markRows = ChartAxes.MarkRows(_chart.Marks, x, left, plotWidth, width, out int markRowCount);

        PlotBox plot = new(left, header.Height + ChartAxes.MarksPx(markRowCount), plotWidth, plotHeight);
        SvgWriter svg = new(width, plot.Bottom + FooterPx, _chart.Title, Description());
        header.Draw(svg);
        ChartAxes.DrawGrid(svg, plot, x, y);
        ChartAxes.DrawVerticalLabels(svg, plot, y);
        ChartAxes.DrawHorizontalAxis(svg, plot, x, width);
        ChartAxes.DrawHorizontalTitle(svg, plot, _chart.X.Title, plot.Bottom + ChartAxes.TickRowPx, width);
        ChartAxes.DrawMarks(svg, plot, _chart.Marks, markRows, x, width);
        if (xRange.IsEmpty && !xRange.HasHundredth) ChartAxes.DrawNoData(svg, plot);

        svg.BeginGroup(("data-part", "plot"));
        svg.BeginViewport(plot, OverhangPx);
        for (int i = _chart.Series.Count - 1; i >= 0; i--) DrawBand(svg, plot, i, x, y);
        for (int i = _chart.Series.Count - 1; i >= 0; i--) DrawLine(svg, plot, i, x, y);
        return svg.Finish();
    }

    private (DataRange X, DataRange Y) Ranges()
    {
        DataRange x = new(_chart.X.Scale), y = new(_chart.Y.Scale);
        foreach (LineSeries series in _chart.Series)
        {
            foreach (PlotPoint point in series.Points) Include(ref x, ref y, point.X, point.Y, point.Y);
            foreach (BandPoint point in series.Band) Include(ref x, ref y, point.X, point.Low, point.High);
        }

        return (x, y);
    }

    /// <summary>Only what is drawn counts: not the one coordinate of a point whose other one cannot be shown.</summary>
    private void Include(ref DataRange xs, ref DataRange ys, double x, double low, double high)
    {
        AxisScale kind = _chart.Y.Scale;
        if (!DataRange.CanShow(_chart.X.Scale, x) || !DataRange.CanShow(kind, low) || !DataRange.CanShow(kind, high)) return;
        xs.Include(x);
        ys.Include(low);
        ys.Include(high);
    }

    private List<LegendEntry> Entries()
    {
        List<LegendEntry> entries = [];
        bool hasBand = false;
        for (int i = 0; i < _chart.Series.Count; i++)
        {
            LineSeries series = _chart.Series[i];
            hasBand |= series.Band.Count > 0;
            entries.Add(new LegendEntry(series.Name, LegendSample.Line, _colors[i], _dashes[i], IsMarked(series) ? i : null));
        }

        if (hasBand) entries.Add(new LegendEntry(_chart.BandName, LegendSample.Band, SvgWriter.TextColor));
        return entries;
    }

    private void DrawBand(SvgWriter svg, PlotBox plot, int index, Scale x, Scale y)
    {
        LineSeries series = _chart.Series[index];
        List<PlotPoint> upper = [], lower = [];
        foreach (BandPoint point in series.Band)
        {
            bool canShow = y.CanShow(point.Low) && y.CanShow(point.High);
            upper.Add(new PlotPoint(point.X, canShow ? point.High : double.NaN));
            lower.Add(new PlotPoint(point.X, canShow ? point.Low : double.NaN));
        }

        List<List<PlotPoint>> tops = Polyline.Runs(upper, x, y, plot.Width, plot.Height);
        List<List<PlotPoint>> bottoms = Polyline.Runs(lower, x, y, plot.Width, plot.Height);
        for (int i = 0; i < tops.Count; i++)
        {
            svg.Path(Polyline.Outline(tops[i], bottoms[i], series.IsStep),
                ("fill", _colors[index]), ("fill-opacity", Marks.BandOpacity));
        }
    }

    private void DrawLine(SvgWriter svg, PlotBox plot, int index, Scale x, Scale y)
    {
        LineSeries series = _chart.Series[index];
        List<List<PlotPoint>> runs = Polyline.Runs(series.Points, x, y, plot.Width, plot.Height);
        svg.BeginGroup(("fill", "none"), ("stroke", _colors[index]),
            ("stroke-width", series.Points.Count <= ThickLinePointsMax ? "2.2" : "1.4"),
            ("stroke-linejoin", "round"), ("stroke-dasharray", Marks.DashArray(_dashes[index])));
        foreach (List<PlotPoint> run in runs)
        {
            if (run.Count > 1) svg.Path(Polyline.Path(run, series.IsStep));
        }

        svg.End();
        svg.BeginGroup(("fill", _colors[index]), ("stroke", "#ffffff"));
        foreach (List<PlotPoint> run in runs)
        {
            if (run.Count > 1 && !IsMarked(series)) continue;
            foreach (PlotPoint point in run) svg.Path(Marks.Shape(index, point.X, point.Y));
        }

        svg.End();
    }

    private static bool IsMarked(LineSeries series) => !series.IsStep && series.Points.Count <= MarkedPointsMax;

    private string Description()
    {
        List<string> parts = [$"Lines of {_chart.Y.Title} over {_chart.X.Title}."];
        foreach (LineSeries series in _chart.Series)
        {
            DataRange range = new(_chart.Y.Scale);
            foreach (PlotPoint point in series.Points) range.Include(point.Y);
            string values = range.IsEmpty
                ? "no values"
                : $"from {NumberText.OfValue(range.Low)} to {NumberText.OfValue(range.High)}";
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{series.Name}: {series.Points.Count} points, {values}."));
        }

        return string.Join(' ', parts);
    }

    private IEnumerable<T> Each<T>(Func<LineSeries, T> value)
    {
        foreach (LineSeries series in _chart.Series) yield return value(series);
    }
}

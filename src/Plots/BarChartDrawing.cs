using System.Globalization;

namespace Anax.Plots;

/// <summary>Draws one <see cref="BarChart"/>: a header, and one plot area for each row of categories.</summary>
internal sealed class BarChartDrawing
{
    /// <summary>A turned label needs that much beside the next one.</summary>
    private const double BarPitchMin = 13;

    private const double BarWidthMax = 56;
    private const double GroupGapMin = 14;
    private const double GroupGapPart = 0.22;
    private const double LabelGapPx = 5;

    /// <summary>Between lying labels of neighbours: their widths are estimated generously.</summary>
    private const double LabelSpacePx = 3;

    private const double FurtherRowPart = 0.7;
    private const double FooterPx = 10;

    /// <summary>What the plot area leaves at most to the first turned name.</summary>
    private const double TurnedMarginMax = 80;

    private readonly BarChart _chart;
    private readonly double _width;
    private readonly string[] _colors;
    private readonly double _highest;
    private readonly double _widestLabel;

    public BarChartDrawing(BarChart chart)
    {
        _chart = chart;
        _width = Math.Max(chart.Width, ChartSize.WidthMin);
        List<string> names = [];
        List<string?> colors = [];
        foreach (BarSeries series in chart.Series)
        {
            names.Add(series.Name);
            colors.Add(series.Color);
            for (int i = 0; i < chart.Categories.Count; i++)
            {
                BarValue bar = Bar(series, i);
                _highest = Math.Max(_highest, Top(bar));
                _widestLabel = Math.Max(_widestLabel, TextWidth.Of(NumberText.OfValue(bar.Value), SvgWriter.FontSize));
            }
        }

        _colors = ServerColors.Assign(names.ToArray(), colors.ToArray());
    }

    public string Draw()
    {
        ChartHeader header = new(_chart.Title, _chart.Subtitle, Entries(), _chart.ValueTitle, _width);
        double titlePx = _chart.CategoryTitle.Length > 0 ? ChartAxes.TitleRowPx : 0;
        double heightPx = _chart.Height - header.Height - titlePx - FooterPx;

        // The labels of the value axis decide where the plot area begins, and what stands below it how high it is, on
        // which those labels depend; a second round with the first one's labels settles it.
        BarLayout layout = Lay(48, heightPx);
        double left = ChartAxes.LeftPx(layout.Scale) + Math.Clamp(layout.Labels.MissingLeftPx, 0, TurnedMarginMax);
        layout = Lay(left, heightPx);

        double rowPx = layout.PlotHeight + layout.Labels.Height + FooterPx;
        SvgWriter svg = new(_width, header.Height + layout.RowCount * rowPx + titlePx, _chart.Title, Description());
        header.Draw(svg);
        PlotBox plot = new(left, header.Height, PlotWidth(left), layout.PlotHeight);
        for (int row = 0; row < layout.RowCount; row++)
        {
            DrawRow(svg, plot with { Top = header.Height + row * rowPx }, row, layout);
        }

        double titleTop = header.Height + layout.RowCount * rowPx - FooterPx;
        if (titlePx > 0) ChartAxes.DrawHorizontalTitle(svg, plot, _chart.CategoryTitle, titleTop, _width);
        return svg.Finish();
    }

    private BarLayout Lay(double left, double heightPx)
    {
        double plotWidth = PlotWidth(left);
        // As many as leave each bar room for its label, in rows that are about equally long.
        int count = Math.Max(1, _chart.Categories.Count);
        int most = Math.Max(1, (int)(plotWidth / (SeriesCount * BarPitchMin + GroupGapMin)));
        int rowCount = (count + most - 1) / most;
        int perRow = (count + rowCount - 1) / rowCount;
        double groupWidth = plotWidth / perRow;
        double pitch = Pitch(groupWidth);
        CategoryLabels labels = new(_chart.Categories, perRow, groupWidth, left + groupWidth / 2);

        double plotHeight = (heightPx - labels.Height) * (rowCount > 1 ? FurtherRowPart : 1);
        plotHeight = Math.Max(ChartSize.PlotHeightMin, plotHeight);
        bool isTurned = _widestLabel + LabelSpacePx > pitch;
        double headroom = (isTurned ? _widestLabel : SvgWriter.FontSize) + 2 * LabelGapPx;
        Scale scale = Scale.Bars(_highest, plotHeight, headroom);
        return new BarLayout(scale, labels, plotHeight, rowCount, perRow, groupWidth, pitch, isTurned);
    }

    private double PlotWidth(double left) => _width - left - ChartHeader.EdgePx;

    private int SeriesCount => Math.Max(1, _chart.Series.Count);

    /// <summary>The distance of bars in a group; a little is taken from between the groups where labels then can lie.</summary>
    private double Pitch(double groupWidth)
    {
        double airy = (groupWidth - Math.Max(GroupGapMin, groupWidth * GroupGapPart)) / SeriesCount;
        double dense = (groupWidth - GroupGapMin) / SeriesCount;
        double forLabels = _widestLabel + LabelSpacePx;
        return forLabels <= dense ? Math.Max(forLabels, Math.Min(airy, BarWidthMax)) : Math.Min(airy, BarWidthMax);
    }

    private void DrawRow(SvgWriter svg, PlotBox plot, int row, BarLayout layout)
    {
        ChartAxes.DrawGrid(svg, plot, null, layout.Scale);
        ChartAxes.DrawVerticalLabels(svg, plot, layout.Scale);
        int begin = row * layout.PerRow, end = Math.Min(begin + layout.PerRow, _chart.Categories.Count);
        svg.BeginGroup(("data-part", "plot"));
        for (int i = begin; i < end; i++) DrawGroup(svg, plot, i, plot.Left + (i - begin) * layout.GroupWidth, layout);
        svg.End();
        ChartAxes.DrawBaseLine(svg, plot);
        if (_chart.Categories.Count == 0) ChartAxes.DrawNoData(svg, plot);

        svg.BeginGroup(("data-part", "categories"));
        for (int i = begin; i < end; i++)
            layout.Labels.Draw(svg, i, plot.Left + (i - begin + 0.5) * layout.GroupWidth, plot.Bottom);
        svg.End();
    }

    private void DrawGroup(SvgWriter svg, PlotBox plot, int category, double groupLeft, BarLayout layout)
    {
        double middle = groupLeft + (layout.GroupWidth - layout.Pitch * (_chart.Series.Count - 1)) / 2;
        double width = Math.Min(layout.Pitch - Math.Min(2, layout.Pitch * 0.1), BarWidthMax);
        for (int i = 0; i < _chart.Series.Count; i++, middle += layout.Pitch)
        {
            BarValue bar = Bar(_chart.Series[i], category);
            bool canShow = DataRange.CanShow(AxisScale.Linear, bar.Value);
            double top = canShow ? DrawBar(svg, plot, category, i, middle, width, layout.Scale) : plot.Bottom;
            string text = NumberText.OfValue(bar.Value);
            // What stands for a missing value is a dash only as long as it lies.
            if (layout.IsTurned && canShow)
                svg.TurnedText(middle + 4, top - LabelGapPx, -90, text);
            else
                svg.Text(middle, top - LabelGapPx, text, ("text-anchor", "middle"));
        }
    }

    /// <summary>The bar and its whisker; returns where the higher of them ends.</summary>
    private double DrawBar(SvgWriter svg, PlotBox plot, int category, int series, double middle, double width, Scale scale)
    {
        BarValue bar = Bar(_chart.Series[series], category);
        double up(double value) => Math.Max(0, scale.Fraction(value)) * plot.Height;
        double height = up(bar.Value);
        svg.RectangleWithHint(middle - width / 2, plot.Bottom - height, width, height, Hint(category, series, bar),
            ("fill", _colors[series]), ("stroke", "#000000"), ("stroke-opacity", Marks.EdgeOpacity));
        if (!IsRangeShown(bar)) return plot.Bottom - height;

        double high = plot.Bottom - up(bar.High), low = plot.Bottom - up(bar.Low);
        Marks.DrawWhisker(svg, middle, high, low, Math.Clamp(width / 4, 2, 6));
        return Math.Min(plot.Bottom - height, high);
    }

    private List<LegendEntry> Entries()
    {
        List<LegendEntry> entries = [];
        bool hasRange = false;
        for (int i = 0; i < _chart.Series.Count; i++)
        {
            entries.Add(new LegendEntry(_chart.Series[i].Name, LegendSample.Box, _colors[i]));
            for (int k = 0; k < _chart.Categories.Count; k++) hasRange |= IsRangeShown(Bar(_chart.Series[i], k));
        }

        if (hasRange) entries.Add(new LegendEntry(_chart.WhiskerName, LegendSample.Whisker, SvgWriter.TextColor));
        return entries;
    }

    private string Hint(int category, int series, BarValue bar)
    {
        string range = bar.HasRange ? $" ({NumberText.OfValue(bar.Low)} … {NumberText.OfValue(bar.High)})" : "";
        return $"{_chart.Categories[category]}, {_chart.Series[series].Name}: {NumberText.OfValue(bar.Value)}{range}";
    }

    private string Description() => string.Create(CultureInfo.InvariantCulture,
        $"Bars of {_chart.ValueTitle} for {_chart.Categories.Count} categories and {_chart.Series.Count} series.");

    private static BarValue Bar(BarSeries series, int category) =>
        category < series.Values.Count ? series.Values[category] : double.NaN;

    private static bool IsRangeShown(BarValue bar) =>
        DataRange.CanShow(AxisScale.Linear, bar.Value) && DataRange.CanShow(AxisScale.Linear, bar.Low)
        && DataRange.CanShow(AxisScale.Linear, bar.High);

    private static double Top(BarValue bar)
    {
        if (!DataRange.CanShow(AxisScale.Linear, bar.Value)) return 0;
        return IsRangeShown(bar) ? Math.Max(bar.Value, bar.High) : bar.Value;
    }
}

internal readonly record struct BarLayout(
    Scale Scale, CategoryLabels Labels, double PlotHeight, int RowCount, int PerRow, double GroupWidth, double Pitch,
    bool IsTurned);

namespace Anax.Plots;

/// <summary>The grid, the labels of the ticks, the title of the horizontal axis, and the marks across the plot.</summary>
internal static class ChartAxes
{
    public const double TickRowPx = 20;
    public const double TitleRowPx = 22;
    public const double RightPx = 30;

    private const double MarkRowPx = 16;
    private const double MarkGapPx = 8;
    private const int MarkRowsMax = 4;
    private const double TitleSize = 13;
    private const double EdgePx = 3;
    private const string GridColor = "#e3e6ea";
    private const string FineGridColor = "#f1f3f5";
    private const string LineColor = "#8c959f";

    /// <summary>As wide as the labels of the vertical axis.</summary>
    public static double LeftPx(Scale y)
    {
        double widest = 0;
        foreach (Tick tick in y.Ticks) widest = Math.Max(widest, TextWidth.Of(tick.Label, SvgWriter.FontSize));
        return Math.Max(48, ChartHeader.EdgePx + widest + 8);
    }

    public static void DrawGrid(SvgWriter svg, PlotBox plot, Scale? x, Scale y)
    {
        svg.BeginGroup(("data-part", "grid"), ("stroke", GridColor));
        foreach (Tick tick in y.Ticks)
        {
            double at = plot.Bottom - y.Fraction(tick.Value) * plot.Height;
            svg.Line(plot.Left, at, plot.Right, at, Stroke(tick));
        }

        foreach (Tick tick in x?.Ticks ?? [])
        {
            double at = plot.Left + x!.Fraction(tick.Value) * plot.Width;
            svg.Line(at, plot.Top, at, plot.Bottom, Stroke(tick));
        }

        svg.End();
    }

    public static void DrawVerticalLabels(SvgWriter svg, PlotBox plot, Scale y)
    {
        svg.BeginGroup(("data-part", "y-labels"), ("text-anchor", "end"), ("fill", SvgWriter.QuietColor));
        foreach (Tick tick in y.Ticks)
        {
            if (tick.Label.Length == 0) continue;
            svg.Text(plot.Left - 8, plot.Bottom - y.Fraction(tick.Value) * plot.Height + 4, tick.Label);
        }

        svg.End();
    }

    /// <summary>The line of the axis, its ticks and their labels.</summary>
    public static void DrawHorizontalAxis(SvgWriter svg, PlotBox plot, Scale x, double chartWidth)
    {
        DrawBaseLine(svg, plot);
        svg.BeginGroup(("data-part", "x-labels"), ("text-anchor", "middle"), ("fill", SvgWriter.QuietColor));
        foreach (Tick tick in x.Ticks)
        {
            if (tick.Label.Length == 0) continue;
            double at = plot.Left + x.Fraction(tick.Value) * plot.Width;
            svg.Line(at, plot.Bottom, at, plot.Bottom + 5, ("stroke", LineColor));
            svg.Text(Inside(at, tick.Label, chartWidth), plot.Bottom + 18, tick.Label);
        }

        svg.End();
    }

    public static void DrawBaseLine(SvgWriter svg, PlotBox plot) =>
        svg.Line(plot.Left, plot.Bottom, plot.Right, plot.Bottom, ("stroke", LineColor), ("stroke-width", "1.2"));

    public static void DrawHorizontalTitle(SvgWriter svg, PlotBox plot, string title, double top, double chartWidth)
    {
        string text = TextLines.Shorten(title, chartWidth - 2 * ChartHeader.EdgePx, TitleSize);
        double half = TextWidth.Of(text, TitleSize) / 2 + ChartHeader.EdgePx;
        double at = Math.Clamp(plot.Left + plot.Width / 2, half, Math.Max(half, chartWidth - half));
        svg.Text(at, top + 16, text, ("text-anchor", "middle"), ("font-size", NumberText.Coordinate(TitleSize)),
            ("fill", SvgWriter.QuietColor));
    }

    /// <summary>The row of each mark's label, so that no two overlap as long as there are rows.</summary>
    public static int[] MarkRows(
        IReadOnlyList<PlotMark> marks, Scale x, double left, double width, double chartWidth, out int rowCount)
    {
        var rows = new int[marks.Count];
        var ends = new double[MarkRowsMax];
        Array.Fill(ends, double.NegativeInfinity);
        rowCount = 0;
        for (int i = 0; i < marks.Count; i++)
        {
            rows[i] = -1;
            if (!IsInside(x, marks[i])) continue;
            (double middle, double half, _) = Place(marks[i], x, left, width, chartWidth);
            int row = 0;
            while (row < MarkRowsMax - 1 && middle - half < ends[row] + MarkGapPx) row++;
            rows[i] = row;
            ends[row] = Math.Max(ends[row], middle + half);
            rowCount = Math.Max(rowCount, row + 1);
        }

        return rows;
    }

    public static double MarksPx(int rowCount) => rowCount > 0 ? rowCount * MarkRowPx : 0;

    public static void DrawMarks(
        SvgWriter svg, PlotBox plot, IReadOnlyList<PlotMark> marks, int[] rows, Scale x, double chartWidth)
    {
        svg.BeginGroup(("stroke", SvgWriter.QuietColor), ("stroke-dasharray", "4 3"));
        for (int i = 0; i < marks.Count; i++)
        {
            double at = plot.Left + x.Fraction(marks[i].X) * plot.Width;
            if (rows[i] >= 0) svg.Line(at, plot.Top - MarkGapPx / 2 - rows[i] * MarkRowPx, at, plot.Bottom);
        }

        svg.End();
        // The white around the letters interrupts the line of a mark whose own label stands higher.
        svg.BeginGroup(("data-part", "marks"), ("text-anchor", "middle"), ("stroke", "#ffffff"), ("stroke-width", "4"),
            ("paint-order", "stroke"));
        for (int i = 0; i < marks.Count; i++)
        {
            if (rows[i] < 0) continue;
            double baseline = plot.Top - MarkGapPx + 1 - rows[i] * MarkRowPx;
            (double middle, _, string label) = Place(marks[i], x, plot.Left, plot.Width, chartWidth);
            svg.Text(middle, baseline, label);
        }

        svg.End();
    }

    /// <summary>An empty plot says that it is empty on purpose.</summary>
    public static void DrawNoData(SvgWriter svg, PlotBox plot) =>
        svg.Text(plot.Left + plot.Width / 2, plot.Top + plot.Height / 2, "no data", ("text-anchor", "middle"),
            ("font-size", NumberText.Coordinate(TitleSize)), ("fill", SvgWriter.QuietColor));

    private static (double Middle, double Half, string Label) Place(
        PlotMark mark, Scale x, double left, double width, double chartWidth)
    {
        string label = TextLines.Shorten(mark.Label, width / 2, SvgWriter.FontSize);
        double half = TextWidth.Of(label, SvgWriter.FontSize) / 2;
        // Further to the left it would meet the uppermost label of the vertical axis.
        double middle = Math.Max(left + half, Inside(left + x.Fraction(mark.X) * width, label, chartWidth));
        return (middle, half, label);
    }

    private static bool IsInside(Scale x, PlotMark mark) => x.CanShow(mark.X) && x.Fraction(mark.X) is >= 0 and <= 1;

    /// <summary>The middle of a text that would else run out of the chart.</summary>
    private static double Inside(double middle, string text, double chartWidth)
    {
        double half = TextWidth.Of(text, SvgWriter.FontSize) / 2 + EdgePx;
        return Math.Clamp(middle, half, Math.Max(half, chartWidth - half));
    }

    private static ReadOnlySpan<(string Name, string Value)> Stroke(Tick tick) =>
        tick.Label.Length > 0 ? [] : new (string, string)[] { ("stroke", FineGridColor) };
}

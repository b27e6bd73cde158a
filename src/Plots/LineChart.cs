namespace Anax.Plots;

/// <summary>
/// Lines over a common axis, as SVG. The first series lies on top of the others; points are marked where they are few.
/// </summary>
public sealed record LineChart(string Title, Axis X, Axis Y, IReadOnlyList<LineSeries> Series)
{
    public string Subtitle { get; init; } = "";

    /// <summary>What the legend calls the shaded bands.</summary>
    public string BandName { get; init; } = "min … max";

    public IReadOnlyList<PlotMark> Marks { get; init; } = [];

    /// <summary>In pixels; at least <see cref="ChartSize.WidthMin"/>.</summary>
    public int Width { get; init; } = ChartSize.Width;

    /// <summary>In pixels; a chart grows where many names or marks would leave too little for the plot.</summary>
    public int Height { get; init; } = ChartSize.Height;

    public string ToSvg() => new LineChartDrawing(this).Draw();
}

/// <summary>The sizes of charts in pixels.</summary>
public static class ChartSize
{
    public const int Width = 800;
    public const int Height = 420;
    public const int WidthMin = 320;

    internal const double PlotHeightMin = 150;
}

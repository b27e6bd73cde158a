namespace Anax.Plots;

/// <summary>
/// Bars in groups, one group for each category and in it one bar for each series, as SVG. The vertical axis starts at
/// zero, where also a negative value ends; each bar bears its value. Categories that do not fit side by side so that
/// the values are legible continue in further rows below.
/// </summary>
public sealed record BarChart(
    string Title, string ValueTitle, IReadOnlyList<string> Categories, IReadOnlyList<BarSeries> Series)
{
    public string Subtitle { get; init; } = "";

    /// <summary>The title of the horizontal axis; empty where the categories speak for themselves.</summary>
    public string CategoryTitle { get; init; } = "";

    /// <summary>What the legend calls the whiskers.</summary>
    public string WhiskerName { get; init; } = "min … max";

    /// <summary>In pixels; at least <see cref="ChartSize.WidthMin"/>.</summary>
    public int Width { get; init; } = ChartSize.Width;

    /// <summary>In pixels, of a chart whose categories fit into one row; further rows add to it.</summary>
    public int Height { get; init; } = ChartSize.Height;

    public string ToSvg() => new BarChartDrawing(this).Draw();
}

/// <summary>
/// A bar for each category, in their order. One that is NaN or missing is shown as a dash: nothing was measured. The
/// colour is that of the server with this name, or the next of the default ones, unless it is given.
/// </summary>
public sealed record BarSeries(string Name, IReadOnlyList<BarValue> Values)
{
    /// <summary>Any colour of CSS.</summary>
    public string? Color { get; init; }
}

/// <summary>A value, and the range of the runs that it comes from unless that is NaN.</summary>
public readonly record struct BarValue(double Value, double Low = double.NaN, double High = double.NaN)
{
    public bool HasRange => double.IsFinite(Low) && double.IsFinite(High);

    public static implicit operator BarValue(double value) => FromDouble(value);

    public static BarValue FromDouble(double value) => new(value);
}

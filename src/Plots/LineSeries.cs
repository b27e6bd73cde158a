namespace Anax.Plots;

/// <summary>
/// A named line of a <see cref="LineChart"/>. Without a colour and a dash of its own it gets those of the server that it
/// is named after, or the next of the default colours.
/// </summary>
public sealed record LineSeries(string Name, IReadOnlyList<PlotPoint> Points)
{
    /// <summary>Any colour of CSS.</summary>
    public string? Color { get; init; }

    public LineDash? Dash { get; init; }

    /// <summary>Whether a value holds until the next point, instead of leading there in a straight line.</summary>
    public bool IsStep { get; init; }

    /// <summary>Shaded around the line, such as the minimum and maximum of several runs.</summary>
    public IReadOnlyList<BandPoint> Band { get; init; } = [];
}

public enum LineDash
{
    Solid,
    Dashed,
    Dotted,
}

public readonly record struct PlotPoint(double X, double Y);

public readonly record struct BandPoint(double X, double Low, double High);

/// <summary>A vertical line through a chart, labelled above it: a percentile, or the begin of a phase.</summary>
public readonly record struct PlotMark(double X, string Label);

namespace Anax.Plots;

/// <summary>
/// An axis: its title with the unit in it, and how values lie on it. Without limits it spans the data; a vertical linear
/// axis starts at zero unless <see cref="Minimum"/> says otherwise, so that heights compare.
/// </summary>
/// <remarks>
/// What an axis cannot show is left out, and a line is broken there instead of guessing: NaN, infinities and magnitudes
/// beyond 1e300 on every axis, zero and less on a logarithmic one, and what is no percentile on that of percentiles.
/// Limits that contradict each other or that the axis cannot show are ignored.
/// </remarks>
public sealed record Axis(string Title, AxisScale Scale = AxisScale.Linear)
{
    public double? Minimum { get; init; }

    public double? Maximum { get; init; }
}

public enum AxisScale
{
    Linear,

    /// <summary>To the base of ten.</summary>
    Logarithmic,

    /// <summary>
    /// Percentiles from 0 to 100 by the logarithm of 1/(1-p), as HdrHistogram plots them: every further nine is as wide
    /// as the one before. The hundredth, infinitely far, stands at the right edge.
    /// </summary>
    Percentile,
}

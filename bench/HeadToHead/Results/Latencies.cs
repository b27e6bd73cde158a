namespace Anax.Bench.HeadToHead.Results;

/// <summary>Percentiles of latencies in µs.</summary>
internal sealed record Latencies
{
    public double P50Us { get; init; }

    public double P75Us { get; init; }

    public double P90Us { get; init; }

    public double P95Us { get; init; }

    public double P99Us { get; init; }

    public double P999Us { get; init; }

    public double P9999Us { get; init; }

    public double MaxUs { get; init; }

    /// <summary>What a curve is drawn through: the percentile, and how to find it.</summary>
    public static IReadOnlyList<(double Percent, Func<Latencies, double> Us)> Curve { get; } =
    [
        (50, latencies => latencies.P50Us), (75, latencies => latencies.P75Us), (90, latencies => latencies.P90Us),
        (95, latencies => latencies.P95Us), (99, latencies => latencies.P99Us), (99.9, latencies => latencies.P999Us),
        (99.99, latencies => latencies.P9999Us),
    ];
}

using HdrHistogram;

namespace Anax.LoadGen.Measuring;

/// <summary>The percentiles by which a histogram of latencies is quoted, in nanoseconds; all 0 where it is empty.</summary>
public readonly record struct LatencySummary
{
    /// <summary>The percentiles of tables and files, ascending.</summary>
    public static IReadOnlyList<double> Percents { get; } = [50, 75, 90, 95, 99, 99.9, 99.99];

    private readonly long[] _percentilesNs;

    public LatencySummary(HistogramBase histogram)
    {
        _percentilesNs = new long[Percents.Count];
        if (histogram.TotalCount == 0) return;
        for (int i = 0; i < _percentilesNs.Length; i++) _percentilesNs[i] = histogram.GetValueAtPercentile(Percents[i]);
        MeanNs = histogram.GetMean();
        MinNs = histogram.GetValueAtPercentile(0);
        MaxNs = histogram.GetMaxValue();
    }

    public double MeanNs { get; }

    public long MinNs { get; }

    public long MaxNs { get; }

    public long P50Ns => At(50);

    public long P99Ns => At(99);

    public long P999Ns => At(99.9);

    /// <summary>One of <see cref="Percents"/>.</summary>
    public long At(double percent)
    {
        for (int i = 0; i < Percents.Count; i++)
        {
            if (Percents[i] == percent) return _percentilesNs[i];
        }

        throw new ArgumentOutOfRangeException(nameof(percent), percent, "not among the percentiles");
    }
}

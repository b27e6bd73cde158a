namespace Anax.Plots;

/// <summary>The least and the greatest value of the data that an axis of this kind can show.</summary>
internal struct DataRange(AxisScale kind)
{
    /// <summary>Sums and differences of two of them are still finite.</summary>
    private const double MagnitudeMax = 1e300;

    private const double MagnitudeMin = 1e-300;

    public double Low { get; private set; } = double.PositiveInfinity;

    public double High { get; private set; } = double.NegativeInfinity;

    /// <summary>On an axis of percentiles the hundredth is no part of the range: it stands at the edge.</summary>
    public bool HasHundredth { get; private set; }

    public readonly bool IsEmpty => Low > High;

    public static bool CanShow(AxisScale kind, double value) => kind switch
    {
        AxisScale.Logarithmic => value is >= MagnitudeMin and <= MagnitudeMax,
        AxisScale.Percentile => value is >= 0 and <= 100,
        AxisScale.Linear => Math.Abs(value) <= MagnitudeMax,
    };

    public void Include(double value)
    {
        if (!CanShow(kind, value)) return;
        if (kind == AxisScale.Percentile && value >= 100)
        {
            HasHundredth = true;
            return;
        }

        Low = Math.Min(Low, value);
        High = Math.Max(High, value);
    }
}

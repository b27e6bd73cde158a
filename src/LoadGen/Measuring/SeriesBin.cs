namespace Anax.LoadGen.Measuring;

/// <summary>
/// What came back in one interval of a time series. The latency is the longest, counted from the intended time.
/// </summary>
public record struct SeriesBin(long Replies, long Errors, long LatencyNsMax)
{
    /// <summary>How long an interval is.</summary>
    public const long Ns = 100_000_000;

    /// <summary>Of another thread in the same interval.</summary>
    public void Add(in SeriesBin other)
    {
        Replies += other.Replies;
        Errors += other.Errors;
        LatencyNsMax = Math.Max(LatencyNsMax, other.LatencyNsMax);
    }
}

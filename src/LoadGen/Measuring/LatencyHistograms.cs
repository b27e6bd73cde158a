using HdrHistogram;

namespace Anax.LoadGen.Measuring;

/// <summary>
/// Latencies in nanoseconds of a stretch of load: from generation to reply, and under a schedule also from the time at
/// which each request should have been sent. Resolution: 128 ns, or a thousandth above 262 µs.
/// </summary>
public sealed class LatencyHistograms
{
    /// <summary>Longer latencies count as this one.</summary>
    public const long NsMax = 3_600_000_000_000;

    private const long NsMin = 128;
    private const int Digits = 3;

    public LatencyHistograms(bool isScheduled)
    {
        Actual = Empty();
        Intended = isScheduled ? Empty() : Actual;
    }

    public LongHistogram Actual { get; }

    /// <summary>The same object as <see cref="Actual"/> where there is no schedule.</summary>
    public LongHistogram Intended { get; }

    public bool IsScheduled => !ReferenceEquals(Actual, Intended);

    public void Record(long actualNs, long intendedNs, int count)
    {
        Actual.RecordValueWithCount(Math.Clamp(actualNs, 0, NsMax), count);
        if (IsScheduled) Intended.RecordValueWithCount(Math.Clamp(intendedNs, 0, NsMax), count);
    }

    public void Add(LatencyHistograms other)
    {
        Actual.Add(other.Actual);
        if (IsScheduled) Intended.Add(other.Intended);
    }

    public void Reset()
    {
        Actual.Reset();
        if (IsScheduled) Intended.Reset();
    }

    private static LongHistogram Empty() => new(NsMin, NsMax, Digits);
}

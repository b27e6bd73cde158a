using Anax.Engine.Dispatch;

namespace Anax.Server.Commands;

/// <summary>The samples of one kind of event, of one loop or of several joined: oldest first, one for a second.</summary>
internal sealed class LatencyHistory(LatencyEvent which)
{
    internal LatencyEvent Event { get; } = which;
    internal List<LatencySample> Samples { get; } = [];
    internal long MaxMs { get; private set; }
    internal long SumMs { get; private set; }
    internal long Times { get; private set; }

    internal static byte[] NameOf(LatencyEvent which) => Names[(int)which];

    private static readonly byte[][] Names = ["command"u8.ToArray(), "fast-command"u8.ToArray(), "expire-cycle"u8.ToArray()];

    internal static LatencyHistory Of(LatencyEvent which, LatencyLog.Series series)
    {
        var history = new LatencyHistory(which) { MaxMs = series.MaxMs, SumMs = series.SumMs, Times = series.Times };
        for (int i = 0; i < series.Count; i++) history.Samples.Add(series[i]);
        return history;
    }

    internal static LatencyHistory? Join(LatencyHistory? a, LatencyHistory? b)
    {
        if (a is null || b is null) return a ?? b;
        var joined = new LatencyHistory(a.Event)
        {
            MaxMs = Math.Max(a.MaxMs, b.MaxMs),
            SumMs = a.SumMs + b.SumMs,
            Times = a.Times + b.Times,
        };
        List<LatencySample> samples = joined.Samples;
        samples.AddRange(a.Samples);
        samples.AddRange(b.Samples);
        samples.Sort(static (x, y) => x.UnixSeconds.CompareTo(y.UnixSeconds));
        for (int i = samples.Count - 1; i > 0; i--)
        {
            if (samples[i].UnixSeconds != samples[i - 1].UnixSeconds) continue;
            if (samples[i].Ms > samples[i - 1].Ms) samples[i - 1] = samples[i];
            samples.RemoveAt(i);
        }
        if (samples.Count > LatencyLog.SamplesMax) samples.RemoveRange(0, samples.Count - LatencyLog.SamplesMax);
        return joined;
    }
}

using System.Globalization;
using Anax.LoadGen.Measuring;

namespace Anax.LoadGen.Output;

/// <summary>A run in plain lines.</summary>
internal sealed class PlainDisplay : IRunDisplay
{
    public void Begin(PhaseRecord phase) => Console.WriteLine(phase.Name);

    public void Refresh(PhaseRecord phase, long nowNs, bool hasCollected)
    {
        if (!hasCollected) return;
        LatencySummary latency = phase.PerSecond[^1].Latency;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{phase.Replies} replies, p50 {latency.P50Ns / 1e3:F1} us, p99 {latency.P99Ns / 1e3:F1} us"));
    }

    public void End(PhaseRecord phase)
    {
    }
}

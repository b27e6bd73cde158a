using System.Globalization;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;

namespace Anax.LoadGen.Output;

/// <summary>A run in plain lines: one at the beginning of a phase, and one a second that a program can read.</summary>
internal sealed class PlainDisplay(TextWriter output, BenchOptions options) : IRunDisplay
{
    private readonly PhaseProgress _progress = new(options);

    public void Show(Action watch) => watch();

    public void Begin(PhaseRecord phase)
    {
        _progress.Begin(phase);
        output.WriteLine($"{phase.Name}: {_progress.Describe(phase)}");
    }

    public void Refresh(PhaseRecord phase, long nowNs, bool hasCollected)
    {
        _progress.Advance(phase, nowNs);
        if (!hasCollected) return;
        LatencySummary latency = phase.PerSecond[^1].Latency;
        string hitRate = phase.Reads == 0
            ? FigureText.None
            : ((double)phase.Hits / phase.Reads).ToString("0.0000", CultureInfo.InvariantCulture);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{phase.Name}: elapsed_s={_progress.ElapsedSeconds:F1} "
            + $"requests={_progress.Replies} requests_per_s={_progress.RateNow:F0} p50_us={latency.P50Ns / 1e3:F1} "
            + $"p99_us={latency.P99Ns / 1e3:F1} p99.9_us={latency.P999Ns / 1e3:F1} hit_rate={hitRate} errors={phase.ErrorCount}"));
    }

    public void End(PhaseRecord phase)
    {
    }

    public void Summarize(RunResult result) => PlainSummary.Write(output, result);
}

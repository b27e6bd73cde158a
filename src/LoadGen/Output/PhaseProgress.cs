using System.Globalization;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;

namespace Anax.LoadGen.Output;

/// <summary>How far a phase is, and how fast it goes right now: over about the last second.</summary>
internal sealed class PhaseProgress(BenchOptions options)
{
    private const long WindowNs = 1_000_000_000;

    private readonly Queue<(long NowNs, long Replies)> _recent = [];

    public double ElapsedSeconds { get; private set; }

    public long Replies { get; private set; }

    public double RateNow { get; private set; }

    public double RateMean => ElapsedSeconds == 0 ? 0 : Replies / ElapsedSeconds;

    public void Begin(PhaseRecord phase)
    {
        _recent.Clear();
        _recent.Enqueue((phase.StartNs, 0));
        (ElapsedSeconds, Replies, RateNow) = (0, 0, 0);
    }

    public void Advance(PhaseRecord phase, long nowNs)
    {
        // A phase is announced shortly before it begins.
        if (nowNs <= phase.StartNs) return;
        ElapsedSeconds = (nowNs - phase.StartNs) / 1e9;
        Replies = phase.Replies;
        _recent.Enqueue((nowNs, Replies));
        while (_recent.Count > 2 && nowNs - _recent.Peek().NowNs > WindowNs) _recent.Dequeue();
        (long fromNs, long fromReplies) = _recent.Peek();
        if (nowNs > fromNs) RateNow = (Replies - fromReplies) / ((nowNs - fromNs) / 1e9);
    }

    /// <summary>Elapsed time, of how long it is to last; or the share of its requests that are answered.</summary>
    public string Text(PhaseRecord phase)
    {
        string elapsed = ElapsedSeconds.ToString("0.0", CultureInfo.InvariantCulture);
        double duration = phase.IsMeasured ? options.TestTime : options.Warmup;
        if (duration > 0) return string.Create(CultureInfo.InvariantCulture, $"{elapsed}/{duration} s");
        double requests = (double)options.Requests * phase.Connections;
        double share = requests == 0 ? 0 : Math.Min(1, Replies / requests);
        return string.Create(CultureInfo.InvariantCulture, $"{elapsed} s {Math.Floor(share * 100)} %");
    }

    /// <summary>What a phase is going to do, in one line.</summary>
    public string Describe(PhaseRecord phase)
    {
        double duration = phase.IsMeasured ? options.TestTime : options.Warmup;
        string length = duration > 0 ? $"{duration} s" : $"{options.Requests} requests per connection";
        string load = options.Window != 0 ? $"a window of {options.Window}"
            : phase.Qps == 0 ? $"closed loop, pipeline {options.Pipeline}"
            : $"{Math.Abs(phase.Qps)} batches per second and connection, pipeline {options.Pipeline}";
        string counted = phase.IsMeasured ? "" : ", not counted";
        return string.Create(CultureInfo.InvariantCulture,
            $"{length}, threads {phase.Threads.Count}, connections {options.Connections} per thread, {load}{counted}");
    }
}

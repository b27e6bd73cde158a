using System.Globalization;

namespace Anax.LoadGen.Measuring;

/// <summary>
/// One phase of a run, the warm-up or a step: what its threads count, put together. All of it is the main thread's,
/// which collects while the phase lasts and finishes it at its end.
/// </summary>
public sealed class PhaseRecord
{
    private readonly List<SecondFigures> _seconds = [];
    private readonly LatencyHistograms _second;

    /// <param name="name">"run", or what tells this step from others.</param>
    /// <param name="qps">Batches per second and connection; 0 in a closed loop.</param>
    /// <param name="isMeasured">False for the warm-up.</param>
    /// <param name="startNs">Monotonic clock.</param>
    /// <param name="threads">How many load threads.</param>
    public PhaseRecord(string name, double qps, bool isMeasured, long startNs, int threads)
    {
        (Name, Qps, IsMeasured, StartNs) = (name, qps, isMeasured, startNs);
        ThreadRecorder[] recorders = new ThreadRecorder[threads];
        for (int i = 0; i < threads; i++) recorders[i] = new ThreadRecorder(i, startNs, IsScheduled);
        Threads = recorders;
        Latencies = new LatencyHistograms(IsScheduled);
        _second = new LatencyHistograms(IsScheduled);
    }

    public string Name { get; }

    public double Qps { get; }

    public bool IsMeasured { get; }

    public bool IsScheduled => Qps != 0;

    public long StartNs { get; }

    /// <summary>When the last reply was there; of a phase that is over.</summary>
    public long EndNs => Math.Max(StartNs, Threads.Max(thread => thread.End.NowNs));

    public double Seconds => (EndNs - StartNs) / 1e9;

    /// <summary>Replies per second; of a phase that is over.</summary>
    public double Rate => Seconds == 0 ? 0 : Replies / Seconds;

    public IReadOnlyList<ThreadRecorder> Threads { get; }

    /// <summary>All that has been collected.</summary>
    public LatencyHistograms Latencies { get; }

    /// <summary>What was collected by the last call that collected something.</summary>
    public LatencyHistograms LastSecond => _second;

    public IReadOnlyList<SecondFigures> PerSecond => _seconds;

    public long Sent => Threads.Sum(thread => thread.SentCount);

    public long SentBytes => Threads.Sum(thread => thread.SentBytes);

    public long Replies => Threads.Sum(thread => thread.ReplyCount);

    public long ReplyBytes => Threads.Sum(thread => thread.ReplyBytes);

    public long Reads => Threads.Sum(thread => thread.Reads);

    public long Hits => Threads.Sum(thread => thread.Hits);

    /// <summary>Replies to requests that read nothing, and were not refused.</summary>
    public long Writes => Threads.Sum(thread => thread.ReplyCount - thread.Reads - thread.RefusedCount);

    public long ErrorCount => Threads.Sum(thread => thread.ErrorCount);

    public int Connections => Threads.Sum(thread => thread.Connections);

    /// <summary>Errors by their text, the most frequent first; of a phase that is over.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Errors =>
        [.. Threads.SelectMany(thread => thread.Errors)
            .GroupBy(error => error.Key, (text, all) => KeyValuePair.Create(text, all.Sum(one => one.Value)))
            .OrderByDescending(error => error.Value).ThenBy(error => error.Key, StringComparer.Ordinal)];

    /// <summary>All threads' series added up; of a phase that is over.</summary>
    public IReadOnlyList<SeriesBin> Series
    {
        get
        {
            SeriesBin[] sum = new SeriesBin[Threads.Max(thread => thread.Series.Count)];
            foreach (ThreadRecorder thread in Threads)
            {
                for (int i = 0; i < thread.Series.Count; i++) sum[i].Add(thread.Series[i]);
            }

            return sum;
        }
    }

    /// <summary>Takes a second's latencies when all threads that go on have handed theirs out; true where it did.</summary>
    public bool Collect(long nowNs)
    {
        if (!Threads.All(thread => thread.HasHandedOut || thread.IsOver) || !Threads.Any(thread => thread.HasHandedOut)) return false;
        _second.Reset();
        foreach (ThreadRecorder thread in Threads) thread.Take(_second);
        Close(nowNs);
        return true;
    }

    /// <summary>Takes what is left when the phase is over; true where that was something.</summary>
    public bool Finish()
    {
        _second.Reset();
        foreach (ThreadRecorder thread in Threads) thread.TakeRest(_second);
        if (_second.Actual.TotalCount == 0) return false;
        Close(EndNs);
        return true;
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}: {Replies} replies");

    private void Close(long nowNs)
    {
        Latencies.Add(_second);
        _seconds.Add(new SecondFigures(nowNs, new LatencySummary(_second.Intended)));
    }
}

/// <summary>Latencies from the intended time in about one second of load, which ended then.</summary>
public readonly record struct SecondFigures(long EndNs, LatencySummary Latency);

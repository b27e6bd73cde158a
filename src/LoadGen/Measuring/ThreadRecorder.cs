namespace Anax.LoadGen.Measuring;

/// <summary>
/// What one load thread counts in one phase of a run (the warm-up, or one step). Only its thread writes it, without
/// allocating; the display reads what <see cref="Cut"/> published.
/// </summary>
public sealed class ThreadRecorder(int thread)
{
    private readonly Dictionary<string, long> _errors = [];

    public int Thread => thread;

    public long SentCount { get; private set; }

    public long ReplyCount { get; private set; }

    public long Reads { get; private set; }

    public long Hits { get; private set; }

    public long LatencySumNs { get; private set; }

    public long IntendedSumNs { get; private set; }

    public int Connections { get; private set; }

    public long LastCutNs { get; private set; }

    /// <summary>Monotonic clock, user and system time of the thread, and time that its loop was busy.</summary>
    public ThreadTimes Start { get; private set; }

    public ThreadTimes End { get; private set; }

    public IReadOnlyDictionary<string, long> Errors => _errors;

    public void Begin(in ThreadTimes times) => Start = times;

    public void Finish(in ThreadTimes times) => End = times;

    public void Sent(int count) => SentCount += count;

    /// <summary>
    /// So many replies that came at one time to requests of one time: reads among them are all or none, of which so
    /// many found something. Without a schedule the intended time is the time of generation.
    /// </summary>
    public void Replies(long nowNs, long generatedNs, long intendedNs, int count, int reads, int hits)
    {
        ReplyCount += count;
        Reads += reads;
        Hits += hits;
        LatencySumNs += (nowNs - generatedNs) * count;
        IntendedSumNs += (nowNs - intendedNs) * count;
    }

    /// <summary>An error that the server replied, or a wrong value; counted by its text.</summary>
    public void Error(ReadOnlySpan<byte> text)
    {
        string key = System.Text.Encoding.Latin1.GetString(text);
        _errors[key] = _errors.GetValueOrDefault(key) + 1;
    }

    public void Connected() => Connections++;

    public void Disconnected() => Connections--;

    /// <summary>Every 100 ms: publishes a sample for the display and the time series.</summary>
    public void Cut(long nowNs) => LastCutNs = nowNs;
}

/// <summary>One thread's clocks at one moment, in nanoseconds.</summary>
public readonly record struct ThreadTimes(long NowNs, long UserNs, long SystemNs, long BusyNs);

using System.Text;

namespace Anax.LoadGen.Measuring;

/// <summary>
/// What one load thread counts in one phase of a run (the warm-up, or one step). Only its thread writes it, without
/// allocating but for the growth of the time series. The main thread may read the counters at any time, and takes the
/// latencies of about every second when they are handed out; all else it reads when the phase is over.
/// </summary>
/// <remarks>
/// Latencies are handed out by exchanging two sets of histograms: the full one goes to the main thread, which adds it
/// up, empties it and gives it back. While the main thread is late, the set in use goes on: nothing waits, nothing is
/// lost, only the stretch is longer.
/// </remarks>
public sealed class ThreadRecorder
{
    /// <summary>Different texts of errors that are told apart; further ones are counted under one.</summary>
    private const int ErrorTextsMax = 100;

    private const string OtherErrors = "further errors with other texts";
    private const long HandOutNs = 1_000_000_000;
    private const int SeriesCapacity = 1024;

    private readonly Dictionary<string, long> _errors = [];
    private readonly List<SeriesBin> _series = new(SeriesCapacity);
    private readonly long _startNs;
    private LatencyHistograms _current;
    private LatencyHistograms? _full;
    private LatencyHistograms? _spare;
    private byte[] _lastErrorText = [];
    private string _lastErrorKey = "";
    private SeriesBin _bin;
    private long _binEndNs;
    private long _handedOutNs;
    private volatile bool _isOver;

    public ThreadRecorder(int thread, long startNs, bool isScheduled)
    {
        (Thread, _startNs, _binEndNs, _handedOutNs) = (thread, startNs, startNs + SeriesBin.Ns, startNs);
        _current = new LatencyHistograms(isScheduled);
        _spare = new LatencyHistograms(isScheduled);
    }

    public int Thread { get; }

    public long SentCount { get; private set; }

    public long SentBytes { get; private set; }

    public long ReplyCount { get; private set; }

    public long ReplyBytes { get; private set; }

    public long Reads { get; private set; }

    public long Hits { get; private set; }

    /// <summary>Replies that were errors.</summary>
    public long RefusedCount { get; private set; }

    /// <summary>Those, and values that were wrong.</summary>
    public long ErrorCount { get; private set; }

    /// <summary>Of a phase that is over: those that it ended with.</summary>
    public int Connections { get; private set; }

    /// <summary>Monotonic clock, user and system time of the thread, and time that its loop was busy.</summary>
    public ThreadTimes Start { get; private set; }

    public ThreadTimes End { get; private set; }

    public IReadOnlyDictionary<string, long> Errors => _errors;

    /// <summary>One per <see cref="SeriesBin.Ns"/> since the phase began, when it is over; the last is not a whole one.</summary>
    public IReadOnlyList<SeriesBin> Series => _series;

    // ---- the load thread ----

    public void Begin(in ThreadTimes times) => Start = times;

    public void Finish(in ThreadTimes times)
    {
        End = times;
        _isOver = true;
        EndBins(times.NowNs);
        if (times.NowNs > _startNs) _series.Add(_bin);
    }

    public void Sent(int count, int bytes)
    {
        SentCount += count;
        SentBytes += bytes;
    }

    public void Received(int bytes) => ReplyBytes += bytes;

    /// <summary>
    /// So many replies that came at one time to requests of one time: reads among them are all or none, of which so
    /// many found something. Without a schedule the intended time is the time of generation.
    /// </summary>
    public void Replies(long nowNs, long generatedNs, long intendedNs, int count, int reads, int hits)
    {
        if (nowNs >= _binEndNs) EndBins(nowNs);
        ReplyCount += count;
        Reads += reads;
        Hits += hits;
        _bin.Replies += count;
        _bin.LatencyNsMax = Math.Max(_bin.LatencyNsMax, nowNs - intendedNs);
        _current.Record(nowNs - generatedNs, nowNs - intendedNs, count);
    }

    /// <summary>An error that the server replied.</summary>
    public void Refused(ReadOnlySpan<byte> text)
    {
        RefusedCount++;
        Error(text);
    }

    /// <summary>An error of any kind, a wrong value too; counted by its text.</summary>
    public void Error(ReadOnlySpan<byte> text)
    {
        ErrorCount++;
        _bin.Errors++;
        if (!text.SequenceEqual(_lastErrorText))
        {
            // Errors mostly come many of a kind, and only another one allocates.
            string key = Encoding.UTF8.GetString(text);
            if (_errors.Count >= ErrorTextsMax && !_errors.ContainsKey(key)) key = OtherErrors;
            (_lastErrorText, _lastErrorKey) = (text.ToArray(), key);
        }

        _errors[_lastErrorKey] = _errors.GetValueOrDefault(_lastErrorKey) + 1;
    }

    public void Connected() => Connections++;

    public void Disconnected()
    {
        if (!_isOver) Connections--;
    }

    /// <summary>A few times a second: hands the latencies out when a second is full and the last have been taken.</summary>
    public void HandOut(long nowNs)
    {
        if (nowNs - _handedOutNs < HandOutNs || Volatile.Read(ref _full) is not null) return;
        if (Interlocked.Exchange(ref _spare, null) is not { } spare) return;
        Volatile.Write(ref _full, _current);
        _current = spare;
        _handedOutNs = nowNs;
    }

    // ---- the main thread ----

    /// <summary>Latencies have been handed out and not yet taken.</summary>
    public bool HasHandedOut => Volatile.Read(ref _full) is not null;

    /// <summary>The thread's part of the phase has ended: nothing more is handed out.</summary>
    public bool IsOver => _isOver;

    /// <summary>Adds what was handed out to the sum, and gives the emptied histograms back.</summary>
    public void Take(LatencyHistograms sum)
    {
        if (Interlocked.Exchange(ref _full, null) is not { } full) return;
        sum.Add(full);
        full.Reset();
        Volatile.Write(ref _spare, full);
    }

    /// <summary>When the phase is over: adds what is left.</summary>
    public void TakeRest(LatencyHistograms sum)
    {
        Take(sum);
        sum.Add(_current);
        _current.Reset();
    }

    /// <summary>Also intervals in which nothing came are in the series.</summary>
    private void EndBins(long nowNs)
    {
        while (nowNs >= _binEndNs)
        {
            _series.Add(_bin);
            _bin = default;
            _binEndNs += SeriesBin.Ns;
        }
    }
}

/// <summary>One thread's clocks at one moment, in nanoseconds.</summary>
public readonly record struct ThreadTimes(long NowNs, long UserNs, long SystemNs, long BusyNs);

namespace Anax.LoadGen.Driver;

/// <summary>
/// When the connections of one thread send under a rate. The nominal schedule never moves: latency from the intended
/// time is measured from it. A throttled schedule stretches its period when the server stays slower than that, and
/// walks back to it.
/// </summary>
internal sealed class Schedule
{
    private const double NanosecondsPerSecond = 1e9;
    private const double SlowerFactor = 1.05;
    private const double WalkBackShare = 0.2;
    private const double NearlyFactor = 1.01;

    /// <summary>One slow stretch may be a stall that is made up for; two are a server that is slower.</summary>
    private const int SlowWindowsMin = 2;

    private readonly double _nominalNs;
    private readonly long _startNs;
    private readonly int _connections;
    private double _periodNs;
    private long _windowStartNs;
    private long _windowBatches;
    private int _slowWindows;

    /// <param name="qps">Batches per second and connection; below 0 the schedule is not throttled.</param>
    /// <param name="startNs">When the first connection sends its first batch.</param>
    /// <param name="connections">Connections of the thread that send.</param>
    public Schedule(double qps, long startNs, int connections)
    {
        _nominalNs = _periodNs = NanosecondsPerSecond / Math.Abs(qps);
        (_startNs, _connections, IsThrottled) = (startNs, connections, qps > 0);
        _windowStartNs = startNs;
    }

    public bool IsThrottled { get; }

    public double PeriodNs => _periodNs;

    /// <summary>When the connection with this place among so many should send its batch with this number.</summary>
    public long IntendedNs(double place, long batch) => _startNs + (long)((place + batch) * _nominalNs);

    /// <summary>When it does: by a stretched period from the batch before, never before it is intended.</summary>
    public long DueNs(long intendedNs, long lastSentNs) =>
        _periodNs == _nominalNs ? intendedNs : Math.Max(intendedNs, lastSentNs + (long)_periodNs);

    /// <summary>Once a second, with the batches that the thread has sent in this phase so far.</summary>
    public void Adjust(long nowNs, long batchesSent)
    {
        long batches = batchesSent - _windowBatches;
        double measuredNs = (double)(nowNs - _windowStartNs) * _connections / Math.Max(1, batches);
        // A batch more may fall into the window by its place alone, which matters where there are few.
        double leastNs = measuredNs * Math.Max(1, batches) / (batches + 1);
        (_windowStartNs, _windowBatches) = (nowNs, batchesSent);
        _slowWindows = leastNs > _periodNs * SlowerFactor ? _slowWindows + 1 : 0;
        if (_slowWindows >= SlowWindowsMin)
        {
            _periodNs = (_periodNs + measuredNs) / 2;
        }
        else if (_slowWindows == 0 && _periodNs > _nominalNs)
        {
            _periodNs -= (_periodNs - _nominalNs) * WalkBackShare;
            if (_periodNs < _nominalNs * NearlyFactor) _periodNs = _nominalNs;
        }
    }
}

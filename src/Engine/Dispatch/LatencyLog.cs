namespace Anax.Engine.Dispatch;

/// <summary>What LATENCY watches, by Valkey's names: command, fast-command, expire-cycle.</summary>
public enum LatencyEvent { Command, FastCommand, ExpireCycle }

/// <summary>The longest time that an event took in one second.</summary>
public readonly record struct LatencySample(long UnixSeconds, long Ms);

/// <summary>
/// One loop's record of events that took at least latency-monitor-threshold: the last 160 seconds that had one, and
/// totals. Managed objects: these events are rare by definition and their number is bounded.
/// </summary>
public sealed class LatencyLog
{
    public const int SamplesMax = 160;
    public const int Events = 3;

    private readonly Series?[] _series = new Series?[Events];

    /// <summary>The samples of one kind of event, oldest first, and what was seen of it in all.</summary>
    public sealed class Series
    {
        private readonly LatencySample[] _samples = new LatencySample[SamplesMax];
        private int _next;

        public long MaxMs { get; private set; }
        public long SumMs { get; private set; }
        public long Times { get; private set; }
        public int Count { get; private set; }

        public LatencySample this[int index] => _samples[(_next + SamplesMax - Count + index) % SamplesMax];

        internal void Add(long seconds, long ms)
        {
            MaxMs = Math.Max(MaxMs, ms);
            SumMs += ms;
            Times++;
            ref LatencySample last = ref _samples[(_next + SamplesMax - 1) % SamplesMax];
            if (Count != 0 && last.UnixSeconds == seconds)
            {
                if (ms > last.Ms) last = new LatencySample(seconds, ms);
                return;
            }
            _samples[_next] = new LatencySample(seconds, ms);
            _next = (_next + 1) % SamplesMax;
            Count = Math.Min(Count + 1, SamplesMax);
        }
    }

    /// <summary>Null when there was none.</summary>
    public Series? this[LatencyEvent which] => _series[(int)which];

    public void Add(LatencyEvent which, long unixMs, long ms) =>
        (_series[(int)which] ??= new Series()).Add(unixMs / 1000, ms);

    /// <summary>Forgets an event; false when there was none.</summary>
    public bool Reset(LatencyEvent which)
    {
        bool had = _series[(int)which] is not null;
        _series[(int)which] = null;
        return had;
    }
}

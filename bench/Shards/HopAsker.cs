using Anax.Core.Memory;
using Anax.Engine;
using Anax.Runtime;

namespace Anax.Bench.Shards;

/// <summary>One command at a time with pauses in between, and how long each waits for its answer.</summary>
internal sealed class HopAsker : LoopTimer, IDisposable
{
    private const int LatenciesMax = 1 << 16;

    /// <summary>Long enough for the other loop to be asleep again.</summary>
    private const long PauseNs = 200_000;

    private const long SessionId = 1000;

    private readonly EngineLoop _engine;
    private readonly KeySlice[] _slices;
    private readonly Action<long[]> _onEnd;
    private readonly FedSession _session;
    private readonly RequestBatch _briefReads = RequestBatch.BriefReads();
    private readonly RequestBatch _longReads = RequestBatch.LongReads();
    private readonly NativeArray<long> _latencies = new(LatenciesMax);
    private Stretch? _stretch;
    private int _count;
    private long _askedNs;
    private long _endNs;

    /// <summary>On the loop's own thread. <paramref name="onEnd"/> gets the latencies in nanoseconds, ascending.</summary>
    public HopAsker(EngineLoop engine, KeySlice[] slices, Action<long[]> onEnd)
    {
        (_engine, _slices, _onEnd) = (engine, slices, onEnd);
        _session = new FedSession(engine, SessionId, Answered);
    }

    public void Begin(Stretch stretch)
    {
        _stretch = stretch;
        _count = 0;
        _endNs = _engine.Events.MonotonicNs() + stretch.Ns;
        _engine.Events.Schedule(this, _engine.Events.NowNs + PauseNs);
    }

    public override void OnTimer()
    {
        if (_stretch is not { } stretch) return;
        bool isOver = _count == LatenciesMax || (_count != 0 && _engine.Events.NowNs >= _endNs);
        if (isOver)
        {
            End();
            return;
        }
        RequestBatch batch = stretch.Kind == RequestKind.BriefReads ? _briefReads : _longReads;
        KeySlice keys = _slices[stretch.Shard];
        batch.SetKey(0, keys[_count % keys.Count]);
        _askedNs = _engine.Events.MonotonicNs();
        _session.Feed(batch.Bytes(0, 1), batch.ReplyBytes(0, 1));
    }

    public void Dispose()
    {
        _session.Dispose();
        _briefReads.Dispose();
        _longReads.Dispose();
        _latencies.Dispose();
    }

    private void Answered(FedSession session)
    {
        _latencies[_count++] = _engine.Events.MonotonicNs() - _askedNs;
        _engine.Events.Schedule(this, _engine.Events.NowNs + PauseNs);
    }

    private void End()
    {
        _stretch = null;
        long[] latencies = _latencies.Span[.._count].ToArray();
        Array.Sort(latencies);
        _onEnd(latencies);
    }
}

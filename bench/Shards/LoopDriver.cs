using Anax.Engine;
using Anax.Runtime;

namespace Anax.Bench.Shards;

/// <summary>
/// The measuring thread's end of one loop: takes orders for it and hands out what came of them. Everything that the loop
/// writes often is made on the loop's thread, as a server makes its connections there.
/// </summary>
internal sealed class LoopDriver : ILoopEvents, IDisposable
{
    private readonly EngineLoop _engine;
    private readonly KeySlice[] _slices;
    private readonly ManualResetEventSlim _isDone = new();
    private BatchFeeder? _feeder;
    private HopAsker? _asker;
    private Stretch? _order;
    private StretchResult? _result;
    private long _startCpuNs;

    public LoopDriver(EngineLoop engine, KeySlice[] slices)
    {
        (_engine, _slices) = (engine, slices);
        engine.Events.Attach(this);
    }

    /// <summary>From the measuring thread: the loop begins with its next turn. One order at a time.</summary>
    public void Order(Stretch stretch)
    {
        _isDone.Reset();
        Volatile.Write(ref _order, stretch);
        _engine.Events.Wake();
    }

    /// <summary>From the measuring thread: waits for the end of what was ordered.</summary>
    public StretchResult Await()
    {
        _isDone.Wait();
        return _result!;
    }

    public void OnStarted(EventLoop loop)
    {
        _feeder = new BatchFeeder(_engine, _slices, (own, other) => End(own, other, []));
        _asker = new HopAsker(_engine, _slices, latencies => End(0, latencies.Length, latencies));
    }

    public void OnTurn(EventLoop loop)
    {
        if (Volatile.Read(ref _order) is not { } stretch) return;
        _order = null;
        _startCpuNs = CpuNs();
        if (stretch.HasPauses) _asker!.Begin(stretch);
        else _feeder!.Begin(stretch);
    }

    public void OnLongTurn(EventLoop loop, long ns)
    {
    }

    public void OnStopping(EventLoop loop)
    {
    }

    public void OnStopped(EventLoop loop)
    {
    }

    public void Dispose()
    {
        _feeder?.Dispose();
        _asker?.Dispose();
        _isDone.Dispose();
    }

    private void End(long own, long other, long[] latenciesNs)
    {
        _result = new StretchResult(new Work(own, other, CpuNs() - _startCpuNs), latenciesNs);
        _isDone.Set();
    }

    private static long CpuNs()
    {
        (long userNs, long systemNs) = ThreadClock.Read();
        return userNs + systemNs;
    }
}

using Anax.Engine;
using Anax.Runtime;

namespace Anax.Bench.Shards;

/// <summary>
/// Feeds the sessions of one loop with batches: each free one gets a batch in every turn, so that the loop never has
/// nothing to do but while all of them wait for another shard.
/// </summary>
internal sealed class BatchFeeder : BackgroundWork, IDisposable
{
    /// <summary>A prime: a fill reaches every key, in another order than the one in which keys are used later.</summary>
    private const int FillStep = 7919;

    private readonly EngineLoop _engine;
    private readonly KeySlice[] _slices;
    private readonly Action<long> _onEnd;
    private readonly FedSession[] _sessions = new FedSession[Stretch.SessionsMax];
    private readonly FedSession[] _free = new FedSession[Stretch.SessionsMax];
    private readonly RequestBatch _mixed = RequestBatch.Mixed();
    private readonly RequestBatch _writes = RequestBatch.Writes();
    private Stretch? _stretch;
    private int _freeCount;
    private int _command;
    private int _key;
    private long _fed;
    private long _endNs;

    /// <summary>On the loop's own thread. <paramref name="onEnd"/> hears how many commands a stretch had.</summary>
    public BatchFeeder(EngineLoop engine, KeySlice[] slices, Action<long> onEnd)
    {
        (_engine, _slices, _onEnd) = (engine, slices, onEnd);
        for (int i = 0; i < _sessions.Length; i++) _sessions[i] = new FedSession(engine, i + 1, Answered);
    }

    public void Begin(Stretch stretch)
    {
        _stretch = stretch;
        _freeCount = stretch.Sessions;
        _sessions.AsSpan(0, _freeCount).CopyTo(_free);
        _fed = 0;
        _command = 0;
        _endNs = _engine.Events.MonotonicNs() + stretch.Ns;
        _engine.Events.AddBackground(this);
    }

    public override bool Run(long deadlineNs)
    {
        if (_stretch is not { } stretch) return false;
        KeySlice keys = _slices[stretch.Shard];
        bool isFill = stretch.Kind == RequestKind.Fill;
        bool isOver = isFill ? _fed >= keys.Count : _fed != 0 && _engine.Events.NowNs >= _endNs;
        for (int i = isOver ? 0 : _freeCount; i > 0; i--)
            Feed(_free[--_freeCount], isFill ? _writes : _mixed, keys, stretch.Commands, isFill ? FillStep : 1);
        if (!isOver) return _freeCount != 0;
        if (_freeCount == stretch.Sessions) End();
        return false;
    }

    public void Dispose()
    {
        foreach (FedSession session in _sessions) session.Dispose();
        _mixed.Dispose();
        _writes.Dispose();
    }

    private void Feed(FedSession session, RequestBatch batch, KeySlice keys, int commands, int keyStep)
    {
        int first = _command;
        _command = (first + commands) % RequestBatch.Window;
        for (int i = 0; i < commands; i++)
        {
            // Another shard's slice may be shorter than the one that was used last.
            while (_key >= keys.Count) _key -= keys.Count;
            batch.SetKey(first + i, keys[_key]);
            _key += keyStep;
        }
        _fed += commands;
        session.Feed(batch.Bytes(first, commands), batch.ReplyBytes(first, commands));
    }

    private void Answered(FedSession session)
    {
        _free[_freeCount++] = session;
        Wake();
    }

    private void End()
    {
        _stretch = null;
        _onEnd(_fed);
    }
}

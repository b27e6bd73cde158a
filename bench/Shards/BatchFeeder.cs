using Anax.Engine;
using Anax.Runtime;

namespace Anax.Bench.Shards;

/// <summary>
/// Gives one loop batches without end, so many in every turn. Where another shard has the keys, each free session asks it,
/// and batches with own keys take the places of those that wait: a loop that ran out of work would sleep, and what a sleep
/// costs is another figure.
/// </summary>
internal sealed class BatchFeeder : BackgroundWork, IDisposable
{
    /// <summary>Rounds under way to another shard: those of a few turns.</summary>
    private const int SessionsMax = 32;

    /// <summary>A prime: a fill reaches every key, in another order than the one in which keys are used later.</summary>
    private const int FillStep = 7919;

    private readonly EngineLoop _engine;
    private readonly KeySlice[] _slices;
    private readonly Action<long, long> _onEnd;
    private readonly FedSession _own;
    private readonly FedSession[] _sessions = new FedSession[SessionsMax];
    private readonly FedSession[] _free = new FedSession[SessionsMax];
    private readonly RequestBatch _mixed = RequestBatch.Mixed();
    private readonly RequestBatch _writes = RequestBatch.Writes();
    private Stretch? _stretch;
    private int _freeCount;
    private int _command;
    private int _key;
    private long _ownCommands;
    private long _otherCommands;
    private long _endNs;

    /// <summary>
    /// On the loop's own thread. <paramref name="onEnd"/> hears how many commands of a stretch the own shard answered, and
    /// how many another one.
    /// </summary>
    public BatchFeeder(EngineLoop engine, KeySlice[] slices, Action<long, long> onEnd)
    {
        (_engine, _slices, _onEnd) = (engine, slices, onEnd);
        _own = new FedSession(engine, 0, static _ => { });
        for (int i = 0; i < SessionsMax; i++) _sessions[i] = _free[i] = new FedSession(engine, i + 1, Answered);
        _freeCount = SessionsMax;
    }

    public void Begin(Stretch stretch)
    {
        _stretch = stretch;
        _command = 0;
        _ownCommands = _otherCommands = 0;
        _endNs = _engine.Events.MonotonicNs() + stretch.Ns;
        _engine.Events.AddBackground(this);
    }

    public override bool Run(long deadlineNs)
    {
        if (_stretch is not { } stretch) return false;
        if (IsOver(stretch))
        {
            if (_freeCount == SessionsMax) End();
            return false;
        }
        bool isFill = stretch.Kind == RequestKind.Fill;
        int others = stretch.Shard == _engine.Index ? 0 : Math.Min(_freeCount, stretch.PerTurn - 1);
        for (int i = 0; i < others; i++) Feed(_free[--_freeCount], _mixed, _slices[stretch.Shard], stretch.Commands, 1);
        int own = stretch.PerTurn - others;
        for (int i = 0; i < own; i++)
            Feed(_own, isFill ? _writes : _mixed, _slices[_engine.Index], stretch.Commands, isFill ? FillStep : 1);
        _otherCommands += others * stretch.Commands;
        _ownCommands += own * stretch.Commands;
        return true;
    }

    public void Dispose()
    {
        _own.Dispose();
        foreach (FedSession session in _sessions) session.Dispose();
        _mixed.Dispose();
        _writes.Dispose();
    }

    private bool IsOver(Stretch stretch)
    {
        if (stretch.Kind == RequestKind.Fill) return _ownCommands >= _slices[_engine.Index].Count;
        return _ownCommands != 0 && _engine.Events.NowNs >= _endNs;
    }

    private void Feed(FedSession session, RequestBatch batch, KeySlice keys, int commands, int keyStep)
    {
        int first = _command;
        _command = (first + commands) % RequestBatch.Window;
        for (int i = 0; i < commands; i++)
        {
            while (_key >= keys.Count) _key -= keys.Count;
            batch.SetKey(first + i, keys[_key]);
            _key += keyStep;
        }
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
        _onEnd(_ownCommands, _otherCommands);
    }
}

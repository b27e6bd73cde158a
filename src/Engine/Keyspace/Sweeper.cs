using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Runtime;

namespace Anax.Engine.Keyspace;

/// <summary>
/// The shard's periodic work in small steps, in what the event loop's turn leaves: gives flushed tables back, drops
/// expired keys, ages entries, evacuates sparse extents. Wakes by a timer; goes on at once while there is much to do.
/// </summary>
internal sealed class Sweeper : BackgroundWork
{
    internal const int FreeBudget = 64;
    private const int SweepBudget = 64;
    private const long PeriodNs = 100_000_000;

    /// <summary>Of one period, the part that a sweep may use while it finds little that has expired.</summary>
    private const long EasyNs = PeriodNs / 50;

    private readonly EngineLoop _loop;
    private readonly SweepState[] _states;
    private readonly PeriodTimer _timer;
    private int _database;
    private long _usedNs;
    private bool _sweeping;
    private bool _moving;
    private long _roundFound;

    internal Sweeper(EngineLoop loop, int databases)
    {
        _loop = loop;
        _states = new SweepState[databases];
        _timer = new PeriodTimer(this);
    }

    internal void Start()
    {
        _loop.Events.AddBackground(this);
        _loop.Events.Schedule(_timer, _loop.Events.NowNs + PeriodNs);
    }

    /// <summary>One slice: true while there is something left to do before the next period.</summary>
    public override bool Run(long deadlineNs)
    {
        long start = _loop.Events.MonotonicNs(), now = start;
        bool more = true;
        while (more && now < deadlineNs)
        {
            more = _loop.Shard.FreeDetached(FreeBudget) || SweepStep();
            now = _loop.Events.MonotonicNs();
        }
        _loop.Shard.Arena.Settle();
        _usedNs += now - start;
        _loop.Shard.Counters.SweepNs += now - start;
        return more;
    }

    private void NewPeriod()
    {
        _usedNs = 0;
        _sweeping = true;
        Shard shard = _loop.Shard;
        shard.Arena.ReleaseFreeExtents(4);
        _loop.TrimLease();
        if (shard.Arena.IsCompacting || !shard.Arena.BeginCompaction()) return;
        _moving = true;
        RestartRound();
    }

    private void RestartRound()
    {
        _database = 0;
        Array.Clear(_states);
    }

    /// <summary>A few buckets of one database; false when this period's work is done.</summary>
    private bool SweepStep()
    {
        Shard shard = _loop.Shard;
        if (!_sweeping) return false;
        if (!shard.ActiveExpiry && !_moving) return _sweeping = false;
        if (_database == _states.Length) EndRound(shard);
        if (!_sweeping) return false;
        if (shard.Table(_database) is not { } table)
        {
            _states[_database++] = default;
            return true;
        }
        var context = new CommandContext { NowMs = _loop.Events.NowMs, Database = _database, Resp = Protocol.RespVersion.Resp2 };
        shard.Advance(ref context);
        long nowMs = shard.ActiveExpiry ? context.NowMs : 0;
        var visitor = new ExpiryVisitor(new ShardScope(_loop, in context), table);
        ref SweepState state = ref _states[_database];
        long before = state.Expired;
        if (table.Sweep(ref state, nowMs, SweepBudget, ref visitor)) _database++;
        _roundFound += state.Expired - before;
        // Little is found and the period's share is used: the rest can wait. Much is found, or records must move: go on.
        if (!_moving && _usedNs > EasyNs && state.Expired == before) _sweeping = false;
        return _sweeping;
    }

    private void EndRound(Shard shard)
    {
        RestartRound();
        if (_moving)
        {
            shard.Arena.EndCompaction();
            shard.Arena.ReleaseFreeExtents(16);
            _moving = false;
        }
        if (_roundFound == 0) _sweeping = false;
        _roundFound = 0;
    }

    private readonly ref struct ExpiryVisitor(ShardScope scope, KeyTable table) : IExpiryVisitor
    {
        private readonly ShardScope _scope = scope;

        public void Expired(ref Entry entry)
        {
            // The key's bytes lie in the record that goes away: listeners get a copy.
            Span<byte> copy = entry.Key.Length <= 512 ? stackalloc byte[512] : new byte[entry.Key.Length];
            entry.Key.CopyTo(copy);
            copy = copy[..entry.Key.Length];
            _scope.Expire(_scope.Database, table, ref entry, new Key(copy, _scope.Settings.HashKey.Hash(copy)));
        }
    }

    private sealed class PeriodTimer(Sweeper sweeper) : LoopTimer
    {
        public override void OnTimer()
        {
            sweeper.NewPeriod();
            sweeper.Wake();
            sweeper._loop.Events.Schedule(this, sweeper._loop.Events.NowNs + PeriodNs);
        }
    }
}

using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Runtime;

namespace Anax.Engine.Keyspace;

// How the sweep spends its time. Ten times a second a period begins; in it the sweep goes on where it stopped:
//
// 1. A round passes every bucket of every database once, and then of the tables behind roots. While buckets hold nothing that is due, a period may use
//    2 % of its time for them per point of effort; what is due is dropped whatever that takes, in slices between the
//    loop's turns.
// 2. A round that found something is followed by another at once, one that found nothing by a rest, so that rounds
//    over a store at rest take 1 % of a core per point of effort: none to speak of for a small store, whose rounds are
//    short, and so it is passed in every period.
// 3. While an arena is being compacted the sweep moves records, and does not stop before the round is through.

/// <summary>
/// The shard's periodic work in small steps, in what the event loop's turn leaves: gives flushed tables back, drops
/// expired keys, ages entries, evacuates sparse extents. Wakes by a timer; goes on at once while there is much to do.
/// </summary>
internal sealed class Sweeper : BackgroundWork
{
    internal const int FreeBudget = 64;
    private const int SweepBudget = 64;
    private const long PeriodNs = 100_000_000;

    /// <summary>Of a period, what looking without finding may take, per point of effort: a fiftieth.</summary>
    private const int LookShare = 50;

    /// <summary>A rest is so many times the work of the round before it, divided by the effort.</summary>
    private const int RestFactor = 100;

    /// <summary>Extents of 2 MiB that go back to the kernel in a period: 160 MB a second.</summary>
    private const int ReleasesMax = 8;

    /// <summary>How much the last round weighs in the estimate of what is expired and not dropped yet.</summary>
    private const double StaleWeight = 0.05;

    private readonly EngineLoop _loop;
    private readonly SweepState[] _states;
    private readonly PeriodTimer _timer;
    private int _database;
    private RootSweep _roots;
    private bool _sweeping;
    private bool _moving;
    private long _periodNs;
    private long _roundNs;
    private long _roundDropped;
    private long _roundRemoved;
    private long _restUntilNs;
    private int _releases;

    internal Sweeper(EngineLoop loop, int databases)
    {
        _loop = loop;
        _states = new SweepState[databases];
        _timer = new PeriodTimer(this);
    }

    private int Effort => _loop.Settings.ActiveExpireEffort;

    internal void Start()
    {
        _loop.Events.AddBackground(this);
        _loop.Events.Schedule(_timer, _loop.Events.NowNs + PeriodNs);
    }

    /// <summary>One slice: true while there is something left to do before the next period.</summary>
    public override bool Run(long deadlineNs)
    {
        bool more = true;
        long begin = _loop.Events.MonotonicNs(), now = begin;
        while (more && now < deadlineNs)
        {
            long before = now;
            more = _loop.Shard.FreeDetached(FreeBudget) || SweepStep() || ReleaseStep();
            now = _loop.Events.MonotonicNs();
            _periodNs += now - before;
            _roundNs += now - before;
            _loop.Shard.Counters.SweepNs += now - before;
        }
        _loop.NoteLatency(LatencyEvent.ExpireCycle, now - begin);
        _loop.Shard.Arena.Settle();
        // Who reads for a group of consumers hears that it has gone with its key.
        if ((_loop.Shard.Counters.Care & ShardCare.ReadyKeys) != 0) _loop.Waits.Serve();
        return more;
    }

    private void NewPeriod()
    {
        Shard shard = _loop.Shard;
        if (_sweeping) shard.Counters.SweepTimeouts++;
        _periodNs = 0;
        _sweeping = !shard.SweepPaused && _loop.Events.NowNs >= _restUntilNs;
        _releases = ReleasesMax;
        _loop.TrimLease();
        if (shard.SweepPaused || shard.Arena.IsCompacting || !shard.Arena.BeginCompaction()) return;
        _sweeping = _moving = true;
        BeginRound();
    }

    private void BeginRound()
    {
        _database = 0;
        _roundNs = 0;
        _roundDropped = 0;
        _roundRemoved = 0;
        Array.Clear(_states);
        _roots.Begin(_loop.Shard.Arena);
    }

    /// <summary>
    /// Gives one free extent back to the kernel, a few in each period: each return takes a good part of a millisecond, and
    /// interrupts all cores.
    /// </summary>
    private bool ReleaseStep() => _releases-- > 0 && _loop.Shard.Arena.ReleaseFreeExtents(1) != 0;

    /// <summary>A few buckets of one database, or of large values; false when this period's work is done.</summary>
    private bool SweepStep()
    {
        if (!_sweeping) return false;
        long dropped;
        if (_database == _states.Length)
        {
            dropped = SweepRoots(out bool isDone);
            _roundRemoved += dropped;
            if (isDone)
            {
                EndRound();
                return _sweeping;
            }
        }
        else if (_loop.Shard.Table(_database) is { } table)
        {
            dropped = SweepTable(table);
            _roundDropped += dropped;
        }
        else
        {
            _states[_database++] = default;
            return true;
        }
        if (!_moving && dropped == 0 && _periodNs > PeriodNs / LookShare * Effort)
        {
            _sweeping = false;
            _loop.Shard.Counters.SweepTimeouts++;
        }
        return _sweeping;
    }

    /// <summary>Returns how many keys were dropped.</summary>
    private long SweepTable(KeyTable table)
    {
        var context = new CommandContext { NowMs = _loop.Events.NowMs, Database = _database, Resp = Protocol.RespVersion.Resp2 };
        _loop.Shard.Advance(ref context);
        var visitor = new ExpiryVisitor(new ShardScope(_loop, in context), _loop.Shard.ActiveExpiry);
        if (table.Entries.Sweep(ref _states[_database], context.NowMs, SweepBudget, ref visitor)) _database++;
        return visitor.Dropped;
    }

    /// <summary>Returns how many members were removed.</summary>
    private long SweepRoots(out bool isDone)
    {
        var context = new CommandContext { NowMs = _loop.Events.NowMs, Resp = Protocol.RespVersion.Resp2, Traits = ClientTraits.NoTouch };
        _loop.Shard.Advance(ref context);
        var visitor = new ExpiredMembers(new ShardScope(_loop, in context), _loop.Shard.ActiveExpiry);
        isDone = _roots.Step(_loop.Shard.Arena, _loop.Settings.HashKey, context.NowMs, SweepBudget, ref visitor);
        return visitor.Removed;
    }

    private void EndRound()
    {
        Shard shard = _loop.Shard;
        if (_moving)
        {
            shard.Arena.EndCompaction();
            _moving = false;
        }
        EstimateStale(shard);
        if (_roundDropped + _roundRemoved == 0)
        {
            _sweeping = false;
            _restUntilNs = _loop.Events.MonotonicNs() + _roundNs * RestFactor / Effort;
        }
        BeginRound();
    }

    private void EstimateStale(Shard shard)
    {
        long expiring = _roundDropped;
        for (int i = 0; i < shard.Databases; i++) expiring += shard.Table(i)?.Entries.ExpiringCount ?? 0;
        double percent = expiring == 0 ? 0 : 100.0 * _roundDropped / expiring;
        shard.Counters.StalePercent += (percent - shard.Counters.StalePercent) * StaleWeight;
    }

    /// <summary>Drops what the sweep finds expired, unless that is switched off. Mutable: counts.</summary>
    private ref struct ExpiryVisitor(ShardScope scope, bool drops) : IExpiryVisitor
    {
        private readonly ShardScope _scope = scope;
        internal long Dropped;

        public void Expired(ref Entry entry)
        {
            long before = _scope.Counters.Expired;
            if (drops) _ = _scope.DropIfExpired(ref entry);
            Dropped += _scope.Counters.Expired - before;
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

using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.PubSub;
using Anax.Engine.Transactions;
using Anax.Runtime;

namespace Anax.Engine;

/// <summary>The engine's kinds of messages between loops.</summary>
internal enum MessageKind : ushort { Batch = 1, BatchDone, Hop, HopDone, Release, Woken, Roster, Published, Relayed, Invalidation, Remarkable }

/// <summary>What has run for so long that clients are told instead of being made to wait.</summary>
public enum BusyWith : byte { Nothing, Script, Function }

/// <summary>
/// All that one thread of the engine owns: its event loop, its shard, its dispatcher, its pools and its counters.
/// Other loops send it messages; one thread at a time touches it, but for counters that are read approximately.
/// </summary>
public sealed class EngineLoop : IDisposable
{
    private readonly Sweeper _sweeper;
    private readonly MemoryBudget _budget;
    private readonly NativeArray<long> _transactionIds;
    private readonly NativeArray<TransactionCounters> _transactions = new(1);
    private long _lease;

    /// <summary>The limit was lowered below what all loops use: leases say nothing until the sum fits again.</summary>
    private bool _isOverLimit;

    /// <summary>Somebody tracks keys, on any loop.</summary>
    private bool _isTracked;

    /// <summary>What subscriptions and tracking take, counted once a turn while there are any.</summary>
    private long _topicBytes;

    internal EngineLoop(EventLoop events, EngineLoop[] peers, CommandTable commands, EngineSettings settings, MemoryBudget budget,
        NativeArray<long> transactionIds)
    {
        Events = events;
        Peers = peers;
        Commands = commands;
        Settings = settings;
        _budget = budget;
        _transactionIds = transactionIds;
        Shard = new Shard(new ShardId((ushort)events.Index), settings);
        Statistics = new CommandStatistics(commands.All.Length);
        Dispatcher = new Dispatcher(this);
        Pauses = new PauseGate(this);
        Logs = new CommandLogs(this);
        Coordinators = new CoordinatorPool(this);
        Grants = new LockGrants(this);
        Token = new TokenLine(this);
        Parked = new ParkedBatches(this);
        Multis = new MultiPool(this);
        Waits = new KeyWaits(this);
        Pushes = new PushQueue(this);
        Broker = new Broker(this);
        Tracker = new Tracker(this);
        Tracked = new TrackingTable(this);
        Notifier = new KeyspaceNotifier(this);
        ApplyNotifications();
        CountTopics();
        _sweeper = new Sweeper(this, settings.Databases);
        events.OnMessage((ushort)MessageKind.Batch, Dispatcher.Exchange.Serve);
        events.OnMessage((ushort)MessageKind.BatchDone, Dispatcher.Exchange.Served);
        events.OnMessage((ushort)MessageKind.Hop, Coordinators.Serve);
        events.OnMessage((ushort)MessageKind.HopDone, Coordinators.Served);
        events.OnMessage((ushort)MessageKind.Woken, Coordinators.Served);
        events.OnMessage((ushort)MessageKind.Release, (int _, in Message message) => Grants.Release((int)message.A));
    }

    public EventLoop Events { get; }
    public int Index => Events.Index;
    public CommandTable Commands { get; }
    public EngineSettings Settings { get; private set; }
    public CommandStatistics Statistics { get; }
    public Dispatcher Dispatcher { get; }

    /// <summary>Publishing and subscribing.</summary>
    public Broker Broker { get; }

    /// <summary>Clients that are told of changes to keys.</summary>
    public Tracker Tracker { get; }

    /// <summary>Keys of this shard that such clients may keep, and clients of all of them.</summary>
    public (int Keys, int Items) TrackedCounts => (Tracked.Keys, Tracked.Items);

    /// <summary>Sessions that were sent something beside their replies.</summary>
    public PushQueue Pushes { get; }

    /// <summary>Holds commands back during CLIENT PAUSE.</summary>
    public PauseGate Pauses { get; }

    /// <summary>The logs of slow commands, large requests and large replies.</summary>
    public CommandLogs Logs { get; }

    /// <summary>What took longer than latency-monitor-threshold.</summary>
    public LatencyLog Latency { get; } = new();

    /// <summary>What the layer above keeps per loop (connections, monitors). Set once, before the loop runs.</summary>
    public object Host { get; set; } = new();

    /// <summary>Finds the session of a client of this loop by its id; null where it has gone. Set once, before the loop runs.</summary>
    public Func<long, Session?> FindSession { get; set; } = static _ => null;

    /// <summary>What scripting keeps per loop. Set once, before the loop runs.</summary>
    public IDisposable? Scripting { get; set; }

    /// <summary>The host's figures of the process, where it has any.</summary>
    public IHostFacts? Facts => Host as IHostFacts;

    /// <summary>Loops of this engine, by index. For addressing messages and for reading counters.</summary>
    public ReadOnlySpan<EngineLoop> Loops => Peers;

    /// <summary>The process-wide limit's state.</summary>
    public MemoryBudget Budget => _budget;

    /// <summary>Commands are refused, but for those that may end it, while a script runs beyond busy-reply-threshold.</summary>
    public BusyWith Busy { get; set; }

    /// <summary>Scripts may run commands that are kept from them (DEBUG SET-DISABLE-DENY-SCRIPTS).</summary>
    public bool ScriptsRunAll { get; set; }

    /// <summary>Bytes that this loop's shard and buffers use, exactly.</summary>
    public long UsedBytes => Shard.UsedBytes + Events.Chunks.AllocatedBytes + Batches.AllocatedBytes + ClientBytes
        + _topicBytes;

    /// <summary>Bytes of the clients' input buffers and large arguments on this loop.</summary>
    public long ClientBytes { get; set; }

    /// <summary>The command that took longest since <see cref="ForgetSlowest"/>, for the report of a long turn.</summary>
    public (CommandSpec? Command, long Ns) Slowest { get; private set; }

    /// <summary>Approximate figures of the shard, for reports from other threads.</summary>
    public ref ShardCounters Counters => ref Shard.Counters;

    /// <summary>Flushed databases, and large values, that wait to be freed.</summary>
    public long FreePending => Shard.FreePending;

    /// <summary>Values so far that were too large to be freed at once.</summary>
    public long FreedInSteps => Shard.Arena.FreedInSteps;

    /// <summary>Approximate figures of what went over several shards, for reports from other threads.</summary>
    public ref TransactionCounters Transactions => ref _transactions[0];

    internal TrackingTable Tracked { get; }
    internal KeyspaceNotifier Notifier { get; }
    internal Shard Shard { get; }
    internal EngineLoop[] Peers { get; }

    /// <summary>Registers of HyperLogLogs are merged sixteen at a time; only PFDEBUG SIMD turns it off.</summary>
    public bool MergesVectors { get; set; } = true;

    /// <summary>Compresses what is written of values.</summary>
    public LzfPacker Packer { get; } = new();

    /// <summary>For the arguments of a part of a command, while that part runs.</summary>
    internal NativeList<ArgumentSlice> Scratch { get; } = new();
    internal BoxPool Boxes { get; } = new();
    internal BatchPool Batches { get; } = new();
    internal CoordinatorPool Coordinators { get; }
    internal LockGrants Grants { get; }
    internal TokenLine Token { get; }
    internal ParkedBatches Parked { get; }
    internal LongReads LongReads { get; } = new();
    internal MultiPool Multis { get; }
    internal KeyWaits Waits { get; }
    internal ExecSegments Segments { get; } = new();

    /// <summary>The loop's turn: lets those go on whose locks have been granted; what clients get beside replies leaves then.</summary>
    public void OnTurn()
    {
        Grants.Run();
        Pushes.Drain();
        if (Broker.HasTopics) CountTopics();
    }

    private void CountTopics() => _topicBytes = Broker.UsedBytes + Tracked.UsedBytes + Tracker.UsedBytes;

    /// <summary>Begins the periodic work; called on the loop's own thread before its first turn.</summary>
    public void Start() => _sweeper.Start();

    /// <summary>Takes new settings over. Called on this loop's thread, between batches.</summary>
    public void Apply(EngineSettings settings)
    {
        Settings = settings;
        Shard.Settings = settings;
        _budget.Limit = settings.MaxMemory;
        _isOverLimit = !_budget.TrySettle(ref _lease, UsedBytes);
        Logs.Apply(settings);
        ApplyNotifications();
        Tracked.Limit();
    }

    /// <summary>The notifier listens only while an option asks for it: else a change costs no look at the options.</summary>
    private void ApplyNotifications()
    {
        bool isOn = Settings.NotifiedClasses != 0 && (Settings.NotifiesByKey || Settings.NotifiesByEvent);
        Shard.Unlisten(Notifier);
        if (isOn) Shard.Listen(Notifier);
        Shard.Noted = isOn ? Settings.NotifiedClasses : EventClass.None;
    }

    public void Listen(IChangeListener listener) => Shard.Listen(listener);

    public void Unlisten(IChangeListener listener) => Shard.Unlisten(listener);

    public void ForgetSlowest() => Slowest = default;

    /// <summary>A command ran for so long, within a turn.</summary>
    internal void NoteDuration(int command, long ns)
    {
        if (ns > Slowest.Ns) Slowest = (Commands[command], ns);
        NoteLatency(Commands[command], ns);
    }

    /// <summary>A command took so long from its begin to its reply, its waiting included.</summary>
    internal void NoteLatency(CommandSpec command, long ns) =>
        NoteLatency((command.Flags & CommandFlags.Fast) != 0 ? LatencyEvent.FastCommand : LatencyEvent.Command, ns);

    /// <summary>Something took so long. What is below latency-monitor-threshold is nobody's business.</summary>
    internal void NoteLatency(LatencyEvent which, long ns)
    {
        long ms = ns / 1_000_000;
        if (Settings.LatencyThresholdMs > 0 && ms >= Settings.LatencyThresholdMs) Latency.Add(which, Events.NowMs, ms);
    }

    /// <summary>The next number of the one order of transactions; shared by all loops, and drawn by none that stays on one shard.</summary>
    internal long NextTransactionId() => Interlocked.Increment(ref _transactionIds[0]);

    /// <summary>A test has planted this fault.</summary>
    internal bool Has(PlantedBugs bug) => (Settings.PlantedBugs & bug) != 0;

    /// <summary>
    /// Topics came or went, here or elsewhere. While there are any, mail is taken before requests are read, so that what a
    /// client learns of is done here too when it sends the next command.
    /// </summary>
    internal void TopicsChanged()
    {
        Events.ServesMailFirst = Broker.HasTopics;
        CountTopics();
        bool isTracked = Broker.CountTopics(TopicKind.Tracker) != 0;
        if (isTracked == _isTracked) return;
        _isTracked = isTracked;
        if (isTracked)
        {
            Shard.Listen(Tracked);
            return;
        }
        Shard.Unlisten(Tracked);
        Tracked.Clear();
    }

    internal void WakeSweeper() => _sweeper.Wake();

    /// <summary>May a command that needs memory run? Compares with the lease; asks for more only beyond it.</summary>
    internal bool AllowsMemory()
    {
        long used = UsedBytes;
        Shard.Counters.UsedBytes = used;
        if (_isOverLimit)
        {
            _isOverLimit = !_budget.TrySettle(ref _lease, used);
            if (_isOverLimit) return false;
        }
        return used <= _lease || _budget.TryExtend(ref _lease, used);
    }

    internal void TrimLease()
    {
        long used = UsedBytes;
        Shard.Counters.UsedBytes = used;
        if (used > _lease) _ = _budget.TryExtend(ref _lease, used);
        else _budget.Trim(ref _lease, used);
    }

    public void Dispose()
    {
        Scripting?.Dispose();
        LongReads.Dispose();
        Dispatcher.Dispose();
        Coordinators.Dispose();
        Parked.Dispose();
        Grants.Dispose();
        Multis.Dispose();
        Segments.Dispose();
        _transactions.Dispose();
        Broker.Dispose();
        Notifier.Dispose();
        Tracker.Dispose();
        Tracked.Dispose();
        Shard.Dispose();
        Statistics.Dispose();
        Batches.Dispose();
        Scratch.Dispose();
        Packer.Dispose();
    }
}

using Anax.LoadGen.Cluster;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;
using Anax.LoadGen.Workload;
using Anax.Runtime;

namespace Anax.LoadGen.Driver;

/// <summary>
/// The load of one loop: dials its connections, a few at a time, starts and ends them in each phase, and knows when
/// everything that was sent is answered.
/// </summary>
internal sealed class LoadThread : ILoopEvents
{
    /// <summary>Connections that are being made at one time: no server's queue of new ones is shorter.</summary>
    private const int DialsMax = 64;

    private const long RetryDialNs = 1_000_000;
    private const long SampleNs = 100_000_000;
    private const long AdjustNs = 1_000_000_000;

    /// <summary>So long may requests, or connections, stay without any answer.</summary>
    private const long PatienceNs = 60_000_000_000;

    private readonly LoadRun _run;
    private readonly List<LoadConnection> _connections = [];
    private readonly CallTimer _dialTimer;
    private readonly CallTimer _startTimer;
    private readonly CallTimer _endTimer;
    private readonly CallTimer _sampleTimer;
    private readonly CallTimer _adjustTimer;
    private Redirector? _redirector;
    private ClusterMap? _map;
    private int _dialed;
    private int _ready;
    private int _senders;
    private long _outstanding;
    private long _lastReplyNs;
    private long _startNs;
    private bool _isInPhase;

    public LoadThread(LoadRun run, EventLoop loop)
    {
        (_run, Loop) = (run, loop);
        _dialTimer = new CallTimer(Dial);
        _startTimer = new CallTimer(StartPhase);
        _endTimer = new CallTimer(EndSending);
        _sampleTimer = new CallTimer(Sample);
        _adjustTimer = new CallTimer(Adjust);
        loop.Attach(this);
        loop.OnMessage(LoadRun.ConnectKind, OnConnect);
        loop.OnMessage(LoadRun.BeginKind, OnBegin);
    }

    public EventLoop Loop { get; }

    public BenchOptions Options => _run.Options;

    public LoadPlan Plan => _run.Plan;

    public SetupRequests Setup => _run.Setup;

    /// <summary>Set by the leading loop before it tells this one to begin.</summary>
    public ThreadRecorder? NextRecorder { get; set; }

    public ThreadRecorder Recorder { get; private set; } = new(0, 0, isScheduled: false);

    public Phase Phase { get; private set; } = new("", 0, false, 0, 0);

    /// <summary>Null in a closed loop.</summary>
    public Schedule? Schedule { get; private set; }

    public bool IsSending { get; private set; }

    /// <summary>No batch that is intended for later is sent in this phase.</summary>
    public long EndNs => Phase.DurationNs == 0 ? long.MaxValue : _startNs + Phase.DurationNs;

    public bool IsEnding { get; private set; }

    public long BatchesSent { get; set; }

    /// <summary>Connections that send, not those that only take redirected requests.</summary>
    private int SenderCount => Options.Connections * Math.Max(1, _run.Cluster?.ShardCount ?? 1);

    // ---- the loop's events ----

    public void OnStarted(EventLoop loop)
    {
        ThreadClock.SleepExactly();
        if (loop.Index == 0) _run.Lead();
    }

    public void OnTurn(EventLoop loop)
    {
    }

    public void OnLongTurn(EventLoop loop, long ns)
    {
    }

    public void OnStopping(EventLoop loop)
    {
        IsEnding = true;
        IsSending = false;
        if (_isInPhase) Recorder.Finish(Times());
        _isInPhase = false;
        foreach (LoadConnection connection in _connections) connection.End();
        Loop.Cancel(_dialTimer);
        Loop.Cancel(_startTimer);
        Loop.Cancel(_endTimer);
        Loop.Cancel(_sampleTimer);
        Loop.Cancel(_adjustTimer);
    }

    public void OnStopped(EventLoop loop) => _run.ThreadStopped();

    // ---- what connections tell ----

    public void Fail(string reason)
    {
        if (!IsEnding) _run.Fail(reason);
    }

    public void ConnectionReady()
    {
        _ready++;
        _lastReplyNs = Loop.NowNs;
        if (_ready == SenderCount)
            Loop.Post(0, new Message { Kind = LoadRun.ReadyKind });
        // Where connections are looked up, the look has brought us here and dials on.
        else if (_dialed < SenderCount && Setup.Names.Count != 0)
            Dial();
    }

    public void Sent(int count, long nowNs)
    {
        if (_outstanding == 0) _lastReplyNs = nowNs;
        _outstanding += count;
    }

    public void Answered(int count, long nowNs)
    {
        _outstanding -= count;
        _lastReplyNs = nowNs;
        if (_outstanding == 0 && _senders == 0) EndPhase(nowNs);
    }

    /// <summary>A connection has sent all that it was to send.</summary>
    public void SenderFinished()
    {
        _senders--;
        if (_senders == 0) IsSending = false;
    }

    /// <summary>Follows a redirection from a server; false where the text is none that can be followed.</summary>
    public bool Redirect(ReadOnlySpan<byte> text, in Pending request, ServerAddress from) =>
        _redirector?.Follow(text, request, from) ?? false;

    // ---- connecting ----

    public LoadConnection MakeConnection(ServerAddress address, int shard, int number, bool isSender)
    {
        int perShard = Options.Connections * _run.ThreadCount;
        int place = Loop.Index * Options.Connections + number % Options.Connections;
        ClusterKeys? cluster = _map is null ? null : new ClusterKeys(_map, shard, !Options.ClusterSkipTags);
        RequestComposer composer = new(
            Plan, Loop.Index * SenderCount + number, new KeySource(Options, Plan.Zipf, place, perShard), cluster);
        LoadConnection connection = new(this, address, composer, isSender);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>Dials for a connection; false where the server's queue is full. Failures end the run.</summary>
    public bool TryDial(LoadConnection connection)
    {
        int descriptor;
        try
        {
            descriptor = _run.Dialer.Dial(connection.Address);
        }
        catch (ListenException e)
        {
            Fail($"{connection.Reason}{e.Message}");
            return true;
        }

        if (descriptor < 0) return false;
        Loop.Adopt(descriptor, connection);
        connection.Greet();
        return true;
    }

    private void OnConnect(int from, in Message message)
    {
        if (_run.Cluster is not null)
        {
            _map = new ClusterMap(_run.Cluster);
            _redirector = new Redirector(this, _map, _connections);
        }

        int shards = Math.Max(1, _map?.ShardCount ?? 1);
        for (int number = 0; number < SenderCount; number++)
        {
            int shard = number / Options.Connections;
            MakeConnection(_map is null ? _run.Server : _map.Address(shard % shards), shard, number, isSender: true);
        }

        _lastReplyNs = Loop.NowNs;
        Loop.Schedule(_sampleTimer, Loop.NowNs + SampleNs);
        Dial();
    }

    private void Dial()
    {
        // Without a greeting nothing comes back, so whether a connection stands is looked up.
        for (int i = 0; Setup.Names.Count == 0 && i < _dialed; i++) _connections[i].LookWhetherConnected();
        while (!IsEnding && _dialed < SenderCount && _dialed - _ready < DialsMax)
        {
            if (!TryDial(_connections[_dialed])) break;
            _dialed++;
        }

        bool looksAgain = _ready < _dialed && Setup.Names.Count == 0;
        if (!IsEnding && (looksAgain || (_dialed < SenderCount && _dialed - _ready < DialsMax)))
            Loop.Schedule(_dialTimer, Loop.NowNs + RetryDialNs);
    }

    // ---- phases ----

    private void OnBegin(int from, in Message message)
    {
        Phase = Plan.Phases[(int)message.A];
        _startNs = message.B;
        Recorder = NextRecorder!;
        Loop.Schedule(_startTimer, _startNs);
    }

    private void StartPhase()
    {
        Recorder.Begin(Times());
        for (int i = 0; i < SenderCount; i++) Recorder.Connected();
        _isInPhase = IsSending = true;
        _senders = SenderCount;
        BatchesSent = 0;
        _lastReplyNs = _startNs;
        Schedule = Phase.Qps == 0 ? null : new Schedule(Phase.Qps, _startNs, SenderCount);
        Loop.Schedule(_sampleTimer, _startNs + SampleNs);
        if (Phase.DurationNs != 0) Loop.Schedule(_endTimer, _startNs + Phase.DurationNs);
        if (Schedule is { IsThrottled: true }) Loop.Schedule(_adjustTimer, _startNs + AdjustNs);
        for (int i = 0; i < SenderCount; i++)
            _connections[i].StartPhase((i + (double)Loop.Index / _run.ThreadCount) / SenderCount);
    }

    private void EndSending()
    {
        _senders = 0;
        IsSending = false;
        if (_outstanding == 0 && _isInPhase) EndPhase(Loop.MonotonicNs());
    }

    private void EndPhase(long nowNs)
    {
        if (!_isInPhase) return;
        _isInPhase = false;
        Recorder.Finish(Times());
        Loop.Cancel(_endTimer);
        Loop.Cancel(_adjustTimer);
        Loop.Post(0, new Message { Kind = LoadRun.DoneKind, A = nowNs });
    }

    private void Sample()
    {
        long nowNs = Loop.MonotonicNs();
        if (_isInPhase) Recorder.HandOut(nowNs);
        bool waits = _outstanding != 0 || _ready < SenderCount;
        if (waits && nowNs - _lastReplyNs > PatienceNs)
        {
            Fail(_outstanding != 0
                ? $"{_run.Server} has answered nothing for {PatienceNs / 1_000_000_000} seconds; {_outstanding} requests wait"
                : $"{_run.Server}: {SenderCount - _ready} connections did not come about in {PatienceNs / 1_000_000_000} seconds");
            return;
        }

        long next = _sampleTimer.DueNs + SampleNs;
        Loop.Schedule(_sampleTimer, Math.Max(next, nowNs));
    }

    private void Adjust()
    {
        Schedule!.Adjust(Loop.NowNs, BatchesSent);
        Loop.Schedule(_adjustTimer, Loop.NowNs + AdjustNs);
    }

    private ThreadTimes Times()
    {
        (long userNs, long systemNs) = ThreadClock.Read();
        return new ThreadTimes(Loop.MonotonicNs(), userNs, systemNs, Loop.Statistics.BusyNs);
    }
}

/// <summary>A timer that calls one method of its owner.</summary>
internal sealed class CallTimer(Action call) : LoopTimer
{
    public override void OnTimer() => call();
}

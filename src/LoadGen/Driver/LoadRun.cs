using Anax.LoadGen.Cluster;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;
using Anax.LoadGen.Workload;
using Anax.Runtime;

namespace Anax.LoadGen.Driver;

/// <summary>
/// One run over a group of loops. The first loop leads: it probes the server, lets all threads connect, begins each
/// phase when all have ended the one before, and stops the group. Threads talk by mailbox, so that a run is the same
/// on a simulated network.
/// </summary>
public sealed class LoadRun : IDisposable
{
    internal const ushort ConnectKind = 1, ReadyKind = 2, BeginKind = 3, DoneKind = 4;

    /// <summary>Descriptors beside the connections: loops, files, the runtime's own.</summary>
    internal const int OtherDescriptors = 64;

    /// <summary>Between the order to begin and the beginning, so that all threads begin at one time.</summary>
    private const long BeginNs = 10_000_000;

    private readonly LoopGroup _group;
    private readonly LoadThread[] _threads;
    private readonly PhaseRecord[] _phases;
    private readonly DateTimeOffset _startTime = DateTimeOffset.UtcNow;
    private readonly ManualResetEventSlim _finished = new();
    private int _threadsReady;
    private int _threadsDone;
    private int _threadsStopped;
    private long _lastEndNs;
    private volatile int _begun;
    private volatile string? _failure;

    public LoadRun(BenchOptions options, LoopGroup group, IDialer dialer)
    {
        (Options, _group, Dialer) = (options, group, dialer);
        Server = new ServerAddress(options.Host, options.Port, options.UnixSocket);
        Plan = new LoadPlan(options);
        _phases = new PhaseRecord[Plan.Phases.Count];
        Setup = new SetupRequests(options);
        _threads = new LoadThread[group.Count];
        for (int i = 0; i < _threads.Length; i++) _threads[i] = new LoadThread(this, group[i]);
        group[0].OnMessage(ReadyKind, OnReady);
        group[0].OnMessage(DoneKind, OnDone);
    }

    public BenchOptions Options { get; }

    public ServerAddress Server { get; }

    public bool IsFinished => _finished.IsSet;

    /// <summary>Why the run ended before its time; empty where it did not.</summary>
    public string Failure => _failure ?? "";

    internal LoadPlan Plan { get; }

    internal SetupRequests Setup { get; }

    internal IDialer Dialer { get; }

    /// <summary>The shards of a cluster; null where the server is alone. Settled before the threads connect.</summary>
    internal ClusterMap? Cluster { get; private set; }

    internal int ThreadCount => _threads.Length;

    internal string ServerName { get; private set; } = "";

    /// <summary>Starts the loops' threads; on a simulated network the network runs them.</summary>
    public void Start() => _group.Start();

    /// <summary>Waits for the end at most so long; true where it was reached.</summary>
    public bool Wait(int milliseconds) => _finished.Wait(milliseconds);

    /// <summary>The phase with this number; null where it has not begun.</summary>
    public PhaseRecord? Phase(int number) => number < _begun ? _phases[number] : null;

    /// <summary>Ends the run early for the reason; the first reason counts. Any thread.</summary>
    public void Fail(string reason)
    {
        Interlocked.CompareExchange(ref _failure, reason, null);
        _group.Stop();
    }

    /// <summary>The result, when the run is finished and the group has been joined.</summary>
    public RunResult Result(string commandLine)
    {
        PhaseRecord[] begun = _phases[.._begun];
        foreach (PhaseRecord phase in begun) phase.Finish();
        return new RunResult
        {
            Options = Options,
            CommandLine = commandLine,
            StartTime = _startTime,
            Backend = _group.Backend.ToString(),
            ServerVersion = ServerName,
            Threads = _threads.Length,
            Steps = Array.FindAll(begun, phase => phase.IsMeasured),
            Failure = Failure,
        };
    }

    public void Dispose() => _finished.Dispose();

    // ---- the leading loop ----

    /// <summary>The first loop runs.</summary>
    internal void Lead()
    {
        bool isProbed = Options.Protocol != BenchProtocol.MemcacheText && !Options.ConnectOnly;
        if (!isProbed)
        {
            Connect();
            return;
        }

        try
        {
            ProbeConnection probe = new(this, Options);
            int descriptor = Dialer.Dial(Server);
            if (descriptor < 0) throw new ListenException($"{Server}: connect: the server's queue is full", 0);
            _group[0].Adopt(descriptor, probe);
            probe.Ask();
        }
        catch (ListenException e)
        {
            Fail(e.Message);
        }
    }

    internal void Probed(string serverName, string nodes)
    {
        ServerName = serverName;
        if (nodes.Length != 0)
        {
            ClusterMap map = ClusterMap.Parse(nodes, Server);
            if (map.ShardCount != 0) Cluster = map;
        }

        string? problem = Cluster is null ? null : ProblemWithCluster(Cluster.ShardCount);
        if (problem is null)
            Connect();
        else
            Fail(problem);
    }

    /// <summary>A thread's last call: its loop has ended.</summary>
    internal void ThreadStopped()
    {
        if (Interlocked.Increment(ref _threadsStopped) == _threads.Length) _finished.Set();
    }

    private string? ProblemWithCluster(int shards)
    {
        long descriptors = (long)_threads.Length * Options.Connections * shards + OtherDescriptors;
        if (ProcessLimits.RaiseOpenFiles(descriptors) < descriptors)
            return $"{descriptors} files must be open at one time for {shards} shards, the system allows {ProcessLimits.OpenFiles()}";
        if (!Options.ClusterSkipTags) return null;
        foreach (CommandTemplate template in Plan.Templates)
        {
            if (template.Keys.Length > 1)
                return $"'{template.Text}' has several keys, which a cluster takes only with --cluster_skip_tags=false";
        }

        return null;
    }

    private void Connect() => Tell(new Message { Kind = ConnectKind });

    private void OnReady(int from, in Message message)
    {
        if (++_threadsReady == _threads.Length) BeginNext();
    }

    private void OnDone(int from, in Message message)
    {
        _lastEndNs = Math.Max(_lastEndNs, message.A);
        if (++_threadsDone == _threads.Length) BeginNext();
    }

    private void BeginNext()
    {
        _threadsDone = 0;
        if (_begun == _phases.Length || _failure is not null)
        {
            _group.Stop();
            return;
        }

        Phase phase = Plan.Phases[_begun];
        long startNs = _group[0].MonotonicNs() + BeginNs;
        PhaseRecord record = new(phase.Name, phase.Qps, phase.IsMeasured, startNs, _threads.Length);
        for (int i = 0; i < _threads.Length; i++) _threads[i].NextRecorder = record.Threads[i];
        Tell(new Message { Kind = BeginKind, A = _begun, B = startNs });
        _phases[_begun] = record;
        _begun++;
    }

    private void Tell(Message message)
    {
        for (int to = 0; to < _threads.Length; to++) _group[0].Post(to, message);
    }
}

using System.Text;
using Anax.Runtime;
using Anax.Runtime.Simulated;

namespace Anax.Tests.Stub;

/// <summary>
/// A server that answers as slowly and as wrongly as it is told to, and keeps an exact record of it. Over sockets it
/// runs on a thread of its own; on a simulated network it runs when the network says so.
/// </summary>
/// <remarks>
/// A polling stub never sleeps and sends one delayed reply per turn, so that the time it notes is the time at which that
/// one write begins. On a simulated network a timer does the same.
/// </remarks>
public sealed class StubServer : ILoopEvents, IAcceptEvents, IDisposable
{
    internal static readonly byte[] Ok = "+OK\r\n"u8.ToArray();

    private static readonly byte[] Nil = "$-1\r\n"u8.ToArray();

    private readonly LoopGroup _group;
    private readonly EventLoop _loop;
    private readonly ListenSocket _listener;
    private readonly Thread? _thread;
    private readonly ReplyTimer _timer;
    private readonly PriorityQueue<StubConnection, (long DueNs, long Order)> _due = new();
    private readonly Dictionary<string, byte[]> _values = [];
    private readonly byte[] _anyValue = StubConnection.Bulk("0123456789abcdef"u8);
    private long _order;
    private long _reads;
    private volatile bool _isStopping;
    private volatile string? _failure;

    public StubServer(StubOptions options)
        : this(options, new LoopGroupOptions { Backend = LoopBackend.Epoll }) =>
        (_thread = new Thread(Run) { IsBackground = true, Name = "stub" }).Start();

    public StubServer(StubOptions options, SimulatedNetwork network)
        : this(options, new LoopGroupOptions { Network = network })
    {
    }

    private StubServer(StubOptions options, LoopGroupOptions loops)
    {
        (Options, Record) = (options, new StubRecord(options.RecordMax));
        _timer = new ReplyTimer(this);
        _group = LoopGroup.Create(loops);
        _loop = _group[0];
        _loop.Attach(this);
        _listener = options.UnixPath is { } path ? ListenSocket.Unix(path, 128) : _group.ListenTcp("127.0.0.1", 0, 1024);
        _loop.Listen(_listener, this);
    }

    public StubOptions Options { get; }

    public StubRecord Record { get; }

    public int Port => _listener.Port;

    /// <summary>What a client sent that is not RESP; its connection was closed.</summary>
    public string? Failure => _failure;

    public void Dispose()
    {
        _isStopping = true;
        if (_thread is not null)
        {
            _loop.Wake();
            _thread.Join();
        }

        _listener.Dispose();
        _group.Dispose();
    }

    public void OnAccepted(ListenSocket listener, int descriptor)
    {
        _loop.Adopt(descriptor, new StubConnection(this, Record.Connections++));
        Record.ConnectionsPeak = Math.Max(Record.ConnectionsPeak, ++Record.OpenConnections);
    }

    public void OnAcceptFailed(ListenSocket listener, int errno) =>
        throw new InvalidOperationException($"the stub cannot accept: errno {errno}");

    public void OnTurn(EventLoop loop)
    {
        if (!Options.IsPolling || _due.Count == 0) return;
        if (_due.TryPeek(out _, out (long DueNs, long Order) first) && first.DueNs <= _loop.MonotonicNs())
            _due.Dequeue().Reply();
    }

    public void OnStarted(EventLoop loop)
    {
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

    /// <summary>A reply of the connection falls due; its replies are in order, so which one need not be said.</summary>
    internal void Expect(StubConnection connection, long dueNs)
    {
        _due.Enqueue(connection, (dueNs, _order++));
        if (!Options.IsPolling) Arm();
    }

    internal void Fail(string what) => _failure ??= what;

    internal void Store(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (Options.KeepsValues) _values[Encoding.Latin1.GetString(key)] = value.ToArray();
    }

    /// <summary>The reply to a GET.</summary>
    internal byte[] Find(ReadOnlySpan<byte> key)
    {
        if (!Options.KeepsValues) return _anyValue;
        if (!_values.TryGetValue(Encoding.Latin1.GetString(key), out byte[]? value)) return Nil;
        byte[] reply = StubConnection.Bulk(value);
        if (Options.CorruptOneIn != 0 && value.Length != 0 && ++_reads % Options.CorruptOneIn == 0)
        {
            // Somewhere in the value, another place each time.
            int wrong = (int)(Record.Corrupted * 7919 % value.Length);
            reply[reply.Length - 2 - value.Length + wrong] ^= 1;
            Record.Corruptions.Add((Encoding.Latin1.GetString(key), wrong));
        }

        return reply;
    }

    private void Run()
    {
        if (Options.Cpu >= 0) CpuTopology.PinCurrentThread(Options.Cpu);
        while (!_isStopping) _loop.RunTurn(mayBlock: !Options.IsPolling);
    }

    private void Arm()
    {
        if (_due.TryPeek(out _, out (long DueNs, long Order) first)) _loop.Schedule(_timer, first.DueNs);
    }

    private void ReplyDue()
    {
        long nowNs = _loop.NowNs;
        while (_due.TryPeek(out _, out (long DueNs, long Order) first) && first.DueNs <= nowNs) _due.Dequeue().Reply();
        Arm();
    }

    private sealed class ReplyTimer(StubServer server) : LoopTimer
    {
        public override void OnTimer() => server.ReplyDue();
    }
}

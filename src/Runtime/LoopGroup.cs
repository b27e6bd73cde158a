using System.Security.Cryptography;
using Anax.Core;
using Anax.Runtime.Epoll;
using Anax.Runtime.Simulated;
using Anax.Runtime.Uring;

namespace Anax.Runtime;

/// <summary>What a group of loops is made of.</summary>
public sealed record LoopGroupOptions
{
    public int Count { get; init; } = 1;

    public LoopBackend Backend { get; init; } = LoopBackend.Auto;

    /// <summary>Where the loops live if they are simulated; then the back end is too.</summary>
    public SimulatedNetwork? Network { get; init; }

    /// <summary>Processors to pin the threads to, in turn; empty does not pin.</summary>
    public IReadOnlyList<int> PinnedCpus { get; init; } = [];

    /// <summary>Where the loops' random sequences begin.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>
    /// Messages that a ring between two loops holds, a power of two; 0 chooses by the number of loops.
    /// </summary>
    public int MailboxCapacity { get; init; }

    /// <summary>Turns that take longer are reported.</summary>
    public long LongTurnNs { get; init; } = long.MaxValue;
}

/// <summary>
/// The loops of one server: made together with the mesh between them, run on threads of their own, stopped
/// together. Made, started, stopped and disposed by one thread, the one that composes the server.
/// </summary>
public sealed class LoopGroup : IDisposable
{
    private const int StackBytes = 1 << 20;

    private readonly LoopMesh _mesh;
    private readonly EventLoop[] _loops;
    private readonly Thread?[] _threads;
    private readonly LoopGroupOptions _options;

    private LoopGroup(
        LoopGroupOptions options, LoopMesh mesh, EventLoop[] loops, LoopBackend backend, string reason)
    {
        (_options, _mesh, _loops, Backend, BackendReason) = (options, mesh, loops, backend, reason);
        _threads = new Thread?[loops.Length];
        mesh.Loops = loops;
        foreach (EventLoop loop in loops) loop.LongTurnNs = options.LongTurnNs;
    }

    public int Count => _loops.Length;

    /// <summary>The back end that was taken.</summary>
    public LoopBackend Backend { get; }

    /// <summary>Why it was taken: for the log line at start.</summary>
    public string BackendReason { get; }

    public EventLoop this[int index] => _loops[index];

    /// <summary>
    /// Makes the loops. Nothing runs yet: handlers and listeners can be attached from this thread.
    /// </summary>
    public static LoopGroup Create(LoopGroupOptions options)
    {
        Invariant.Holds(options.Count > 0, "a group has loops");
        if (options.Network is not null) return Create(options, LoopBackend.Simulated, "asked for");
        if (options.Backend == LoopBackend.Epoll) return Create(options, LoopBackend.Epoll, "asked for");
        if (UringProbe.Works(out string reason))
        {
            try
            {
                string why = options.Backend == LoopBackend.Uring ? "asked for" : "it works here";
                return Create(options, LoopBackend.Uring, why);
            }
            catch (InvalidOperationException e)
            {
                // One ring works, so many do not: a limit on locked memory or on descriptors.
                reason = e.Message;
            }
        }

        if (options.Backend == LoopBackend.Uring) throw new InvalidOperationException($"io_uring: {reason}");
        return Create(options, LoopBackend.Epoll, $"io_uring is not available: {reason}");
    }

    private static LoopGroup Create(LoopGroupOptions options, LoopBackend backend, string reason)
    {
        int capacity = options.MailboxCapacity;
        if (capacity == 0 && options.Network is not null) capacity = options.Network.Options.MailboxCapacity;
        LoopMesh mesh = new(options.Count, capacity, canSleep: options.Network is null);
        var loops = new EventLoop[options.Count];
        int made = 0;
        try
        {
            for (; made < loops.Length; made++)
            {
                loops[made] = backend switch
                {
                    LoopBackend.Simulated => options.Network!.MakeLoop(mesh, made, options.Seed),
                    LoopBackend.Uring => new UringLoop(mesh, made, options.Seed),
                    _ => new EpollLoop(mesh, made, options.Seed),
                };
            }
        }
        catch
        {
            for (int i = 0; i < made; i++) loops[i].Dispose();
            mesh.Dispose();
            throw;
        }

        return new LoopGroup(options, mesh, loops, backend, reason);
    }

    /// <summary>A listener for these loops: of the machine, or of the simulated network.</summary>
    public ListenSocket ListenTcp(
        string address, int port, int backlog, int keepAliveSeconds = 0, bool reusePort = false) =>
        _options.Network?.Listen(address, port)
        ?? ListenSocket.Tcp(address, port, backlog, keepAliveSeconds, reusePort);

    /// <summary>
    /// Random bytes that nobody can guess: the system's, or those of the simulated network, which are the same for the
    /// same seed.
    /// </summary>
    public void FillRandom(Span<byte> target)
    {
        if (_options.Network is { } network) network.FillRandom(target);
        else RandomNumberGenerator.Fill(target);
    }

    /// <summary>
    /// Starts one thread per loop; each tells its <see cref="ILoopEvents.OnStarted"/> when it runs.
    /// </summary>
    public void Start()
    {
        if (_options.Network is not null)
        {
            foreach (EventLoop loop in _loops) loop.Begin();
            return;
        }

        for (int i = 0; i < _loops.Length; i++)
        {
            int index = i;
            Thread thread = new(() => RunThread(index), StackBytes)
            {
                Name = $"anax-loop-{index}",
                IsBackground = true,
            };
            _threads[index] = thread;
            thread.Start();
        }
    }

    /// <summary>
    /// Asks all loops to stop; any thread. Each ends its connections and goes on serving the others' messages
    /// until all are quiet.
    /// </summary>
    public void Stop()
    {
        foreach (EventLoop loop in _loops) loop.RequestStop();
    }

    /// <summary>Waits until all threads have ended; a simulated group is run until it has stopped.</summary>
    public void Join()
    {
        if (_options.Network is not null)
        {
            bool hasStopped = _options.Network.RunUntil(
                () => Array.TrueForAll(_loops, loop => loop.IsStopped));
            Invariant.Holds(hasStopped, "a group that was asked to stop stops");
            return;
        }

        foreach (Thread? thread in _threads) thread?.Join();
    }

    public void Dispose()
    {
        foreach (EventLoop loop in _loops) loop.Dispose();
        _mesh.Dispose();
    }

    private void RunThread(int index)
    {
        if (_options.PinnedCpus.Count != 0)
            CpuTopology.PinCurrentThread(_options.PinnedCpus[index % _options.PinnedCpus.Count]);
        _loops[index].Run();
    }
}

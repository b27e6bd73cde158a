using System.Runtime.InteropServices;
using Anax.Core;
using Anax.Runtime.Native;

namespace Anax.Runtime.Simulated;

/// <summary>
/// A world for servers in one thread: clock, listeners, connections, and the turn of who runs next, all drawn
/// from one seed. The same seed and the same calls give the same run, byte for byte.
/// </summary>
/// <remarks>
/// Time moves in three ways: a little with each turn, a little with each look at the clock (so that code
/// which works until a deadline ends), and in a leap to the next event when no loop has anything to do.
/// </remarks>
public sealed class SimulatedNetwork(SimulationOptions options) : IDisposable
{
    /// <summary>Simulated descriptors stand above all real ones.</summary>
    internal const int FirstDescriptor = 1 << 28;

    private const int FirstPort = 40_000;
    private const long LookNs = 100;

    private readonly List<SimulatedLoop> _loops = [];
    private readonly List<SimulatedSocket?> _sockets = [];
    private readonly Dictionary<int, SimulatedBacklog> _listeners = [];
    private readonly List<SimulatedClient> _clients = [];
    private ulong _random = options.Seed * 0x9E37_79B9_7F4A_7C15 + 1;

    public SimulationOptions Options => options;

    public long NowNs { get; private set; } = 1_000_000_000;

    public long NowMs => options.StartMs + NowNs / 1_000_000;

    /// <summary>Turns that were run.</summary>
    public long Steps { get; private set; }

    /// <summary>
    /// A number that differs between two runs that differ: whose turn it was and when, what the loop counted in it (timers
    /// that fired, messages, reads, writes), each message in the order of its handling, each byte of a socket.
    /// </summary>
    public ulong Trace { get; private set; }

    /// <summary>Times that a socket did not get rid of all that it had to send.</summary>
    public long ShortWrites { get; internal set; }

    /// <summary>Times that a socket was given less than had arrived.</summary>
    public long ShortReads { get; internal set; }

    /// <summary>Connections that the network, not a client, has reset.</summary>
    public long Resets { get; internal set; }

    public static bool Owns(int descriptor) => descriptor >= FirstDescriptor;

    /// <summary>A listener on this network; a port that is taken fails as it would outside.</summary>
    public ListenSocket Listen(string address, int port)
    {
        if (port == 0)
        {
            port = FirstPort;
            while (_listeners.ContainsKey(port)) port++;
        }

        if (!_listeners.TryGetValue(port, out SimulatedBacklog? backlog))
            _listeners.Add(port, backlog = new SimulatedBacklog());
        if (!backlog.Addresses.Add(address))
        {
            const int Taken = Errno.AddressInUse;
            throw new ListenException($"{address}:{port}: bind: {Errno.Text(Taken)}", Taken);
        }

        return new ListenSocket(this, address, port);
    }

    /// <summary>A connection whose client is the test itself.</summary>
    public SimulatedClient Connect(int port)
    {
        (SimulatedPipe toServer, SimulatedPipe toClient) = Reach(port);
        SimulatedClient client = new(this, toClient, toServer);
        _clients.Add(client);
        return client;
    }

    /// <summary>
    /// A connection whose client is a loop of this network too: the descriptor is for its
    /// <see cref="EventLoop.Adopt"/>.
    /// </summary>
    public int Dial(int port)
    {
        (SimulatedPipe toServer, SimulatedPipe toClient) = Reach(port);
        return Add(new SimulatedSocket(toClient, toServer));
    }

    /// <summary>
    /// Runs turns of loops drawn at random until the condition holds; false where it never will, or not in
    /// time.
    /// </summary>
    public bool RunUntil(Func<bool> done, long steps = 1_000_000)
    {
        for (long step = 0; step < steps; step++)
        {
            if (done()) return true;
            if (!Step()) return done();
        }

        return false;
    }

    /// <summary>Runs for so long by the simulated clock.</summary>
    public void RunFor(long ns)
    {
        long until = NowNs + ns;
        while (NowNs < until)
        {
            if (!Step(until)) NowNs = until;
        }
    }

    /// <summary>
    /// One turn of one loop; a leap of the clock first where none has anything to do. False where nothing is
    /// to come.
    /// </summary>
    public bool Step(long leapLimitNs = long.MaxValue)
    {
        foreach (SimulatedClient client in _clients) client.Push();
        // Asking the loops moves the clock a little: what arrives meanwhile was not seen yet, and is still an event.
        long sinceNs = NowNs;
        SimulatedLoop? next = Choose();
        if (next is null)
        {
            long nextNs = NextEventNs(sinceNs);
            if (nextNs == long.MaxValue) return false;
            if (nextNs > leapLimitNs)
            {
                NowNs = leapLimitNs;
                return true;
            }

            NowNs = Math.Max(NowNs, nextNs);
            return true;
        }

        NowNs += 1 + Draw(options.TurnNsMax);
        Steps++;
        Note((ulong)next.Number);
        next.RunSimulatedTurn();
        Note((ulong)NowNs);
        Note(MemoryMarshal.AsBytes(new ReadOnlySpan<LoopStatistics>(in next.Statistics)));
        return true;
    }

    public void Dispose()
    {
        _sockets.Clear();
        _loops.Clear();
    }

    internal SimulatedLoop MakeLoop(LoopMesh mesh, int index, ulong seed)
    {
        SimulatedLoop loop = new(this, mesh, index, seed, _loops.Count);
        _loops.Add(loop);
        return loop;
    }

    internal void Forget(SimulatedLoop loop) => _loops.Remove(loop);

    /// <summary>
    /// The clock moves with every look, or code that works until a deadline would never end.
    /// </summary>
    internal long Look() => NowNs += LookNs;

    internal SimulatedBacklog? Backlog(int port) => _listeners.GetValueOrDefault(port);

    internal void StopListening(string address, int port)
    {
        SimulatedBacklog backlog = _listeners[port];
        backlog.Addresses.Remove(address);
        if (backlog.Addresses.Count == 0) _listeners.Remove(port);
    }

    internal SimulatedSocket Socket(int descriptor)
    {
        SimulatedSocket? socket = _sockets[descriptor - FirstDescriptor];
        Invariant.Holds(socket is not null, "a simulated descriptor is not used after it was closed");
        return socket;
    }

    internal void Close(int descriptor)
    {
        SimulatedSocket socket = Socket(descriptor);
        socket.Output.IsEnded = true;
        socket.Output.ArrivesNs = Arrival(socket.Output.ArrivesNs);
        // Whoever still writes to it learns that nobody reads.
        if (socket.Input.Count != 0 || !socket.Input.IsEnded) socket.Input.IsReset = true;
        _sockets[descriptor - FirstDescriptor] = null;
    }

    /// <summary>When bytes written now arrive: not before those written earlier.</summary>
    internal long Arrival(long earlierNs) => Math.Max(earlierNs, NowNs + Draw((int)options.LatencyNsMax + 1));

    internal bool Happens(int percent) => percent != 0 && Draw(100) < percent;

    internal int Draw(int below)
    {
        ulong z = _random += 0x9E37_79B9_7F4A_7C15;
        z = (z ^ (z >> 30)) * 0xBF58_476D_1CE4_E5B9;
        z = (z ^ (z >> 27)) * 0x94D0_49BB_1331_11EB;
        return (int)((z ^ (z >> 31)) % (ulong)below);
    }

    /// <summary>What the system's source of randomness is outside.</summary>
    internal void FillRandom(Span<byte> target)
    {
        foreach (ref byte value in target) value = (byte)Draw(256);
    }

    internal void Note(ReadOnlySpan<byte> bytes)
    {
        Note((ulong)bytes.Length);
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words) Note(word);
        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..]) Note(rest);
    }

    internal void Note(ulong what) => Trace = (Trace ^ what) * 0x0000_0100_0000_01B3 + 1;

    /// <summary>Puts a new connection before the listener of the port.</summary>
    private (SimulatedPipe ToServer, SimulatedPipe ToClient) Reach(int port)
    {
        if (!_listeners.TryGetValue(port, out SimulatedBacklog? backlog))
        {
            const int Refused = Errno.ConnectionRefused;
            throw new ListenException($"port {port}: connect: {Errno.Text(Refused)}", Refused);
        }

        SimulatedPipe toServer = new(options.PipeBytes), toClient = new(options.PipeBytes);
        backlog.Waiting.Enqueue(Add(new SimulatedSocket(toServer, toClient)));
        return (toServer, toClient);
    }

    private int Add(SimulatedSocket socket)
    {
        _sockets.Add(socket);
        return FirstDescriptor + _sockets.Count - 1;
    }

    private SimulatedLoop? Choose()
    {
        int awake = 0;
        SimulatedLoop? chosen = null;
        foreach (SimulatedLoop loop in _loops)
        {
            // Each of those awake with the same chance, in one pass.
            if (loop.SleepNs() == 0 && Draw(++awake) == 0) chosen = loop;
        }

        return chosen;
    }

    private long NextEventNs(long sinceNs)
    {
        long next = long.MaxValue;
        foreach (SimulatedLoop loop in _loops)
        {
            long sleepNs = loop.SleepNs();
            if (sleepNs != long.MaxValue) next = Math.Min(next, NowNs + sleepNs);
        }

        foreach (SimulatedSocket? socket in _sockets)
        {
            if (socket is null) continue;
            if (socket.Input.ArrivesNs > sinceNs) next = Math.Min(next, socket.Input.ArrivesNs);
            if (socket.Output.ArrivesNs > sinceNs) next = Math.Min(next, socket.Output.ArrivesNs);
        }

        return next;
    }
}

/// <summary>One end of a simulated connection: the server's, or that of a loop which dialled.</summary>
internal sealed record SimulatedSocket(SimulatedPipe Input, SimulatedPipe Output);

/// <summary>
/// Connections to a port that wait for a listener, on whichever of its addresses, to take them.
/// </summary>
internal sealed class SimulatedBacklog
{
    public HashSet<string> Addresses { get; } = [];

    public Queue<int> Waiting { get; } = new();
}

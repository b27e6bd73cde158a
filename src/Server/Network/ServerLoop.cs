using Anax.Core.Memory;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Runtime;
using Anax.Server.Commands;
using Anax.Server.Logging;
using Anax.Server.Options;

namespace Anax.Server.Network;

/// <summary>What the server keeps on each loop: the loop's connections and its copy of the settings.</summary>
public sealed class ServerLoop : ILoopEvents, IDisposable
{
    internal const ushort AdoptKind = 16;
    private const long SecondNs = 1_000_000_000;

    /// <summary>After a stop clients get this long to take their last replies.</summary>
    private const long GraceNs = 300_000_000;

    /// <summary>Ended connections that are kept for the next clients.</summary>
    private const int SpareMax = 4096;

    private readonly List<Connection> _connections = [];
    private readonly Stack<Connection> _spare = [];
    private readonly SecondTimer _second;
    private readonly GraceTimer _grace;

    internal ServerLoop(AnaxServer server, EngineLoop engine, ServerSettings settings)
    {
        Server = server;
        Engine = engine;
        Settings = settings;
        Admin = new LoopAdmin(this);
        _second = new SecondTimer(this);
        _grace = new GraceTimer(this);
        engine.Host = this;
        engine.FindSession = FindSession;
        engine.Events.Attach(this);
        engine.Events.OnMessage(AdoptKind, (int from, in Message message) => Adopt((int)message.A, message.B, message.C != 0));
    }

    public AnaxServer Server { get; }
    public EngineLoop Engine { get; }
    public ServerSettings Settings { get; private set; }
    public ServerLog Log => Server.Log;

    /// <summary>What the commands about the server keep here.</summary>
    public LoopAdmin Admin { get; }

    /// <summary>This loop's connections, in no order. Only on the loop's own thread.</summary>
    public IReadOnlyList<Connection> Connections => _connections;

    /// <summary>Connections that have ended on this loop; written here, read by the acceptor.</summary>
    internal NativeArray<long> Ended { get; } = new(1);

    /// <summary>Takes changed settings over, between batches.</summary>
    public void Apply(ServerSettings settings)
    {
        Settings = settings;
        Engine.Apply(AnaxServer.EngineSettingsOf(settings, Engine.Settings));
        foreach (Connection connection in _connections)
        {
            connection.Session.Parser.BulkBytesMax = settings.ProtoMaxBulkLength;
            connection.Session.Parser.ArgumentsMax = settings.MultibulkCountMax;
        }
    }

    /// <summary>What the start found out, before the loop runs.</summary>
    internal void TakeFound(ServerSettings settings) => Settings = settings;

    private Session? FindSession(long id)
    {
        foreach (Connection connection in _connections)
            if (connection.Session.Id == id && !connection.Session.Gone) return connection.Session;
        return null;
    }

    internal void Adopt(int descriptor, long id, bool isUnix)
    {
        if (Engine.Events.IsStopping)
        {
            Engine.Events.Refuse(descriptor);
            Ended[0]++;
            return;
        }
        // Clients that come and go must not feed the collector.
        if (!_spare.TryPop(out Connection? connection)) connection = new Connection(this);
        connection.Open(id, isUnix);
        connection.ListIndex = _connections.Count;
        _connections.Add(connection);
        Engine.Events.Adopt(descriptor, connection);
    }

    internal void Remove(Connection connection)
    {
        Admin.OnRemoved(connection);
        Connection last = _connections[^1];
        _connections[connection.ListIndex] = last;
        last.ListIndex = connection.ListIndex;
        _connections.RemoveAt(_connections.Count - 1);
        Volatile.Write(ref Ended[0], Ended[0] + 1);
    }

    /// <summary>Nothing refers to the connection any more: it serves another client.</summary>
    internal void Keep(Connection connection)
    {
        if (_spare.Count < SpareMax) _spare.Push(connection);
    }

    void ILoopEvents.OnStarted(EventLoop loop)
    {
        Engine.Start();
        loop.Schedule(_second, loop.NowNs + SecondNs);
        Server.LoopStarted(this);
    }

    void ILoopEvents.OnTurn(EventLoop loop) => Engine.OnTurn();

    void ILoopEvents.OnLongTurn(EventLoop loop, long ns)
    {
        Log.LongTurn(loop.Index, ns / 1_000_000.0, Engine.Slowest.Command?.Name ?? "none", Engine.Slowest.Ns / 1_000_000.0);
        Engine.ForgetSlowest();
    }

    void ILoopEvents.OnStopping(EventLoop loop)
    {
        Server.LoopStopping(this);
        foreach (Connection connection in _connections.ToArray()) loop.CloseAfterFlush(connection.Handle);
        loop.Schedule(_grace, loop.NowNs + GraceNs);
    }

    void ILoopEvents.OnStopped(EventLoop loop) => loop.Cancel(_second);

    public void Dispose() => Ended.Dispose();

    private sealed class SecondTimer(ServerLoop loop) : LoopTimer
    {
        public override void OnTimer()
        {
            long now = loop.Engine.Events.NowNs;
            loop.Admin.OnSecond();
            for (int i = loop._connections.Count - 1; i >= 0; i--) loop._connections[i].OnSecond(now);
            loop.Engine.Events.Schedule(this, now + SecondNs);
        }
    }

    private sealed class GraceTimer(ServerLoop loop) : LoopTimer
    {
        public override void OnTimer()
        {
            foreach (Connection connection in loop._connections.ToArray()) loop.Engine.Events.Abort(connection.Handle);
        }
    }
}

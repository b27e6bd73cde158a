using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using Anax.Runtime;
using Anax.Server;
using Anax.Server.Logging;
using Anax.Server.Options;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anax.Tests.Unit.Harness;

/// <summary>
/// A whole server in the test's process, without threads or ports: its loops take turns on the test's own thread
/// while a client waits for a reply. With several shards the first client's loop is the first shard's.
/// </summary>
public sealed partial class TestServer : IDisposable
{
    private readonly LoopGroup _group;
    private readonly List<TestClient> _clients = [];
    private TestClient? _first;
    private long _ids;

    /// <summary>With options as on the command line: "--maxmemory", "10mb".</summary>
    public TestServer(int shards = 1, params string[] options) : this([], shards, options)
    {
    }

    /// <summary>With commands of the test's own.</summary>
    public TestServer(CommandSpec[] more, int shards, params string[] options)
    {
        var start = StartOptions.Read(["--port", "0", .. options], Stream.Null, "test");
        ServerSettings settings = start.Settings ?? throw new ArgumentException(start.Error);
        _group = LoopGroup.Create(new LoopGroupOptions { Count = shards, Backend = LoopBackend.Epoll });
        Server = new AnaxServer(settings, null, new ServerLog(NullLogger.Instance), _group, more);
        foreach (var loop in Server.Loops)
        {
            loop.Engine.Events.RefreshClocks();
            ((ILoopEvents)loop).OnStarted(loop.Engine.Events);
            loop.Engine.Listen(new Recorder(this));
        }
    }

    public AnaxServer Server { get; }
    public ReadOnlySpan<EngineLoop> Loops => Server.Engine.Loops;

    /// <summary>All changes since the start, or since the list was cleared: "set k", "expired k".</summary>
    public List<string> Events { get; } = [];

    /// <summary>Whether changes are noted; a test that counts allocations does without.</summary>
    public bool Recording { get; set; } = true;

    /// <summary>The effects of the changes, beside <see cref="Events"/>.</summary>
    public List<Effect> Effects { get; } = [];

    public long Hits => Sum(loop => loop.Counters.Hits);
    public long Misses => Sum(loop => loop.Counters.Misses);
    public long Changes => Sum(loop => loop.Counters.Changes);
    public long Expired => Sum(loop => loop.Counters.Expired);

    /// <summary>Messages between loops so far: what a test of a fast path looks at.</summary>
    public long Messages => Sum(loop => loop.Events.Statistics.Asked);

    /// <summary>The first client, which is connected when it is first needed.</summary>
    public TestClient Client => _first ??= Connect();

    /// <summary>One command of the first client; its reply as text (see <see cref="Reply"/>).</summary>
    public string Run(params string[] arguments) => Client.Run(arguments);

    /// <summary>One command of the first client; its reply with all parts.</summary>
    public Reply Ask(params string[] arguments) => Client.Ask(arguments);

    /// <summary>A new client of one loop, which speaks RESP2 until it says otherwise.</summary>
    public TestClient Connect(int loop = 0, RespVersion version = RespVersion.Resp2)
    {
        var client = new TestClient(this, loop, ++_ids);
        Server.Loops[loop].Connections[^1].Session.Resp = version;
        _clients.Add(client);
        return client;
    }

    /// <summary>Lets the loops take turns until something holds, for at most five seconds.</summary>
    public void RunUntil(Func<bool> done, string what = "it")
    {
        var clock = Stopwatch.StartNew();
        while (!done())
        {
            if (clock.ElapsedMilliseconds > 5000) throw new TimeoutException($"{what} did not happen within five seconds");
            Turn();
        }
    }

    /// <summary>Lets time go by for the loops.</summary>
    public void RunFor(int ms)
    {
        var clock = Stopwatch.StartNew();
        RunUntil(() => clock.ElapsedMilliseconds >= ms);
    }

    /// <summary>One turn of every loop.</summary>
    public void Turn()
    {
        for (int i = 0; i < _group.Count; i++) _group[i].RunTurn(mayBlock: false);
    }

    public void Dispose()
    {
        foreach (TestClient client in _clients) client.Dispose();
        for (int i = 0; i < 10; i++) Turn();
        Server.Dispose();
    }

    private long Sum(Func<EngineLoop, long> count)
    {
        long sum = 0;
        foreach (EngineLoop loop in Loops) sum += count(loop);
        return sum;
    }

    private sealed class Recorder(TestServer server) : IChangeListener
    {
        public void Changed(ShardScope shard, in Change change)
        {
            if (!server.Recording) return;
            server.Events.Add($"{Encoding.Latin1.GetString(change.Name)} {Encoding.Latin1.GetString(change.Key.Bytes)}");
            server.Effects.Add(change.Effect);
        }

        public void Flushed(ShardScope shard, int database) => server.Events.Add($"flushed {database}");
    }
}

/// <summary>A client of a <see cref="TestServer"/>, over a pair of sockets.</summary>
public sealed partial class TestClient : IDisposable
{
    private readonly TestServer _server;
    private readonly Socket _socket;
    private byte[] _received = new byte[1 << 16];
    private int _count;

    internal TestClient(TestServer server, int loop, long id)
    {
        const int Unix = 1, StreamNonBlocking = 1 | 0x800;
        _server = server;
        Span<int> pair = stackalloc int[2];
        if (SocketPair(Unix, StreamNonBlocking, 0, pair) != 0) throw new IOException("socketpair");
        server.Server.Loops[loop].Adopt(pair[0], id, isUnix: true);
        _socket = new Socket(new SafeSocketHandle(pair[1], ownsHandle: true)) { Blocking = false };
    }

    /// <summary>True when the server has closed the connection.</summary>
    public bool IsClosed { get; private set; }

    public string Run(params string[] arguments) => Ask(arguments).Text;

    public Reply Ask(params string[] arguments)
    {
        Send(arguments);
        return Receive();
    }

    /// <summary>Several commands in one piece; their replies in order.</summary>
    public string[] Pipeline(params string[][] commands)
    {
        SendRaw(string.Concat(commands.Select(Encode)));
        return [.. commands.Select(_ => Receive().Text)];
    }

    public void Send(params string[] arguments) => SendRaw(Encode(arguments));

    /// <summary>Bytes as they are (Latin-1), complete or not.</summary>
    public void SendRaw(string bytes)
    {
        ReadOnlySpan<byte> rest = Encoding.Latin1.GetBytes(bytes);
        while (!rest.IsEmpty)
        {
            int sent = _socket.Send(rest, SocketFlags.None, out SocketError error);
            if (error is not (SocketError.Success or SocketError.WouldBlock)) throw new IOException(error.ToString());
            rest = rest[Math.Max(0, sent)..];
            if (!rest.IsEmpty) _server.Turn();
        }
    }

    /// <summary>The next reply or push.</summary>
    public Reply Receive()
    {
        Reply? reply = null;
        _server.RunUntil(() => (reply = Next()) is not null || IsClosed, "a reply");
        return reply ?? throw new IOException("the server closed the connection");
    }

    /// <summary>A reply that is there already, without waiting; null when there is none.</summary>
    public Reply? Next()
    {
        Fill();
        if (Reply.TryParse(_received.AsSpan(0, _count), out int length) is not { } reply) return null;
        _count -= length;
        _received.AsSpan(length, _count).CopyTo(_received);
        return reply;
    }

    /// <summary>True when the server closes the connection within a second or so.</summary>
    public bool IsClosedSoon()
    {
        _server.RunUntil(() => { Fill(); return IsClosed; }, "the end of the connection");
        return IsClosed;
    }

    public void Dispose() => _socket.Dispose();

    internal static string Encode(string[] arguments) =>
        $"*{arguments.Length}\r\n" + string.Concat(arguments.Select(a => $"${a.Length}\r\n{a}\r\n"));

    private void Fill()
    {
        while (!IsClosed)
        {
            if (_count == _received.Length) Array.Resize(ref _received, _received.Length * 2);
            int got = _socket.Receive(_received.AsSpan(_count), SocketFlags.None, out SocketError error);
            if (error == SocketError.WouldBlock) return;
            if (error != SocketError.Success || got == 0) IsClosed = true;
            else _count += got;
        }
    }

    [LibraryImport("libc", EntryPoint = "socketpair")]
    private static partial int SocketPair(int domain, int type, int protocol, Span<int> pair);
}

using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Runtime;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>
/// Loops of one back end, run turn by turn on the test's own thread, and clients that connect to them.
/// </summary>
internal sealed class LoopRig : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    public LoopRig(LoopBackend backend, int count = 1, int mailboxCapacity = 0)
    {
        Group = LoopGroup.Create(new LoopGroupOptions
        {
            Backend = backend,
            Count = count,
            MailboxCapacity = mailboxCapacity,
        });
        Assert.Equal(backend, Group.Backend);
    }

    public LoopGroup Group { get; }
    public EventLoop Loop => Group[0];
    public Acceptor? LastAcceptor { get; private set; }

    public ListenSocket ListenTcp(Func<SocketEvents> make, string address = "127.0.0.1")
    {
        ListenSocket listener = ListenSocket.Tcp(address, 0, 128);
        Listen(listener, make);
        return listener;
    }

    public void Listen(ListenSocket listener, Func<SocketEvents> make)
    {
        _owned.Add(listener);
        LastAcceptor = new Acceptor(Loop, make);
        Loop.Listen(listener, LastAcceptor);
    }

    public Socket Connect(ListenSocket listener)
    {
        Socket client;
        if (listener.IsUnix)
        {
            client = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            client.Connect(new UnixDomainSocketEndPoint(listener.Address));
        }
        else
        {
            client = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            client.Connect(IPAddress.Parse(listener.Address), listener.Port);
        }

        client.ReceiveTimeout = client.SendTimeout = 5000;
        _owned.Add(client);
        return client;
    }

    /// <summary>A server object and its client, connected.</summary>
    public (TConnection Server, Socket Client) Pair<TConnection>(TConnection server) where TConnection : SocketEvents
    {
        ListenSocket listener = ListenTcp(() => server);
        Socket client = Connect(listener);
        RunUntil(() => server.Loop is not null);
        return (server, client);
    }

    public void RunUntil(Func<bool> done, int limitMs = 5000)
    {
        var clock = Stopwatch.StartNew();
        Ticker ticker = new();
        while (!done())
        {
            Assert.True(clock.ElapsedMilliseconds < limitMs, "the loop did not get there in time");
            // The tick bounds a sleep, so a condition that never comes ends the test instead of hanging it.
            Loop.Schedule(ticker, Loop.MonotonicNs() + 20_000_000);
            foreach (EventLoop loop in Loops()) loop.RunTurn(mayBlock: Group.Count == 1);
        }

        Loop.Cancel(ticker);
    }

    public void RunFor(int ms)
    {
        var clock = Stopwatch.StartNew();
        RunUntil(() => clock.ElapsedMilliseconds >= ms, limitMs: ms + 5000);
    }

    /// <summary>Reads exactly so many bytes while the loop goes on.</summary>
    public byte[] Read(Socket client, int count)
    {
        byte[] bytes = new byte[count];
        int have = 0;
        RunUntil(() =>
        {
            while (have < count && client.Available > 0)
                have += client.Receive(bytes, have, count - have, SocketFlags.None);
            return have == count;
        });
        return bytes;
    }

    /// <summary>True when the server's end is closed and everything before it was read.</summary>
    public bool ReadsEnd(Socket client)
    {
        byte[] bytes = new byte[1];
        int received = -1;
        client.Blocking = false;
        RunUntil(() =>
        {
            try
            {
                received = client.Receive(bytes);
                return true;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.WouldBlock)
            {
                return false;
            }
        });
        client.Blocking = true;
        return received == 0;
    }

    public void Dispose()
    {
        foreach (IDisposable owned in _owned) owned.Dispose();
        Group.Dispose();
    }

    private IEnumerable<EventLoop> Loops()
    {
        for (int i = 0; i < Group.Count; i++) yield return Group[i];
    }

    internal sealed class Acceptor(EventLoop loop, Func<SocketEvents> make) : IAcceptEvents
    {
        public int Accepted { get; private set; }
        public int LastError { get; private set; }

        public void OnAccepted(ListenSocket listener, int descriptor)
        {
            Accepted++;
            loop.Adopt(descriptor, make());
        }

        public void OnAcceptFailed(ListenSocket listener, int errno) => LastError = errno;
    }

    private sealed class Ticker : LoopTimer
    {
        public override void OnTimer()
        {
        }
    }
}

/// <summary>Records what happens to its socket; echoes where asked to.</summary>
internal sealed class TestConnection(bool echoes = false) : SocketEvents
{
    private readonly MemoryStream _received = new();

    public byte[] Received => _received.ToArray();
    public long ReceivedCount { get; private set; }
    public int Calls { get; private set; }
    public int LargestCall { get; private set; }
    public int Drains { get; private set; }
    public int Ends { get; private set; }
    public int Closes { get; private set; }
    public int ClosedWith { get; private set; } = -1;
    public bool Records { get; set; } = true;
    public bool ClosesAtEnd { get; set; } = true;
    public Action<TestConnection, byte[]>? Reacts { get; set; }

    public NativeBlock Direct { get; set; }
    public int DirectFilled { get; private set; }
    public int DirectCalls { get; private set; }

    public override Span<byte> DirectTarget => Direct.IsNull ? default : Direct.Bytes[DirectFilled..];

    public override void OnBytes(ReadOnlySpan<byte> bytes)
    {
        Calls++;
        ReceivedCount += bytes.Length;
        LargestCall = Math.Max(LargestCall, bytes.Length);
        if (Records) _received.Write(bytes);
        if (echoes) Send(bytes);
        Reacts?.Invoke(this, bytes.ToArray());
    }

    public override void OnDirectBytes(int count)
    {
        DirectCalls++;
        DirectFilled += count;
    }

    public bool Send(ReadOnlySpan<byte> bytes)
    {
        ReplyStream stream = default;
        stream.AppendCopy(Loop.Chunks, bytes);
        return Loop.Send(Handle, ref stream);
    }

    public override void OnDrained() => Drains++;

    public override void OnEndOfInput()
    {
        Ends++;
        if (ClosesAtEnd) base.OnEndOfInput();
    }

    public override void OnClosed(int errno)
    {
        Closes++;
        ClosedWith = errno;
    }
}

using System.Net;
using System.Net.Sockets;
using Anax.Runtime;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>What every back end that talks to the kernel promises to who dials, and to who measures.</summary>
public abstract class ClientSocketTests(LoopBackend backend)
{
    private const int RefusedErrno = 111;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void WhatIsSentBeforeTheConnectionStandsArrives(string address)
    {
        using LoopRig rig = new(backend);
        ListenSocket listener = rig.ListenTcp(() => new TestConnection(echoes: true), address);
        TestConnection client = new();
        rig.Loop.Adopt(ClientSocket.BeginTcp(IPAddress.Parse(address), listener.Port, noDelay: false), client);
        client.Send("early"u8);
        rig.RunUntil(() => client.ReceivedCount == 5);
        Assert.True(ClientSocket.IsConnected(rig.Loop.DescriptorOf(client.Handle)));
        Assert.Equal("early"u8.ToArray(), client.Received);
    }

    [Fact]
    public void AUnixSocketIsDialledToo()
    {
        using LoopRig rig = new(backend);
        ListenSocket listener = ListenSocket.Unix(Path.Combine(Path.GetTempPath(), $"anax-{Guid.NewGuid():N}.sock"), 16);
        rig.Listen(listener, () => new TestConnection(echoes: true));
        TestConnection client = new();
        rig.Loop.Adopt(ClientSocket.BeginUnix(listener.Address), client);
        client.Send("hello"u8);
        rig.RunUntil(() => client.ReceivedCount == 5);
    }

    [Fact]
    public void NobodyThereClosesWithTheReason()
    {
        using LoopRig rig = new(backend);
        TestConnection client = new();
        rig.Loop.Adopt(ClientSocket.BeginTcp(IPAddress.Loopback, UnusedPort(), noDelay: true), client);
        client.Send("hello"u8);
        rig.RunUntil(() => client.Closes == 1);
        Assert.Equal(RefusedErrno, client.ClosedWith);
        Assert.Equal(0, client.ReceivedCount);
        ListenException refusal = Assert.Throws<ListenException>(() => ClientSocket.BeginUnix("/nowhere/at/all"));
        Assert.Equal("/nowhere/at/all: connect: No such file or directory", refusal.Message);
    }

    [Fact]
    public void ANameWithoutAnAddressIsNamed()
    {
        ListenException refusal = Assert.Throws<ListenException>(() => ClientSocket.Resolve("no.such.host.invalid"));
        Assert.StartsWith("no.such.host.invalid: ", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(IPAddress.IPv6Loopback, ClientSocket.Resolve("::1"));
    }

    [Fact]
    public void BytesThatAreFlushedNowLeaveOnceAndInOrder()
    {
        using LoopRig rig = new(backend);
        TestConnection server = new() { Records = false };
        // Three replies to each read: two flushed at once, the second perhaps while the first is under way, one later.
        server.Reacts = (connection, _) =>
        {
            foreach (string text in (string[])["one,", "two,"])
            {
                connection.Send(System.Text.Encoding.ASCII.GetBytes(text));
                connection.Loop.FlushNow(connection.Handle);
                connection.Loop.FlushNow(connection.Handle);
            }

            connection.Send("three;"u8);
        };
        (_, Socket client) = rig.Pair(server);
        server.Reacts += (connection, _) => Assert.Equal(connection.Calls - 1, connection.Drains);
        for (int i = 0; i < 20; i++)
        {
            client.Send("x"u8);
            Assert.Equal("one,two,three;"u8.ToArray(), rig.Read(client, 14));
        }
    }

    [Fact]
    public void MoreThanTheKernelTakesIsFlushedNowAsFarAsItGoes()
    {
        const int Bytes = 8 << 20;
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        byte[] sent = new byte[Bytes];
        new Random(3).NextBytes(sent);
        server.Send(sent);
        server.Loop.FlushNow(server.Handle);
        Assert.True(sent.AsSpan().SequenceEqual(rig.Read(client, Bytes)));
        rig.RunUntil(() => server.Drains == 1);
    }

    [Fact]
    public void WhatFollowsAWriteLeavesWithoutOtherNews()
    {
        using LoopRig rig = new(backend);
        TestConnection server = new() { Records = false };
        server.Reacts = (connection, _) =>
        {
            connection.Send("one,"u8);
            connection.Loop.FlushNow(connection.Handle);
            connection.Send("two;"u8);
            connection.Loop.FlushNow(connection.Handle);
        };
        (_, Socket client) = rig.Pair(server);
        client.Send("x"u8);
        RunWhileItIsRead(rig, server, client, 8);
    }

    [Fact]
    public void WhatTheKernelDidNotTakeLeavesWithoutOtherNews()
    {
        const int Bytes = 32 << 20;
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        server.Send(new byte[Bytes]);
        RunWhileItIsRead(rig, server, client, Bytes);
    }

    [Fact]
    public void ASmallWriteThatTheKernelDidNotTakeLeavesWithoutOtherNews()
    {
        const int Pieces = 2000, PieceBytes = 8 << 10;
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        for (int i = 0; i < Pieces; i++)
        {
            server.Send(new byte[PieceBytes]);
            rig.Loop.RunTurn(mayBlock: false);
        }

        RunWhileItIsRead(rig, server, client, Pieces * PieceBytes);
    }

    [Fact]
    public void AnEndBehindAWriteComesWithoutOtherNews()
    {
        using LoopRig rig = new(backend);
        TestConnection server = new() { Records = false };
        server.Reacts = (connection, _) =>
        {
            connection.Send("the last word"u8);
            connection.Loop.CloseAfterFlush(connection.Handle);
        };
        (_, Socket client) = rig.Pair(server);
        client.Send("x"u8);
        Alarm alarm = new(rig.Loop);
        while (server.Closes == 0 && !alarm.HasFired) rig.Loop.RunTurn(mayBlock: true);
        Assert.False(alarm.HasFired, "the loop slept over the end of a connection");
    }

    [Fact]
    public void AFlushOfNothingDoesNothing()
    {
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        rig.Loop.FlushNow(server.Handle);
        rig.Loop.FlushNow(SocketHandle.None);
        client.Close();
        rig.RunUntil(() => server.Closes == 1);
        rig.Loop.FlushNow(server.Handle);
    }

    [Fact]
    public void TimersBelowAMillisecondAreWaitedForAsleep()
    {
        using LoopRig rig = new(backend);
        ThreadClock.SleepExactly();
        Repeater repeater = new(rig.Loop);
        LoopStatistics before = rig.Loop.Statistics;
        long startNs = rig.Loop.MonotonicNs();
        while (repeater.Fired < Repeater.Times) rig.Loop.RunTurn(mayBlock: true);
        long tookNs = rig.Loop.MonotonicNs() - startNs;
        // Rounded up to milliseconds it would take 200 ms; with a busy machine it may take longer than 20.
        Assert.InRange(tookNs, Repeater.Times * Repeater.PeriodNs, long.MaxValue);
        Assert.False(repeater.WasEarly);
        Assert.InRange(rig.Loop.Statistics.Turns - before.Turns, Repeater.Times, 3 * Repeater.Times);
    }

    /// <summary>The end of the connection, when all has been read, is the first news that comes from outside.</summary>
    private static void RunWhileItIsRead(LoopRig rig, TestConnection server, Socket client, int count)
    {
        Thread reader = new(() =>
        {
            byte[] buffer = new byte[1 << 20];
            // A receive that waits for too long fails, and is seen below.
            for (int left = count; left > 0;)
            {
                int received = client.Receive(buffer, 0, buffer.Length, SocketFlags.None, out SocketError error);
                if (error != SocketError.Success) return;
                left -= received;
            }

            client.Close();
        });
        reader.Start();
        Alarm alarm = new(rig.Loop);
        while (server.Closes == 0 && !alarm.HasFired) rig.Loop.RunTurn(mayBlock: true);
        Assert.False(alarm.HasFired, "the loop slept over what was left to write");
        reader.Join();
    }

    private static int UnusedPort()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    /// <summary>The only news that a loop gets which sleeps although it should not.</summary>
    private sealed class Alarm : LoopTimer
    {
        private const long AfterNs = 3_000_000_000;

        public Alarm(EventLoop loop) => loop.Schedule(this, loop.MonotonicNs() + AfterNs);

        public bool HasFired { get; private set; }

        public override void OnTimer() => HasFired = true;
    }

    private sealed class Repeater : LoopTimer
    {
        public const int Times = 200;
        public const long PeriodNs = 100_000;

        private readonly EventLoop _loop;

        public Repeater(EventLoop loop)
        {
            _loop = loop;
            loop.Schedule(this, loop.MonotonicNs() + PeriodNs);
        }

        public int Fired { get; private set; }

        public bool WasEarly { get; private set; }

        public override void OnTimer()
        {
            Fired++;
            WasEarly |= _loop.MonotonicNs() < DueNs;
            _loop.Schedule(this, _loop.MonotonicNs() + PeriodNs);
        }
    }
}

/// <summary>The promises to who dials, kept by epoll.</summary>
public sealed class EpollClientSocketTests() : ClientSocketTests(LoopBackend.Epoll);

/// <summary>The promises to who dials, kept by io_uring.</summary>
public sealed class UringClientSocketTests() : ClientSocketTests(LoopBackend.Uring);

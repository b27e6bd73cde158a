using System.Globalization;
using System.Net.Sockets;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Runtime;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>What every back end that talks to the kernel promises about sockets.</summary>
public abstract class SocketTests(LoopBackend backend, double systemCallsPerRequest)
{
    private const int Megabyte = 1 << 20;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    [InlineData("unix")]
    public void EchoesOnEveryKindOfAddress(string address)
    {
        using LoopRig rig = new(backend);
        string path = Path.Combine(Path.GetTempPath(), $"anax-{Guid.NewGuid():N}.sock");
        ListenSocket listener = address == "unix" ? ListenSocket.Unix(path, 16) : ListenSocket.Tcp(address, 0, 16);
        rig.Listen(listener, () => new TestConnection(echoes: true));
        Socket client = rig.Connect(listener);
        client.Send("hello"u8);
        Assert.Equal("hello"u8.ToArray(), rig.Read(client, 5));
        client.Send("again"u8);
        Assert.Equal("again"u8.ToArray(), rig.Read(client, 5));
    }

    [Fact]
    public void AcceptsManyAndKeepsThemApart()
    {
        using LoopRig rig = new(backend);
        ListenSocket listener = rig.ListenTcp(() => new TestConnection(echoes: true));
        var clients = new Socket[300];
        for (int i = 0; i < clients.Length; i++)
        {
            clients[i] = rig.Connect(listener);
            // The backlog is 128: let the loop take them in between.
            if (i % 100 == 99) rig.RunUntil(() => rig.Loop.SocketCount == i + 1);
        }

        rig.RunUntil(() => rig.Loop.SocketCount == clients.Length);
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < clients.Length; i++) clients[i].Send(BitConverter.GetBytes(i * 31 + round));
            for (int i = 0; i < clients.Length; i++)
                Assert.Equal(i * 31 + round, BitConverter.ToInt32(rig.Read(clients[i], 4)));
        }

        for (int i = 0; i < clients.Length; i += 2) clients[i].Close();
        rig.RunUntil(() => rig.Loop.SocketCount == clients.Length / 2);
        clients[1].Send("still"u8);
        Assert.Equal("still"u8.ToArray(), rig.Read(clients[1], 5));
    }

    [Fact]
    public void EchoesMegabytesUnchanged()
    {
        using LoopRig rig = new(backend);
        TestConnection server = new(echoes: true) { Records = false };
        ListenSocket listener = rig.ListenTcp(() => server);
        Socket client = rig.Connect(listener);
        byte[] sent = new byte[12 * Megabyte];
        new Random(7).NextBytes(sent);
        Thread writer = new(() => client.Send(sent));
        writer.Start();
        byte[] received = rig.Read(client, sent.Length);
        writer.Join();
        Assert.True(sent.AsSpan().SequenceEqual(received));
        Assert.Equal(sent.Length, server.ReceivedCount);
    }

    [Fact]
    public void ManyClientsThatSendMuchAtOnceAllGetThrough()
    {
        using LoopRig rig = new(backend);
        ListenSocket listener = rig.ListenTcp(() => new TestConnection(echoes: true) { Records = false });
        var clients = new Socket[100];
        byte[] sent = new byte[48 * 1024];
        new Random(13).NextBytes(sent);
        for (int i = 0; i < clients.Length; i++) clients[i] = rig.Connect(listener);
        rig.RunUntil(() => rig.Loop.SocketCount == clients.Length);
        // More than a loop's receive buffers hold, before the loop gets a turn.
        foreach (Socket client in clients) client.Send(sent);
        foreach (Socket client in clients) Assert.True(sent.AsSpan().SequenceEqual(rig.Read(client, sent.Length)));
    }

    [Fact]
    public void APortIsFreeAsSoonAsItsListenerIsStoppedAndClosed()
    {
        using LoopRig rig = new(backend);
        ListenSocket listener = rig.ListenTcp(() => new TestConnection(echoes: true));
        rig.Connect(listener);
        rig.RunUntil(() => rig.Loop.SocketCount == 1);
        rig.Loop.StopListening(listener);
        listener.Dispose();
        using ListenSocket next = ListenSocket.Tcp("127.0.0.1", listener.Port, 16);
        Assert.Equal(listener.Port, next.Port);
    }

    [Fact]
    public void WhatTheKernelDoesNotTakeWaitsWithoutTurnsAndLeavesLater()
    {
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        byte[] sent = new byte[32 * Megabyte];
        new Random(8).NextBytes(sent);
        Assert.True(server.Send(sent));
        Assert.Equal(sent.Length, rig.Loop.PendingSendBytes(server.Handle));
        rig.RunFor(100);
        Assert.InRange(rig.Loop.PendingSendBytes(server.Handle), 1, sent.Length - 1);
        Assert.Equal(0, server.Drains);

        long turns = rig.Loop.Statistics.Turns;
        rig.RunFor(200);
        Assert.InRange(rig.Loop.Statistics.Turns - turns, 1, 40);

        Assert.True(sent.AsSpan().SequenceEqual(rig.Read(client, sent.Length)));
        rig.RunUntil(() => server.Drains > 0);
        Assert.Equal(1, server.Drains);
        Assert.Equal(0, rig.Loop.PendingSendBytes(server.Handle));
        server.Send("more"u8);
        Assert.Equal("more"u8.ToArray(), rig.Read(client, 4));
    }

    [Fact]
    public void BlocksAndPiecesLeaveInOrder()
    {
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        NativeBlock block = NativeBlock.Allocate(3 * Megabyte);
        new Random(9).NextBytes(block.Bytes);
        MemoryStream expected = new();
        ReplyStream stream = default;
        for (int i = 0; i < 200; i++)
        {
            byte[] piece = new byte[i * 7];
            Array.Fill(piece, (byte)i);
            stream.AppendCopy(rig.Loop.Chunks, piece);
            stream.AppendBlock(rig.Loop.Chunks, block, i * 100, 5000);
            expected.Write(piece);
            expected.Write(block.Bytes.Slice(i * 100, 5000));
        }

        Assert.True(block.IsShared);
        rig.Loop.Send(server.Handle, ref stream);
        Assert.Equal(0, stream.Length);
        Assert.True(expected.ToArray().AsSpan().SequenceEqual(rig.Read(client, (int)expected.Length)));
        rig.RunUntil(() => server.Drains > 0);
        Assert.False(block.IsShared);
        block.Release();
    }

    [Fact]
    public void OneWritePerSocketAndTurn()
    {
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        long writes = rig.Loop.Statistics.Writes;
        for (int i = 0; i < 50; i++) server.Send("0123456789"u8);
        rig.Read(client, 500);
        Assert.Equal(1, rig.Loop.Statistics.Writes - writes);
    }

    [Fact]
    public void APausedSocketDeliversNothingUntilResumed()
    {
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        client.Send("one"u8);
        rig.RunUntil(() => server.ReceivedCount == 3);
        rig.Loop.PauseReading(server.Handle);
        client.Send("two"u8);
        rig.RunFor(60);
        client.Send("three"u8);
        rig.RunFor(60);
        Assert.Equal("one"u8.ToArray(), server.Received);
        long turns = rig.Loop.Statistics.Turns;
        rig.RunFor(100);
        Assert.InRange(rig.Loop.Statistics.Turns - turns, 1, 20);

        rig.Loop.ResumeReading(server.Handle);
        rig.RunUntil(() => server.ReceivedCount == 11);
        Assert.Equal("onetwothree"u8.ToArray(), server.Received);
        client.Send("four"u8);
        rig.RunUntil(() => server.ReceivedCount == 15);
    }

    [Fact]
    public void PausingInsideOnBytesTakesEffectAtOnce()
    {
        using LoopRig rig = new(backend);
        TestConnection server = new() { Reacts = (c, _) => c.Loop.PauseReading(c.Handle) };
        (_, Socket client) = rig.Pair(server);
        byte[] sent = new byte[2 * Megabyte];
        new Random(10).NextBytes(sent);
        Thread writer = new(() => client.Send(sent));
        writer.Start();
        while (server.ReceivedCount < sent.Length)
        {
            int calls = server.Calls;
            rig.RunUntil(() => server.Calls > calls);
            rig.Loop.RunTurn(mayBlock: false);
            Assert.Equal(calls + 1, server.Calls);
            rig.Loop.ResumeReading(server.Handle);
        }

        writer.Join();
        Assert.True(sent.AsSpan().SequenceEqual(server.Received));
    }

    [Fact]
    public void APausedPeerThatLeavesIsNoticedAfterResuming()
    {
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        rig.Loop.PauseReading(server.Handle);
        client.Send("last"u8);
        client.Shutdown(SocketShutdown.Both);
        client.Close();
        rig.RunFor(60);
        Assert.Equal(0, server.Calls);
        rig.Loop.ResumeReading(server.Handle);
        rig.RunUntil(() => server.Closes == 1);
        Assert.Equal("last"u8.ToArray(), server.Received);
        Assert.Equal(1, server.Ends);
    }

    [Fact]
    public void CloseAfterFlushSendsEverythingFirst()
    {
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        byte[] sent = new byte[8 * Megabyte];
        new Random(11).NextBytes(sent);
        server.Send(sent);
        rig.Loop.CloseAfterFlush(server.Handle);
        Assert.False(server.Send("too late"u8));
        Assert.True(sent.AsSpan().SequenceEqual(rig.Read(client, sent.Length)));
        Assert.True(rig.ReadsEnd(client));
        Assert.Equal(1, server.Closes);
        Assert.Equal(0, server.ClosedWith);
        Assert.Equal(0, rig.Loop.SocketCount);
    }

    [Fact]
    public void ALastReplyArrivesAlthoughThePeerSentMoreThanWasRead()
    {
        using LoopRig rig = new(backend);
        TestConnection server = new()
        {
            Reacts = (c, _) =>
            {
                c.Send("-ERR Protocol error\r\n"u8);
                c.Loop.CloseAfterFlush(c.Handle);
            },
        };
        (_, Socket client) = rig.Pair(server);
        client.Send(new byte[200_000]);
        Assert.Equal("-ERR Protocol error\r\n"u8.ToArray(), rig.Read(client, 21));
        Assert.True(rig.ReadsEnd(client));
    }

    [Fact]
    public void AnAbortedSocketIsClosedOnceAndItsHandleIsRefused()
    {
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        SocketHandle stale = server.Handle;
        server.Send(new byte[16 * Megabyte]);
        rig.Loop.RunTurn(mayBlock: false);
        rig.Loop.Abort(stale);
        Assert.Equal(0, server.Closes);
        rig.Loop.Abort(stale);
        rig.RunUntil(() => server.Closes != 0);
        rig.RunFor(30);
        Assert.Equal(1, server.Closes);

        ListenSocket listener = rig.ListenTcp(() => new TestConnection(echoes: true));
        Socket next = rig.Connect(listener);
        rig.RunUntil(() => rig.Loop.SocketCount == 1);
        ReplyStream stream = default;
        stream.AppendCopy(rig.Loop.Chunks, "stranger"u8);
        Assert.False(rig.Loop.Send(stale, ref stream));
        Assert.Equal(0, stream.Length);
        rig.Loop.OutputOf(stale).AppendCopy(rig.Loop.Chunks, "stranger"u8);
        rig.Loop.CloseAfterFlush(stale);
        rig.Loop.PauseReading(stale);
        Assert.False(rig.Loop.IsOpen(stale));
        Assert.Equal(-1, rig.Loop.DescriptorOf(stale));
        next.Send("mine"u8);
        Assert.Equal("mine"u8.ToArray(), rig.Read(next, 4));
        client.Close();
    }

    [Fact]
    public void APeerThatEndsItsHalfStillGetsItsReplies()
    {
        using LoopRig rig = new(backend);
        TestConnection server = new() { ClosesAtEnd = false };
        (_, Socket client) = rig.Pair(server);
        client.Send("request"u8);
        client.Shutdown(SocketShutdown.Send);
        rig.RunUntil(() => server.Ends == 1);
        Assert.Equal("request"u8.ToArray(), server.Received);
        rig.RunFor(30);
        Assert.Equal(0, server.Closes);
        server.Send("reply"u8);
        rig.Loop.CloseAfterFlush(server.Handle);
        Assert.Equal("reply"u8.ToArray(), rig.Read(client, 5));
        Assert.True(rig.ReadsEnd(client));
        Assert.Equal(1, server.Ends);
    }

    [Fact]
    public void AResetIsToldWithItsError()
    {
        using LoopRig rig = new(backend);
        (TestConnection server, Socket client) = rig.Pair(new TestConnection());
        client.LingerState = new LingerOption(true, 0);
        client.Close();
        rig.RunUntil(() => server.Closes == 1);
        Assert.Equal(104, server.ClosedWith);
    }

    [Fact]
    public void DirectBytesGoStraightIntoTheTarget()
    {
        using LoopRig rig = new(backend);
        const int Size = 3 * Megabyte;
        TestConnection server = new();
        server.Reacts = (c, bytes) =>
        {
            if (!c.Direct.IsNull || bytes[0] != (byte)'D') return;
            // As a parser does it: what came with the header is copied, the rest is asked for directly.
            c.Direct = NativeBlock.Allocate(Size);
        };
        (_, Socket client) = rig.Pair(server);
        client.Send("D"u8);
        rig.RunUntil(() => server.Calls == 1);
        byte[] sent = new byte[Size];
        new Random(12).NextBytes(sent);
        Thread writer = new(() =>
        {
            client.Send(sent);
            client.Send("after"u8);
        });
        writer.Start();
        rig.RunUntil(() => server.DirectFilled == Size && server.ReceivedCount == 6);
        writer.Join();
        Assert.True(sent.AsSpan().SequenceEqual(server.Direct.Bytes));
        Assert.Equal("Dafter"u8.ToArray(), server.Received);
        server.Direct.Release();
        server.Direct = default;
    }

    [Fact]
    public void AnAbortWhileATargetIsFilledEndsCleanly()
    {
        using LoopRig rig = new(backend);
        TestConnection server = new() { Direct = NativeBlock.Allocate(Megabyte) };
        (_, Socket client) = rig.Pair(server);
        client.Send(new byte[1000]);
        rig.RunUntil(() => server.DirectFilled == 1000);
        rig.Loop.Abort(server.Handle);
        rig.RunUntil(() => server.Closes == 1);
        server.Direct.Release();
        Assert.True(rig.ReadsEnd(client));
    }

    [Fact]
    public void AListenerThatStopsTakesNobodyElse()
    {
        using LoopRig rig = new(backend);
        ListenSocket listener = rig.ListenTcp(() => new TestConnection(echoes: true));
        rig.Connect(listener);
        rig.RunUntil(() => rig.Loop.SocketCount == 1);
        rig.Loop.StopListening(listener);
        rig.RunFor(20);
        rig.Connect(listener);
        rig.RunFor(60);
        Assert.Equal(1, rig.Loop.SocketCount);
    }

    [Fact]
    public void ASteadyStreamOfRequestsAllocatesNothing()
    {
        using LoopRig rig = new(backend);
        EchoOnly server = new();
        (_, Socket client) = rig.Pair(server);
        byte[] request = "*1\r\n$4\r\nPING\r\n"u8.ToArray();
        byte[] reply = new byte[request.Length];
        client.Blocking = false;
        for (int i = 0; i < 200; i++) RoundTrip();
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (int i = 0; i < 2000; i++) RoundTrip();
        }));

        void RoundTrip()
        {
            client.Send(request);
            int have = 0;
            while (have < reply.Length)
            {
                rig.Loop.RunTurn(mayBlock: false);
                if (client.Available > 0) have += client.Receive(reply, have, reply.Length - have, SocketFlags.None);
            }
        }
    }

    [Fact]
    public void ARequestCostsOneTurnAndItsSystemCalls()
    {
        const int Requests = 500;
        using LoopRig rig = new(backend);
        (_, Socket client) = rig.Pair(new TestConnection(echoes: true));
        client.Send("x"u8);
        rig.Read(client, 1);
        bool isDone = false;
        Thread asker = new(() =>
        {
            byte[] reply = new byte[1];
            for (int i = 0; i < Requests; i++)
            {
                client.Send("x"u8);
                client.Receive(reply);
            }

            Volatile.Write(ref isDone, true);
            rig.Loop.Wake();
        });
        LoopStatistics before = rig.Loop.Statistics;
        asker.Start();
        while (!Volatile.Read(ref isDone)) rig.Loop.RunTurn(mayBlock: true);
        asker.Join();
        LoopStatistics after = rig.Loop.Statistics;
        Assert.InRange((double)(after.Turns - before.Turns) / Requests, 0.99, 1.1);
        Assert.InRange((double)(after.SystemCalls - before.SystemCalls) / Requests, 0.99, systemCallsPerRequest * 1.1);
    }

    [Fact]
    public void AnIdleLoopSleeps()
    {
        using LoopRig rig = new(backend);
        (_, Socket client) = rig.Pair(new TestConnection(echoes: true));
        client.Send("x"u8);
        rig.Read(client, 1);
        long turns = rig.Loop.Statistics.Turns;
        ThreadCpuNs();
        long before = ThreadCpuNs();
        Alarm alarm = new();
        rig.Loop.Schedule(alarm, rig.Loop.MonotonicNs() + 300_000_000);
        while (!alarm.Fired) rig.Loop.RunTurn(mayBlock: true);
        Assert.InRange(rig.Loop.Statistics.Turns - turns, 1, 5);
        Assert.InRange(ThreadCpuNs() - before, 0, 10_000_000);
    }

    private static long ThreadCpuNs() =>
        long.Parse(File.ReadAllText("/proc/thread-self/schedstat").Split(' ')[0], CultureInfo.InvariantCulture);

    private sealed class Alarm : LoopTimer
    {
        public bool Fired { get; private set; }

        public override void OnTimer() => Fired = true;
    }

    private sealed class EchoOnly : SocketEvents
    {
        public override void OnBytes(ReadOnlySpan<byte> bytes) => Loop.OutputOf(Handle).AppendCopy(Loop.Chunks, bytes);

        public override void OnClosed(int errno)
        {
        }
    }
}

/// <summary>The promises, kept by epoll.</summary>
public sealed class EpollSocketTests() : SocketTests(LoopBackend.Epoll, systemCallsPerRequest: 3);

/// <summary>The promises, kept by io_uring.</summary>
public sealed class UringSocketTests() : SocketTests(LoopBackend.Uring, systemCallsPerRequest: 1);

using Anax.Runtime;
using Anax.Runtime.Simulated;
using Xunit;

namespace Anax.Tests.Unit.Runtime;

/// <summary>
/// The simulated network: repeatable, with partial reads and writes, resets, full mailboxes, and many groups.
/// </summary>
public sealed class SimulationTests
{
    private const ushort Forward = 1;
    private const ushort Forwarded = 2;

    [Fact]
    public void TheSameSeedGivesTheSameRun()
    {
        ulong first = RunOnce(1), again = RunOnce(1), other = RunOnce(2);
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    public void ManyServersInOneThreadAnswerEveryByteInOrder(ulong seed)
    {
        using SimulatedNetwork network = new(new SimulationOptions { Seed = seed });
        var servers = new RelayServer[50];
        List<(SimulatedClient Client, byte[] Sent, MemoryStream Received)> clients = [];
        Random random = new((int)seed);
        for (int i = 0; i < servers.Length; i++)
        {
            servers[i] = new RelayServer(network, 1 + i % 3);
            for (int c = 0; c < 2; c++)
            {
                byte[] sent = new byte[random.Next(1, 1500)];
                random.NextBytes(sent);
                SimulatedClient client = network.Connect(servers[i].Port);
                client.Send(sent);
                clients.Add((client, sent, new MemoryStream()));
            }
        }

        byte[] buffer = new byte[4096];
        bool isDone = network.RunUntil(() =>
        {
            bool isAll = true;
            foreach ((SimulatedClient client, byte[] sent, MemoryStream received) in clients)
            {
                int count = client.Read(buffer);
                received.Write(buffer, 0, count);
                isAll &= received.Length == sent.Length;
            }

            return isAll;
        });
        Assert.True(isDone, $"seed {seed}: the simulation stands still");
        foreach ((_, byte[] sent, MemoryStream received) in clients) Assert.Equal(sent, received.ToArray());

        long full = 0;
        foreach (RelayServer server in servers)
        {
            for (int i = 0; i < server.Group.Count; i++) full += server.Group[i].Statistics.MailboxesFull;
            server.Group.Stop();
        }

        foreach (RelayServer server in servers) server.Group.Join();
        Assert.True(full > 0, "a simulation in which no mailbox is ever full tests nothing");
        foreach ((SimulatedClient client, _, _) in clients) Assert.True(client.IsEnded);
        foreach (RelayServer server in servers) server.Dispose();
    }

    [Fact]
    public void ResetsCloseEverySocketExactlyOnce()
    {
        for (ulong seed = 1; seed <= 20; seed++)
        {
            using SimulatedNetwork network = new(new SimulationOptions { Seed = seed, ResetChance = 3 });
            using RelayServer server = new(network, 2);
            List<SimulatedClient> clients = [];
            for (int i = 0; i < 30; i++) clients.Add(network.Connect(server.Port));
            Random random = new((int)seed);
            byte[] bytes = new byte[500];
            for (int round = 0; round < 30; round++)
            {
                foreach (SimulatedClient client in clients)
                {
                    client.Send(bytes.AsSpan(0, random.Next(1, 500)));
                    client.Read(bytes);
                    if (random.Next(100) == 0) client.Reset();
                    if (random.Next(100) == 0) client.End();
                }

                network.RunFor(100_000);
            }

            server.Group.Stop();
            server.Group.Join();
            Assert.Equal(30, server.Connections.Count);
            foreach (TestConnection connection in server.Connections) Assert.Equal(1, connection.Closes);
        }
    }

    [Fact]
    public void TimeLeapsToTheNextTimer()
    {
        using SimulatedNetwork network = new(new SimulationOptions());
        using LoopGroup group = LoopGroup.Create(new LoopGroupOptions { Network = network });
        int fired = 0;
        EveryHour timer = new(group[0], () => fired++);
        group[0].Schedule(timer, network.NowNs + EveryHour.HourNs);
        long wallMs = network.NowMs;
        network.RunFor(24 * EveryHour.HourNs + 1_000_000_000);
        Assert.Equal(24, fired);
        Assert.InRange(network.NowMs - wallMs, 86_400_000, 86_500_000);
        Assert.InRange(network.Steps, 24, 200);
    }

    [Fact]
    public void ATakenPortIsRefusedAndFreeAgainAfterwards()
    {
        using SimulatedNetwork network = new(new SimulationOptions());
        ListenSocket first = network.Listen("127.0.0.1", 6379);
        ListenException error = Assert.Throws<ListenException>(() => network.Listen("127.0.0.1", 6379));
        Assert.Contains("Address already in use", error.Message, StringComparison.Ordinal);
        first.Dispose();
        network.Listen("127.0.0.1", 6379).Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void ALoopDialsAnother(ulong seed)
    {
        using SimulatedNetwork network = new(new SimulationOptions { Seed = seed });
        using RelayServer server = new(network, 2);
        using LoopGroup group = LoopGroup.Create(new LoopGroupOptions { Network = network });
        byte[] sent = new byte[300_000];
        new Random((int)seed).NextBytes(sent);
        TestConnection client = new();
        group[0].Adopt(network.Dial(server.Port), client);
        Assert.True(client.Send(sent));
        Assert.True(network.RunUntil(() => client.ReceivedCount == sent.Length), $"seed {seed}: the simulation stands still");
        Assert.Equal(sent, client.Received);

        group[0].CloseAfterFlush(client.Handle);
        Assert.True(network.RunUntil(() => server.Connections[0].Closes == 1));
        Assert.Equal(1, client.Closes);
        Assert.Throws<ListenException>(() => network.Dial(server.Port + 1));
    }

    private static ulong RunOnce(ulong seed)
    {
        using SimulatedNetwork network = new(new SimulationOptions { Seed = seed });
        using RelayServer server = new(network, 3);
        SimulatedClient client = network.Connect(server.Port);
        client.Send(new byte[10_000]);
        byte[] buffer = new byte[10_000];
        int received = 0;
        Assert.True(network.RunUntil(() => (received += client.Read(buffer)) == buffer.Length));
        return network.Trace;
    }

    private sealed class EveryHour(EventLoop loop, Action onTimer) : LoopTimer
    {
        public const long HourNs = 3_600_000_000_000;

        public override void OnTimer()
        {
            onTimer();
            loop.Schedule(this, DueNs + HourNs);
        }
    }

    /// <summary>Sends every byte to the group's last loop and echoes what comes back.</summary>
    private sealed class RelayServer : IAcceptEvents, IDisposable
    {
        private readonly ListenSocket _listener;

        public RelayServer(SimulatedNetwork network, int loops)
        {
            Group = LoopGroup.Create(new LoopGroupOptions { Network = network, Count = loops });
            for (int i = 0; i < loops; i++)
            {
                EventLoop loop = Group[i];
                loop.Attach(new Ender(this));
                loop.OnMessage(Forward, (int from, in Message m) =>
                    loop.Answer(from, new Message { Kind = Forwarded, A = m.A, B = m.B }));
            }

            Group[0].OnMessage(Forwarded, (int from, in Message m) => Connections[(int)m.A].Send([(byte)m.B]));
            _listener = Group.ListenTcp("127.0.0.1", 0, 16);
            Group[0].Listen(_listener, this);
            Group.Start();
        }

        public LoopGroup Group { get; }
        public List<TestConnection> Connections { get; } = [];
        public int Port => _listener.Port;

        public void OnAccepted(ListenSocket listener, int descriptor)
        {
            int id = Connections.Count;
            TestConnection connection = new()
            {
                Reacts = (_, bytes) =>
                {
                    foreach (byte b in bytes) Group[0].Ask(Group.Count - 1, new Message { Kind = Forward, A = id, B = b });
                },
            };
            Connections.Add(connection);
            Group[0].Adopt(descriptor, connection);
        }

        public void OnAcceptFailed(ListenSocket listener, int errno)
        {
        }

        public void Dispose()
        {
            _listener.Dispose();
            Group.Dispose();
        }
    }

    private sealed class Ender(RelayServer server) : ILoopEvents
    {
        public void OnStarted(EventLoop loop)
        {
        }

        public void OnTurn(EventLoop loop)
        {
        }

        public void OnLongTurn(EventLoop loop, long ns)
        {
        }

        public void OnStopping(EventLoop loop)
        {
            if (loop.Index != 0) return;
            foreach (TestConnection connection in server.Connections) loop.CloseAfterFlush(connection.Handle);
        }

        public void OnStopped(EventLoop loop)
        {
        }
    }
}

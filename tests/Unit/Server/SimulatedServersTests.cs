using System.Text;
using Anax.Runtime;
using Anax.Runtime.Simulated;
using Anax.Server;
using Anax.Server.Logging;
using Anax.Server.Options;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Anax.Tests.Unit.Server;

/// <summary>
/// Whole servers on the simulated loop: many of them in one thread, each with its own clients, data and end.
/// </summary>
public sealed class SimulatedServersTests
{
    private const int Servers = 50;
    private const int Rounds = 20;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void FiftyServersInOneThreadServeTheirOwnClients(ulong seed)
    {
        using SimulatedNetwork network = new(new SimulationOptions { Seed = seed });
        var servers = new AnaxServer[Servers];
        var clients = new Talker[Servers];
        for (int i = 0; i < Servers; i++)
        {
            servers[i] = Start(network, shards: 1 + i % 3, port: 7000 + i);
            clients[i] = new Talker(network.Connect(servers[i].Port), i);
        }

        Assert.True(network.RunUntil(() => Array.TrueForAll(clients, c => c.IsDone())), $"seed {seed}: the servers stand still");
        foreach (Talker client in clients) Assert.Equal(client.Expected, client.Received);
        foreach (AnaxServer server in servers) server.Stop("the test ends");
        foreach (AnaxServer server in servers) server.Join();
        foreach (Talker client in clients) Assert.True(client.IsEnded);
        foreach (AnaxServer server in servers) server.Dispose();
    }

    [Fact]
    public void TheSameSeedGivesTheSameRunOfAWholeServer()
    {
        Assert.Equal(Trace(7), Trace(7));
        Assert.NotEqual(Trace(7), Trace(8));

        static ulong Trace(ulong seed)
        {
            using SimulatedNetwork network = new(new SimulationOptions { Seed = seed });
            using AnaxServer server = Start(network, shards: 3);
            Talker client = new(network.Connect(server.Port), 1);
            Assert.True(network.RunUntil(client.IsDone));
            ulong trace = network.Trace;
            server.Stop("the test ends");
            server.Join();
            return trace;
        }
    }

    [Fact]
    public void KeysExpireByTheSimulatedClock()
    {
        using SimulatedNetwork network = new(new SimulationOptions());
        using AnaxServer server = Start(network, shards: 2);
        SimulatedClient client = network.Connect(server.Port);
        Assert.Equal("+OK\r\n", Ask("SET key value EX 3600\r\n"));
        Assert.Equal(":1\r\n", Ask("EXISTS key\r\n"));
        network.RunFor(3_601_000_000_000);
        Assert.Equal(":0\r\n", Ask("EXISTS key\r\n"));
        server.Stop("the test ends");
        server.Join();

        string Ask(string command)
        {
            client.Send(Encoding.ASCII.GetBytes(command));
            byte[] reply = new byte[100];
            int length = 0;
            Assert.True(network.RunUntil(() => (length += client.Read(reply.AsSpan(length))) > 0 && reply[length - 1] == '\n'));
            return Encoding.ASCII.GetString(reply, 0, length);
        }
    }

    private static AnaxServer Start(SimulatedNetwork network, int shards, int port = 6379)
    {
        StartOptions start = StartOptions.Read(["--port", $"{port}", "--hash-seed", "1"], Stream.Null, "test");
        ServerSettings settings = start.Settings ?? throw new ArgumentException(start.Error);
        LoopGroup group = LoopGroup.Create(new LoopGroupOptions { Network = network, Count = shards });
        AnaxServer server = new(settings, null, new ServerLog(NullLogger.Instance), group);
        server.Start();
        return server;
    }

    /// <summary>Sends pipelined commands on keys of several shards and knows what must come back.</summary>
    private sealed class Talker
    {
        private readonly SimulatedClient _client;
        private readonly StringBuilder _expected = new();
        private readonly List<byte> _received = [];
        private readonly byte[] _buffer = new byte[1024];

        public Talker(SimulatedClient client, int number)
        {
            _client = client;
            StringBuilder sent = new();
            for (int i = 0; i < Rounds; i++)
            {
                string value = $"value-{number}-{i}";
                Say(sent, $"SET key:{i} {value}", "+OK\r\n");
                Say(sent, $"GET key:{i}", $"${value.Length}\r\n{value}\r\n");
                Say(sent, "INCR counter", $":{i + 1}\r\n");
                Say(sent, $"MSET a{i} 1 b{i} 2 c{i} 3", "+OK\r\n");
                Say(sent, $"MGET a{i} b{i} c{i} none", "*4\r\n$1\r\n1\r\n$1\r\n2\r\n$1\r\n3\r\n$-1\r\n");
                Say(sent, $"DEL a{i} b{i} c{i}", ":3\r\n");
            }

            client.Send(Encoding.ASCII.GetBytes(sent.ToString()));
        }

        public string Expected => _expected.ToString();
        public string Received => Encoding.ASCII.GetString(_received.ToArray());
        public bool IsEnded => _client.IsEnded;

        public bool IsDone()
        {
            int count = _client.Read(_buffer);
            _received.AddRange(_buffer.AsSpan(0, count));
            return _received.Count >= _expected.Length;
        }

        private void Say(StringBuilder sent, string command, string reply)
        {
            sent.Append(command).Append("\r\n");
            _expected.Append(reply);
        }
    }
}

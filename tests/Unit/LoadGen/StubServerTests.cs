using System.Text;
using Anax.Runtime.Simulated;
using Anax.Tests.Stub;
using Xunit;

namespace Anax.Tests.Unit.LoadGen;

/// <summary>The stub that the load generator is judged by: it does what it is told to, and its record is exact.</summary>
public sealed class StubServerTests
{
    private const long MillisecondNs = 1_000_000;

    /// <summary>What a simulated turn or two take.</summary>
    private const long SlackNs = 50_000;

    [Fact]
    public void RepliesLeaveWhenTheyAreDueAndInOrder()
    {
        using Rig rig = new(new StubOptions { Delay = new BimodalDelay(5 * MillisecondNs, 50 * MillisecondNs, 4) });
        long sentNs = rig.Network.NowNs;
        rig.Client.Send(Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat("*2\r\n$3\r\nGET\r\n$1\r\nk\r\n", 8))));
        rig.Network.RunFor(100 * MillisecondNs);

        StubRecord record = rig.Stub.Record;
        Assert.Equal(8, record.Count);
        Assert.Equal(8, record.PendingPeak);
        for (int i = 0; i < 8; i++)
        {
            Assert.InRange(record.ArrivalNs(i) - sentNs, 0, SlackNs);
            // The fourth is slow, and holds up those behind it.
            long expectedNs = (i < 3 ? 5 : 50) * MillisecondNs;
            Assert.InRange(record.ReplyNs(i) - record.ArrivalNs(i) - expectedNs, 0, SlackNs);
        }

        Assert.Equal(8, Texts(rig.Read()).Count(line => line == "0123456789abcdef"));
    }

    [Fact]
    public void AStallHoldsUpWhatFallsIntoIt()
    {
        StallingDelay delay = new(MillisecondNs, 200 * MillisecondNs, 1000 * MillisecondNs);
        Assert.Equal(MillisecondNs, delay.DueNs(0, 0));
        Assert.Equal(701 * MillisecondNs, delay.DueNs(700 * MillisecondNs, 1));
        Assert.Equal(1000 * MillisecondNs, delay.DueNs(800 * MillisecondNs, 2));
        Assert.Equal(1000 * MillisecondNs, delay.DueNs(990 * MillisecondNs, 3));
        Assert.Equal(1001 * MillisecondNs, delay.DueNs(1000 * MillisecondNs, 4));
    }

    [Fact]
    public void ValuesAreKeptAndOneInSoManyIsWrong()
    {
        using Rig rig = new(new StubOptions { KeepsValues = true, CorruptOneIn = 10 });
        Assert.Equal("+OK\r\n", rig.Call("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$8\r\nabcdefgh\r\n"));
        Assert.Equal("$-1\r\n", rig.Call("*2\r\n$3\r\nGET\r\n$1\r\nx\r\n"));
        int wrong = 0;
        for (int i = 0; i < 100; i++)
        {
            string reply = rig.Call("*2\r\n$3\r\nget\r\n$1\r\nk\r\n");
            Assert.Equal("$8\r\nabcdefgh\r\n".Length, reply.Length);
            if (reply != "$8\r\nabcdefgh\r\n") wrong++;
        }

        Assert.Equal(10, wrong);
        Assert.Equal(10, rig.Stub.Record.Corrupted);
    }

    [Fact]
    public void APasswordIsAskedFor()
    {
        using Rig rig = new(new StubOptions { Password = "secret" });
        Assert.StartsWith("-NOAUTH", rig.Call("*1\r\n$4\r\nPING\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("-WRONGPASS", rig.Call("*2\r\n$4\r\nAUTH\r\n$5\r\nwrong\r\n"), StringComparison.Ordinal);
        Assert.Equal("+OK\r\n", rig.Call("*2\r\n$4\r\nAUTH\r\n$6\r\nsecret\r\n"));
        Assert.Equal("+PONG\r\n", rig.Call("*1\r\n$4\r\nPING\r\n"));
        Assert.Equal(0, rig.Stub.Record.Count);
    }

    [Fact]
    public void ErrorsRedirectionsAndEndsComeWhenAskedFor()
    {
        using Rig erring = new(new StubOptions { ErrorOneIn = 2, CloseAtRequest = 3, KeepsRequests = true });
        Assert.StartsWith("$16", erring.Call("*2\r\n$3\r\nGET\r\n$1\r\na\r\n"), StringComparison.Ordinal);
        Assert.StartsWith("-ERR the stub", erring.Call("*2\r\n$3\r\nGET\r\n$1\r\nb\r\n"), StringComparison.Ordinal);
        erring.Client.Send("*2\r\n$3\r\nGET\r\n$1\r\nc\r\n"u8);
        Assert.True(erring.Network.RunUntil(() => erring.Client.IsEnded));
        Assert.Equal(["a", "b", "c"], erring.Stub.Record.Requests.Select(r => r[1]));

        using Rig moving = new(new StubOptions { MovedTo = "127.0.0.1:1" });
        Assert.Equal("-MOVED 1234 127.0.0.1:1\r\n", moving.Call("*2\r\n$3\r\nGET\r\n$1\r\na\r\n"));

        using Rig other = new(new StubOptions());
        other.Client.Send("get a\r\n"u8);
        Assert.True(other.Network.RunUntil(() => other.Client.IsEnded));
        Assert.Contains("get a", other.Stub.Failure, StringComparison.Ordinal);
    }

    private static string[] Texts(string replies) => replies.Split("\r\n");

    private sealed class Rig : IDisposable
    {
        public Rig(StubOptions options)
        {
            Network = new SimulatedNetwork(new SimulationOptions { LatencyNsMax = 0 });
            Stub = new StubServer(options, Network);
            Client = Network.Connect(Stub.Port);
        }

        public SimulatedNetwork Network { get; }
        public StubServer Stub { get; }
        public SimulatedClient Client { get; }

        public string Read()
        {
            byte[] bytes = new byte[64 * 1024];
            return Encoding.Latin1.GetString(bytes, 0, Client.Read(bytes));
        }

        public string Call(string request)
        {
            Client.Send(Encoding.Latin1.GetBytes(request));
            string reply = "";
            bool isAnswered = Network.RunUntil(() => IsWhole(reply += Read()));
            Assert.True(isAnswered, $"'{request}' was not answered");
            return reply;
        }

        public void Dispose()
        {
            Stub.Dispose();
            Network.Dispose();
        }

        /// <summary>A line, and behind the header of a bulk string another one.</summary>
        private static bool IsWhole(string reply)
        {
            int lines = reply.StartsWith('$') && !reply.StartsWith("$-1", StringComparison.Ordinal) ? 2 : 1;
            return reply.Split("\r\n").Length > lines;
        }
    }
}

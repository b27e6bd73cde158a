using System.Text;
using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>
/// What every client relies on, over a socket: the same on each back end and with any number of shards. Keys are
/// prefixed per test, since the server is shared.
/// </summary>
public abstract class BlackBoxTests(ServerFixture fixture)
{
    private static readonly string[] Ten = [.. Enumerable.Range(0, 10).Select(i => $"multi:{i}")];

    [Fact]
    public void StringsAreSetReadAndDeleted()
    {
        using RespClient client = fixture.Connect();
        Assert.Equal("+OK", client.Call("SET", "s:a", "1").ToString());
        Assert.Equal("$\"1\"", client.Call("GET", "s:a").ToString());
        Assert.Equal(":2", client.Call("INCR", "s:a").ToString());
        Assert.Equal(":1", client.Call("DEL", "s:a").ToString());
        Assert.Equal("$null", client.Call("GET", "s:a").ToString());
    }

    [Fact]
    public void CommandsOverSeveralShardsAnswerInKeyOrder()
    {
        using RespClient client = fixture.Connect();
        Assert.Equal("+OK", client.Call(["MSET", .. Ten.SelectMany(k => new[] { k, $"v-{k}" })]).ToString());
        Assert.Equal(Ten.Select(k => $"v-{k}"), client.Call(["MGET", .. Ten]).Items.Select(i => i.Text));
        Assert.Equal(":10", client.Call(["EXISTS", .. Ten]).ToString());
        Assert.Equal(":10", client.Call(["UNLINK", .. Ten]).ToString());
    }

    [Fact]
    public void RepliesOfAPipelineComeInCommandOrder()
    {
        using RespClient client = fixture.Connect();
        var request = new List<byte>();
        for (int i = 0; i < 5000; i++)
        {
            request.AddRange(RespClient.Encode("SET", $"p:{i % 97}", $"{i}"));
            request.AddRange(RespClient.Encode("GET", $"p:{i % 97}"));
            if (i % 50 == 0) request.AddRange("PING\r\nNOSUCH\r\n"u8.ToArray());
        }
        var sender = new Thread(() => client.SendRaw(request.ToArray()));
        sender.Start();
        for (int i = 0; i < 5000; i++)
        {
            Assert.Equal("+OK", client.Read().ToString());
            Assert.Equal($"$\"{i}\"", client.Read().ToString());
            if (i % 50 != 0) continue;
            Assert.Equal("+PONG", client.Read().ToString());
            Assert.StartsWith("-ERR unknown command", client.Read().ToString(), StringComparison.Ordinal);
        }
        sender.Join();
    }

    [Fact]
    public void ARequestMayBeSplitAtEveryByte()
    {
        using RespClient client = fixture.Connect();
        byte[] request = RespClient.Encode("SET", "split", "hello world");
        for (int at = 1; at < request.Length; at++)
        {
            client.SendRaw(request.AsSpan(0, at));
            Thread.Sleep(1);
            client.SendRaw(request.AsSpan(at));
            Assert.Equal("+OK", client.Read().ToString());
        }
    }

    [Theory]
    [InlineData(16_383)]
    [InlineData(16_384)]
    [InlineData(65_535)]
    [InlineData(65_536)]
    [InlineData(1_000_000)]
    [InlineData(30_000_000)]
    public void LargeValuesKeepTheirBytes(int length)
    {
        using RespClient client = fixture.Connect();
        var value = new byte[length];
        new Random(length).NextBytes(value);
        byte[] key = Encoding.ASCII.GetBytes($"large:{length}");
        Assert.Equal("+OK", client.Call(["SET"u8.ToArray(), key, value]).ToString());
        Assert.True(Encoding.Latin1.GetString(value) == client.Call(["GET"u8.ToArray(), key]).Text, $"seed {length}");
        Assert.Equal($":{length + 1}", client.Call(["APPEND"u8.ToArray(), key, "x"u8.ToArray()]).ToString());
        Assert.Equal("$\"x\"", client.Call(["GETRANGE"u8.ToArray(), key, "-1"u8.ToArray(), "-1"u8.ToArray()]).ToString());
        Assert.Equal(":1", client.Call(["DEL"u8.ToArray(), key]).ToString());
    }

    [Fact]
    public void ExpiryIsPreciseOnAccess()
    {
        using RespClient client = fixture.Connect();
        client.Call("SET", "e:a", "v", "PX", "80");
        Assert.Equal("$\"v\"", client.Call("GET", "e:a").ToString());
        Thread.Sleep(90);
        Assert.Equal("$null", client.Call("GET", "e:a").ToString());
        Assert.Equal(":-2", client.Call("TTL", "e:a").ToString());
    }

    [Fact]
    public void ExpiredKeysGoWithoutBeingAskedFor()
    {
        using RespClient client = fixture.Connect();
        client.Call("SELECT", "9");
        for (int i = 0; i < 500; i++) client.Call("SET", $"x:{i}", "v", "PX", "50");
        for (int i = 0; i < 100 && client.Call("DBSIZE").Integer != 0; i++) Thread.Sleep(50);
        Assert.Equal(0, client.Call("DBSIZE").Integer);
    }

    [Fact]
    public void AScanMeetsEveryKeyOnce()
    {
        using RespClient client = fixture.Connect();
        client.Call("SELECT", "8");
        for (int i = 0; i < 3000; i++) client.Call("SET", $"scan:{i}", "v");
        var seen = new HashSet<string>();
        string cursor = "0";
        do
        {
            RespValue reply = client.Call("SCAN", cursor, "COUNT", "50");
            cursor = reply.Items[0].Text!;
            Assert.True(ulong.Parse(cursor, System.Globalization.CultureInfo.InvariantCulture) < 1UL << 53);
            foreach (RespValue key in reply.Items[1].Items) seen.Add(key.Text!);
        }
        while (cursor != "0");
        Assert.Equal(3000, seen.Count);
        Assert.Equal("+OK", client.Call("FLUSHDB").ToString());
        Assert.Equal(":0", client.Call("DBSIZE").ToString());
    }

    [Fact]
    public void RenameAndCopyWorkBetweenShards()
    {
        using RespClient client = fixture.Connect();
        for (int i = 0; i < 20; i++)
        {
            client.Call("SET", $"r:{i}", $"v{i}", "EX", "1000");
            Assert.Equal("+OK", client.Call("RENAME", $"r:{i}", $"rn:{i}").ToString());
            Assert.Equal(":1", client.Call("COPY", $"rn:{i}", $"rc:{i}").ToString());
            Assert.Equal($"$\"v{i}\"", client.Call("GET", $"rc:{i}").ToString());
            Assert.InRange(client.Call("TTL", $"rc:{i}").Integer, 990, 1000);
            Assert.Equal(":0", client.Call("EXISTS", $"r:{i}").ToString());
        }
    }

    [Theory]
    [InlineData("*3\r\n$3\r\nSET\r\n$1\r\na\r\n:1\r\n", "-ERR Protocol error: expected '$', got ':'")]
    [InlineData("*-5\r\n*abc\r\n", "-ERR Protocol error: invalid multibulk length")]
    [InlineData("*1\r\n$-1\r\n", "-ERR Protocol error: invalid bulk length")]
    [InlineData("set \"a b\r\n", "-ERR Protocol error: unbalanced quotes in request")]
    public void MalformedRequestsAreAnsweredAndCloseTheirConnectionOnly(string request, string error)
    {
        using RespClient bad = fixture.Connect(), good = fixture.Connect();
        bad.SendRaw(Encoding.Latin1.GetBytes(request));
        Assert.Equal(error, bad.Read().ToString());
        Assert.True(bad.IsClosed());
        Assert.Equal("+PONG", good.Call("PING").ToString());
    }

    [Fact]
    public void RepliesBeforeAProtocolErrorStillLeave()
    {
        using RespClient client = fixture.Connect();
        client.SendRaw("*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGET\r\n$6\r\nbefore\r\n*1\r\n:1\r\n"u8);
        Assert.Equal("+PONG", client.Read().ToString());
        Assert.Equal("$null", client.Read().ToString());
        Assert.Equal("-ERR Protocol error: expected '$', got ':'", client.Read().ToString());
        Assert.True(client.IsClosed());
    }

    [Fact]
    public void ACommandMayHaveAMillionKeys()
    {
        using RespClient client = fixture.Connect();
        var command = new byte[1_000_001][];
        command[0] = "DEL"u8.ToArray();
        for (int i = 1; i < command.Length; i++) command[i] = Encoding.ASCII.GetBytes($"m:{i}");
        client.Call("SET", "m:77", "v");
        Assert.Equal(":1", client.Call(command).ToString());
    }

    [Fact]
    public void RespThreeIsNegotiated()
    {
        using RespClient client = fixture.Connect();
        Assert.Equal('%', client.Call("HELLO", "3").Type);
        Assert.Equal("_null", client.Call("GET", "nothing").ToString());
        Assert.Equal("-NOPROTO unsupported protocol version", client.Call("HELLO", "4").ToString());
    }

    [Fact]
    public void UnwantedRepliesDoNotLeave()
    {
        using RespClient client = fixture.Connect();
        client.Send("CLIENT", "REPLY", "OFF");
        client.Send("PING");
        client.Send(["MGET", .. Ten]);
        client.Send("CLIENT", "REPLY", "ON");
        Assert.Equal("+OK", client.Read().ToString());
        client.Send("CLIENT", "REPLY", "SKIP");
        client.Send("PING");
        Assert.Equal("$\"here\"", client.Call("ECHO", "here").ToString());
    }

    [Fact]
    public void APauseHoldsCommandsBackAndEnds()
    {
        using RespClient admin = fixture.Connect(), client = fixture.Connect();
        Assert.Equal("+OK", admin.Call("CLIENT", "PAUSE", "150", "WRITE").ToString());
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal("$null", client.Call("GET", "pause:a").ToString());
        for (int i = 0; i < 5; i++) Assert.Equal("+OK", client.Call("SET", $"pause:{i}", "v").ToString());
        Assert.InRange(clock.ElapsedMilliseconds, 100, 5000);
        Assert.Equal(":5", client.Call("DEL", "pause:0", "pause:1", "pause:2", "pause:3", "pause:4").ToString());
    }

    [Fact]
    public void ADatabaseIsChosenPerConnection()
    {
        using RespClient one = fixture.Connect(), two = fixture.Connect();
        one.Call("SELECT", "3");
        one.Call("SET", "db:a", "three");
        Assert.Equal("$null", two.Call("GET", "db:a").ToString());
        Assert.Equal(":1", one.Call("MOVE", "db:a", "4").ToString());
        two.Call("SELECT", "4");
        Assert.Equal("$\"three\"", two.Call("GET", "db:a").ToString());
        Assert.Equal("-ERR DB index is out of range", two.Call("SELECT", "16").ToString());
    }
}

public sealed class BlackBoxOnUring1(Uring1 fixture) : BlackBoxTests(fixture), IClassFixture<Uring1>;

public sealed class BlackBoxOnUring2(Uring2 fixture) : BlackBoxTests(fixture), IClassFixture<Uring2>;

public sealed class BlackBoxOnUring7(Uring7 fixture) : BlackBoxTests(fixture), IClassFixture<Uring7>;

public sealed class BlackBoxOnEpoll1(Epoll1 fixture) : BlackBoxTests(fixture), IClassFixture<Epoll1>;

public sealed class BlackBoxOnEpoll2(Epoll2 fixture) : BlackBoxTests(fixture), IClassFixture<Epoll2>;

public sealed class BlackBoxOnEpoll7(Epoll7 fixture) : BlackBoxTests(fixture), IClassFixture<Epoll7>;

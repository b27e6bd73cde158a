using System.Net.Sockets;
using System.Text;
using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>
/// Clients that behave badly, break off or go away: each gets what it deserves, the server and the others go on.
/// After every test the same server still answers, and nothing of the bad client is left behind.
/// </summary>
public abstract class BadInputTests(ServerFixture fixture)
{
    private const int Mib = 1 << 20;

    /// <summary>Keys that lie on several shards, whatever the seed of the hash.</summary>
    private static readonly string[] Spread = [.. Enumerable.Range(0, 40).Select(i => $"bad:spread:{i}")];

    [Theory]
    [InlineData("normal 1048576 0 0")]
    [InlineData("normal 0 262144 1")]
    public void AClientThatNeverReadsIsCutOff(string limit)
    {
        using RespClient other = fixture.Connect();
        using RespClient deaf = fixture.Connect();
        other.Call("SET", "bad:deaf", new string('x', 100_000));
        long before = Info(other, "client_output_buffer_limit_disconnections");
        Assert.Equal("+OK", other.Call("CONFIG", "SET", "client-output-buffer-limit", limit).ToString());
        try
        {
            SendUntilClosed(deaf, RespClient.Encode("GET", "bad:deaf"), 400);
            Assert.True(WaitUntil(() => Info(other, "client_output_buffer_limit_disconnections") == before + 1));
        }
        finally
        {
            other.Call("CONFIG", "SET", "client-output-buffer-limit", "normal 0 0 0");
        }
        Assert.Equal("+PONG", other.Call("PING").ToString());
        AssertAlone(other);
    }

    [Fact]
    public void RepliesThatWaitReferToOneValue()
    {
        const int ValueBytes = 16 * Mib, Gets = 500;
        using RespClient other = fixture.Connect();
        using RespClient deaf = fixture.Connect();
        Assert.Equal("+OK", other.Call(["SET"u8.ToArray(), "bad:one"u8.ToArray(), new byte[ValueBytes]]).ToString());
        long before = Info(other, "used_memory_rss");
        for (int i = 0; i < Gets; i++) deaf.Send("GET", "bad:one");
        Assert.True(WaitUntil(() => Info(other, "client_recent_max_output_buffer") > (Gets - 20L) * ValueBytes));
        // Eight gigabytes wait; what they cost is a header for each.
        Assert.InRange(Info(other, "used_memory_rss") - before, long.MinValue, 8L * Mib);
        Assert.InRange(Info(other, "used_memory"), 0, 100L * Mib);
        // The value may go meanwhile: the replies hold it.
        Assert.Equal(":1", other.Call("DEL", "bad:one").ToString());
        Assert.Equal(ValueBytes, deaf.Read().Text!.Length);
        deaf.Dispose();
        AssertAlone(other);
        Assert.True(WaitUntil(() => Info(other, "used_memory_rss") - before < 2L * Mib), "the value goes with its last reader");
    }

    [Fact]
    public void AClientMaySendByteByByte()
    {
        using RespClient slow = fixture.Connect();
        using RespClient other = fixture.Connect();
        byte[] request = [.. RespClient.Encode("SET", "bad:slow", "value"), .. RespClient.Encode(["MGET", .. Spread]),
            .. "PING inline\r\n"u8];
        foreach (byte b in request)
        {
            slow.SendRaw([b]);
            Thread.Sleep(1);
        }
        Assert.Equal("+OK", slow.Read().ToString());
        Assert.Equal(Spread.Length, slow.Read().Items.Length);
        Assert.Equal("$\"inline\"", slow.Read().ToString());
        Assert.Equal("$\"value\"", other.Call("GET", "bad:slow").ToString());
    }

    [Fact]
    public void AQueryBufferHasALimit()
    {
        using RespClient other = fixture.Connect();
        long before = Info(other, "client_query_buffer_limit_disconnections");
        Assert.Equal("+OK", other.Call("CONFIG", "SET", "client-query-buffer-limit", "1mb").ToString());
        try
        {
            // A large argument, a command of many small ones, a command of several large ones.
            using RespClient one = fixture.Connect();
            one.SendRaw("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$2000000\r\n"u8);
            SendUntilClosed(one, new byte[100_000], 30);
            using RespClient many = fixture.Connect();
            many.SendRaw("*1000000\r\n$4\r\nMGET\r\n"u8);
            SendUntilClosed(many, "$8\r\n12345678\r\n"u8.ToArray(), 300_000);
            using RespClient several = fixture.Connect();
            several.SendRaw("*10\r\n$4\r\nMGET\r\n"u8);
            SendUntilClosed(several, [.. "$300000\r\n"u8, .. new byte[300_000], .. "\r\n"u8], 9);
            Assert.True(WaitUntil(() => Info(other, "client_query_buffer_limit_disconnections") == before + 3));
        }
        finally
        {
            other.Call("CONFIG", "SET", "client-query-buffer-limit", "1gb");
        }
        AssertAlone(other);
    }

    [Fact]
    public void AnArgumentMayBeAsLongAsTheLimitAndNoLonger()
    {
        using RespClient other = fixture.Connect();
        Assert.Equal("+OK", other.Call("CONFIG", "SET", "proto-max-bulk-len", "1mb").ToString());
        try
        {
            using RespClient client = fixture.Connect();
            Assert.Equal("+OK", client.Call(["SET"u8.ToArray(), "bad:limit"u8.ToArray(), new byte[Mib]]).ToString());
            Assert.Equal($":{Mib}", client.Call("STRLEN", "bad:limit").ToString());
            Assert.Equal("-ERR string exceeds maximum allowed size (proto-max-bulk-len)",
                client.Call("APPEND", "bad:limit", "x").ToString());
            Assert.Equal("-ERR string exceeds maximum allowed size (proto-max-bulk-len)",
                client.Call("SETRANGE", "bad:limit", $"{Mib}", "x").ToString());
            client.SendRaw(Encoding.ASCII.GetBytes($"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n${Mib + 1}\r\n"));
            Assert.Equal("-ERR Protocol error: invalid bulk length", client.Read().ToString());
            Assert.True(client.IsClosed());
        }
        finally
        {
            other.Call("CONFIG", "SET", "proto-max-bulk-len", "512mb");
            other.Call("DEL", "bad:limit");
        }
    }

    [Fact]
    public void KeysAndValuesAreAnyBytes()
    {
        using RespClient client = fixture.Connect();
        var random = new Random(TestEnvironment.Seed);
        byte[] all = [.. Enumerable.Range(0, 256).Select(b => (byte)b)];
        for (int i = 0; i < 300; i++)
        {
            byte[] key = new byte[i], value = new byte[random.Next(2000)];
            random.NextBytes(key);
            random.NextBytes(value);
            if (i == 256) key = value = all;
            Assert.Equal("+OK", client.Call(["SET"u8.ToArray(), key, value]).ToString());
            Assert.True(client.Call(["GET"u8.ToArray(), key]).Text == Encoding.Latin1.GetString(value), $"seed {TestEnvironment.Seed}");
            Assert.Equal(":1", client.Call(["DEL"u8.ToArray(), key]).ToString());
        }
    }

    [Fact]
    public void AConnectionMayEndAnywhereInARequest()
    {
        using RespClient other = fixture.Connect();
        byte[] large = RespClient.Encode(["SET"u8.ToArray(), "bad:end"u8.ToArray(), new byte[300_000]]);
        byte[] several = RespClient.Encode(["MSET", .. Spread.SelectMany(k => new[] { k, "v" })]);
        foreach (bool reset in (bool[])[false, true])
        {
            foreach (int at in (int[])[1, 5, 30, 40, 65_536, 100_000, 299_999, large.Length - 1]) BreakOff(large.AsSpan(0, at), reset);
            foreach (int at in (int[])[3, 20, several.Length / 2, several.Length - 2]) BreakOff(several.AsSpan(0, at), reset);
        }
        Assert.Equal(":0", other.Call("EXISTS", "bad:end").ToString());
        Assert.Equal(":0", other.Call(["EXISTS", .. Spread]).ToString());
        AssertAlone(other);
    }

    [Fact]
    public void AConnectionMayEndWhileItsCommandsRun()
    {
        using RespClient other = fixture.Connect();
        for (int i = 0; i < 5000; i++) other.Send("SET", $"bad:run:{i}", new string('v', 100));
        for (int i = 0; i < 5000; i++) Assert.Equal("+OK", other.Read().ToString());
        byte[] large = new byte[100_000];
        byte[][] requests =
        [
            RespClient.Encode("KEYS", "*"),
            RespClient.Encode(["MGET", .. Enumerable.Range(0, 5000).Select(i => $"bad:run:{i}")]),
            RespClient.Encode(["MSET", .. Spread.SelectMany(k => new[] { k, "v" })]),
            RespClient.Encode(["DEL", .. Spread]),
            [.. Spread.SelectMany(k => RespClient.Encode(["SET"u8.ToArray(), Encoding.ASCII.GetBytes(k), large]))],
            [.. Spread.SelectMany(k => RespClient.Encode("GET", k))],
            [.. Spread.SelectMany(k => RespClient.Encode("GET", k)), .. RespClient.Encode(["MGET", .. Spread]), .. "*1\r\n!"u8],
            RespClient.Encode("CLIENT", "LIST"),
            RespClient.Encode("SCAN", "0", "COUNT", "10000"),
            [.. RespClient.Encode("CLIENT", "KILL", "SKIPME", "no", "LADDR", "127.0.0.1:1"), .. RespClient.Encode("FLUSHDB")],
        ];
        for (int round = 0; round < 20; round++)
            foreach (byte[] request in requests) BreakOff(request, reset: round % 2 == 0);
        AssertAlone(other);
        Assert.Equal("+OK", other.Call("FLUSHDB").ToString());
        Assert.Equal(":0", other.Call("DBSIZE").ToString());
    }

    [Fact]
    public void ThousandsOfConnectionsComeAndGo()
    {
        using RespClient other = fixture.Connect();
        long accepted = Info(other, "total_connections_received");
        for (int i = 0; i < 2000; i++)
        {
            using RespClient client = fixture.Connect();
            if (i % 3 == 0) Assert.Equal("+PONG", client.Call("PING").ToString());
            if (i % 3 == 1) client.Send("GET", "a");
        }
        Assert.Equal(accepted + 2000, Info(other, "total_connections_received"));
        AssertAlone(other);
    }

    [Fact]
    public void AHalfClosedClientGetsItsReplies()
    {
        using RespClient other = fixture.Connect();
        other.Call(["SET"u8.ToArray(), "bad:half"u8.ToArray(), new byte[3 * Mib]]);
        using RespClient client = fixture.Connect();
        foreach (string key in Spread) client.Send("SET", key, "v");
        client.Send(["DEL", .. Spread]);
        client.Send("GET", "bad:half");
        client.SendRaw("*2\r\n$3\r\nGE"u8);
        client.Socket.Shutdown(SocketShutdown.Send);
        foreach (string _ in Spread) Assert.Equal("+OK", client.Read().ToString());
        Assert.Equal($":{Spread.Length}", client.Read().ToString());
        Assert.Equal(3 * Mib, client.Read().Text!.Length);
        Assert.True(client.IsClosed());
        other.Call("DEL", "bad:half");
        AssertAlone(other);
    }

    [Fact]
    public void ClientsAreKilledFromAnyLoop()
    {
        using RespClient other = fixture.Connect();
        RespClient[] clients = [.. Enumerable.Range(0, 12).Select(_ => fixture.Connect())];
        string[] ids = [.. clients.Select(c => c.Call("CLIENT", "ID").Text!)];
        // Half of them have commands of several shards under way, and none reads.
        for (int i = 0; i < clients.Length; i += 2)
            for (int n = 0; n < 50; n++) clients[i].Send(["MGET", .. Spread]);
        foreach (string id in ids) Assert.Equal(":1", other.Call("CLIENT", "KILL", "ID", id).ToString());
        foreach (RespClient client in clients)
        {
            while (!Ended(client)) client.Read();
            client.Dispose();
        }
        Assert.Equal(":0", other.Call("CLIENT", "KILL", "ID", ids[0]).ToString());
        AssertAlone(other);
    }

    [Fact]
    public void AClientInheritsNothingFromTheLast()
    {
        byte[][] habits =
        [
            [], RespClient.Encode(["MGET", .. Spread]), "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\nabc"u8.ToArray(), "*1\r\n$1"u8.ToArray(),
            RespClient.Encode("CLIENT", "REPLY", "OFF"), RespClient.Encode("CLIENT", "REPLY", "SKIP"), RespClient.Encode("MONITOR"),
            "*1\r\n!"u8.ToArray(),
        ];
        for (int i = 0; i < 40; i++)
        {
            using RespClient last = fixture.Connect();
            Assert.Equal('%', last.Call("HELLO", "3", "SETNAME", "last").Type);
            foreach (string[] call in (string[][])[["SELECT", "5"], ["CLIENT", "NO-TOUCH", "on"], ["CLIENT", "SETINFO", "lib-name", "l"]])
                Assert.Equal("+OK", last.Call(call).ToString());
            last.SendRaw(habits[i % habits.Length]);
            if (i % 2 == 0) last.Socket.LingerState = new LingerOption(true, 0);
            last.Dispose();

            using RespClient next = fixture.Connect();
            string info = next.Call("CLIENT", "INFO").Text!;
            foreach (string field in (string[])[" name= ", " flags=N ", " db=0 ", " qbuf=0 ", " resp=2 ", " lib-name= ", " tot-cmds=1"])
                Assert.Contains(field, info, StringComparison.Ordinal);
        }
    }

    /// <summary>Sends part of a request and goes: in order, or by a reset.</summary>
    private void BreakOff(ReadOnlySpan<byte> request, bool reset)
    {
        using RespClient client = fixture.Connect();
        client.SendRaw(request);
        if (reset) client.Socket.LingerState = new LingerOption(true, 0);
    }

    private static bool Ended(RespClient client)
    {
        try
        {
            return client.IsClosed();
        }
        catch (EndOfStreamException)
        {
            return true;
        }
    }

    /// <summary>Sends the same bytes again and again, without reading; passes when the server has had enough.</summary>
    private static void SendUntilClosed(RespClient client, byte[] bytes, int times)
    {
        client.Socket.SendTimeout = 200;
        try
        {
            for (int i = 0; i < times; i++) client.SendRaw(bytes);
        }
        catch (SocketException)
        {
            // It was cut off, or the server reads no more of it: the caller looks which.
        }
    }

    /// <summary>No other client is left, and none of their memory.</summary>
    private static void AssertAlone(RespClient client)
    {
        Assert.True(WaitUntil(() => Info(client, "connected_clients") == 1), client.Call("CLIENT", "LIST").Text);
        Assert.InRange(Info(client, "mem_clients_normal"), 0, Mib);
    }

    internal static bool WaitUntil(Func<bool> holds)
    {
        for (int i = 0; i < 250; i++)
        {
            if (holds()) return true;
            Thread.Sleep(20);
        }
        return holds();
    }

    internal static long Info(RespClient client, string name)
    {
        string text = client.Call("INFO", "everything").Text!;
        int at = text.IndexOf($"\n{name}:", StringComparison.Ordinal) + name.Length + 2;
        return long.Parse(text.AsSpan(at, text.IndexOf('\r', at) - at), System.Globalization.CultureInfo.InvariantCulture);
    }
}

public sealed class BadInputOnUring1(Uring1 fixture) : BadInputTests(fixture), IClassFixture<Uring1>;

public sealed class BadInputOnUring2(Uring2 fixture) : BadInputTests(fixture), IClassFixture<Uring2>;

public sealed class BadInputOnEpoll2(Epoll2 fixture) : BadInputTests(fixture), IClassFixture<Epoll2>;

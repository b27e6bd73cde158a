using Anax.Protocol;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Server.Commands;

public sealed class TrackingCommandsTests
{
    private const string Retry = "You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.";

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhoReadAKeyHearsOnceThatItChanged(int shards)
    {
        using var server = new TestServer(shards);
        TestClient reader = server.Connect(shards - 1, RespVersion.Resp3);
        Assert.Equal("OK", reader.Run("CLIENT", "TRACKING", "ON"));
        for (int i = 0; i < 20; i++)
        {
            reader.Run("GET", $"key:{i}");
            server.Run("SET", $"key:{i}", "v");
            Assert.Equal($">[invalidate, [key:{i}]]", reader.Run("PING"));
            Assert.Equal("PONG", reader.Receive().Text);
            server.Run("SET", $"key:{i}", "w");
            Assert.Equal("PONG", reader.Run("PING"));
        }
        reader.Run("MGET", "key:1", "key:2", "key:3");
        server.Run("MSET", "key:1", "a", "key:2", "b", "key:3", "c");
        string[] told = [reader.Receive().Text, reader.Receive().Text, reader.Receive().Text];
        Assert.Equal([">[invalidate, [key:1]]", ">[invalidate, [key:2]]", ">[invalidate, [key:3]]"], told.Order());
    }

    [Theory]
    [InlineData("SORT_RO", "l")]
    [InlineData("SORT_RO", "l", "BY", "w_*")]
    [InlineData("LRANGE", "l", "0", "-1")]
    public void WhateverReadsAListIsTracked(params string[] read)
    {
        using var server = new TestServer(4);
        TestClient reader = server.Connect(3, RespVersion.Resp3);
        server.Run("RPUSH", "l", "2", "1");
        reader.Run("CLIENT", "TRACKING", "ON");
        reader.Run(read);
        server.Run("RPUSH", "l", "3");
        Assert.Equal(">[invalidate, [l]]", reader.Receive().Text);
    }

    [Fact]
    public void AnInvalidationNeverOvertakesTheReplyOfItsRead()
    {
        using var server = new TestServer(4);
        TestClient reader = server.Connect(1, RespVersion.Resp3), writer = server.Connect(2);
        reader.Run("CLIENT", "TRACKING", "ON");
        for (int round = 0; round < 200; round++)
        {
            writer.Run("SET", "k", $"old {round}");
            reader.SendRaw(string.Concat(Encode("GET", "k"), Encode("GET", "a"), Encode("GET", "b"), Encode("GET", "c")));
            writer.Send("SET", "k", $"new {round}");
            var seen = new List<string>();
            while (seen.Count(text => text[0] != '>') < 4) seen.Add(reader.Receive().Text);
            if (seen[0].StartsWith(">[invalidate", StringComparison.Ordinal)) Assert.Fail(string.Join(" | ", seen));
            if (seen[0] == $"old {round}")
            {
                if (!seen.Contains(">[invalidate, [k]]")) Assert.Equal(">[invalidate, [k]]", reader.Receive().Text);
            }
            else Assert.Equal($"new {round}", seen[0]);
            Assert.Equal("OK", writer.Receive().Text);
            // Whatever is remembered of this round is used up before the next.
            writer.Run("DEL", "k");
            reader.Send("PING");
            while (reader.Receive().Text != "PONG") { }
        }
    }

    [Fact]
    public void OwnChangesAreToldBehindTheReplyUnlessLoopsAreOff()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1, RespVersion.Resp3);
        client.Run("CLIENT", "TRACKING", "ON");
        foreach (string key in new[] { "a", "b", "c", "d" })
        {
            client.Run("GET", key);
            Assert.Equal("OK", client.Run("SET", key, "v"));
            Assert.Equal($">[invalidate, [{key}]]", client.Receive().Text);
        }
        client.Run("CLIENT", "TRACKING", "ON", "NOLOOP");
        client.Run("GET", "a");
        client.Run("SET", "a", "w");
        Assert.Equal("PONG", client.Run("PING"));
        client.Run("GET", "a");
        server.Run("SET", "a", "x");
        Assert.Equal(">[invalidate, [a]]", client.Receive().Text);
    }

    [Fact]
    public void AKeyThatExpiresIsInvalidated()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1, RespVersion.Resp3);
        client.Run("CLIENT", "TRACKING", "ON", "NOLOOP");
        client.Run("SET", "k", "v", "PX", "20");
        client.Run("GET", "k");
        Assert.Equal(">[invalidate, [k]]", client.Receive().Text);
        Assert.Equal("(nil)", client.Run("GET", "k"));
    }

    [Fact]
    public void WhoMeetsAnExpiredKeyIsNotToldWhereLoopsAreOff()
    {
        using var server = new TestServer(2, "--enable-debug-command", "yes");
        TestClient noLoop = server.Connect(1, RespVersion.Resp3), other = server.Connect(1, RespVersion.Resp3);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        noLoop.Run("CLIENT", "TRACKING", "ON", "NOLOOP");
        other.Run("CLIENT", "TRACKING", "ON");
        server.Run("SET", "k", "v", "PX", "20");
        noLoop.Run("GET", "k");
        other.Run("GET", "k");
        long expired = Environment.TickCount64 + 40;
        server.RunUntil(() => Environment.TickCount64 > expired, "the expiry");
        Assert.Equal("(nil)", noLoop.Run("GET", "k"));
        Assert.Equal(">[invalidate, [k]]", other.Receive().Text);
        Assert.Equal("PONG", noLoop.Run("PING"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void WhoMeetsAnExpiredKeyWithSeveralOthersHearsNothingOfIt(int shards)
    {
        using var server = new TestServer(shards, "--enable-debug-command", "yes");
        TestClient client = server.Connect(shards - 1, RespVersion.Resp3);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        client.Run("CLIENT", "TRACKING", "ON");
        string[] keys = [.. Enumerable.Range(0, 12).Select(i => $"key:{i}")];
        foreach (string key in keys) server.Run("SET", key, "v", "PX", "20");
        long expired = Environment.TickCount64 + 40;
        server.RunUntil(() => Environment.TickCount64 > expired, "the expiry");
        Assert.Equal("[(nil), (nil), (nil)]", client.Run("MGET", keys[0], keys[1], keys[2]));
        Assert.Equal(":0", client.Run(["EXISTS", .. keys]));
        Assert.Equal("PONG", client.Run("PING"));
        // What it has read as missing it still hears of.
        foreach (string key in keys) server.Run("SET", key, "v");
        string[] told = [.. keys.Select(_ => client.Receive().Text)];
        Assert.Equal(keys.Select(key => $">[invalidate, [{key}]]").Order(), told.Order());
    }

    [Fact]
    public void ABroadcastIsLeftOutForWhoChangedTheKeyLast()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1, RespVersion.Resp3);
        client.Run("CLIENT", "TRACKING", "ON", "BCAST", "NOLOOP");
        foreach (string[] end in new string[][] { ["EXPIRE", "k", "-1"], ["PEXPIREAT", "k", "1"], ["SET", "k", "w", "PXAT", "1"] })
        {
            Assert.Equal("OK", client.Run("SET", "k", "v"));
            Assert.True(client.Run(end) is "OK" or ":1", end[0]);
            Assert.Equal("PONG", client.Run("PING"));
        }
        Assert.Equal("QUEUED", client.Pipeline(["MULTI"], ["PEXPIREAT", "k", "1"], ["SET", "k", "v"],
            ["SET", "k", "w", "PXAT", "1"], ["SET", "k", "x"], ["EXEC"])[1]);
        Assert.Equal("PONG", client.Run("PING"));
    }

    [Fact]
    public void CachingDecidesForOneCommand()
    {
        using var server = new TestServer(3);
        TestClient optIn = server.Connect(1, RespVersion.Resp3), optOut = server.Connect(2, RespVersion.Resp3);
        optIn.Run("CLIENT", "TRACKING", "ON", "OPTIN");
        optOut.Run("CLIENT", "TRACKING", "ON", "OPTOUT");
        Assert.Equal(["(nil)", "OK", "(nil)", "(nil)"], optIn.Pipeline(["GET", "a"], ["CLIENT", "CACHING", "YES"], ["GET", "b"], ["GET", "c"]));
        Assert.Equal(["(nil)", "OK", "(nil)", "(nil)"], optOut.Pipeline(["GET", "a"], ["CLIENT", "CACHING", "NO"], ["GET", "b"], ["GET", "c"]));
        foreach (string key in new[] { "a", "b", "c" }) server.Run("SET", key, "v");
        Assert.Equal(">[invalidate, [b]]", optIn.Receive().Text);
        Assert.Equal([">[invalidate, [a]]", ">[invalidate, [c]]"], new[] { optOut.Receive().Text, optOut.Receive().Text }.Order());
        Assert.Equal("PONG", optIn.Run("PING"));
        Assert.Equal("PONG", optOut.Run("PING"));
    }

    [Fact]
    public void CachingDecidesForAWholeTransaction()
    {
        using var server = new TestServer(3);
        TestClient optIn = server.Connect(1, RespVersion.Resp3), optOut = server.Connect(2, RespVersion.Resp3);
        optIn.Run("CLIENT", "TRACKING", "ON", "OPTIN");
        optOut.Run("CLIENT", "TRACKING", "ON", "OPTOUT");
        foreach ((TestClient client, string word) in new[] { (optIn, "YES"), (optOut, "NO") })
        {
            string[] replies = client.Pipeline(
                ["CLIENT", "CACHING", word], ["MULTI"], ["GET", "a"], ["GET", "b"], ["GET", "c"], ["EXEC"], ["GET", "d"]);
            Assert.Equal("[(nil), (nil), (nil)]", replies[5]);
            client.Pipeline(["CLIENT", "CACHING", word], ["MULTI"], ["DISCARD"], ["GET", "e"]);
            // Said inside, it is about what stands behind it, and ends with EXEC.
            replies = client.Pipeline(["MULTI"], ["GET", "f"], ["CLIENT", "CACHING", word], ["GET", "g"], ["GET", "h"], ["EXEC"], ["GET", "i"]);
            Assert.Equal("[(nil), OK, (nil), (nil)]", replies[5]);
        }
        server.Run("MSET", "a", "v", "b", "v", "c", "v", "d", "v", "e", "v", "f", "v", "g", "v", "h", "v", "i", "v");
        Assert.Equal("abcgh", Told(optIn, 5));
        Assert.Equal("defi", Told(optOut, 4));

        static string Told(TestClient client, int count)
        {
            string[] told = [.. Enumerable.Range(0, count).Select(_ => client.Receive().Items[1].Items[0].Text).Order(StringComparer.Ordinal)];
            Assert.Equal("PONG", client.Run("PING"));
            return string.Concat(told);
        }
    }

    [Theory]
    [InlineData("OPTIN", "YES")]
    [InlineData("OPTOUT", "NO")]
    public void CachingEndsWithItsCommandAlsoWhereATransactionFollows(string mode, string word)
    {
        using var server = new TestServer(3);
        TestClient client = server.Connect(1, RespVersion.Resp3);
        client.Run("CLIENT", "TRACKING", "ON", mode);
        client.Pipeline(["CLIENT", "CACHING", word], ["GET", "a"], ["MULTI"], ["GET", "b"], ["EXEC"]);
        client.Pipeline(["CLIENT", "CACHING", word], ["EXEC"], ["MULTI"], ["GET", "c"], ["EXEC"]);
        client.Pipeline(["CLIENT", "CACHING", word], ["MULTI"], ["GET", "d"], ["EXEC"], ["MULTI"], ["GET", "e"], ["EXEC"]);
        client.Pipeline(["MULTI"], ["CLIENT", "CACHING", word], ["GET", "f"], ["EXEC"], ["MULTI"], ["GET", "g"], ["EXEC"]);
        client.Pipeline(["CLIENT", "CACHING", word], ["MULTI"], ["DISCARD"], ["MULTI"], ["GET", "h"], ["EXEC"]);
        string keys = mode == "OPTIN" ? "adf" : "bcegh";
        foreach (char key in "abcdefgh") server.Run("SET", $"{key}", "v");
        string[] told = [.. keys.Select(_ => client.Receive().Items[1].Items[0].Text).Order(StringComparer.Ordinal)];
        Assert.Equal(keys, string.Concat(told));
        Assert.Equal("PONG", client.Run("PING"));
    }

    [Fact]
    public void ARefusedCommandUsesUpWhatCachingSaid()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1, RespVersion.Resp3);
        client.Run("CLIENT", "TRACKING", "ON", "OPTIN");
        foreach (string[] refused in new string[][] { ["GET"], ["NOSUCH"], ["CLIENT", "NOSUCH"] })
        {
            string[] replies = client.Pipeline(["CLIENT", "CACHING", "YES"], refused, ["GET", "a"]);
            Assert.Equal(("OK", '-', "(nil)"), (replies[0], replies[1][0], replies[2]));
        }
        // Its own kin leave it in force, refused or not.
        client.Pipeline(["CLIENT", "CACHING", "YES"], ["CLIENT", "CACHING"], ["CLIENT", "GETNAME"], ["GET", "b"]);
        server.Run("MSET", "a", "v", "b", "v");
        Assert.Equal(">[invalidate, [b]]", client.Receive().Text);
        Assert.Equal("PONG", client.Run("PING"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void TrackingInATransactionHoldsForWhatStandsBehindIt(int shards)
    {
        using var server = new TestServer(shards);
        TestClient client = server.Connect(shards - 1, RespVersion.Resp3), other = server.Connect(0, RespVersion.Resp3);
        // When nobody tracks, everything is forgotten.
        other.Run("CLIENT", "TRACKING", "ON");
        string[] replies = client.Pipeline(["MULTI"], ["GET", "a"], ["CLIENT", "TRACKING", "ON"], ["GET", "b"], ["GET", "c"],
            ["CLIENT", "TRACKING", "OFF"], ["GET", "d"], ["CLIENT", "TRACKING", "ON", "OPTIN"],
            ["GET", "e"], ["CLIENT", "CACHING", "YES"], ["GET", "f"], ["EXEC"]);
        Assert.Equal("[(nil), OK, (nil), (nil), OK, (nil), OK, (nil), OK, (nil)]", replies[^1]);
        foreach (string key in new[] { "a", "b", "c", "d", "e", "f" }) server.Run("SET", key, "v");
        string[] told = [client.Receive().Text, client.Receive().Text, client.Receive().Text];
        Assert.Equal([">[invalidate, [b]]", ">[invalidate, [c]]", ">[invalidate, [f]]"], told.Order());
        Assert.Equal("PONG", client.Run("PING"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhoBeginsToListenHearsNothingOfWhatChangedBefore(int shards)
    {
        using var server = new TestServer(shards);
        TestClient client = server.Connect(shards - 1, RespVersion.Resp3), other = server.Connect(shards - 1, RespVersion.Resp3);
        other.Run("CLIENT", "TRACKING", "ON", "BCAST");
        foreach (string key in new[] { "a", "b", "c", "d" })
        {
            string[] replies = client.Pipeline(["SET", key, "v"], ["CLIENT", "TRACKING", "ON", "BCAST"], ["PING"], ["CLIENT", "TRACKING", "OFF"]);
            Assert.Equal(["OK", "OK", "PONG", "OK"], replies);
            Assert.Equal($">[invalidate, [{key}]]", other.Receive().Text);
        }
        Assert.Equal("PONG", client.Run("PING"));
    }

    [Fact]
    public void BroadcastsGoToWhoNamedAPrefixOfTheKey()
    {
        using var server = new TestServer(4);
        TestClient users = server.Connect(1, RespVersion.Resp3), all = server.Connect(2, RespVersion.Resp3);
        Assert.Equal("OK", users.Run("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "user:", "PREFIX", "u2:", "NOLOOP"));
        Assert.Equal("OK", all.Run("CLIENT", "TRACKING", "ON", "BCAST"));
        for (int i = 0; i < 10; i++)
        {
            server.Run("SET", $"user:{i}", "v");
            Assert.Equal($">[invalidate, [user:{i}]]", users.Receive().Text);
            Assert.Equal($">[invalidate, [user:{i}]]", all.Receive().Text);
        }
        users.Run("SET", "user:1", "own");
        server.Run("SET", "other", "v");
        Assert.Equal("PONG", users.Run("PING"));
        // What changes within a millisecond may come in one message.
        var told = new List<string>();
        while (told.Count < 2) told.AddRange(all.Receive().Items[1].Items.Select(key => key.Text));
        Assert.Equal(["other", "user:1"], told.Order());
        Assert.Equal("{flags: ~[on, bcast, noloop], redirect: :0, prefixes: [user:, u2:]}", users.Run("CLIENT", "TRACKINGINFO"));
        Assert.Contains("tracking_total_prefixes:3\r\n", server.Run("INFO", "stats"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 2)]
    public void AnotherClientMayReceiveTheInvalidations(int trackingLoop, int targetLoop)
    {
        using var server = new TestServer(3);
        TestClient target = server.Connect(targetLoop), tracking = server.Connect(trackingLoop, RespVersion.Resp3);
        string id = target.Run("CLIENT", "ID")[1..];
        target.Run("SUBSCRIBE", "__redis__:invalidate");
        Assert.Equal("OK", tracking.Run("CLIENT", "TRACKING", "ON", "REDIRECT", id));
        Assert.Equal($":{id}", tracking.Run("CLIENT", "GETREDIR"));
        tracking.Run("GET", "k");
        server.Run("SET", "k", "v");
        Assert.Equal("[message, __redis__:invalidate, [k]]", target.Receive().Text);
        server.Run("FLUSHALL");
        Assert.Equal("[message, __redis__:invalidate, (nil)]", target.Receive().Text);

        tracking.Run("GET", "k");
        target.Dispose();
        server.RunUntil(() => server.Server.Loops[targetLoop].Connections.Count == (trackingLoop == targetLoop ? 1 : 0));
        server.Run("SET", "k", "v");
        Assert.Equal($">[tracking-redir-broken, :{id}]", tracking.Receive().Text);
        Assert.Contains("broken_redirect", tracking.Run("CLIENT", "TRACKINGINFO"), StringComparison.Ordinal);
        Assert.Contains("flags=tRU ", tracking.Run("CLIENT", "INFO"), StringComparison.Ordinal);
    }

    [Fact]
    public void AFlushIsToldOnceToEveryClientThatTracks()
    {
        using var server = new TestServer(4);
        var clients = new List<TestClient>();
        for (int loop = 0; loop < 4; loop++)
        {
            clients.Add(server.Connect(loop, RespVersion.Resp3));
            clients[^1].Run("CLIENT", "TRACKING", "ON");
        }
        server.Run("FLUSHALL");
        foreach (TestClient client in clients)
        {
            Assert.Equal(">[invalidate, (nil)]", client.Receive().Text);
            Assert.Equal("PONG", client.Run("PING"));
        }
    }

    [Fact]
    public void TheTableForgetsKeysBeyondItsLimitAndSaysSo()
    {
        const int Keys = 3000;
        using var server = new TestServer(3);
        TestClient client = server.Connect(1, RespVersion.Resp3);
        client.Run("CLIENT", "TRACKING", "ON");
        for (int i = 0; i < Keys; i++) client.Run("GET", $"key:{i}");
        Assert.Contains($"tracking_total_keys:{Keys}\r\ntracking_total_items:{Keys}\r\n", server.Run("INFO", "stats"), StringComparison.Ordinal);
        server.Run("CONFIG", "SET", "tracking-table-max-keys", "10");
        var told = new HashSet<string>();
        for (int i = 0; i < Keys - 10; i++) Assert.True(told.Add(client.Receive().Text));
        Assert.Equal("PONG", client.Run("PING"));
        Assert.Contains("tracking_total_keys:10\r\n", server.Run("INFO", "stats"), StringComparison.Ordinal);
    }

    [Fact]
    public void NothingIsKeptWhenNobodyTracks()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1, RespVersion.Resp3);
        client.Run("CLIENT", "TRACKING", "ON");
        for (int i = 0; i < 100; i++) client.Run("GET", $"key:{i}");
        client.Run("CLIENT", "TRACKING", "OFF");
        Assert.Equal("{flags: ~[off], redirect: :-1, prefixes: []}", client.Run("CLIENT", "TRACKINGINFO"));
        Assert.Contains("tracking_total_keys:0\r\ntracking_total_items:0\r\n", server.Run("INFO", "stats"), StringComparison.Ordinal);
        server.Run("SET", "key:1", "v");
        Assert.Equal("PONG", client.Run("PING"));
    }

    [Fact]
    public void OptionsThatDoNotGoTogetherAreRefused()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1, RespVersion.Resp3);
        Assert.Equal("-ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
            client.Run("CLIENT", "CACHING", "YES"));
        Assert.Equal("-ERR PREFIX option requires BCAST mode to be enabled", client.Run("CLIENT", "TRACKING", "ON", "PREFIX", "a"));
        Assert.Equal("-ERR OPTIN and OPTOUT are not compatible with BCAST", client.Run("CLIENT", "TRACKING", "ON", "BCAST", "OPTIN"));
        Assert.Equal("-ERR You can't specify both OPTIN mode and OPTOUT mode", client.Run("CLIENT", "TRACKING", "ON", "OPTIN", "OPTOUT"));
        Assert.Equal("-ERR The client ID you want redirect to does not exist", client.Run("CLIENT", "TRACKING", "ON", "REDIRECT", "999"));
        Assert.Equal("-ERR Prefix 'ab' overlaps with another provided prefix 'a'. Prefixes for a single client must not overlap.",
            client.Run("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "x", "PREFIX", "ab", "PREFIX", "a"));
        Assert.Equal("OK", client.Run("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "foo"));
        Assert.Equal("-ERR Prefix 'foobar' overlaps with an existing prefix 'foo'. Prefixes for a single client must not overlap.",
            client.Run("CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "foobar"));
        Assert.Equal($"-ERR {Retry}", client.Run("CLIENT", "TRACKING", "ON"));
        Assert.Equal("OK", client.Run("CLIENT", "TRACKING", "OFF"));
        Assert.Equal("OK", client.Run("CLIENT", "TRACKING", "ON", "OPTIN"));
        Assert.Equal("-ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.", client.Run("CLIENT", "CACHING", "NO"));
    }

    private static string Encode(params string[] arguments) =>
        $"*{arguments.Length}\r\n" + string.Concat(arguments.Select(a => $"${a.Length}\r\n{a}\r\n"));
}

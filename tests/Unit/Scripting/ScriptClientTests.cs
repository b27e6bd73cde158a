using Anax.Engine;
using Anax.Protocol;
using Anax.Scripting;
using Anax.Tests.Unit.Commands;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Scripting;

/// <summary>A script and its client: what it may keep of the reads, whose name the logs have, what becomes of the script when the client goes.</summary>
public sealed class ScriptClientTests
{
    private const string Long = "local n = 0 while n < tonumber(ARGV[1]) do n = n + 1 end return redis.call('incr', KEYS[1])";

    [Theory]
    [InlineData(1, "EVAL")]
    [InlineData(4, "EVAL")]
    [InlineData(1, "EVAL_RO")]
    [InlineData(4, "EVAL_RO")]
    public void AClientMayKeepWhatItsScriptReadAndNothingElse(int shards, string eval)
    {
        using var server = new TestServer(shards);
        TestClient client = server.Connect(shards - 1, RespVersion.Resp3);
        client.Run("CLIENT", "TRACKING", "ON");
        for (int shard = 0; shard < shards; shard++)
        {
            string declared = server.KeyOf(shard), read = server.KeyOf(shard, 1), far = server.KeyOf(shards - 1 - shard, 2);
            // New, then proven, then straying.
            foreach (string[] keys in (string[][])[[read], [read], [read, far]])
            {
                client.Run([eval, "for _, key in ipairs(ARGV) do redis.call('get', key) end", "1", declared, .. keys]);
                server.Run("MSET", declared, "v", read, "v", far, "v");
                string[] told = [.. keys.Select(_ => client.Receive().Text)];
                Assert.Equal(keys.Select(key => $">[invalidate, [{key}]]").Order(StringComparer.Ordinal), told.Order(StringComparer.Ordinal));
                Assert.Equal("PONG", client.Run("PING"));
            }
        }
    }

    [Fact]
    public void CachingAndNoLoopHoldForScriptsToo()
    {
        const string Script = "redis.call('get', KEYS[1]) return redis.call('incr', KEYS[2])";
        using var server = new TestServer(4);
        TestClient client = server.Connect(2, RespVersion.Resp3);
        client.Run("CLIENT", "TRACKING", "ON", "OPTIN", "NOLOOP");
        for (int i = 0; i < 3; i++)
        {
            client.Run("EVAL", Script, "2", "a", "b");
            Assert.Equal(["OK", $":{2 * i + 2}"], client.Pipeline(["CLIENT", "CACHING", "YES"], ["EVAL", Script, "2", "c", "b"]));
            server.Run("MSET", "a", "1", "c", "1");
            Assert.Equal(">[invalidate, [c]]", client.Receive().Text);
            Assert.Equal("PONG", client.Run("PING"));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatAScriptRunsIsLoggedInItsClientsName(int shards)
    {
        const string Get = "return redis.call('get', KEYS[1])", Many = "return redis.call('mget', unpack(KEYS))";
        using var server = new TestServer(shards, "--slowlog-log-slower-than", "0");
        server.Run("CLIENT", "SETNAME", "caller");
        for (int shard = 0; shard < shards; shard++)
        {
            string key = server.KeyOf(shard), other = server.KeyOf(shards - 1 - shard, 1);
            for (int i = 0; i < 3; i++)
            {
                server.Run("EVAL", Get, "1", key);
                IsLogged($"[EVAL, {Get}, 1, {key}]", $"[get, {key}]");
                server.Run("EVAL", Many, "2", key, other);
                IsLogged($"[EVAL, {Many}, 2, {key}, {other}]", $"[mget, {key}, {other}]");
                server.Run("EVAL", "return redis.call('ping')", "0");
                IsLogged("[EVAL, return redis.call('ping'), 0]", "[ping]");
            }
        }

        void IsLogged(string script, string command)
        {
            IReadOnlyList<Reply> entries = server.Ask("SLOWLOG", "GET", "2").Items;
            Assert.Equal([script, command], entries.Select(entry => entry.Items[3].Text));
            Assert.Equal(["caller", "caller"], entries.Select(entry => entry.Items[5].Text));
            Assert.Equal(entries[0].Items[4].Text, entries[1].Items[4].Text);
            Assert.NotEqual("lua", entries[0].Items[4].Text);
            Assert.True(entries[0].Items[2].Integer >= entries[1].Items[2].Integer, $"{entries[0]}, {entries[1]}");
            server.Run("SLOWLOG", "RESET");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void OneOfManySlicesIsLoggedOnce(int shards)
    {
        using var server = new TestServer(shards, "--slowlog-log-slower-than", "5000", "--latency-monitor-threshold", "5");
        for (int shard = 0; shard < shards; shard++)
        {
            string key = server.KeyOf(shard);
            for (int i = 0; i < 2; i++)
            {
                server.Run("SLOWLOG", "RESET");
                server.Run("LATENCY", "RESET");
                long rests = Sum(server, host => host.Rests + host.Suspended);
                server.Run("EVAL", Long, "1", key, "1000000");
                Assert.True(Sum(server, host => host.Rests + host.Suspended) > rests);
                IEnumerable<string> logged = server.Ask("SLOWLOG", "GET", "-1").Items.Select(entry => entry.Items[3].Text);
                Assert.Single(logged, text => text == $"[EVAL, {Long}, 1, {key}, 1000000]");
                Assert.Contains("[command, ", server.Run("LATENCY", "LATEST"), StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AScriptOfAKilledClientEndsAlsoWhereItWaitsForAnotherShard(bool hasWritten)
    {
        using var server = new TestServer(4);
        const string Endless = "while ARGV[1] do end return 1";
        string near = server.KeyOf(1), held = server.KeyOf(3);
        TestClient holder = server.Connect(2), victim = server.Connect();
        // Proven, it does without the token, which the other one takes; over two shards, it ends when that is killed.
        string holderId = holder.Run("CLIENT", "ID")[1..];
        Assert.Equal(":1", holder.Run("EVAL", Endless, "2", held, server.KeyOf(2)));
        holder.Send("EVAL", Endless, "2", held, server.KeyOf(2), "ever");
        server.RunUntil(() => Locked(server) != 0, "the lock");

        string id = victim.Run("CLIENT", "ID")[1..];
        string script = hasWritten
            ? "redis.call('set', KEYS[1], 'begun') redis.call('get', ARGV[1]) return redis.call('set', KEYS[1], 'done')"
            : "redis.call('get', KEYS[1]) return redis.call('get', ARGV[1])";
        victim.Send("EVAL", script, "1", near, held);
        server.RunUntil(() => Sum(server, host => host.RunsUnderWay) == 2, "the wait");
        for (int i = 0; i < 10; i++) server.Turn();
        Assert.Equal(":1", server.Run("CLIENT", "KILL", "ID", id));
        Assert.True(victim.IsClosedSoon());
        Assert.Equal(2, Sum(server, host => host.RunsUnderWay));

        Assert.Equal(":1", server.Run("CLIENT", "KILL", "ID", holderId));
        server.RunUntil(() => Sum(server, host => host.RunsUnderWay + host.StatesInUse) == 0, "the end of the scripts");
        server.RunUntil(() => Locked(server) == 0, "the end of the locks");
        Assert.Equal(hasWritten ? "done" : "(nil)", server.Run("GET", near));
    }

    [Fact]
    public void AnEndlessScriptEndsWithItsClientWhereItHasNotWritten()
    {
        using var server = new TestServer(2);
        TestClient victim = server.Connect();
        string id = victim.Run("CLIENT", "ID")[1..];
        victim.Send("EVAL", "while true do end", "0");
        server.RunUntil(() => Sum(server, host => host.RunsUnderWay) == 1, "the first slice");
        Assert.Equal(":1", server.Run("CLIENT", "KILL", "ID", id));
        server.RunUntil(() => Sum(server, host => host.RunsUnderWay + host.StatesInUse) == 0, "the end of the script");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AScriptOfAKilledClientEndsAlsoWhereItWasSuspendedInItsBatch(int shard)
    {
        using var server = new TestServer(4);
        string key = server.KeyOf(shard);
        TestClient victim = server.Connect();
        Assert.Equal(":1", victim.Run("EVAL", Long, "1", key, "1"));
        string id = victim.Run("CLIENT", "ID")[1..];
        victim.Send("EVAL", Long, "1", key, "1000000");
        server.RunUntil(() => Sum(server, host => host.RunsUnderWay) == 1, "the first slice");
        Assert.Equal(":1", server.Run("CLIENT", "KILL", "ID", id));
        server.RunUntil(() => Sum(server, host => host.RunsUnderWay + host.StatesInUse) == 0, "the end of the script");
        server.RunUntil(() => Locked(server) == 0, "the end of the locks");
        Assert.Equal("2", server.Run("GET", key));
    }

    [Theory]
    [InlineData("EVAL", "-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.", "SCRIPT")]
    [InlineData("FCALL", "-BUSY Redis is busy running a script. You can only call FUNCTION KILL or SHUTDOWN NOSAVE.", "FUNCTION")]
    public void OnlyWhoSavesNothingEndsTheServerUnderAScriptThatHasWritten(string call, string busy, string family)
    {
        const string Body = "redis.call('set', 'k', 1) while true do end";
        using var server = new TestServer(2, "--busy-reply-threshold", "20");
        server.Run("FUNCTION", "LOAD", $"#!lua name=lib\nredis.register_function('endless', function() {Body} end)");
        TestClient other = server.Connect(1);
        server.Client.Send(call, call == "EVAL" ? Body : "endless", "0");
        server.RunUntil(() => server.Loops[1].Busy != BusyWith.Nothing, "BUSY");
        Assert.StartsWith("-UNKILLABLE ", other.Run(family, "KILL"), StringComparison.Ordinal);
        foreach (string[] words in (string[][])[["SHUTDOWN"], ["SHUTDOWN", "SAVE"], ["SHUTDOWN", "NOW"]]) Assert.Equal(busy, other.Run(words));
        Assert.Equal("-ERR No shutdown in progress.", other.Run("SHUTDOWN", "ABORT"));
        Assert.False(server.Loops[0].Events.IsStopping);
        other.Send("SHUTDOWN", "NOSAVE");
        server.RunUntil(() => server.Loops[0].Events.IsStopped && server.Loops[1].Events.IsStopped, "the end");
    }

    /// <summary>
    /// It owns every shard, and one of its scripts may need keys that nobody knows: so it holds all, and asks for nothing more.
    /// Whoever strays meanwhile turns it out, so that it comes again behind a share of the token.
    /// </summary>
    [Fact]
    public void AnExecThatStandsAloneWaitsForWhoStrays()
    {
        const string Stray = "for i = 1, 3 do redis.call('incr', ARGV[1] .. i) local n = 0 while n < 3e5 do n = n + 1 end end return 1 -- ";
        using var server = new TestServer(4);
        TestClient[] strayers = [server.Connect(1), server.Connect(3)];
        long redrawn = 0;
        for (int round = 0; round < 20; round++)
        {
            // Each text is new, so it takes the token.
            for (int i = 0; i < strayers.Length; i++) strayers[i].Send("EVAL", $"{Stray}{round}.{i}", "0", "n");
            server.RunUntil(() => Locked(server) != 0, "the first lock");
            string[] replies = server.Client.Pipeline(["MULTI"], ["DBSIZE"], ["EVAL", $"{Stray}{round}", "0", "n"], ["GET", "n1"], ["GET", "n3"], ["EXEC"]);
            foreach (TestClient strayer in strayers) Assert.Equal(":1", strayer.Receive().Text);
            // All or nothing of each of the others.
            Assert.Matches(@"^\[:[03], :1, (\d+), \1\]$", replies[^1]);
            redrawn = 0;
            foreach (EngineLoop loop in server.Loops) redrawn += loop.Transactions.Redrawn;
        }
        Assert.Equal("60", server.Run("GET", "n2"));
        Assert.True(redrawn > 0, "nobody was turned out");
        Assert.Equal(0, Locked(server));
    }

    private static long Sum(TestServer server, Func<ScriptHost, long> figure)
    {
        long sum = 0;
        foreach (EngineLoop loop in server.Loops) sum += figure(ScriptHost.Of(loop));
        return sum;
    }

    private static long Locked(TestServer server)
    {
        server.Turn();
        long sum = 0;
        foreach (EngineLoop loop in server.Loops) sum += loop.Counters.LockedKeys;
        return sum;
    }
}

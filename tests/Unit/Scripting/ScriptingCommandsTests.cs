using System.Globalization;
using Anax.Engine;
using Anax.Tests.Unit.Commands;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Scripting;

/// <summary>EVAL and its kin: what a script may do, on which keys, and what its errors say.</summary>
public class ScriptingCommandsTests
{
    private const string Get = "return redis.call('get', KEYS[1])";

    [Theory]
    [InlineData("return 1", ":1")]
    [InlineData("return {1, 'a', {2}, false}", "[:1, a, [:2], (nil)]")]
    [InlineData("return {KEYS[1], KEYS[2], ARGV[1], #ARGV}", "[a, b, x, :2]")]
    [InlineData("return redis.call('set', KEYS[1], ARGV[1])", "OK")]
    [InlineData("redis.call('mset', KEYS[1], 1, KEYS[2], 2) return redis.call('mget', KEYS[1], KEYS[2])", "[1, 2]")]
    [InlineData("redis.call('select', 5) redis.call('set', KEYS[1], 'x') return redis.call('dbsize')", ":1")]
    [InlineData("return redis.sha1hex('')", "da39a3ee5e6b4b0d3255bfef95601890afd80709")]
    [InlineData("return {redis.acl_check_cmd('get'), redis.acl_check_cmd('config', 'get')}", "[:1, :1]")]
    [InlineData("return redis.call('ping')", "PONG")]
    [InlineData("return redis.status_reply('FINE\\0not')", "FINE")]
    [InlineData("return redis.error_reply('MINE own\\0not')", "-MINE own")]
    [InlineData("error('own\\0not')", "-ERR user_script:1: own script: on @user_script:1.")]
    [InlineData("return redis.pcall('incr', KEYS[1], 1)", "-ERR Wrong number of args calling command from script")]
    [InlineData("return redis.error_reply('MY error')", "-MY error")]
    [InlineData("error({err = ''})", "- script: on @user_script:1.")]
    [InlineData("redis.call('nosuch')", "-ERR Unknown command called from script script: on @user_script:1.")]
    [InlineData("redis.call('get')", "-ERR Wrong number of args calling command from script script: on @user_script:1.")]
    [InlineData("redis.call('config')", "-ERR Wrong number of args calling command from script script: on @user_script:1.")]
    [InlineData("redis.call('config', 'no')", "-ERR unknown subcommand 'no'. Try CONFIG HELP. script: on @user_script:1.")]
    [InlineData("redis.call('multi')", "-ERR This Valkey command is not allowed from script script: on @user_script:1.")]
    [InlineData("redis.call('eval', 'return 1', 0)", "-ERR This Valkey command is not allowed from script script: on @user_script:1.")]
    [InlineData("redis.call('set', KEYS[1], 'x') redis.call('incr', KEYS[1])",
        "-ERR value is not an integer or out of range script: on @user_script:1.")]
    [InlineData("return redis.acl_check_cmd('nosuch')", "-ERR Invalid command passed to server.acl_check_cmd() script: on @user_script:1.")]
    [InlineData("return {", "-ERR Error compiling script (new function): user_script:1: unexpected symbol near '<eof>'")]
    [InlineData("#!lua x=1\nreturn 1", "-ERR Unknown lua shebang option: x=1")]
    [InlineData("#!lua flags=x\nreturn 1", "-ERR Unexpected flag in script shebang: x")]
    [InlineData("#!js\nreturn 1", "-ERR Could not find scripting engine 'js'")]
    [InlineData("#!lua", "-ERR Invalid script shebang")]
    [InlineData("#!lua flags=no-writes\nreturn redis.call('set', KEYS[1], 1)",
        "-ERR Write commands are not allowed from read-only scripts. script: on @user_script:2.")]
    public void AScriptsResult(string script, string expected)
    {
        foreach (int shards in (int[])[1, 4])
        {
            using var server = new TestServer(shards);
            // The first time it is unknown, the second unproven or proven, the third in MULTI.
            for (int i = 0; i < 3; i++) Assert.Equal(expected, server.Run("EVAL", script, "2", "a", "b", "x", "y"));
            server.Run("MULTI");
            server.Run("EVAL", script, "2", "a", "b", "x", "y");
            Assert.Equal($"[{expected}]", server.Run("EXEC"));
            Assert.Equal(0, server.Loops[0].Counters.LockedKeys);
        }
    }

    [Theory]
    [InlineData("-ERR value is not an integer or out of range", "EVAL", "return 1", "x")]
    [InlineData("-ERR Number of keys can't be greater than number of args", "EVAL", "return 1", "3", "a")]
    [InlineData("-ERR Number of keys can't be negative", "EVAL", "return 1", "-1")]
    [InlineData("-NOSCRIPT No matching script.", "EVALSHA", "x", "y")]
    [InlineData("-NOSCRIPT No matching script.", "EVALSHA", "da39a3ee5e6b4b0d3255bfef95601890afd80709", "0")]
    [InlineData("-ERR Can not execute a script with write flag using *_ro command.", "EVAL_RO", "#!lua\nreturn 1", "0")]
    [InlineData("-ERR Write commands are not allowed from read-only scripts. script: on @user_script:1.", "EVAL_RO",
        "return redis.call('set', 'a', 1)", "0")]
    [InlineData("-ERR Function not found", "FCALL", "none", "x")]
    public void ABadCallIsAnError(string expected, params string[] call)
    {
        using var server = new TestServer(4);
        for (int i = 0; i < 2; i++) Assert.Equal(expected, server.Run(call));
    }

    [Fact]
    public void AProvenScriptRunsInItsBatchWithoutLocks()
    {
        using var server = new TestServer(4);
        string[] call = ["EVAL", Get, "1", "k"];
        server.Run("SET", "k", "v");
        Assert.Equal("v", server.Run(call));
        long scheduled = Scheduled(server), messages = server.Messages;
        Assert.Equal(Enumerable.Repeat("v", 50), server.Client.Pipeline([.. Enumerable.Repeat(call, 50)]));
        Assert.Equal(scheduled, Scheduled(server));
        Assert.InRange(server.Messages - messages, 0, 1);
    }

    [Fact]
    public void UndeclaredKeysOfAnyShardAreFound()
    {
        const string Script = "for i = 1, 20 do redis.call('incr', 'built:' .. i) end return redis.call('get', 'built:7')";
        using var server = new TestServer(4);
        for (int i = 1; i <= 5; i++) Assert.Equal($"{i}", server.Run("EVAL", Script, "0"));
        Assert.Equal("5", server.Run("GET", "built:20"));
        Assert.Equal(0, Locked(server));
    }

    /// <summary>What may leave its batch to a coordinator does not, whatever locks its keys.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void LongCommandsOnUndeclaredKeysEndInTheirScript(int shards)
    {
        const string Script = """
            local name = 'value:' .. ARGV[1]
            redis.call('copy', name, '{' .. name .. '}copy')
            redis.call('sunionstore', name .. ':union', name, name)
            redis.call('zrangestore', name .. ':range', name .. ':scores', 0, -1)
            return redis.call('scard', name .. ':union')
            """;
        using var server = new TestServer(shards, "--shard_on_hashtags");
        for (int i = 0; i < 8; i++)
        {
            string[] members = [.. Enumerable.Range(0, 3000).Select(n => $"member {n}")];
            server.Run(["SADD", $"value:{i}", .. members]);
            server.Run(["ZADD", $"value:{i}:scores", .. members.SelectMany(member => (string[])["1", member])]);
            for (int again = 0; again < 2; again++) Assert.Equal(":3000", server.Run("EVAL", Script, "0", $"{i}"));
            Assert.Equal("OK", server.Run("SET", $"value:{i}", "v"));
            Assert.Equal([":3000", ":3000"], [server.Run("SCARD", $"{{value:{i}}}copy"), server.Run("ZCARD", $"value:{i}:range")]);
        }
        Assert.Equal(0, Locked(server));
    }

    [Fact]
    public void AProvenScriptThatStraysGoesOnWhereItWas()
    {
        const string Script = "local n = redis.call('incr', KEYS[1]) redis.call('incr', ARGV[1]) return n";
        using var server = new TestServer(4);
        string near = server.KeyOf(1), same = server.KeyOf(1, 1), far = server.KeyOf(3);
        Assert.Equal(":1", server.Run("EVAL", Script, "1", near, same));
        Assert.Equal(":2", server.Run("EVAL", Script, "1", near, same));
        for (int i = 3; i < 6; i++) Assert.Equal(string.Create(CultureInfo.InvariantCulture, $":{i}"), server.Run("EVAL", Script, "1", near, far));
        Assert.Equal(["2", "3", "5"], [server.Run("GET", same), server.Run("GET", far), server.Run("GET", near)]);
        Assert.Equal(0, Locked(server));
    }

    [Fact]
    public void ManyThatStrayAtOnceAllEnd()
    {
        const string Script = "for i = 1, 5 do redis.call('incr', ARGV[1] .. i % 3) end return redis.call('incr', KEYS[1])";
        using var server = new TestServer(4);
        TestClient[] clients = [.. Enumerable.Range(0, 8).Select(i => server.Connect(i % 4))];
        for (int round = 1; round <= 20; round++)
        {
            foreach (TestClient client in clients) client.Send("EVAL", Script, "1", $"key{round % 5}", "shared");
            foreach (TestClient client in clients) Assert.StartsWith(":", client.Receive().Text, StringComparison.Ordinal);
        }
        Assert.Equal(20 * 8 * 5, int.Parse(server.Run("GET", "shared0"), CultureInfo.InvariantCulture)
            + int.Parse(server.Run("GET", "shared1"), CultureInfo.InvariantCulture) + int.Parse(server.Run("GET", "shared2"), CultureInfo.InvariantCulture));
        Assert.Equal(0, Locked(server));
    }

    [Fact]
    public void ALongScriptLeavesOtherKeysAlone()
    {
        const string Script = "redis.call('set', KEYS[1], 1) local n = 0 while n < 3e7 do n = n + 1 end return redis.call('incr', KEYS[1])";
        foreach (int shards in (int[])[1, 4])
        {
            using var server = new TestServer(shards);
            TestClient other = server.Connect(shards - 1), third = server.Connect();
            server.Run("SET", "other", "v");
            for (int i = 0; i < 2; i++)
            {
                server.Client.Send("EVAL", Script, "1", "long");
                for (int turn = 0; turn < 20; turn++) server.Turn();
                third.Send("GET", "long");
                Assert.Equal("v", other.Run("GET", "other"));
                Assert.Null(server.Client.Next());
                // It waits, and what it then sees is the whole of it.
                Assert.Null(third.Next());
                Assert.Equal(":2", server.Client.Receive().Text);
                Assert.Equal("2", third.Receive().Text);
            }
            Assert.Equal(0, Locked(server));
        }
    }

    [Fact]
    public void WhatHasWaitedForALockMayTakeLongToo()
    {
        const string Script = "local n = redis.call('incr', KEYS[1]) local i = 0 while i < 3e6 do i = i + 1 end redis.call('incr', KEYS[1]) return n";
        using var server = new TestServer(2);
        TestClient[] clients = [.. Enumerable.Range(0, 6).Select(i => server.Connect(i % 2))];
        Assert.Equal(":1", server.Run("EVAL", Script, "1", "k"));
        foreach (TestClient client in clients) client.Send("EVAL", Script, "1", "k");
        string[] replies = [.. clients.Select(client => client.Receive().Text).Order(StringComparer.Ordinal)];
        Assert.Equal([":11", ":13", ":3", ":5", ":7", ":9"], replies);
        Assert.Equal(0, Locked(server));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void AScriptThatLeavesItsBatchAnswersInItsPlaceAlsoWhereItEndsAtOnce(int shards)
    {
        const string Script = "if ARGV[1] then redis.call('FLUSHDB') end return redis.call('INCR', KEYS[1])";
        using var server = new TestServer(shards);
        string key = server.KeyOf(0);
        Assert.Equal(":1", server.Run("EVAL", Script, "1", key));
        Assert.Equal(["OK", ":2", ":1", ":2", "x"], server.Client.Pipeline(
            ["SET", key, "1"], ["INCR", key], ["EVAL", Script, "1", key, "flush"], ["INCR", key], ["ECHO", "x"]));
    }

    [Fact]
    public void WholeKeyspaceCommandsSeeAllShards()
    {
        using var server = new TestServer(4);
        for (int i = 0; i < 20; i++) server.Run("SET", $"k{i}", "v");
        for (int i = 0; i < 3; i++) Assert.Equal("[:20, :20]", server.Run("EVAL", "return {redis.call('dbsize'), #redis.call('keys', '*')}", "0"));
        Assert.Equal("OK", server.Run("EVAL", "return redis.call('flushall')", "0"));
        Assert.Equal(":0", server.Run("DBSIZE"));
    }

    [Fact]
    public void WatchSeesWhatAScriptWrites()
    {
        using var server = new TestServer(4);
        TestClient other = server.Connect(2);
        for (int i = 0; i < 3; i++)
        {
            server.Run("WATCH", "k");
            other.Run("EVAL", "return redis.call('incr', KEYS[1])", "1", "k");
            Assert.Equal(["OK", "QUEUED", "(nil)"], server.Client.Pipeline(["MULTI"], ["SET", "done", "1"], ["EXEC"]));
        }
    }

    [Fact]
    public void AScriptMayWriteWhatItsTransactionWatches()
    {
        using var server = new TestServer(4);
        string home = server.KeyOf(0), far = server.KeyOf(2);
        server.Run("WATCH", far);
        Assert.Equal(["OK", "QUEUED", "[:1]"],
            server.Client.Pipeline(["MULTI"], ["EVAL", $"redis.call('incr', KEYS[1]) return redis.call('incr', '{far}')", "1", home], ["EXEC"]));
    }

    [Fact]
    public void InnerCommandsAndErrorsAreCounted()
    {
        using var server = new TestServer();
        server.Run("EVAL", "redis.call('set', KEYS[1], 'x') redis.call('get', KEYS[1]) redis.call('incr', KEYS[1])", "1", "k");
        server.Run("EVAL", "redis.call('set', KEYS[1], 'x') redis.call('get', KEYS[1]) redis.call('incr', KEYS[1])", "1", "k");
        string info = server.Run("INFO", "commandstats");
        Assert.Contains("cmdstat_get:calls=2", info, StringComparison.Ordinal);
        Assert.Matches("cmdstat_incr:calls=2.*failed_calls=2", info);
        Assert.Matches("cmdstat_eval:calls=2.*failed_calls=2", info);
        Assert.Contains("errorstat_ERR:count=2", server.Run("INFO", "errorstats"), StringComparison.Ordinal);
    }

    [Fact]
    public void ScriptsAreLoadedShownForgottenAndEvicted()
    {
        using var server = new TestServer(4);
        TestClient other = server.Connect(3);
        string sha = server.Run("SCRIPT", "LOAD", Get);
        Assert.Equal("[:1, :0]", other.Run("SCRIPT", "EXISTS", sha.ToUpperInvariant(), new string('0', 40)));
        Assert.Equal(Get, other.Run("SCRIPT", "SHOW", sha));
        server.Run("SET", "k", "v");
        for (int i = 0; i < 3; i++) Assert.Equal("v", other.Run("EVALSHA", sha.ToUpperInvariant(), "1", "k"));
        for (int i = 0; i < 510; i++) Assert.Equal($":{i}", other.Run("EVAL", $"return {i}", "0"));
        Assert.Equal("v", other.Run("EVALSHA_RO", sha, "1", "k"));
        foreach (EngineLoop loop in server.Loops) Assert.Equal(501, Anax.Scripting.ScriptHost.Of(loop).CachedScripts);
        Assert.Equal("OK", server.Run("SCRIPT", "FLUSH", "ASYNC"));
        Assert.Equal("-NOSCRIPT No matching script.", other.Run("EVALSHA", sha, "1", "k"));
        Assert.Equal("v", other.Run("EVAL", Get, "1", "k"));
        Assert.Equal("v", server.Run("EVALSHA", sha, "1", "k"));
    }

    [Theory]
    [InlineData("-ERR SCRIPT FLUSH only support SYNC|ASYNC option", "SCRIPT", "FLUSH", "x")]
    [InlineData("-ERR SCRIPT FLUSH only support SYNC|ASYNC option", "SCRIPT", "FLUSH", "SYNC", "x")]
    [InlineData("-NOTBUSY No scripts in execution right now.", "SCRIPT", "KILL")]
    [InlineData("-NOTBUSY No scripts in execution right now.", "FUNCTION", "KILL")]
    [InlineData("-NOSCRIPT No matching script.", "SCRIPT", "SHOW", "x")]
    [InlineData("OK", "SCRIPT", "DEBUG", "NO")]
    [InlineData("-ERR Use SCRIPT DEBUG YES/SYNC/NO", "SCRIPT", "DEBUG", "maybe")]
    [InlineData("-ERR No scripting engine found with name 'foo' to enable debug", "SCRIPT", "DEBUG", "YES", "foo")]
    public void AnswersOfScript(string expected, params string[] call)
    {
        using var server = new TestServer(2);
        Assert.Equal(expected, server.Run(call));
    }

    [Fact]
    public void AStuckScriptMakesOthersHearBusyUntilItIsKilled()
    {
        foreach (int shards in (int[])[1, 4])
        {
            using var server = new TestServer(shards, "--busy-reply-threshold", "20");
            TestClient other = server.Connect(shards - 1);
            for (int i = 0; i < 2; i++)
            {
                server.Client.Send("EVAL", "while true do redis.pcall('get', KEYS[1]) end", "1", "k");
                server.RunUntil(() => server.Loops[shards - 1].Busy != BusyWith.Nothing, "BUSY");
                Assert.StartsWith("-BUSY ", other.Run("GET", "k"), StringComparison.Ordinal);
                Assert.StartsWith("-BUSY ", other.Run("FUNCTION", "KILL"), StringComparison.Ordinal);
                Assert.Equal("OK", other.Run("SCRIPT", "KILL"));
                Assert.Equal("-ERR Script killed by user with SCRIPT KILL. script: on @user_script:1.", server.Client.Receive().Text);
                Assert.Equal("(nil)", other.Run("GET", "k"));
            }
            Assert.Equal(0, Locked(server));
        }
    }

    [Fact]
    public void OneThatHasWrittenIsNotKilled()
    {
        using var server = new TestServer(2, "--busy-reply-threshold", "20");
        TestClient other = server.Connect(1);
        server.Client.Send("EVAL", "redis.call('set', KEYS[1], 1) local n = 0 while n < 3e7 do n = n + 1 end return 1", "1", "k");
        server.RunUntil(() => server.Loops[1].Busy != BusyWith.Nothing, "BUSY");
        Assert.StartsWith("-UNKILLABLE ", other.Run("SCRIPT", "KILL"), StringComparison.Ordinal);
        Assert.Equal(":1", server.Client.Receive().Text);
        Assert.Equal("1", other.Run("GET", "k"));
    }

    [Fact]
    public void WritersOfALimitedMemoryAreRefusedByFlag()
    {
        using var server = new TestServer(1, "--maxmemory", "1");
        Assert.Equal("-OOM command not allowed when used memory > 'maxmemory'. script: on @user_script:1.",
            server.Run("EVAL", "return redis.call('set', KEYS[1], 1)", "1", "k"));
        Assert.StartsWith("-OOM allow-oom flag is not set", server.Run("EVAL", "#!lua\nreturn 1", "0"), StringComparison.Ordinal);
        Assert.Equal(":1", server.Run("EVAL", "#!lua flags=no-writes\nreturn 1", "0"));
        Assert.Equal("OK", server.Run("EVAL", "#!lua flags=allow-oom\nreturn redis.call('set', KEYS[1], 1)", "1", "k"));
    }

    [Fact]
    public void Resp3IsTheScriptsAndTheClientsOwn()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(0, Anax.Protocol.RespVersion.Resp3);
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal("(nil)", client.Run("EVAL", "return redis.call('get', KEYS[1])", "1", "none"));
            Assert.Equal('#', client.Ask("EVAL", "redis.setresp(3) return true", "0").Type);
            Assert.Equal(":1", server.Run("EVAL", "redis.setresp(3) return true", "0"));
        }
    }

    [Fact]
    public void GloballyLockedScriptsDoTheSame()
    {
        using var server = new TestServer(4);
        foreach (EngineLoop loop in server.Loops) loop.Apply(loop.Settings with { ScriptLocking = ScriptLocking.Global });
        TestClient[] clients = [.. Enumerable.Range(0, 8).Select(i => server.Connect(i % 4))];
        for (int round = 0; round < 10; round++)
        {
            foreach (TestClient client in clients) client.Send("EVAL", "for i = 1, 9 do redis.call('incr', 'n' .. i) end return 1", "0");
            foreach (TestClient client in clients) Assert.Equal(":1", client.Receive().Text);
        }
        Assert.Equal("[80, 80]", server.Run("MGET", "n1", "n9"));
    }

    [Fact]
    public void ATestMayOpenWhatIsKeptFromScripts()
    {
        using var server = new TestServer(2, "--enable-debug-command", "yes");
        const string Closed = "-ERR This Valkey command is not allowed from script script: on @user_script:1.";
        Assert.Equal(Closed, server.Run("EVAL", "return redis.call('debug', 'protocol', 'integer')", "0"));
        Assert.Equal("OK", server.Run("DEBUG", "SET-DISABLE-DENY-SCRIPTS", "1"));
        Assert.Equal(":12345", server.Run("EVAL", "return redis.call('debug', 'protocol', 'integer')", "0"));
        Assert.Equal(Closed, server.Run("EVAL", "return redis.call('multi')", "0"));
    }

    [Fact]
    public void TimeStandsStill()
    {
        const string Script = "local a = redis.call('time') for i = 1, 1e5 do end local b = redis.call('time') return {a[1] == b[1], a[2] == b[2]}";
        using var server = new TestServer(2);
        for (int i = 0; i < 3; i++) Assert.Equal("[:1, :1]", server.Run("EVAL", Script, "0"));
    }

    [Fact]
    public void NothingBlocksInsideAScript()
    {
        using var server = new TestServer(2);
        for (int i = 0; i < 2; i++) Assert.Equal(":0", server.Run("EVAL", "return redis.call('wait', 1, 0)", "0"));
    }

    [Fact]
    public void APauseOfWritesHoldsScriptsBackThatMayWrite()
    {
        using var server = new TestServer(2);
        TestClient writer = server.Connect(1);
        server.Run("CLIENT", "PAUSE", "100000", "WRITE");
        Assert.Equal(":1", server.Run("EVAL", "#!lua flags=no-writes\nreturn 1", "0"));
        Assert.Equal(":1", server.Run("EVAL_RO", "return 1", "0"));
        writer.Send("EVAL", "#!lua\nreturn 1", "0");
        server.RunFor(20);
        Assert.Null(writer.Next());
        server.Run("CLIENT", "UNPAUSE");
        Assert.Equal(":1", writer.Receive().Text);
    }

    private static long Scheduled(TestServer server)
    {
        long sum = 0;
        foreach (EngineLoop loop in server.Loops) sum += loop.Transactions.Scheduled;
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

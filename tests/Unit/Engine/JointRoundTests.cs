using Anax.Engine;
using Anax.Tests.Unit.Commands;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Engine;

/// <summary>Rounds with commands over several shards or EXECs: one transaction, one message to each shard, replies as of one shard.</summary>
public class JointRoundTests
{
    [Fact]
    public void APipelineOverTwoShardsIsOneMessage()
    {
        using var server = new TestServer(2);
        (string near, string far) = (server.KeyOf(0), server.KeyOf(1));
        long messages = server.Messages, hops = server.Loops[0].Transactions.Hops;
        string[] replies = server.Client.Pipeline(
            ["MSET", near, "1", far, "2"], ["MGET", far, near, far], ["INCR", far], ["MULTI"], ["INCRBY", near, "3"], ["MGET", near, far], ["EXEC"],
            ["PING"], ["MULTI"], ["GETSET", near, "5"], ["EXEC"], ["DEL", far, near], ["GET", near]);
        Assert.Equal(["OK", "[2, 1, 2]", ":3", "OK", "QUEUED", "QUEUED", "[:4, [4, 3]]", "PONG", "OK", "QUEUED", "[4]", ":2", "(nil)"], replies);
        Assert.Equal((1, 1), (server.Messages - messages, server.Loops[0].Transactions.Hops - hops));
        AssertNothingIsLocked(server);
    }

    [Fact]
    public void WhatNamesAChannelLocksNoKey()
    {
        using var server = new TestServer(2);
        (string near, string far) = (server.KeyOf(0), server.KeyOf(1));
        Assert.Equal([":0", "OK", ":0"], server.Client.Pipeline(["SPUBLISH", near, "m"], ["MSET", near, "1", far, "2"], ["SPUBLISH", far, "m"]));
        AssertNothingIsLocked(server);
    }

    [Fact]
    public void APipelineOverThreeShardsTakesTwoRounds()
    {
        using var server = new TestServer(3);
        string[] keys = [server.KeyOf(0), server.KeyOf(1), server.KeyOf(2)];
        long hops = server.Loops[0].Transactions.Hops;
        string[] mset = ["MSET", keys[0], "1", keys[1], "2", keys[2], "3"];
        Assert.Equal(["OK", "OK", ":3", "[(nil), (nil)]"], server.Client.Pipeline(mset, mset, ["DEL", .. keys], ["MGET", keys[2], keys[0]]));
        Assert.Equal(2, server.Loops[0].Transactions.Hops - hops);
        AssertNothingIsLocked(server);
    }

    [Fact]
    public void TransactionsOfTheOwnShardNeedNeitherMessageNorLock()
    {
        using var server = new TestServer(2);
        string key = server.KeyOf(0);
        long messages = server.Messages;
        string[][] increment = [["MULTI"], ["INCR", key], ["EXEC"]];
        Assert.Equal(["OK", "QUEUED", "[:1]", "OK", "QUEUED", "[:2]"], server.Client.Pipeline([.. increment, .. increment]));
        Assert.Equal((0, 0), (server.Messages - messages, server.Loops[0].Transactions.Scheduled));
    }

    /// <summary>Each holds keys of its own shard when it asks the other's: one of them, or both, must go the long way.</summary>
    [Fact]
    public void PipelinesThatMeetCrosswiseAreEachAllOrNothing()
    {
        using var server = new TestServer(2);
        TestClient other = server.Connect(1);
        (string a, string b) = (server.KeyOf(0), server.KeyOf(1));
        string[] reads = ["MGET", a, b];
        for (int i = 0; i < 50; i++)
        {
            string[] Write(string value) => ["MSET", a, value, b, value];
            server.Client.SendRaw(string.Concat(new[] { Write("1"), Write("2"), reads }.Select(TestClient.Encode)));
            other.SendRaw(string.Concat(new[] { Write("3"), Write("4"), reads }.Select(TestClient.Encode)));
            Assert.Equal(["OK", "OK", "[2, 2]"], [server.Client.Receive().Text, server.Client.Receive().Text, server.Client.Receive().Text]);
            Assert.Equal(["OK", "OK", "[4, 4]"], [other.Receive().Text, other.Receive().Text, other.Receive().Text]);
        }
        AssertNothingIsLocked(server);
    }

    [Fact]
    public void EveryCommandIsCountedOnceAndLoggedWhole()
    {
        using var server = new TestServer(2, "--commandlog-execution-slower-than", "0");
        (string near, string far) = (server.KeyOf(0), server.KeyOf(1));
        server.Run("COMMANDLOG", "RESET", "slow");
        _ = server.Client.Pipeline(["MSET", near, "1", far, "2"], ["MSET", far, "1", near, "2"], ["MULTI"], ["SET", far, "3"], ["EXEC"]);
        string log = server.Run("COMMANDLOG", "GET", "-1", "slow");
        Assert.Contains($"[MSET, {near}, 1, {far}, 2]", log);
        Assert.Contains($"[MSET, {far}, 1, {near}, 2]", log);
        Assert.Contains($"[SET, {far}, 3]", log);
        string counted = server.Run("INFO", "commandstats");
        foreach (string command in (string[])["mset:calls=2,", "multi:calls=1,", "exec:calls=1,", "set:calls=1,"])
            Assert.Contains($"cmdstat_{command}", counted);
    }

    [Fact]
    public void ACommandBeyondTheMemoryLimitIsRefusedWhole()
    {
        using var server = new TestServer(2);
        (string near, string far) = (server.KeyOf(0), server.KeyOf(1));
        string[] mset = ["MSET", near, "1", far, "2"];
        Assert.Equal("OK", server.Run("CONFIG", "SET", "maxmemory", "1"));
        string[] replies = server.Client.Pipeline(mset, mset, ["MGET", near, far], ["MULTI"], mset, ["EXEC"]);
        Assert.StartsWith("-OOM", replies[0]);
        Assert.StartsWith("-OOM", replies[1]);
        Assert.Equal("[(nil), (nil)]", replies[2]);
        Assert.StartsWith("-OOM", replies[4]);
        Assert.StartsWith("-EXECABORT", replies[5]);
    }

    /// <summary>Of one client nobody can tell by replies how many shards there are, wherever its pipelines are cut.</summary>
    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(2, 3)]
    [InlineData(5, 4)]
    public void RepliesAreThoseOfOneShard(int shards, int seed)
    {
        using var server = new TestServer(shards);
        using var one = new TestServer();
        var random = new Random(seed);
        for (int round = 0; round < 300; round++)
        {
            string[][] commands = [.. Enumerable.Range(0, 1 + random.Next(24)).Select(_ => Any(random))];
            string bytes = string.Concat(commands.Select(TestClient.Encode));
            // In two pieces, so that a transaction begins in one round and ends in another.
            int cut = random.Next(bytes.Length);
            foreach (TestServer to in (TestServer[])[server, one])
            {
                to.Client.SendRaw(bytes[..cut]);
                if (random.Next(2) == 0) to.Turn();
                to.Client.SendRaw(bytes[cut..]);
            }
            for (int i = 0; i < commands.Length; i++)
            {
                string here = server.Client.Receive().Text, there = one.Client.Receive().Text;
                Assert.True(here == there, $"round {round}: {string.Join(' ', commands[i])} answered {here}, with one shard {there}");
            }
        }
        AssertNothingIsLocked(server);
    }

    private static string[] Any(Random random)
    {
        string Key() => $"k{random.Next(12)}";
        string[] Keys() => [.. Enumerable.Range(0, 1 + random.Next(5)).Select(_ => Key())];
        return random.Next(20) switch
        {
            0 or 1 or 2 => ["MSET", .. Keys().SelectMany(key => (string[])[key, $"{random.Next(100)}"])],
            3 or 4 => ["MGET", .. Keys()],
            5 => ["DEL", .. Keys()],
            6 => ["EXISTS", .. Keys()],
            7 or 8 => ["MULTI"],
            9 or 10 or 11 => ["EXEC"],
            12 => ["INCR", Key()],
            13 => ["APPEND", Key(), new string('x', random.Next(40))],
            14 => ["GET", Key()],
            15 => random.Next(3) switch { 0 => ["MSET", Key()], 1 => ["NONE"], _ => ["DISCARD"] },
            16 => random.Next(2) == 0 ? ["PING"] : ["SET", Key(), new string('y', 40_000)],
            17 => ["SELECT", $"{random.Next(2)}"],
            18 => random.Next(2) == 0 ? ["RENAME", Key(), Key()] : ["WATCH", Key()],
            _ => ["EVAL", "return redis.call('incr', KEYS[1])", "1", Key()],
        };
    }

    private static void AssertNothingIsLocked(TestServer server)
    {
        foreach (EngineLoop loop in server.Loops) Assert.Equal(0, loop.Counters.LockedKeys);
    }
}

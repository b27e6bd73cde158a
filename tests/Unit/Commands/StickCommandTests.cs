using Anax.Core.Structures;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

/// <summary>STICK: which keys are exempt from eviction, and for how long.</summary>
public class StickCommandTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void OnlyKeysThatWereNotStickyCount(int shards)
    {
        using var server = new TestServer(shards);
        server.Run("MSET", "a", "1", "b", "text", "c", "3");
        Assert.Equal(":2", server.Run("STICK", "a", "b", "none"));
        Assert.Equal(":1", server.Run("STICK", "a", "b", "c", "c"));
        Assert.Equal("[1, text, 3]", server.Run("MGET", "a", "b", "c"));
        Assert.Equal(":2", server.Run("DEL", "a", "b"));
        server.Run("MSET", "a", "1", "b", "2");
        Assert.Equal(":2", server.Run("STICK", "a", "b", "c"));
        Assert.Equal(3, server.Events.Count(e => e is "stick a" or "stick b" or "stick c") - 2);
    }

    [Fact]
    public void TheKeyStaysStickyWhateverItHolds()
    {
        using var server = new TestServer();
        string longKey = new('k', 200), longValue = new('v', 300), block = new('b', 50_000);
        foreach (string key in new[] { "k", longKey, "" })
        {
            server.Run("SET", key, "1");
            server.Run("STICK", key);
            foreach (string[] change in (string[][])
            [
                ["SET", key, longValue], ["APPEND", key, "x"], ["SETRANGE", key, "400", "y"], ["EXPIRE", key, "1000"], ["PERSIST", key],
                ["SET", key, block], ["APPEND", key, "z"], ["SET", key, "7"], ["INCR", key], ["SET", key, "1", "EX", "100"],
                ["BITOP", "NOT", key, key], ["GETEX", key, "PERSIST"], ["SADD", "other", "1"], ["SINTERSTORE", key, "other"],
                ["SADD", key, "member"], ["SREM", key, "1"],
            ])
            {
                Assert.NotEqual('-', server.Run(change)[0]);
                Assert.True(IsSticky(server, key), string.Join(' ', change));
            }
            Assert.Equal("[member]", server.Run("SMEMBERS", key));
            Assert.Equal(":0", server.Run("STICK", key));
            server.Run("SREM", key, "member");
            server.Run("SET", key, "1");
            Assert.False(IsSticky(server, key));
        }
    }

    [Fact]
    public void SetMakesAKeyStickyInOneStep()
    {
        using var server = new TestServer();
        Assert.Equal("OK", server.Run("SET", "new", "1", "STICK"));
        Assert.Equal("OK", server.Run("SET", "k", "1"));
        Assert.Equal("(nil)", server.Run("SET", "k", "2", "STICK", "NX"));
        Assert.False(IsSticky(server, "k"));
        Assert.Equal("1", server.Run("SET", "k", "3", "EX", "10", "stick", "XX", "GET"));
        Assert.Equal("OK", server.Run("SET", "k", "4"));
        Assert.Equal((true, true), (IsSticky(server, "new"), IsSticky(server, "k")));
        Assert.Equal("-ERR syntax error", server.Run("GETEX", "k", "STICK"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ItGoesWithTheValueToAnotherKey(int shards)
    {
        using var server = new TestServer(shards);
        for (int i = 0; i < 20; i++)
        {
            server.Run("SET", "from", i % 2 == 0 ? "1" : "text");
            if (i % 4 == 3) server.Run("DEL", "from");
            if (i % 4 == 3) server.Run("SADD", "from", "a", new string('x', 500));
            string to = $"to:{i}", copy = $"copy:{i}";
            server.Run("SET", copy, "sticky before");
            server.Run("STICK", copy);
            server.Run("COPY", "from", copy, "REPLACE");
            Assert.Equal(":1", server.Run("STICK", copy));
            Assert.Equal(":1", server.Run("STICK", "from"));
            server.Run("COPY", "from", to);
            Assert.Equal(":0", server.Run("STICK", to));
            server.Run("RENAME", "from", to);
            Assert.Equal(":0", server.Run("STICK", "from", to));
            server.Run("MOVE", to, "1");
            server.Run("SELECT", "1");
            Assert.Equal(":0", server.Run("STICK", to));
            server.Run("SELECT", "0");
        }
    }

    [Fact]
    public void ItCostsAByteAndNothingIsLostWhereMemoryIsRefused()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v", "EX", "1000");
        long before = server.Loops[0].Shard.UsedBytes;
        server.Run("STICK", "k");
        Assert.InRange(server.Loops[0].Shard.UsedBytes - before, 0, 16);
        Assert.Equal("v", server.Run("GET", "k"));
        Assert.Equal(":1000", server.Run("TTL", "k"));
        server.Run("DEL", "k");
        server.Run("SET", "k", "v", "EX", "1000");
        Assert.Equal(before, server.Loops[0].Shard.UsedBytes);
    }

    private static bool IsSticky(TestServer server, string key)
    {
        EntryTable table = server.Loops[0].Shard.Table(0)!.Entries;
        byte[] name = System.Text.Encoding.Latin1.GetBytes(key);
        return table.Find(server.Loops[0].Settings.HashKey.Hash(name), name).IsSticky;
    }
}

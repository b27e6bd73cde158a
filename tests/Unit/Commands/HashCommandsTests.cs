using Anax.Protocol;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class HashCommandsTests
{
    private const string WrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value";
    private const string OutOfMemory = "-OOM command not allowed when used memory > 'maxmemory'.";

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatIsSetIsRead(int shards)
    {
        using var server = new TestServer(shards);
        for (int key = 0; key < 10; key++)
        {
            Assert.Equal(":2", server.Run("HSET", $"h{key}", "a", "1", "b", "two"));
            Assert.Equal(":1", server.Run("HSET", $"h{key}", "a", "10", "c", ""));
            Assert.Equal("10", server.Run("HGET", $"h{key}", "a"));
            Assert.Equal("(nil)", server.Run("HGET", $"h{key}", "none"));
            Assert.Equal("[10, (nil), , two]", server.Run("HMGET", $"h{key}", "a", "x", "c", "b"));
            Assert.Equal("[a, 10, b, two, c, ]", server.Run("HGETALL", $"h{key}"));
            Assert.Equal("[a, b, c]", server.Run("HKEYS", $"h{key}"));
            Assert.Equal("[10, two, ]", server.Run("HVALS", $"h{key}"));
            Assert.Equal(":3", server.Run("HLEN", $"h{key}"));
            Assert.Equal(":3", server.Run("HSTRLEN", $"h{key}", "b"));
            Assert.Equal(":2", server.Run("HSTRLEN", $"h{key}", "a"));
            Assert.Equal(":1", server.Run("HEXISTS", $"h{key}", "c"));
            Assert.Equal(":0", server.Run("HEXISTS", $"h{key}", "d"));
            Assert.Equal("hash", server.Run("TYPE", $"h{key}"));
            Assert.Equal("listpack", server.Run("OBJECT", "ENCODING", $"h{key}"));
        }
        Assert.Equal(["hset h0", "hset h0"], server.Events[..2]);
        Assert.Equal("[]", server.Run("HGETALL", "none"));
        Assert.Equal("[(nil)]", server.Run("HMGET", "none", "a"));
        Assert.Equal(":0", server.Run("HLEN", "none"));
    }

    [Fact]
    public void AHashWithoutFieldsIsGone()
    {
        using var server = new TestServer();
        server.Run("HSET", "h", "a", "1", "b", "2", "c", "3");
        Assert.Equal(":1", server.Run("HDEL", "h", "a", "x"));
        Assert.Equal("[2, (nil)]", server.Run("HGETDEL", "h", "FIELDS", "2", "b", "b"));
        Assert.Equal(":1", server.Run("HDEL", "h", "c"));
        Assert.Equal(":0", server.Run("HDEL", "h", "c"));
        Assert.Equal(":0", server.Run("EXISTS", "h"));
        Assert.Equal(["hset h", "hdel h", "hdel h", "hdel h", "del h"], server.Events);
    }

    [Fact]
    public void OtherTypesAreRefused()
    {
        using var server = new TestServer();
        server.Run("SET", "s", "v");
        server.Run("HSET", "h", "f", "v");
        foreach (string call in new[]
        {
            "HSET s f v", "HSETNX s f v", "HGET s f", "HMGET s f", "HDEL s f", "HGETDEL s FIELDS 1 f", "HLEN s", "HSTRLEN s f", "HEXISTS s f",
            "HINCRBY s f 1", "HINCRBYFLOAT s f 1", "HGETALL s", "HKEYS s", "HVALS s", "HSCAN s 0", "HRANDFIELD s", "HRANDFIELD s 1",
            "HEXPIRE s 10 FIELDS 1 f", "HPERSIST s FIELDS 1 f", "HTTL s FIELDS 1 f", "HGETEX s FIELDS 1 f", "HSETEX s FIELDS 1 f v",
            "HCOLLECT s", "FIELDTTL s f", "FIELDEXPIRE s 10 f", "GET h", "APPEND h x", "INCR h",
        })
            Assert.Equal((call, WrongType), (call, server.Run(call.Split(' '))));
        Assert.Equal("v", server.Run("HGET", "h", "f"));
    }

    [Fact]
    public void FieldsAreCounted()
    {
        using var server = new TestServer();
        Assert.Equal(":5", server.Run("HINCRBY", "h", "n", "5"));
        Assert.Equal(":-2", server.Run("HINCRBY", "h", "n", "-7"));
        server.Run("HSET", "h", "t", "text", "max", "9223372036854775807");
        Assert.Equal("-ERR hash value is not an integer", server.Run("HINCRBY", "h", "t", "1"));
        Assert.Equal("-ERR increment or decrement would overflow", server.Run("HINCRBY", "h", "max", "1"));
        Assert.Equal("-ERR value is not an integer or out of range", server.Run("HINCRBY", "h", "n", "x"));
        Assert.Equal("0.5", server.Run("HINCRBYFLOAT", "h", "n", "2.5"));
        Assert.Equal("-ERR hash value is not a float", server.Run("HINCRBYFLOAT", "h", "t", "1"));
        Assert.Equal("-ERR value is NaN or Infinity", server.Run("HINCRBYFLOAT", "h", "n", "inf"));
        Assert.Equal("-ERR value is not a valid float", server.Run("HINCRBYFLOAT", "h", "n", "x"));
        Assert.Equal(["hincrby h", "hincrby h", "hset h", "hincrbyfloat h"], server.Events);
    }

    [Fact]
    public void EncodingsChangeAtTheirThresholds()
    {
        using var server = new TestServer(1, "--hash-max-listpack-entries", "4", "--hash-max-listpack-value", "10");
        server.Run("HSET", "h", "1", "a", "2", "b", "3", "c", "4", "1234567890");
        Assert.Equal("listpack", server.Run("OBJECT", "ENCODING", "h"));
        server.Run("HSET", "h", "4", "12345678901");
        Assert.Equal("hashtable", server.Run("OBJECT", "ENCODING", "h"));
        server.Run("HSET", "many", "1", "a", "2", "b", "3", "c", "4", "d", "5", "e");
        Assert.Equal("hashtable", server.Run("OBJECT", "ENCODING", "many"));
        server.Run("HSET", "double", "1", "a", "1", "b", "1", "c", "1", "d", "1", "e");
        Assert.Equal("hashtable", server.Run("OBJECT", "ENCODING", "double"));
        Assert.Equal("[1, e]", server.Run("HGETALL", "double"));
        server.Run("HSET", "one", "1", "a");
        server.Run("HEXPIRE", "one", "100", "FIELDS", "1", "1");
        Assert.Equal("hashtable", server.Run("OBJECT", "ENCODING", "one"));
        server.Run("HPERSIST", "one", "FIELDS", "1", "1");
        Assert.Equal("hashtable", server.Run("OBJECT", "ENCODING", "one"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void LargeHashesAreReadInSeveralTurns(int shards)
    {
        using var server = new TestServer(shards);
        const int Fields = 20_000;
        for (int i = 0; i < Fields; i++) server.Run("HSET", "h", $"f{i}", $"{i}");
        Assert.Equal($":{Fields}", server.Run("HLEN", "h"));
        Reply all = server.Ask("HGETALL", "h");
        var pairs = new Dictionary<string, string>();
        for (int i = 0; i < all.Items.Count; i += 2) pairs.Add(all.Items[i].Text, all.Items[i + 1].Text);
        Assert.Equal(Fields, pairs.Count);
        Assert.All(pairs, pair => Assert.Equal($"f{pair.Value}", pair.Key));
        // What is pipelined behind it waits; a transaction and a script cannot be interrupted.
        string[] replies = server.Client.Pipeline(["HSET", "h", "last", "x"], ["HKEYS", "h"], ["HLEN", "h"], ["HDEL", "h", "last"]);
        Assert.Equal([":1", $":{Fields + 1}", ":1"], [replies[0], replies[2], replies[3]]);
        server.Run("MULTI");
        server.Run("HVALS", "h");
        Assert.Equal(Fields, server.Ask("EXEC").Items[0].Items.Count);
        Assert.Equal($":{Fields}", server.Run("EVAL", "return #redis.call('HKEYS', KEYS[1])", "1", "h"));
        server.Run("HEXPIRE", "h", "1000", "FIELDS", "1", "f1");
        Assert.Equal(2 * Fields, server.Ask("HGETALL", "h").Items.Count);
    }

    [Fact]
    public void WritersWaitWhileALargeHashIsRead()
    {
        using var server = new TestServer();
        const int Fields = 50_000;
        for (int i = 0; i < Fields; i++) server.Run("HSET", "h", $"f{i}", "v");
        TestClient reader = server.Connect(), writer = server.Connect();
        reader.Send("HGETALL", "h");
        server.Turn();
        writer.Send("DEL", "h");
        Assert.Equal(2 * Fields, reader.Receive().Items.Count);
        Assert.Equal(":1", writer.Receive().Text);
    }

    [Theory]
    [InlineData("4")]
    [InlineData("1000")]
    public void ScansMeetEveryFieldOnce(string entriesMax)
    {
        using var server = new TestServer(1, "--hash-max-listpack-entries", entriesMax);
        for (int i = 0; i < 500; i++) server.Run("HSET", "h", $"f{i}", $"{i}");
        var seen = new Dictionary<string, string>();
        string cursor = "0";
        do
        {
            Reply reply = server.Ask("HSCAN", "h", cursor, "COUNT", "20", "MATCH", "f*");
            cursor = reply.Items[0].Text;
            for (int i = 0; i < reply.Items[1].Items.Count; i += 2) seen.Add(reply.Items[1].Items[i].Text, reply.Items[1].Items[i + 1].Text);
        }
        while (cursor != "0");
        Assert.Equal(500, seen.Count);
        Assert.Equal("[0, [f7]]", server.Run("HSCAN", "h", "0", "MATCH", "f7", "COUNT", "5000", "NOVALUES"));
        Assert.Equal("[0, []]", server.Run("HSCAN", "none", "0", "NOSUCH"));
        Assert.Equal("-ERR syntax error", server.Run("HSCAN", "h", "0", "TYPE", "hash"));
        Assert.Equal("-ERR invalid cursor", server.Run("HSCAN", "h", "x"));
        Assert.Equal("-ERR NOSCORES option can only be used in ZSCAN", server.Run("HSCAN", "h", "0", "NOSCORES"));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("1000")]
    public void FieldsAreDrawn(string entriesMax)
    {
        using var server = new TestServer(1, "--hash-max-listpack-entries", entriesMax);
        for (int i = 0; i < 100; i++) server.Run("HSET", "h", $"f{i}", $"{i}");
        Assert.Equal(":1", server.Run("HEXISTS", "h", server.Run("HRANDFIELD", "h")));
        foreach (int count in new[] { 1, 5, 50, 99, 100, 200 })
        {
            var fields = server.Ask("HRANDFIELD", "h", $"{count}").Items.Select(f => f.Text).ToHashSet();
            Assert.Equal(Math.Min(count, 100), fields.Count);
        }
        Assert.Equal(300, server.Ask("HRANDFIELD", "h", "-300").Items.Count);
        Assert.Equal(600, server.Ask("HRANDFIELD", "h", "-300", "WITHVALUES").Items.Count);
        TestClient client = server.Connect(version: RespVersion.Resp3);
        Assert.All(client.Ask("HRANDFIELD", "h", "10", "WITHVALUES").Items, pair => Assert.Equal($"f{pair.Items[1].Text}", pair.Items[0].Text));
        Assert.Equal("(nil)", server.Run("HRANDFIELD", "none"));
        Assert.Equal("[]", server.Run("HRANDFIELD", "none", "-5"));
        Assert.Equal("[]", server.Run("HRANDFIELD", "h", "0"));
        Assert.Equal("-ERR syntax error", server.Run("HRANDFIELD", "h", "1", "FOO"));
        Assert.Equal("-ERR value is out of range", server.Run("HRANDFIELD", "h", "-9223372036854770000", "WITHVALUES"));
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(4, 3)]
    [InlineData(1, 2000)]
    [InlineData(4, 2000)]
    public void HashesAreRenamedCopiedAndMoved(int shards, int fields)
    {
        using var server = new TestServer(shards);
        for (int i = 0; i < fields; i++) server.Run("HSET", "h", $"f{i}", i % 2 == 0 ? $"{i}" : $"value {i}");
        server.Run("HSET", "h", "block", new string('x', 20_000));
        server.Run("HEXPIRE", "h", "1000", "FIELDS", "1", "f0");
        server.Run("EXPIRE", "h", "5000");
        string digest = server.Run("DEBUG", "DIGEST-VALUE", "h");
        for (int i = 0; i < 8; i++)
        {
            string from = i == 0 ? "h" : $"r{i - 1}";
            Assert.Equal("OK", server.Run("RENAME", from, $"r{i}"));
            Assert.Equal(":1", server.Run("COPY", $"r{i}", $"c{i}"));
            Assert.Equal(":1", server.Run("HSET", $"c{i}", "own", "1"));
            Assert.Equal($":{fields + 1}", server.Run("HLEN", $"r{i}"));
            Assert.Equal($":{fields + 2}", server.Run("HLEN", $"c{i}"));
            Assert.Equal("[:1000]", server.Run("HTTL", $"c{i}", "FIELDS", "1", "f0"));
            Assert.Equal("value 1", server.Run("HGET", $"c{i}", "f1"));
        }
        Assert.Equal(":1", server.Run("MOVE", "r7", "1"));
        server.Run("SELECT", "1");
        Assert.Equal(digest, server.Run("DEBUG", "DIGEST-VALUE", "r7"));
        Assert.Equal("[:1000]", server.Run("HTTL", "r7", "FIELDS", "1", "f0"));
        Assert.Equal("OK", server.Run("FLUSHALL"));
        server.RunUntil(() => server.Loops.ToArray().All(loop => loop.Shard.UsedBytes < 100_000), "freeing");
    }

    [Fact]
    public void ARefusedFieldLeavesTheOthers()
    {
        using var server = new TestServer(1, "--maxmemory", "30mb");
        string reply = "";
        for (int i = 0; i < 100_000 && reply != OutOfMemory; i++) reply = server.Run("HSET", "h", $"f{i}", new string('v', 5000));
        Assert.Equal(OutOfMemory, reply);
        Assert.Equal(new string('v', 5000), server.Run("HGET", "h", "f0"));
        Assert.Equal(":1", server.Run("HDEL", "h", "f0"));
    }

    [Fact]
    public void ArgumentsAreCounted()
    {
        using var server = new TestServer();
        Assert.Equal("-ERR wrong number of arguments for 'hset' command", server.Run("HSET", "h", "a", "1", "b"));
        Assert.Equal("-ERR wrong number of arguments for 'hmset' command", server.Run("HMSET", "h", "a", "1", "b"));
        Assert.Equal("OK", server.Run("HMSET", "h", "a", "1"));
        Assert.Equal(":0", server.Run("HSETNX", "h", "a", "2"));
        Assert.Equal(":1", server.Run("HSETNX", "h", "b", "2"));
        const string Mismatch = "-ERR numfields should be greater than 0 and match the provided number of fields";
        Assert.Equal(Mismatch, server.Run("HGETDEL", "h", "FIELDS", "0", "a"));
        Assert.Equal(Mismatch, server.Run("HGETDEL", "h", "FIELDS", "2", "a"));
        Assert.Equal("-ERR syntax error", server.Run("HGETDEL", "h", "FIELD", "1", "a"));
        Assert.Equal("-ERR value is not an integer or out of range", server.Run("HGETDEL", "h", "FIELDS", "x", "a"));
        Assert.Equal("[1, 2]", server.Run("HMGET", "h", "a", "b"));
    }
}

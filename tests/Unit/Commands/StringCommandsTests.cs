using Anax.Engine.Keyspace;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class StringCommandsTests
{
    private const string SyntaxError = "-ERR syntax error";
    private const string NotInteger = "-ERR value is not an integer or out of range";
    private const string BadTime = "-ERR invalid expire time in 'set' command";

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatIsSetIsRead(int shards)
    {
        using var server = new TestServer(shards);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("OK", server.Run("SET", $"key:{i}", $"value {i}"));
            Assert.Equal($"value {i}", server.Run("GET", $"key:{i}"));
        }
        Assert.Equal("(nil)", server.Run("GET", "none"));
        Assert.Equal(50, server.Hits);
        Assert.Equal(1, server.Misses);
        Assert.Equal(50, server.Changes);
        Assert.Equal("set key:49", server.Events[^1]);
        Assert.Equal(shards == 1, server.Messages == 0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AWrongCommandInAPipelineLeavesItsNeighboursAlone(int shards)
    {
        using var server = new TestServer(shards);
        for (int i = 0; i < 8; i++) server.Run("SET", $"k{i}", $"{i}");
        var commands = new List<string[]>();
        for (int i = 0; i < 8; i++) commands.AddRange([["GET", $"k{i}"], ["GET"], ["SET", $"k{i}"], ["NOSUCH"]]);
        string[] replies = server.Connect(0).Pipeline([.. commands]);
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal($"{i}", replies[4 * i]);
            Assert.Equal("-ERR wrong number of arguments for 'get' command", replies[4 * i + 1]);
            Assert.Equal("-ERR wrong number of arguments for 'set' command", replies[4 * i + 2]);
            Assert.StartsWith("-ERR unknown command 'NOSUCH'", replies[4 * i + 3], StringComparison.Ordinal);
        }
    }

    [Fact]
    public void PrependPutsBytesInFront()
    {
        using var server = new TestServer();
        Assert.Equal(":3", server.Run("PREPEND", "k", "abc"));
        Assert.Equal(":5", server.Run("PREPEND", "k", "12"));
        Assert.Equal("12abc", server.Run("GET", "k"));
        Assert.Equal(":5", server.Run("PREPEND", "k", ""));
        server.Run("SET", "n", "23", "EX", "100");
        Assert.Equal(":3", server.Run("PREPEND", "n", "1"));
        Assert.Equal(":124", server.Run("INCR", "n"));
        Assert.Equal(":100", server.Run("TTL", "n"));
        string large = new('x', 40_000);
        server.Run("SET", "large", large);
        server.Run("COPY", "large", "copy");
        Assert.Equal(":40002", server.Run("PREPEND", "large", "yz"));
        Assert.Equal("yz" + large, server.Run("GET", "large"));
        Assert.Equal(large, server.Run("GET", "copy"));
        server.Run("SADD", "s", "a");
        Assert.Equal("-WRONGTYPE Operation against a key holding the wrong kind of value", server.Run("PREPEND", "s", "a"));
        Assert.Equal(["prepend k", "prepend k", "prepend k"], server.Events.Where(e => e.EndsWith(" k", StringComparison.Ordinal)));
    }

    [Fact]
    public void ValuesOfEverySizeAndContentComeBack()
    {
        using var server = new TestServer(2);
        string[] values =
        [
            "", "0", "-1", "007", "-0", "+1", " 1", "1.0", "9223372036854775807", "-9223372036854775808",
            "9223372036854775808", "12345678901234567890", "\0\r\n\xff", new('x', 63), new('x', 64), new('x', 16_383),
            new('x', 16_384), new('x', 70_000), new('y', 1_000_000),
        ];
        foreach (string value in values)
        {
            Assert.Equal("OK", server.Run("SET", "key", value));
            Assert.Equal(value, server.Run("GET", "key"));
            Assert.Equal($":{value.Length}", server.Run("STRLEN", "key"));
        }
    }

    [Fact]
    public void SetTakesItsOptionsInAnyOrderAndCase()
    {
        using var server = new TestServer();
        Assert.Equal("(nil)", server.Run("SET", "k", "1", "XX"));
        Assert.Equal("OK", server.Run("SET", "k", "1", "nx", "nx"));
        Assert.Equal("(nil)", server.Run("SET", "k", "2", "NX"));
        Assert.Equal("1", server.Run("SET", "k", "2", "get", "XX"));
        Assert.Equal("2", server.Run("SET", "k", "3", "GET", "NX"));
        Assert.Equal("(nil)", server.Run("SET", "k", "3", "IFEQ", "9"));
        Assert.Equal("OK", server.Run("SET", "k", "3", "ifeq", "2", "EX", "100"));
        Assert.Equal("3", server.Run("SET", "k", "4", "IFEQ", "9", "GET"));
        Assert.Equal("(nil)", server.Run("SET", "none", "4", "IFEQ", "9", "GET"));
        Assert.Equal("OK", server.Run("SET", "k", "5", "KEEPTTL"));
        Assert.Equal("5", server.Run("GET", "k"));
    }

    [Theory]
    [InlineData("NX", "XX")]
    [InlineData("XX", "NX")]
    [InlineData("IFEQ", "a", "NX")]
    [InlineData("NX", "IFEQ", "a")]
    [InlineData("IFEQ", "a", "IFEQ", "a")]
    [InlineData("IFEQ")]
    [InlineData("EX")]
    [InlineData("EX", "10", "PX", "10")]
    [InlineData("KEEPTTL", "EX", "10")]
    [InlineData("EX", "10", "KEEPTTL")]
    [InlineData("EXAT", "10", "PXAT", "10")]
    [InlineData("PERSIST")]
    [InlineData("NOPE")]
    [InlineData("")]
    public void SetRefusesWhatDoesNotGoTogether(params string[] options)
    {
        using var server = new TestServer();
        Assert.Equal(SyntaxError, server.Run(["SET", "k", "v", .. options]));
        Assert.Equal("(nil)", server.Run("GET", "k"));
        Assert.Empty(server.Events);
    }

    [Theory]
    [InlineData("EX", "0", BadTime)]
    [InlineData("EX", "-1", BadTime)]
    [InlineData("EX", "9223372036854776", BadTime)]
    [InlineData("EX", "9223372036854775", BadTime)]
    [InlineData("PX", "9223372036854775807", BadTime)]
    [InlineData("PXAT", "-5", BadTime)]
    [InlineData("EX", "x", NotInteger)]
    [InlineData("PX", "1.5", NotInteger)]
    [InlineData("EXAT", "9223372036854775808", NotInteger)]
    public void SetRefusesBadTimes(string option, string time, string error)
    {
        using var server = new TestServer();
        Assert.Equal(error, server.Run("SET", "k", "v", option, time));
        Assert.Equal("(nil)", server.Run("GET", "k"));
    }

    [Fact]
    public void ExpiryComesTrueAndIsAnnounced()
    {
        using var server = new TestServer(2);
        Assert.Equal("OK", server.Run("SET", "k", "v", "PX", "300"));
        Assert.Equal("OK", server.Run("PSETEX", "l", "300", "v"));
        Assert.Equal("OK", server.Run("SETEX", "m", "100", "v"));
        Assert.Equal(["set k", "expire k", "set l", "expire l", "set m", "expire m"], server.Events);
        Assert.Equal([Effect.State, Effect.Expiry], server.Effects[..2]);
        Assert.Equal("v", server.Run("GET", "k"));
        server.RunFor(310);
        Assert.Equal("(nil)", server.Run("GET", "k"));
        Assert.Equal("(nil)", server.Run("GET", "l"));
        Assert.Equal("v", server.Run("GET", "m"));
        Assert.Equal(2, server.Expired);
        Assert.Contains("expired k", server.Events);
        Assert.Equal("-ERR invalid expire time in 'setex' command", server.Run("SETEX", "m", "0", "v"));
        Assert.Equal("-ERR invalid expire time in 'psetex' command", server.Run("PSETEX", "m", "-1", "v"));
        Assert.Equal(NotInteger, server.Run("SETEX", "m", "x", "v"));
    }

    [Fact]
    public void SettingWithATimeThatHasPassedDeletes()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "old");
        server.Events.Clear();
        Assert.Equal("OK", server.Run("SET", "k", "new", "EXAT", "1"));
        Assert.Equal(["expired k"], server.Events);
        Assert.Equal(1, server.Expired);
        Assert.Equal("(nil)", server.Run("GET", "k"));
        Assert.Equal("OK", server.Run("SET", "k", "new", "PXAT", "1"));
        Assert.Equal(["expired k"], server.Events);
        server.Run("SET", "k", "old");
        Assert.Equal("old", server.Run("SET", "k", "new", "PXAT", "1", "GET"));
        Assert.Equal("(nil)", server.Run("GET", "k"));
    }

    [Fact]
    public void OldValuesAreHandedOut()
    {
        using var server = new TestServer();
        Assert.Equal("(nil)", server.Run("GETSET", "k", "1"));
        Assert.Equal("1", server.Run("GETSET", "k", "2"));
        Assert.Equal("2", server.Run("GETDEL", "k"));
        Assert.Equal("(nil)", server.Run("GETDEL", "k"));
        Assert.Equal(["set k", "set k", "del k"], server.Events);
        Assert.Equal(":1", server.Run("SETNX", "k", "a"));
        Assert.Equal(":0", server.Run("SETNX", "k", "b"));
        Assert.Equal(":0", server.Run("DELIFEQ", "k", "b"));
        Assert.Equal(":1", server.Run("DELIFEQ", "k", "a"));
        Assert.Equal(":0", server.Run("DELIFEQ", "k", "a"));
        Assert.Equal("del k", server.Events[^1]);
    }

    [Fact]
    public void GetExChangesTheExpiry()
    {
        using var server = new TestServer();
        Assert.Equal("(nil)", server.Run("GETEX", "k", "EX", "10"));
        server.Run("SET", "k", "v");
        server.Events.Clear();
        Assert.Equal("v", server.Run("GETEX", "k"));
        Assert.Equal("v", server.Run("GETEX", "k", "PERSIST"));
        Assert.Empty(server.Events);
        Assert.Equal("v", server.Run("GETEX", "k", "EX", "100"));
        Assert.Equal("v", server.Run("GETEX", "k", "PERSIST"));
        Assert.Equal(["expire k", "persist k"], server.Events);
        Assert.Equal([Effect.Expiry, Effect.Expiry], server.Effects[^2..]);
        Assert.Equal(SyntaxError, server.Run("GETEX", "k", "PERSIST", "EX", "10"));
        Assert.Equal(SyntaxError, server.Run("GETEX", "k", "KEEPTTL"));
        Assert.Equal(SyntaxError, server.Run("GETEX", "k", "NX"));
        Assert.Equal("-ERR invalid expire time in 'getex' command", server.Run("GETEX", "k", "EX", "0"));
        Assert.Equal("v", server.Run("GETEX", "k", "PXAT", "1"));
        Assert.Equal("expired k", server.Events[^1]);
        Assert.Equal("(nil)", server.Run("GET", "k"));
    }

    [Fact]
    public void AppendGrowsAnyValue()
    {
        using var server = new TestServer();
        Assert.Equal(":3", server.Run("APPEND", "k", "123"));
        Assert.Equal(":6", server.Run("APPEND", "k", "abc"));
        Assert.Equal(":6", server.Run("APPEND", "k", ""));
        Assert.Equal("123abc", server.Run("GET", "k"));
        string expected = "123abc";
        foreach (int length in (int[])[1, 100, 16_000, 16_384, 70_000, 3])
        {
            string tail = new((char)('a' + length % 26), length);
            expected += tail;
            Assert.Equal($":{expected.Length}", server.Run("APPEND", "k", tail));
            Assert.Equal(expected, server.Run("GET", "k"));
        }
        Assert.Equal("append k", server.Events[^1]);
    }

    [Fact]
    public void SetRangePadsWithZeros()
    {
        using var server = new TestServer();
        Assert.Equal(":0", server.Run("SETRANGE", "k", "5", ""));
        Assert.Equal("(nil)", server.Run("GET", "k"));
        Assert.Equal(":5", server.Run("SETRANGE", "k", "3", "ab"));
        Assert.Equal("\0\0\0ab", server.Run("GET", "k"));
        Assert.Equal(":5", server.Run("SETRANGE", "k", "0", "xyz"));
        Assert.Equal("xyzab", server.Run("GET", "k"));
        Assert.Equal(":5", server.Run("SETRANGE", "k", "9", ""));
        Assert.Equal(":20003", server.Run("SETRANGE", "k", "20000", "end"));
        Assert.Equal("xyzab" + new string('\0', 19_995) + "end", server.Run("GET", "k"));
        server.Run("SET", "n", "1234");
        Assert.Equal(":4", server.Run("SETRANGE", "n", "1", "x"));
        Assert.Equal("1x34", server.Run("GET", "n"));
        Assert.Equal("-ERR offset is out of range", server.Run("SETRANGE", "k", "-1", "x"));
        Assert.Equal(NotInteger, server.Run("SETRANGE", "k", "x", "x"));
    }

    [Fact]
    public void StringsAreLimitedToTheBulkLength()
    {
        const string TooLong = "-ERR string exceeds maximum allowed size (proto-max-bulk-len)";
        using var server = new TestServer(1, "--proto-max-bulk-len", "1mb");
        server.Run("SET", "k", new string('x', 1 << 20));
        Assert.Equal(TooLong, server.Run("APPEND", "k", "y"));
        Assert.Equal($":{1 << 20}", server.Run("APPEND", "k", ""));
        Assert.Equal($":{1 << 20}", server.Run("SETRANGE", "k", $"{(1 << 20) - 1}", "y"));
        Assert.Equal(TooLong, server.Run("SETRANGE", "k", $"{1 << 20}", "y"));
        Assert.Equal(TooLong, server.Run("SETRANGE", "l", "9223372036854775807", "y"));
        Assert.Equal("(nil)", server.Run("GET", "l"));
    }

    [Theory]
    [InlineData("0", "-1", "Hello World")]
    [InlineData("0", "4", "Hello")]
    [InlineData("-5", "-1", "World")]
    [InlineData("-100", "4", "Hello")]
    [InlineData("6", "100", "World")]
    [InlineData("4", "3", "")]
    [InlineData("-1", "-5", "")]
    [InlineData("100", "200", "")]
    [InlineData("-200", "-100", "H")]
    [InlineData("-9223372036854775808", "9223372036854775807", "Hello World")]
    [InlineData("x", "1", NotInteger)]
    [InlineData("1", "x", NotInteger)]
    public void RangesAreCutOut(string start, string end, string expected)
    {
        using var server = new TestServer();
        server.Run("SET", "k", "Hello World");
        Assert.Equal(expected, server.Run("GETRANGE", "k", start, end));
        Assert.Equal(expected, server.Run("SUBSTR", "k", start, end));
    }

    [Fact]
    public void RangesOfLargeValuesAndNumbers()
    {
        using var server = new TestServer();
        string large = string.Concat(Enumerable.Range(0, 20_000).Select(i => i.ToString("D5")));
        server.Run("SET", "k", large);
        Assert.Equal(large[100..50_100], server.Run("GETRANGE", "k", "100", "50099"));
        Assert.Equal(large[^7..], server.Run("GETRANGE", "k", "-7", "-1"));
        server.Run("SET", "n", "-1234567");
        Assert.Equal("123", server.Run("GETRANGE", "n", "1", "3"));
        Assert.Equal("", server.Run("GETRANGE", "none", "0", "-1"));
    }

    [Fact]
    public void AReplyOutlivesTheValueItWasTakenFrom()
    {
        using var server = new TestServer();
        string large = new('a', 300_000);
        server.Run("SET", "k", large);
        string[] replies = server.Client.Pipeline(["GET", "k"], ["SETRANGE", "k", "0", "bbb"], ["GET", "k"], ["GETDEL", "k"], ["GET", "k"]);
        Assert.Equal(large, replies[0]);
        Assert.Equal("bbb" + large[3..], replies[2]);
        Assert.Equal(replies[2], replies[3]);
        Assert.Equal("(nil)", replies[4]);
    }

    [Fact]
    public void ReadsCountAndWritesDoNot()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "1");
        server.Run("GET", "k");
        server.Run("GET", "none");
        server.Run("STRLEN", "k");
        server.Run("GETRANGE", "none", "0", "1");
        server.Run("GETEX", "k");
        server.Run("GETDEL", "none");
        server.Run("SET", "k", "2", "GET");
        Assert.Equal((4, 3), (server.Hits, server.Misses));
        server.Run("INCR", "k");
        server.Run("APPEND", "k", "x");
        server.Run("SETNX", "k", "x");
        server.Run("DELIFEQ", "k", "x");
        server.Run("SETRANGE", "k", "0", "x");
        Assert.Equal((4, 3), (server.Hits, server.Misses));
    }

    [Fact]
    public void AnyUseIsAUse()
    {
        using var server = new TestServer();
        string[][] uses =
        [
            ["SET", "a", "2"], ["INCR", "b"], ["APPEND", "c", "2"], ["SETRANGE", "d", "0", "2"], ["GET", "e"], ["GETEX", "f", "EX", "100"],
        ];
        foreach (string[] use in uses) server.Run("SET", use[1], "1");
        server.RunUntil(() => uses.All(use => server.Ask("OBJECT", "IDLETIME", use[1]).Integer > 0), "a second's idling");
        foreach (string[] use in uses)
        {
            server.Run(use);
            Assert.Equal(":0", server.Run("OBJECT", "IDLETIME", use[1]));
        }
    }
}

using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public sealed class ListCommandsTests
{
    [Fact]
    public void ElementsArePushedAndPoppedAtBothEnds()
    {
        using var server = new TestServer();
        Assert.Equal(":3", server.Run("RPUSH", "l", "a", "b", "c"));
        Assert.Equal(":5", server.Run("LPUSH", "l", "x", "1"));
        Assert.Equal("[1, x, a, b, c]", server.Run("LRANGE", "l", "0", "-1"));
        Assert.Equal(":0", server.Run("LPUSHX", "none", "x"));
        Assert.Equal(":6", server.Run("RPUSHX", "l", "d"));
        Assert.Equal("1", server.Run("LPOP", "l"));
        Assert.Equal("[d, c]", server.Run("RPOP", "l", "2"));
        Assert.Equal("[]", server.Run("RPOP", "l", "0"));
        Assert.Equal("[x, a, b]", server.Run("LPOP", "l", "99"));
        Assert.Equal(":0", server.Run("EXISTS", "l"));
        Assert.Equal("(nil)", server.Run("LPOP", "l"));
        Assert.Equal("(nil)", server.Run("LPOP", "l", "1"));
        Assert.Equal(["rpush l", "lpush l", "rpush l", "lpop l", "rpop l", "lpop l", "del l"], server.Events);
    }

    [Fact]
    public void ElementsAreFoundAndChanged()
    {
        using var server = new TestServer();
        server.Run("RPUSH", "l", "a", "b", "c", "b", "d", "b");
        Assert.Equal("d", server.Run("LINDEX", "l", "-2"));
        Assert.Equal("(nil)", server.Run("LINDEX", "l", "6"));
        Assert.Equal(":1", server.Run("LPOS", "l", "b"));
        Assert.Equal("[:3, :5]", server.Run("LPOS", "l", "b", "RANK", "2", "COUNT", "0"));
        Assert.Equal("[:5, :3]", server.Run("LPOS", "l", "b", "RANK", "-1", "COUNT", "2"));
        Assert.Equal("(nil)", server.Run("LPOS", "l", "d", "MAXLEN", "3"));
        Assert.Equal("OK", server.Run("LSET", "l", "-1", "z"));
        Assert.Equal(":7", server.Run("LINSERT", "l", "before", "c", "y"));
        Assert.Equal(":8", server.Run("LINSERT", "l", "AFTER", "z", "end"));
        Assert.Equal(":-1", server.Run("LINSERT", "l", "AFTER", "none", "x"));
        Assert.Equal(":0", server.Run("LINSERT", "none", "AFTER", "z", "end"));
        Assert.Equal("[a, b, y, c, b, d, z, end]", server.Run("LRANGE", "l", "0", "99"));
        Assert.Equal(":1", server.Run("LREM", "l", "-1", "b"));
        Assert.Equal("OK", server.Run("LTRIM", "l", "1", "-2"));
        Assert.Equal("[b, y, c, d, z]", server.Run("LRANGE", "l", "-99", "-1"));
        Assert.Equal("OK", server.Run("LTRIM", "l", "3", "1"));
        Assert.Equal(":0", server.Run("EXISTS", "l"));
    }

    /// <summary>A short value in place of a long one needs no chunk of its own, at whichever end, and the list may be packed again.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public void AShortValueInPlaceOfALongOneJoinsItsNeighbours(int index)
    {
        using var server = new TestServer();
        string[] values = ["a", "b", "c", "d", "e"];
        values[index] = new string('x', 20_000);
        server.Run(["RPUSH", "l", .. values]);
        Assert.Equal("quicklist", server.Run("OBJECT", "ENCODING", "l"));
        values[index] = "short";
        Assert.Equal("OK", server.Run("LSET", "l", $"{index}", "short"));
        Assert.Equal("listpack", server.Run("OBJECT", "ENCODING", "l"));
        Assert.Equal($"[{string.Join(", ", values)}]", server.Run("LRANGE", "l", "0", "-1"));
    }

    /// <summary>A list that a lower limit makes large stays one chunk, which a higher limit makes small again, as in Valkey.</summary>
    [Fact]
    public void WhatWasPackedBecomesOneChunk()
    {
        using var server = new TestServer();
        server.Run("RPUSH", "l", "0", "1", "2", "3", "4", "5", "6", "7");
        server.Run("CONFIG", "SET", "list-max-listpack-size", "4");
        Assert.Equal("OK", server.Run("LSET", "l", "3", "three"));
        Assert.Equal("quicklist", server.Run("OBJECT", "ENCODING", "l"));
        server.Run("CONFIG", "SET", "list-max-listpack-size", "128");
        Assert.Equal("OK", server.Run("LSET", "l", "-1", "a longer one"));
        Assert.Equal("listpack", server.Run("OBJECT", "ENCODING", "l"));
        Assert.Equal("[0, 1, 2, three, 4, 5, 6, a longer one]", server.Run("LRANGE", "l", "0", "-1"));
    }

    /// <summary>The chunks of a list follow the setting that it got its first chunk under, also in a copy of it, as in Valkey.</summary>
    [Fact]
    public void ALaterLimitLeavesTheChunksAlone()
    {
        using var server = new TestServer();
        string[] values = [.. Enumerable.Range(0, 12).Select(i => $"{i}")];
        server.Run(["RPUSH", "l", new string('x', 20_000), .. values[..2]]);
        server.Run("CONFIG", "SET", "list-max-listpack-size", "4");
        Assert.Equal(":1", server.Run("COPY", "l", "copy"));
        foreach (string list in new[] { "l", "copy" })
        {
            server.Run(["RPUSH", list, .. values[2..]]);
            server.Run("CONFIG", "SET", "list-max-listpack-size", "128");
            Assert.Equal("quicklist", server.Run("OBJECT", "ENCODING", list));
            server.Run("LPOP", list);
            Assert.Equal("listpack", server.Run("OBJECT", "ENCODING", list));
            Assert.Equal($"[{string.Join(", ", values)}]", server.Run("LRANGE", list, "0", "-1"));
            server.Run("CONFIG", "SET", "list-max-listpack-size", "4");
        }
    }

    [Theory]
    [InlineData("-ERR value is out of range, must be positive", "LPOP", "l", "-1")]
    [InlineData("-ERR value is out of range, must be positive", "LPOP", "l", "x")]
    [InlineData("-ERR wrong number of arguments for 'rpop' command", "RPOP", "l", "1", "2")]
    [InlineData("-ERR index out of range", "LSET", "l", "1", "x")]
    [InlineData("-ERR no such key", "LSET", "none", "x", "x")]
    [InlineData("-ERR syntax error", "LINSERT", "l", "AROUND", "a", "b")]
    [InlineData("-ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
        "LPOS", "l", "a", "RANK", "0")]
    [InlineData("-ERR COUNT can't be negative", "LPOS", "l", "a", "COUNT", "-1")]
    [InlineData("-ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807", "LREM", "l", "-9223372036854775808", "a")]
    [InlineData("-ERR numkeys should be greater than 0", "LMPOP", "0", "l", "LEFT")]
    [InlineData("-ERR syntax error", "LMPOP", "2", "l", "LEFT")]
    [InlineData("-ERR count should be greater than 0", "LMPOP", "1", "l", "LEFT", "COUNT", "0")]
    [InlineData("-ERR syntax error", "LMOVE", "l", "l", "LEFT", "UP")]
    [InlineData("-ERR timeout is negative", "BLPOP", "l", "-1")]
    [InlineData("-ERR timeout is out of range", "BLPOP", "l", "inf")]
    [InlineData("-ERR timeout is not a float or out of range", "BRPOPLPUSH", "l", "l", "x")]
    public void BadArgumentsChangeNothing(string error, params string[] command)
    {
        foreach (int shards in (int[])[1, 4])
        {
            using var server = new TestServer(shards);
            server.Run("RPUSH", "l", "a");
            Assert.Equal(error, server.Run(command));
            Assert.Equal("[a]", server.Run("LRANGE", "l", "0", "-1"));
        }
    }

    [Theory]
    [InlineData("LPUSH", "s", "x")]
    [InlineData("LPOP", "s")]
    [InlineData("LLEN", "s")]
    [InlineData("LRANGE", "s", "0", "1")]
    [InlineData("LPOS", "s", "x")]
    [InlineData("LREM", "s", "0", "x")]
    [InlineData("LTRIM", "s", "0", "1")]
    [InlineData("LMOVE", "l", "s", "LEFT", "LEFT")]
    [InlineData("LMOVE", "s", "l", "LEFT", "LEFT")]
    [InlineData("LMPOP", "3", "none", "s", "l", "LEFT")]
    [InlineData("BLPOP", "none", "s", "l", "0")]
    [InlineData("BLMOVE", "l", "s", "LEFT", "LEFT", "0")]
    [InlineData("BLMOVE", "s", "l", "LEFT", "LEFT", "0")]
    [InlineData("SORT", "s")]
    public void OtherTypesAreRefused(params string[] command)
    {
        foreach (int shards in (int[])[1, 4])
        {
            using var server = new TestServer(shards);
            server.Run("SET", "s", "text");
            server.Run("RPUSH", "l", "a");
            Assert.Equal("-WRONGTYPE Operation against a key holding the wrong kind of value", server.Run(command));
            Assert.Equal("[a]", server.Run("LRANGE", "l", "0", "-1"));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ElementsMoveBetweenLists(int shards)
    {
        using var server = new TestServer(shards);
        foreach (string target in Enumerable.Range(0, 8).Select(i => $"to{i}"))
        {
            server.Run("RPUSH", "from", "a", "b", new string('x', 20_000));
            Assert.Equal("a", server.Run("LMOVE", "from", target, "LEFT", "RIGHT"));
            Assert.Equal(new string('x', 20_000), server.Run("RPOPLPUSH", "from", target));
            Assert.Equal("b", server.Run("LMOVE", "from", target, "RIGHT", "LEFT"));
            Assert.Equal("(nil)", server.Run("LMOVE", "from", target, "RIGHT", "LEFT"));
            Assert.Equal($"[b, {new string('x', 20_000)}, a]", server.Run("LRANGE", target, "0", "-1"));
            Assert.Equal(":0", server.Run("EXISTS", "from"));
        }
        server.Run("RPUSH", "ring", "1", "2", "3");
        Assert.Equal("1", server.Run("LMOVE", "ring", "ring", "LEFT", "RIGHT"));
        Assert.Equal("2", server.Run("LMOVE", "ring", "ring", "LEFT", "LEFT"));
        Assert.Equal("[2, 3, 1]", server.Run("LRANGE", "ring", "0", "-1"));
        Assert.Equal("[ring, [1, 3]]", server.Run("LMPOP", "4", "n1", "n2", "n3", "ring", "RIGHT", "COUNT", "2"));
        Assert.Equal("(nil)", server.Run("LMPOP", "3", "n1", "n2", "n3", "RIGHT"));
    }

    /// <summary>Large lists change hands whole, over shards as well, and are read in several turns.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void LargeListsAreReadMovedAndCopied(int shards)
    {
        using var server = new TestServer(shards);
        string[] elements = [.. Enumerable.Range(0, 20_000).Select(i => $"element:{i}"), new string('z', 40_000)];
        foreach (string[] part in elements.Chunk(1000)) server.Run(["RPUSH", "l", .. part]);
        string all = "[" + string.Join(", ", elements) + "]";
        Assert.Equal("quicklist", server.Run("OBJECT", "ENCODING", "l"));
        Assert.Equal(all, server.Run("LRANGE", "l", "0", "-1"));
        Assert.Equal(":19999", server.Run("LPOS", "l", "element:19999"));
        Assert.Equal("[:20000]", server.Run("LPOS", "l", new string('z', 40_000), "COUNT", "0"));
        for (int i = 0; i < 6; i++)
        {
            Assert.Equal("OK", server.Run("RENAME", i == 0 ? "l" : $"l{i - 1}", $"l{i}"));
            Assert.Equal(":1", server.Run("COPY", $"l{i}", $"copy{i}"));
            Assert.Equal(all, server.Run("LRANGE", $"l{i}", "0", "-1"));
            Assert.Equal(all, server.Run("LRANGE", $"copy{i}", "0", "-1"));
        }
        Assert.Equal("OK", server.Run("LTRIM", "l5", "19000", "19009"));
        Assert.Equal("[element:19000, element:19009]", $"[{server.Run("LINDEX", "l5", "0")}, {server.Run("LINDEX", "l5", "-1")}]");
        Assert.Equal("listpack", server.Run("OBJECT", "ENCODING", "l5"));
        Assert.Equal(":1", server.Run("LREM", "copy5", "0", "element:7"));
    }

    [Theory]
    [InlineData("-2", 200, "listpack")]
    [InlineData("-2", 300, "quicklist")]
    [InlineData("10", 10, "listpack")]
    [InlineData("10", 11, "quicklist")]
    public void TheLimitDecidesHowAListLies(string limit, int count, string encoding)
    {
        using var server = new TestServer();
        server.Run("CONFIG", "SET", "list-max-listpack-size", limit);
        for (int i = 0; i < count; i++) server.Run("RPUSH", "l", $"an element of thirty-two bytes {i % 10}");
        Assert.Equal(encoding, server.Run("OBJECT", "ENCODING", "l"));
    }
}

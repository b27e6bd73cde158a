using Anax.Protocol;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class SortedSetCommandsTests
{
    [Fact]
    public void OptionsOfAddingSayWhatIsChanged()
    {
        using var server = new TestServer();
        Assert.Equal(":2", server.Run("ZADD", "z", "1", "a", "2", "b"));
        Assert.Equal(":0", server.Run("ZADD", "z", "NX", "5", "a"));
        Assert.Equal(":0", server.Run("ZADD", "z", "XX", "5", "c"));
        Assert.Equal(":1", server.Run("ZADD", "z", "CH", "XX", "5", "a"));
        Assert.Equal(":0", server.Run("ZADD", "z", "GT", "CH", "4", "a"));
        Assert.Equal(":1", server.Run("ZADD", "z", "LT", "CH", "4", "a"));
        Assert.Equal("4.5", server.Run("ZADD", "z", "INCR", "0.5", "a"));
        Assert.Equal("(nil)", server.Run("ZADD", "z", "NX", "INCR", "1", "a"));
        Assert.Equal("(nil)", server.Run("ZADD", "none", "XX", "INCR", "1", "a"));
        Assert.Equal(":0", server.Run("ZADD", "none", "XX", "1", "a"));
        Assert.Equal("3.5", server.Run("ZINCRBY", "z", "-1", "a"));
        Assert.Equal("[b, 2, a, 3.5]", server.Run("ZRANGE", "z", "0", "-1", "WITHSCORES"));
        Assert.Equal(":0", server.Run("EXISTS", "none"));
    }

    [Fact]
    public void MistakesAreNamed()
    {
        using var server = new TestServer();
        server.Run("SET", "s", "v");
        server.Run("ZADD", "z", "inf", "a");
        Assert.Equal("-ERR syntax error", server.Run("ZADD", "z", "1", "a", "2"));
        Assert.Equal("-ERR value is not a valid float", server.Run("ZADD", "z", "1", "a", "nan", "b"));
        Assert.Equal("-ERR XX and NX options at the same time are not compatible", server.Run("ZADD", "z", "NX", "XX", "1", "a"));
        Assert.Equal("-ERR GT, LT, and/or NX options at the same time are not compatible", server.Run("ZADD", "z", "GT", "LT", "1", "a"));
        Assert.Equal("-ERR INCR option supports a single increment-element pair", server.Run("ZADD", "z", "INCR", "1", "a", "2", "b"));
        Assert.Equal("-ERR resulting score is not a number (NaN)", server.Run("ZINCRBY", "z", "-inf", "a"));
        Assert.StartsWith("-WRONGTYPE", server.Run("ZADD", "s", "1", "a"), StringComparison.Ordinal);
        Assert.StartsWith("-WRONGTYPE", server.Run("ZRANGE", "s", "0", "-1"), StringComparison.Ordinal);
        Assert.Equal("-ERR min or max is not a float", server.Run("ZCOUNT", "z", "a", "2"));
        Assert.Equal("-ERR min or max not valid string range item", server.Run("ZLEXCOUNT", "z", "a", "[b"));
        Assert.Equal("-ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
            server.Run("ZRANGE", "z", "0", "1", "LIMIT", "0", "1"));
        Assert.Equal("-ERR syntax error, WITHSCORES not supported in combination with BYLEX", server.Run("ZRANGE", "z", "-", "+", "BYLEX", "WITHSCORES"));
        Assert.Equal("-ERR at least 1 input key is needed for 'zunion' command", server.Run("ZUNION", "0", "z"));
        Assert.Equal("-ERR weight value is not a float", server.Run("ZUNION", "1", "z", "WEIGHTS", "x"));
        Assert.Equal("-ERR count should be greater than 0", server.Run("ZMPOP", "1", "z", "MIN", "COUNT", "0"));
        Assert.Equal("[a]", server.Run("ZRANGE", "z", "0", "-1"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void LongCommandsGiveWhatShortOnesGive(int shards)
    {
        const int Members = 5000;
        using var server = new TestServer(shards);
        string[] pairs = [.. Enumerable.Range(0, Members).SelectMany(i => new[] { $"{i % 500}", $"m{i:d5}" })];
        server.Run(["ZADD", "z", .. pairs]);
        server.Run(["SADD", "s", .. Enumerable.Range(0, Members).Select(i => $"m{2 * i:d5}")]);
        string[] sorted = [.. Enumerable.Range(0, Members).OrderBy(i => i % 500).ThenBy(i => i).Select(i => $"m{i:d5}")];
        Assert.Equal($"[{string.Join(", ", sorted)}]", server.Run("ZRANGE", "z", "0", "-1"));
        Assert.Equal($"[{string.Join(", ", sorted.Reverse())}]", server.Run("ZREVRANGEBYSCORE", "z", "+inf", "-inf"));
        Assert.Equal($"[{string.Join(", ", sorted.Skip(100).Take(3000))}]", server.Run("ZRANGE", "z", "-inf", "+inf", "BYSCORE", "LIMIT", "100", "3000"));
        Assert.Equal(":3000", server.Run("ZRANGESTORE", "d", "z", "100", "3099"));
        Assert.Equal($"[{string.Join(", ", sorted.Skip(100).Take(3000))}]", server.Run("ZRANGE", "d", "0", "-1"));
        Assert.Equal("skiplist", server.Run("OBJECT", "ENCODING", "d"));
        Assert.Equal(":7500", server.Run("ZUNIONSTORE", "u", "2", "z", "s"));
        Assert.Equal(":2500", server.Run("ZINTERCARD", "2", "z", "s"));
        Assert.Equal(":2500", server.Run("ZINTERSTORE", "i", "2", "z", "s", "WEIGHTS", "2", "10"));
        Assert.Equal("30", server.Run("ZSCORE", "i", "m00010"));
        Assert.Equal(":2500", server.Run("ZDIFFSTORE", "f", "2", "z", "s"));
        Assert.Equal(2500, server.Ask("ZDIFF", "2", "z", "s").Items.Count);
        Assert.Equal(5000, server.Ask("ZRANDMEMBER", "z", "6000").Items.Distinct().Count());
        Assert.Equal(3000, server.Ask("ZRANDMEMBER", "z", "3000").Items.Select(i => i.Text).Distinct().Count());
        Assert.Equal(4000, server.Ask("ZRANDMEMBER", "z", "-4000").Items.Count);
        Reply popped = server.Ask("ZPOPMAX", "z", "2000");
        Assert.Equal(sorted.Reverse().Take(2000), popped.Items.Where((_, i) => i % 2 == 0).Select(i => i.Text));
        Assert.Equal(":2000", server.Run("ZREMRANGEBYRANK", "z", "0", "1999"));
        Assert.Equal($"[{string.Join(", ", sorted.Skip(2000).Take(1000))}]", server.Run("ZRANGE", "z", "0", "-1"));
        Assert.Equal(":1000", server.Run("ZREMRANGEBYSCORE", "z", "-inf", "inf"));
        Assert.Equal(":0", server.Run("EXISTS", "z"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ATransactionMayHoldLongOnes(int shards)
    {
        using var server = new TestServer(shards);
        server.Run(["ZADD", "z", .. Enumerable.Range(0, 3000).SelectMany(i => new[] { $"{i}", $"{i}" })]);
        string[] replies = server.Client.Pipeline(["MULTI"], ["ZCARD", "z"], ["ZRANGESTORE", "d", "z", "0", "-1"],
            ["ZREMRANGEBYRANK", "z", "0", "-2"], ["ZRANGE", "z", "0", "-1"], ["EXEC"]);
        Assert.Equal("[:3000, :3000, :2999, [2999]]", replies[^1]);
    }

    [Fact]
    public void EveryChangeIsTold()
    {
        using var server = new TestServer();
        server.Run("ZADD", "z", "1", "a", "2", "b", "3", "c", "4", "d");
        server.Run("ZADD", "z", "1", "a");
        server.Run("ZINCRBY", "z", "1", "a");
        server.Run("ZREM", "z", "a", "none");
        server.Run("ZREM", "z", "none");
        server.Run("ZPOPMIN", "z");
        server.Run("ZREMRANGEBYSCORE", "z", "3", "3");
        server.Run("ZRANGESTORE", "y", "z", "0", "-1");
        server.Run("ZRANGESTORE", "y", "z", "5", "6");
        server.Run("ZMPOP", "1", "z", "MAX");
        server.Run("ZUNIONSTORE", "u", "1", "z");
        server.Run("GEOADD", "g", "13", "38", "p");
        server.Run("GEOSEARCHSTORE", "h", "g", "FROMMEMBER", "p", "BYRADIUS", "1", "km");
        server.Run("GEORADIUS", "g", "13", "38", "1", "km", "STORE", "h");
        Assert.Equal(
            ["zadd z", "zincr z", "zrem z", "zpopmin z", "zremrangebyscore z", "zrangestore y", "del y", "zpopmax z", "del z", "zadd g", "geosearchstore h",
                "georadiusstore h"], server.Events);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhoWaitsIsServed(int shards)
    {
        using var server = new TestServer(shards) { Recording = false };
        using TestClient waiting = server.Connect(shards - 1), other = server.Connect();
        waiting.Send("BZPOPMIN", "a", "b", "0");
        for (int i = 0; i < 20; i++) server.Turn();
        other.Send("BZMPOP", "0", "2", "b", "c", "MAX", "COUNT", "2");
        for (int i = 0; i < 20; i++) server.Turn();
        server.Run("ZADD", "b", "2", "y", "1", "x");
        Assert.Equal("[b, x, 1]", waiting.Receive().Text);
        Assert.Equal("[b, [[y, 2]]]", other.Receive().Text);
        Assert.Equal(":0", server.Run("EXISTS", "b"));
        server.Run("SET", "s", "v");
        Assert.StartsWith("-WRONGTYPE", server.Run("BZPOPMAX", "s", "1"), StringComparison.Ordinal);
        Assert.Equal("(nil)", server.Run("BZPOPMAX", "none", "0.01"));
        server.Run("ZADD", "c", "1", "x", "2", "y");
        Assert.Equal("[c, y, 2]", server.Run("BZPOPMAX", "none", "c", "0"));
        waiting.Send("BZPOPMIN", "k", "0");
        for (int i = 0; i < 20; i++) server.Turn();
        server.Run("SET", "k", "v");
        Assert.Null(waiting.Next());
        server.Run("DEL", "k");
        server.Run("GEOADD", "k", "1", "1", "m");
        Assert.StartsWith("[k, m, ", waiting.Receive().Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void CopiesAndMovedSetsKeepTheirOrder(int shards)
    {
        using var server = new TestServer(shards);
        // Scores whose eight bytes are digits, which must not be taken for a number on the way.
        string digits = BitConverter.ToDouble("12345678"u8).ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        for (int large = 0; large < 2; large++)
        {
            string key = server.KeyOf(0, large), copy = server.KeyOf(shards - 1, large + 10), moved = server.KeyOf(shards / 2, large + 20);
            server.Run("ZADD", key, digits, "d", "1", "a", "1", "b");
            for (int i = 0; i < large * 300; i++) server.Run("ZADD", key, $"{i * 7 % 100}", $"m{i}");
            string all = server.Run("ZRANGE", key, "0", "-1", "WITHSCORES");
            Assert.Equal(":1", server.Run("COPY", key, copy));
            Assert.Equal("OK", server.Run("RENAME", key, moved));
            Assert.Equal(all, server.Run("ZRANGE", copy, "0", "-1", "WITHSCORES"));
            Assert.Equal(all, server.Run("ZRANGE", moved, "0", "-1", "WITHSCORES"));
            Assert.Equal("1", server.Run("ZINCRBY", copy, "-1", "a") == "0" ? "1" : "0");
            Assert.Equal(":0", server.Run("ZRANK", copy, "a"));
        }
    }

    [Fact]
    public void ShapesFollowTheProtocol()
    {
        using var server = new TestServer();
        TestClient three = server.Connect(version: RespVersion.Resp3);
        server.Run("ZADD", "z", "1", "a", "2.5", "b");
        Assert.Equal("[a, 1, b, 2.5]", server.Run("ZRANGE", "z", "0", "-1", "WITHSCORES"));
        Assert.Equal("[[a, ,1], [b, ,2.5]]", three.Run("ZRANGE", "z", "0", "-1", "WITHSCORES"));
        Assert.Equal("[:1, ,2.5]", three.Run("ZRANK", "z", "b", "WITHSCORE"));
        Assert.Equal("[[a, ,1]]", three.Run("ZPOPMIN", "z", "1"));
        Assert.Equal("[b, ,2.5]", three.Run("ZPOPMIN", "z"));
        Assert.Equal("[]", three.Run("ZPOPMIN", "z"));
    }
}

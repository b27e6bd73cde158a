using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class MultiKeyStringCommandsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void PairsAreSetAndReadAcrossShards(int shards)
    {
        using var server = new TestServer(shards);
        string[] keys = [.. Enumerable.Range(0, 40).Select(i => $"key:{i}")];
        Assert.Equal("OK", server.Run(["MSET", .. keys.SelectMany(k => (string[])[k, "v" + k])]));
        Assert.Equal(40, server.Changes);
        Assert.Equal("[" + string.Join(", ", keys.Select(k => "v" + k)) + "]", server.Run(["MGET", .. keys]));
        Assert.Equal((40, 0), (server.Hits, server.Misses));
        Assert.Equal("[vkey:3, (nil), vkey:1, vkey:3]", server.Run("MGET", "key:3", "none", "key:1", "key:3"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void OneKeyThatExistsStopsAll(int shards)
    {
        using var server = new TestServer(shards);
        Assert.Equal(":1", server.Run("MSETNX", "a", "1", "b", "2", "c", "3", "d", "4"));
        Assert.Equal(":0", server.Run("MSETNX", "w", "1", "x", "2", "y", "3", "d", "4", "z", "5"));
        Assert.Equal("[(nil), (nil), (nil), (nil), 4]", server.Run("MGET", "w", "x", "y", "z", "d"));
        Assert.Equal(":1", server.Run("MSETNX", "same", "1", "same", "2"));
        Assert.Equal("2", server.Run("GET", "same"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void MSetExTakesConditionsAndTimes(int shards)
    {
        using var server = new TestServer(shards);
        Assert.Equal(":0", server.Run("MSETEX", "3", "a", "1", "b", "2", "c", "3", "XX"));
        Assert.Equal(":1", server.Run("MSETEX", "3", "a", "1", "b", "2", "c", "3", "NX", "PX", "400"));
        Assert.Equal(["set a", "expire a", "set b", "expire b", "set c", "expire c"], server.Events.OrderBy(e => e[^1]));
        Assert.Equal(":0", server.Run("MSETEX", "2", "d", "1", "c", "2", "nx"));
        Assert.Equal(":1", server.Run("MSETEX", "2", "a", "8", "b", "9", "xx", "KEEPTTL"));
        Assert.Equal("[8, 9, 3]", server.Run("MGET", "a", "b", "c"));
        Assert.Equal(":1", server.Run("MSETEX", "1", "c", "9"));
        server.RunFor(410);
        Assert.Equal("[(nil), (nil), 9]", server.Run("MGET", "a", "b", "c"));
    }

    [Theory]
    [InlineData("-ERR wrong number of arguments for 'mset' command", "MSET", "a", "1", "b")]
    [InlineData("-ERR wrong number of arguments for 'msetnx' command", "MSETNX", "a", "1", "b")]
    [InlineData("-ERR wrong number of arguments for 'mset' command", "MSET", "a", "1", "b", "2", "c", "3", "d")]
    [InlineData("-ERR invalid numkeys value or out of range", "MSETEX", "0", "a", "1")]
    [InlineData("-ERR invalid numkeys value or out of range", "MSETEX", "x", "a", "1")]
    [InlineData("-ERR invalid numkeys value or out of range", "MSETEX", "2147483648", "a", "1")]
    [InlineData("-ERR syntax error", "MSETEX", "2", "a", "1", "b")]
    [InlineData("-ERR syntax error", "MSETEX", "2", "a", "1")]
    [InlineData("-ERR syntax error", "MSETEX", "1", "a", "1", "b", "2")]
    [InlineData("-ERR syntax error", "MSETEX", "1", "a", "1", "GET")]
    [InlineData("-ERR syntax error", "MSETEX", "2", "a", "1", "b", "2", "NX", "XX")]
    [InlineData("-ERR invalid expire time in 'msetex' command", "MSETEX", "2", "a", "1", "b", "2", "EX", "0")]
    [InlineData("-ERR value is not an integer or out of range", "MSETEX", "2", "a", "1", "b", "2", "EX", "x")]
    public void BadArgumentsSetNothing(string error, params string[] command)
    {
        foreach (int shards in (int[])[1, 4])
        {
            using var server = new TestServer(shards);
            Assert.Equal(error, server.Run(command));
            Assert.Empty(server.Events);
        }
    }
}

using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public sealed class SortCommandTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ElementsAreSortedByThemselvesOrByWeights(int shards)
    {
        using var server = new TestServer(shards);
        server.Run("RPUSH", "l", "3", "1", "10", "2");
        server.Run("MSET", "w1", "9", "w2", "8", "w10", "1.5", "n1", "one", "n2", "two", "n3", "three");
        server.Run("HSET", "h1", "f", "b", "g", "x");
        server.Run("HSET", "h2", "f", "a");
        Assert.Equal("[1, 2, 3, 10]", server.Run("SORT", "l"));
        Assert.Equal("[10, 3, 2, 1]", server.Run("SORT", "l", "DESC"));
        Assert.Equal("[1, 10, 2, 3]", server.Run("SORT", "l", "ALPHA"));
        Assert.Equal("[2, 3]", server.Run("SORT_RO", "l", "LIMIT", "1", "2"));
        Assert.Equal("[3, 10, 2, 1]", server.Run("SORT", "l", "BY", "w*"));
        Assert.Equal("[1, 2]", server.Run("SORT", "l", "BY", "h*->f", "ALPHA", "DESC", "LIMIT", "0", "2"));
        Assert.Equal("[1, one, x, 2, two, (nil), 3, three, (nil), 10, (nil), (nil)]",
            server.Run("SORT", "l", "GET", "#", "GET", "n*", "GET", "h*->g"));
        Assert.Equal("[2, 10, 1, 3]", server.Run("SORT", "l", "BY", "nosort", "DESC"));
        Assert.Equal("[]", server.Run("SORT", "none"));
        Assert.Equal("-ERR One or more scores can't be converted into double", server.Run("SORT", "l", "BY", "n*"));
        Assert.Equal("-ERR syntax error", server.Run("SORT_RO", "l", "STORE", "x"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void TheResultIsStored(int shards)
    {
        using var server = new TestServer(shards);
        server.Run("RPUSH", "l", "3", "1", "2");
        server.Run("MSET", "n1", "one", "n2", "two");
        foreach (string target in Enumerable.Range(0, 6).Select(i => $"t{i}"))
        {
            server.Run("SET", target, "text", "EX", "100");
            Assert.Equal(":3", server.Run("SORT", "l", "GET", "n*", "STORE", target));
            Assert.Equal("[one, two, ]", server.Run("LRANGE", target, "0", "-1"));
            Assert.Equal(":-1", server.Run("TTL", target));
            Assert.Equal(":0", server.Run("SORT", "none", "STORE", target));
            Assert.Equal(":0", server.Run("EXISTS", target));
        }
        Assert.Equal(":3", server.Run("SORT", "l", "STORE", "l"));
        Assert.Equal("[1, 2, 3]", server.Run("LRANGE", "l", "0", "-1"));
        Assert.Equal("[l, t]", server.Run("COMMAND", "GETKEYS", "SORT", "l", "BY", "STORE", "STORE", "t"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ManyElementsAreSortedInSlices(int shards)
    {
        using var server = new TestServer(shards);
        var random = new Random(7);
        int[] numbers = [.. Enumerable.Range(0, 30_000).Select(_ => random.Next(100_000))];
        foreach (int[] part in numbers.Chunk(1000)) server.Run(["RPUSH", "l", .. part.Select(n => $"{n}")]);
        Assert.Equal("[" + string.Join(", ", numbers.Order()) + "]", server.Run("SORT", "l"));
        Assert.Equal(":30000", server.Run("SORT", "l", "DESC", "STORE", "sorted"));
        Assert.Equal("[" + string.Join(", ", numbers.OrderDescending()) + "]", server.Run("LRANGE", "sorted", "0", "-1"));
        Assert.Equal("[" + string.Join(", ", numbers.Order().Skip(9).Take(3)) + "]", server.Run("SORT", "l", "LIMIT", "9", "3"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void PatternsWorkInTransactionsAndScripts(int shards)
    {
        using var server = new TestServer(shards);
        server.Run("RPUSH", "l", "1", "2", "3");
        server.Run("MSET", "w1", "3", "w2", "1", "w3", "2");
        Assert.Equal(["OK", "QUEUED", "QUEUED", "[OK, [2, 1, 1, 3]]"], server.Client.Pipeline(["MULTI"], ["SET", "w3", "9"],
            ["SORT", "l", "BY", "w*", "GET", "#", "GET", "w*", "LIMIT", "0", "2"], ["EXEC"]));
        Assert.Equal("[2, 1, 3]", server.Run("EVAL", "return redis.call('sort', KEYS[1], 'by', 'w*')", "1", "l"));
        Assert.Equal("[2, 1, 3]", server.Run("EVAL", "return redis.call('sort', KEYS[1], 'by', 'w*')", "1", "l"));
        foreach (var loop in server.Loops) Assert.Equal(0, loop.Shard.Locks.Count);
    }
}

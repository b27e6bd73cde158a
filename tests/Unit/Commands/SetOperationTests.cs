using Anax.Tests.Unit.Harness;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Commands;

/// <summary>Intersections, unions and differences against a naive model, over all encodings, at once and in slices.</summary>
public class SetOperationTests
{
    /// <summary>How many sets a random case has keys for.</summary>
    private const int Sets = 7;

    private static readonly Gen<int[]> Case = Gen.Int[0, 1_000_000].Array[3, 12];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ResultsEqualTheModels(int shards)
    {
        using var server = new TestServer(shards);
        Case.Sample(numbers => Run(server, numbers), iter: 60, threads: 1);
    }

    [Fact]
    public void MistakesAreNamed()
    {
        using var server = new TestServer();
        Assert.Equal("-ERR numkeys should be greater than 0", server.Run("SINTERCARD", "0", "a"));
        Assert.Equal("-ERR numkeys should be greater than 0", server.Run("SINTERCARD", "x", "a"));
        Assert.Equal("-ERR Number of keys can't be greater than number of args", server.Run("SINTERCARD", "2", "a"));
        Assert.Equal("-ERR syntax error", server.Run("SINTERCARD", "1", "a", "b"));
        Assert.Equal("-ERR syntax error", server.Run("SINTERCARD", "1", "a", "LIMIT"));
        Assert.Equal("-ERR LIMIT can't be negative", server.Run("SINTERCARD", "1", "a", "LIMIT", "-1"));
        Assert.Equal("-ERR LIMIT can't be negative", server.Run("SINTERCARD", "1", "a", "LIMIT", "x"));
        Assert.Equal("-ERR wrong number of arguments for 'sunionstore' command", server.Run("SUNIONSTORE", "d"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void StoringReplacesWhateverWasThere(int shards)
    {
        using var server = new TestServer(shards);
        server.Run("SADD", "a", "1", "2", "x");
        server.Run("SADD", "b", "2", "x", "y");
        server.Run("SET", "d", "text", "EX", "1000");
        server.Events.Clear();
        Assert.Equal(":2", server.Run("SINTERSTORE", "d", "a", "b"));
        Assert.Equal("set", server.Run("TYPE", "d"));
        Assert.Equal(":-1", server.Run("TTL", "d"));
        Assert.Equal(":4", server.Run("SUNIONSTORE", "a", "a", "b"));
        Assert.Equal(":1", server.Run("SDIFFSTORE", "d", "a", "b"));
        Assert.Equal("intset", server.Run("OBJECT", "ENCODING", "d"));
        Assert.Equal(":0", server.Run("SINTERSTORE", "d", "a", "none"));
        Assert.Equal(":0", server.Run("EXISTS", "d"));
        Assert.Equal(":0", server.Run("SDIFFSTORE", "d", "a", "a"));
        Assert.Equal(["sinterstore d", "sunionstore a", "sdiffstore d", "del d"], server.Events);
    }

    [Fact]
    public void NothingIsLeftBehind()
    {
        using var server = new TestServer();
        string[] all = [.. Enumerable.Range(0, 6000).Select(i => $"m{i}")];
        server.Run(["SADD", "a", .. all]);
        server.Run(["SADD", "b", .. all[3000..]]);
        server.Run("SUNION", "a", "b");
        long before = Used(server);
        for (int i = 0; i < 3; i++)
        {
            server.Run("SUNION", "a", "b");
            server.Run("SUNIONSTORE", "d", "a", "b");
            server.Run("SINTERSTORE", "d", "a", "b");
            server.Run("DEL", "d");
        }
        Assert.Equal(before, Used(server));
    }

    [Fact]
    public void WithoutMemoryNothingIsStored()
    {
        using var server = new TestServer(1, "--maxmemory", "30mb");
        for (int i = 0; i < 8; i++) server.Run(["SADD", $"s{i}", .. Enumerable.Range(0, 5000).Select(j => $"member:{i}:{j:d20}")]);
        Assert.Equal(":40000", server.Run("SUNIONSTORE", "d", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7"));
        Assert.Equal(":5000", server.Run("SINTERCARD", "2", "d", "s3"));
        Assert.Equal(":1234", server.Run("SINTERCARD", "2", "d", "s3", "LIMIT", "1234"));
    }

    private static long Used(TestServer server)
    {
        // What is deleted is given back by the next period of the sweep.
        server.RunFor(300);
        return server.Loops[0].UsedBytes - server.Loops[0].Events.Chunks.AllocatedBytes;
    }

    /// <summary>The numbers say how large each set is and of what, and which sets are combined.</summary>
    private static void Run(TestServer server, int[] numbers)
    {
        server.Run("FLUSHALL");
        var sets = new Dictionary<string, HashSet<string>>();
        for (int i = 0; i < Sets; i++)
        {
            int number = numbers[i % numbers.Length] / (i + 1);
            int size = (number % 5) switch { 0 => 0, 1 => number % 10, 2 => number % 200, 3 => number % 700, _ => number % 4000 };
            string prefix = number % 3 == 0 ? "m" : "";
            int step = 1 + number % 4;
            sets[$"s{i}"] = [.. Enumerable.Range(0, size).Select(j => prefix + j * step)];
            if (size != 0) server.Run(["SADD", $"s{i}", .. sets[$"s{i}"]]);
        }
        for (int i = 0; i < numbers.Length; i++)
        {
            string[] keys = [.. Enumerable.Range(0, 1 + numbers[i] % 4).Select(j => $"s{numbers[(i + j) % numbers.Length] / 7 % Sets}")];
            IEnumerable<HashSet<string>> operands = keys.Select(k => sets[k]);
            Compare(server, "SINTER", keys, [.. operands.Aggregate((a, b) => [.. a.Intersect(b)])]);
            Compare(server, "SUNION", keys, [.. operands.Aggregate((a, b) => [.. a.Union(b)])]);
            Compare(server, "SDIFF", keys, keys.Length == 1 ? sets[keys[0]] : [.. operands.Aggregate((a, b) => [.. a.Except(b)])]);
        }
    }

    private static void Compare(TestServer server, string command, string[] keys, HashSet<string> expected)
    {
        Reply reply = server.Ask([command, .. keys]);
        Assert.Equal(expected.Order(), reply.Items.Select(i => i.Text).Order());
        Assert.Equal($":{expected.Count}", server.Run([command + "STORE", "d", .. keys]));
        Assert.Equal(expected.Order(), server.Ask("SMEMBERS", "d").Items.Select(i => i.Text).Order());
        if (command != "SINTER") return;
        Assert.Equal($":{expected.Count}", server.Run(["SINTERCARD", $"{keys.Length}", .. keys]));
        Assert.Equal($":{Math.Min(expected.Count, 50)}", server.Run(["SINTERCARD", $"{keys.Length}", .. keys, "LIMIT", "50"]));
    }
}

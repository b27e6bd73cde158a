using Anax.Scripting;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Scripting;

/// <summary>Scripts that build the names of keys from what they find, after they have written, as job queues do.</summary>
public sealed class StrayingScriptTests
{
    // Without jobs to make it touches what it declares only, so that it looks as if it always did.
    private const string Jobs = """
        local last = 0
        for i = 1, tonumber(ARGV[1]) do
            last = redis.call('incr', KEYS[1])
            redis.call('set', KEYS[1] .. ':' .. last, ARGV[2])
        end
        return last
        """;

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    public void AllEndWhoBeginToStrayTogether(int shards)
    {
        const int Rounds = 20, Clients = 8, JobsEach = 3;
        using var server = new TestServer(shards);
        TestClient[] clients = [.. Enumerable.Range(0, Clients).Select(i => server.Connect(i % shards))];
        for (int round = 0; round < Rounds; round++)
        {
            string script = Jobs + $"-- {round}", name = $"queue{round}.";
            foreach (TestClient client in clients) Assert.Equal(":0", client.Run("EVAL", script, "1", name + "0", "0", "x"));
            // Two clients to each queue.
            for (int i = 0; i < Clients; i++) clients[i].Send("EVAL", script, "1", name + i / 2, $"{JobsEach}", $"{i}");
            string[] replies = [.. clients.Select(client => client.Receive().Text)];
            for (int queue = 0; queue < Clients / 2; queue++)
            {
                string[] ends = [.. replies.Skip(2 * queue).Take(2).Order(StringComparer.Ordinal)];
                Assert.Equal([$":{JobsEach}", $":{2 * JobsEach}"], ends);
                int first = replies[2 * queue] == ends[0] ? 2 * queue : 2 * queue + 1;
                for (int job = 1; job <= 2 * JobsEach; job++)
                    Assert.Equal($"{(job <= JobsEach ? first : 4 * queue + 1 - first)}", server.Run("GET", $"{name}{queue}:{job}"));
            }
        }
        foreach (var loop in server.Loops) Assert.Equal(0, loop.Shard.Locks.Count);
    }

    [Fact]
    public void AKeyThatIsNotDeclaredCostsNoHopOfItsOwn()
    {
        using var server = new TestServer(2);
        // Known to stray from now on.
        for (int i = 0; i < 20; i++) server.Run("EVAL", Jobs, "1", "queue", "1", "x");
        long before = Hops(server);
        server.Run("EVAL", Jobs, "1", "queue", "1", "x");
        // The token, the declared key, its command, and each built key with its command.
        Assert.Equal(before + 4, Hops(server));
        server.Run("EVAL", Jobs, "1", "queue", "5", "x");
        Assert.Equal(before + 4 + 2 + 10, Hops(server));
    }

    [Fact]
    public void ScriptsOfOneLoopHandTheTokenOn()
    {
        const int Clients = 8;
        using var server = new TestServer(2);
        TestClient[] clients = [.. Enumerable.Range(0, Clients).Select(_ => server.Connect(1))];
        for (int i = 0; i < 20; i++) clients[0].Run("EVAL", Jobs, "1", "queue", "1", "x");
        long before = Hops(server);
        foreach (TestClient client in clients) client.Send("EVAL", Jobs, "1", "queue", "1", "x");
        foreach (TestClient client in clients) Assert.Equal(':', client.Receive().Text[0]);
        Assert.InRange(Hops(server) - before, 3 * Clients + 1, 4 * Clients - 1);
        // What is given back is under way.
        server.RunFor(5);
        foreach (var loop in server.Loops) Assert.Equal(0, loop.Shard.Locks.Count);
    }

    private static long Hops(TestServer server)
    {
        long hops = 0;
        foreach (var loop in server.Loops) hops += loop.Transactions.Hops;
        return hops;
    }

    [Fact]
    public void ScriptsThatBuildNamesNeverBeginInTheirBatch()
    {
        using var server = new TestServer(2);
        for (int i = 0; i < 50; i++) server.Run("EVAL", Jobs, "1", "queue", "1", "x");
        Assert.Equal(0, server.Loops.ToArray().Sum(loop => ScriptHost.Of(loop).InlineScripts));
    }

    [Fact]
    public void ATagHoldsBuiltNamesOnTheShard()
    {
        using var server = new TestServer(4, "--shard_on_hashtags");
        for (int i = 0; i < 50; i++) server.Run("EVAL", Jobs, "1", "{queue}", "1", "x");
        // But for the first, and what the machine kept waiting for a whole slice.
        Assert.InRange(server.Loops.ToArray().Sum(loop => ScriptHost.Of(loop).InlineScripts), 40, 49);
    }
}

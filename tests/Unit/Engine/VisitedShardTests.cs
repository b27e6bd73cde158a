using Anax.Engine;
using Xunit;

namespace Anax.Tests.Unit.Engine;

/// <summary>Which commands for a shard whose loop sleeps are run by the asker, and which wake it.</summary>
public sealed class VisitedShardTests
{
    private const int ManyKeys = 1000;

    [Fact]
    public void ShortCommandsForASleepingShardWakeNobody()
    {
        using var server = new SimulatedServer(1, 2, "--shard_on_hashtags", "yes");
        string tag = RemoteTag(server);
        long visits = Visits(server), wakes = Wakes(server);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("OK", server.Run("SET", $"{tag}{i}", $"value{i}"));
            Assert.Equal($"value{i}", server.Run("GET", $"{tag}{i}"));
            Assert.Equal(":2", server.Run("EXISTS", $"{tag}{i}", $"{tag}0"));
        }

        // Now and then the other loop is about its periodic work.
        Assert.InRange(Visits(server) - visits, 120, 150);
        Assert.InRange(Wakes(server) - wakes, 0, 30);
    }

    [Fact]
    public void LongOnesWakeIt()
    {
        using var server = new SimulatedServer(2, 2, "--shard_on_hashtags", "yes");
        string tag = RemoteTag(server);
        server.Run("SET", $"{tag}0", "v");
        long visits = Visits(server);
        string[] keys = [.. Enumerable.Range(0, ManyKeys).Select(i => $"{tag}{i}")];
        for (int i = 0; i < 10; i++)
        {
            // Many arguments, many bytes, and commands whose time hangs on what the key holds.
            Assert.Equal(":1", server.Run(["EXISTS", .. keys]));
            Assert.Equal("OK", server.Run("SET", $"{tag}1", new string('x', 20_000)));
            Assert.Equal(":1", server.Run("DEL", $"{tag}1"));
        }

        Assert.Equal(visits, Visits(server));
    }

    [Fact]
    public void CommandsOverBothShardsVisit()
    {
        using var server = new SimulatedServer(3, 2);
        for (int i = 0; i < 20; i++) server.Run("SET", $"k{i}", $"{i}");
        long visits = Visits(server);
        for (int i = 0; i + 3 < 20; i++) Assert.Equal(4, server.Ask("MGET", $"k{i}", $"k{i + 1}", $"k{i + 2}", $"k{i + 3}").Items.Count);
        Assert.True(Visits(server) > visits);
    }

    /// <summary>A tag whose keys lie on the shard that the client is not connected to.</summary>
    private static string RemoteTag(SimulatedServer server)
    {
        for (int i = 0; ; i++)
        {
            long asked = Sum(server, loop => loop.Events.Statistics.Asked);
            server.Run("GET", $"{{tag{i}}}");
            if (Sum(server, loop => loop.Events.Statistics.Asked) != asked) return $"{{tag{i}}}";
        }
    }

    private static long Visits(SimulatedServer server) => Sum(server, loop => loop.Events.Statistics.Visits);

    private static long Wakes(SimulatedServer server) => Sum(server, loop => loop.Events.Statistics.Wakes);

    private static long Sum(SimulatedServer server, Func<EngineLoop, long> of)
    {
        long sum = 0;
        foreach (EngineLoop loop in server.Loops) sum += of(loop);
        return sum;
    }
}

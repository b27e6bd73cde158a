using Anax.Engine;
using Anax.Server;
using Xunit;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>The first seeds of `./build sim`, and that they test what they should.</summary>
public sealed class SeedTests
{
    private const ulong Seeds = 25;
    private const ulong SeedsToFind = 100;

    [Fact]
    public void EverySeedKeepsTheRulesAndGivesOneTrace()
    {
        Counters sum = new();
        HashSet<ulong> hashes = [];
        for (ulong seed = 1; seed <= Seeds; seed++)
        {
            SimulationResult first = new SimulationRun(seed).Run();
            Assert.True(new SimulationRun(seed).Run().Hash == first.Hash, $"seed {seed}: two runs, two traces");
            Assert.True(hashes.Add(first.Hash), $"seed {seed} has the trace of another one");
            sum.Add(first.Counters);
        }

        Assert.Empty(sum.Missing);
        Assert.True(sum[Counters.Undecided] * 20 < sum[Counters.Ordered], sum.ToString());
    }

    /// <summary>By the number of the flag, since the enumeration is internal.</summary>
    [Theory]
    [InlineData((int)PlantedBugs.DroppedLock)]
    [InlineData((int)PlantedBugs.EarlyRelease)]
    [InlineData((int)PlantedBugs.PlainMGet)]
    [InlineData((int)PlantedBugs.WatchBlindToExpiry)]
    [InlineData((int)PlantedBugs.ScriptWithoutLocks)]
    [InlineData((int)PlantedBugs.ReplyOutOfOrder)]
    public void APlantedBugIsFoundWithinAHundredSeeds(int bug)
    {
        bool isFound = false;
        for (ulong seed = 1; seed <= SeedsToFind && !isFound; seed++)
        {
            SimulationRun run = new(seed, server => Plant(server, (PlantedBugs)bug));
            isFound = Record.Exception(() => run.Run()) is SimulationException;
        }

        Assert.True(isFound);
    }

    private static void Plant(AnaxServer server, PlantedBugs bug)
    {
        foreach (EngineLoop loop in server.Engine.Loops) loop.Apply(loop.Settings with { PlantedBugs = bug });
    }

    [Fact]
    public void TheVerbNamesTheSeedItsTraceAndHowToReplay()
    {
        StringWriter output = new();
        Assert.Equal(0, SimulateVerb.Run(["--seeds", "2", "--from", "3", "--twice"], output));
        Assert.Matches("""^seed 3 hash 0x[0-9a-f]{16} ops \d+ shards \d ok\nseed 4 hash .*\n2 seeds: """, output.ToString());
        Assert.Contains("./build sim 7", new SimulationException(7, "it broke").Message, StringComparison.Ordinal);
        Assert.Equal(2, SimulateVerb.Run(["--seed"], output));
    }
}

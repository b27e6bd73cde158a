using Anax.Engine;
using Anax.Tests.Simulation.Checking;
using Anax.Tests.Simulation.Recording;
using Xunit;

namespace Anax.Tests.Simulation.RecordingTests;

/// <summary>Real clients, real sockets: what they saw is explained by a serial order. The long run is ./build sim --histories.</summary>
[Collection(AloneCollection.Name)]
public sealed class HistoryTests(ITestOutputHelper output)
{
    private const int Clients = 16, Operations = 12_000;
    private const double OverlapMin = 0.3;
    private static readonly TimeSpan RecordBound = TimeSpan.FromSeconds(20), CheckBound = TimeSpan.FromSeconds(30), PlantedBound = TimeSpan.FromMinutes(1);

    /// <summary>Planted bugs that the engine has, by the number of their flag; the others have nothing to switch.</summary>
    public static TheoryData<int> Planted => [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void WhatClientsSeeIsExplainedByASerialOrder(int shards)
    {
        int seed = Random.Shared.Next(1_000_000);
        using ServerUnderTest server = new(shards);
        Recorder recorder = new(server, Clients, seed, Promises.Kept);
        var histories = recorder.Record("t:", Operations, RecordBound);
        Assert.Equal(Promises.Kept, recorder.Means);
        Assert.InRange(histories.Sum(history => history.Operations.Count), 10_000, int.MaxValue);
        foreach (RecordedHistory history in histories)
        {
            output.WriteLine($"seed {seed}, {shards} shards, {history}");
            if (history.Workload.Overlaps) Assert.InRange(History.Overlap(history.Operations), OverlapMin, 1);
            Verdict verdict = history.Check(CheckBound);
            Assert.True(verdict.IsAccepted, $"seed {seed}: {verdict.Words}");
        }
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Planted))]
    public void APlantedBugIsCaughtWithinAMinute(int bug)
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        for (int seed = 1; clock.Elapsed < PlantedBound; seed++)
        {
            using ServerUnderTest server = new(seed % 2 == 0 ? 2 : 7, (PlantedBugs)bug);
            foreach (RecordedHistory history in new Recorder(server, Clients, seed, Promises.Kept).Record("p:", Operations, RecordBound))
            {
                if (!history.Check(CheckBound).IsRejected) continue;
                output.WriteLine($"{(PlantedBugs)bug}: found with seed {seed} after {clock.Elapsed.TotalSeconds:0.0} s by {history}");
                return;
            }
        }
        Assert.Fail($"{(PlantedBugs)bug} was not found within {PlantedBound}");
    }
}

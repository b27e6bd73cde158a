using System.Diagnostics;
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
    private const Means AllMeans = Means.SingleKey | Means.MultiKey | Means.Transactions | Means.Scripts;
    private const double OverlapMin = 0.3;
    private static readonly TimeSpan RecordBound = TimeSpan.FromSeconds(20), CheckBound = TimeSpan.FromSeconds(30), PlantedBound = TimeSpan.FromMinutes(1);

    /// <summary>Planted bugs that the engine has, by the number of their flag; the others have nothing to switch.</summary>
    public static TheoryData<int> Planted =>
    [
        (int)PlantedBugs.DroppedLock, (int)PlantedBugs.EarlyRelease, (int)PlantedBugs.PlainMGet, (int)PlantedBugs.WatchBlindToExpiry,
        (int)PlantedBugs.ScriptWithoutLocks, (int)PlantedBugs.ReplyOutOfOrder,
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    public void WhatClientsSeeIsExplainedByASerialOrder(int shards)
    {
        using AnaxUnderTest server = new(shards);
        Judge(server, Promises.Kept, $"{shards} shards");
    }

    [Fact]
    public void AServerThatDoesOneThingAfterAnotherIsAcceptedByAllMeans()
    {
        Assert.SkipUnless(ValkeyUnderTest.Exists, "no Valkey here: run eng/conformance/get-valkey.sh");
        using ValkeyUnderTest server = new();
        Judge(server, AllMeans, "Valkey");
    }

    /// <summary>By the number of the flag, since the enumeration is internal.</summary>
    [Theory]
    [InlineData((int)PlantedBugs.DroppedLock)]
    [InlineData((int)PlantedBugs.PlainMGet)]
    [InlineData((int)PlantedBugs.WatchBlindToExpiry)]
    [InlineData((int)PlantedBugs.ScriptWithoutLocks)]
    [InlineData((int)PlantedBugs.ReplyOutOfOrder)]
    public void AConnectionThatBreaksAPromiseIsCaughtWithinAMinute(int fault)
    {
        Assert.SkipUnless(ValkeyUnderTest.Exists, "no Valkey here: run eng/conformance/get-valkey.sh");
        IsCaught(fault, seed =>
        {
            using ValkeyUnderTest server = new();
            return new Recorder(server, Clients, seed, MeansFor(fault, AllMeans)) { Fault = (PlantedBugs)fault }.Record("f:", Operations, RecordBound);
        });
    }

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Planted))]
    public void APlantedBugIsCaughtWithinAMinute(int bug) => IsCaught(bug, seed =>
    {
        using AnaxUnderTest server = new(seed % 2 == 0 ? 2 : 7, (PlantedBugs)bug);
        return new Recorder(server, Clients, seed, MeansFor(bug, Promises.Kept)).Record("p:", Operations, RecordBound);
    });

    /// <summary>Where replies change places, only plain commands: the others' clients could not go on.</summary>
    private static Means MeansFor(int bug, Means otherwise) => (PlantedBugs)bug == PlantedBugs.ReplyOutOfOrder ? Means.SingleKey : otherwise;

    private void IsCaught(int bug, Func<int, IReadOnlyList<RecordedHistory>> record)
    {
        Stopwatch clock = Stopwatch.StartNew();
        for (int seed = 1; clock.Elapsed < PlantedBound; seed++)
        {
            foreach (RecordedHistory history in record(seed))
            {
                if (history.Check(CheckBound) is not { IsRejected: true } verdict) continue;
                output.WriteLine($"{(PlantedBugs)bug}: found with seed {seed} after {clock.Elapsed.TotalSeconds:0.0} s by {history}\n{verdict.Words}");
                return;
            }
        }
        Assert.Fail($"{(PlantedBugs)bug} was not found within {PlantedBound}");
    }

    private void Judge(ServerUnderTest server, Means means, string name)
    {
        int seed = Random.Shared.Next(1_000_000);
        Recorder recorder = new(server, Clients, seed, means);
        var histories = recorder.Record("t:", Operations, RecordBound);
        Assert.Equal(means, recorder.Means);
        Assert.InRange(histories.Sum(history => history.Operations.Count), 10_000, int.MaxValue);
        foreach (RecordedHistory history in histories)
        {
            output.WriteLine($"seed {seed}, {name}, {history}");
            if (history.Workload.Overlaps) Assert.InRange(History.Overlap(history.Operations), OverlapMin, 1);
            Verdict verdict = history.Check(CheckBound);
            Assert.True(verdict.IsAccepted, $"seed {seed}: {verdict.Words}");
        }
    }
}

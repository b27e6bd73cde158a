using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;
using Xunit;

namespace Anax.Tests.Unit.HeadToHead;

/// <summary>The plan holds everything once, compares side by side, and fits into its hour.</summary>
public sealed class PlanTests
{
    private static readonly RunSettings Whole = new();

    private static readonly RunSettings Quick = new() { IsQuick = true, Rounds = 1, Seconds = 1, FillEntries = 1_000_000 };

    [Fact]
    public void EveryCellIsMeasuredOfEveryServerInEveryRoundOnce()
    {
        IReadOnlyList<PlannedMeasurement> plan = MeasurementPlan.Make(Whole, Samples.Servers);
        Assert.Equal((24 * 5 + 8 * 3 + 3) * 4, plan.Count);
        Assert.Equal(plan.Count, plan.Select(step => (step.Cell.Id, step.Server, step.Round)).Distinct().Count());
        Assert.All(plan.GroupBy(step => (step.Cell.Id, step.Round)), group => Assert.Equal(4, group.Count()));
    }

    [Fact]
    public void AllServersOfACellFollowEachOther()
    {
        foreach (PlannedMeasurement[] together in MeasurementPlan.Make(Whole, Samples.Servers).Chunk(4))
        {
            Assert.Single(together.Select(step => (step.Cell, step.Round)).Distinct());
            Assert.Equal(Samples.Servers.Order(), together.Select(step => step.Server).Order());
        }
    }

    [Fact]
    public void WhoBeginsGoesRound()
    {
        string[] first = [.. MeasurementPlan.Make(Whole, Samples.Servers)
            .Where(step => step.Cell == Samples.Setex && step.Round % 2 == 0).Chunk(4).Select(together => together[0].Server)];
        Assert.Equal([Samples.Servers[0], Samples.Servers[2], Samples.Servers[0]], first);
        string[] last = [.. MeasurementPlan.Make(Whole, Samples.Servers)
            .Where(step => step.Cell == Samples.Setex && step.Round % 2 == 1).Chunk(4).Select(together => together[3].Server)];
        Assert.Equal([Samples.Servers[1], Samples.Servers[3]], last);
    }

    [Fact]
    public void NobodyAlwaysFollowsTheSameServer()
    {
        var pairs = MeasurementPlan.Make(Whole, Samples.Servers).Chunk(4)
            .SelectMany(together => together.Zip(together.Skip(1), (before, after) => (Before: before.Server, After: after.Server)));
        foreach (var after in pairs.GroupBy(pair => pair.After))
            Assert.True(after.Select(pair => pair.Before).Distinct().Count() > 1, after.Key);
    }

    [Fact]
    public void RatesComeBehindTheirMaximum()
    {
        List<PlannedMeasurement> plan = [.. MeasurementPlan.Make(Whole, Samples.Servers)];
        Assert.All(plan.Where(step => step.Cell.Kind == CellKind.Rate), rate =>
        {
            int last = plan.FindLastIndex(step => step.Cell == rate.Cell.Reference && step.Server == ServerNames.Valkey);
            Assert.InRange(last, 0, plan.IndexOf(rate) - 1);
        });
    }

    [Fact]
    public void IoThreadsAreOnlyWhereThereAreCpusForThem()
    {
        IReadOnlyList<PlannedMeasurement> plan = MeasurementPlan.Make(Whole, [.. Samples.Servers, ServerNames.ValkeyIo]);
        Assert.All(plan.Where(step => step.Server == ServerNames.ValkeyIo), step => Assert.Equal(Layout.Shared, step.Cell.Layout));
        Assert.Equal(12 * 5 + 4 * 3, plan.Count(step => step.Server == ServerNames.ValkeyIo));
        RunSettings large = Whole with { ServerCpus = CpuList.TryParse("0-3")!, ClientCpus = CpuList.TryParse("4-7")! };
        Assert.Equal(
            2 * (12 * 5 + 4 * 3),
            MeasurementPlan.Make(large, [.. Samples.Servers, ServerNames.ValkeyIo]).Count(step => step.Server == ServerNames.ValkeyIo));
    }

    [Fact]
    public void ResumingLeavesOutExactlyWhatIsDone()
    {
        IReadOnlyList<PlannedMeasurement> plan = MeasurementPlan.Make(Whole, Samples.Servers);
        Measurement[] done = [.. plan.Where((_, i) => i % 3 == 0).Select(Made)];
        Assert.Equal(plan.Where((_, i) => i % 3 != 0), MeasurementPlan.Remaining(plan, done));
        Assert.Equal(plan, MeasurementPlan.Remaining(plan, []));
        Assert.Equal(plan, MeasurementPlan.Remaining(plan, [Made(new PlannedMeasurement(Samples.Setex, ServerNames.Anax, 99))]));
    }

    [Fact]
    public void WhatIsComparedIsMeasuredTogetherOrAgain()
    {
        IReadOnlyList<PlannedMeasurement> plan = MeasurementPlan.Make(Whole, Samples.Servers);
        // Three cells are there as a whole, the fourth was cut off; in the second one server failed.
        Measurement[] done = [.. plan.Take(4 * 3 + 2).Select(Made)];
        done[5] = done[5] with { Failure = "the server ended with 1" };
        Measurement[] kept = [.. MeasurementPlan.Kept(plan, done)];
        Assert.Equal([.. done[..4], .. done[8..12]], kept);
        Assert.Equal([.. plan.Skip(4).Take(4), .. plan.Skip(12)], MeasurementPlan.Remaining(plan, kept));
    }

    private static Measurement Made(PlannedMeasurement step) =>
        new() { Cell = step.Cell.Id, Server = step.Server, Round = step.Round };

    [Fact]
    public void WithoutSplitLayoutOrEntriesThereIsNoFill()
    {
        Assert.Contains(MeasurementPlan.Make(Whole, Samples.Servers), step => step.Cell.Kind == CellKind.Fill);
        RunSettings[] without = [Whole with { FillEntries = 0 }, Whole with { Layouts = [Layout.Shared] }];
        Assert.All(without, settings =>
            Assert.DoesNotContain(MeasurementPlan.Make(settings, Samples.Servers), step => step.Cell.Kind == CellKind.Fill));
    }

    [Fact]
    public void TheWholeRunFitsIntoAnHourAndTheQuickOneIntoFiveMinutes()
    {
        string[] servers = [.. Samples.Servers, ServerNames.ValkeyIo];
        Assert.InRange(PlanTime.Of(MeasurementPlan.Make(Whole, servers), Whole).TotalMinutes, 30, 50);
        Assert.InRange(PlanTime.Of(MeasurementPlan.Make(Quick, servers), Quick).TotalMinutes, 1, 4);
    }

    [Fact]
    public void TimeIsTheSumOfItsParts()
    {
        RunSettings settings = Whole with { Seconds = 4, FillEntries = 600_000 };
        Assert.Equal(4.35, PlanTime.SecondsOf(new(Samples.Setex, "", 0), settings), 3);
        Assert.Equal(8.85, PlanTime.SecondsOf(new(Samples.Setex with { Connections = 1000 }, "", 0), settings), 3);
        Assert.Equal(6.35, PlanTime.SecondsOf(new(Cell.Rate(Layout.Split, Workload.Get, 50), "", 0), settings), 3);
        Assert.Equal(4.05, PlanTime.SecondsOf(new(Cell.Fill(), "", 0), settings), 3);
        PlannedMeasurement step = new(Samples.Setex, ServerNames.Anax, 0);
        TimeSpan once = PlanTime.Of([step], settings), twice = PlanTime.Of([step, step with { Round = 1 }], settings);
        Assert.Equal(4.35, (twice - once).TotalSeconds, 3);
    }
}

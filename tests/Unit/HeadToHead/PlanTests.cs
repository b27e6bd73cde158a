using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;
using Xunit;

namespace Anax.Tests.Unit.HeadToHead;

/// <summary>The plan holds everything once, compares side by side, and fits into its time.</summary>
public sealed class PlanTests
{
    private static readonly RunSettings Whole = new();

    private static readonly RunSettings Quick = new() { IsQuick = true, Rounds = 1, Seconds = 1, FillEntries = 1_000_000, ManyKeys = 0 };

    private static readonly CellKind[] InRotation = [CellKind.Maximum, CellKind.Rate, CellKind.Fill, CellKind.LargeValue];

    [Fact]
    public void EveryCellIsMeasuredOfEveryServerInEveryRoundOnce()
    {
        IReadOnlyList<PlannedMeasurement> plan = MeasurementPlan.Make(Whole, Samples.Servers);
        // Maxima with nine rounds and with three, rates, a fill and a large value, and 20 million keys.
        Assert.Equal((8 * 9 + 12 * 3 + 8 * 5 + 2 * 3 + 2 * 3) * 4, plan.Count(step => IsOfAll(step.Cell)));
        Assert.Equal(plan.Count, plan.Select(step => (step.Cell.Id, step.Server, step.Round)).Distinct().Count());
        Assert.All(
            plan.Where(step => IsOfAll(step.Cell)).GroupBy(step => (step.Cell.Id, step.Round)),
            group => Assert.Equal(4, group.Count()));

        static bool IsOfAll(Cell cell) => InRotation.Append(CellKind.ManyKeys).Contains(cell.Kind);
    }

    [Fact]
    public void WhatGoalsAreAboutHasNineRounds()
    {
        IReadOnlyList<PlannedMeasurement> plan = MeasurementPlan.Make(Whole, Samples.Servers);
        Assert.Equal(
            ["get/p1", "get/p30", "setex/p1", "setex/p30"],
            plan.Where(step => step.Round == 8).Select(step => string.Join('/', step.Cell.Id.Split('/')[1..3])).Distinct().Order());
        Assert.Equal(3, MeasurementPlan.RoundsOf(Samples.Setex with { Pipeline = 100 }, Whole));
        Assert.Equal(1, MeasurementPlan.RoundsOf(Cell.Footprint(CellKind.SmallEntries), Whole));
        Assert.Equal(2, MeasurementPlan.RoundsOf(Cell.Rate(Layout.Split, Workload.Get, 50), Whole with { Rounds = 2 }));
    }

    [Fact]
    public void TheFloorIsWhereNothingIsStored()
    {
        string[] cells = [.. MeasurementPlan.Make(Whole, [.. Samples.Servers, ServerNames.Floor])
            .Where(step => step.Server == ServerNames.Floor).Select(step => step.Cell.Id).Distinct().Order(StringComparer.Ordinal)];
        string[] rates = [.. from layout in (string[])["shared", "split"]
            from workload in (string[])["get", "setex"]
            from percent in (int[])[50, 90]
            select $"{layout}/{workload}/p1/c30/{percent}%"];
        Assert.Equal(rates.Concat(["split/get/p1/c30", "split/setex/p1/c30"]).Order(StringComparer.Ordinal), cells);
    }

    [Fact]
    public void WithManyKeysOneServerFollowsTheOther()
    {
        PlannedMeasurement[] steps = [.. MeasurementPlan.Make(Whole, Samples.Servers).Where(step => step.Cell.Kind == CellKind.ManyKeys)];
        Assert.Equal(Samples.Servers.SelectMany(server => Enumerable.Repeat(server, 6)), steps.Select(step => step.Server));
        Assert.Equal(["split/setex/p30/c30/20M", "split/get/p30/c30/20M"], steps.Select(step => step.Cell.Id).Distinct());
        Assert.Equal(4, steps.Select(step => step.Group).Distinct().Count());
        Assert.DoesNotContain(MeasurementPlan.Make(Quick, Samples.Servers), step => step.Cell.Kind == CellKind.ManyKeys);
        Assert.Equal("split/get/p30/c30/1500000", Cell.ManyKeys(Workload.Get, 1_500_000).Id);
    }

    [Fact]
    public void ManyThreadsAreAnaxsAlone()
    {
        PlannedMeasurement[] steps =
            [.. MeasurementPlan.Make(Whole, Samples.Servers).Where(step => step.Cell.Kind == CellKind.ManyThreads)];
        Assert.Equal([ServerNames.Anax], steps.Select(step => step.Server).Distinct());
        Assert.Equal([2, 4, 8, 16], steps.Take(4).Select(step => step.Cell.Threads));
        Assert.Equal("shared/setex/p1/c100/t2", steps[0].Cell.Id);
        Assert.Single(steps.Select(step => step.Group).Distinct());
    }

    [Fact]
    public void TransactionsAreMeasuredWhereTheyAreAskedFor()
    {
        string[] servers = [.. Samples.Servers, ServerNames.AnaxGlobal, ServerNames.ValkeyIo, ServerNames.Floor];
        IReadOnlyList<PlannedMeasurement> plan = MeasurementPlan.Make(Whole with { Cells = ["shared/tx"] }, servers);
        Assert.All(plan, step => Assert.Equal((CellKind.Transaction, Layout.Shared, "transactions"), (step.Cell.Kind, step.Cell.Layout, step.Group)));
        // Four workloads with two pipelines; one of the workloads of one server more.
        Assert.Equal(9 * 2 * (4 * 4 + 1), plan.Count);
        Assert.Equal(["shared/tx/queue/p16/c30", "shared/tx/queue/p1/c30"],
            plan.Where(step => step.Server == ServerNames.AnaxGlobal).Select(step => step.Cell.Id).Distinct());
        Assert.DoesNotContain(MeasurementPlan.Make(Whole, servers), step => step.Cell.Kind == CellKind.Transaction);
    }

    [Fact]
    public void MemoryOfCollectionsIsMeasuredOnceOfWhoeverHasTheType()
    {
        PlannedMeasurement[] steps = [.. MeasurementPlan.Make(Whole with { Cells = ["types/memory"] }, Samples.Servers)];
        Assert.All(steps, step => Assert.Equal((0, ""), (step.Round, step.Group)));
        Assert.Equal(
            ["hash", "list", "set", "small-hash", "small-set", "small-sorted-set", "sorted-set", "stream"],
            steps.Select(step => step.Cell.Id["types/memory/".Length..]).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal([8, 8, 7], ((string[])[ServerNames.Anax, ServerNames.Valkey, ServerNames.Garnet]).Select(CountOf));
        Assert.Equal(23, steps.Length);

        int CountOf(string server) => steps.Count(step => step.Server == server);
    }

    [Fact]
    public void TheListOfValkeyBenchmarkTakesLessThanTenMinutes()
    {
        RunSettings settings = Whole with { Cells = ["types/speed"] };
        PlannedMeasurement[] steps = [.. MeasurementPlan.Make(settings, Samples.Servers)];
        // Rows, pipelines, servers, rounds.
        Assert.Equal(18 * 2 * 2 * 3, steps.Length);
        Assert.All(steps, step => Assert.Equal((1, "types"), (step.Cell.Threads, step.Group)));
        Assert.All(steps.Chunk(2), together => Assert.Single(together.Select(step => (step.Cell.Id, step.Round)).Distinct()));
        Assert.InRange(PlanTime.Of(steps, settings).TotalMinutes, 5, 10);
    }

    [Fact]
    public void LongCommandsAreFeltOnEitherShard()
    {
        RunSettings settings = Whole with { Cells = ["types/worst"] };
        PlannedMeasurement[] steps = [.. MeasurementPlan.Make(settings, [.. Samples.Servers, ServerNames.ValkeyIo])];
        string[] commands = ["del", "lrange", "script", "sunionstore", "zrange"];
        Assert.Equal(
            commands.SelectMany(name => (string[])[$"types/worst/{name}/other", $"types/worst/{name}/same"]),
            steps.Where(step => step.Server == ServerNames.Anax).Select(step => step.Cell.Id).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(
            commands.Select(name => $"types/worst/{name}/same"),
            steps.Where(step => step.Server != ServerNames.Anax).Select(step => step.Cell.Id).Distinct().Order(StringComparer.Ordinal));
        Assert.Equal(3 * (10 + 5), steps.Length);
        Assert.Empty(MeasurementPlan.Make(settings with { SharedCpus = CpuList.Of(0) }, Samples.Servers));
    }

    [Fact]
    public void TheQuickRunLeavesTypesOut() =>
        Assert.DoesNotContain(MeasurementPlan.Make(Quick, Samples.Servers), step => step.Cell.Id.StartsWith("types/", StringComparison.Ordinal));

    [Theory]
    [InlineData("types/memory/small-s", "types/memory/small-set,types/memory/small-sorted-set")]
    [InlineData("types/speed/lrange_600,worst/del/same", "types/speed/lrange_600/p1/c50,types/speed/lrange_600/p16/c50,types/worst/del/same")]
    [InlineData("shared/get/p1/c30/90%", "shared/get/p1/c30,shared/get/p1/c30/90%")]
    [InlineData("fill,large-value", "split/fill,split/footprint/large-value")]
    [InlineData("20M", "split/get/p30/c30/20M,split/setex/p30/c30/20M")]
    [InlineData("nothing", "")]
    public void OnlyTheCellsThatAreAskedForAndWhatTheyReferTo(string texts, string expected)
    {
        RunSettings settings = Whole with { Cells = texts.Split(',') };
        string[] cells = [.. MeasurementPlan.Make(settings, Samples.Servers).Select(step => step.Cell.Id).Distinct().Order(StringComparer.Ordinal)];
        Assert.Equal(expected, string.Join(',', cells));
    }

    [Fact]
    public void AllServersOfACellFollowEachOther()
    {
        foreach (PlannedMeasurement[] together in Rotated().Chunk(4))
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
        Assert.Equal([Samples.Servers[0], Samples.Servers[2], Samples.Servers[0], Samples.Servers[2], Samples.Servers[0]], first);
        string[] last = [.. MeasurementPlan.Make(Whole, Samples.Servers)
            .Where(step => step.Cell == Samples.Setex && step.Round % 2 == 1).Chunk(4).Select(together => together[3].Server)];
        Assert.Equal([Samples.Servers[1], Samples.Servers[3], Samples.Servers[1], Samples.Servers[3]], last);
    }

    [Fact]
    public void NobodyAlwaysFollowsTheSameServer()
    {
        var pairs = Rotated().Chunk(4)
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
        Assert.Equal(4 * 9 + 4 * 3 + 4 * 5, plan.Count(step => step.Server == ServerNames.ValkeyIo));
        RunSettings large = Whole with { ServerCpus = CpuList.TryParse("0-3")!, ClientCpus = CpuList.TryParse("4-7")! };
        Assert.Equal(
            2 * (4 * 9 + 4 * 3 + 4 * 5) + 4 * 3,
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

    /// <summary>All of which every server takes part in.</summary>
    private static IEnumerable<PlannedMeasurement> Rotated() =>
        MeasurementPlan.Make(Whole, Samples.Servers).Where(step => InRotation.Contains(step.Cell.Kind));

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
    public void TheWholeRunFitsIntoNinetyMinutesAndTheQuickOneIntoFive()
    {
        string[] servers = [.. Samples.Servers, ServerNames.ValkeyIo, ServerNames.Floor];
        Assert.InRange(PlanTime.Of(MeasurementPlan.Make(Whole, servers), Whole).TotalMinutes, 60, 90);
        Assert.InRange(PlanTime.Of(MeasurementPlan.Make(Quick, servers), Quick).TotalMinutes, 1, 4);
    }

    [Fact]
    public void TimeIsTheSumOfItsParts()
    {
        RunSettings settings = Whole with { Seconds = 4, FillEntries = 600_000 };
        Assert.Equal(4.35, PlanTime.SecondsOf(new(Samples.Setex, "", 0), settings), 3);
        Assert.Equal(8.85, PlanTime.SecondsOf(new(Samples.Setex with { Connections = 1000 }, "", 0), settings), 3);
        Assert.Equal(6.35, PlanTime.SecondsOf(new(Cell.Rate(Layout.Split, Workload.Get, 50), "", 0), settings), 3);
        // 600,000 entries and half of them again.
        Assert.Equal(4.65, PlanTime.SecondsOf(new(Cell.Fill(), "", 0), settings), 3);
        // 100,000 keys to read, two million elements to take.
        Cell get = Row("GET", 1), pop = Row("LPOP", 16);
        Assert.Equal(4.35 + 0.125 + 0.35, PlanTime.SecondsOf(new(get, "", 0), settings), 3);
        Assert.Equal(4.35 + 2.5 + 0.35, PlanTime.SecondsOf(new(pop, "", 0), settings), 3);
        Assert.Equal(4.35, PlanTime.SecondsOf(new(Row("LPUSH", 16), "", 0), settings), 3);
        PlannedMeasurement step = new(Samples.Setex, ServerNames.Anax, 0);
        TimeSpan once = PlanTime.Of([step], settings), twice = PlanTime.Of([step, step with { Round = 1 }], settings);
        Assert.Equal(4.35, (twice - once).TotalSeconds, 3);

        static Cell Row(string title, int pipeline) => Cell.TypeSpeed(TypeRow.All.Single(row => row.Title == title), pipeline);
    }
}

using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
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
            .Where(step => step.Cell == Samples.Setex).Chunk(4).Select(together => together[0].Server)];
        Assert.Equal([.. Samples.Servers, Samples.Servers[0]], first);
        string[] second = [.. MeasurementPlan.Make(Whole, Samples.Servers)
            .Where(step => step.Cell == Samples.Setex).Chunk(4).Select(together => together[1].Server)];
        Assert.Equal([.. Samples.Servers[1..], .. Samples.Servers[..2]], second);
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
    }

    [Fact]
    public void ResumingLeavesOutExactlyWhatIsDone()
    {
        IReadOnlyList<PlannedMeasurement> plan = MeasurementPlan.Make(Whole, Samples.Servers);
        PlannedMeasurement[] done = [.. plan.Where((_, i) => i % 3 == 0)];
        IReadOnlyList<PlannedMeasurement> remaining =
            MeasurementPlan.Remaining(plan, done.Select(step => (step.Cell.Id, step.Server, step.Round)));
        Assert.Equal(plan.Where((_, i) => i % 3 != 0), remaining);
        Assert.Equal(plan, MeasurementPlan.Remaining(plan, []));
        Assert.Equal(plan, MeasurementPlan.Remaining(plan, [(Samples.Setex.Id, ServerNames.Anax, 99)]));
    }

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

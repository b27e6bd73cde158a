using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Plan;

/// <summary>
/// All measurements in their order. Within a round each cell is measured of all servers one after the other, so that
/// what is compared lies seconds apart. Which server begins goes round, and every second round runs backwards, so that
/// none always follows the same one.
/// </summary>
internal static class MeasurementPlan
{
    public const int Connections = 30;

    private static readonly int[] Pipelines = [1, 10, 30, 100];
    private static readonly int[] OtherConnections = [1, 1000];
    private static readonly int[] QuickPipelines = [1, 30];
    private static readonly int[] QuickSharedPipelines = [30];
    private static readonly int[] RatePercents = [50, 90];
    private static readonly int[] QuickRatePercents = [50];
    private static readonly Workload[] Workloads = [Workload.Setex, Workload.Get];

    public static IReadOnlyList<PlannedMeasurement> Make(RunSettings settings, IReadOnlyList<string> servers)
    {
        List<PlannedMeasurement> plan = [];
        foreach (Layout layout in settings.Layouts)
        {
            // The rates come second: they are shares of a maximum.
            IReadOnlyList<string> there = ServersOf(layout, settings, servers);
            Rotate(plan, MaximumCells(layout, settings.IsQuick), there, settings.Rounds);
            Rotate(plan, RateCells(layout, settings.IsQuick), there, settings.RateRounds);
        }

        if (settings.FillEntries != 0 && settings.Layouts.Contains(Layout.Split))
            Rotate(plan, [Cell.Fill()], [.. servers.Where(server => server != ServerNames.ValkeyIo)], settings.FillRounds);
        return plan;
    }

    /// <summary>
    /// What of an earlier run may stand: a cell's round of which all servers were measured, and well. One that was cut off
    /// or failed is measured again as a whole, because its servers are compared with each other.
    /// </summary>
    public static IReadOnlyList<Measurement> Kept(IReadOnlyList<PlannedMeasurement> plan, IEnumerable<Measurement> done)
    {
        Dictionary<(string Cell, int Round), int> wanted =
            plan.GroupBy(step => (step.Cell.Id, step.Round)).ToDictionary(group => group.Key, group => group.Count());
        return
        [
            .. from measurement in done
            where measurement.Failure.Length == 0
            group measurement by (measurement.Cell, measurement.Round) into round
            where round.Count() == wanted.GetValueOrDefault(round.Key)
            from measurement in round
            select measurement,
        ];
    }

    public static IReadOnlyList<PlannedMeasurement> Remaining(
        IReadOnlyList<PlannedMeasurement> plan, IEnumerable<Measurement> done)
    {
        HashSet<(string Cell, string Server, int Round)> known = [.. done.Select(one => (one.Cell, one.Server, one.Round))];
        return [.. plan.Where(step => !known.Contains((step.Cell.Id, step.Server, step.Round)))];
    }

    public static IReadOnlyList<Cell> MaximumCells(Layout layout, bool isQuick)
    {
        int[] pipelines = !isQuick ? Pipelines : layout == Layout.Split ? QuickPipelines : QuickSharedPipelines;
        int[] others = isQuick ? [] : OtherConnections;
        return
        [
            .. from pipeline in pipelines
            from workload in Workloads
            select Cell.Maximum(layout, workload, pipeline, Connections),
            .. from connections in others
            from workload in Workloads
            select Cell.Maximum(layout, workload, 1, connections),
        ];
    }

    public static IReadOnlyList<Cell> RateCells(Layout layout, bool isQuick)
    {
        if (isQuick && layout == Layout.Shared) return [];
        int[] percents = isQuick ? QuickRatePercents : RatePercents;
        return [.. from percent in percents from workload in Workloads select Cell.Rate(layout, workload, percent)];
    }

    /// <summary>On one CPU Valkey has none for I/O threads.</summary>
    private static IReadOnlyList<string> ServersOf(Layout layout, RunSettings settings, IReadOnlyList<string> servers) =>
        settings.ServerCpusOf(layout).Count > 1 ? servers : [.. servers.Where(server => server != ServerNames.ValkeyIo)];

    private static void Rotate(
        List<PlannedMeasurement> plan, IReadOnlyList<Cell> cells, IReadOnlyList<string> servers, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            for (int place = 0; place < cells.Count; place++)
            {
                for (int i = 0; i < servers.Count; i++)
                {
                    int turn = round % 2 == 0 ? i : servers.Count - 1 - i;
                    plan.Add(new PlannedMeasurement(cells[place], servers[(round + place + turn) % servers.Count], round));
                }
            }
        }
    }
}

/// <summary>One cell of one server in one round; the rounds count from 0.</summary>
internal sealed record PlannedMeasurement(Cell Cell, string Server, int Round);

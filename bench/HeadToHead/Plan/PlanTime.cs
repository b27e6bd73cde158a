using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Running;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Plan;

/// <summary>How long measurements take, before they are made.</summary>
internal static class PlanTime
{
    /// <summary>
    /// Of each workload before anything is measured, so that a server that compiles at run time has compiled.
    /// </summary>
    public const double WarmUpSeconds = 2;

    /// <summary>How often a thousand connections are made, to learn what one costs.</summary>
    public const int ConnectRuns = 10;

    /// <summary>Start and end of a client, and the files around it.</summary>
    private const double ClientSeconds = 0.35;

    /// <summary>Many connections are measured for longer, and take longer to come about.</summary>
    private const double ManyConnectionsSeconds = 0.5;

    private const double ServerStartSeconds = 1;

    /// <summary>A careful guess of how fast entries are written while a table grows.</summary>
    private const double FillPerSecond = 400_000;

    /// <summary>A careful guess of how fast elements of a few bytes are written for a row that needs them.</summary>
    private const double RowPerSecond = 800_000;

    /// <summary>Careful guesses of how fast the harness writes elements one by one, and many by one command.</summary>
    private const double ElementsPerSecond = 300_000, PackedElementsPerSecond = 700_000;

    /// <summary>A copy of what is then deleted, what the script is measured by, and coming to rest.</summary>
    private const double LongCommandSeconds = 3;

    /// <summary>Careful guesses of how fast connections are made, and a large value comes into memory that is new.</summary>
    private const double ConnectPerSecond = 5000, LargeBytesPerSecond = 100e6;

    /// <summary>All of it, with the servers' starts and the filling of what is read.</summary>
    public static TimeSpan Of(IReadOnlyList<PlannedMeasurement> plan, RunSettings settings)
    {
        double seconds = plan.Sum(step => SecondsOf(step, settings));
        double preparations = plan
            .Where(step => step.Group.Length != 0)
            .DistinctBy(step => (step.Group, step.Server, step.Cell.Threads)).Sum(PreparationSeconds);
        return TimeSpan.FromSeconds(seconds + preparations);
    }

    public static double SecondsOf(PlannedMeasurement step, RunSettings settings) => step.Cell.Kind switch
    {
        CellKind.Maximum or CellKind.ManyKeys or CellKind.ManyThreads or CellKind.Transaction => Seconds(step.Cell, settings) + ClientSeconds
            + (IsOfManyConnections(step.Cell) ? ManyConnectionsSeconds : 0),
        CellKind.Rate => settings.RateSeconds + ClientSeconds,
        CellKind.Fill => (settings.FillEntries + ClientArguments.OverwrittenOf(settings.FillEntries)) / FillPerSecond
            + ServerStartSeconds + 4 * ClientSeconds,
        CellKind.SmallEntries => 2 * FootprintMeasurer.SmallEntriesMin / FillPerSecond + ServerStartSeconds
            + (1 + FootprintMeasurer.SmallEntriesSizes) * (ClientSeconds + FootprintMeasurer.SettleMs / 1000.0),
        CellKind.IdleConnections => FootprintMeasurer.IdleConnections / ConnectPerSecond + 2 * ServerStartSeconds,
        CellKind.LargeCollection => FootprintMeasurer.LargeSizes[^1] / ElementsPerSecond + ServerStartSeconds
            + (1 + FootprintMeasurer.LargeSizes.Count) * FootprintMeasurer.SettleMs / 1000.0,
        CellKind.SmallCollections => FootprintMeasurer.SmallCollections * FootprintMeasurer.SmallElements / PackedElementsPerSecond
            + ServerStartSeconds + 2 * FootprintMeasurer.SettleMs / 1000.0,
        CellKind.TypeSpeed => settings.Seconds + ClientSeconds + BeforeSeconds(step.Cell, settings),
        CellKind.LongCommand => 2 * (settings.RateSeconds + ClientSeconds) + LongCommandSeconds,
        CellKind.LargeValue => FootprintMeasurer.LargeValueBytes / LargeBytesPerSecond + 2 * ServerStartSeconds,
    };

    /// <summary>
    /// How long the client's load lasts. A thousand connections cost the server some 50 ms to accept, which is in its
    /// processor time but no operation: so the load lasts longer.
    /// </summary>
    public static double Seconds(Cell cell, RunSettings settings) => cell.Kind switch
    {
        CellKind.Rate => settings.RateSeconds,
        _ => IsOfManyConnections(cell) ? 2 * settings.Seconds : settings.Seconds,
    };

    /// <summary>Of writing what a row reads or takes.</summary>
    private static double BeforeSeconds(Cell cell, RunSettings settings) => cell.Row!.Before.Length == 0
        ? 0
        : cell.Row.CountBefore(cell.Pipeline, settings.Seconds) / RowPerSecond + ClientSeconds;

    /// <summary>A start, the keys, the workloads, and what connections cost.</summary>
    private static double PreparationSeconds(PlannedMeasurement step)
    {
        if (step.Cell.Kind == CellKind.TypeSpeed) return ServerStartSeconds;
        if (step.Cell.Kind == CellKind.LongCommand)
            return ServerStartSeconds + (LongCommands.DeletedFields + 4 * LongCommands.Elements) / PackedElementsPerSecond;
        double keysSeconds = step.Server == ServerNames.Floor ? 0 : step.Cell.Keys / FillPerSecond + ClientSeconds;
        double connectSeconds = step.Cell.Kind is CellKind.Maximum or CellKind.Rate ? ConnectRuns * ClientSeconds : 0;
        return ServerStartSeconds + keysSeconds + MeasurementPlan.WorkloadsBeside(step.Cell).Count * (WarmUpSeconds + ClientSeconds) + connectSeconds;
    }

    private static bool IsOfManyConnections(Cell cell) => cell.Connections >= 1000;
}

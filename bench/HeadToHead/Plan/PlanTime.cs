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

    /// <summary>A start, the keys, both workloads, and what connections cost.</summary>
    private const double PreparationSeconds =
        ServerStartSeconds + RunSettings.Keys / FillPerSecond + 2 * WarmUpSeconds + (3 + ConnectRuns) * ClientSeconds;

    /// <summary>A careful guess of how fast entries are written while a table grows.</summary>
    private const double FillPerSecond = 300_000;

    /// <summary>All of it, with the servers' starts and the filling of what is read.</summary>
    public static TimeSpan Of(IReadOnlyList<PlannedMeasurement> plan, RunSettings settings)
    {
        double seconds = plan.Sum(step => SecondsOf(step, settings));
        int starts = plan
            .Where(step => step.Cell.Kind != CellKind.Fill)
            .Select(step => (step.Cell.Layout, step.Server)).Distinct().Count();
        return TimeSpan.FromSeconds(seconds + starts * PreparationSeconds);
    }

    public static double SecondsOf(PlannedMeasurement step, RunSettings settings) => step.Cell.Kind switch
    {
        CellKind.Maximum => Seconds(step.Cell, settings) + ClientSeconds
            + (IsOfManyConnections(step.Cell) ? ManyConnectionsSeconds : 0),
        CellKind.Rate => settings.RateSeconds + ClientSeconds,
        CellKind.Fill => settings.FillEntries / FillPerSecond + ServerStartSeconds + 3 * ClientSeconds,
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

    private static bool IsOfManyConnections(Cell cell) => cell.Connections >= 1000;
}

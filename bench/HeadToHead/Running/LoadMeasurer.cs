using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// Measures a maximum of any kind, or a rate, of a server that runs and is filled. Its processor time is taken just before the client
/// starts and just after it has ended, so the making of the connections is in it; <see cref="Preparation"/> says how
/// much that is.
/// </summary>
internal sealed class LoadMeasurer(RunSettings settings, RunFolder folder, CancellationToken stop)
{
    private const double HitShareMin = 0.99;

    /// <summary>For what a server does behind its answers.</summary>
    private const int SettleMs = 100;

    /// <param name="step">What to measure.</param>
    /// <param name="server">Of whom.</param>
    /// <param name="offeredPerSecond">Of a rate; 0 of a maximum.</param>
    public LoadFigures Measure(PlannedMeasurement step, ServerProcess server, double offeredPerSecond)
    {
        Cell cell = step.Cell;
        ClientRunner clients = new(settings, cell.Layout, folder, stop);
        double seconds = PlanTime.Seconds(cell, settings);
        IReadOnlyList<string> arguments = cell.Row is { } row
            ? ClientArguments.RowLoad(cell, row, step.Round, clients.Cpus.Count, seconds)
            : ClientArguments.Load(cell, step.Round, clients.Cpus.Count, seconds, offeredPerSecond);
        if (cell.Row is not null) Prepare(step, server, clients, seconds);

        LoopCounts? counts = cell.Kind is CellKind.ManyThreads or CellKind.Transaction ? ServerConnection.CountLoops(server.Port) : null;
        CpuInterval interval = CpuInterval.Start(server.Pid);
        ClientReport report = clients.Run(server.Port, arguments);
        CpuShares cpu = interval.End(report.Cpu);
        if (server.End() is { Length: > 0 } end) throw new ServerException(end);

        double hitShare = report.Reads == 0 ? 0 : (double)report.Hits / report.Reads;
        if ((cell.Workload is Workload.Get or Workload.Eval || cell.Row is { Before.Length: > 0 }) && hitShare < HitShareMin)
            throw new ClientException($"only {hitShare:P1} of the reads found something");
        return new LoadFigures
        {
            Replies = report.Replies,
            Seconds = report.Seconds,
            PerSecond = report.PerSecond,
            OfferedPerSecond = offeredPerSecond,
            HitShare = Rounded(hitShare),
            UserNs = Rounded(cpu.Server.UserNs / report.Replies),
            SystemNs = Rounded(cpu.Server.SystemNs / report.Replies),
            ClientUserNs = Rounded(report.Cpu.UserNs / report.Replies),
            ClientSystemNs = Rounded(report.Cpu.SystemNs / report.Replies),
            ClientIsLimit = report.IsLimit,
            OtherCpuShare = Rounded(cpu.OtherShare),
            ResidentBytes = CpuClock.ResidentBytes(server.Pid),
            // Windows behind the load's end, in which the last answers come, are the server's latency and not its rate.
            WorstWindowPerSecond = FillMath.Worst([.. report.Series.Take((int)(seconds * FillMath.WindowsPerSecond) + 1)]),
            Latency = report.Latency,
            Loops = counts is null ? null : ServerConnection.CountLoops(server.Port).Since(counts, report.Replies),
        };
    }

    /// <summary>Nothing is left of the row before, and what this one reads or takes away is there.</summary>
    private static void Prepare(PlannedMeasurement step, ServerProcess server, ClientRunner clients, double seconds)
    {
        using (RespConnection connection = new(server.Port))
        {
            string answer = connection.Ask("FLUSHALL", "SYNC");
            if (answer != "+OK") throw new ClientException($"FLUSHALL is answered: {answer}");
        }

        if (step.Cell.Row!.Before.Length != 0)
            clients.Run(server.Port, ClientArguments.RowBefore(step.Cell, step.Cell.Row, step.Round, clients.Cpus.Count, seconds));
        Thread.Sleep(SettleMs);
    }

    private static double Rounded(double value) => Math.Round(value, 3);
}

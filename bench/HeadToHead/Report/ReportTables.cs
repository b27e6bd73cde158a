using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;

namespace Anax.Bench.HeadToHead.Report;

/// <summary>
/// The tables of the report: a row for each cell and server. Medians of the rounds, in brackets the least and the
/// greatest; ratios are to another server in the same round. A server that is not there, and one that failed, has a row that
/// says so.
/// </summary>
internal sealed class ReportTables(ResultSummary summary)
{
    /// <summary>Behind a server's name where the client could not have made more load.</summary>
    public const string LimitMark = " †";

    private const double MicrosecondNs = 1e3;
    private const double Thousand = 1e3;
    private const double Million = 1e6;
    private const double MebibyteBytes = 1 << 20;

    private static readonly string[] Words = ["", "server"];

    public ReportTable Servers() => new(
        ["server", "version", "command in the split layout", "command in the shared layout"],
        [.. summary.Document.Servers.Select(server => server.Missing.Length != 0
            ? (IReadOnlyList<string>)[ServerNames.Title(server.Name), FigureText.None, server.Missing]
            : [ServerNames.Title(server.Name), server.Version, Code(server.SplitCommand), Code(server.SharedCommand)])])
    {
        WordColumns = 4,
    };

    public ReportTable Cpu(IReadOnlyList<Cell> cells) => new(
        [
            .. Words, "user µs", "user ratio to Valkey", "system µs", "CPU time per operation µs", "ratio to Valkey",
            .. With(cells, ServerNames.Floor, "ratio to the floor"), "client's CPU µs", "rounds",
        ],
        Rows(cells, (cell, server) =>
        [
            FigureText.Median(summary.Load(cell, server, load => load.UserNs), MicrosecondNs),
            FigureText.Ratio(summary.LoadRatio(cell, server, load => load.UserNs)),
            FigureText.Median(summary.Load(cell, server, load => load.SystemNs), MicrosecondNs),
            FigureText.WithRange(summary.Load(cell, server, load => load.CpuNs), MicrosecondNs),
            FigureText.Ratio(summary.LoadRatio(cell, server, load => load.CpuNs)),
            .. With(cells, ServerNames.Floor, RatioTo(ServerNames.Floor, cell, server, load => load.CpuNs)),
            FigureText.Median(summary.Load(cell, server, load => load.ClientCpuNs), MicrosecondNs),
            Rounds(cell, server),
        ]));

    public ReportTable Throughput(IReadOnlyList<Cell> cells) => new(
        [
            .. Words, "thousand operations/s", "ratio to Valkey",
            .. With(cells, ServerNames.ValkeyIo, "ratio to Valkey with I/O threads"), "worst 100 ms, thousand/s", "P50 µs", "P99 µs", "P99.9 µs",
            "P99.9 ratio to Valkey", "rounds",
        ],
        Rows(cells, (cell, server) =>
        [
            FigureText.WithRange(summary.Load(cell, server, load => load.PerSecond), Thousand),
            FigureText.Ratio(summary.LoadRatio(cell, server, load => load.PerSecond)),
            .. With(cells, ServerNames.ValkeyIo, RatioTo(ServerNames.ValkeyIo, cell, server, load => load.PerSecond)),
            FigureText.Median(summary.Load(cell, server, load => load.WorstWindowPerSecond), Thousand),
            FigureText.Median(summary.Load(cell, server, load => load.Latency.P50Us)),
            FigureText.Median(summary.Load(cell, server, load => load.Latency.P99Us)),
            FigureText.Median(summary.Load(cell, server, load => load.Latency.P999Us)),
            FigureText.Ratio(summary.LoadRatio(cell, server, load => load.Latency.P999Us)),
            Rounds(cell, server),
        ]));

    public ReportTable Rates(IReadOnlyList<Cell> cells) => new(
        [
            .. Words, "offered, thousand/s", "achieved, thousand/s", "P50 µs", "P99 µs", "P99.9 µs", "P99 ratio to Valkey",
            "P99.9 ratio to Valkey", .. With(cells, ServerNames.Floor, "P99 ratio to the floor", "P99.9 ratio to the floor"),
            "CPU time per operation µs", "CPU ratio to Valkey", "rounds",
        ],
        Rows(cells, (cell, server) =>
        [
            FigureText.Median(summary.Load(cell, server, load => load.OfferedPerSecond), Thousand),
            FigureText.Median(summary.Load(cell, server, load => load.PerSecond), Thousand),
            FigureText.Median(summary.Load(cell, server, load => load.Latency.P50Us)),
            FigureText.WithRange(summary.Load(cell, server, load => load.Latency.P99Us)),
            FigureText.WithRange(summary.Load(cell, server, load => load.Latency.P999Us)),
            FigureText.Ratio(summary.LoadRatio(cell, server, load => load.Latency.P99Us)),
            FigureText.Ratio(summary.LoadRatio(cell, server, load => load.Latency.P999Us)),
            .. With(
                cells, ServerNames.Floor, RatioTo(ServerNames.Floor, cell, server, load => load.Latency.P99Us),
                RatioTo(ServerNames.Floor, cell, server, load => load.Latency.P999Us)),
            FigureText.Median(summary.Load(cell, server, load => load.CpuNs), MicrosecondNs),
            FigureText.Ratio(summary.LoadRatio(cell, server, load => load.CpuNs)),
            Rounds(cell, server),
        ]));

    public ReportTable FillMemory(Cell cell) => new(
        [
            .. Words, "bytes per entry, mean", "worst", "ratio to Valkey", "CPU user µs", "CPU system µs", "CPU ratio to Valkey",
            "rounds",
        ],
        Rows([cell], (_, server) =>
        [
            FigureText.WithRange(summary.Fill(cell, server, FillMath.MeanBytes)),
            FigureText.WithRange(summary.Fill(cell, server, FillMath.WorstBytes)),
            FigureText.Ratio(summary.FillRatio(cell, server, FillMath.MeanBytes)),
            FigureText.Median(summary.Fill(cell, server, fill => fill.UserNs), MicrosecondNs),
            FigureText.Median(summary.Fill(cell, server, fill => fill.SystemNs), MicrosecondNs),
            FigureText.Ratio(summary.FillRatio(cell, server, fill => fill.CpuNs)),
            Rounds(cell, server),
        ]));

    public ReportTable FillSpeed(Cell cell) => new(
        [
            .. Words, "million entries/s, median of 100 ms", "ratio to Valkey", "P5 / median", "the same while overwriting",
            "worst 100 ms, million/s", "probe P50 µs", "probe P99 µs", "probe P99.9 µs", "probe maximum µs", "longest loop turn µs",
            "client's CPU µs", "rounds",
        ],
        Rows([cell], (_, server) =>
        [
            FigureText.WithRange(summary.Fill(cell, server, FillMath.MedianWindow), Million),
            FigureText.Ratio(summary.FillRatio(cell, server, FillMath.MedianWindow)),
            FigureText.Median(summary.Fill(cell, server, FillMath.Evenness)),
            FigureText.Median(summary.Fill(cell, server, FillMath.OverwriteEvenness)),
            FigureText.Median(summary.Fill(cell, server, FillMath.WorstWindow), Million),
            FigureText.Median(summary.Fill(cell, server, fill => fill.Probe.P50Us)),
            FigureText.Median(summary.Fill(cell, server, fill => fill.Probe.P99Us)),
            FigureText.WithRange(summary.Fill(cell, server, fill => fill.Probe.P999Us)),
            FigureText.WithRange(summary.Fill(cell, server, FillMath.ProbeMaxUs)),
            // Only Anax tells.
            FigureText.WithRange(summary.Figure(
                cell, server, one => one.Fill is { LongestTurnUs: > 0 } fill ? fill.LongestTurnUs : null)),
            FigureText.Median(summary.Fill(cell, server, fill => fill.ClientCpuNs), MicrosecondNs),
            Rounds(cell, server),
        ]));

    public ReportTable ManyThreads(IReadOnlyList<Cell> cells) => new(
        [
            .. Words, "thousand operations/s", "CPU time per operation µs", "user µs", "system µs", "hops", "batches", "wakes",
            "visits", "sleeps", "turns", "system calls", "rounds",
        ],
        Rows(cells, (cell, server) =>
        [
            FigureText.WithRange(summary.Load(cell, server, load => load.PerSecond), Thousand),
            FigureText.WithRange(summary.Load(cell, server, load => load.CpuNs), MicrosecondNs),
            FigureText.Median(summary.Load(cell, server, load => load.UserNs), MicrosecondNs),
            FigureText.Median(summary.Load(cell, server, load => load.SystemNs), MicrosecondNs),
            .. ((Func<LoopCounts, double>[])
            [
                loops => loops.Hops, loops => loops.Batches, loops => loops.Wakes, loops => loops.Visits,
                loops => loops.Sleeps, loops => loops.Turns, loops => loops.SystemCalls,
            ]).Select(count => FigureText.Median(
                summary.Figure(cell, server, one => one.Load?.Loops is { } loops ? count(loops) : null))),
            Rounds(cell, server),
        ]));

    public ReportTable Transactions(IReadOnlyList<Cell> cells) => new(
        [
            .. Words, "thousand operations/s", "ratio to Valkey", "CPU time per operation µs", "operations per CPU second, ratio to Valkey",
            "P99 µs", "client's CPU µs", "transactions", "their hops", "messages", "inline scripts", "rounds",
        ],
        Rows(cells, (cell, server) =>
        [
            FigureText.WithRange(summary.Load(cell, server, load => load.PerSecond), Thousand),
            FigureText.Ratio(summary.LoadRatio(cell, server, load => load.PerSecond)),
            FigureText.WithRange(summary.Load(cell, server, load => load.CpuNs), MicrosecondNs),
            FigureText.Ratio(summary.LoadRatio(cell, server, load => load.PerCpuSecond)),
            FigureText.Median(summary.Load(cell, server, load => load.Latency.P99Us)),
            FigureText.Median(summary.Load(cell, server, load => load.ClientCpuNs), MicrosecondNs),
            .. ((Func<LoopCounts, double>[])
                [loops => loops.Transactions, loops => loops.TransactionHops, loops => loops.Hops, loops => loops.InlineScripts])
                .Select(count => FigureText.Median(summary.Figure(
                    // Only Anax tells.
                    cell, server, one => one.Load?.Loops is { Turns: > 0 } loops ? count(loops) : null))),
            Rounds(cell, server),
        ]));

    public ReportTable SmallEntries(Cell cell) => new(
        [.. Words, "bytes per entry, mean", "worst", "ratio to Valkey", "rounds"],
        Rows([cell], (_, server) =>
        [
            FigureText.WithRange(summary.Figure(cell, server, one => one.SmallEntries?.MeanBytes)),
            FigureText.WithRange(summary.Figure(cell, server, one => one.SmallEntries?.WorstBytes)),
            FigureText.Ratio(summary.FigureRatio(cell, server, one => one.SmallEntries?.MeanBytes)),
            Rounds(cell, server),
        ]));

    public ReportTable IdleConnections(Cell cell) => new(
        [.. Words, "bytes per connection", "ratio to Valkey", "rounds"],
        Rows([cell], (_, server) =>
        [
            FigureText.WithRange(summary.Figure(cell, server, one => one.IdleConnections?.BytesEach)),
            FigureText.Ratio(summary.FigureRatio(cell, server, one => one.IdleConnections?.BytesEach)),
            Rounds(cell, server),
        ]));

    public ReportTable LargeValue(Cell cell) => new(
        [
            .. Words, "SET s", "SET throughput ratio to Valkey", "peak RSS during SET / value", "GET s",
            "GET throughput ratio to Valkey", "growth of RSS during GET, MiB", "rounds",
        ],
        Rows([cell], (_, server) =>
        [
            FigureText.WithRange(summary.Figure(cell, server, one => one.LargeValue?.SetSeconds)),
            FigureText.Ratio(summary.FigureRatio(cell, server, one => one.LargeValue?.SetBytesPerSecond)),
            FigureText.WithRange(summary.Figure(cell, server, one => one.LargeValue?.SetPeakShare)),
            FigureText.WithRange(summary.Figure(cell, server, one => one.LargeValue?.GetSeconds)),
            FigureText.Ratio(summary.FigureRatio(cell, server, one => one.LargeValue?.GetBytesPerSecond)),
            FigureText.WithRange(summary.Figure(cell, server, one => one.LargeValue?.GetGrowthBytes), MebibyteBytes),
            Rounds(cell, server),
        ]));

    public ReportTable Memory(IReadOnlyList<Cell> cells) => new(
        [.. Words, "bytes each", "ratio to Valkey", "by its own account", "rounds"],
        Rows(cells, (cell, server) =>
        [
            FigureText.WithRange(summary.Figure(cell, server, one => one.Collections?.MeanBytes)),
            FigureText.Ratio(summary.FigureRatio(cell, server, one => one.Collections?.MeanBytes)),
            FigureText.WithRange(summary.Figure(cell, server, one => one.Collections?.MeanUsedBytes)),
            Rounds(cell, server),
        ]));

    public ReportTable TypeSpeed(IReadOnlyList<Cell> cells) => new(
        [
            .. Words, "thousand operations per CPU second", "ratio to Valkey", "thousand operations/s", "ratio to Valkey", "P99 µs",
            "client's CPU µs", "rounds",
        ],
        Rows(cells, (cell, server) =>
        [
            FigureText.WithRange(summary.Load(cell, server, load => load.PerCpuSecond), Thousand),
            FigureText.Ratio(summary.LoadRatio(cell, server, load => load.PerCpuSecond)),
            FigureText.WithRange(summary.Load(cell, server, load => load.PerSecond), Thousand),
            FigureText.Ratio(summary.LoadRatio(cell, server, load => load.PerSecond)),
            FigureText.Median(summary.Load(cell, server, load => load.Latency.P99Us)),
            FigureText.Median(summary.Load(cell, server, load => load.ClientCpuNs), MicrosecondNs),
            Rounds(cell, server),
        ]));

    public ReportTable LongCommands(IReadOnlyList<Cell> cells) => new(
        [
            .. Words, "P99.9 without it µs", "P99.9 beside it µs", "ratio", "P50 beside it µs", "maximum beside it µs",
            "the other loop's longest turn without it µs", "the same beside it", "runs", "longest run ms", "rounds",
        ],
        Rows(cells, (cell, server) =>
        [
            FigureText.WithRange(summary.Figure(cell, server, one => one.LongCommand?.Yardstick.P999Us)),
            FigureText.WithRange(summary.Figure(cell, server, one => one.LongCommand?.Latency.P999Us)),
            FigureText.Ratio(summary.Figure(cell, server, one => one.LongCommand?.P999Ratio)),
            FigureText.Median(summary.Figure(cell, server, one => one.LongCommand?.Latency.P50Us)),
            FigureText.Median(summary.Figure(cell, server, one => one.LongCommand?.Latency.MaxUs)),
            // Only Anax tells.
            FigureText.WithRange(summary.Figure(
                cell, server, one => one.LongCommand is { YardstickTurnUs: > 0 } figures ? figures.YardstickTurnUs : null)),
            FigureText.WithRange(summary.Figure(cell, server, one => one.LongCommand is { TurnUs: > 0 } figures ? figures.TurnUs : null)),
            FigureText.Median(summary.Figure(cell, server, one => one.LongCommand?.Runs)),
            FigureText.Median(summary.Figure(cell, server, one => one.LongCommand?.LongestRunMs)),
            Rounds(cell, server),
        ]));

    public ReportTable Connections() => new(
        ["layout", "server", "CPU time per connection µs"],
        [.. from layout in summary.Document.Settings.Layouts
            from server in summary.Servers
            let cost = Spread.Of(summary.Document.Preparations
                .Where(preparation => preparation.Layout == layout && preparation.Server == server)
                .Select(preparation => preparation.ConnectionNs))
            let name = layout == Layout.Split ? "split" : "shared"
            select (IReadOnlyList<string>)[name, ServerNames.Title(server), FigureText.WithRange(cost, MicrosecondNs)]]);

    public ReportTable Failures() => new(
        ["cell", "server", "round", "reason"],
        [.. summary.Failures.Select(failed => (IReadOnlyList<string>)
            [failed.Cell, ServerNames.Title(failed.Server), $"{failed.Round + 1}", failed.Failure])])
    {
        WordColumns = 4,
    };

    private List<IReadOnlyList<string>> Rows(
        IReadOnlyList<Cell> cells, Func<Cell, string, IReadOnlyList<string>> figures)
    {
        List<IReadOnlyList<string>> rows = [];
        foreach (Cell cell in cells)
        {
            foreach (string server in summary.Servers)
            {
                IReadOnlyList<Measurement> all = summary.Of(cell, server);
                if (all.Count == 0) continue;
                string mark = summary.IsClientLimit(cell, server) ? LimitMark : "";
                IReadOnlyList<string> rest =
                    summary.CountGood(cell, server) == 0 ? [$"failed: {all[0].Failure}"] : figures(cell, server);
                rows.Add([cell.Title, ServerNames.Title(server) + mark, .. rest]);
            }
        }

        foreach (ResultServer missing in
            summary.MissingServers.Where(server => cells.Any(cell => MeasurementPlan.TakesPart(cell, server.Name))))
            rows.Add(["", ServerNames.Title(missing.Name), missing.Missing]);
        return rows;
    }

    /// <summary>Columns that are there only where a server is that they are about.</summary>
    private string[] With(IReadOnlyList<Cell> cells, string reference, params string[] columns) =>
        cells.Any(cell => summary.CountGood(cell, reference) != 0) ? columns : [];

    private string RatioTo(string reference, Cell cell, string server, Func<LoadFigures, double> figure) =>
        FigureText.Ratio(summary.LoadRatio(cell, server, figure, reference));

    private static string Code(string text) => text.Length == 0 ? FigureText.None : $"`{text}`";

    /// <summary>How many rounds have figures, and of how many where some failed.</summary>
    private string Rounds(Cell cell, string server)
    {
        int good = summary.CountGood(cell, server), all = summary.Of(cell, server).Count;
        return good == all ? $"{good}" : $"{good} of {all}";
    }
}

using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;

namespace Anax.Bench.HeadToHead.Report;

/// <summary>The few figures for a README: a row for each server, one that is not there too.</summary>
internal sealed class ReadmeTable(ResultSummary summary)
{
    private const double MicrosecondNs = 1e3;
    private const double Thousand = 1e3;
    private const double Million = 1e6;

    public string Write()
    {
        Layout layout = summary.Document.Settings.Layouts[0];
        Cell[] cells =
        [
            .. from pipeline in (int[])[1, 30]
            from workload in (Workload[])[Workload.Setex, Workload.Get]
            let cell = Cell.Maximum(layout, workload, pipeline, MeasurementPlan.Connections)
            where summary.Servers.Any(server => IsMeasured(cell, server))
            select cell,
        ];
        Cell fill = Cell.Fill();
        ReportTable table = new(
            [
                "", "version", .. cells.Select(cell => $"µs CPU per {cell.WorkloadTitle}, {Pipeline(cell)}"),
                "bytes per entry", "million entries/s while growing", "worst 100 ms, million/s", "reader's longest wait meanwhile, ms",
            ],
            [.. from server in summary.Document.Servers
                where server.Missing.Length != 0 || cells.Append(fill).Any(cell => IsMeasured(cell, server.Name))
                select server.Missing.Length != 0 ? Absent(server) : Row(server, cells, fill)]);
        return MarkdownWriter.Write(table);
    }

    private bool IsMeasured(Cell cell, string server) => summary.Of(cell, server).Count != 0;

    private static IReadOnlyList<string> Absent(ResultServer server) => [ServerNames.Title(server.Name), server.Missing];

    private IReadOnlyList<string> Row(ResultServer server, IReadOnlyList<Cell> cells, Cell fill) =>
    [
        ServerNames.Title(server.Name) + Mark(server, [.. cells, fill]), server.Version,
        .. cells.Select(cell => With(
            FigureText.Median(summary.Load(cell, server.Name, load => load.CpuNs), MicrosecondNs),
            summary.LoadRatio(cell, server.Name, load => load.CpuNs), server)),
        With(
            FigureText.Median(summary.Fill(fill, server.Name, FillMath.MeanBytes)),
            summary.FillRatio(fill, server.Name, FillMath.MeanBytes), server),
        FigureText.Median(summary.Fill(fill, server.Name, FillMath.MedianWindow), Million),
        FigureText.Median(summary.Fill(fill, server.Name, FillMath.WorstWindow), Million),
        FigureText.Median(summary.Fill(fill, server.Name, FillMath.ProbeMaxUs), Thousand),
    ];

    private string Mark(ResultServer server, IReadOnlyList<Cell> cells) =>
        cells.Any(cell => summary.IsClientLimit(cell, server.Name)) ? ReportTables.LimitMark : "";

    /// <summary>The ratio to Valkey in the same round stands behind, of all but Valkey itself.</summary>
    private static string With(string figure, Spread? ratio, ResultServer server) =>
        server.Name == ServerNames.Valkey || ratio is null ? figure : $"{figure} · {FigureText.Ratio(ratio)}";

    private static string Pipeline(Cell cell) => cell.Pipeline == 1 ? "no pipeline" : $"pipeline {cell.Pipeline}";
}

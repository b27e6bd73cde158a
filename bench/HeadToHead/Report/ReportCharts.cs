using System.Globalization;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Plots;

namespace Anax.Bench.HeadToHead.Report;

/// <summary>The pictures of the report. A server has the same colour in all of them.</summary>
internal sealed class ReportCharts(ResultSummary summary)
{
    private const double MicrosecondNs = 1e3;
    private const double Thousand = 1e3;
    private const double Million = 1e6;
    private const double WindowSeconds = 0.1;
    private const int WidthPx = 1000;
    private const string ValkeyIoColor = "#b8950b";
    private const string FloorColor = "#7a7f87";

    private static readonly Func<LoadFigures, double> CpuOf = load => load.CpuNs;

    /// <summary>Costs without and with a pipeline differ by ten, so they are shown by what Valkey's are.</summary>
    public ReportChart CpuRatio(string fileName, string layout, IReadOnlyList<Cell> cells) => Bars(
        fileName, $"CPU time per operation compared with Valkey's, {layout} layout", "% of Valkey's CPU time per operation",
        "Median of the rounds' ratios. Less is better; how far the control is from 100 is noise.", cells,
        (cell, server) => summary.LoadRatio(cell, server, CpuOf), 0.01);

    public ReportChart Cpu(string fileName, string title, IReadOnlyList<Cell> cells) => Bars(
        fileName, title, "server's CPU time per operation, µs", "User and system time together. Less is better.", cells,
        (cell, server) => summary.Load(cell, server, CpuOf), MicrosecondNs);

    public ReportChart Throughput(string fileName, string title, IReadOnlyList<Cell> cells) => Bars(
        fileName, title, "thousand operations per second", "More is better.", cells,
        (cell, server) => summary.Load(cell, server, load => load.PerSecond), Thousand);

    public ReportChart BytesPerEntry(string fileName, Cell cell)
    {
        (string Name, Func<FillFigures, double> Of)[] figures =
            [("mean over the last doubling", FillMath.MeanBytes), ("worst size", FillMath.WorstBytes)];
        BarSeries SeriesOf(string server) => new(
            ServerNames.Title(server), [.. figures.Select(figure => Bar(summary.Fill(cell, server, figure.Of), 1))]);
        BarChart chart = new(
            "Resident memory per entry", "bytes per entry", [.. figures.Select(figure => figure.Name)],
            [.. ServersOf([cell]).Select(SeriesOf)])
        {
            Subtitle = $"Growth of RSS by entries with a TTL and values of 64 bytes, at {FillMath.Sizes} sizes. Less is better.",
            Width = WidthPx,
        };
        return new ReportChart(fileName, chart.Title, chart.ToSvg());
    }

    /// <summary>One of the rounds, the first that has figures: medians of series would hide what happened.</summary>
    public ReportChart BytesBySize(string fileName, Cell cell) => Lines(
        fileName, "Resident memory per entry while the table grows", "million entries in the table",
        new Axis("bytes per entry"), "The last doubling of the first good round.", cell,
        fill => [.. FillMath.BytesPerEntry(fill).Select(size => new PlotPoint(size.Entries / Million, size.Bytes))]);

    public ReportChart FillThroughput(string fileName, Cell cell) => Lines(
        fileName, "Entries written while the table grows", "seconds since the fill began",
        new Axis("million entries per second"),
        "In each 100 ms of the first good round, until a server has all. Dips are pauses, of it or of the machine.", cell,
        fill => [.. FillMath.WindowsOf(fill).Select((rate, i) => new PlotPoint((i + 1) * WindowSeconds, rate / Million))]);

    public ReportChart FillProbe(string fileName, Cell cell) => Lines(
        fileName, "A reader's longest wait while the table grows", "seconds since the fill began",
        new Axis("longest latency in 100 ms, µs", AxisScale.Logarithmic),
        "One connection, 100 GETs per second, counted from when each should have been sent; the first good round.", cell,
        fill => [.. fill.ProbeMaxUs.Select((us, i) => new PlotPoint((i + 1) * WindowSeconds, us))]);

    /// <summary>Medians of the rounds for each percentile, and the rounds' range around them.</summary>
    public ReportChart Latency(string fileName, string layout, Cell cell)
    {
        double offered = summary.Load(cell, ServerNames.Valkey, load => load.OfferedPerSecond)?.Median ?? 0;
        string rate = string.Create(CultureInfo.InvariantCulture, $"{offered / Thousand:F1} thousand operations per second");
        LineChart chart = new(
            $"{cell.WorkloadTitle} at {cell.RatePercent} % of Valkey's maximum, {layout} layout",
            new Axis("percentile", AxisScale.Percentile), new Axis("latency, µs", AxisScale.Logarithmic),
            [.. ServersOf([cell]).Select(server => Curve(cell, server))])
        {
            Subtitle = $"{rate} offered to each; latencies from the intended time. Less is better.",
            Width = WidthPx,
        };
        return new ReportChart(fileName, chart.Title, chart.ToSvg());
    }

    private LineSeries Curve(Cell cell, string server)
    {
        List<PlotPoint> points = [];
        List<BandPoint> band = [];
        foreach ((double percent, Func<Latencies, double> us) in Latencies.Curve)
        {
            if (summary.Load(cell, server, load => us(load.Latency)) is not { } spread) continue;
            points.Add(new PlotPoint(percent, spread.Median));
            if (spread.Count > 1) band.Add(new BandPoint(percent, spread.Low, spread.High));
        }

        return new LineSeries(ServerNames.Title(server), points) { Band = band, Color = ColorOf(server) };
    }

    private ReportChart Bars(
        string fileName, string title, string valueTitle, string subtitle, IReadOnlyList<Cell> cells,
        Func<Cell, string, Spread?> figure, double unit)
    {
        bool isByConnections = cells.Select(cell => cell.Connections).Distinct().Count() > 1;
        BarSeries SeriesOf(string server) => new(
            ServerNames.Title(server) + Mark(cells, server), [.. cells.Select(cell => Bar(figure(cell, server), unit))])
        {
            Color = ColorOf(server),
        };
        BarChart chart = new(
            title, valueTitle, [.. cells.Select(cell => CategoryOf(cell, isByConnections))],
            [.. ServersOf(cells).Select(SeriesOf)])
        {
            Subtitle = subtitle,
            Width = WidthPx,
        };
        return new ReportChart(fileName, title, chart.ToSvg());
    }

    private ReportChart Lines(
        string fileName, string title, string xTitle, Axis y, string subtitle, Cell cell,
        Func<FillFigures, IReadOnlyList<PlotPoint>> points)
    {
        List<LineSeries> series = [];
        foreach (string server in summary.Servers)
        {
            if (summary.Fills(cell, server) is [FillFigures first, ..])
                series.Add(new LineSeries(ServerNames.Title(server) + Mark([cell], server), points(first)));
        }

        LineChart chart = new(title, new Axis(xTitle), y, series) { Subtitle = subtitle, Width = WidthPx };
        return new ReportChart(fileName, title, chart.ToSvg());
    }

    /// <summary>Those that were measured in one of the cells.</summary>
    private IEnumerable<string> ServersOf(IReadOnlyList<Cell> cells) =>
        summary.Servers.Where(server => cells.Any(cell => summary.CountGood(cell, server) != 0));

    private string Mark(IReadOnlyList<Cell> cells, string server) =>
        cells.Any(cell => summary.IsClientLimit(cell, server)) ? ReportTables.LimitMark : "";

    /// <summary>
    /// Null where the server is known by its name. A third Valkey and the floor are not, and must look the same everywhere.
    /// </summary>
    private static string? ColorOf(string server) => server switch
    {
        ServerNames.ValkeyIo => ValkeyIoColor,
        ServerNames.Floor => FloorColor,
        _ => null,
    };

    private static BarValue Bar(Spread? spread, double unit) => spread switch
    {
        null => new BarValue(double.NaN),
        { Count: 1 } one => new BarValue(one.Median / unit),
        { } several => new BarValue(several.Median / unit, several.Low / unit, several.High / unit),
    };

    /// <summary>By what the cells of the chart differ in beside their workload.</summary>
    private static string CategoryOf(Cell cell, bool isByConnections) =>
        isByConnections ? $"{cell.WorkloadTitle} {cell.Connections} conn." : $"{cell.WorkloadTitle} pipeline {cell.Pipeline}";
}

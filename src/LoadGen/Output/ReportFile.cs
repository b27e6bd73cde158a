using System.Globalization;
using Anax.LoadGen.Driver;
using Anax.LoadGen.Measuring;

namespace Anax.LoadGen.Output;

/// <summary>--report: one HTML page that holds all of itself, to be read, kept and printed.</summary>
internal static class ReportFile
{
    /// <summary>More columns fit the page only when they stand closer.</summary>
    private const int RoomyColumnsMax = 8;

    private const string Style = """
        :root { color-scheme: light; }
        body { margin: 0 auto; padding: 24px; max-width: 832px; background: #ffffff; color: #24292f; line-height: 1.45;
          font: 15px system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif; }
        h1 { font-size: 26px; margin: 0 0 4px; overflow-wrap: anywhere; }
        h2 { font-size: 17px; margin: 28px 0 6px; }
        p { margin: 6px 0; }
        code { font: 13px ui-monospace, 'Liberation Mono', 'DejaVu Sans Mono', monospace; overflow-wrap: anywhere; }
        pre { margin: 14px 0; padding: 10px 14px; background: #f3f5f7; border-radius: 6px; white-space: pre-wrap; }
        .alarm { padding: 9px 14px; background: #fff1e5; border-left: 4px solid #d55e00; }
        .tiles { display: flex; flex-wrap: wrap; gap: 10px; margin: 18px 0; }
        .tile { flex: 1 1 100px; padding: 10px 14px; background: #eef4fa; border-radius: 6px; }
        .tile b { display: block; font-size: 22px; }
        .tile span, dt, th { color: #57606a; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 3px 18px; margin: 0; }
        dd { margin: 0; overflow-wrap: anywhere; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
        th, td { padding: 4px 12px; text-align: right; border-bottom: 1px solid #e3e6ea; white-space: nowrap; }
        th { font-weight: normal; }
        .text { text-align: left; }
        td.text:last-child { white-space: normal; overflow-wrap: anywhere; min-width: 60px; }
        .dense { font-size: 13px; }
        .dense th, .dense td { padding: 4px 6px; }
        .note { color: #57606a; font-size: 13px; }
        figure { margin: 22px 0; }
        @media print { body { padding: 0; } figure, tr, .tile { break-inside: avoid; } th, td { padding: 3px 7px; } }

        """;

    public static void Write(string path, RunResult result, MachineFacts machine) =>
        File.WriteAllText(path, Page(result, machine));

    public static string Page(RunResult result, MachineFacts machine)
    {
        HtmlWriter html = new();
        string title = $"anax-bench: {ServerOf(result)}";
        html.Open("html", ("lang", "en"));
        html.Open("head");
        html.Void("meta", ("charset", "utf-8"));
        html.Void("meta", ("name", "viewport"), ("content", "width=device-width"));
        html.Element("title", title);
        html.Element("style", Style);
        html.Close();
        html.Open("body");
        html.Element("h1", title);
        html.Element("p", result.StartTime.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture), ("class", "note"));
        html.Open("pre");
        html.Element("code", result.CommandLine);
        html.Close();
        WriteAlarms(html, result);
        if (result.Steps.Count == 1) WriteTiles(html, result.Steps[0]);
        WriteFacts(html, result, machine);
        if (result.Steps.Count != 0) WriteResult(html, result);
        return html.Finish();
    }

    private static string ServerOf(RunResult result)
    {
        ServerAddress address = new(result.Options.Host, result.Options.Port, result.Options.UnixSocket);
        return result.ServerVersion.Length == 0 ? address.ToString() : $"{result.ServerVersion} at {address}";
    }

    private static void WriteAlarms(HtmlWriter html, RunResult result)
    {
        if (result.Failure.Length != 0) WriteAlarm(html, "The run broke off: ", result.Failure);
        string limit = RunNotes.ClientLimit(result);
        if (limit.Length != 0) WriteAlarm(html, "Warning: ", limit);
    }

    private static void WriteAlarm(HtmlWriter html, string kind, string text)
    {
        html.Open("p", ("class", "alarm"));
        html.Element("b", kind);
        html.Element("span", text);
        html.Close();
    }

    private static void WriteTiles(HtmlWriter html, PhaseRecord step)
    {
        LatencySummary latency = new(step.Latencies.Intended);
        html.Open("div", ("class", "tiles"));
        WriteTile(html, "requests/s", FigureText.Rate(step.Rate));
        WriteTile(html, "p50 µs", FigureText.ShortMicroseconds(latency.P50Ns));
        WriteTile(html, "p99 µs", FigureText.ShortMicroseconds(latency.P99Ns));
        WriteTile(html, "p99.9 µs", FigureText.ShortMicroseconds(latency.P999Ns));
        WriteTile(html, "hit rate", FigureText.HitRate(step));
        WriteTile(html, "errors", FigureText.Count(step.ErrorCount));
        html.Close();
    }

    private static void WriteTile(HtmlWriter html, string name, string figure)
    {
        html.Open("div", ("class", "tile"));
        html.Element("b", figure);
        html.Element("span", name);
        html.Close();
    }

    private static void WriteFacts(HtmlWriter html, RunResult result, MachineFacts machine)
    {
        html.Open("dl");
        WriteFact(html, "server", result.ServerVersion.Length == 0 ? "does not tell its version" : result.ServerVersion);
        WriteFact(html, "machine", machine.ToString());
        WriteFact(html, "client", $"anax-bench {BenchProcess.Version}, event loop {result.Backend}");
        WriteFact(html, "load", string.Create(CultureInfo.InvariantCulture,
            $"threads {result.Threads}, connections {result.Options.Connections} per thread"));
        html.Close();
    }

    private static void WriteFact(HtmlWriter html, string name, string fact)
    {
        html.Element("dt", name);
        html.Element("dd", fact);
    }

    private static void WriteResult(HtmlWriter html, RunResult result)
    {
        bool isOnly = result.Steps.Count == 1;
        foreach (ResultTable table in ResultTables.Of(result)) WriteTable(html, table);
        if (!isOnly) html.Chart(ReportCharts.LatencyAgainstLoad(result));
        html.Chart(ReportCharts.Throughput(result));
        html.Chart(ReportCharts.LatencyOverTime(result));
        html.Chart(ReportCharts.Percentiles(result));
        foreach (PhaseRecord step in result.Steps) html.Chart(ReportCharts.Histogram(step, isOnly));
    }

    private static void WriteTable(HtmlWriter html, ResultTable table)
    {
        html.Element("h2", table.Title);
        html.Open("div", ("class", "wide"));
        html.Open("table", ("class", table.Columns.Count > RoomyColumnsMax ? "dense" : "roomy"));
        html.Open("tr");
        foreach (TableColumn column in table.Columns) html.Element("th", column.Name, ("class", ClassOf(column)));
        html.Close();
        foreach (string[] row in table.Rows)
        {
            html.Open("tr");
            for (int i = 0; i < row.Length; i++) html.Element("td", row[i], ("class", ClassOf(table.Columns[i])));
            html.Close();
        }

        html.Close();
        html.Close();
        foreach (string note in table.Notes) html.Element("p", note, ("class", "note"));
    }

    private static string ClassOf(TableColumn column) => column.Kind == CellKind.Figure ? "figure" : "text";
}

using System.Globalization;
using Anax.LoadGen.Measuring;
using HdrHistogram;

namespace Anax.LoadGen.Output;

/// <summary>A run's result as tables.</summary>
internal static class ResultTables
{
    private const int HistogramRowsMax = 20;
    private const int BarColumns = 40;

    private const string BothTimes =
        "actual: from sending to reply; intended: from the time at which the schedule wanted it sent";

    private const string BusyTime =
        "busy: between two waits for events; with io_uring the kernel works for the thread also inside of a wait";

    /// <summary>All tables but the histogram, in the order in which they are read.</summary>
    public static IReadOnlyList<ResultTable> Of(RunResult result)
    {
        List<ResultTable> tables = [];
        if (result.Steps.Count > 1) tables.Add(Load(result));
        tables.Add(Requests(result));
        tables.AddRange(Latencies(result));
        tables.Add(Client(result));
        if (result.Steps.Any(step => step.ErrorCount != 0)) tables.Add(Errors(result));
        return tables;
    }

    /// <summary>The histogram of a step as rows of text, from the intended time where there is one.</summary>
    public static ResultTable Histogram(PhaseRecord step)
    {
        IReadOnlyList<LatencyBin> bins = LatencyBins.Of(step.Latencies.Intended, HistogramRowsMax);
        long total = step.Latencies.Intended.TotalCount;
        long most = bins.Count == 0 ? 0 : bins.Max(bin => bin.Count);
        List<string[]> rows = [];
        foreach (LatencyBin bin in bins)
        {
            string bar = new('#', (int)Math.Round((double)bin.Count / most * BarColumns));
            // What there is can be seen, however little.
            if (bar.Length == 0 && bin.Count != 0) bar = ".";
            rows.Add([FigureText.Microseconds(bin.FromNs), FigureText.Microseconds(bin.ToNs), FigureText.Count(bin.Count),
                ((double)bin.Count / total).ToString("0.000 %", CultureInfo.InvariantCulture), bar]);
        }

        string title = step.IsScheduled ? "Latencies from the intended time" : "Latencies";
        return new ResultTable(title, [new("from µs"), new("to µs"), new("requests"), new("share"), new("", CellKind.Bar)], rows);
    }

    private static ResultTable Load(RunResult result)
    {
        List<string[]> rows = [];
        foreach (PhaseRecord step in result.Steps)
        {
            LatencySummary latency = new(step.Latencies.Intended);
            rows.Add([step.Name, FigureText.Rate(RunNotes.Offered(result, step)), FigureText.Rate(step.Rate),
                FigureText.Microseconds(latency.P50Ns), FigureText.Microseconds(latency.P99Ns),
                FigureText.Microseconds(latency.P999Ns), FigureText.Microseconds(latency.MaxNs)]);
        }

        return new ResultTable("Latency against load", [new("step", CellKind.Text), new("offered/s"), new("achieved/s"),
            new("p50 µs"), new("p99 µs"), new("p99.9 µs"), new("max µs")], rows)
        {
            Notes = ["Batches per second and connection name the step; latencies are from the intended time."],
        };
    }

    private static ResultTable Requests(RunResult result)
    {
        bool isScheduled = result.Steps.Any(step => step.IsScheduled);
        List<TableColumn> columns = [new("step", CellKind.Text), new("requests"), new("seconds")];
        if (isScheduled) columns.Add(new("offered/s"));
        columns.AddRange([new("requests/s"), new("hit rate"), new("errors"), new("KB/s")]);
        List<string[]> rows = [];
        foreach (PhaseRecord step in result.Steps)
        {
            List<string> row = [step.Name, FigureText.Count(step.Replies), FigureText.Seconds(step.Seconds)];
            if (isScheduled) row.Add(FigureText.Rate(RunNotes.Offered(result, step)));
            row.AddRange([FigureText.Rate(step.Rate), FigureText.HitRate(step), FigureText.Count(step.ErrorCount),
                FigureText.Kilobytes(step)]);
            rows.Add([.. row]);
        }

        return new ResultTable("Requests", columns, rows) { Notes = RunNotes.SchedulesNotKept(result) };
    }

    // ---- latencies ----

    private static List<ResultTable> Latencies(RunResult result)
    {
        if (result.Steps.Count == 1) return [LatenciesOfOne(result.Steps[0])];
        return
        [
            LatenciesOfAll(result, "Latency from the intended time, µs", step => step.Latencies.Intended) with { Notes = [BothTimes] },
            LatenciesOfAll(result, "Actual latency, µs", step => step.Latencies.Actual),
        ];
    }

    /// <summary>A row for each figure, both times side by side.</summary>
    private static ResultTable LatenciesOfOne(PhaseRecord step)
    {
        LatencySummary actual = new(step.Latencies.Actual), intended = new(step.Latencies.Intended);
        List<string[]> rows = [];
        foreach ((string name, Func<LatencySummary, double> figure) in Figures())
        {
            string text = FigureText.Microseconds(figure(actual));
            rows.Add(step.IsScheduled ? [name, text, FigureText.Microseconds(figure(intended))] : [name, text]);
        }

        List<TableColumn> columns = [new("", CellKind.Text), new("actual")];
        if (step.IsScheduled) columns.Add(new("intended"));
        return new ResultTable("Latency, µs", columns, rows) { Notes = step.IsScheduled ? [BothTimes] : [] };
    }

    /// <summary>A row for each step.</summary>
    private static ResultTable LatenciesOfAll(RunResult result, string title, Func<PhaseRecord, HistogramBase> histogram)
    {
        List<TableColumn> columns = [new("step", CellKind.Text)];
        foreach ((string name, _) in Figures()) columns.Add(new(name));
        List<string[]> rows = [];
        foreach (PhaseRecord step in result.Steps)
        {
            LatencySummary latency = new(histogram(step));
            rows.Add([step.Name, .. Figures().Select(figure => FigureText.ShortMicroseconds(figure.Of(latency)))]);
        }

        return new ResultTable(title, columns, rows);
    }

    private static IEnumerable<(string Name, Func<LatencySummary, double> Of)> Figures()
    {
        yield return ("mean", latency => latency.MeanNs);
        yield return ("min", latency => latency.MinNs);
        foreach (double percent in LatencySummary.Percents)
            yield return (string.Create(CultureInfo.InvariantCulture, $"p{percent}"), latency => latency.At(percent));
        yield return ("max", latency => latency.MaxNs);
    }

    // ---- the client, errors ----

    private static ResultTable Client(RunResult result)
    {
        List<string[]> rows = [];
        foreach (PhaseRecord step in result.Steps)
        {
            foreach (ThreadRecorder thread in step.Threads)
            {
                ClientLoad load = ClientLoad.Of(thread);
                long cpuNs = thread.End.UserNs - thread.Start.UserNs + thread.End.SystemNs - thread.Start.SystemNs;
                string perRequest = thread.ReplyCount == 0 ? FigureText.None : FigureText.Rate((double)cpuNs / thread.ReplyCount);
                rows.Add([step.Name, thread.Thread.ToString(CultureInfo.InvariantCulture), FigureText.Percent(load.UserShare),
                    FigureText.Percent(load.SystemShare), FigureText.Percent(load.BusyShare), perRequest,
                    load.IsLimit ? "the limit" : ""]);
            }
        }

        return new ResultTable("Load threads of this client", [new("step", CellKind.Text), new("thread"), new("CPU user"),
            new("CPU system"), new("busy"), new("CPU ns/request"), new("", CellKind.Text)], rows)
        {
            Notes = [BusyTime],
        };
    }

    private static ResultTable Errors(RunResult result)
    {
        IEnumerable<string[]> rows = result.Steps.SelectMany(step => step.Errors)
            .GroupBy(error => error.Key, (text, all) => (Text: text, Count: all.Sum(one => one.Value)))
            .OrderByDescending(error => error.Count).ThenBy(error => error.Text, StringComparer.Ordinal)
            .Select(error => new[] { FigureText.Count(error.Count), FigureText.OneLine(error.Text) });
        return new ResultTable("Errors", [new("count"), new("text", CellKind.Text)], [.. rows]);
    }
}

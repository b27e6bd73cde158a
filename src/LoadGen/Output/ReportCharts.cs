using System.Globalization;
using Anax.LoadGen.Measuring;
using Anax.Plots;
using HdrHistogram;

namespace Anax.LoadGen.Output;

/// <summary>The charts of the report, each as SVG.</summary>
internal static class ReportCharts
{
    private const int HistogramBinsMax = 80;

    /// <summary>Points of a percentile curve per halving of what is left above it.</summary>
    private const int PointsPerHalf = 5;

    private const double MicrosecondNs = 1e3;
    private const double SecondNs = 1e9;

    private static readonly Axis TimeAxis = new("seconds") { Minimum = 0 };

    private static readonly (string Name, Func<LatencySummary, long> Of)[] Figures =
    [
        ("p50", latency => latency.P50Ns), ("p99", latency => latency.P99Ns),
        ("p99.9", latency => latency.P999Ns), ("max", latency => latency.MaxNs),
    ];

    public static string Throughput(RunResult result)
    {
        List<PlotPoint> replies = [], errors = [];
        foreach (PhaseRecord step in result.Steps)
        {
            IReadOnlyList<SeriesBin> series = step.Series;
            // The last one is not whole, so it would seem slow.
            int whole = Math.Max(Math.Min(1, series.Count), series.Count - 1);
            double seconds = Math.Min(SeriesBin.Ns / SecondNs, step.Seconds);
            for (int i = 0; i <= whole && whole != 0; i++)
            {
                // The end of the last interval is at its height.
                SeriesBin bin = series[Math.Min(i, whole - 1)];
                double second = SecondOf(result, step.StartNs) + i * seconds;
                replies.Add(new PlotPoint(second, bin.Replies / seconds));
                errors.Add(new PlotPoint(second, bin.Errors / seconds));
            }

            // Nothing is sent between two steps, and no line leads over.
            replies.Add(new PlotPoint(double.NaN, 0));
            errors.Add(new PlotPoint(double.NaN, 0));
        }

        LineSeries all = new("requests/s", replies) { Color = ServerColors.Anax, IsStep = true };
        bool hasErrors = result.Steps.Any(step => step.ErrorCount != 0);
        LineSeries[] lines = hasErrors ? [new LineSeries("errors/s", errors) { Color = "#c23b3b", IsStep = true }, all] : [all];
        return new LineChart("Throughput over time", TimeAxis, new Axis("requests per second"), lines)
        {
            Subtitle = "by the time of the reply, in intervals of 100 ms",
            Marks = StepMarks(result),
        }.ToSvg();
    }

    public static string LatencyOverTime(RunResult result)
    {
        List<LineSeries> lines = [];
        foreach ((string name, Func<LatencySummary, long> of) in Figures)
        {
            List<PlotPoint> points = [];
            foreach (PhaseRecord step in result.Steps)
            {
                foreach (SecondFigures second in step.PerSecond)
                    points.Add(new PlotPoint(SecondOf(result, second.EndNs), of(second.Latency) / MicrosecondNs));
                points.Add(new PlotPoint(double.NaN, 0));
            }

            lines.Add(new LineSeries(name, points));
        }

        return new LineChart("Latency over time", TimeAxis, LatencyAxis("latency, µs"), lines)
        {
            Subtitle = $"of about each second{FromWhen(result)}",
            Marks = StepMarks(result),
        }.ToSvg();
    }

    public static string Percentiles(RunResult result)
    {
        List<LineSeries> lines = [];
        bool isOne = result.Steps.Count == 1;
        foreach (PhaseRecord step in result.Steps)
        {
            string name = !isOne ? step.Name : step.IsScheduled ? "from the intended time" : "actual";
            lines.Add(Curve(name, step.Latencies.Intended));
            if (isOne && step.IsScheduled) lines.Add(Curve("actual", step.Latencies.Actual) with { Dash = LineDash.Dashed });
        }

        return new LineChart("Latency by percentile", new Axis("percentile", AxisScale.Percentile), LatencyAxis("latency, µs"), lines)
        {
            Subtitle = isOne ? "" : $"of each step{FromWhen(result)}",
        }.ToSvg();
    }

    public static string Histogram(PhaseRecord step, bool isOnly)
    {
        LatencySummary latency = new(step.Latencies.Intended);
        HistogramBin[] bins = [.. LatencyBins.Of(step.Latencies.Intended, HistogramBinsMax)
            .Select(bin => new HistogramBin(bin.FromNs / MicrosecondNs, bin.ToNs / MicrosecondNs, bin.Count))];
        Axis latencies = new("latency, µs", AxisScale.Logarithmic);
        return new HistogramChart(isOnly ? "Latencies" : $"Latencies at {step.Name}", latencies, new Axis("requests"), bins)
        {
            Subtitle = step.IsScheduled ? "from the intended time; ranges of equal width on the logarithmic axis"
                : "ranges of equal width on the logarithmic axis",
            Marks = [new PlotMark(latency.P50Ns / MicrosecondNs, "p50"), new PlotMark(latency.P99Ns / MicrosecondNs, "p99"),
                new PlotMark(latency.P999Ns / MicrosecondNs, "p99.9")],
        }.ToSvg();
    }

    public static string LatencyAgainstLoad(RunResult result)
    {
        PhaseRecord[] steps = [.. result.Steps.OrderBy(step => RunNotes.Offered(result, step))];
        List<LineSeries> lines = [];
        foreach ((string name, Func<LatencySummary, long> of) in Figures)
        {
            lines.Add(new LineSeries(name, [.. steps.Select(step => new PlotPoint(
                RunNotes.Offered(result, step), of(new LatencySummary(step.Latencies.Intended)) / MicrosecondNs))]));
        }

        return new LineChart("Latency against load", new Axis("offered requests per second"), LatencyAxis("latency, µs"), lines)
        {
            Subtitle = "from the intended time, one point per step",
        }.ToSvg();
    }

    private static LineSeries Curve(string name, HistogramBase histogram) =>
        new(name, [.. histogram.Percentiles(PointsPerHalf)
            .Select(value => new PlotPoint(value.PercentileLevelIteratedTo, value.ValueIteratedTo / MicrosecondNs))]);

    private static Axis LatencyAxis(string title) => new(title, AxisScale.Logarithmic);

    private static string FromWhen(RunResult result) =>
        result.Steps.Any(step => step.IsScheduled) ? ", from the intended time" : "";

    private static List<PlotMark> StepMarks(RunResult result)
    {
        List<PlotMark> marks = [];
        if (result.Steps.Count == 1) return marks;
        foreach (PhaseRecord step in result.Steps)
            marks.Add(new PlotMark(SecondOf(result, step.StartNs), step.Qps.ToString(CultureInfo.InvariantCulture)));
        return marks;
    }

    private static double SecondOf(RunResult result, long ns) => (ns - result.Steps[0].StartNs) / SecondNs;
}

using Anax.Bench.HeadToHead.Plan;

namespace Anax.Bench.HeadToHead.Results;

/// <summary>
/// From the raw fill to figures: bytes per entry over a doubling of the table, and how evenly it was written.
/// </summary>
internal static class FillMath
{
    /// <summary>Table sizes from half of the entries to all of them, both ends included.</summary>
    public const int Sizes = 21;

    public const double WindowsPerSecond = 10;

    private const double WindowMs = 100;

    /// <summary>
    /// What the server's resident memory grew by, per entry, at evenly spaced sizes over the last doubling. A table that
    /// grows in steps is dearer after a step than before the next: over a doubling every server has its share of both.
    /// </summary>
    public static IReadOnlyList<TableSize> BytesPerEntry(FillFigures fill)
    {
        if (fill.ResidentMs.Count == 0) return [];
        long total = fill.Series.Sum();
        double half = total / 2.0;
        TableSize[] sizes = new TableSize[Sizes];
        for (int i = 0; i < Sizes; i++)
        {
            double entries = half + half * i / (Sizes - 1);
            double bytes = ResidentAt(fill, TimeMsOf(fill, entries)) - fill.StartBytes;
            sizes[i] = new TableSize(entries, bytes / entries);
        }

        return sizes;
    }

    public static double MeanBytes(FillFigures fill) => BytesOf(fill).Average();

    public static double WorstBytes(FillFigures fill) => BytesOf(fill).Max();

    /// <summary>Entries per second in each whole window of 100 ms.</summary>
    public static IReadOnlyList<double> WindowsOf(IReadOnlyList<long> series) =>
        [.. series.Take(series.Count - 1).Select(replies => replies * WindowsPerSecond)];

    /// <summary>The least of all whole windows; 0 where there is none.</summary>
    public static double Worst(IReadOnlyList<long> series) => WindowsOf(series).DefaultIfEmpty(0).Min();

    /// <summary>The windows in which all connections wrote: at the end some have written their part already.</summary>
    public static IReadOnlyList<double> WindowsOf(FillFigures fill) => WindowsOfAll(fill.Series);

    public static double WorstWindow(FillFigures fill) => WindowsOf(fill).DefaultIfEmpty(0).Min();

    public static double MedianWindow(FillFigures fill) => Spread.Of(WindowsOf(fill))?.Median ?? 0;

    /// <summary>The longest wait of the probe while entries were written, µs.</summary>
    public static double ProbeMaxUs(FillFigures fill) => fill.ProbeMaxUs.DefaultIfEmpty(0).Max();

    /// <summary>The window that one of twenty is not better than; 0 where there is none.</summary>
    public static double FifthPercentile(FillFigures fill) => FifthPercentile(WindowsOf(fill));

    /// <summary>The fifth percentile by the median, 0 to 1: how much slower the slow windows are.</summary>
    public static double Evenness(FillFigures fill) => Evenness(WindowsOf(fill));

    /// <summary>The same of the run that overwrote: what is uneven there is not the table's growth.</summary>
    public static double OverwriteEvenness(FillFigures fill) => Evenness(WindowsOfAll(fill.OverwriteSeries));

    /// <summary>The one by the other; 0 where nothing was overwritten.</summary>
    public static double EvennessToOverwrite(FillFigures fill) =>
        OverwriteEvenness(fill) is > 0 and double overwrite ? Evenness(fill) / overwrite : 0;

    private static double FifthPercentile(IReadOnlyList<double> windows)
    {
        double[] sorted = [.. windows.Order()];
        return sorted.Length == 0 ? 0 : sorted[Math.Max(0, (int)Math.Ceiling(sorted.Length * 0.05) - 1)];
    }

    private static double Evenness(IReadOnlyList<double> windows) =>
        Spread.Of(windows) is { Median: > 0 } spread ? FifthPercentile(windows) / spread.Median : 0;

    private static IReadOnlyList<double> WindowsOfAll(IReadOnlyList<long> series)
    {
        double last = series.Sum() * (1 - 1.0 / Cell.FillConnections);
        int whole = 0;
        for (double written = 0; whole < series.Count && written + series[whole] <= last; whole++) written += series[whole];
        return WindowsOf([.. series.Take(whole + 1)]);
    }

    private static IEnumerable<double> BytesOf(FillFigures fill) =>
        BytesPerEntry(fill).Select(size => size.Bytes).DefaultIfEmpty(0);

    /// <summary>When the table had so many entries; evenly within an interval.</summary>
    private static double TimeMsOf(FillFigures fill, double entries)
    {
        double before = 0;
        for (int i = 0; i < fill.Series.Count; i++)
        {
            double inside = fill.Series[i];
            if (before + inside >= entries && inside > 0)
            {
                double endMs = i == fill.Series.Count - 1 ? fill.Seconds * 1000 : (i + 1) * WindowMs;
                double startMs = i * WindowMs;
                return startMs + Math.Max(0, endMs - startMs) * (entries - before) / inside;
            }

            before += inside;
        }

        return fill.Seconds * 1000;
    }

    /// <summary>Between two samples in a straight line.</summary>
    private static double ResidentAt(FillFigures fill, double ms)
    {
        IReadOnlyList<double> times = fill.ResidentMs;
        int after = 0;
        while (after < times.Count && times[after] < ms) after++;
        if (after == 0) return fill.ResidentBytes[0];
        if (after == times.Count) return fill.ResidentBytes[^1];
        double part = (ms - times[after - 1]) / (times[after] - times[after - 1]);
        return fill.ResidentBytes[after - 1] + part * (fill.ResidentBytes[after] - fill.ResidentBytes[after - 1]);
    }
}

/// <summary>Bytes per entry when the table held so many entries.</summary>
internal readonly record struct TableSize(double Entries, double Bytes);

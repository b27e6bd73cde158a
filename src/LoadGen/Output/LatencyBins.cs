using HdrHistogram;
using HdrHistogram.Iteration;

namespace Anax.LoadGen.Output;

/// <summary>A histogram's values in ranges that are equally wide on a logarithmic axis, with round bounds.</summary>
internal static class LatencyBins
{
    /// <summary>Below it a range would be narrower than what the histogram tells apart.</summary>
    private const double NsMin = 100;

    /// <summary>Ranges per power of ten, the finest first: as many as there is room for.</summary>
    private static readonly int[] PerDecade = [20, 10, 5, 3, 2, 1];

    /// <summary>From the least value to the greatest without gaps, at most so many; none of an empty histogram.</summary>
    public static IReadOnlyList<LatencyBin> Of(HistogramBase histogram, int binsMax)
    {
        if (histogram.TotalCount == 0) return [];
        double low = Math.Max(NsMin, histogram.GetValueAtPercentile(0));
        double high = Math.Max(NsMin, histogram.GetMaxValue());
        double[] bounds = [];
        foreach (int perDecade in PerDecade)
        {
            bounds = Bounds(low, high, perDecade);
            if (bounds.Length - 1 <= binsMax) break;
        }

        long[] counts = new long[bounds.Length - 1];
        int bin = 0;
        foreach (HistogramIterationValue value in histogram.RecordedValues())
        {
            double middle = histogram.MedianEquivalentValue(value.ValueIteratedTo);
            while (bin < counts.Length - 1 && middle >= bounds[bin + 1]) bin++;
            counts[bin] += value.CountAddedInThisIterationStep;
        }

        LatencyBin[] bins = new LatencyBin[counts.Length];
        for (int i = 0; i < bins.Length; i++) bins[i] = new LatencyBin(bounds[i], bounds[i + 1], counts[i]);
        return bins;
    }

    private static double[] Bounds(double low, double high, int perDecade)
    {
        int first = (int)Math.Floor(Math.Log10(low) * perDecade);
        // A bound is rounded, perhaps up.
        if (Bound(first, perDecade) > low) first--;
        List<double> bounds = [Bound(first, perDecade)];
        for (int i = first + 1; bounds.Count == 1 || bounds[^1] <= high; i++) bounds.Add(Bound(i, perDecade));
        return [.. bounds];
    }

    private static double Bound(int number, int perDecade)
    {
        int decade = (int)Math.Floor((double)number / perDecade);
        double digits = Math.Pow(10, (double)number / perDecade - decade);
        return Math.Round(digits, perDecade > 10 ? 2 : 1) * Math.Pow(10, decade);
    }
}

/// <summary>How many latencies lie from one (inclusive) to the other.</summary>
internal readonly record struct LatencyBin(double FromNs, double ToNs, long Count);

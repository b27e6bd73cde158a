namespace Anax.Bench.HeadToHead.Results;

/// <summary>The median of the rounds, and the least and the greatest of them.</summary>
internal readonly record struct Spread(double Median, double Low, double High, int Count)
{
    /// <summary>Null of nothing.</summary>
    public static Spread? Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? null : new Spread(MedianOf(sorted), sorted[0], sorted[^1], sorted.Length);
    }

    /// <summary>Of ascending values: the one in the middle, or the mean of the two there.</summary>
    private static double MedianOf(double[] sorted)
    {
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

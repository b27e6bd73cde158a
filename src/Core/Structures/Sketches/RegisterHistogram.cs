namespace Anax.Core.Structures;

/// <summary>
/// How many registers of a HyperLogLog have each value, and the estimate that follows: Otmar Ertl, "New cardinality
/// estimation algorithms for HyperLogLog sketches", arXiv:1702.01284, algorithm 6.
/// </summary>
internal readonly ref struct RegisterHistogram(Span<int> counts)
{
    /// <summary>Values that six bits can hold.</summary>
    internal const int Length = 64;

    /// <summary>1 / (2 ln 2).</summary>
    private const double AlphaInfinity = 0.721347520444481703680;

    private readonly Span<int> _counts = counts;

    internal void Add(int value, int registers) => _counts[value] += registers;

    /// <summary>The most likely number of elements; the least long where registers have values that no element gives.</summary>
    internal long Estimate()
    {
        const double M = HyperLogLog.Registers;
        double z = M * Tau((M - _counts[HyperLogLog.ValueMax]) / M);
        for (int value = HyperLogLog.RestBits; value >= 1; value--) z = (z + _counts[value]) * 0.5;
        z += M * Sigma(_counts[0] / M);
        double estimate = Math.Round(AlphaInfinity * M * M / z, MidpointRounding.AwayFromZero);
        return estimate < long.MaxValue ? (long)estimate : long.MinValue;
    }

    private static double Sigma(double x)
    {
        if (x == 1) return double.PositiveInfinity;
        double y = 1, z = x, before;
        do
        {
            x *= x;
            before = z;
            z += x * y;
            y += y;
        }
        while (before != z);
        return z;
    }

    private static double Tau(double x)
    {
        if (x is 0 or 1) return 0;
        double y = 1, z = 1 - x, before;
        do
        {
            x = Math.Sqrt(x);
            before = z;
            y *= 0.5;
            z -= (1 - x) * (1 - x) * y;
        }
        while (before != z);
        return z / 3;
    }
}

namespace Anax.LoadGen.Workload;

/// <summary>
/// Ranks from 1 to a maximum, rank k with probability proportional to k^-exponent: rejection-inversion (Hörmann and
/// Derflinger, "Rejection-inversion to generate variates from monotone discrete distributions", 1996), which needs no
/// table, however large the range. Immutable.
/// </summary>
internal sealed class ZipfSampler
{
    // Below this the quotients are computed by their series, because the difference would lose its digits.
    private const double Small = 1e-4;

    private readonly double _exponent;
    private readonly double _count;
    private readonly double _integralFirst;
    private readonly double _integralLast;
    private readonly double _acceptDistance;

    public ZipfSampler(double count, double exponent)
    {
        (_count, _exponent) = (count, exponent);
        _integralFirst = Integral(1.5) - 1;
        _integralLast = Integral(count + 0.5);
        _acceptDistance = 2 - InverseIntegral(Integral(2.5) - Density(2));
    }

    public ulong Next(ref FastRandom random)
    {
        while (true)
        {
            // Uniform under the hat's integral, then back to the axis, rounded to a rank.
            double u = _integralLast + random.NextDouble() * (_integralFirst - _integralLast);
            double x = InverseIntegral(u);
            double rank = Math.Clamp(Math.Floor(x + 0.5), 1, _count);
            if (rank - x <= _acceptDistance || u >= Integral(rank + 0.5) - Density(rank)) return (ulong)rank;
        }
    }

    private double Density(double x) => Math.Exp(-_exponent * Math.Log(x));

    /// <summary>The integral of the density from 1 to x: a logarithm where the exponent is 1.</summary>
    private double Integral(double x)
    {
        double log = Math.Log(x);
        return ExpQuotient((1 - _exponent) * log) * log;
    }

    private double InverseIntegral(double u)
    {
        double scaled = Math.Max(-1, u * (1 - _exponent));
        return Math.Exp(LogQuotient(scaled) * u);
    }

    /// <summary>(e^x - 1) / x.</summary>
    private static double ExpQuotient(double x) =>
        Math.Abs(x) > Small ? (Math.Exp(x) - 1) / x : 1 + x / 2 * (1 + x / 3 * (1 + x / 4));

    /// <summary>log(1 + x) / x.</summary>
    private static double LogQuotient(double x) =>
        Math.Abs(x) > Small ? Math.Log(1 + x) / x : 1 - x * (0.5 - x * (1.0 / 3 - x / 4));
}

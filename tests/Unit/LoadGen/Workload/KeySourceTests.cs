using Anax.LoadGen.Options;
using Anax.LoadGen.Workload;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Workload;

/// <summary>Keys are drawn as their distribution says, from a fixed seed, compared with what theory expects.</summary>
public sealed class KeySourceTests
{
    private const int Draws = 200_000;

    [Theory]
    [InlineData(0UL, 99UL)]
    [InlineData(1_000UL, 1_006UL)]
    [InlineData(7UL, 7UL)]
    public void UniformKeysFillTheirRangeEvenly(ulong minimum, ulong maximum)
    {
        double[] counts = Count(new BenchOptions { KeyMinimum = minimum, KeyMaximum = maximum });
        double expected = (double)Draws / counts.Length;
        // A count is off by more than five standard deviations once in a million.
        Assert.All(counts, count => Assert.InRange(count, expected - 5 * Math.Sqrt(expected), expected + 5 * Math.Sqrt(expected)));
    }

    [Fact]
    public void NormalKeysHaveTheirMeanAndDeviation()
    {
        (double mean, double deviation) = Moments(new BenchOptions
        {
            KeyMinimum = 1_000,
            KeyMaximum = 2_000,
            KeyDistribution = KeyDistribution.Normal,
            KeyStddev = 50,
        });
        Assert.InRange(mean, 1_499.5, 1_500.5);
        Assert.InRange(deviation, 49.5, 50.5);
        // Without one it is a sixth of the range, of which a little is cut off at both ends.
        (mean, deviation) = Moments(new BenchOptions { KeyMaximum = 5_999, KeyDistribution = KeyDistribution.Normal });
        Assert.InRange(mean, 2_990, 3_010);
        Assert.InRange(deviation, 980, 990);
    }

    [Fact]
    public void ADeviationBeyondTheRangeStaysInIt()
    {
        double[] counts = Count(new BenchOptions { KeyMaximum = 9, KeyDistribution = KeyDistribution.Normal, KeyStddev = 1e9 });
        Assert.All(counts, count => Assert.InRange(count, Draws / 10 * 0.95, Draws / 10 * 1.05));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.99)]
    [InlineData(1.0)]
    [InlineData(1.5)]
    [InlineData(3.0)]
    public void ZipfianKeysFollowTheirPowerLaw(double alpha)
    {
        double[] counts = Count(new BenchOptions { KeyMaximum = 999, KeyDistribution = KeyDistribution.Zipfian, ZipfAlpha = alpha });
        double[] expected = [.. Enumerable.Range(1, 1000).Select(rank => Math.Pow(rank, -alpha))];
        double factor = Draws / expected.Sum();
        double distance = 0;
        int compared = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            double mean = expected[i] * factor;
            if (mean < 10) continue;
            distance += (counts[i] - mean) * (counts[i] - mean) / mean;
            compared++;
        }

        // Pearson's statistic: its mean is the number compared, its deviation the root of twice that.
        Assert.True(compared >= 10, $"{compared} ranks compared");
        Assert.InRange(distance, compared - 5 * Math.Sqrt(2 * compared), compared + 5 * Math.Sqrt(2 * compared));
    }

    [Fact]
    public void AZipfianRangeMayBeAsLargeAsItIs()
    {
        BenchOptions options = new() { KeyMaximum = long.MaxValue, KeyDistribution = KeyDistribution.Zipfian };
        KeySource source = new(options, KeySource.MakeZipf(options), 0, 1);
        FastRandom random = new(5);
        int first = 0;
        for (int i = 0; i < Draws; i++)
        {
            ulong key = source.Next(ref random);
            Assert.True(key <= long.MaxValue);
            if (key == 0) first++;
        }

        // The zeta sum over 2^63 ranks at 0.99 is 54.9 + 0.6, by the integral.
        Assert.InRange(first, Draws / 57.0, Draws / 52.0);
    }

    [Theory]
    [InlineData(10, 3)]
    [InlineData(12, 4)]
    [InlineData(7, 10)]
    [InlineData(1, 1)]
    [InlineData(1, 5)]
    public void InOrderTheConnectionsTouchEachKeyOnceBeforeAnyAgain(int keys, int connections)
    {
        BenchOptions options = new()
        {
            KeyMinimum = 100,
            KeyMaximum = 100 + (ulong)keys - 1,
            KeyDistribution = KeyDistribution.Sequential,
        };
        KeySource[] sources = [.. Enumerable.Range(0, connections).Select(i => new KeySource(options, null, i, connections))];
        FastRandom random = new(1);
        List<ulong> drawn = [];
        for (int round = 0; drawn.Count < 5 * keys; round++) drawn.AddRange(sources.Select(source => source.Next(ref random)));
        for (int i = 0; i < 5 * keys; i++) Assert.Equal(100 + (ulong)(i % keys), drawn[i]);
    }

    private static double[] Count(BenchOptions options)
    {
        double[] counts = new double[options.KeyMaximum - options.KeyMinimum + 1];
        foreach (ulong key in Draw(options)) counts[key - options.KeyMinimum]++;
        return counts;
    }

    private static (double Mean, double Deviation) Moments(BenchOptions options)
    {
        double[] keys = [.. Draw(options).Select(key => (double)key)];
        double mean = keys.Average();
        return (mean, Math.Sqrt(keys.Sum(key => (key - mean) * (key - mean)) / keys.Length));
    }

    private static ulong[] Draw(BenchOptions options)
    {
        KeySource source = new(options, KeySource.MakeZipf(options), 0, 1);
        FastRandom random = new(20_241_124);
        ulong[] keys = new ulong[Draws];
        for (int i = 0; i < Draws; i++) keys[i] = source.Next(ref random);
        return keys;
    }
}

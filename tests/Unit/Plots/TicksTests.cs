using Anax.Plots;
using Xunit;

namespace Anax.Tests.Unit.Plots;

/// <summary>Ticks are round, within the axis, and no more than asked for.</summary>
public sealed class TicksTests
{
    [Theory]
    [InlineData(10, 5, 2)]
    [InlineData(10, 10, 1)]
    [InlineData(9, 3, 5)]
    [InlineData(0.3, 3, 0.1)]
    [InlineData(7e6, 4, 2e6)]
    [InlineData(100, 1, 100)]
    [InlineData(101, 1, 200)]
    public void AStepIsOneTwoOrFive(double distance, int countMax, double expected) =>
        Assert.Equal(expected, Ticks.NiceStep(distance, countMax), expected * 1e-12);

    [Fact]
    public void StepsSpanWithinTheCount()
    {
        Random random = new(1);
        for (int i = 0; i < 10_000; i++)
        {
            double distance = Math.Pow(10, random.NextDouble() * 40 - 20);
            int count = random.Next(1, 15);
            double step = Ticks.NiceStep(distance, count);
            double digit = step / Math.Pow(10, Math.Floor(Math.Log10(step) + 1e-9));
            Assert.Contains(Math.Round(digit, 6), new double[] { 1, 2, 5 });
            Assert.InRange(distance / step, count / 2.5 - 1e-6, count + 1e-6);
        }
    }

    [Fact]
    public void LinearTicksAreTheMultiplesWithin()
    {
        Assert.Equal([0, 20, 40, 60, 80, 100], Values(Ticks.Linear(0, 100, 6)));
        Assert.Equal([-1, -0.5, 0, 0.5, 1], Values(Ticks.Linear(-1.2, 1.2, 5)));
        // Both ends are ticks even where their quotient is inexact.
        Assert.Equal(["0", "0.1", "0.2", "0.3"], Labels(Ticks.Linear(0, 0.1 + 0.2, 3)));
        Assert.Equal(["1.2 M", "1.3 M", "1.4 M"], Labels(Ticks.Linear(1.15e6, 1.45e6, 4)));
    }

    [Fact]
    public void DecadesAreLabelledAndTheLinesWithinAreNot()
    {
        List<Tick> ticks = Ticks.Logarithmic(0, 4, 6, 800);
        Assert.Equal(["1", "10", "100", "1,000", "10 K"], Labels(ticks));
        Assert.Equal(4 * 9 + 1, ticks.Count);
        Assert.Equal(["1", "10", "100", "1,000", "10 K"], Values(Ticks.Logarithmic(0, 4, 6, 100)).Select(NumberText.OfRound));
    }

    [Fact]
    public void RoomForMoreIsUsedForTwoAndFive() =>
        Assert.Equal(["1", "2", "5", "10", "20", "50", "100"], Labels(Ticks.Logarithmic(0, 2, 7, 500)));

    [Fact]
    public void ManyDecadesAreSkippedEvenly() =>
        Assert.Equal(["1e−9", "0.000001", "0.001", "1", "1,000", "1 M", "1 G"], Labels(Ticks.Logarithmic(-9, 9, 7, 500)));

    [Fact]
    public void PartOfADecadeHasLinearTicks()
    {
        List<Tick> ticks = Ticks.Logarithmic(6, Math.Log10(2e6), 6, 500);
        Assert.Equal(["1.0 M", "1.2 M", "1.4 M", "1.6 M", "1.8 M", "2.0 M"], Labels(ticks));
    }

    [Fact]
    public void PercentilesAreTheHalfAndTheNines()
    {
        Assert.Equal(["0 %", "50 %", "90 %", "99 %", "99.9 %", "99.99 %"], Labels(Ticks.Percentiles(0, 4, false)));
        Assert.Equal(["0 %", "50 %", "90 %", "99 %", "99.9 %", "100 %"], Labels(Ticks.Percentiles(0, 3.5, true)));
        Assert.Equal(["90 %", "99 %"], Labels(Ticks.Percentiles(1, 2, false)));
        Assert.All(Ticks.Percentiles(0, 12, false), t => Assert.Equal(t.Label, $"{(decimal)t.Value} %"));
    }

    [Theory]
    [InlineData(50, 0.30103)]
    [InlineData(0, 0)]
    [InlineData(90, 1)]
    [InlineData(99.99, 4)]
    [InlineData(100, 12)]
    public void NinesCountTheNines(double percentile, double expected) =>
        Assert.Equal(expected, Ticks.Nines(percentile), 1e-5);

    [Theory]
    [InlineData(70, 50, 100)]
    [InlineData(100, 100, 100)]
    [InlineData(0.03, 0.02, 0.05)]
    [InlineData(1.1, 1, 2)]
    [InlineData(500, 500, 500)]
    public void ExponentsAreRoundedToOneTwoAndFive(double value, double down, double up)
    {
        Assert.Equal(down, Math.Pow(10, Ticks.RoundExponent(Math.Log10(value), isUp: false)), down * 1e-9);
        Assert.Equal(up, Math.Pow(10, Ticks.RoundExponent(Math.Log10(value), isUp: true)), up * 1e-9);
    }

    private static IEnumerable<double> Values(IEnumerable<Tick> ticks) => ticks.Select(t => Math.Round(t.Value, 9));

    private static IEnumerable<string> Labels(IEnumerable<Tick> ticks) => ticks.Select(t => t.Label).Where(l => l.Length > 0);
}

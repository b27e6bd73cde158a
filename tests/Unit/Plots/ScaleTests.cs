using Anax.Plots;
using Xunit;

namespace Anax.Tests.Unit.Plots;

/// <summary>Values lie where their axis says, and every axis has a begin, an end and ticks whatever its data.</summary>
public sealed class ScaleTests
{
    private static readonly double[] Extremes =
    [
        0, -0.0, 1, -1, 1e-320, 1e-300, 1e300, -1e300, double.MaxValue, double.NaN, double.PositiveInfinity,
        double.NegativeInfinity, 100, 99.999999999999, 1 + 1e-15,
    ];

    [Fact]
    public void AVerticalAxisStartsAtZeroAndEndsAtATick()
    {
        Scale scale = Scale.Vertical(new Axis("y"), Range(AxisScale.Linear, 180, 930), 300);
        Assert.Equal(0, scale.Fraction(0), 1e-12);
        Assert.Equal(1, scale.Fraction(1000), 1e-12);
        Assert.Equal(0.5, scale.Fraction(500), 1e-12);
        Assert.Equal(1000, scale.Ticks[^1].Value);
    }

    [Fact]
    public void AHorizontalAxisSpansItsData()
    {
        Scale scale = Scale.Horizontal(new Axis("x"), Range(AxisScale.Linear, 1.1e6, 2.3e6), 700);
        Assert.Equal(0, scale.Fraction(1.1e6), 1e-12);
        Assert.Equal(1, scale.Fraction(2.3e6), 1e-12);
    }

    [Fact]
    public void EqualRatiosAreEqualDistancesOnALogarithmicAxis()
    {
        Scale scale = Scale.Horizontal(new Axis("x", AxisScale.Logarithmic), Range(AxisScale.Logarithmic, 1, 1e6), 700);
        Assert.Equal(1 / 6.0, scale.Fraction(10), 1e-12);
        Assert.Equal(scale.Fraction(2e4) - scale.Fraction(1e4), scale.Fraction(20) - scale.Fraction(10), 1e-12);
        Assert.False(scale.CanShow(0));
        Assert.False(scale.CanShow(-1));
    }

    [Fact]
    public void EveryNineIsAsWideAsTheOneBefore()
    {
        Scale scale = Scale.Horizontal(new Axis("x", AxisScale.Percentile), Range(AxisScale.Percentile, 0, 99.99, 100), 700);
        Assert.Equal(scale.Fraction(99) - scale.Fraction(90), scale.Fraction(99.9) - scale.Fraction(99), 1e-9);
        Assert.Equal(0, scale.Fraction(0));
        Assert.Equal(1, scale.Fraction(100));
        Assert.InRange(scale.Fraction(99.99), 0.8, 0.95);
        Assert.False(scale.CanShow(100.1));
    }

    [Fact]
    public void LimitsHoldAndContradictionsDoNot()
    {
        Scale set = Scale.Vertical(new Axis("y") { Minimum = 100, Maximum = 250 }, Range(AxisScale.Linear, 5, 900), 300);
        Assert.Equal(0, set.Fraction(100), 1e-12);
        Assert.Equal(1, set.Fraction(250), 1e-12);
        Assert.True(set.Fraction(900) > 1);
        Scale contradictory = Scale.Vertical(new Axis("y") { Minimum = 9, Maximum = 1 }, Range(AxisScale.Linear, 0, 10), 300);
        Assert.Equal(1, contradictory.Fraction(10), 1e-12);
        Axis impossible = new("y", AxisScale.Logarithmic) { Minimum = 0 };
        Assert.Equal(0, Scale.Vertical(impossible, Range(AxisScale.Logarithmic, 10, 100), 300).Fraction(10), 1e-9);
    }

    [Fact]
    public void BarsLeaveRoomAboveTheHighest()
    {
        Scale scale = Scale.Bars(80, 200, 40);
        Assert.Equal(0, scale.Fraction(0));
        Assert.Equal(1 - 40 / 200.0, scale.Fraction(80), 1e-12);
    }

    [Fact]
    public void LabelsOfAnAxisDoNotTouch()
    {
        Random random = new(3);
        for (int i = 0; i < 3_000; i++)
        {
            AxisScale kind = (AxisScale)random.Next(3);
            double length = random.Next(250, 900);
            double low = Math.Pow(10, random.Next(-9, 12)), high = low * (1 + Math.Pow(10, random.Next(-7, 9)));
            if (kind == AxisScale.Percentile) (low, high) = (random.NextDouble() * 60, 100 - Math.Pow(10, -random.Next(9)));
            Scale scale = Scale.Horizontal(new Axis("x", kind), Range(kind, low, high), length);
            double right = double.NegativeInfinity;
            foreach (Tick tick in scale.Ticks.Where(t => t.Label.Length > 0))
            {
                double half = TextWidth.Of(tick.Label, SvgWriter.FontSize) / 2;
                double middle = scale.Fraction(tick.Value) * length;
                Assert.True(middle - half > right, $"{kind} from {low} to {high}: {tick.Label} at {length} px");
                right = middle + half;
            }
        }
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    [InlineData(700)]
    public void WideLabelsMakeFewerTicks(double length)
    {
        Scale scale = Scale.Horizontal(new Axis("x"), Range(AxisScale.Linear, 1_000_000, 1_000_014), length);
        Assert.All(scale.Ticks, t => Assert.NotEmpty(t.Label));
        Assert.InRange(scale.Ticks.Count, 2, length / TextWidth.Of("1,000,000", SvgWriter.FontSize) + 1);
    }

    [Theory]
    [InlineData(AxisScale.Linear)]
    [InlineData(AxisScale.Logarithmic)]
    [InlineData(AxisScale.Percentile)]
    public void EveryRangeHasAnAxis(AxisScale kind)
    {
        double?[] limits = [null, .. Extremes.Select(e => (double?)e)];
        var cases = from first in Extremes from second in Extremes from limit in limits select (first, second, limit);
        foreach ((double first, double second, double? limit) in cases)
        {
            DataRange range = Range(kind, first, second);
            Axis low = new("a", kind) { Minimum = limit }, high = new("a", kind) { Maximum = limit };
            Scale[] scales =
                [Scale.Vertical(low, range, 300), Scale.Horizontal(high, range, 700), Scale.Vertical(high, range, 300)];
            foreach (Scale scale in scales)
            {
                string what = $"{first}, {second}, limit {limit}";
                Assert.True(scale.Ticks.Count is >= 1 and < 100, $"{what}: {scale.Ticks.Count} ticks");
                Assert.All(scale.Ticks, t => Assert.True(scale.Fraction(t.Value) is > -0.001 and < 1.001, $"{what}: {t}"));
                Assert.True(!scale.CanShow(first) || double.IsFinite(scale.Fraction(first)), what);
            }
        }
    }

    private static DataRange Range(AxisScale kind, params double[] values)
    {
        DataRange range = new(kind);
        foreach (double value in values) range.Include(value);
        return range;
    }
}

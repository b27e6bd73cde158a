using System.Globalization;
using Anax.Plots;
using Xunit;

namespace Anax.Tests.Unit.Plots;

/// <summary>Numbers read the same everywhere and tell apart what differs.</summary>
public sealed class NumberTextTests
{
    [Theory]
    [InlineData(1.25, "1.3")]
    [InlineData(-0.01, "0")]
    [InlineData(1234.5678, "1234.6")]
    [InlineData(2.0, "2")]
    [InlineData(1.0 / 3, "0.3")]
    public void CoordinatesHaveOneDecimal(double value, string expected) => Assert.Equal(expected, NumberText.Coordinate(value));

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1000, "1,000")]
    [InlineData(5000, "5,000")]
    [InlineData(10_000, "10 K")]
    [InlineData(500_000, "500 K")]
    [InlineData(1e6, "1 M")]
    [InlineData(2e9, "2 G")]
    [InlineData(0.001, "0.001")]
    [InlineData(1e-9, "1e−9")]
    [InlineData(1e21, "1e21")]
    public void RoundNumbersAreGrouped(double value, string expected) => Assert.Equal(expected, NumberText.OfRound(value));

    [Fact]
    public void PowersOfTenKeepTheirSuffix()
    {
        for (int e = 6; e < 18; e++) Assert.DoesNotMatch(@"\d{4}|,", NumberText.OfRound(Math.Pow(10, e) * (1 - 1e-15)));
    }

    [Theory]
    [InlineData(1.234, "1.23")]
    [InlineData(1.2, "1.20")]
    [InlineData(12.34, "12.3")]
    [InlineData(123.4, "123")]
    [InlineData(5, "5")]
    [InlineData(0.05678, "0.0568")]
    [InlineData(999.7, "1,000")]
    [InlineData(9.999, "10.0")]
    [InlineData(1234.4, "1,234")]
    [InlineData(9999.7, "10.0 K")]
    [InlineData(12_345, "12.3 K")]
    [InlineData(999_950, "1.00 M")]
    [InlineData(1_234_567, "1.23 M")]
    [InlineData(-42.42, "−42.4")]
    [InlineData(0, "0")]
    [InlineData(0.0000123, "1.23e−5")]
    [InlineData(1e300, "1e300")]
    [InlineData(double.NaN, "–")]
    [InlineData(double.PositiveInfinity, "∞")]
    public void MeasuredNumbersHaveThreeDigits(double value, string expected) =>
        Assert.Equal(expected, NumberText.OfValue(value));

    [Theory]
    [InlineData(0, 2500, "0", "2,500", "5,000", "7,500")]
    [InlineData(0, 5000, "0", "5 K", "10 K", "15 K")]
    [InlineData(0, 500_000, "0", "0.5 M", "1.0 M", "1.5 M")]
    [InlineData(-0.5, 0.5, "−0.5", "0", "0.5", "1.0")]
    [InlineData(1_000_000, 1, "1,000,000", "1,000,001", "1,000,002", "1,000,003")]
    public void TicksOfAnAxisShareASuffix(double first, double step, params string[] expected)
    {
        double[] values = [first, first + step, first + 2 * step, first + 3 * step];
        Assert.Equal(expected, NumberText.OfTicks(values, step));
    }

    [Fact]
    public void TicksDifferInTheirLabels()
    {
        Random random = new(2);
        for (int i = 0; i < 5_000; i++)
        {
            double step = Math.Pow(10, random.Next(-12, 20)) * (i % 3 == 0 ? 1 : i % 3 == 1 ? 2 : 5);
            double first = step * Math.Floor(Math.Pow(10, random.NextDouble() * 8));
            double[] values = [first, first + step, first + 2 * step];
            string[] labels = NumberText.OfTicks(values, step);
            Assert.True(labels.Distinct().Count() == labels.Length, $"{first} + {step}: {string.Join(" | ", labels)}");
        }
    }

    [Fact]
    public void TheCultureDoesNotMatter()
    {
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            NumberFormatInfo other = new() { NumberDecimalSeparator = ",", NumberGroupSeparator = "." };
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = other };
            Assert.Equal("1.5", NumberText.Coordinate(1.5));
            Assert.Equal("1.23 M", NumberText.OfValue(1_234_567));
            Assert.Equal("5,000", NumberText.OfRound(5_000));
            Assert.Equal(["0", "0.5"], NumberText.OfTicks([0, 0.5], 0.5));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}

using System.Globalization;
using System.Xml.Linq;
using Anax.Plots;
using Xunit;

namespace Anax.Tests.Unit.Plots;

/// <summary>Bars are as high as their values, say them, and stay legible however many they are.</summary>
public sealed class BarChartTests
{
    private static readonly string[] Servers = ["anax", "valkey", "valkey (control)", "garnet", "dragonfly"];

    [Fact]
    public void HeightsAreProportionalToValues()
    {
        double[] values = [10, 25, 40, 7.5];
        ParsedChart chart = new(new BarChart("t", "time (ms)", ["a", "b", "c", "d"], [Series("s", values)]).ToSvg());
        double[] heights = [.. Bars(chart).Select(b => ParsedChart.Value(b, "height"))];
        for (int i = 0; i < values.Length; i++) Assert.Equal(values[i] / values[2], heights[i] / heights[2], 0.003);
        var bottoms = Bars(chart).Select(b => ParsedChart.Value(b, "y") + ParsedChart.Value(b, "height"));
        Assert.Single(bottoms.Select(y => Math.Round(y)).Distinct());
        Assert.Equal("0", chart.Labels("y-labels")[0]);
    }

    [Fact]
    public void EveryBarBearsItsValueAboveItself()
    {
        ParsedChart chart = new(new BarChart("t", "v", ["a", "b"], [Series("x", 1.234, 5), Series("y", 1_234_567, 0)]).ToSvg());
        string[] expected = ["1.23", "5", "1.23 M", "0"];
        Assert.All(expected, text => Assert.Contains(text, chart.TextValues));
        XElement highest = Bars(chart).MinBy(b => ParsedChart.Value(b, "y"))!;
        TextBox label = chart.Texts.Single(t => t.Text == "1.23 M");
        Assert.InRange(label.Bottom, ParsedChart.Value(highest, "y") - 12, ParsedChart.Value(highest, "y"));
        double left = ParsedChart.Value(highest, "x");
        Assert.InRange((label.Left + label.Right) / 2, left, left + ParsedChart.Value(highest, "width"));
    }

    [Fact]
    public void AWhiskerSpansItsRangeAndTheLabelStandsAboveIt()
    {
        BarSeries series = new("anax", [new BarValue(50, 40, 80)]);
        ParsedChart chart = new(new BarChart("t", "v", ["a"], [series]).ToSvg());
        double bottom = ParsedChart.Value(Bars(chart)[0], "y") + ParsedChart.Value(Bars(chart)[0], "height");
        double perUnit = ParsedChart.Value(Bars(chart)[0], "height") / 50;
        string[] numbers = chart.Drawn("path").Single().Attribute("d")!.Value.Split('M', ' ', 'h', 'V', 'H');
        Assert.Equal(bottom - 80 * perUnit, double.Parse(numbers[2], CultureInfo.InvariantCulture), 0.3);
        Assert.Contains("min … max", chart.TextValues);
        Assert.True(chart.Texts.Single(t => t.Text == "50" && t.Left > 60).Bottom <= bottom - 80 * perUnit);
    }

    [Fact]
    public void WhatIsMissingIsADash()
    {
        ParsedChart chart = new(new BarChart("t", "v", ["a", "b", "c"], [Series("s", 1, double.NaN)]).ToSvg());
        Assert.Single(Bars(chart));
        Assert.Equal(2, chart.Texts.Count(t => t.Text == "–" && t.Degrees == 0));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 5)]
    [InlineData(12, 4)]
    [InlineData(12, 5)]
    [InlineData(40, 5)]
    [InlineData(5, 30)]
    public void AnyNumberOfBarsIsLegible(int categories, int series)
    {
        Random random = new(8);
        string[] names = [.. Enumerable.Range(0, categories).Select(i => $"MGET {i} keys")];
        BarSeries[] all = [.. Enumerable.Range(0, series).Select(i =>
            new BarSeries(i < Servers.Length ? Servers[i] : $"server {i}", [.. names.Select(_ => Measured(random))]))];
        BarChart bars = new("CPU per operation", "CPU time per operation (µs)", names, all) { CategoryTitle = "command" };
        ParsedChart chart = new(bars.ToSvg());
        Assert.Equal(categories * series, Bars(chart).Count);
        Assert.All(chart.Texts, t => Assert.True(t.Size >= 12));
        chart.AssertTextsAreInside();
        chart.AssertNumbersAreShort();
        // Thirty to a group are more than can bear labels that do not touch.
        if (series <= 5) chart.AssertTextsDoNotOverlap();
    }

    [Fact]
    public void LongNamesAreWrappedOrTurned()
    {
        string[] wrapped = ["a name of several words", "write-behind", "x"];
        ParsedChart chart = new(new BarChart("t", "v", wrapped, [Series("s", 1, 2, 3)]) { Width = 400 }.ToSvg());
        Assert.Contains("a name of", chart.TextValues);
        Assert.All(chart.Part("categories").Descendants(), t => Assert.Null(t.Attribute("transform")));

        string[] turned = ["Donaudampfschifffahrt", "Supercalifragilistic", "AnUnbreakableNameThatIsLongerThanAllOthers", "x"];
        chart = new(new BarChart("t", "v", turned, [Series("s", 1, 2, 3, 4)]) { Width = 500 }.ToSvg());
        Assert.All(chart.Texts.Where(t => turned.Contains(t.Text)), t => Assert.Equal(-35, t.Degrees));
        Assert.Contains("Donaudampfschifffahrt", chart.TextValues);
        chart.AssertTextsAreInside();
    }

    [Fact]
    public void ANameThatHasNoRoomIsShortened()
    {
        string[] names = [new('w', 60), "b", "c", "d", "e", "f"];
        ParsedChart chart = new(new BarChart("t", "v", names, [Series("s", 1, 2, 3, 4, 5, 6)]) { Width = 320 }.ToSvg());
        TextBox name = chart.Texts.Single(t => t.Text.StartsWith('w'));
        Assert.EndsWith("…", name.Text, StringComparison.Ordinal);
        Assert.InRange(name.Left, 12, 30);
    }

    [Fact]
    public void LegendAndTitlesAreAboveThePlot()
    {
        ParsedChart chart = new(new BarChart("t", "v", ["a", "b"], [.. Servers.Select(s => Series(s, 3, 4))]).ToSvg());
        double top = chart.Drawn("rect").Min(b => ParsedChart.Value(b, "y"));
        TextBox[] legend = [.. chart.Texts.Where(t => Servers.Contains(t.Text))];
        Assert.Equal(Servers.Length, legend.Length);
        Assert.All(legend, t => Assert.True(t.Bottom < top));
        Assert.Equal(Servers.Select(ServerColors.Find), Bars(chart).Take(5).Select(b => ParsedChart.Inherited(b, "fill")));
    }

    [Fact]
    public void EveryInputMakesAChart()
    {
        double[] values =
            [0, -1, 1, 1e-320, 1e300, double.MaxValue, double.NaN, double.PositiveInfinity, double.NegativeInfinity];
        for (int seed = 0; seed < 500; seed++)
        {
            Random random = new(seed);
            double any() => values[random.Next(values.Length)];
            BarValue value(int i) => new(any(), any(), any());
            BarSeries one(int i) => new($"s{i}", [.. Enumerable.Range(0, random.Next(6)).Select(value)]);
            string[] names = [.. Enumerable.Range(0, random.Next(6)).Select(i => new string('n', random.Next(0, 60)))];
            BarSeries[] series = [.. Enumerable.Range(0, random.Next(6)).Select(one)];
            BarChart bars = new("t", "v", names, series) { Width = random.Next(1_000), Height = random.Next(600) };
            ParsedChart chart = new(bars.ToSvg());
            Assert.Equal(bars.ToSvg(), bars.ToSvg());
            chart.AssertTextsAreInside();
            chart.AssertNumbersAreShort();
            Assert.All(Bars(chart), b => Assert.True(ParsedChart.Value(b, "height") >= 0, $"seed {seed}"));
        }
    }

    private static BarSeries Series(string name, params double[] values) => new(name, [.. values.Select(v => (BarValue)v)]);

    private static BarValue Measured(Random random)
    {
        double value = random.NextDouble() * 8;
        return new BarValue(value, value * 0.9, value * 1.1);
    }

    private static IReadOnlyList<XElement> Bars(ParsedChart chart) => chart.Drawn("rect");
}

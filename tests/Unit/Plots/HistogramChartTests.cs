using System.Xml.Linq;
using Anax.Plots;
using Xunit;

namespace Anax.Tests.Unit.Plots;

/// <summary>Ranges lie side by side on their axis, as high as their counts.</summary>
public sealed class HistogramChartTests
{
    private static readonly Axis Latency = new("latency (µs)", AxisScale.Logarithmic);

    [Fact]
    public void HeightsAreProportionalToCountsAndRangesAreAdjacent()
    {
        HistogramBin[] bins = [new(10, 20, 100), new(20, 40, 400), new(40, 80, 50)];
        IReadOnlyList<XElement> bars = new ParsedChart(Chart(bins).ToSvg()).Drawn("rect");
        double[] heights = [.. bars.Select(b => ParsedChart.Value(b, "height"))];
        Assert.Equal(0.25, heights[0] / heights[1], 0.003);
        Assert.Equal(0.125, heights[2] / heights[1], 0.003);
        // Equal ratios are equally wide on a logarithmic axis, with a pixel between them.
        Assert.Equal(ParsedChart.Value(bars[0], "width"), ParsedChart.Value(bars[2], "width"), 0.2);
        double end = ParsedChart.Value(bars[0], "x") + ParsedChart.Value(bars[0], "width");
        Assert.Equal(ParsedChart.Value(bars[1], "x"), end + 1, 0.2);
    }

    [Fact]
    public void TheLeastCountOfALogarithmicAxisIsSeen()
    {
        Axis requests = new("requests", AxisScale.Logarithmic);
        HistogramChart chart = Chart([new(10, 20, 1), new(20, 40, 100_000)]) with { Y = requests };
        Assert.All(new ParsedChart(chart.ToSvg()).Drawn("rect"), b => Assert.True(ParsedChart.Value(b, "height") > 3));
    }

    [Fact]
    public void ARangeFromZeroIsShownOnALogarithmicAxis() =>
        Assert.Equal(2, new ParsedChart(Chart([new(0, 10, 5), new(10, 20, 5)]).ToSvg()).Drawn("rect").Count);

    [Fact]
    public void WhatIsNoRangeIsLeftOut()
    {
        HistogramBin[] bins =
        [
            new(10, 20, 5), new(20, 20, 5), new(30, 20, 5), new(double.NaN, 50, 5),
            new(50, 60, double.NaN), new(60, 70, -1), new(70, 80, 0),
        ];
        Assert.Single(new ParsedChart(Chart(bins).ToSvg()).Drawn("rect"));
        Assert.Contains("no data", new ParsedChart(Chart([]).ToSvg()).TextValues);
    }

    [Fact]
    public void RangesNarrowerThanAPixelShareOneAndKeepTheHighest()
    {
        HistogramBin[] bins =
            [.. Enumerable.Range(0, 20_000).Select(i => new HistogramBin(100 + i, 101 + i, i == 12_345 ? 9_000 : 10))];
        string svg = (Chart(bins) with { X = new Axis("latency (µs)") }).ToSvg();
        Assert.InRange(svg.Length, 1_000, 120_000);
        ParsedChart chart = new(svg);
        (_, double top, _, double bottom) = chart.PlotArea;
        Assert.Equal(0.9, chart.Drawn("rect").Max(b => ParsedChart.Value(b, "height")) / (bottom - top), 0.01);
    }

    [Fact]
    public void MarksStandAboveThePlotAndApart()
    {
        PlotMark[] marks =
            [new(30, "p50 30 µs"), new(33, "p90 33 µs"), new(35, "p99 35 µs"), new(79.9, "max 80 µs"), new(9_999, "outside")];
        ParsedChart chart = new((Chart([new(10, 20, 100), new(20, 40, 400), new(40, 80, 50)]) with { Marks = marks }).ToSvg());
        double top = chart.PlotArea.Top;
        Assert.Equal(4, chart.Labels("marks").Count);
        Assert.All(chart.Texts.Where(t => t.Text.StartsWith('p')), t => Assert.True(t.Bottom <= top));
        chart.AssertTextsAreInside();
        chart.AssertTextsDoNotOverlap();
    }

    [Fact]
    public void TheSameInputIsTheSameBytes()
    {
        HistogramChart chart = Chart([new(10, 20, 100), new(20, 40, 400)]);
        Assert.Equal(chart.ToSvg(), (chart with { }).ToSvg());
        new ParsedChart(chart.ToSvg()).AssertNumbersAreShort();
    }

    private static HistogramChart Chart(HistogramBin[] bins) => new("Latency of GET", Latency, new Axis("requests"), bins);
}

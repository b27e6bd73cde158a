using System.Xml.Linq;
using Anax.Plots;
using Xunit;

namespace Anax.Tests.Unit.Plots;

/// <summary>Line charts say what they are given, legibly, within their edges, and whatever the data.</summary>
public sealed class LineChartTests
{
    private static readonly string[] Servers = ["anax", "valkey", "valkey (control)", "garnet", "dragonfly"];

    private static readonly double[] Values =
    [
        0, -0.0, 1, -1, 5, 50, 99.9, 100, 1e-320, 1e-12, 1e18, 1e300, -1e300, double.MaxValue, double.NaN,
        double.PositiveInfinity, double.NegativeInfinity,
    ];

    [Fact]
    public void TitlesUnitsAndNamesAreThere()
    {
        ParsedChart chart = new(Throughput(600).ToSvg());
        string[] expected = ["Throughput", "four threads", "time (s)", "requests per second", .. Servers, "snapshot"];
        Assert.All(expected, text => Assert.Contains(text, chart.TextValues));
        Assert.All(chart.Texts, text => Assert.True(text.Size >= 12, $"{text}"));
        Assert.Equal("Throughput", chart.Root.Elements().First().Value.Trim());
        Assert.Contains("anax: 600 points, from 1.", chart.Root.Elements().ElementAt(1).Value, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSameInputIsTheSameBytes() => Assert.Equal(Throughput(600).ToSvg(), Throughput(600).ToSvg());

    [Fact]
    public void TheLegendAndTheTitlesAreOutsideOfThePlot()
    {
        foreach (LineChart original in new[] { Throughput(600), Percentiles() })
        {
            foreach (int width in new[] { 320, 500, 800, 1200 })
            {
                ParsedChart chart = new((original with { Width = width }).ToSvg());
                (double left, double top, double right, double bottom) = chart.PlotArea;
                Assert.True(right - left > 150 && bottom - top >= 150, $"a plot of {right - left} x {bottom - top}");
                bool isOutside(TextBox t) => t.Bottom <= top || t.Top >= bottom || t.Right <= left;
                Assert.All(chart.Texts, t => Assert.True(isOutside(t), $"{t} covers data"));
                chart.AssertTextsAreInside();
                chart.AssertTextsDoNotOverlap();
            }
        }
    }

    [Fact]
    public void PointsLieWhereTheAxesSay()
    {
        PlotPoint[] points = [new(0, 0), new(5, 50), new(10, 100)];
        ParsedChart chart = new(new LineChart("t", new Axis("x"), new Axis("y"), [new LineSeries("s", points)]).ToSvg());
        (double left, double top, double right, double bottom) = chart.PlotArea;
        IReadOnlyList<PlotPoint> drawn = ParsedChart.Points(chart.Drawn("path")[0]);
        Assert.Equal(0, drawn[0].X, 0.1);
        Assert.Equal(bottom - top, drawn[0].Y, 0.1);
        Assert.Equal((right - left) / 2, drawn[1].X, 0.1);
        Assert.Equal((bottom - top) / 2, drawn[1].Y, 0.1);
        Assert.Equal(right - left, drawn[2].X, 0.1);
        Assert.Equal(0, drawn[2].Y, 0.1);
    }

    [Fact]
    public void WhatIsNotDrawnDoesNotStretchTheAxes()
    {
        LineSeries series = new("s", [new(1, 10), new(2, 20), new(999, double.NaN), new(double.NaN, 999)])
        {
            Band = [new BandPoint(777, double.NaN, 5), new BandPoint(777, 5, double.NaN)],
        };
        ParsedChart chart = new(new LineChart("t", new Axis("x"), new Axis("y"), [series]).ToSvg());
        Assert.Equal("2.0", chart.Labels("x-labels")[^1]);
        Assert.Equal("20", chart.Labels("y-labels")[^1]);
    }

    [Fact]
    public void ServersHaveTheirColorsAndTheControlItsDash()
    {
        ParsedChart chart = new(Throughput(600).ToSvg());
        XElement[] lines = [.. chart.Drawn("path").Where(p => ParsedChart.Inherited(p, "stroke-width") == "1.4")];
        // The first series lies on top, and so is drawn last.
        Assert.Equal(Servers.Reverse().Select(ServerColors.Find), lines.Select(l => ParsedChart.Inherited(l, "stroke")));
        Assert.Equal(["none", "none", "7 3", "none", "none"], lines.Select(l => ParsedChart.Inherited(l, "stroke-dasharray")));
    }

    [Fact]
    public void AnHourOfSamplesIsNotMegabytes()
    {
        LineChart chart = Throughput(36_000);
        string svg = chart.ToSvg();
        Assert.InRange(svg.Length, 1_000, 40_000 * Servers.Length);
        (double left, _, double right, _) = new ParsedChart(svg).PlotArea;
        double columns = right - left;
        Assert.All(new ParsedChart(svg).Drawn("path"),
            p => Assert.InRange(ParsedChart.Points(p).Count, columns, 2 * columns + 4));
    }

    [Fact]
    public void FewPointsAreMarkedAndManyAreNot()
    {
        Assert.Equal(Servers.Length, new ParsedChart(Throughput(1).ToSvg()).Drawn("path").Count);
        Assert.Equal(Servers.Length * (1 + 10), new ParsedChart(Throughput(10).ToSvg()).Drawn("path").Count);
        Assert.Equal(Servers.Length, new ParsedChart(Throughput(600).ToSvg()).Drawn("path").Count);
    }

    [Fact]
    public void ABandIsShadedAndNamed()
    {
        ParsedChart chart = new(Percentiles().ToSvg());
        XElement band = chart.Drawn("path")[0];
        Assert.Equal(ServerColors.Anax, band.Attribute("fill")!.Value);
        Assert.NotNull(band.Attribute("fill-opacity"));
        Assert.Contains("min … max", chart.TextValues);
        Assert.DoesNotContain("min … max", new ParsedChart(Throughput(10).ToSvg()).TextValues);
    }

    [Fact]
    public void PercentilesReachTheHundredth()
    {
        ParsedChart chart = new(Percentiles().ToSvg());
        Assert.Equal(["0 %", "50 %", "90 %", "99 %", "99.9 %", "99.99 %", "100 %"], chart.Labels("x-labels"));
        Assert.Equal(["100", "1,000", "10 K"], chart.Labels("y-labels").Where(l => l.StartsWith('1')));
    }

    [Fact]
    public void ManyLongNamesMakeTheChartHigher()
    {
        string name = new('w', 40);
        LineSeries[] series = [.. Enumerable.Range(0, 30).Select(i => new LineSeries($"{i} {name}", [new(i, i)]))];
        Axis x = new(new string('x', 300)), y = new(new string('y', 300));
        ParsedChart chart = new(new LineChart(new string('T', 300), x, y, series).ToSvg());
        Assert.True(chart.Height > ChartSize.Height);
        chart.AssertTextsAreInside();
        chart.AssertTextsDoNotOverlap();
    }

    [Fact]
    public void NothingIsSaidToBeNothing()
    {
        Assert.Contains("no data", new ParsedChart(new LineChart("t", new Axis("x"), new Axis("y"), []).ToSvg()).TextValues);
        LineSeries unseen = new("s", [new(1, 0), new(2, double.NaN)]);
        LineChart nowhere = new("t", new Axis("x"), new Axis("y", AxisScale.Logarithmic), [unseen]);
        Assert.Contains("no data", new ParsedChart(nowhere.ToSvg()).TextValues);
        Assert.DoesNotContain("no data", new ParsedChart(Throughput(1).ToSvg()).TextValues);
    }

    [Fact]
    public void EveryInputMakesAChart()
    {
        for (int seed = 0; seed < 1_500; seed++)
        {
            Random random = new(seed);
            string svg = AnyChart(random).ToSvg();
            try
            {
                ParsedChart chart = new(svg);
                chart.AssertTextsAreInside();
                chart.AssertNumbersAreShort();
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"seed {seed}", e);
            }
        }
    }

    private static LineChart Throughput(int count)
    {
        Random random = new(7);
        PlotPoint point(int server, int t) => new(t / 10.0, (1.5e6 - 0.2e6 * server) * (1 + 0.05 * random.NextDouble()));
        LineSeries[] series =
            [.. Servers.Select((s, i) => new LineSeries(s, [.. Enumerable.Range(0, count).Select(t => point(i, t))]))];
        return new LineChart("Throughput", new Axis("time (s)"), new Axis("requests per second"), series)
        {
            Subtitle = "four threads",
            Marks = [new(0, "start"), new(count / 20.0, "snapshot"), new(count / 19.0, "ends")],
        };
    }

    private static LineChart Percentiles()
    {
        double[] percentiles = [0, 50, 75, 90, 99, 99.9, 99.99, 100];
        double[] latencies = [80, 95, 120, 180, 400, 2_000, 9_000, 21_000];
        PlotPoint[] points = [.. percentiles.Zip(latencies, (x, y) => new PlotPoint(x, y))];
        BandPoint[] band = [.. points.Select(p => new BandPoint(p.X, p.Y * 0.8, p.Y * 1.3))];
        PlotPoint[] slower = [.. points.Select(p => p with { Y = p.Y * 2 })];
        Axis x = new("percentile", AxisScale.Percentile), y = new("latency (µs)", AxisScale.Logarithmic);
        return new LineChart("Latency", x, y, [new LineSeries("anax", points) { Band = band }, new LineSeries("valkey", slower)]);
    }

    private static LineChart AnyChart(Random random)
    {
        Axis axis() => new("title (unit)", (AxisScale)random.Next(3))
        {
            Minimum = random.Next(4) == 0 ? Values[random.Next(Values.Length)] : null,
            Maximum = random.Next(4) == 0 ? Values[random.Next(Values.Length)] : null,
        };
        double value() => random.Next(3) == 0 ? random.NextDouble() * 100 : Values[random.Next(Values.Length)];
        PlotPoint point(int i) => new(value(), value());
        LineSeries series(int i) => new($"series {i}", [.. Enumerable.Range(0, random.Next(6)).Select(point)])
        {
            IsStep = random.Next(2) == 0,
            Band = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new BandPoint(value(), value(), value()))],
        };
        return new LineChart("Any", axis(), axis(), [.. Enumerable.Range(0, random.Next(5)).Select(series)])
        {
            Marks = [.. Enumerable.Range(0, random.Next(4)).Select(_ => new PlotMark(value(), "a mark"))],
            Width = random.Next(0, 1_000),
            Height = random.Next(0, 600),
        };
    }
}

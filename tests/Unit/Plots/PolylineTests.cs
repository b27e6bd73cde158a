using Anax.Plots;
using Xunit;

namespace Anax.Tests.Unit.Plots;

/// <summary>A thinned line looks like the whole one, and what cannot be shown breaks it.</summary>
public sealed class PolylineTests
{
    private const double Width = 700, Height = 300;

    [Fact]
    public void EveryColumnKeepsItsLowestAndItsHighestPoint()
    {
        Random random = new(4);
        PlotPoint point(int i) => new(i * Width / 36_000, random.NextDouble() * Height);
        List<PlotPoint> points = [.. Enumerable.Range(0, 36_000).Select(point)];
        List<PlotPoint> thinned = Polyline.Thin(points);
        Assert.InRange(thinned.Count, Width, 2 * Width + 2);
        foreach (IGrouping<double, PlotPoint> column in points.GroupBy(p => Math.Floor(p.X)))
        {
            PlotPoint[] kept = [.. thinned.Where(p => Math.Floor(p.X) == column.Key)];
            Assert.Equal(column.Min(p => p.Y), kept.Min(p => p.Y));
            Assert.Equal(column.Max(p => p.Y), kept.Max(p => p.Y));
        }
    }

    [Fact]
    public void ThinnedPointsArePointsInTheirOrder()
    {
        Random random = new(5);
        List<PlotPoint> points = [.. Enumerable.Range(0, 5_000).Select(i => new PlotPoint(i / 20.0, random.NextDouble()))];
        int at = -1;
        foreach (PlotPoint point in Polyline.Thin(points))
        {
            int next = points.IndexOf(point);
            Assert.True(next > at, $"point {next} after {at}");
            at = next;
        }

        Assert.Equal(points[0], Polyline.Thin(points)[0]);
        Assert.Equal(points[^1], Polyline.Thin(points)[^1]);
    }

    [Fact]
    public void ALineLeavesADenseColumnFromItsLastPoint()
    {
        List<PlotPoint> points = [new(0.1, 5), new(0.2, 9), new(0.3, 1), new(0.4, 4), new(90, 4)];
        Assert.Equal([new(0.1, 5), new(0.2, 9), new(0.3, 1), new(0.4, 4), new(90, 4)], Polyline.Thin(points));
    }

    [Fact]
    public void WhatCannotBeShownBreaksTheLine()
    {
        PlotPoint[] points =
            [new(0, 1), new(1, 2), new(2, double.NaN), new(3, 2), new(double.PositiveInfinity, 3), new(5, 1), new(6, 2)];
        List<List<PlotPoint>> runs = Runs(points, AxisScale.Linear);
        Assert.Equal([2, 1, 2], runs.Select(r => r.Count));
    }

    [Fact]
    public void ZeroIsLeftOutOfALogarithmicAxis()
    {
        List<List<PlotPoint>> runs = Runs([new(0, 1), new(1, 0), new(2, -5), new(3, 10)], AxisScale.Logarithmic);
        Assert.Equal([1, 1], runs.Select(r => r.Count));
    }

    [Fact]
    public void AGapWithinAPixelBreaksNothing()
    {
        PlotPoint[] points = [.. Enumerable.Range(0, 20_000).Select(i => new PlotPoint(i, i % 2 == 0 ? 1 : double.NaN))];
        Assert.Single(Runs(points, AxisScale.Linear));
    }

    [Fact]
    public void FewPointsAreNotThinned()
    {
        PlotPoint[] points = [.. Enumerable.Range(0, 1_000).Select(i => new PlotPoint(i, 1 + i % 7))];
        Assert.Equal(1_000, Runs(points, AxisScale.Linear).Single().Count);
    }

    [Fact]
    public void AStepHoldsUntilTheNextPoint()
    {
        List<PlotPoint> points = [new(0, 10), new(5, 20), new(9, 20)];
        Assert.Equal("M0 10H5V20H9", Polyline.Path(points, isStep: true));
        Assert.Equal("M0 10L5 20L9 20", Polyline.Path(points, isStep: false));
    }

    [Fact]
    public void AnOutlineGoesForthAboveAndBackBelow()
    {
        List<PlotPoint> upper = [new(0, 1), new(5, 2)], lower = [new(0, 8), new(5, 9)];
        Assert.Equal("M0 1L5 2L5 9L0 8Z", Polyline.Outline(upper, lower, isStep: false));
        Assert.Equal("M0 1H5V2L5 9V8H0Z", Polyline.Outline(upper, lower, isStep: true));
    }

    private static List<List<PlotPoint>> Runs(PlotPoint[] points, AxisScale kind)
    {
        DataRange xs = new(AxisScale.Linear), ys = new(kind);
        foreach (PlotPoint point in points)
        {
            xs.Include(point.X);
            ys.Include(point.Y);
        }

        Scale x = Scale.Horizontal(new Axis("x"), xs, Width), y = Scale.Vertical(new Axis("y", kind), ys, Height);
        return Polyline.Runs(points, x, y, Width, Height);
    }
}

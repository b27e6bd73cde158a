using Anax.Bench.HeadToHead.Results;
using Xunit;

namespace Anax.Tests.Unit.HeadToHead;

/// <summary>Bytes per entry over a doubling, and the windows of a fill, against numbers made by hand.</summary>
public sealed class FillMathTests
{
    [Fact]
    public void EvenGrowthCostsTheSameAtEverySize()
    {
        IReadOnlyList<TableSize> sizes = FillMath.BytesPerEntry(Samples.EvenFill());
        Assert.Equal(21, sizes.Count);
        Assert.Equal((500, 1000, 25), (sizes[0].Entries, sizes[^1].Entries, sizes[1].Entries - sizes[0].Entries));
        Assert.All(sizes, size => Assert.Equal(100, size.Bytes, 6));
    }

    [Fact]
    public void AStepInTheDoublingIsSeenAfterItAndNotBefore()
    {
        // At 750 entries 20,000 bytes at once.
        FillFigures fill = Samples.EvenFill() with
        {
            ResidentMs = [0, 749, 751, 1000],
            ResidentBytes = [5000, 79_900, 100_100, 125_000],
        };
        IReadOnlyList<TableSize> sizes = FillMath.BytesPerEntry(fill);
        Assert.Equal(100, sizes[9].Bytes, 6);
        Assert.Equal((95_100.0 + (120_000 - 95_100) * 24 / 249) / 775, sizes[11].Bytes, 6);
        Assert.Equal(120, sizes[^1].Bytes, 6);
        Assert.Equal(sizes.Max(size => size.Bytes), FillMath.WorstBytes(fill));
        Assert.Equal(sizes.Average(size => size.Bytes), FillMath.MeanBytes(fill));
    }

    [Fact]
    public void SizesFollowTheRepliesNotTheClock()
    {
        // Nine tenths in the first interval, the rest in nine more: half is there after 55 of 1000 ms.
        FillFigures fill = Samples.EvenFill() with
        {
            Series = [910, 10, 10, 10, 10, 10, 10, 10, 10, 10],
            ResidentMs = [0, 100, 1000],
            ResidentBytes = [5000, 96_000, 105_000],
        };
        Assert.All(FillMath.BytesPerEntry(fill), size => Assert.Equal(100, size.Bytes, 6));
    }

    [Fact]
    public void TheLastIntervalIsAsLongAsItIs()
    {
        // 950 ms: the last 50 entries come in its 50 ms, so a sample at 925 ms is 925 entries.
        FillFigures fill = Samples.EvenFill() with
        {
            Seconds = 0.95,
            Series = [.. Enumerable.Repeat(100L, 9), 50],
            ResidentMs = [0, 925, 950],
            ResidentBytes = [5000, 97_500, 100_000],
        };
        Assert.All(FillMath.BytesPerEntry(fill), size => Assert.Equal(100, size.Bytes, 6));
    }

    [Fact]
    public void WindowsAreWhole()
    {
        Assert.Equal([1000, 20, 500], FillMath.WindowsOf([100, 2, 50, 1]));
        Assert.Equal(20, FillMath.Worst([100, 2, 50, 1]));
        Assert.Equal(0, FillMath.Worst([7]));
        Assert.Empty(FillMath.WindowsOf([]));
    }

    [Fact]
    public void WindowsInWhichSomeConnectionsHaveWrittenAllDoNotCount()
    {
        // Of 20 connections one part in twenty each: after 95 of 100 the first may have ended.
        FillFigures fill = Samples.EvenFill() with { Series = [30, 30, 20, 15, 4, 1] };
        Assert.Equal([300, 300, 200, 150], FillMath.WindowsOf(fill));
        Assert.Equal(150, FillMath.WorstWindow(fill));
    }

    [Fact]
    public void OneOfTwentyWindowsIsNoBetterThanTheFifthPercentile()
    {
        FillFigures fill = Samples.EvenFill() with { Series = [.. Enumerable.Range(1, 40).Select(number => (long)number), 0] };
        Assert.Equal(20, FillMath.FifthPercentile(fill));
        Assert.Equal(195, FillMath.MedianWindow(fill));
        Assert.Equal(20.0 / 195, FillMath.Evenness(fill));
    }

    [Fact]
    public void AFillIsComparedWithTheRunThatOverwrites()
    {
        FillFigures fill = Samples.EvenFill() with
        {
            Series = [100, 60, 100, 100, 100, 100, 100, 100, 100, 100, 0],
            OverwriteSeries = [100, 80, 100, 100, 100, 100, 100, 100, 100, 100, 0],
        };
        Assert.Equal((0.6, 0.8), (FillMath.Evenness(fill), FillMath.OverwriteEvenness(fill)));
        Assert.Equal(0.75, FillMath.EvennessToOverwrite(fill), 9);
        Assert.Equal(0, FillMath.EvennessToOverwrite(Samples.EvenFill()));
    }

    [Fact]
    public void SmallEntriesAreDearestWhereTheyAre()
    {
        GrowthFigures small = new() { StartBytes = 1000, Entries = [100, 200], ResidentBytes = [4000, 9000] };
        Assert.Equal((35, 40), (small.MeanBytes, small.WorstBytes));
        Assert.Equal(0, new GrowthFigures().MeanBytes);
        Assert.Null(small.MeanUsedBytes);
        Assert.Equal(25, (small with { StartUsedBytes = 500, UsedBytes = [2500, 6500] }).MeanUsedBytes);
    }

    [Fact]
    public void WithoutSamplesThereAreNoSizes() => Assert.Empty(FillMath.BytesPerEntry(Samples.EvenFill() with { ResidentMs = [] }));
}

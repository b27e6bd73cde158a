using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;
using Anax.Tests.Stub;
using HdrHistogram;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Driver;

/// <summary>
/// The figures are right: against a server of known delays, in a world where nothing else takes time, every percentile
/// is that of the server's own record.
/// </summary>
public sealed class AccuracyTests
{
    private const long MillisecondNs = 1_000_000;
    private const long SecondNs = 1_000_000_000;

    /// <summary>The histogram's resolution: so much, or a thousandth.</summary>
    private const long ResolutionNs = 128;

    private const double ResolutionShare = 0.001;

    /// <summary>What both sides' looks at the simulated clock take between the times that they note.</summary>
    private const long LooksNs = 4_000;

    public enum Delays
    {
        Short,
        Constant,
        Bimodal,
        Stalling,
    }

    [Theory]
    [InlineData(Delays.Short, 0)]
    [InlineData(Delays.Constant, 0)]
    [InlineData(Delays.Bimodal, 0)]
    [InlineData(Delays.Stalling, 0)]
    [InlineData(Delays.Short, 200)]
    [InlineData(Delays.Constant, 200)]
    [InlineData(Delays.Bimodal, 200)]
    [InlineData(Delays.Stalling, 200)]
    [InlineData(Delays.Bimodal, -200)]
    [InlineData(Delays.Stalling, -200)]
    public void EveryPercentileIsTheRecords(Delays delays, double qps)
    {
        using LoadRig rig = LoadRig.WithoutNoise(new StubOptions { Delay = Make(delays) });
        BenchOptions options = new() { Qps = qps, Requests = 2000, Connections = 3 };
        PhaseRecord step = Assert.Single(rig.Run(options, threads: 2).Steps);
        Assert.Equal(12_000, step.Replies);
        AreThose(rig.Stub.Record.ServiceNs(), step.Latencies.Actual);
        if (qps != 0) AreThose(ScheduleRecord.LatenciesNs(rig.Stub.Record, qps, 1, step.StartNs), step.Latencies.Intended);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void EveryPercentileOfBatchesIsTheRecords(double qps)
    {
        using LoadRig rig = LoadRig.WithoutNoise(new StubOptions { Delay = Make(Delays.Bimodal) });
        BenchOptions options = new() { Qps = qps, Requests = 2000, Connections = 2, Pipeline = 10 };
        PhaseRecord step = Assert.Single(rig.Run(options).Steps);
        AreThose(rig.Stub.Record.ServiceNs(), step.Latencies.Actual);
        if (qps != 0) AreThose(ScheduleRecord.LatenciesNs(rig.Stub.Record, qps, 10, step.StartNs), step.Latencies.Intended);
    }

    [Fact]
    public void EveryPercentileOfAWindowIsTheRecords()
    {
        using LoadRig rig = LoadRig.WithoutNoise(new StubOptions { Delay = Make(Delays.Bimodal) });
        PhaseRecord step = Assert.Single(rig.Run(new BenchOptions { Qps = 0, Requests = 4000, Connections = 2, Window = 8 }).Steps);
        AreThose(rig.Stub.Record.ServiceNs(), step.Latencies.Actual);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    public void AConstantDelayIsEveryPercentile(double qps)
    {
        LatencyHistograms latencies = Measure(Delays.Constant, qps);
        foreach (HistogramBase histogram in (HistogramBase[])[latencies.Actual, latencies.Intended])
        {
            LatencySummary summary = new(histogram);
            foreach (double percent in LatencySummary.Percents) Near(2 * MillisecondNs, summary.At(percent));
            Near(2 * MillisecondNs, summary.MaxNs);
            Near(2 * MillisecondNs, (long)summary.MeanNs);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(20)]
    public void TwoDelaysAreToldApartWhereTheyMeet(double qps)
    {
        LatencyHistograms latencies = Measure(Delays.Bimodal, qps);
        foreach (HistogramBase histogram in (HistogramBase[])[latencies.Actual, latencies.Intended])
        {
            // One in 50 is slow: what lies below 98 percent is not.
            foreach (double percent in (double[])[0, 50, 90, 97.9])
                Near(MillisecondNs, histogram.GetValueAtPercentile(percent));
            foreach (double percent in (double[])[98.1, 99, 99.9, 100])
                Near(30 * MillisecondNs, histogram.GetValueAtPercentile(percent));
        }
    }

    [Fact]
    public void AStallIsWholeInBothLatenciesOfAClientThatDoesNotWait()
    {
        LatencyHistograms latencies = Measure(Delays.Stalling, -1000);
        foreach (HistogramBase histogram in (HistogramBase[])[latencies.Actual, latencies.Intended])
        {
            // A fifth of all requests wait, evenly from nothing to 200 ms.
            Near(MillisecondNs, histogram.GetValueAtPercentile(79.5));
            foreach (double percent in (double[])[85, 90, 95, 99, 99.9])
            {
                double expectedMs = 1 + (percent - 80) / 20 * 200;
                Assert.InRange(histogram.GetValueAtPercentile(percent) / (double)MillisecondNs, expectedMs - 1.2, expectedMs + 1.2);
            }

            Assert.InRange(histogram.GetMaxValue(), 199 * MillisecondNs, 202 * MillisecondNs);
        }
    }

    [Fact]
    public void AStallShowsFromTheIntendedTimeWhereTheClientWaitsForTheServer()
    {
        LatencyHistograms latencies = Measure(Delays.Stalling, 1000);
        // Three batches of a second's thousand were under way when the server stood still; the rest was sent late.
        Near(MillisecondNs, latencies.Actual.GetValueAtPercentile(99));
        Assert.InRange(latencies.Intended.GetValueAtPercentile(80), 40 * MillisecondNs, 201 * MillisecondNs);
        Assert.InRange(latencies.Intended.GetValueAtPercentile(99), 180 * MillisecondNs, 201 * MillisecondNs);
        Assert.Equal(latencies.Actual.TotalCount, latencies.Intended.TotalCount);
    }

    [Fact]
    public void SeriesThreadsAndHistogramsAddUpToTheTotal()
    {
        using LoadRig rig = LoadRig.WithoutNoise(new StubOptions { Delay = Make(Delays.Stalling) });
        BenchOptions options = new() { Qps = 500, TestTime = 3, Requests = 0, Connections = 2 };
        PhaseRecord step = Assert.Single(rig.Run(options, threads: 3).Steps);
        Assert.Equal(rig.Stub.Record.Count, step.Replies);
        Assert.Equal(step.Replies, step.Sent);
        Assert.Equal(step.Replies, step.Threads.Sum(thread => thread.ReplyCount));
        Assert.Equal(step.Replies, step.Series.Sum(bin => bin.Replies));
        Assert.Equal(step.Replies, step.Latencies.Actual.TotalCount);
        Assert.Equal(step.Replies, step.Latencies.Intended.TotalCount);
        Assert.All(step.Threads, thread => Assert.Equal(thread.ReplyCount, thread.Series.Sum(bin => bin.Replies)));
        Near(step.Latencies.Intended.GetMaxValue(), step.Series.Max(bin => bin.LatencyNsMax));
    }

    [Fact]
    public void TheSeriesIsTheRecordByTheTimeOfTheReply()
    {
        using LoadRig rig = LoadRig.WithoutNoise(new StubOptions { Delay = Make(Delays.Stalling) });
        PhaseRecord step = Assert.Single(rig.Run(new BenchOptions { Qps = 500, TestTime = 3, Requests = 0, Connections = 2 }).Steps);
        StubRecord record = rig.Stub.Record;
        long[] expected = new long[step.Series.Count];
        for (int i = 0; i < record.Kept; i++) expected[(record.ReplyNs(i) - step.StartNs) / SeriesBin.Ns]++;
        for (int i = 0; i < expected.Length; i++)
        {
            // A reply that leaves at the border of two intervals may arrive in the other.
            Assert.InRange(step.Series[i].Replies, expected[i] - 2, expected[i] + 2);
        }

        Assert.Equal(0, step.Series[9].Replies);
    }

    [Fact]
    public void AWarmUpsStallIsNotInTheFigures()
    {
        // It stands still over the end of the warm-up, of which the last replies come late.
        StallOnce stall = new(MillisecondNs, 900 * MillisecondNs, 1400 * MillisecondNs);
        using LoadRig rig = LoadRig.WithoutNoise(new StubOptions { Delay = stall });
        BenchOptions options = new() { Qps = 100, Warmup = 1, TestTime = 1, Requests = 0, Connections = 4 };
        PhaseRecord step = Assert.Single(rig.Run(options).Steps);
        Assert.Equal(400, step.Replies);
        Near(MillisecondNs, step.Latencies.Actual.GetMaxValue());
        Near(MillisecondNs, step.Latencies.Intended.GetMaxValue());
        Assert.All(step.Series.SkipLast(1), bin => Assert.InRange(bin.Replies, 39, 41));
        Assert.True(rig.Stub.Record.ServiceNs()[^1] > 400 * MillisecondNs);
    }

    [Fact]
    public void StepsAreKeptApart()
    {
        // The first step's requests wait for longer than those of the second.
        using LoadRig rig = LoadRig.WithoutNoise(new StubOptions { Delay = new SlowFirst(1000, 4 * MillisecondNs, MillisecondNs) });
        BenchOptions options = new() { RateSteps = [50, 200], Requests = 250, Connections = 4 };
        IReadOnlyList<PhaseRecord> steps = rig.Run(options).Steps;
        Assert.Equal([1000, 1000], steps.Select(step => step.Replies));
        foreach ((PhaseRecord step, long delayNs) in steps.Zip((long[])[4 * MillisecondNs, MillisecondNs]))
        {
            Near(delayNs, new LatencySummary(step.Latencies.Actual).MinNs);
            Near(delayNs, step.Latencies.Actual.GetMaxValue());
            Near(delayNs, step.Latencies.Intended.GetMaxValue());
            Assert.Equal(1000, step.Latencies.Intended.TotalCount);
        }
    }

    private static LatencyHistograms Measure(Delays delays, double qps)
    {
        using LoadRig rig = LoadRig.WithoutNoise(new StubOptions { Delay = Make(delays) });
        return rig.Run(new BenchOptions { Qps = qps, Requests = 10_000, Connections = 1 }).Steps[0].Latencies;
    }

    private static StubDelay Make(Delays delays) => delays switch
    {
        Delays.Short => new ConstantDelay(100_000),
        Delays.Constant => new ConstantDelay(2 * MillisecondNs),
        Delays.Bimodal => new BimodalDelay(MillisecondNs, 30 * MillisecondNs, 50),
        _ => new StallingDelay(MillisecondNs, 200 * MillisecondNs, SecondNs),
    };

    /// <summary>Every percentile of the histogram is that of the sorted times, give or take a rank.</summary>
    private static void AreThose(long[] sortedNs, LongHistogram histogram)
    {
        Assert.Equal(sortedNs.Length, histogram.TotalCount);
        foreach (double percent in (double[])[50, 90, 99, 99.9, 100])
        {
            int rank = (int)Math.Round(percent / 100 * sortedNs.Length) - 1;
            long lowestNs = sortedNs[Math.Max(0, rank - 1)], highestNs = sortedNs[Math.Min(sortedNs.Length - 1, rank + 1)];
            long actualNs = percent == 100 ? histogram.GetMaxValue() : histogram.GetValueAtPercentile(percent);
            Assert.True(
                actualNs >= lowestNs - Tolerance(lowestNs) && actualNs <= highestNs + Tolerance(highestNs),
                $"P{percent} is {actualNs} ns, the record says {lowestNs} to {highestNs}");
        }
    }

    private static void Near(long expectedNs, long actualNs) =>
        Assert.InRange(actualNs, expectedNs - Tolerance(expectedNs), expectedNs + Tolerance(expectedNs));

    private static long Tolerance(long ns) => Math.Max(ResolutionNs, (long)(ns * ResolutionShare)) + LooksNs;

    /// <summary>Stands still once, from and to a time since the first request.</summary>
    private sealed class StallOnce(long baseNs, long fromNs, long toNs) : StubDelay
    {
        private long _firstNs;

        public override long DueNs(long arrivalNs, long number)
        {
            if (number == 0) _firstNs = arrivalNs;
            long dueNs = arrivalNs + baseNs, sinceNs = dueNs - _firstNs;
            return sinceNs >= fromNs && sinceNs < toNs ? _firstNs + toNs : dueNs;
        }
    }

    /// <summary>The first so many requests wait for longer.</summary>
    private sealed class SlowFirst(long count, long slowNs, long fastNs) : StubDelay
    {
        public override long DueNs(long arrivalNs, long number) => arrivalNs + (number < count ? slowNs : fastNs);
    }
}

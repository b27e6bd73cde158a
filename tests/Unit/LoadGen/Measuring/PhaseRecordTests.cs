using System.Text;
using Anax.LoadGen.Measuring;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Measuring;

/// <summary>What threads count is put together without loss, whoever is late and whoever has ended.</summary>
public sealed class PhaseRecordTests
{
    private const long SecondNs = 1_000_000_000;

    [Fact]
    public void NothingIsLostWhereNobodyCollects()
    {
        PhaseRecord phase = new("run", 100, true, 0, 2);
        for (int second = 0; second < 5; second++)
        {
            foreach (ThreadRecorder thread in phase.Threads) Reply(thread, second * SecondNs, 1000);
        }

        Finish(phase, 5 * SecondNs);
        Assert.True(phase.Finish());
        Assert.Equal((10, 10), (phase.Latencies.Actual.TotalCount, phase.Latencies.Intended.TotalCount));
        Assert.False(phase.Finish());
        Assert.Equal(10, phase.Latencies.Actual.TotalCount);
    }

    [Fact]
    public void EverySecondIsCollectedOnceWhenAllHaveHandedOut()
    {
        PhaseRecord phase = new("run", 0, true, 0, 2);
        Reply(phase.Threads[0], SecondNs, 1000);
        phase.Threads[0].HandOut(SecondNs);
        Assert.False(phase.Collect(SecondNs));
        Reply(phase.Threads[1], SecondNs, 3000);
        phase.Threads[1].HandOut(SecondNs);
        Assert.True(phase.Collect(SecondNs));
        Assert.False(phase.Collect(SecondNs));
        Assert.Equal(2, phase.LastSecond.Actual.TotalCount);
        Reply(phase.Threads[0], SecondNs + 5, 1000);
        Finish(phase, SecondNs + 10);
        Assert.True(phase.Finish());
        Assert.Equal((1, 3), (phase.LastSecond.Actual.TotalCount, phase.Latencies.Actual.TotalCount));
    }

    [Fact]
    public void AThreadThatHasEndedIsNotWaitedFor()
    {
        PhaseRecord phase = new("run", 0, true, 0, 2);
        Reply(phase.Threads[0], 5, 1000);
        phase.Threads[0].Finish(new ThreadTimes(10, 0, 0, 0));
        Reply(phase.Threads[1], SecondNs, 1000);
        phase.Threads[1].HandOut(SecondNs);
        Assert.True(phase.Collect(SecondNs));
        Assert.False(phase.Collect(2 * SecondNs));
        phase.Threads[1].Finish(new ThreadTimes(2 * SecondNs, 0, 0, 0));
        phase.Finish();
        Assert.Equal(2, phase.Latencies.Actual.TotalCount);
    }

    [Fact]
    public void AStallIsEmptyIntervalsAndAnErrorStandsBehindIt()
    {
        ThreadRecorder thread = new(0, 0, isScheduled: false);
        thread.Replies(SeriesBin.Ns / 2, 0, 0, 3, 0, 0);
        thread.Replies(SeriesBin.Ns * 7 / 2, 0, 0, 1, 0, 0);
        thread.Refused("ERR no"u8);
        thread.Finish(new ThreadTimes(SeriesBin.Ns * 15 / 4, 0, 0, 0));
        Assert.Equal([3, 0, 0, 1], thread.Series.Select(bin => bin.Replies));
        Assert.Equal([0, 0, 0, 1], thread.Series.Select(bin => bin.Errors));
        Assert.Equal(SeriesBin.Ns * 7 / 2, thread.Series[3].LatencyNsMax);
    }

    [Fact]
    public void ErrorsAreToldApartByTheirTextUpToALimit()
    {
        ThreadRecorder thread = new(0, 0, isScheduled: false);
        for (int i = 0; i < 300; i++) thread.Refused(Encoding.UTF8.GetBytes($"ERR {i % 150}"));
        thread.Error("VERIFY wrong"u8);
        Assert.Equal(101, thread.Errors.Count);
        Assert.Equal((301, 300), (thread.ErrorCount, thread.RefusedCount));
        Assert.Equal(301, thread.Errors.Values.Sum());
        Assert.Equal(101, thread.Errors["further errors with other texts"]);
    }

    private static void Reply(ThreadRecorder thread, long nowNs, long latencyNs) =>
        thread.Replies(nowNs, nowNs - latencyNs, nowNs - latencyNs, 1, 0, 0);

    private static void Finish(PhaseRecord phase, long nowNs)
    {
        foreach (ThreadRecorder thread in phase.Threads) thread.Finish(new ThreadTimes(nowNs, 0, 0, 0));
    }
}

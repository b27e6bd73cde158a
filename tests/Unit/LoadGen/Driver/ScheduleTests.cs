using Anax.LoadGen.Driver;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Driver;

/// <summary>The arithmetic of a rate: no drift, stretched for a server that stays slower, and back.</summary>
public sealed class ScheduleTests
{
    private const long SecondNs = 1_000_000_000;

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(1_000)]
    [InlineData(-333.3)]
    public void TheIntendedTimesDoNotDrift(double qps)
    {
        Schedule schedule = new(qps, 5 * SecondNs, 1);
        long hours = (long)(Math.Abs(qps) * 3600 * 24);
        double expected = 5.0 * SecondNs + hours / Math.Abs(qps) * SecondNs;
        Assert.InRange(schedule.IntendedNs(0, hours), expected - 10, expected + 10);
        Assert.Equal(5 * SecondNs, schedule.IntendedNs(0, 0));
        Assert.Equal(qps > 0, schedule.IsThrottled);
    }

    [Fact]
    public void ConnectionsShareThePeriodEvenly()
    {
        Schedule schedule = new(100, 0, 4);
        long[] first = [.. Enumerable.Range(0, 4).Select(i => schedule.IntendedNs(i / 4.0, 0))];
        Assert.Equal([0, 2_500_000, 5_000_000, 7_500_000], first);
        Assert.Equal(10_000_000, schedule.IntendedNs(0, 1));
    }

    [Fact]
    public void AServerThatKeepsUpIsSentToWhenItIsIntended()
    {
        Schedule schedule = new(100, 0, 10);
        for (int second = 1; second <= 10; second++) schedule.Adjust(second * SecondNs, second * 1000);
        Assert.Equal(10_000_000, schedule.PeriodNs);
        Assert.Equal(77, schedule.DueNs(77, lastSentNs: 76));
    }

    [Theory]
    [InlineData(2.4)]
    [InlineData(0.3)]
    [InlineData(9.2)]
    public void FewBatchesPerSecondAreNotASlowServer(double qps)
    {
        Schedule schedule = new(qps, 0, 1);
        double periodNs = schedule.PeriodNs;
        for (int second = 1; second < 100; second++) schedule.Adjust(second * SecondNs, (long)(qps * second));
        Assert.Equal(periodNs, schedule.PeriodNs);
    }

    [Fact]
    public void OneSlowSecondIsMadeUpFor()
    {
        Schedule schedule = new(100, 0, 10);
        schedule.Adjust(SecondNs, 700);
        Assert.Equal(10_000_000, schedule.PeriodNs);
        schedule.Adjust(2 * SecondNs, 2000);
        schedule.Adjust(3 * SecondNs, 2700);
        Assert.Equal(10_000_000, schedule.PeriodNs);
    }

    [Fact]
    public void AServerThatStaysSlowerStretchesThePeriodAndIsWalkedBackTo()
    {
        Schedule schedule = new(100, 0, 10);
        schedule.Adjust(SecondNs, 500);
        schedule.Adjust(2 * SecondNs, 1000);
        // Half way from 10 ms to the 20 ms that were measured.
        Assert.Equal(15_000_000, schedule.PeriodNs);
        Assert.Equal(40_000_000, schedule.DueNs(20_000_000, lastSentNs: 25_000_000));
        Assert.Equal(50_000_000, schedule.DueNs(50_000_000, lastSentNs: 25_000_000));
        schedule.Adjust(3 * SecondNs, 1000 + 667);
        Assert.Equal(14_000_000, schedule.PeriodNs);
        long sent = 1667;
        for (int second = 4; second < 40; second++) schedule.Adjust(second * SecondNs, sent += 1000);
        Assert.Equal(10_000_000, schedule.PeriodNs);
    }

    [Fact]
    public void AServerThatAnswersNothingDoesNotBreakTheArithmetic()
    {
        Schedule schedule = new(100, 0, 10);
        for (int second = 1; second < 100; second++) schedule.Adjust(second * SecondNs, 0);
        Assert.InRange(schedule.PeriodNs, 1_000_000_000, 20_000_000_000);
    }
}

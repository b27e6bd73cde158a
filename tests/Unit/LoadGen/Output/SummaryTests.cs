using System.Globalization;
using System.Text;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Output;
using HdrHistogram;
using Spectre.Console;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Output;

/// <summary>The tables at the end: every figure of a run whose figures are known, and what is said about them.</summary>
public sealed class SummaryTests
{
    [Fact]
    public void AClosedLoopIsSummedUp()
    {
        string expected = """

            Requests
              step  requests  seconds  requests/s  hit rate  errors  KB/s
              run      2,000     2.00       1,000    20.0 %       0  49.8

            Latency, µs
                       actual
              mean      119.0
              min       100.1
              p50       100.1
              p75       100.1
              p90       100.1
              p95       100.1
              p99       100.1
              p99.9   2,000.9
              p99.99  2,000.9
              max     2,000.9

            Load threads of this client
              step  thread  CPU user  CPU system    busy  CPU ns/request
              run        0    20.0 %      30.0 %  50.0 %         500,000
              busy: between two waits for events; with io_uring the kernel works for the thread also inside of a wait

            Latencies
              from µs    to µs  requests     share
                100.0    130.0     1,980  99.000 %  ########################################
                130.0    160.0         0   0.000 %
                160.0    200.0         0   0.000 %
                200.0    250.0         0   0.000 %
                250.0    320.0         0   0.000 %
                320.0    400.0         0   0.000 %
                400.0    500.0         0   0.000 %
                500.0    630.0         0   0.000 %
                630.0    790.0         0   0.000 %
                790.0  1,000.0         0   0.000 %
              1,000.0  1,300.0         0   0.000 %
              1,300.0  1,600.0         0   0.000 %
              1,600.0  2,000.0         0   0.000 %
              2,000.0  2,500.0        20   1.000 %  .

            """;
        Assert.Equal(expected, Plain(Records.Result(Records.Phase())));
    }

    [Fact]
    public void UnderAScheduleBothTimesStandSideBySide()
    {
        string text = Plain(Records.Result(Records.Phase(qps: 100)));
        Assert.Contains("  run      2,000     2.00      1,000       1,000 ", text, StringComparison.Ordinal);
        Assert.Contains("  p50       100.1     150.0\n", text, StringComparison.Ordinal);
        Assert.Contains("actual: from sending to reply; intended: from the time", text, StringComparison.Ordinal);
        Assert.DoesNotContain("not kept", text, StringComparison.Ordinal);
        Assert.Contains("Latencies from the intended time\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void AScheduleThatWasNotKeptIsSaid() =>
        Assert.Contains("  The schedule was not kept: 1,000 of 1,250 requests/s were answered (80.0 %).\n",
            Plain(Records.Result(Records.Phase(qps: -125))), StringComparison.Ordinal);

    [Fact]
    public void EachStepHasARow()
    {
        string text = Plain(Records.Result(
            Records.Phase("100 per second", 100), Records.Phase("200 per second", 200, startNs: 8 * Records.SecondNs)));
        Assert.Contains("  100 per second      1,000       1,000   150.0   150.0   2,050.0  2,050.0\n", text, StringComparison.Ordinal);
        Assert.Contains("  200 per second      2,000       1,000   150.0", text, StringComparison.Ordinal);
        Assert.Contains("The schedule was not kept at 200 per second: 1,000 of 2,000", text, StringComparison.Ordinal);
        Assert.DoesNotContain("####", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ErrorsStandByTextTheMostFrequentFirst()
    {
        PhaseRecord phase = new("run", 0, isMeasured: true, Records.StartNs, threads: 2);
        for (int i = 0; i < 7; i++) phase.Threads[i % 2].Error("ERR two\u001b[2J"u8);
        phase.Threads[1].Error("ERR one"u8);
        string text = Plain(Records.Result(phase));
        Assert.Contains("Errors\n  count  text\n      7  ERR two?[2J\n      1  ERR one\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ATerminalShowsTheSameAsPlainText()
    {
        RunResult result = Records.Result(Records.Phase("[red]", qps: 100));
        StringWriter output = new();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) });
        console.Profile.Width = 200;
        TerminalSummary.Write(console, result);
        string drawn = output.ToString().Replace('█', '#').Replace('▏', '.');
        Assert.Equal(Words(Plain(result)), Words(drawn));
    }

    [Fact]
    public void AClientThatWasTheLimitIsNamed()
    {
        Assert.Equal("", RunNotes.ClientLimit(Records.Result(Records.Phase(busyShare: 0.9))));
        Assert.Equal(
            "load thread 0 was busy 99 % of the time (49 % waiting for a processor): the figures are the client's, not the server's",
            RunNotes.ClientLimit(Records.Result(Records.Phase(busyShare: 0.99))));
        Assert.Equal(
            "load thread 0 was busy up to 100 % of the time (up to 50 % waiting for a processor) at 200 per second, 400 per second: "
                + "the figures are the client's, not the server's",
            RunNotes.ClientLimit(Records.Result(
                Records.Phase("100 per second"), Records.Phase("200 per second", busyShare: 0.97), Records.Phase("400 per second", busyShare: 1))));
        Assert.Contains("the limit\n", Plain(Records.Result(Records.Phase(busyShare: 0.99))), StringComparison.Ordinal);
    }

    [Fact]
    public void ARunOfNothingIsSummedUp()
    {
        PhaseRecord phase = new("run", 100, isMeasured: true, Records.StartNs, threads: 1);
        Assert.Contains("  run          0     0.00", Plain(Records.Result(phase)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(30_000, 30_000)]
    [InlineData(30_000, 90_000)]
    [InlineData(8_000, 160_000_000)]
    [InlineData(99_900, 3_500_000_000_000)]
    public void BinsHoldEveryValueOnceInFewRanges(long lowNs, long highNs)
    {
        LatencyHistograms latencies = new(isScheduled: false);
        double value = lowNs;
        for (int i = 0; i < 1000; i++, value *= Math.Pow((double)highNs / lowNs, 1 / 999.0))
            latencies.Record((long)value, (long)value, 1 + i % 3);
        latencies.Record(highNs, highNs, 1);
        LongHistogram histogram = latencies.Actual;
        IReadOnlyList<LatencyBin> bins = LatencyBins.Of(histogram, 20);
        Assert.InRange(bins.Count, 1, 20);
        Assert.Equal(histogram.TotalCount, bins.Sum(bin => bin.Count));
        Assert.True(bins[^1].ToNs > histogram.GetMaxValue());
        for (int i = 1; i < bins.Count; i++)
        {
            Assert.Equal(bins[i - 1].ToNs, bins[i].FromNs);
            Assert.True(bins[i].ToNs > bins[i].FromNs);
        }
    }

    private static string Plain(RunResult result)
    {
        StringWriter output = new(new StringBuilder(), CultureInfo.InvariantCulture);
        PlainSummary.Write(output, result);
        return output.ToString();
    }

    private static string[] Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
}

using System.Text.Json;
using Anax.Tests.Stub;
using HdrHistogram;
using Xunit;

namespace Anax.Tests.Server.Bench;

/// <summary>What other programs read: memtier's JSON and HdrHistogram's log agree with what the server saw.</summary>
public sealed class OutputFileTests
{
    private const long MillisecondNs = 1_000_000;

    [Fact]
    public void TheJsonFileSaysWhatTheServerSaw()
    {
        using StubServer stub = new(new StubOptions { Delay = new ConstantDelay(5 * MillisecondNs), IsPolling = true });
        BenchResult result = BenchRun.RunLine($"-p {stub.Port} --threads 1 -c 4 --qps=0 --test_time 1 --ratio 1:3").Good();
        StubRecord record = stub.Record;
        JsonElement all = result.AllStats, totals = all.GetProperty("Totals");
        long writes = Enumerable.Range(0, record.Kept).Count(record.IsWrite);
        Assert.Equal(record.Count, totals.GetProperty("Count").GetInt64());
        Assert.Equal(writes, all.GetProperty("Sets").GetProperty("Count").GetInt64());
        Assert.Equal(record.Count - writes, all.GetProperty("Gets").GetProperty("Count").GetInt64());
        Assert.Equal(0, all.GetProperty("Gets").GetProperty("Misses/sec").GetDouble());

        double seconds = (record.ReplyNs(record.Kept - 1) - record.ArrivalNs(0)) / 1e9;
        Near(record.Count / seconds, totals.GetProperty("Ops/sec").GetDouble(), 0.1);
        JsonElement percentiles = totals.GetProperty("Percentile Latencies");
        long[] serviceNs = record.ServiceNs();
        Near(StubRecord.Percentile(serviceNs, 50) / 1e6, percentiles.GetProperty("p50.00").GetDouble(), 0.3);
        Assert.True(StubRecord.Percentile(serviceNs, 99) / 1e6 <= percentiles.GetProperty("p99.00").GetDouble());
        Assert.InRange(percentiles.GetProperty("p99.00").GetDouble(), 5, 100);
        // Milliseconds for memtier, microseconds for ourselves.
        Near(percentiles.GetProperty("p99.00").GetDouble() * 1000, result.LatencyUs("p99"), 0.001);
        JsonElement series = result.Step.GetProperty("series").GetProperty("replies");
        Assert.Equal(record.Count, series.EnumerateArray().Sum(bin => bin.GetInt64()));
        Assert.Equal(4, result.Step.GetProperty("connections").GetInt32());
    }

    [Theory]
    [InlineData("--qps=0", new[] { "actual" })]
    [InlineData("--qps=100", new[] { "actual", "intended" })]
    public void TheHdrFileIsReadByHdrHistogramsReader(string options, string[] tags)
    {
        using StubServer stub = new(new StubOptions { Delay = new ConstantDelay(5 * MillisecondNs), IsPolling = true });
        string path = Path.Combine(Path.GetTempPath(), $"anax-bench-{Guid.NewGuid():N}.hlog");
        try
        {
            BenchRun.RunLine($"-p {stub.Port} --threads 2 -c 2 --test_time 1.5 --hdr_file {path} {options}").Good();
            using FileStream file = File.OpenRead(path);
            HistogramBase[] histograms = [.. new HistogramLogReader(file).ReadHistograms()];
            Assert.Equal(tags, histograms.Select(histogram => histogram.Tag).Distinct().Order());
            foreach (string tag in tags)
            {
                HistogramBase[] own = [.. histograms.Where(histogram => histogram.Tag == tag)];
                Assert.Equal(stub.Record.Count, own.Sum(histogram => histogram.TotalCount));
                // Other tests run at this time and may hold replies up, never hasten them.
                Assert.All(own, one => Assert.InRange(one.GetValueAtPercentile(50), 5 * MillisecondNs, 50 * MillisecondNs));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void Near(double expected, double actual, double share) =>
        Assert.InRange(actual, expected * (1 - share), expected * (1 + share));
}

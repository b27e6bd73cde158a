using System.Text.Json;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Output;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Output;

/// <summary>The JSON file, read back: as memtier's readers look for it, and each step by itself.</summary>
public sealed class JsonFileTests
{
    [Fact]
    public void TotalsStandWhereMemtierHasThem()
    {
        using JsonDocument json = Written(Records.Result(Records.Phase()));
        JsonElement totals = json.RootElement.GetProperty("ALL STATS").GetProperty("Totals");
        Assert.Equal(2000, totals.GetProperty("Count").GetInt64());
        Assert.Equal(1000, totals.GetProperty("Ops/sec").GetDouble(), 3);
        Assert.Equal(100, totals.GetProperty("Hits/sec").GetDouble(), 3);
        Assert.Equal(400, totals.GetProperty("Misses/sec").GetDouble(), 3);
        JsonElement percentiles = totals.GetProperty("Percentile Latencies");
        Assert.InRange(percentiles.GetProperty("p50.00").GetDouble(), 0.1, 0.1002);
        Assert.InRange(percentiles.GetProperty("p99.00").GetDouble(), 0.1, 0.1002);
        Assert.InRange(percentiles.GetProperty("p99.90").GetDouble(), 2, 2.002);
        Assert.Equal(10, json.RootElement.GetProperty("configuration").GetProperty("clients").GetInt32());
    }

    [Fact]
    public void EachStepHasTheRecordersOwnNumbers()
    {
        RunResult result = Records.Result(
            Records.Phase("100 per second", 100), Records.Phase("200 per second", 200, startNs: 8 * Records.SecondNs));
        using JsonDocument json = Written(result);
        JsonElement[] steps = [.. json.RootElement.GetProperty("anax-bench").GetProperty("steps").EnumerateArray()];
        Assert.Equal(2, steps.Length);
        for (int i = 0; i < steps.Length; i++)
        {
            PhaseRecord step = result.Steps[i];
            Assert.Equal(step.Name, steps[i].GetProperty("name").GetString());
            Assert.Equal(step.Replies, steps[i].GetProperty("replies").GetInt64());
            Assert.Equal(10, steps[i].GetProperty("connections").GetInt32());
            Assert.Equal(step.Series.Sum(bin => bin.Replies),
                steps[i].GetProperty("series").GetProperty("replies").EnumerateArray().Sum(count => count.GetInt64()));
            double actual = steps[i].GetProperty("latency_us").GetProperty("p50").GetDouble();
            double intended = steps[i].GetProperty("intended_latency_us").GetProperty("p50").GetDouble();
            Assert.Equal((step.Latencies.Actual.GetValueAtPercentile(50) / 1e3, step.Latencies.Intended.GetValueAtPercentile(50) / 1e3),
                (actual, intended));
            Assert.InRange(intended - actual, 49, 51);
        }
    }

    private static JsonDocument Written(RunResult result)
    {
        string path = Path.GetTempFileName();
        try
        {
            JsonFile.Write(path, result, new MachineFacts("a processor", 2, 2, "a system", "1 GiB"));
            return JsonDocument.Parse(File.ReadAllBytes(path));
        }
        finally
        {
            File.Delete(path);
        }
    }
}

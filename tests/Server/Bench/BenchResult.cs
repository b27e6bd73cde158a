using System.Text.Json;
using Xunit;

namespace Anax.Tests.Server.Bench;

/// <summary>How a run of the load generator ended, what it printed, and the file that it wrote.</summary>
internal sealed record BenchResult(int ExitCode, string Output, string Errors, JsonElement? Json)
{
    /// <summary>What memtier writes as well.</summary>
    public JsonElement AllStats => Json!.Value.GetProperty("ALL STATS");

    /// <summary>What memtier has no place for.</summary>
    public JsonElement Own => Json!.Value.GetProperty("anax-bench");

    /// <summary>The figures of its only step.</summary>
    public JsonElement Step
    {
        get
        {
            JsonElement[] steps = Steps;
            return Assert.Single(steps);
        }
    }

    public JsonElement[] Steps => [.. Own.GetProperty("steps").EnumerateArray()];

    public long Replies => Step.GetProperty("replies").GetInt64();

    public long Reads => Step.GetProperty("reads").GetInt64();

    public long Hits => Step.GetProperty("hits").GetInt64();

    public Dictionary<string, long> ErrorTexts =>
        Step.GetProperty("errors_by_text").EnumerateObject().ToDictionary(text => text.Name, text => text.Value.GetInt64());

    /// <summary>A percentile from the time of sending, or from the intended one.</summary>
    public double LatencyUs(string percentile, bool isIntended = false) =>
        Step.GetProperty(isIntended ? "intended_latency_us" : "latency_us").GetProperty(percentile).GetDouble();

    /// <summary>It ended well and no request failed.</summary>
    public BenchResult Good()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Errors}{Output}");
        foreach (JsonElement step in Steps) Assert.Equal(0, step.GetProperty("errors").GetInt64());
        return this;
    }

    /// <summary>It ended with exactly one line on standard error, which begins so.</summary>
    public void RefusedWith(string beginning)
    {
        Assert.NotEqual(0, ExitCode);
        string line = Assert.Single(Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith($"anax-bench: {beginning}", line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Errors + Output, StringComparison.Ordinal);
    }
}

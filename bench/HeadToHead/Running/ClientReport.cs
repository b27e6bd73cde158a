using System.Text.Json;
using Anax.Bench.HeadToHead.Results;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>What anax-bench wrote into its --json_out_file, as far as it is used here.</summary>
internal sealed record ClientReport
{
    /// <summary>When the first connection was dialled, a few milliseconds before the load: milliseconds since 1970.</summary>
    public required long StartMs { get; init; }

    public required double Seconds { get; init; }

    public required long Replies { get; init; }

    public required double PerSecond { get; init; }

    public required long Reads { get; init; }

    public required long Hits { get; init; }

    public required long Errors { get; init; }

    /// <summary>The most frequent one; empty where there is none.</summary>
    public required string Error { get; init; }

    /// <summary>Why the run ended before its time; empty where it did not.</summary>
    public required string Failure { get; init; }

    /// <summary>From the intended times; without a schedule those are the times of sending.</summary>
    public required Latencies Latency { get; init; }

    /// <summary>The client's own, of all its threads while the load lasted.</summary>
    public required CpuTimes Cpu { get; init; }

    /// <summary>One of its threads had no time to spare.</summary>
    public required bool IsLimit { get; init; }

    /// <summary>Replies per 100 ms; the last interval is not a whole one.</summary>
    public required IReadOnlyList<long> Series { get; init; }

    /// <summary>The longest latency of each interval, µs.</summary>
    public required IReadOnlyList<double> SeriesMaxUs { get; init; }

    public static ClientReport Parse(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement root = document.RootElement, own = root.GetProperty("anax-bench");
        JsonElement step = own.GetProperty("steps")[0];
        JsonElement threads = step.GetProperty("client_threads"), series = step.GetProperty("series");
        return new ClientReport
        {
            StartMs = root.GetProperty("ALL STATS").GetProperty("Runtime").GetProperty("Start time").GetInt64(),
            Failure = own.GetProperty("failure").GetString() ?? "",
            Seconds = step.GetProperty("seconds").GetDouble(),
            Replies = step.GetProperty("replies").GetInt64(),
            PerSecond = step.GetProperty("replies_per_second").GetDouble(),
            Reads = step.GetProperty("reads").GetInt64(),
            Hits = step.GetProperty("hits").GetInt64(),
            Errors = step.GetProperty("errors").GetInt64(),
            Error = step.GetProperty("errors_by_text").EnumerateObject().Select(error => error.Name).FirstOrDefault() ?? "",
            Latency = LatencyOf(step.GetProperty("intended_latency_us")),
            Cpu = new CpuTimes(Sum(threads, "user_ns"), Sum(threads, "system_ns")),
            IsLimit = threads.EnumerateArray().Any(thread => thread.GetProperty("is_limit").GetBoolean()),
            Series = [.. series.GetProperty("replies").EnumerateArray().Select(bin => bin.GetInt64())],
            SeriesMaxUs = [.. series.GetProperty("max_us").EnumerateArray().Select(bin => bin.GetDouble())],
        };
    }

    private static Latencies LatencyOf(JsonElement us) => new()
    {
        P50Us = us.GetProperty("p50").GetDouble(),
        P75Us = us.GetProperty("p75").GetDouble(),
        P90Us = us.GetProperty("p90").GetDouble(),
        P95Us = us.GetProperty("p95").GetDouble(),
        P99Us = us.GetProperty("p99").GetDouble(),
        P999Us = us.GetProperty("p99.9").GetDouble(),
        P9999Us = us.GetProperty("p99.99").GetDouble(),
        MaxUs = us.GetProperty("max").GetDouble(),
    };

    private static double Sum(JsonElement threads, string name) =>
        threads.EnumerateArray().Sum(thread => thread.GetProperty(name).GetDouble());
}

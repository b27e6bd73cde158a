using System.Globalization;
using System.Text;
using System.Text.Json;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;
using HdrHistogram;

namespace Anax.LoadGen.Output;

/// <summary>
/// --json_out_file: "configuration", "run information" and "ALL STATS" as memtier_benchmark writes them (latencies in
/// milliseconds), the steps of a run added up; and under "anax-bench" what memtier has no place for: each step with
/// latencies in microseconds from both times, the time series, and the client's own load.
/// </summary>
internal static class JsonFile
{
    /// <summary>The percentiles that memtier writes, and ours.</summary>
    private static readonly double[] Percents = [50, 90, 95, 99, 99.9, 99.99];

    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    public static void Write(string path, RunResult result, MachineFacts machine)
    {
        using FileStream file = File.Create(path);
        using Utf8JsonWriter json = new(file, Indented);
        Write(json, result, machine);
    }

    public static void Write(Utf8JsonWriter json, RunResult result, MachineFacts machine)
    {
        json.WriteStartObject();
        WriteConfiguration(json, result.Options, result.Threads);
        WriteTotals(json, result);
        json.WriteStartObject("anax-bench");
        json.WriteString("version", BenchProcess.Version);
        json.WriteString("command", result.CommandLine);
        json.WriteString("server", result.ServerVersion);
        json.WriteString("event loop", result.Backend);
        json.WriteString("machine", machine.ToString());
        json.WriteString("failure", result.Failure);
        json.WriteStartArray("steps");
        foreach (PhaseRecord step in result.Steps) WriteStep(json, step);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    // ---- as memtier ----

    private static void WriteConfiguration(Utf8JsonWriter json, BenchOptions options, int threads)
    {
        json.WriteStartObject("configuration");
        json.WriteString("server", options.Host);
        json.WriteNumber("port", options.Port);
        json.WriteString("unix socket", options.UnixSocket);
        json.WriteString("protocol", options.Protocol switch
        {
            BenchProtocol.MemcacheText => "memcache_text",
            BenchProtocol.Resp3 => "resp3",
            _ => "redis",
        });
        json.WriteNumber("requests", options.Requests);
        json.WriteNumber("clients", options.Connections);
        json.WriteNumber("threads", threads);
        json.WriteNumber("test_time", options.TestTime);
        json.WriteString("ratio", string.Create(CultureInfo.InvariantCulture, $"{options.RatioSet}:{options.RatioGet}"));
        json.WriteNumber("pipeline", options.Pipeline);
        json.WriteNumber("data_size", options.ValueBytesMax);
        json.WriteString("key_prefix", options.KeyPrefix);
        json.WriteNumber("key_minimum", options.KeyMinimum);
        json.WriteNumber("key_maximum", options.KeyMaximum);
        json.WriteEndObject();

        json.WriteStartObject("run information");
        json.WriteNumber("Threads", threads);
        json.WriteNumber("Connections per thread", options.Connections);
        json.WriteNumber("Requests per client", options.Requests);
        json.WriteNumber("Format version", 2);
        json.WriteEndObject();
    }

    private static void WriteTotals(Utf8JsonWriter json, RunResult result)
    {
        LatencyHistograms latencies = new(isScheduled: false);
        double seconds = 0;
        long replies = 0, reads = 0, writes = 0, hits = 0, bytes = 0, errors = 0;
        foreach (PhaseRecord step in result.Steps)
        {
            latencies.Actual.Add(step.Latencies.Actual);
            seconds += step.Seconds;
            replies += step.Replies;
            reads += step.Reads;
            writes += step.Writes;
            hits += step.Hits;
            errors += step.ErrorCount;
            bytes += step.SentBytes + step.ReplyBytes;
        }

        double perSecond = seconds == 0 ? 0 : 1 / seconds;
        long startMs = result.StartTime.ToUnixTimeMilliseconds();
        json.WriteStartObject("ALL STATS");
        json.WriteStartObject("Runtime");
        json.WriteNumber("Start time", startMs);
        json.WriteNumber("Finish time", startMs + (long)(seconds * 1000));
        json.WriteNumber("Total duration", (long)(seconds * 1000));
        json.WriteString("Time unit", "MILLISECONDS");
        json.WriteEndObject();
        if (result.Options.Commands.Count == 0)
        {
            WriteCounts(json, "Sets", writes, 0, 0, perSecond);
            json.WriteEndObject();
            WriteCounts(json, "Gets", reads, hits, reads - hits, perSecond);
            json.WriteEndObject();
        }

        WriteCounts(json, "Totals", replies, hits, reads - hits, perSecond);
        WriteMilliseconds(json, latencies.Actual);
        WriteNumber(json, "KB/sec", bytes / 1024.0 * perSecond);
        WriteNumber(json, "Connection Errors/sec", 0);
        WriteNumber(json, "Errors/sec", errors * perSecond);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    /// <summary>Opens an object, which is left open.</summary>
    private static void WriteCounts(Utf8JsonWriter json, string name, long count, long hits, long misses, double perSecond)
    {
        json.WriteStartObject(name);
        json.WriteNumber("Count", count);
        WriteNumber(json, "Ops/sec", count * perSecond);
        WriteNumber(json, "Hits/sec", hits * perSecond);
        WriteNumber(json, "Misses/sec", misses * perSecond);
    }

    private static void WriteMilliseconds(Utf8JsonWriter json, LongHistogram histogram)
    {
        const double MillisecondNs = 1e6;
        LatencySummary latency = new(histogram);
        WriteNumber(json, "Latency", latency.MeanNs / MillisecondNs);
        WriteNumber(json, "Average Latency", latency.MeanNs / MillisecondNs);
        WriteNumber(json, "Min Latency", latency.MinNs / MillisecondNs);
        WriteNumber(json, "Max Latency", latency.MaxNs / MillisecondNs);
        json.WriteStartObject("Percentile Latencies");
        foreach (double percent in Percents)
            WriteNumber(json, string.Create(CultureInfo.InvariantCulture, $"p{percent:F2}"), latency.At(percent) / MillisecondNs);
        json.WriteEndObject();
    }

    // ---- our own ----

    private static void WriteStep(Utf8JsonWriter json, PhaseRecord step)
    {
        json.WriteStartObject();
        json.WriteString("name", step.Name);
        WriteNumber(json, "qps", step.Qps);
        json.WriteNumber("connections", step.Connections);
        WriteNumber(json, "seconds", step.Seconds);
        json.WriteNumber("sent", step.Sent);
        json.WriteNumber("replies", step.Replies);
        WriteNumber(json, "replies_per_second", step.Seconds == 0 ? 0 : step.Replies / step.Seconds);
        json.WriteNumber("reads", step.Reads);
        json.WriteNumber("hits", step.Hits);
        json.WriteNumber("errors", step.ErrorCount);
        json.WriteStartObject("errors_by_text");
        foreach ((string text, long count) in step.Errors) json.WriteNumber(text, count);
        json.WriteEndObject();
        WriteMicroseconds(json, "latency_us", step.Latencies.Actual);
        WriteMicroseconds(json, "intended_latency_us", step.Latencies.Intended);
        WriteClient(json, step);
        WriteSeries(json, step);
        json.WriteEndObject();
    }

    private static void WriteMicroseconds(Utf8JsonWriter json, string name, LongHistogram histogram)
    {
        LatencySummary latency = new(histogram);
        json.WriteStartObject(name);
        WriteNumber(json, "mean", latency.MeanNs / 1e3);
        WriteNumber(json, "min", latency.MinNs / 1e3);
        foreach (double percent in LatencySummary.Percents)
            WriteNumber(json, string.Create(CultureInfo.InvariantCulture, $"p{percent}"), latency.At(percent) / 1e3);
        WriteNumber(json, "max", latency.MaxNs / 1e3);
        json.WriteEndObject();
    }

    private static void WriteClient(Utf8JsonWriter json, PhaseRecord step)
    {
        json.WriteStartArray("client_threads");
        foreach (ThreadRecorder thread in step.Threads)
        {
            ClientLoad load = ClientLoad.Of(thread);
            json.WriteStartObject();
            json.WriteNumber("thread", load.Thread);
            json.WriteNumber("replies", thread.ReplyCount);
            WriteNumber(json, "user_share", load.UserShare);
            WriteNumber(json, "system_share", load.SystemShare);
            WriteNumber(json, "busy_share", load.BusyShare);
            json.WriteNumber("user_ns", thread.End.UserNs - thread.Start.UserNs);
            json.WriteNumber("system_ns", thread.End.SystemNs - thread.Start.SystemNs);
            json.WriteBoolean("is_limit", load.IsLimit);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSeries(Utf8JsonWriter json, PhaseRecord step)
    {
        json.WriteStartObject("series");
        WriteNumber(json, "interval_ms", SeriesBin.Ns / 1e6);
        IReadOnlyList<SeriesBin> series = step.Series;
        WriteLine(json, "replies", series.Select(bin => bin.Replies.ToString(CultureInfo.InvariantCulture)));
        WriteLine(json, "errors", series.Select(bin => bin.Errors.ToString(CultureInfo.InvariantCulture)));
        WriteLine(json, "max_us", series.Select(bin => Text(bin.LatencyNsMax / 1e3)));
        json.WriteEndObject();

        json.WriteStartObject("per_second");
        IReadOnlyList<SecondFigures> seconds = step.PerSecond;
        WriteLine(json, "end_ms", seconds.Select(second => Text((second.EndNs - step.StartNs) / 1e6)));
        WriteLine(json, "p50_us", seconds.Select(second => Text(second.Latency.P50Ns / 1e3)));
        WriteLine(json, "p99_us", seconds.Select(second => Text(second.Latency.P99Ns / 1e3)));
        WriteLine(json, "p99.9_us", seconds.Select(second => Text(second.Latency.P999Ns / 1e3)));
        WriteLine(json, "max_us", seconds.Select(second => Text(second.Latency.MaxNs / 1e3)));
        json.WriteEndObject();
    }

    /// <summary>An array of numbers in one line of the file, however long.</summary>
    private static void WriteLine(Utf8JsonWriter json, string name, IEnumerable<string> numbers)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(new StringBuilder("[").AppendJoin(',', numbers).Append(']').ToString());
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(Text(value));
    }

    /// <summary>Without the digits that no clock has measured.</summary>
    private static string Text(double value) => double.IsFinite(value) ? value.ToString("0.####", CultureInfo.InvariantCulture) : "0";
}

using System.Text.Json.Serialization;

namespace Anax.Bench.HeadToHead.Results;

/// <summary>
/// Reads at a fixed rate while another client's long command runs, and the same reads without it. On another shard they are
/// then beside a process that keeps the CPU of the command's shard as busy; on the same one beside nothing.
/// </summary>
internal sealed record LongCommandFigures
{
    /// <summary>Without the command, from when a request should have been sent.</summary>
    public Latencies Yardstick { get; init; } = new();

    public Latencies Latency { get; init; } = new();

    /// <summary>The longest turn, µs, of the loop that does not run the command, without it and with it; 0 where none is told.</summary>
    public double YardstickTurnUs { get; init; }

    public double TurnUs { get; init; }

    /// <summary>How often the command was answered, and how long one took at most, with the passing over of its reply.</summary>
    public int Runs { get; init; }

    public double LongestRunMs { get; init; }

    [JsonIgnore]
    public double P999Ratio => Latency.P999Us / Yardstick.P999Us;

    [JsonIgnore]
    public double? TurnRatio => YardstickTurnUs > 0 ? TurnUs / YardstickTurnUs : null;
}

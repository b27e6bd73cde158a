using System.Text.Json.Serialization;

namespace Anax.Bench.HeadToHead.Results;

/// <summary>What one run of a maximum or of a rate gave.</summary>
internal sealed record LoadFigures
{
    public long Replies { get; init; }

    public double Seconds { get; init; }

    public double PerSecond { get; init; }

    /// <summary>Of a rate; 0 of a maximum.</summary>
    public double OfferedPerSecond { get; init; }

    /// <summary>Reads that found something, 0 to 1; 0 where nothing is read.</summary>
    public double HitShare { get; init; }

    /// <summary>The server's processor time per operation.</summary>
    public double UserNs { get; init; }

    public double SystemNs { get; init; }

    /// <summary>The client's.</summary>
    public double ClientUserNs { get; init; }

    public double ClientSystemNs { get; init; }

    /// <summary>The client had no time to spare: the server may be better than its figure.</summary>
    public bool ClientIsLimit { get; init; }

    /// <summary>What neither the server nor the client took of the machine's processor time, 0 to 1.</summary>
    public double OtherCpuShare { get; init; }

    /// <summary>The server's, afterwards.</summary>
    public long ResidentBytes { get; init; }

    /// <summary>Replies in the worst 100 ms, per second.</summary>
    public double WorstWindowPerSecond { get; init; }

    public Latencies Latency { get; init; } = new();

    /// <summary>Per operation; only where threads or transactions are compared.</summary>
    public LoopCounts? Loops { get; init; }

    [JsonIgnore]
    public double CpuNs => UserNs + SystemNs;

    /// <summary>Operations for each second of the server's processor time.</summary>
    [JsonIgnore]
    public double PerCpuSecond => CpuNs == 0 ? 0 : 1e9 / CpuNs;

    [JsonIgnore]
    public double ClientCpuNs => ClientUserNs + ClientSystemNs;
}

using System.Text.Json.Serialization;

namespace Anax.Bench.HeadToHead.Results;

/// <summary>What one fill gave, raw: <see cref="FillMath"/> makes figures of it.</summary>
internal sealed record FillFigures
{
    public long Entries { get; init; }

    /// <summary>What the server said afterwards; -1 where it did not.</summary>
    public long EntriesFound { get; init; }

    public double Seconds { get; init; }

    public double UserNs { get; init; }

    public double SystemNs { get; init; }

    public double ClientUserNs { get; init; }

    public double ClientSystemNs { get; init; }

    public bool ClientIsLimit { get; init; }

    public double OtherCpuShare { get; init; }

    /// <summary>Replies per 100 ms; the last interval is not a whole one.</summary>
    public IReadOnlyList<long> Series { get; init; } = [];

    /// <summary>The server's resident memory before.</summary>
    public long StartBytes { get; init; }

    /// <summary>Milliseconds since the client began, and the server's resident memory then.</summary>
    public IReadOnlyList<double> ResidentMs { get; init; } = [];

    public IReadOnlyList<long> ResidentBytes { get; init; } = [];

    /// <summary>Of the one that read meanwhile, from when it wanted to ask.</summary>
    public Latencies Probe { get; init; } = new();

    /// <summary>The probe's longest latency per 100 ms, from when the fill began.</summary>
    public IReadOnlyList<double> ProbeMaxUs { get; init; } = [];

    /// <summary>The longest turn of the server's event loops until the last entry; 0 where it tells none.</summary>
    public double LongestTurnUs { get; init; }

    /// <summary>Replies per 100 ms while entries that were there were written again.</summary>
    public IReadOnlyList<long> OverwriteSeries { get; init; } = [];

    [JsonIgnore]
    public double CpuNs => UserNs + SystemNs;

    [JsonIgnore]
    public double ClientCpuNs => ClientUserNs + ClientSystemNs;
}

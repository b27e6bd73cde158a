using System.Text.Json.Serialization;

namespace Anax.Bench.HeadToHead.Results;

/// <summary>A server's resident memory at several numbers of small entries without TTL.</summary>
internal sealed record SmallEntriesFigures
{
    /// <summary>Of the nearly empty server.</summary>
    public long StartBytes { get; init; }

    /// <summary>How many it held, ascending, and its resident memory then.</summary>
    public IReadOnlyList<long> Entries { get; init; } = [];

    public IReadOnlyList<long> ResidentBytes { get; init; } = [];

    /// <summary>Growth by entries, the mean of all numbers.</summary>
    [JsonIgnore]
    public double MeanBytes => Bytes.DefaultIfEmpty(0).Average();

    [JsonIgnore]
    public double WorstBytes => Bytes.DefaultIfEmpty(0).Max();

    private IEnumerable<double> Bytes => Entries.Zip(ResidentBytes, (entries, bytes) => (double)(bytes - StartBytes) / entries);
}

/// <summary>A server's resident memory before and with connections that ask nothing.</summary>
internal sealed record IdleConnectionsFigures
{
    public int Connections { get; init; }

    public long StartBytes { get; init; }

    public long ResidentBytes { get; init; }

    /// <summary>Growth for each connection.</summary>
    [JsonIgnore]
    public double BytesEach => (double)(ResidentBytes - StartBytes) / Connections;
}

/// <summary>One large value, written and read once over one connection.</summary>
internal sealed record LargeValueFigures
{
    public long ValueBytes { get; init; }

    /// <summary>From its first byte until the answer.</summary>
    public double SetSeconds { get; init; }

    /// <summary>From the question until its last byte.</summary>
    public double GetSeconds { get; init; }

    /// <summary>The server's largest resident memory while it was written.</summary>
    public long SetPeakBytes { get; init; }

    /// <summary>Resident memory before it was read, and the largest while it was.</summary>
    public long GetStartBytes { get; init; }

    public long GetPeakBytes { get; init; }

    [JsonIgnore]
    public double SetBytesPerSecond => ValueBytes / SetSeconds;

    [JsonIgnore]
    public double GetBytesPerSecond => ValueBytes / GetSeconds;

    /// <summary>All of the server's memory by the value's size: 1 would be the value and nothing else.</summary>
    [JsonIgnore]
    public double SetPeakShare => (double)SetPeakBytes / ValueBytes;

    [JsonIgnore]
    public double GetGrowthBytes => Math.Max(0, GetPeakBytes - GetStartBytes);
}

using System.Text.Json.Serialization;

namespace Anax.Bench.HeadToHead.Results;

/// <summary>A server's memory at several numbers of entries: small ones without TTL, elements of a collection, or collections.</summary>
internal sealed record GrowthFigures
{
    /// <summary>Of the nearly empty server.</summary>
    public long StartBytes { get; init; }

    /// <summary>What it says of itself, used_memory, then and later; empty where it was not asked or says nothing.</summary>
    public long StartUsedBytes { get; init; }

    public IReadOnlyList<long> UsedBytes { get; init; } = [];

    /// <summary>How many it held, ascending, and its resident memory then.</summary>
    public IReadOnlyList<long> Entries { get; init; } = [];

    public IReadOnlyList<long> ResidentBytes { get; init; } = [];

    /// <summary>Growth by entries, the mean of all numbers.</summary>
    [JsonIgnore]
    public double MeanBytes => Bytes.DefaultIfEmpty(0).Average();

    [JsonIgnore]
    public double WorstBytes => Bytes.DefaultIfEmpty(0).Max();

    /// <summary>The same of what it says of itself; null where it says nothing.</summary>
    [JsonIgnore]
    public double? MeanUsedBytes =>
        UsedBytes.Count == 0 ? null : Entries.Zip(UsedBytes, (entries, bytes) => (double)(bytes - StartUsedBytes) / entries).Average();

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

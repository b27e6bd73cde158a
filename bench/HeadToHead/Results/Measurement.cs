namespace Anax.Bench.HeadToHead.Results;

/// <summary>One measurement that was made, in results.json a line.</summary>
internal sealed record Measurement
{
    /// <summary>The cell's id.</summary>
    public string Cell { get; init; } = "";

    public string Server { get; init; } = "";

    public int Round { get; init; }

    public DateTimeOffset Time { get; init; }

    /// <summary>Why it has no figures; empty where it has.</summary>
    public string Failure { get; init; } = "";

    /// <summary>Of a maximum of any kind, or a rate.</summary>
    public LoadFigures? Load { get; init; }

    public FillFigures? Fill { get; init; }

    public GrowthFigures? SmallEntries { get; init; }

    /// <summary>Of a large collection or of small ones.</summary>
    public GrowthFigures? Collections { get; init; }

    /// <summary>Of a client that reads while another one's command runs.</summary>
    public LongCommandFigures? LongCommand { get; init; }

    public IdleConnectionsFigures? IdleConnections { get; init; }

    public LargeValueFigures? LargeValue { get; init; }
}

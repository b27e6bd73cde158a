namespace Anax.Bench.HeadToHead.Peers;

/// <summary>A server to compare, or the reason why it is not there.</summary>
internal sealed record Peer(string Name)
{
    public string Path { get; init; } = "";

    /// <summary>What the binary says of itself.</summary>
    public string Version { get; init; } = "";

    /// <summary>Of the binary: another one makes other results.</summary>
    public string Sha256 { get; init; } = "";

    /// <summary>Empty where it is there.</summary>
    public string Missing { get; init; } = "";

    public bool IsThere => Missing.Length == 0;

    public static Peer Absent(string name, string why) => new(name) { Missing = why };
}

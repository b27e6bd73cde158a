namespace Anax.Core.Structures;

/// <summary>Which entries of a stream are too many, from its begin on.</summary>
public struct StreamTrim
{
    public StreamTrimKind Kind;

    /// <summary>Whole nodes only.</summary>
    public bool IsApproximate;

    /// <summary>Entries that may go, at most; 0 for any number.</summary>
    public long Limit;

    /// <summary>Entries that stay.</summary>
    public long CountMax;

    /// <summary>Entries before it go.</summary>
    public StreamId MinId;
}

public enum StreamTrimKind : byte
{
    None,
    ByCount,
    ById,
}

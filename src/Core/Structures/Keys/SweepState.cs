namespace Anax.Core.Structures;

/// <summary>
/// Where the sweep of one table stands. Mutable; kept by who drives the sweep, one per table.
/// </summary>
public struct SweepState
{
    /// <summary>The position from which the next step goes on; 0 at the start of a round.</summary>
    public ulong Position { get; internal set; }

    /// <summary>Of a value that consists of several trees: which of them the position is about.</summary>
    internal long Outer { get; set; }
    internal long Inner { get; set; }

    /// <summary>Rounds completed.</summary>
    public long Rounds { get; internal set; }

    /// <summary>Entries that were found expired and handed to the visitor.</summary>
    public long Expired { get; internal set; }

    /// <summary>Records that were moved off pages under evacuation.</summary>
    public long Moved { get; internal set; }
}

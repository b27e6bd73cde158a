namespace Anax.Runtime.Simulated;

/// <summary>How hard the simulated network is. Chances are in percent of the occasions.</summary>
public sealed record SimulationOptions
{
    public ulong Seed { get; init; } = 1;

    /// <summary>Bytes that one direction of a connection holds before its writer has to wait.</summary>
    public int PipeBytes { get; init; } = 64 * 1024;

    /// <summary>A read gets less than there is.</summary>
    public int PartialReadChance { get; init; } = 25;

    /// <summary>A write gets rid of less than there is room for.</summary>
    public int PartialWriteChance { get; init; } = 25;

    /// <summary>A read or write finds the connection reset instead.</summary>
    public int ResetChance { get; init; }

    /// <summary>Bytes arrive after up to so long.</summary>
    public long LatencyNsMax { get; init; } = 50_000;

    /// <summary>A turn of a loop takes up to so long; 1 makes a world in which only delays take time.</summary>
    public int TurnNsMax { get; init; } = 10_000;

    /// <summary>What a look at the clock takes in native code: a script takes one per thousand instructions.</summary>
    public long NativeLookNs { get; init; } = 10_000;

    /// <summary>Unix time at the start, in milliseconds.</summary>
    public long StartMs { get; init; } = 1_800_000_000_000;

    /// <summary>
    /// Messages that a ring between two loops holds: few, so that full rings are met often.
    /// </summary>
    public int MailboxCapacity { get; init; } = 4;
}

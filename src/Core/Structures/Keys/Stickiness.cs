namespace Anax.Core.Structures;

/// <summary>What a change makes of a key: whether it is exempt from eviction.</summary>
internal enum Stickiness : byte
{
    /// <summary>What it was.</summary>
    Kept,

    Sticky,
    Loose,
}

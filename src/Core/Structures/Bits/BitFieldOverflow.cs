namespace Anax.Core.Structures;

/// <summary>What becomes of a number that does not fit its field.</summary>
public enum BitFieldOverflow : byte
{
    /// <summary>Its low bits are kept.</summary>
    Wrap,

    /// <summary>The nearest number that fits takes its place.</summary>
    Saturate,

    /// <summary>The field stays as it was.</summary>
    Fail,
}

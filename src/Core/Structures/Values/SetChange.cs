namespace Anax.Core.Structures;

/// <summary>What became of a member.</summary>
public enum SetChange : byte
{
    /// <summary>It was as asked for already.</summary>
    None,

    Done,

    /// <summary>Memory was refused; the set is as it was.</summary>
    Refused,
}

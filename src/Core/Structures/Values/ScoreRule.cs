namespace Anax.Core.Structures;

/// <summary>When a member's score is set, and how. What several of them ask for must all be so.</summary>
[Flags]
public enum ScoreRule : byte
{
    None = 0,
    IfMissing = 1 << 0,
    IfPresent = 1 << 1,

    /// <summary>A member that is there must get a greater score; a new one may have any.</summary>
    IfGreater = 1 << 2,

    /// <summary>A member that is there must get a lower score; a new one may have any.</summary>
    IfLess = 1 << 3,

    /// <summary>The score is added to the one that is there.</summary>
    Add = 1 << 4,

    /// <summary>As <see cref="Add"/>, but infinities that cancel each other make 0.</summary>
    Sum = 1 << 5,

    /// <summary>The lower one of both.</summary>
    Min = 1 << 6,

    /// <summary>The higher one of both.</summary>
    Max = 1 << 7,
}

/// <summary>What became of a member whose score was to be set.</summary>
public enum ScoreChange : byte
{
    /// <summary>A rule forbade it.</summary>
    Forbidden,

    /// <summary>It had that score already.</summary>
    None,

    Added,
    Updated,

    /// <summary>The sum would be no number.</summary>
    NotANumber,

    /// <summary>Memory was refused; the set is as it was.</summary>
    Refused,
}

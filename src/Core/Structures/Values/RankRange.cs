namespace Anax.Core.Structures;

/// <summary>Consecutive members of a sorted set, by their places in ascending order: from the first to before the end.</summary>
public readonly record struct RankRange(long First, long End)
{
    public long Count => Math.Max(0, End - First);
}

namespace Anax.Core.Structures;

/// <summary>Scores from one to another; each end may be open.</summary>
public readonly record struct ScoreRange(double Min, bool MinIsOpen, double Max, bool MaxIsOpen);

/// <summary>An end of a range of members.</summary>
public enum LexEnd : byte { Closed, Open, BeforeAll, AfterAll }

/// <summary>Members from one to another by their bytes, meant for those of one score.</summary>
public readonly ref struct LexRange
{
    public ReadOnlySpan<byte> Min { get; init; }
    public LexEnd MinEnd { get; init; }
    public ReadOnlySpan<byte> Max { get; init; }
    public LexEnd MaxEnd { get; init; }

    internal bool IsEmpty
    {
        get
        {
            if (MinEnd == LexEnd.AfterAll || MaxEnd == LexEnd.BeforeAll) return true;
            if (MinEnd == LexEnd.BeforeAll || MaxEnd == LexEnd.AfterAll) return false;
            var order = Min.SequenceCompareTo(Max);
            return order > 0 || order == 0 && (MinEnd == LexEnd.Open || MaxEnd == LexEnd.Open);
        }
    }

    internal bool IsNotBefore(scoped ReadOnlySpan<byte> member) => MinEnd switch
    {
        LexEnd.BeforeAll => true,
        LexEnd.AfterAll => false,
        LexEnd.Open => member.SequenceCompareTo(Min) > 0,
        _ => member.SequenceCompareTo(Min) >= 0,
    };

    internal bool IsNotAfter(scoped ReadOnlySpan<byte> member) => MaxEnd switch
    {
        LexEnd.AfterAll => true,
        LexEnd.BeforeAll => false,
        LexEnd.Open => member.SequenceCompareTo(Max) < 0,
        _ => member.SequenceCompareTo(Max) <= 0,
    };
}

using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>The order of a sorted set: by score, and members of the same score by their bytes.</summary>
internal readonly struct MemberOrder : ITreeOrder
{
    public static bool IsWeighted => false;

    public static uint WeightOf(TreeSlot slot) => 1;

    public static int Compare(Arena arena, TreeSlot left, TreeSlot right)
    {
        var record = Scores.RecordOf(arena, left);
        var key = new MemberKey(Scores.Of(record), Scores.MemberOf(record));
        return left.Key32 != right.Key32 ? left.Key32.CompareTo(right.Key32) : MemberKey.Compare(arena, key, right);
    }
}

/// <summary>The place of a member with a score.</summary>
internal readonly ref struct MemberKey(double score, ReadOnlySpan<byte> member) : ITreeKey<MemberKey>
{
    private readonly ulong _order = Scores.OrderOf(score);
    private readonly ReadOnlySpan<byte> _member = member;

    public static uint Key32Of(scoped in MemberKey key) => (uint)(key._order >> 32);

    public static int Compare(Arena arena, scoped in MemberKey key, TreeSlot slot)
    {
        var record = Scores.RecordOf(arena, slot);
        var order = key._order.CompareTo(Scores.OrderOf(Scores.Of(record)));
        return order != 0 ? order : key._member.SequenceCompareTo(Scores.MemberOf(record));
    }
}

/// <summary>All members of a score: a bound to find the first of them, or the first behind them.</summary>
internal readonly struct ScoreKey(double score) : ITreeKey<ScoreKey>
{
    private readonly ulong _order = Scores.OrderOf(score);

    public static uint Key32Of(scoped in ScoreKey key) => (uint)(key._order >> 32);

    public static int Compare(Arena arena, scoped in ScoreKey key, TreeSlot slot) =>
        key._order.CompareTo(Scores.OrderOf(Scores.Of(Scores.RecordOf(arena, slot))));
}

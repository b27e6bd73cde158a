using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>The order of members that expire: by their time, and those of the same time by their bytes.</summary>
internal readonly struct ExpiryOrder : ITreeOrder
{
    /// <summary>Half seconds from the year 2004 to 2072 tell slots apart; outside, and within one, the record is read.</summary>
    private const long OriginMs = 1L << 40;
    private const int UnitShift = 9;

    public static bool IsWeighted => false;

    public static uint WeightOf(TreeSlot slot) => 1;

    public static uint Key32Of(long expireAtMs) => (uint)Math.Clamp(expireAtMs - OriginMs >> UnitShift, 0, uint.MaxValue);

    public static TreeSlot SlotOf(long expireAtMs, uint record) => new(Key32Of(expireAtMs), record);

    public static int Compare(Arena arena, TreeSlot left, TreeSlot right)
    {
        var record = Scores.RecordOf(arena, left);
        var key = new ExpiryKey(record.Expiry, Scores.MemberOf(record));
        return left.Key32 != right.Key32 ? left.Key32.CompareTo(right.Key32) : ExpiryKey.Compare(arena, key, right);
    }
}

/// <summary>The place of a member that expires at a time.</summary>
internal readonly ref struct ExpiryKey(long expireAtMs, ReadOnlySpan<byte> member) : ITreeKey<ExpiryKey>
{
    private readonly long _expireAtMs = expireAtMs;
    private readonly ReadOnlySpan<byte> _member = member;

    public static uint Key32Of(scoped in ExpiryKey key) => ExpiryOrder.Key32Of(key._expireAtMs);

    public static int Compare(Arena arena, scoped in ExpiryKey key, TreeSlot slot)
    {
        var record = Scores.RecordOf(arena, slot);
        var order = key._expireAtMs.CompareTo(record.Expiry);
        return order != 0 ? order : key._member.SequenceCompareTo(Scores.MemberOf(record));
    }
}

/// <summary>All members that expire at a time: a bound to find the first behind them.</summary>
internal readonly struct TimeKey(long expireAtMs) : ITreeKey<TimeKey>
{
    private readonly long _expireAtMs = expireAtMs;

    public static uint Key32Of(scoped in TimeKey key) => ExpiryOrder.Key32Of(key._expireAtMs);

    public static int Compare(Arena arena, scoped in TimeKey key, TreeSlot slot) =>
        key._expireAtMs.CompareTo(Scores.RecordOf(arena, slot).Expiry);
}

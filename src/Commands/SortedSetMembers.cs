using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Members of sorted sets.</summary>
internal readonly struct SortedSetMembers : IExpiringMembers
{
    public static ValueType Type => ValueType.SortedSet;

    public static EventClass Class => EventClass.SortedSet;

    public static ReadOnlySpan<byte> Word => "MEMBERS"u8;

    public static ErrorReply Mismatch => Errors.NumMembersMismatch;

    public static ReadOnlySpan<byte> ExpireEvent => "zexpire"u8;

    public static ReadOnlySpan<byte> ExpiredEvent => "zexpired"u8;

    public static ReadOnlySpan<byte> PersistEvent => "zpersist"u8;

    public static long ExpiryOf(ValueView value, ReadOnlySpan<byte> member, long nowMs) => new SortedSetView(value, nowMs).ExpiryOf(member);

    public static bool SetExpiry(ShardScope shard, ValueSlot slot, ReadOnlySpan<byte> member, long expireAtMs) =>
        SortedSetValue.Editor(shard, slot).SetExpiry(member, expireAtMs);

    public static void Remove(ShardScope shard, ValueSlot slot, ReadOnlySpan<byte> member) =>
        _ = SortedSetValue.Editor(shard, slot).Remove(member);

    public static bool IsEmpty(ValueView value) => new SortedSetView(value, 0).Count == 0;
}

using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Members of sets.</summary>
internal readonly struct SetMembers : IExpiringMembers
{
    public static ValueType Type => ValueType.Set;

    public static EventClass Class => EventClass.Set;

    public static ReadOnlySpan<byte> Word => "MEMBERS"u8;

    public static ErrorReply Mismatch => Errors.NumMembersMismatch;

    public static ReadOnlySpan<byte> ExpireEvent => "sexpire"u8;

    public static ReadOnlySpan<byte> ExpiredEvent => "sexpired"u8;

    public static ReadOnlySpan<byte> PersistEvent => "spersist"u8;

    public static long ExpiryOf(ValueView value, ReadOnlySpan<byte> member, long nowMs) => new SetView(value, nowMs).ExpiryOf(member);

    public static bool SetExpiry(ShardScope shard, ValueSlot slot, ReadOnlySpan<byte> member, long expireAtMs) =>
        SetCommands.Editor(shard, slot).AddExpiring(member, expireAtMs, keepExpiry: false) != SetChange.Refused;

    public static void Remove(ShardScope shard, ValueSlot slot, ReadOnlySpan<byte> member) => _ = SetCommands.Editor(shard, slot).Remove(member);

    public static bool IsEmpty(ValueView value) => new SetView(value, 0).Count == 0;
}

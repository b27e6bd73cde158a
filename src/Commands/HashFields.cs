using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Fields of hashes.</summary>
internal readonly struct HashFields : IExpiringMembers
{
    public static ValueType Type => ValueType.Hash;

    public static EventClass Class => EventClass.Hash;

    public static ReadOnlySpan<byte> Word => "FIELDS"u8;

    public static ErrorReply Mismatch => Errors.NumFieldsMismatch;

    public static ReadOnlySpan<byte> ExpireEvent => "hexpire"u8;

    public static ReadOnlySpan<byte> ExpiredEvent => "hexpired"u8;

    public static ReadOnlySpan<byte> PersistEvent => "hpersist"u8;

    public static long ExpiryOf(ValueView value, ReadOnlySpan<byte> member, long nowMs) =>
        new HashView(value).TryGet(member, nowMs, out FieldValue field) ? field.ExpireAtMs : -1;

    public static bool SetExpiry(ShardScope shard, ValueSlot slot, ReadOnlySpan<byte> member, long expireAtMs) =>
        Editor(shard, slot).SetExpiry(member, expireAtMs);

    public static void Remove(ShardScope shard, ValueSlot slot, ReadOnlySpan<byte> member) => _ = Editor(shard, slot).Delete(member);

    public static bool IsEmpty(ValueView value) => new HashView(value).Count == 0;

    private static HashEditor Editor(ShardScope shard, ValueSlot slot) => new(slot, shard.Settings.HashLimits, shard.NowMs);
}

using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using Expiry = Anax.Commands.MemberExpiry<Anax.Commands.HashFields>;

namespace Anax.Commands;

/// <summary>How long fields of hashes live: HEXPIRE, HTTL, HPERSIST and their kin.</summary>
public static class HashExpiryCommands
{
    private static readonly KeySpec[] Updates = Keys.First(KeyAccess.ReadWrite | KeyAccess.Update);
    private static readonly KeySpec[] Reads = Keys.First(KeyAccess.ReadOnly | KeyAccess.Access);

    public static readonly CommandSpec[] Table =
    [
        //   name         arity  flags           categories        keys     handler
        new("HEXPIRE",      -6, Write | Fast,    AclCategory.Hash, Updates, HExpire, "Sets expiry time on hash fields."),
        new("HEXPIREAT",    -6, Write | Fast,    AclCategory.Hash, Updates, HExpireAt, "Sets expiry time on hash fields."),
        new("HPEXPIRE",     -6, Write | Fast,    AclCategory.Hash, Updates, HPExpire, "Sets expiry time on hash object."),
        new("HPEXPIREAT",   -6, Write | Fast,    AclCategory.Hash, Updates, HPExpireAt, "Sets expiration time on hash field."),
        new("HPERSIST",     -5, Write | Fast,    AclCategory.Hash, Updates, Expiry.Persist, "Remove the existing expiration on a hash key's field(s)."),
        new("HTTL",         -5, ReadOnly | Fast, AclCategory.Hash, Reads,   HTtl,
            "Returns the remaining time to live (in seconds) of a hash key's field(s) that have an associated expiration."),
        new("HPTTL",        -5, ReadOnly | Fast, AclCategory.Hash, Reads,   HPTtl,
            "Returns the remaining time to live in milliseconds of a hash key's field(s) that have an associated expiration."),
        new("HEXPIRETIME",  -5, ReadOnly | Fast, AclCategory.Hash, Reads,   HExpireTime,
            "Returns Unix timestamps in seconds since the epoch at which the given key's field(s) will expire."),
        new("HPEXPIRETIME", -5, ReadOnly | Fast, AclCategory.Hash, Reads,   HPExpireTime,
            "Returns the Unix timestamp in milliseconds since Unix epoch at which the given key's field(s) will expire."),
    ];

    private static void HExpire(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.Expire(shard, args, Expiry.MsPerSecond, shard.NowMs, "hexpire"u8, ref reply);

    private static void HExpireAt(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.Expire(shard, args, Expiry.MsPerSecond, 0, "hexpireat"u8, ref reply);

    private static void HPExpire(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.Expire(shard, args, 1, shard.NowMs, "hpexpire"u8, ref reply);

    private static void HPExpireAt(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.Expire(shard, args, 1, 0, "hpexpireat"u8, ref reply);

    private static void HTtl(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.WriteExpiries(shard, args, Expiry.MsPerSecond, shard.NowMs, ref reply);

    private static void HPTtl(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.WriteExpiries(shard, args, 1, shard.NowMs, ref reply);

    private static void HExpireTime(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.WriteExpiries(shard, args, Expiry.MsPerSecond, 0, ref reply);

    private static void HPExpireTime(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.WriteExpiries(shard, args, 1, 0, ref reply);
}

using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using Expiry = Anax.Commands.MemberExpiry<Anax.Commands.SortedSetMembers>;

namespace Anax.Commands;

/// <summary>How long members of sorted sets live, as Garnet has it: ZEXPIRE, ZTTL, ZPERSIST and their kin.</summary>
public static class SortedSetExpiryCommands
{
    private static readonly KeySpec[] Updates = Keys.First(KeyAccess.ReadWrite | KeyAccess.Update);
    private static readonly KeySpec[] Reads = Keys.First(KeyAccess.ReadOnly | KeyAccess.Access);

    public static readonly CommandSpec[] Table =
    [
        //   name         arity  flags                   categories             keys     handler
        new("ZEXPIRE",      -6, Write | DenyOom | Fast, AclCategory.SortedSet, Updates, Expire,
            "Sets the time to live of members of a sorted set in seconds."),
        new("ZEXPIREAT",    -6, Write | DenyOom | Fast, AclCategory.SortedSet, Updates, ExpireAt,
            "Sets the expiration time of members of a sorted set to a Unix timestamp."),
        new("ZPEXPIRE",     -6, Write | DenyOom | Fast, AclCategory.SortedSet, Updates, PExpire,
            "Sets the time to live of members of a sorted set in milliseconds."),
        new("ZPEXPIREAT",   -6, Write | DenyOom | Fast, AclCategory.SortedSet, Updates, PExpireAt,
            "Sets the expiration time of members of a sorted set to a Unix milliseconds timestamp."),
        new("ZPERSIST",     -5, Write | Fast,           AclCategory.SortedSet, Updates, Expiry.Persist,
            "Removes the expiration times of members of a sorted set."),
        new("ZTTL",         -5, ReadOnly | Fast,        AclCategory.SortedSet, Reads,   Ttl,
            "Returns the remaining times to live of members of a sorted set in seconds."),
        new("ZPTTL",        -5, ReadOnly | Fast,        AclCategory.SortedSet, Reads,   PTtl,
            "Returns the remaining times to live of members of a sorted set in milliseconds."),
        new("ZEXPIRETIME",  -5, ReadOnly | Fast,        AclCategory.SortedSet, Reads,   ExpireTime,
            "Returns the expiration times of members of a sorted set as Unix timestamps."),
        new("ZPEXPIRETIME", -5, ReadOnly | Fast,        AclCategory.SortedSet, Reads,   PExpireTime,
            "Returns the expiration times of members of a sorted set as Unix milliseconds timestamps."),
    ];

    private static void Expire(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.Expire(shard, args, Expiry.MsPerSecond, shard.NowMs, "zexpire"u8, ref reply);

    private static void ExpireAt(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.Expire(shard, args, Expiry.MsPerSecond, 0, "zexpireat"u8, ref reply);

    private static void PExpire(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.Expire(shard, args, 1, shard.NowMs, "zpexpire"u8, ref reply);

    private static void PExpireAt(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.Expire(shard, args, 1, 0, "zpexpireat"u8, ref reply);

    private static void Ttl(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.WriteExpiries(shard, args, Expiry.MsPerSecond, shard.NowMs, ref reply);

    private static void PTtl(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.WriteExpiries(shard, args, 1, shard.NowMs, ref reply);

    private static void ExpireTime(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.WriteExpiries(shard, args, Expiry.MsPerSecond, 0, ref reply);

    private static void PExpireTime(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        Expiry.WriteExpiries(shard, args, 1, 0, ref reply);
}

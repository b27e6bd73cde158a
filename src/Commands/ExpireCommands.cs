using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>When keys expire: EXPIRE and its kin, TTL and its kin, PERSIST.</summary>
public static class ExpireCommands
{
    private static readonly KeySpec[] Updated = Keys.First(KeyAccess.ReadWrite | KeyAccess.Update);
    private static readonly KeySpec[] Accessed = Keys.First(KeyAccess.ReadOnly | KeyAccess.Access);
    private static readonly string[] Nondeterministic = ["nondeterministic_output"];

    public static readonly CommandSpec[] Table =
    [
        new("EXPIRE",     -3, Write | Fast, AclCategory.Keyspace, Updated,  Expire,      "Sets the expiration time of a key in seconds."),
        new("PEXPIRE",    -3, Write | Fast, AclCategory.Keyspace, Updated,  PExpire,     "Sets the expiration time of a key in milliseconds."),
        new("EXPIREAT",   -3, Write | Fast, AclCategory.Keyspace, Updated,  ExpireAt,    "Sets the expiration time of a key to a Unix timestamp."),
        new("PEXPIREAT",  -3, Write | Fast, AclCategory.Keyspace, Updated,  PExpireAt,   "Sets the expiration time of a key to a Unix milliseconds timestamp."),
        new("TTL",         2, ReadOnly | Fast, AclCategory.Keyspace, Accessed, Ttl,         "Returns the expiration time in seconds of a key.") { Tips = Nondeterministic },
        new("PTTL",        2, ReadOnly | Fast, AclCategory.Keyspace, Accessed, PTtl,        "Returns the expiration time in milliseconds of a key.") { Tips = Nondeterministic },
        new("EXPIRETIME",  2, ReadOnly | Fast, AclCategory.Keyspace, Accessed, ExpireTime,  "Returns the expiration time of a key as a Unix timestamp."),
        new("PEXPIRETIME", 2, ReadOnly | Fast, AclCategory.Keyspace, Accessed, PExpireTime, "Returns the expiration time of a key as a Unix milliseconds timestamp."),
        new("PERSIST",     2, Write | Fast, AclCategory.Keyspace, Updated,  Persist,     "Removes the expiration time of a key."),
    ];

    private static void Expire(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        SetExpiry(shard, args, shard.NowMs, 1000, "expire"u8, ref reply);

    private static void PExpire(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        SetExpiry(shard, args, shard.NowMs, 1, "pexpire"u8, ref reply);

    private static void ExpireAt(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        SetExpiry(shard, args, 0, 1000, "expireat"u8, ref reply);

    private static void PExpireAt(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        SetExpiry(shard, args, 0, 1, "pexpireat"u8, ref reply);

    private static void SetExpiry(ShardScope shard, Arguments args, long baseMs, long unitMs, ReadOnlySpan<byte> command,
        ref ReplyWriter reply)
    {
        if (!ExpireConditions.TryRead(args.From(3), ref reply, out ExpireConditions condition)) return;
        if (!Numbers.TryParseLong(args[2], out long time))
        {
            reply.Error(Errors.NotInteger);
            return;
        }
        if (time > long.MaxValue / unitMs || time < long.MinValue / unitMs || time * unitMs > long.MaxValue - baseMs)
        {
            reply.Error(Errors.InvalidExpireTime, command);
            return;
        }
        Outcome outcome = SetExpiry(shard, args.Key(1), time * unitMs + baseMs, condition);
        if (outcome is Outcome.Ok or Outcome.NotDone) reply.Integer(outcome == Outcome.Ok ? 1 : 0);
        else reply.Error(outcome);
    }

    /// <summary>NotDone when there is no such key or the condition does not hold.</summary>
    private static Outcome SetExpiry(ShardScope shard, Key key, long atMs, ExpireConditions condition)
    {
        Edit edit = shard.Edit(key);
        if (!edit.Exists || !condition.Allow(edit.ExpireAtMs, Math.Max(atMs, 0)))
        {
            edit.Abandon();
            return Outcome.NotDone;
        }
        if (atMs <= shard.NowMs)
        {
            edit.Expire();
            return Outcome.Ok;
        }
        if (edit.SetExpiry(atMs) is var outcome and not Outcome.Ok)
        {
            edit.Abandon();
            return outcome;
        }
        edit.Commit(EventClass.Generic, "expire"u8, Effect.Expiry);
        return Outcome.Ok;
    }

    private static void Ttl(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        reply.Integer(ToSeconds(LeftMs(shard, args.Key(1), shard.NowMs)));

    private static void PTtl(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        reply.Integer(LeftMs(shard, args.Key(1), shard.NowMs));

    private static void ExpireTime(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        reply.Integer(ToSeconds(LeftMs(shard, args.Key(1), 0)));

    private static void PExpireTime(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        reply.Integer(LeftMs(shard, args.Key(1), 0));

    /// <summary>Milliseconds from an origin to the key's expiry; -1 when it has none, -2 when there is no such key.</summary>
    private static long LeftMs(ShardScope shard, Key key, long originMs)
    {
        Entry entry = shard.Look(key);
        if (!entry.Exists) return -2;
        return entry.ExpireAtMs == 0 ? -1 : Math.Max(0, entry.ExpireAtMs - originMs);
    }

    private static long ToSeconds(long ms) => ms < 0 ? ms : (ms + 500) / 1000;

    private static void Persist(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        Edit edit = shard.Edit(args.Key(1));
        if (!edit.Exists || edit.ExpireAtMs == 0)
        {
            edit.Abandon();
            reply.Integer(0);
            return;
        }
        if (edit.SetExpiry(0) is var outcome and not Outcome.Ok)
        {
            edit.Abandon();
            reply.Error(outcome);
            return;
        }
        edit.Commit(EventClass.Generic, "persist"u8, Effect.Expiry);
        reply.Integer(1);
    }
}

using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>How long fields of hashes live: HEXPIRE, HTTL, HPERSIST and their kin.</summary>
public static class HashExpiryCommands
{
    private const long MsPerSecond = 1000;
    private const int NoExpiry = -1, Refused = 0;

    /// <summary>What clients read: there is no such field or member, its time was set, it is gone because that time has come.</summary>
    internal const int NoField = -2, Done = 1, Gone = 2;

    private static readonly KeySpec[] Updates = Keys.First(KeyAccess.ReadWrite | KeyAccess.Update);
    private static readonly KeySpec[] Reads = Keys.First(KeyAccess.ReadOnly | KeyAccess.Access);

    public static readonly CommandSpec[] Table =
    [
        //   name         arity  flags           categories        keys     handler
        new("HEXPIRE",      -6, Write | Fast,    AclCategory.Hash, Updates, HExpire, "Sets expiry time on hash fields."),
        new("HEXPIREAT",    -6, Write | Fast,    AclCategory.Hash, Updates, HExpireAt, "Sets expiry time on hash fields."),
        new("HPEXPIRE",     -6, Write | Fast,    AclCategory.Hash, Updates, HPExpire, "Sets expiry time on hash object."),
        new("HPEXPIREAT",   -6, Write | Fast,    AclCategory.Hash, Updates, HPExpireAt, "Sets expiration time on hash field."),
        new("HPERSIST",     -5, Write | Fast,    AclCategory.Hash, Updates, HPersist, "Remove the existing expiration on a hash key's field(s)."),
        new("HTTL",         -5, ReadOnly | Fast, AclCategory.Hash, Reads,   HTtl,
            "Returns the remaining time to live (in seconds) of a hash key's field(s) that have an associated expiration."),
        new("HPTTL",        -5, ReadOnly | Fast, AclCategory.Hash, Reads,   HPTtl,
            "Returns the remaining time to live in milliseconds of a hash key's field(s) that have an associated expiration."),
        new("HEXPIRETIME",  -5, ReadOnly | Fast, AclCategory.Hash, Reads,   HExpireTime,
            "Returns Unix timestamps in seconds since the epoch at which the given key's field(s) will expire."),
        new("HPEXPIRETIME", -5, ReadOnly | Fast, AclCategory.Hash, Reads,   HPExpireTime,
            "Returns the Unix timestamp in milliseconds since Unix epoch at which the given key's field(s) will expire."),
    ];

    // ---- set ----

    private static void HExpire(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        SetExpiry(shard, args, MsPerSecond, shard.NowMs, "hexpire"u8, ref reply);

    private static void HExpireAt(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        SetExpiry(shard, args, MsPerSecond, 0, "hexpireat"u8, ref reply);

    private static void HPExpire(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        SetExpiry(shard, args, 1, shard.NowMs, "hpexpire"u8, ref reply);

    private static void HPExpireAt(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        SetExpiry(shard, args, 1, 0, "hpexpireat"u8, ref reply);

    private static void SetExpiry(
        ShardScope shard, Arguments args, long unitMs, long originMs, ReadOnlySpan<byte> command, ref ReplyWriter reply)
    {
        const int FirstOption = 3;
        int word = HashValue.FindFieldsWord(args, FirstOption);
        if (word < 0)
        {
            reply.Error(Errors.NumFieldsMismatch);
            return;
        }
        if (!ExpireConditions.TryRead(args.Range(FirstOption, word - FirstOption), ref reply, out ExpireConditions conditions)) return;
        if (!HashValue.TryReadCount(args, word + 1, 1, Errors.NumFieldsMismatch, ref reply)) return;
        if (HashValue.TryReadExpiry(args[2], unitMs, originMs, command, ref reply, out long atMs))
            SetExpiry(shard, args, word + 2, atMs, conditions, ref reply);
    }

    /// <summary>Sets the expiry of the fields from an index on, and answers for each what became of it.</summary>
    internal static void SetExpiry(
        ShardScope shard, Arguments args, int first, long atMs, ExpireConditions conditions, ref ReplyWriter reply)
    {
        if (!HashValue.TryEdit(shard, args.Key(1), ref reply, out Edit edit)) return;
        ReplyStream.Mark before = reply.Save();
        reply.Array(args.Count - first);
        var hash = new HashEditor(edit.Slot, shard.Settings.HashLimits, shard.NowMs);
        long updated = 0, expired = 0;
        bool isRefused = false;
        for (int i = first; i < args.Count && !isRefused; i++)
        {
            int result = SetExpiry(ref hash, args[i], atMs, shard.NowMs, conditions, out isRefused);
            if (result == Done) updated++;
            if (result == Gone) expired++;
            reply.Integer(result);
        }
        shard.Counters.ExpiredMembers += expired;
        if (updated + expired == 0) edit.Abandon();
        else HashValue.CommitRemoval(ref edit, expired != 0 ? "hexpired"u8 : "hexpire"u8, Effect.State, updated + expired);
        if (!isRefused) return;
        reply.Restore(before);
        reply.Error(Outcome.OutOfMemory);
    }

    private static int SetExpiry(
        ref HashEditor hash, ReadOnlySpan<byte> field, long atMs, long nowMs, ExpireConditions conditions, out bool isRefused)
    {
        isRefused = false;
        if (!hash.View.TryGet(field, nowMs, out FieldValue value)) return NoField;
        if (!conditions.Allow(value.ExpireAtMs, atMs)) return Refused;
        if (atMs <= nowMs)
        {
            _ = hash.Delete(field);
            return Gone;
        }
        isRefused = !hash.SetExpiry(field, atMs);
        return isRefused ? Refused : Done;
    }

    private static void HPersist(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        const int First = 4;
        if (!HashValue.TryReadFields(args, First - 2, Errors.NumFieldsMismatch, ref reply)) return;
        if (!HashValue.TryEdit(shard, args.Key(1), ref reply, out Edit edit)) return;
        reply.Array(args.Count - First);
        var hash = new HashEditor(edit.Slot, shard.Settings.HashLimits, shard.NowMs);
        long changes = 0;
        for (int i = First; i < args.Count; i++)
        {
            int result = Persist(ref hash, args[i], shard.NowMs);
            if (result == Done) changes++;
            reply.Integer(result);
        }
        if (changes == 0) edit.Abandon();
        else edit.Commit(EventClass.Hash, "hpersist"u8, Effect.Command, changes);
    }

    /// <summary>Lets a field live for ever; what gets shorter is never refused.</summary>
    internal static int Persist(ref HashEditor hash, ReadOnlySpan<byte> field, long nowMs)
    {
        if (!hash.View.TryGet(field, nowMs, out FieldValue value)) return NoField;
        return value.ExpireAtMs != 0 && hash.SetExpiry(field, 0) ? Done : NoExpiry;
    }

    // ---- get ----

    private static void HTtl(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        WriteExpiries(shard, args, MsPerSecond, shard.NowMs, ref reply);

    private static void HPTtl(ShardScope shard, Arguments args, ref ReplyWriter reply) => WriteExpiries(shard, args, 1, shard.NowMs, ref reply);

    private static void HExpireTime(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        WriteExpiries(shard, args, MsPerSecond, 0, ref reply);

    private static void HPExpireTime(ShardScope shard, Arguments args, ref ReplyWriter reply) => WriteExpiries(shard, args, 1, 0, ref reply);

    private static void WriteExpiries(ShardScope shard, Arguments args, long unitMs, long originMs, ref ReplyWriter reply)
    {
        const int First = 4;
        if (!HashValue.TryReadFields(args, First - 2, Errors.Syntax, ref reply)) return;
        if (!HashValue.TryFind(shard, args.Key(1), ref reply, out HashView hash)) return;
        reply.Array(args.Count - First);
        for (int i = First; i < args.Count; i++) reply.Integer(ExpiryOf(hash, args[i], unitMs, originMs, shard.NowMs));
    }

    /// <summary>Time from an origin to the field's expiry, rounded.</summary>
    internal static long ExpiryOf(HashView hash, ReadOnlySpan<byte> field, long unitMs, long originMs, long nowMs)
    {
        if (!hash.TryGet(field, nowMs, out FieldValue value)) return NoField;
        return Rounded(value.ExpireAtMs, unitMs, originMs);
    }

    /// <summary>Time from an origin to an expiry, rounded; 0 is none.</summary>
    internal static long Rounded(long expireAtMs, long unitMs, long originMs) =>
        expireAtMs == 0 ? NoExpiry : (Math.Max(0, expireAtMs - originMs) + unitMs / 2) / unitMs;
}

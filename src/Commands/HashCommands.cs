using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Fields of hashes: HSET, HGET, HDEL and their kin.</summary>
public static class HashCommands
{
    private const KeyAccess Reads = KeyAccess.ReadOnly | KeyAccess.Access;

    public static readonly CommandSpec[] Table =
    [
        //   name     arity  flags                   categories        keys                    handler
        new("HSET",     -4, Write | DenyOom | Fast, AclCategory.Hash, Keys.First(KeyAccess.ReadWrite | KeyAccess.Update), HSet,
            "Creates or modifies the value of a field in a hash."),
        new("HMSET",    -4, Write | DenyOom | Fast, AclCategory.Hash, Keys.First(KeyAccess.ReadWrite | KeyAccess.Update), HMSet,
            "Sets the values of multiple fields."),
        new("HSETNX",    4, Write | DenyOom | Fast, AclCategory.Hash, Keys.First(KeyAccess.ReadWrite | KeyAccess.Insert), HSetNx,
            "Sets the value of a field in a hash only when the field doesn't exist."),
        new("HGET",      3, ReadOnly | Fast,        AclCategory.Hash, Keys.First(Reads), HGet,
            "Returns the value of a field in a hash."),
        new("HMGET",    -3, ReadOnly | Fast,        AclCategory.Hash, Keys.First(Reads), HMGet,
            "Returns the values of all fields in a hash."),
        new("HDEL",     -3, Write | Fast,           AclCategory.Hash, Keys.First(KeyAccess.ReadWrite | KeyAccess.Delete), HDel,
            "Deletes one or more fields and their values from a hash. Deletes the hash if no fields remain."),
        new("HGETDEL",  -5, Write | Fast,           AclCategory.Hash,
            Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete), HGetDel,
            "Returns the values of one or more fields and deletes them from a hash."),
        new("HLEN",      2, ReadOnly | Fast,        AclCategory.Hash, Keys.First(KeyAccess.ReadOnly), HLen,
            "Returns the number of fields in a hash."),
        new("HSTRLEN",   3, ReadOnly | Fast,        AclCategory.Hash, Keys.First(KeyAccess.ReadOnly), HStrLen,
            "Returns the length of the value of a field."),
        new("HEXISTS",   3, ReadOnly | Fast,        AclCategory.Hash, Keys.First(KeyAccess.ReadOnly), HExists,
            "Determines whether a field exists in a hash."),
        new("HINCRBY",   4, Write | DenyOom | Fast, AclCategory.Hash,
            Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update), HIncrBy,
            "Increments the integer value of a field in a hash by a number. Uses 0 as initial value if the field doesn't exist."),
        new("HINCRBYFLOAT", 4, Write | DenyOom | Fast, AclCategory.Hash,
            Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update), HIncrByFloat,
            "Increments the floating point value of a field by a number. Uses 0 as initial value if the field doesn't exist."),
    ];

    // ---- set ----

    private static void HSet(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (SetPairs(shard, args, "hset"u8, ref reply, out long created)) reply.Integer(created);
    }

    private static void HMSet(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (SetPairs(shard, args, "hmset"u8, ref reply, out _)) reply.Ok();
    }

    /// <summary>
    /// Sets fields one after the other; when memory is refused, those before are set. False when an error was answered.
    /// </summary>
    private static bool SetPairs(ShardScope shard, Arguments args, ReadOnlySpan<byte> command, ref ReplyWriter reply, out long created)
    {
        created = 0;
        if (args.Count % 2 != 0)
        {
            reply.WrongArity(command);
            return false;
        }
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Hash, ref reply, out Edit edit)) return false;
        var hash = new HashEditor(edit.Slot, shard.Settings.HashLimits, shard.NowMs);
        HashValue.Prepare(ref hash, args.From(2), shard.Settings.HashLimits);
        Effect effect = hash.View.ExpiringCount == 0 ? Effect.Command : Effect.State;
        int field = 2;
        long expired = 0;
        for (; field < args.Count; field += 2)
        {
            if (!HashValue.TrySet(ref hash, args, field, 0, out FieldState before)) break;
            if (before != FieldState.Live) created++;
            if (before == FieldState.Expired) expired++;
        }
        if (field > 2)
        {
            HashValue.NoteOverwritten(shard, in edit, expired);
            edit.Commit(EventClass.Hash, "hset"u8, effect, changes: (field - 2) / 2);
        }
        else edit.Abandon();
        if (field == args.Count) return true;
        reply.Error(Outcome.OutOfMemory);
        return false;
    }

    private static void HSetNx(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Hash, ref reply, out Edit edit)) return;
        var hash = new HashEditor(edit.Slot, shard.Settings.HashLimits, shard.NowMs);
        if (hash.View.TryGet(args[2], shard.NowMs, out _))
        {
            edit.Abandon();
            reply.Integer(0);
            return;
        }
        HashValue.Prepare(ref hash, args.From(2), shard.Settings.HashLimits);
        if (!HashValue.TrySet(ref hash, args, 2, 0, out FieldState before))
        {
            edit.Abandon();
            reply.Error(Outcome.OutOfMemory);
            return;
        }
        HashValue.NoteOverwritten(shard, in edit, before == FieldState.Expired ? 1 : 0);
        edit.Commit(EventClass.Hash, "hset"u8, Effect.State);
        reply.Integer(1);
    }

    // ---- get ----

    private static void HGet(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (HashValue.TryFind(shard, args.Key(1), ref reply, out HashView hash))
            HashValue.ReplyField(hash, args[2], shard.NowMs, ref reply);
    }

    private static void HMGet(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!HashValue.TryFind(shard, args.Key(1), ref reply, out HashView hash)) return;
        reply.Array(args.Count - 2);
        for (int i = 2; i < args.Count; i++) HashValue.ReplyField(hash, args[i], shard.NowMs, ref reply);
    }

    private static void HLen(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (HashValue.TryFind(shard, args.Key(1), ref reply, out HashView hash)) reply.Integer(hash.Count);
    }

    private static void HStrLen(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (HashValue.TryFind(shard, args.Key(1), ref reply, out HashView hash))
            reply.Integer(hash.TryGet(args[2], shard.NowMs, out FieldValue value) ? value.Item.TextLength : 0);
    }

    private static void HExists(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (HashValue.TryFind(shard, args.Key(1), ref reply, out HashView hash))
            reply.Integer(hash.TryGet(args[2], shard.NowMs, out _) ? 1 : 0);
    }

    // ---- delete ----

    private static void HDel(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Hash, ref reply, out Edit edit)) return;
        long deleted = 0;
        if (edit.Exists)
        {
            var hash = new HashEditor(edit.Slot, shard.Settings.HashLimits, shard.NowMs);
            for (int i = 2; i < args.Count; i++)
                if (hash.Delete(args[i])) deleted++;
        }
        if (deleted == 0) edit.Abandon();
        else HashValue.CommitRemoval(ref edit, "hdel"u8, Effect.Command, deleted);
        reply.Integer(deleted);
    }

    private static void HGetDel(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        const int First = 4;
        if (!HashValue.TryReadFields(args, 2, Errors.NumFieldsMismatch, ref reply)) return;
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Hash, ref reply, out Edit edit)) return;
        reply.Array(args.Count - First);
        long deleted = 0;
        var hash = new HashEditor(edit.Slot, shard.Settings.HashLimits, shard.NowMs);
        for (int i = First; i < args.Count; i++)
        {
            HashValue.ReplyField(hash.View, args[i], shard.NowMs, ref reply);
            if (edit.Exists && hash.Delete(args[i])) deleted++;
        }
        if (deleted == 0) edit.Abandon();
        else HashValue.CommitRemoval(ref edit, "hdel"u8, Effect.Command, deleted);
    }

    // ---- count ----

    private static void HIncrBy(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!Numbers.TryParseLong(args[3], out long step))
        {
            reply.Error(Errors.NotInteger);
            return;
        }
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Hash, ref reply, out Edit edit)) return;
        var hash = new HashEditor(edit.Slot, shard.Settings.HashLimits, shard.NowMs);
        long before = 0;
        bool isNumber = !hash.View.TryGet(args[2], shard.NowMs, out FieldValue value) || value.Item.TryGetInteger(out before);
        long sum = unchecked(before + step);
        // Both summands have one sign and the sum has the other.
        bool overflows = ((before ^ sum) & (step ^ sum)) < 0;
        if (!isNumber || overflows)
        {
            edit.Abandon();
            reply.Error(isNumber ? Errors.Overflow : Errors.HashNotInteger);
            return;
        }
        Span<byte> text = stackalloc byte[Numbers.LongTextMax];
        text = text[..Numbers.FormatLong(sum, text)];
        Effect effect = hash.View.ExpiringCount == 0 ? Effect.Command : Effect.State;
        if (Count(shard, ref edit, hash, args[2], text, "hincrby"u8, effect)) reply.Integer(sum);
        else reply.Error(Outcome.OutOfMemory);
    }

    private static void HIncrByFloat(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!LongDouble.TryParse(args[3], out LongDouble step))
        {
            reply.Error(Errors.NotFloat);
            return;
        }
        if (step.IsNaN || step.IsInfinity)
        {
            reply.Error(Errors.IsNanOrInfinity);
            return;
        }
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Hash, ref reply, out Edit edit)) return;
        var hash = new HashEditor(edit.Slot, shard.Settings.HashLimits, shard.NowMs);
        Span<byte> text = stackalloc byte[LongDouble.TextMax];
        LongDouble sum = default;
        bool isNumber = !hash.View.TryGet(args[2], shard.NowMs, out FieldValue value) || LongDouble.TryParse(value.Item.Text(text), out sum);
        sum += step;
        if (!isNumber || sum.IsNaN || sum.IsInfinity)
        {
            edit.Abandon();
            reply.Error(isNumber ? Errors.NanOrInfinity : Errors.HashNotFloat);
            return;
        }
        text = text[..sum.Format(text)];
        // Repeating the addition elsewhere could round otherwise: the sum is what is passed on.
        if (Count(shard, ref edit, hash, args[2], text, "hincrbyfloat"u8, Effect.State)) reply.Bulk(text);
        else reply.Error(Outcome.OutOfMemory);
    }

    /// <summary>Stores a sum and closes the edit; false when memory is refused.</summary>
    private static bool Count(
        ShardScope shard, ref Edit edit, scoped HashEditor hash, ReadOnlySpan<byte> field, scoped ReadOnlySpan<byte> sum,
        ReadOnlySpan<byte> name, Effect effect)
    {
        if (!hash.Set(field, sum, HashEditor.KeepExpiry, default, out FieldState before))
        {
            edit.Abandon();
            return false;
        }
        HashValue.NoteOverwritten(shard, in edit, before == FieldState.Expired ? 1 : 0);
        edit.Commit(EventClass.Hash, name, effect);
        return true;
    }
}

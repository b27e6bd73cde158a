using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Fields of hashes together with how long they live: HSETEX, HGETEX.</summary>
public static class HashExCommands
{
    public static readonly CommandSpec[] Table =
    [
        new("HSETEX", -6, Write | DenyOom | Fast, AclCategory.Hash, Keys.First(KeyAccess.ReadWrite | KeyAccess.Insert), HSetEx,
            "Sets the value of one or more fields of a given hash key, and optionally sets their expiration time."),
        new("HGETEX", -5, Write | Fast, AclCategory.Hash, Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update), HGetEx,
            "Gets the value of one or more fields of a given hash key, and optionally sets their expiration time or time-to-live (TTL)."),
    ];

    /// <summary>A call that has been read: its options, and where its fields begin.</summary>
    private ref struct Call
    {
        internal SetOptions Options;
        internal int First;
    }

    /// <summary>Reads options, the word FIELDS and the count behind it, of fields or of pairs.</summary>
    private static bool TryRead(Arguments args, SetFlags allowed, int groupSize, scoped ref ReplyWriter reply, out Call call)
    {
        const int FirstOption = 2;
        call = default;
        int word = HashValue.FindWord(args, 1, "FIELDS"u8);
        if (word < 0)
        {
            reply.Error(Errors.NumFieldsMismatch);
            return false;
        }
        call.First = word + 2;
        if (!SetOptions.TryParse(args.Range(0, word), FirstOption, allowed, out call.Options))
        {
            reply.Error(Errors.Syntax);
            return false;
        }
        return HashValue.TryReadCount(args, word + 1, groupSize, Errors.NumFieldsMismatch, ref reply);
    }

    private static bool TryReadExpiry(
        ShardScope shard, scoped in SetOptions options, ReadOnlySpan<byte> command, ref ReplyWriter reply, out long atMs)
    {
        atMs = 0;
        if (!options.Has(SetFlags.Expiry)) return true;
        long unitMs = options.Has(SetFlags.Seconds) ? 1000 : 1, originMs = options.Has(SetFlags.Relative) ? shard.NowMs : 0;
        return HashValue.TryReadExpiry(options.Time, unitMs, originMs, command, ref reply, out atMs);
    }

    // ---- HSETEX ----

    private static void HSetEx(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        const SetFlags Allowed = SetFlags.IfAbsent | SetFlags.IfPresent | SetFlags.IfFieldAbsent | SetFlags.IfFieldPresent
            | SetFlags.KeepTtl | SetFlags.Expiry;
        if (!TryRead(args, Allowed, 2, ref reply, out Call call)) return;
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Hash, ref reply, out Edit edit)) return;
        if (call.Options.Has(edit.Exists ? SetFlags.IfAbsent : SetFlags.IfPresent))
        {
            edit.Abandon();
            reply.Integer(0);
            return;
        }
        if (!TryReadExpiry(shard, in call.Options, "hsetex"u8, ref reply, out long atMs))
        {
            edit.Abandon();
            return;
        }
        bool hasExpiry = call.Options.Has(SetFlags.Expiry);
        if (!AllowsAll(shard, new HashView(edit.Slot.View), args, in call))
        {
            edit.Abandon();
            reply.Integer(0);
        }
        else if (hasExpiry && atMs <= shard.NowMs) ExpireAll(shard, ref edit, args, call.First, ref reply);
        else StoreAll(shard, ref edit, args, in call, call.Options.Has(SetFlags.KeepTtl) ? HashEditor.KeepExpiry : atMs, ref reply);
    }

    private static bool AllowsAll(ShardScope shard, HashView hash, Arguments args, scoped in Call call)
    {
        if (!call.Options.Has(SetFlags.IfFieldAbsent | SetFlags.IfFieldPresent)) return true;
        bool mustBeThere = call.Options.Has(SetFlags.IfFieldPresent);
        for (int i = call.First; i < args.Count; i += 2)
            if (hash.TryGet(args[i], shard.NowMs, out _) != mustBeThere) return false;
        return true;
    }

    private static void StoreAll(ShardScope shard, ref Edit edit, Arguments args, scoped in Call call, long expireAtMs, ref ReplyWriter reply)
    {
        var hash = new HashEditor(edit.Slot, shard.Settings.HashLimits, shard.NowMs);
        int field = call.First;
        long expired = 0;
        for (; field < args.Count; field += 2)
        {
            if (!HashValue.TrySet(ref hash, args, field, expireAtMs, out FieldState before)) break;
            if (before == FieldState.Expired) expired++;
        }
        if (field == call.First) edit.Abandon();
        else
        {
            HashValue.NoteOverwritten(shard, in edit, expired);
            edit.Commit(EventClass.Hash, "hset"u8, Effect.State, (field - call.First) / 2);
            if (expireAtMs > 0) edit.Also(EventClass.Hash, "hexpire"u8, Effect.State);
        }
        if (field == args.Count) reply.Integer(1);
        else reply.Error(Outcome.OutOfMemory);
    }

    /// <summary>What would be expired at once is not stored, and takes what was there with it.</summary>
    private static void ExpireAll(ShardScope shard, ref Edit edit, Arguments args, int first, ref ReplyWriter reply)
    {
        bool wasThere = edit.Exists;
        long deleted = 0;
        if (wasThere)
        {
            // Fields whose time had come already go as well.
            var hash = new HashEditor(edit.Slot, shard.Settings.HashLimits, 0);
            for (int i = first; i < args.Count; i += 2)
                if (hash.Delete(args[i])) deleted++;
        }
        shard.Counters.ExpiredMembers += (args.Count - first) / 2;
        bool isEmpty = !wasThere || new HashView(edit.Slot.View).Count == 0;
        if (!wasThere) edit.NoteNew();
        else if (isEmpty) edit.Delete();
        edit.Commit(EventClass.Hash, "hset"u8, Effect.State, deleted);
        edit.Also(EventClass.Hash, "hexpire"u8, Effect.State);
        edit.Also(EventClass.Hash, "hexpired"u8, Effect.State);
        if (isEmpty) edit.Also(EventClass.Generic, "del"u8, Effect.Deleted);
        reply.Integer(1);
    }

    // ---- HGETEX ----

    private static void HGetEx(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryRead(args, SetFlags.Expiry | SetFlags.Persist, 1, ref reply, out Call call)) return;
        if (!HashValue.TryFind(shard, args.Key(1), ref reply, out HashView found)) return;
        if (!TryReadExpiry(shard, in call.Options, "hgetex"u8, ref reply, out long atMs)) return;
        bool isPersisting = call.Options.Has(SetFlags.Persist), isExpiring = call.Options.Has(SetFlags.Expiry);
        ReplyStream.Mark before = reply.Save();
        reply.Array(args.Count - call.First);
        if (found.Count == 0 || !isPersisting && !isExpiring)
        {
            for (int i = call.First; i < args.Count; i++) HashValue.ReplyField(found, args[i], shard.NowMs, ref reply);
            return;
        }
        Edit edit = new Edit(shard, args.Key(1));
        var hash = new HashEditor(edit.Slot, shard.Settings.HashLimits, shard.NowMs);
        long changes = 0;
        bool isRefused = false, isGone = isExpiring && atMs <= shard.NowMs;
        for (int i = call.First; i < args.Count && !isRefused; i++)
        {
            HashValue.ReplyField(hash.View, args[i], shard.NowMs, ref reply);
            if (!hash.View.TryGet(args[i], shard.NowMs, out FieldValue value)) continue;
            bool isChanged = isGone ? hash.Delete(args[i])
                : isExpiring ? hash.SetExpiry(args[i], atMs) : value.ExpireAtMs != 0 && hash.SetExpiry(args[i], 0);
            if (isChanged) changes++;
            else isRefused = isExpiring;
        }
        if (isGone) shard.Counters.ExpiredMembers += changes;
        if (changes == 0) edit.Abandon();
        else HashValue.CommitRemoval(ref edit, isGone ? "hexpired"u8 : isExpiring ? "hexpire"u8 : "hpersist"u8, Effect.State, changes);
        if (!isRefused) return;
        reply.Restore(before);
        reply.Error(Outcome.OutOfMemory);
    }
}

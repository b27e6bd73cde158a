using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Keys whatever they hold: DEL, EXISTS, TYPE, STICK, RENAME, COPY, MOVE and their kin.</summary>
public static class KeyCommands
{
    private static readonly KeySpec[] RenamedKeys =
        Keys.Pair(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete, KeyAccess.Overwrite | KeyAccess.Update);
    private static readonly KeySpec[] RenamedNewKeys =
        Keys.Pair(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete, KeyAccess.Overwrite | KeyAccess.Insert);
    private static readonly KeySpec[] CopiedKeys =
        Keys.Pair(KeyAccess.ReadOnly | KeyAccess.Access, KeyAccess.Overwrite | KeyAccess.Update);
    private static readonly KeySpec[] MovedKey = Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update);
    private static readonly string[] SumOfShards = ["request_policy:multi_shard", "response_policy:agg_sum"];

    public static readonly CommandSpec[] Table =
    [
        new("DEL",     -2, Write, AclCategory.Keyspace, Keys.All(KeyAccess.Remove | KeyAccess.Delete), Delete,
            "Deletes one or more keys.") { Spread = Spread.Sum, Tips = SumOfShards },
        new("UNLINK",  -2, Write | Fast, AclCategory.Keyspace, Keys.All(KeyAccess.Remove | KeyAccess.Delete), Delete,
            "Asynchronously deletes one or more keys.") { Spread = Spread.Sum, Tips = SumOfShards },
        new("EXISTS",  -2, ReadOnly | Fast, AclCategory.Keyspace, Keys.All(KeyAccess.ReadOnly), Exists,
            "Determines whether one or more keys exist.") { Spread = Spread.Sum, Tips = SumOfShards },
        new("TOUCH",   -2, ReadOnly | Fast, AclCategory.Keyspace, Keys.All(KeyAccess.ReadOnly), Touch,
            "Returns the number of existing keys out of those specified after updating the time they were last accessed.")
            { Spread = Spread.Sum, Tips = SumOfShards },
        new("TYPE",     2, ReadOnly | Fast, AclCategory.Keyspace, Keys.First(KeyAccess.ReadOnly), TypeOf,
            "Determines the type of value stored at a key."),
        new("RENAME",   3, Write, AclCategory.Keyspace, RenamedKeys, Rename,
            "Renames a key and overwrites the destination.") { AsCoordinator = RenameAcross },
        new("RENAMENX", 3, Write | Fast, AclCategory.Keyspace, RenamedNewKeys, RenameToNew,
            "Renames a key only when the target key name doesn't exist.") { AsCoordinator = RenameToNewAcross },
        new("COPY",    -3, Write | DenyOom | MayBeLong, AclCategory.Keyspace, CopiedKeys, Copy,
            "Copies the value of a key to a new key.") { AsCoordinator = CopyAcross },
        new("STICK",   -2, Write | Fast, AclCategory.Keyspace, Keys.All(KeyAccess.ReadWrite | KeyAccess.Update), Stick,
            "Exempts keys from eviction.") { Spread = Spread.Sum, Tips = SumOfShards },
        new("MOVE",     3, Write | Fast, AclCategory.Keyspace, MovedKey, Move,
            "Moves a key to another database."),
    ];

    private static void Delete(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        int deleted = 0;
        for (int i = 1; i < args.Count; i++)
            if (shard.Delete(args.Key(i))) deleted++;
        reply.Integer(deleted);
    }

    private static void Exists(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        int found = 0;
        for (int i = 1; i < args.Count; i++)
            if (shard.Look(args.Key(i)).Exists) found++;
        reply.Integer(found);
    }

    private static void Touch(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        int touched = 0;
        for (int i = 1; i < args.Count; i++)
            if (shard.Find(args.Key(i)).Exists) touched++;
        reply.Integer(touched);
    }

    private static void TypeOf(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        Entry entry = shard.Look(args.Key(1));
        reply.Simple(entry.Exists ? TypeNames.Of(entry.Type) : "none"u8);
    }

    private static void Stick(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        int made = 0;
        for (int i = 1; i < args.Count; i++)
        {
            Entry entry = shard.Peek(args.Key(i));
            if (!entry.Exists || entry.IsSticky) continue;
            var edit = new Edit(shard, args.Key(i));
            Outcome outcome = edit.SetSticky();
            if (outcome != Outcome.Ok)
            {
                edit.Abandon();
                reply.Error(outcome);
                return;
            }
            edit.Commit(EventClass.Generic, "stick"u8);
            made++;
        }
        reply.Integer(made);
    }

    // --- RENAME ------------------------------------------------------------------------------------------

    private static void Rename(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        RenameHere(shard, args, onlyNew: false, ref reply);

    private static void RenameToNew(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        RenameHere(shard, args, onlyNew: true, ref reply);

    private static void RenameHere(ShardScope shard, Arguments args, bool onlyNew, ref ReplyWriter reply)
    {
        Key from = args.Key(1), to = args.Key(2);
        if (!shard.Peek(from).Exists)
        {
            reply.Error(Errors.NoSuchKey);
            return;
        }
        bool same = from.Bytes.SequenceEqual(to.Bytes);
        if (same || (onlyNew && shard.Peek(to).Exists))
        {
            RenameDone(onlyNew, done: false, ref reply);
            return;
        }
        if (MoveValue(shard, from, shard.Database, to, "rename_from"u8, "rename_to"u8) is var outcome and not Outcome.Ok)
            reply.Error(outcome);
        else
            RenameDone(onlyNew, done: true, ref reply);
    }

    private static void RenameDone(bool onlyNew, bool done, ref ReplyWriter reply)
    {
        if (onlyNew) reply.Integer(done ? 1 : 0);
        else reply.Ok();
    }

    /// <summary>Gives a key's value and expiry to another key of the same shard, and deletes the first.</summary>
    private static Outcome MoveValue(ShardScope shard, Key from, int toDatabase, Key to,
        ReadOnlySpan<byte> fromEvent, ReadOnlySpan<byte> toEvent)
    {
        var target = new Edit(shard, toDatabase, to);
        var source = new Edit(shard, from);
        if (target.Take(ref source) is var outcome and not Outcome.Ok)
        {
            source.Abandon();
            target.Abandon();
            return outcome;
        }
        target.NoteNew();
        source.Commit(EventClass.Generic, fromEvent, Effect.Deleted);
        target.Commit(EventClass.Generic, toEvent, Effect.State);
        return Outcome.Ok;
    }

    private static Co<Nothing> RenameAcross(Coordinator tx) => RenameOver(tx, onlyNew: false);

    private static Co<Nothing> RenameToNewAcross(Coordinator tx) => RenameOver(tx, onlyNew: true);

    /// <summary>
    /// The two keys lie on two shards. The value is put before its source is deleted: when the target's shard has no
    /// room, nothing is lost.
    /// </summary>
    private static async Co<Nothing> RenameOver(Coordinator tx, bool onlyNew)
    {
        int from = tx.ShardOf(1), to = tx.ShardOf(2);
        await tx.Hop(from, TakeToRename);
        if ((Outcome)tx.ValueOf(from) != Outcome.Ok)
        {
            tx.Fail((Outcome)tx.ValueOf(from));
            return default;
        }
        LooseValue value = tx.StateOf<LooseValue>(from);
        value.Database = (ushort)tx.Database;
        value.MayReplace = !onlyNew;
        Outcome put = await Bring(tx, from, to, value, PutRenamed, isLast: false);
        if (put == Outcome.Ok) await tx.Hop(from, DeleteRenamed, releases: true);
        if (put is Outcome.Ok or Outcome.NotDone) AnswerRename(tx, onlyNew, put == Outcome.Ok);
        else tx.Fail(put);
        return default;
    }

    private static void AnswerRename(Coordinator tx, bool onlyNew, bool done)
    {
        ReplyWriter reply = tx.Writer();
        RenameDone(onlyNew, done, ref reply);
        tx.Close(ref reply);
    }

    private static void TakeToRename(ShardScope shard, ref HopFrame hop) =>
        hop.Value = (long)LooseValue.Take(shard, shard.Peek(hop.Args.Key(1)), out hop.State<LooseValue>());

    private static void PutRenamed(ShardScope shard, ref HopFrame hop) => hop.Value = (long)Put(shard, ref hop, "rename_to"u8);

    private static void DeleteRenamed(ShardScope shard, ref HopFrame hop)
    {
        Key from = hop.Args.Key(1);
        if (!shard.Peek(from).Exists) return;
        var source = new Edit(shard, from);
        source.Delete();
        source.Commit(EventClass.Generic, "rename_from"u8, Effect.Deleted);
    }

    /// <summary>Puts a value that was taken from the first key under the second one, what is large in slices.</summary>
    private static async Co<Outcome> Bring(Coordinator tx, int from, int to, LooseValue value, HopCallback put, bool isLast)
    {
        tx.StateOf<LooseValue>(to) = value;
        if (value.IsLarge)
        {
            Outcome outcome = await LargeCopy.Run(tx, from, to);
            if (outcome != Outcome.Ok) return outcome;
        }
        await tx.Hop(to, put, releases: isLast);
        return (Outcome)tx.ValueOf(to);
    }

    /// <summary>Puts the value on its way under the command's second key; NotDone when that exists and may not be replaced.</summary>
    private static Outcome Put(ShardScope shard, ref HopFrame hop, ReadOnlySpan<byte> name)
    {
        ref LooseValue value = ref hop.State<LooseValue>();
        ulong number = (ulong)value.DraftNumber;
        scoped Edit target = new Edit(shard, value.Database, hop.Args.Key(2));
        scoped Draft draft = value.IsLarge ? shard.Draft(ref number) : default;
        Outcome outcome = target.Exists && !value.MayReplace ? Outcome.NotDone : value.Put(ref target, ref draft);
        value.Release();
        // One that the key took is there no more.
        draft.Delete();
        if (outcome != Outcome.Ok)
        {
            target.Abandon();
            return outcome;
        }
        target.NoteNew();
        target.Commit(EventClass.Generic, name, Effect.State);
        return outcome;
    }

    // --- COPY and MOVE -----------------------------------------------------------------------------------

    private struct CopyOptions
    {
        internal int Database;
        internal bool Replace;
    }

    private static bool TryReadCopy(Arguments args, int database, int databases, ref ReplyWriter reply, out CopyOptions options)
    {
        options = new CopyOptions { Database = database };
        for (int i = 3; i < args.Count; i++)
        {
            if (Ascii.EqualsIgnoreCase(args[i], "REPLACE"u8))
            {
                options.Replace = true;
            }
            else if (i + 1 < args.Count && Ascii.EqualsIgnoreCase(args[i], "DB"u8))
            {
                if (!DatabaseNumber.TryRead(args[++i], databases, ref reply, out options.Database)) return false;
            }
            else
            {
                reply.Error(Errors.Syntax);
                return false;
            }
        }
        if (options.Database == database && args[1].SequenceEqual(args[2]))
        {
            reply.Error(Errors.SameObject);
            return false;
        }
        return true;
    }

    private static void Copy(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadCopy(args, shard.Database, shard.Settings.Databases, ref reply, out CopyOptions options)) return;
        Key from = args.Key(1);
        Entry source = shard.Peek(from);
        if (source.Exists && source.HasRoot)
        {
            shard.LeaveToCoordinator();
            return;
        }
        if (!shard.Find(from).Exists)
        {
            reply.Integer(0);
            return;
        }
        var target = new Edit(shard, options.Database, args.Key(2));
        if (target.Exists && !options.Replace)
        {
            target.Abandon();
            reply.Integer(0);
            return;
        }
        if (target.SetCopy(shard.Peek(from)) is var outcome and not Outcome.Ok)
        {
            target.Abandon();
            reply.Error(outcome);
            return;
        }
        target.NoteNew();
        target.Commit(EventClass.Generic, "copy_to"u8, Effect.State);
        reply.Integer(1);
    }

    private static async Co<Nothing> CopyAcross(Coordinator tx)
    {
        if (!TryReadCopy(tx, out CopyOptions options)) return default;
        int from = tx.ShardOf(1), to = tx.ShardOf(2);
        await tx.Hop(from, TakeToCopy);
        var outcome = (Outcome)tx.ValueOf(from);
        if (outcome == Outcome.Ok)
        {
            LooseValue value = tx.StateOf<LooseValue>(from);
            value.Database = (ushort)options.Database;
            value.MayReplace = options.Replace;
            outcome = await Bring(tx, from, to, value, PutCopied, isLast: true);
        }
        if (outcome is Outcome.Ok or Outcome.NotDone or Outcome.NoSuchKey) tx.Answer(outcome == Outcome.Ok ? 1 : 0);
        else tx.Fail(outcome);
        return default;
    }

    private static bool TryReadCopy(Coordinator tx, out CopyOptions options)
    {
        ReplyWriter reply = tx.Writer();
        bool ok = TryReadCopy(tx.Args, tx.Database, tx.Loop.Settings.Databases, ref reply, out options);
        tx.Close(ref reply);
        return ok;
    }

    private static void TakeToCopy(ShardScope shard, ref HopFrame hop) =>
        hop.Value = (long)LooseValue.Take(shard, shard.Find(hop.Args.Key(1)), out hop.State<LooseValue>());

    private static void PutCopied(ShardScope shard, ref HopFrame hop) => hop.Value = (long)Put(shard, ref hop, "copy_to"u8);

    private static void Move(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!DatabaseNumber.TryRead(args[2], shard.Settings.Databases, ref reply, out int database)) return;
        if (database == shard.Database)
        {
            reply.Error(Errors.SameObject);
            return;
        }
        Key key = args.Key(1);
        if (!shard.Peek(key).Exists || shard.PeekIn(database, key).Exists)
        {
            reply.Integer(0);
            return;
        }
        if (MoveValue(shard, key, database, key, "move_from"u8, "move_to"u8) is var outcome and not Outcome.Ok)
            reply.Error(outcome);
        else
            reply.Integer(1);
    }
}

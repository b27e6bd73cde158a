using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Sets member by member: SADD, SREM, SISMEMBER, SMOVE and their kin.</summary>
public static class SetCommands
{
    private const KeyAccess Inserts = KeyAccess.ReadWrite | KeyAccess.Insert;

    private static readonly KeySpec[] MovedKeys = Keys.Pair(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete, Inserts);

    public static readonly CommandSpec[] Table =
    [
        new("SADD",       -3, Write | DenyOom | Fast, AclCategory.Set, Keys.First(Inserts), Add,
            "Adds one or more members to a set. Creates the key if it doesn't exist."),
        new("SADDEX",     -4, Write | DenyOom | Fast, AclCategory.Set, Keys.First(Inserts), AddExpiring,
            "Adds one or more members to a set, each for a number of seconds. Creates the key if it doesn't exist."),
        new("SREM",       -3, Write | Fast, AclCategory.Set, Keys.First(KeyAccess.ReadWrite | KeyAccess.Delete), Remove,
            "Removes one or more members from a set. Deletes the set if the last member was removed."),
        new("SISMEMBER",   3, ReadOnly | Fast, AclCategory.Set, Keys.First(KeyAccess.ReadOnly), IsMember,
            "Determines whether a member belongs to a set."),
        new("SMISMEMBER", -3, ReadOnly | Fast, AclCategory.Set, Keys.First(KeyAccess.ReadOnly | KeyAccess.Access), AreMembers,
            "Determines whether multiple members belong to a set."),
        new("SCARD",       2, ReadOnly | Fast, AclCategory.Set, Keys.First(KeyAccess.ReadOnly), Count,
            "Returns the number of members in a set."),
        new("SMOVE",       4, Write | Fast, AclCategory.Set, MovedKeys, Move,
            "Moves a member from one set to another.") { AsCoordinator = MoveAcross },
    ];

    /// <summary>False where the key holds something else, which is answered. A key that is not there is an empty set.</summary>
    internal static bool TryRead(ShardScope shard, Key key, scoped ref ReplyWriter reply, out SetView set)
    {
        Entry entry = shard.Find(key);
        set = new SetView(shard.View(entry), shard.NowMs);
        if (!entry.Exists || entry.Type == ValueType.Set) return true;
        reply.Error(Errors.WrongType);
        return false;
    }

    internal static SetEditor Editor(ShardScope shard, ValueSlot slot) => new(slot, shard.Settings.SetLimits, shard.NowMs);

    // --- One member after the other ----------------------------------------------------------------------

    private static void Add(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Set, ref reply, out Edit edit)) return;
        SetEditor set = Editor(shard, edit.Slot);
        long added = 0;
        var change = SetChange.None;
        for (int i = 2; i < args.Count && change != SetChange.Refused; i++)
        {
            change = set.Add(args[i], args.Count - 2);
            if (change == SetChange.Done) added++;
        }
        EndAdd(ref edit, added, isChanged: added != 0, change, Effect.Command, ref reply);
    }

    private static void EndAdd(scoped ref Edit edit, long added, bool isChanged, SetChange last, Effect effect, ref ReplyWriter reply)
    {
        if (isChanged) edit.Commit(EventClass.Set, "sadd"u8, effect);
        else edit.Abandon();
        if (last == SetChange.Refused) reply.Error(Outcome.OutOfMemory);
        else reply.Integer(added);
    }

    private static void AddExpiring(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        const long SecondsMax = 1 << 26;
        var reader = new ArgReader(args, first: 2);
        bool keepsExpiry = reader.Check("KEEPTTL"u8);
        long seconds = reader.NextLong();
        if (reader.Failed(out _) || seconds is < 1 or > SecondsMax)
        {
            reply.Error(Errors.NotInteger);
            return;
        }
        if (!reader.HasNext)
        {
            reply.WrongArity("saddex"u8);
            return;
        }
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Set, ref reply, out Edit edit)) return;
        SetEditor set = Editor(shard, edit.Slot);
        long added = 0, expireAtMs = shard.NowMs + seconds * 1000;
        var change = SetChange.None;
        for (int i = reader.Index; i < args.Count && change != SetChange.Refused; i++)
        {
            change = set.AddExpiring(args[i], expireAtMs, keepsExpiry);
            if (change == SetChange.Done) added++;
        }
        // The times of members that were there have changed, unless they keep them.
        EndAdd(ref edit, added, isChanged: added != 0 || !keepsExpiry && edit.Exists, change, Effect.State, ref reply);
    }

    private static void Remove(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.Set, ref reply, out Edit edit)) return;
        SetEditor set = Editor(shard, edit.Slot);
        long removed = 0;
        var change = SetChange.None;
        for (int i = 2; i < args.Count && change != SetChange.Refused; i++)
        {
            change = set.Remove(args[i]);
            if (change != SetChange.Done) continue;
            removed++;
            if (set.Count == 0) break;
        }
        if (removed != 0) CommitRemoval(ref edit, set.Count == 0, "srem"u8, Effect.Command);
        else edit.Abandon();
        if (change == SetChange.Refused) reply.Error(Outcome.OutOfMemory);
        else reply.Integer(removed);
    }

    /// <summary>Closes an edit that has removed members; an empty set goes.</summary>
    internal static void CommitRemoval(scoped ref Edit edit, bool isEmpty, ReadOnlySpan<byte> name, Effect effect)
    {
        if (isEmpty) edit.Delete();
        edit.Commit(EventClass.Set, name, effect);
        if (isEmpty) edit.Also(EventClass.Generic, "del"u8, Effect.Deleted);
    }

    private static void IsMember(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (TryRead(shard, args.Key(1), ref reply, out SetView set)) reply.Integer(set.Contains(args[2]) ? 1 : 0);
    }

    private static void AreMembers(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryRead(shard, args.Key(1), ref reply, out SetView set)) return;
        reply.Array(args.Count - 2);
        for (int i = 2; i < args.Count; i++) reply.Integer(set.Contains(args[i]) ? 1 : 0);
    }

    private static void Count(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (TryRead(shard, args.Key(1), ref reply, out SetView set)) reply.Integer(set.Count);
    }

    // --- SMOVE -------------------------------------------------------------------------------------------

    private static void Move(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        Outcome outcome = JudgeSource(shard, args);
        if (outcome is Outcome.Ok or Outcome.NotDone && IsOther(shard, args.Key(2))) outcome = Outcome.WrongType;
        bool isSame = args[1].SequenceEqual(args[2]);
        if (outcome != Outcome.Ok || isSame)
        {
            EndMove(outcome, ref reply);
            return;
        }
        Edit target = new Edit(shard, args.Key(2));
        SetChange added = Editor(shard, target.Slot).Add(args[3], 1);
        if (added == SetChange.Refused)
        {
            target.Abandon();
            reply.Error(Outcome.OutOfMemory);
            return;
        }
        if (TryRemoveMoved(shard, args, Effect.Command))
        {
            if (added == SetChange.Done) target.Commit(EventClass.Set, "sadd"u8);
            else target.Abandon();
            reply.Integer(1);
            return;
        }
        TakeBack(shard, ref target, args[3], added);
        reply.Error(Outcome.OutOfMemory);
    }

    private static void EndMove(Outcome outcome, ref ReplyWriter reply)
    {
        if (outcome is Outcome.Ok or Outcome.NotDone or Outcome.NotFound) reply.Integer(outcome == Outcome.Ok ? 1 : 0);
        else reply.Error(outcome);
    }

    /// <summary>NotFound: there is no source, NotDone: it has not the member.</summary>
    private static Outcome JudgeSource(ShardScope shard, Arguments args)
    {
        Entry entry = shard.Peek(args.Key(1));
        if (!entry.Exists) return Outcome.NotFound;
        if (entry.Type != ValueType.Set) return Outcome.WrongType;
        return new SetView(shard.View(entry), shard.NowMs).Contains(args[3]) ? Outcome.Ok : Outcome.NotDone;
    }

    private static bool IsOther(ShardScope shard, Key key)
    {
        Entry entry = shard.Peek(key);
        return entry.Exists && entry.Type != ValueType.Set;
    }

    private static bool TryRemoveMoved(ShardScope shard, Arguments args, Effect effect)
    {
        Edit source = new Edit(shard, args.Key(1));
        SetEditor set = Editor(shard, source.Slot);
        if (set.Remove(args[3]) != SetChange.Done)
        {
            source.Abandon();
            return false;
        }
        CommitRemoval(ref source, set.Count == 0, "srem"u8, effect);
        return true;
    }

    /// <summary>The member could not be removed from its source: it goes from where it was added.</summary>
    private static void TakeBack(ShardScope shard, scoped ref Edit target, ReadOnlySpan<byte> member, SetChange added)
    {
        SetEditor set = Editor(shard, target.Slot);
        if (added == SetChange.Done) _ = set.Remove(member);
        if (set.Count == 0) target.Delete();
        target.Abandon();
    }

    private static async Co<Nothing> MoveAcross(Coordinator tx)
    {
        int from = tx.ShardOf(1), to = tx.ShardOf(2);
        await tx.HopKeys(JudgePart);
        var outcome = (Outcome)tx.ValueOf(from);
        if (outcome is Outcome.Ok or Outcome.NotDone && tx.ValueOf(to) != 0) outcome = Outcome.WrongType;
        if (outcome == Outcome.Ok)
        {
            await tx.Hop(to, AddPart);
            outcome = (Outcome)tx.ValueOf(to);
            if (outcome == Outcome.Ok)
            {
                await tx.Hop(from, RemovePart, releases: true);
                outcome = (Outcome)tx.ValueOf(from);
            }
        }
        AnswerMove(tx, outcome);
        return default;
    }

    private static void AnswerMove(Coordinator tx, Outcome outcome)
    {
        ReplyWriter reply = tx.Writer();
        EndMove(outcome, ref reply);
        tx.Close(ref reply);
    }

    private static void JudgePart(ShardScope shard, ref HopFrame hop) => hop.Value = hop.Owns(1)
        ? (long)JudgeSource(shard, hop.Args)
        : IsOther(shard, hop.Args.Key(2)) ? 1 : 0;

    private static void AddPart(ShardScope shard, ref HopFrame hop)
    {
        Edit target = new Edit(shard, hop.Args.Key(2));
        SetChange added = Editor(shard, target.Slot).Add(hop.Args[3], 1);
        if (added == SetChange.Done) target.Commit(EventClass.Set, "sadd"u8, Effect.State);
        else target.Abandon();
        hop.Value = (long)(added == SetChange.Refused ? Outcome.OutOfMemory : Outcome.Ok);
    }

    private static void RemovePart(ShardScope shard, ref HopFrame hop) =>
        hop.Value = (long)(TryRemoveMoved(shard, hop.Args, Effect.State) ? Outcome.Ok : Outcome.OutOfMemory);
}

using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Lists of several keys: LMOVE, RPOPLPUSH, LMPOP.</summary>
public static class ListMoveCommands
{
    internal static readonly KeySpec[] Moved =
        Keys.Pair(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete, KeyAccess.ReadWrite | KeyAccess.Insert);

    public static readonly CommandSpec[] Table =
    [
        new("LMOVE",     5, Write | DenyOom | Tells, AclCategory.List, Moved, Move,
            "Returns an element after popping it from one list and pushing it to another. Deletes the list if the last element was moved.")
            { AsCoordinator = MoveAcross },
        new("RPOPLPUSH", 3, Write | DenyOom | Tells, AclCategory.List, Moved, PopAndPush,
            "Returns the last element of a list after removing and pushing it to another list. Deletes the list if the last element was popped.")
            { AsCoordinator = PopAndPushAcross },
        new("LMPOP",    -4, Write | MovableKeys,     AclCategory.List,
            [new(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete, KeySearch.KeyCount) { FirstKey = 1 }], PopFirst,
            "Returns multiple elements from a list after removing them. Deletes the list if the last element was popped.")
            { AsCoordinator = PopFirstAcross },
    ];

    // ---- LMOVE on one shard ----

    private static void Move(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (TryReadEnds(args, ref reply, out bool fromLast, out bool toLast)) MoveHere(shard, args, fromLast, toLast, ref reply);
    }

    private static void PopAndPush(ShardScope shard, Arguments args, ref ReplyWriter reply) =>
        MoveHere(shard, args, fromLast: true, toLast: false, ref reply);

    internal static bool TryReadEnds(Arguments args, ref ReplyWriter reply, out bool fromLast, out bool toLast)
    {
        toLast = false;
        return ListValue.TryReadEnd(args[3], ref reply, out fromLast) && ListValue.TryReadEnd(args[4], ref reply, out toLast);
    }

    private static void MoveHere(ShardScope shard, Arguments args, bool fromLast, bool toLast, ref ReplyWriter reply)
    {
        Outcome outcome = TryMoveHere(shard, args, fromLast, toLast, ref reply);
        if (outcome == Outcome.NotFound) reply.Null();
        else if (outcome != Outcome.Ok) reply.Error(outcome);
    }

    /// <summary>Moves an element from the first key's list to the second's and answers with it; else nothing is answered.</summary>
    internal static Outcome TryMoveHere(ShardScope shard, Arguments args, bool fromLast, bool toLast, ref ReplyWriter reply)
    {
        Outcome outcome = LooseElement.Take(shard, args.Key(1), fromLast, out LooseElement element);
        if (outcome != Outcome.Ok) return outcome;
        outcome = element.Push(shard, args.Key(2), toLast);
        if (outcome == Outcome.Ok)
        {
            Drop(shard, args.Key(1), fromLast);
            element.Reply(ref reply);
        }
        element.Release();
        return outcome;
    }

    private static void Drop(ShardScope shard, Key key, bool last)
    {
        Edit edit = new Edit(shard, key);
        ListValue.PopAndClose(shard, ref edit, last, 1);
    }

    // ---- LMOVE over two shards ----

    private static async Co<Nothing> MoveAcross(Coordinator tx)
    {
        if (TryReadEnds(tx, out bool fromLast, out bool toLast)) await MoveAndAnswer(tx, fromLast, toLast);
        return default;
    }

    private static Co<Nothing> PopAndPushAcross(Coordinator tx) => MoveAndAnswer(tx, fromLast: true, toLast: false);

    internal static bool TryReadEnds(Coordinator tx, out bool fromLast, out bool toLast)
    {
        ReplyWriter reply = tx.Writer();
        bool isRead = TryReadEnds(tx.Args, ref reply, out fromLast, out toLast);
        tx.Close(ref reply);
        return isRead;
    }

    private static async Co<Nothing> MoveAndAnswer(Coordinator tx, bool fromLast, bool toLast)
    {
        Outcome outcome = await TryMoveAcross(tx, fromLast, toLast);
        if (outcome == Outcome.NotFound) AnswerNull(tx);
        else if (outcome != Outcome.Ok) tx.Fail(outcome);
        return default;
    }

    /// <summary>
    /// Moves an element from the first key's list to the second's and answers with it, else nothing is answered. It is pushed
    /// before it is popped: when the second shard has no room, nothing is lost. Both keys are locked.
    /// </summary>
    internal static async Co<Outcome> TryMoveAcross(Coordinator tx, bool fromLast, bool toLast)
    {
        int from = tx.ShardOf(1), to = tx.ShardOf(2);
        tx.StateOf<LooseElement>(from).Last = fromLast;
        await tx.Hop(from, TakeElement);
        var outcome = (Outcome)tx.ValueOf(from);
        if (outcome != Outcome.Ok) return outcome;
        LooseElement element = tx.StateOf<LooseElement>(from);
        element.Last = toLast;
        tx.StateOf<LooseElement>(to) = element;
        await tx.Hop(to, PushElement);
        outcome = (Outcome)tx.ValueOf(to);
        if (outcome == Outcome.Ok)
        {
            element.Last = fromLast;
            tx.StateOf<LooseElement>(from) = element;
            await tx.Hop(from, DropElement);
            Answer(tx, element);
        }
        element.Release();
        return outcome;
    }

    private static void TakeElement(ShardScope shard, ref HopFrame hop)
    {
        bool last = hop.State<LooseElement>().Last;
        hop.Value = (long)LooseElement.Take(shard, hop.Args.Key(1), last, out hop.State<LooseElement>());
    }

    private static void PushElement(ShardScope shard, ref HopFrame hop)
    {
        ref LooseElement element = ref hop.State<LooseElement>();
        hop.Value = (long)element.Push(shard, hop.Args.Key(2), element.Last);
    }

    private static void DropElement(ShardScope shard, ref HopFrame hop) =>
        Drop(shard, hop.Args.Key(1), hop.State<LooseElement>().Last);

    private static void Answer(Coordinator tx, LooseElement element)
    {
        ReplyWriter reply = tx.Writer();
        element.Reply(ref reply);
        tx.Close(ref reply);
    }

    internal static void AnswerNull(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.Null();
        tx.Close(ref reply);
    }

    // ---- LMPOP ----

    private static void PopFirst(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!ListPop.TryRead(args, 1, ref reply, out ListPop pop)) return;
        for (pop.Key = 2; pop.Key < pop.End; pop.Key++)
        {
            Outcome outcome = pop.TryPop(shard, args, ref reply);
            if (outcome == Outcome.WrongType) reply.Error(outcome);
            if (outcome != Outcome.NotFound) return;
        }
        reply.NullArray();
    }

    private static async Co<Nothing> PopFirstAcross(Coordinator tx)
    {
        if (!ListPop.TryRead(tx, 1, out ListPop pop)) return default;
        for (pop.Key = 2; pop.Key < pop.End; pop.Key++)
        {
            int shard = tx.ShardOf(pop.Key);
            tx.StateOf<ListPop>(shard) = pop;
            await tx.Hop(shard, PopHere);
            var outcome = (Outcome)tx.ValueOf(shard);
            if (outcome == Outcome.WrongType) tx.Fail(outcome);
            else if (outcome == Outcome.Ok) tx.AnswerPart(shard);
            if (outcome != Outcome.NotFound) return default;
        }
        ReplyWriter reply = tx.Writer();
        reply.NullArray();
        tx.Close(ref reply);
        return default;
    }

    private static void PopHere(ShardScope shard, ref HopFrame hop)
    {
        ReplyWriter reply = hop.Writer();
        hop.Value = (long)hop.State<ListPop>().TryPop(shard, hop.Args, ref reply);
        reply.Flush();
    }
}

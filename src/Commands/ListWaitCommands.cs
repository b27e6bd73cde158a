using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Commands that wait for elements of lists: BLPOP, BRPOP, BLMPOP, BLMOVE, BRPOPLPUSH.</summary>
public static class ListWaitCommands
{
    private const KeyAccess Pops = KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete;
    private const CommandFlags Waits = Write | Blocking | OwnLocks;
    private static readonly KeySpec[] Popped = [new(Pops, KeySearch.Range) { LastKey = -2 }];

    public static readonly CommandSpec[] Table =
    [
        new("BLPOP",  -3, Waits, AclCategory.List, Popped, LeftPop,
            "Removes and returns the first element in a list. Blocks until an element is available otherwise. "
            + "Deletes the list if the last element was popped."),
        new("BRPOP",  -3, Waits, AclCategory.List, Popped, RightPop,
            "Removes and returns the last element in a list. Blocks until an element is available otherwise. "
            + "Deletes the list if the last element was popped."),
        new("BLMPOP", -5, Waits | MovableKeys, AclCategory.List, [new(Pops, KeySearch.KeyCount) { BeginIndex = 2, FirstKey = 1 }], PopFirst,
            "Pops the first element from one of multiple lists. Blocks until an element is available otherwise. "
            + "Deletes the list if the last element was popped."),
        new("BLMOVE",  6, Waits | DenyOom | Tells, AclCategory.List, ListMoveCommands.Moved, Move,
            "Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available otherwise. "
            + "Deletes the list if the last element was moved."),
        new("BRPOPLPUSH", 4, Waits | DenyOom | Tells, AclCategory.List, ListMoveCommands.Moved, PopAndPush,
            "Pops an element from a list, pushes it to another list and returns it. Blocks until an element is available otherwise. "
            + "Deletes the list if the last element was popped."),
    ];

    // ---- pop ----

    private static Co<Nothing> LeftPop(Coordinator tx) => Pop(tx, last: false);

    private static Co<Nothing> RightPop(Coordinator tx) => Pop(tx, last: true);

    private static async Co<Nothing> Pop(Coordinator tx, bool last)
    {
        if (WaitTimeout.TryRead(tx, tx.Args.Count - 1, out long ns)) await WaitAndPop(tx, new ListPop { Last = last }, ns);
        return default;
    }

    private static async Co<Nothing> PopFirst(Coordinator tx)
    {
        if (ListPop.TryRead(tx, 2, out ListPop pop) && WaitTimeout.TryRead(tx, 1, out long ns)) await WaitAndPop(tx, pop, ns);
        return default;
    }

    private static async Co<Nothing> WaitAndPop(Coordinator tx, ListPop pop, long ns)
    {
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<ListPop>(shard) = pop;
        WaitEnd end = await tx.WaitForKeys(ServePop, ns);
        AnswerPop(tx, end);
        return default;
    }

    private static void ServePop(ShardScope shard, ref HopFrame hop)
    {
        if (hop.IsLook)
        {
            hop.Value = (long)hop.Look(shard, ValueType.List);
            return;
        }
        ref ListPop pop = ref hop.State<ListPop>();
        pop.Key = hop.Argument;
        ReplyWriter reply = hop.Writer();
        Outcome outcome = pop.TryPop(shard, hop.Args, ref reply);
        reply.Flush();
        pop.IsWrongType = outcome == Outcome.WrongType && hop.IsFirstTry;
        if (outcome == Outcome.Ok || pop.IsWrongType) hop.Value = (long)WaitResult.Served;
        else if (outcome == Outcome.WrongType) hop.Value = (long)WaitResult.NotForThis;
    }

    private static void AnswerPop(Coordinator tx, WaitEnd end)
    {
        if (end == WaitEnd.Served)
        {
            int shard = tx.ShardOf(tx.WokenArgument);
            if (tx.StateOf<ListPop>(shard).IsWrongType) tx.Fail(Errors.WrongType);
            else tx.AnswerPart(shard);
            return;
        }
        ReplyWriter reply = tx.Writer();
        if (end == WaitEnd.Unblocked) reply.Error(Errors.Unblocked);
        else reply.NullArray();
        tx.Close(ref reply);
    }

    // ---- move ----

    /// <summary>Between which ends; and what came of the first attempt.</summary>
    private struct MovePlan
    {
        internal bool FromLast;
        internal bool ToLast;
        internal Outcome Outcome;
    }

    private static async Co<Nothing> Move(Coordinator tx)
    {
        if (!ListMoveCommands.TryReadEnds(tx, out bool fromLast, out bool toLast)) return default;
        if (WaitTimeout.TryRead(tx, 5, out long ns)) await WaitAndMove(tx, new MovePlan { FromLast = fromLast, ToLast = toLast }, ns);
        return default;
    }

    private static async Co<Nothing> PopAndPush(Coordinator tx)
    {
        if (WaitTimeout.TryRead(tx, 3, out long ns)) await WaitAndMove(tx, new MovePlan { FromLast = true }, ns);
        return default;
    }

    /// <summary>
    /// Keys that share a shard are served by the first attempt itself. Later ones are only claimed: they lock both keys first.
    /// </summary>
    private static async Co<Nothing> WaitAndMove(Coordinator tx, MovePlan plan, long ns)
    {
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<MovePlan>(shard) = plan;
        WaitEnd end = await tx.WaitForKeys(ServeMove, ns);
        while (end == WaitEnd.Claimed)
        {
            bool isFirst = !tx.Stands;
            await tx.LockKeys();
            Outcome outcome = await ListMoveCommands.TryMoveAcross(tx, plan.FromLast, plan.ToLast);
            // Somebody was faster, or has put something else there.
            bool isNothing = outcome == Outcome.NotFound || outcome == Outcome.WrongType && !isFirst && await IsNoList(tx);
            for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<MovePlan>(shard) = plan;
            if (isNothing && !isFirst)
            {
                end = await tx.WaitAgain();
                continue;
            }
            await tx.LeaveLines();
            if (outcome != Outcome.Ok) tx.Fail(outcome);
            return default;
        }
        AnswerMove(tx, end);
        return default;
    }

    /// <summary>Is it the source that holds something else than a list?</summary>
    private static async Co<bool> IsNoList(Coordinator tx)
    {
        await tx.Hop(tx.ShardOf(1), LookAtSource);
        return tx.ValueOf(tx.ShardOf(1)) != 0;
    }

    private static void LookAtSource(ShardScope shard, ref HopFrame hop)
    {
        Entry entry = shard.Peek(hop.Args.Key(1));
        hop.Value = entry.Exists && entry.Type != ValueType.List ? 1 : 0;
    }

    private static void ServeMove(ShardScope shard, ref HopFrame hop)
    {
        if (hop.Argument != 1)
        {
            hop.Value = (long)WaitResult.NotForThis;
            return;
        }
        Entry entry = shard.Peek(hop.Args.Key(1));
        if (!entry.Exists) return;
        if (!hop.IsFirstTry)
        {
            hop.Value = (long)(entry.Type == ValueType.List ? WaitResult.Claimed : WaitResult.NotForThis);
            return;
        }
        if (!hop.Owns(2))
        {
            hop.Value = (long)WaitResult.Claimed;
            return;
        }
        ref MovePlan plan = ref hop.State<MovePlan>();
        ReplyWriter reply = hop.Writer();
        plan.Outcome = ListMoveCommands.TryMoveHere(shard, hop.Args, plan.FromLast, plan.ToLast, ref reply);
        reply.Flush();
        hop.Value = (long)WaitResult.Served;
    }

    private static void AnswerMove(Coordinator tx, WaitEnd end)
    {
        if (end == WaitEnd.Served)
        {
            int shard = tx.ShardOf(1);
            if (tx.StateOf<MovePlan>(shard).Outcome is var outcome and not Outcome.Ok) tx.Fail(outcome);
            else tx.AnswerPart(shard);
            return;
        }
        ReplyWriter reply = tx.Writer();
        if (end == WaitEnd.Unblocked) reply.Error(Errors.Unblocked);
        else if (tx.MayBlock) reply.NullArray();
        else reply.Null();
        tx.Close(ref reply);
    }
}

using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Members taken from the ends of sorted sets: ZPOPMIN, ZPOPMAX, ZMPOP, and those that wait for them.</summary>
public static class SortedSetPopCommands
{
    private const KeyAccess Takes = KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete;

    private static readonly KeySpec[] AllButLast = [new(Takes, KeySearch.Range) { LastKey = -2 }];

    public static readonly CommandSpec[] Table =
    [
        new("ZPOPMIN", -2, Write | Fast | MayBeLong, AclCategory.SortedSet, Keys.First(Takes), PopMin,
            "Returns the lowest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.")
            { AsCoordinator = PopMinLong },
        new("ZPOPMAX", -2, Write | Fast | MayBeLong, AclCategory.SortedSet, Keys.First(Takes), PopMax,
            "Returns the highest-scoring members from a sorted set after removing them. Deletes the sorted set if the last member was popped.")
            { AsCoordinator = PopMaxLong },
        new("ZMPOP", -4, Write | MovableKeys, AclCategory.SortedSet, [new(Takes, KeySearch.KeyCount) { FirstKey = 1 }], PopFirst,
            "Returns the highest- or lowest-scoring members from one or more sorted sets after removing them. "
            + "Deletes the sorted set if the last member was popped."),
        new("BZPOPMIN", -3, Write | Fast | Blocking, AclCategory.SortedSet, AllButLast, WaitForMin,
            "Removes and returns the member with the lowest score from one or more sorted sets. Blocks until a member is available otherwise. "
            + "Deletes the sorted set if the last element was popped."),
        new("BZPOPMAX", -3, Write | Fast | Blocking, AclCategory.SortedSet, AllButLast, WaitForMax,
            "Removes and returns the member with the highest score from one or more sorted sets. Blocks until a member is available otherwise. "
            + "Deletes the sorted set if the last element was popped."),
        new("BZMPOP", -5, Write | Blocking | MovableKeys, AclCategory.SortedSet,
            [new(Takes, KeySearch.KeyCount) { BeginIndex = 2, FirstKey = 1 }], WaitForFirst,
            "Removes and returns a member by score from one or more sorted sets. Blocks until a member is available otherwise. "
            + "Deletes the sorted set if the last element was popped."),
    ];

    // --- ZPOPMIN, ZPOPMAX --------------------------------------------------------------------------------

    private static void PopMin(ShardScope shard, Arguments args, ref ReplyWriter reply) => Pop(shard, args, isMax: false, ref reply);

    private static void PopMax(ShardScope shard, Arguments args, ref ReplyWriter reply) => Pop(shard, args, isMax: true, ref reply);

    private static Co<Nothing> PopMinLong(Coordinator tx) => PopLong(tx, isMax: false);

    private static Co<Nothing> PopMaxLong(Coordinator tx) => PopLong(tx, isMax: true);

    private static bool TryReadPop(Arguments args, bool isMax, ref ReplyWriter reply, out SortedSetPop pop)
    {
        pop = new SortedSetPop { Key = 1, IsMax = isMax, Left = 1 };
        if (args.Count > 3) reply.Error(Errors.Syntax);
        else if (args.Count == 3 && (!Numbers.TryParseLong(args[2], out pop.Left) || pop.Left < 0)) reply.Error(Errors.OutOfRangePositive);
        else
        {
            if (args.Count == 3 && reply.Version == RespVersion.Resp3) pop.Shape = PopShape.Pairs;
            return true;
        }
        return false;
    }

    private static void Pop(ShardScope shard, Arguments args, bool isMax, ref ReplyWriter reply)
    {
        if (!TryReadPop(args, isMax, ref reply, out SortedSetPop pop)) return;
        if (pop.Left > SortedSetValue.AtOnceMax && IsLong(shard, args.Key(1), pop.Left))
        {
            shard.LeaveToCoordinator();
            return;
        }
        pop.Run(shard, args, isAtOnce: true, Effect.Command, ref reply, mayLeave: true);
        if (pop.IsHeldUp) shard.LeaveToCoordinator();
        else if (pop.HasWrongType) reply.Error(Errors.WrongType);
        else if (pop.IsEmpty || args.Count == 3 && IsZero(args[2])) reply.Array(0);
    }

    private static bool IsZero(ReadOnlySpan<byte> text) => text.SequenceEqual("0"u8);

    private static bool IsLong(ShardScope shard, Key key, long count)
    {
        Entry entry = shard.Peek(key);
        return entry.Exists && entry.Type == Core.Structures.ValueType.SortedSet
            && Math.Min(count, SortedSetValue.ViewOf(shard, in entry).Count) > SortedSetValue.AtOnceMax;
    }

    private static async Co<Nothing> PopLong(Coordinator tx, bool isMax)
    {
        int shard = tx.ShardOf(1);
        if (!TryReadPop(tx, isMax, out tx.StateOf<SortedSetPop>(shard))) return default;
        await PopSlices(tx, shard);
        if (tx.StateOf<SortedSetPop>(shard).HasWrongType) tx.Fail(Outcome.WrongType);
        else if (tx.PartOf(shard).IsEmpty) AnswerEmpty(tx);
        else tx.AnswerPart(shard);
        return default;
    }

    private static bool TryReadPop(Coordinator tx, bool isMax, out SortedSetPop pop)
    {
        ReplyWriter reply = tx.Writer();
        bool ok = TryReadPop(tx.Args, isMax, ref reply, out pop);
        tx.Close(ref reply);
        return ok;
    }

    private static void AnswerEmpty(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.Array(0);
        tx.Close(ref reply);
    }

    private static async Co<Nothing> PopSlices(Coordinator tx, int shard)
    {
        await tx.Hop(shard, PopSlice);
        while (tx.StateOf<SortedSetPop>(shard).Left > 0)
        {
            await tx.Yield();
            await tx.Hop(shard, PopSlice);
        }
        return default;
    }

    private static void PopSlice(ShardScope shard, ref HopFrame hop)
    {
        ReplyWriter reply = hop.Writer();
        hop.State<SortedSetPop>().Run(shard, hop.Args, isAtOnce: false, Effect.Command, ref reply);
        reply.Flush();
    }

    // --- ZMPOP -------------------------------------------------------------------------------------------

    /// <summary>Reads what stands from the count of keys on; the keys begin behind it.</summary>
    private static bool TryReadFirst(Arguments args, int countAt, ref ReplyWriter reply, out SortedSetPop pop)
    {
        pop = new SortedSetPop { Key = countAt + 1, Shape = PopShape.KeyAndPairs, Left = 1 };
        if (!Numbers.TryParseLong(args[countAt], out long keys) || keys < 1)
        {
            reply.Error(Errors.NumKeysTooSmall);
            return false;
        }
        int left = args.Count - countAt - 1;
        if (keys >= left || !TryReadEnd(args[countAt + 1 + (int)keys], out pop.IsMax))
        {
            reply.Error(Errors.Syntax);
            return false;
        }
        bool hasCount = false;
        for (int i = countAt + 2 + (int)keys; i < args.Count; i++)
        {
            if (hasCount || !Ascii.EqualsIgnoreCase(args[i], "COUNT"u8) || i + 1 == args.Count)
            {
                reply.Error(Errors.Syntax);
                return false;
            }
            hasCount = true;
            if (Numbers.TryParseLong(args[++i], out pop.Left) && pop.Left >= 1) continue;
            reply.Error(Errors.PopCountTooSmall);
            return false;
        }
        return true;
    }

    private static bool TryReadEnd(ReadOnlySpan<byte> text, out bool isMax)
    {
        isMax = Ascii.EqualsIgnoreCase(text, "MAX"u8);
        return isMax || Ascii.EqualsIgnoreCase(text, "MIN"u8);
    }

    private static async Co<Nothing> PopFirst(Coordinator tx)
    {
        if (!TryReadFirst(tx, 1, out SortedSetPop pop)) return default;
        _ = tx.Command.Keys[0].TryFind(tx.Args, out int first, out int last);
        for (int i = first; i <= last; i++)
        {
            int shard = tx.ShardOf(i);
            pop.Key = i;
            tx.StateOf<SortedSetPop>(shard) = pop;
            await PopSlices(tx, shard);
            if (tx.StateOf<SortedSetPop>(shard).HasWrongType)
            {
                tx.Fail(Outcome.WrongType);
                return default;
            }
            if (tx.StateOf<SortedSetPop>(shard).IsEmpty) continue;
            tx.AnswerPart(shard);
            return default;
        }
        AnswerNothing(tx);
        return default;
    }

    private static bool TryReadFirst(Coordinator tx, int countAt, out SortedSetPop pop)
    {
        ReplyWriter reply = tx.Writer();
        bool ok = TryReadFirst(tx.Args, countAt, ref reply, out pop);
        tx.Close(ref reply);
        return ok;
    }

    private static void AnswerNothing(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.NullArray();
        tx.Close(ref reply);
    }

    // --- Those that wait ---------------------------------------------------------------------------------

    private static Co<Nothing> WaitForMin(Coordinator tx) =>
        Wait(tx, tx.Args.Count - 1, new SortedSetPop { Left = 1, Shape = PopShape.KeyAndFlat });

    private static Co<Nothing> WaitForMax(Coordinator tx) =>
        Wait(tx, tx.Args.Count - 1, new SortedSetPop { Left = 1, Shape = PopShape.KeyAndFlat, IsMax = true });

    private static Co<Nothing> WaitForFirst(Coordinator tx) =>
        TryReadFirst(tx, 2, out SortedSetPop pop) ? Wait(tx, 1, pop) : default;

    private static async Co<Nothing> Wait(Coordinator tx, int timeoutAt, SortedSetPop pop)
    {
        if (!WaitTimeout.TryRead(tx, timeoutAt, out long ns)) return default;
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<SortedSetPop>(shard) = pop;
        WaitEnd end = await tx.WaitForKeys(Serve, ns);
        int woken = end == WaitEnd.Served ? tx.ShardOf(tx.WokenArgument) : -1;
        if (end == WaitEnd.Unblocked) tx.Fail(Errors.Unblocked);
        else if (woken < 0) AnswerNothing(tx);
        else if (tx.StateOf<SortedSetPop>(woken).HasWrongType) tx.Fail(Outcome.WrongType);
        else tx.AnswerPart(woken);
        return default;
    }

    /// <summary>Somebody's key is ready, or was there from the begin: what is popped is popped at once.</summary>
    private static void Serve(ShardScope shard, ref HopFrame hop)
    {
        if (hop.IsLook)
        {
            hop.Value = (long)hop.Look(shard, Core.Structures.ValueType.SortedSet);
            return;
        }
        SortedSetPop pop = hop.State<SortedSetPop>();
        pop.Key = hop.Argument;
        ReplyWriter reply = hop.Writer();
        pop.Run(shard, hop.Args, isAtOnce: true, Effect.State, ref reply);
        reply.Flush();
        // What has come while it waited and is no sorted set is somebody else's.
        if (pop.HasWrongType && !hop.IsFirstTry) hop.Value = (long)WaitResult.NotForThis;
        else if (pop.HasWrongType || !pop.IsEmpty)
        {
            hop.State<SortedSetPop>() = pop;
            hop.Value = (long)WaitResult.Served;
        }
    }
}

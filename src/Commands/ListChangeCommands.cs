using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>What may have to look at a whole list, or to take much of it away: LINSERT, LREM, LTRIM. On long lists in slices.</summary>
public static class ListChangeCommands
{
    /// <summary>Chunks that are looked at within one turn.</summary>
    private const int ChunksPerTurn = 64;

    /// <summary>Elements that are taken away within one turn, and between two looks at the clock.</summary>
    private const int ElementsPerTurn = 4000, ElementsPerStep = 500;

    private static readonly KeySpec[] Inserted = Keys.First(KeyAccess.ReadWrite | KeyAccess.Insert);
    private static readonly KeySpec[] Cut = Keys.First(KeyAccess.ReadWrite | KeyAccess.Delete);

    public static readonly CommandSpec[] Table =
    [
        new("LINSERT", 5, Write | DenyOom | IsSeldomLong, AclCategory.List, Inserted, Insert,
            "Inserts an element before or after another element in a list.") { AsCoordinator = InsertLong },
        new("LREM",    4, Write | IsSeldomLong, AclCategory.List, Cut, Remove,
            "Removes elements from a list. Deletes the list if the last element was removed.") { AsCoordinator = RemoveLong },
        new("LTRIM",   4, Write | IsSeldomLong, AclCategory.List, Cut, Trim,
            "Removes elements from both ends of a list. Deletes the list if all elements were trimmed.") { AsCoordinator = TrimLong },
    ];

    /// <summary>A search under way: plain data, the state of a hop.</summary>
    private struct SearchPart
    {
        /// <summary>Of the element from which the next step goes on.</summary>
        internal long Index;
        internal long Removed;
        internal bool IsBegun;
    }

    /// <summary>A trim under way: plain data, the state of a hop.</summary>
    private struct TrimPart
    {
        /// <summary>Elements that are still to be taken away.</summary>
        internal long AtFront, AtBack;
        internal bool IsBegun;
    }

    private static bool IsLong(ShardScope shard, Arguments args)
    {
        if (!shard.MayLeave) return false;
        Entry entry = shard.Peek(args.Key(1));
        return entry.Exists && entry.Type == ValueType.List && entry.HasRoot && new ListView(shard.View(entry)).Chunks > ChunksPerTurn;
    }

    private static ListEditor EditorOf(ShardScope shard, ValueSlot slot) => new(slot, shard.Settings.ListLimit);

    /// <summary>False, with the answer written, where there is no list.</summary>
    private static bool TryOpen(ShardScope shard, Arguments args, ref ReplyWriter reply, out Edit edit)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.List, ref reply, out edit)) return false;
        if (edit.Exists) return true;
        edit.Abandon();
        reply.Integer(0);
        return false;
    }

    // ---- LINSERT ----

    private static void Insert(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        var part = default(SearchPart);
        if (IsLong(shard, args)) shard.LeaveToCoordinator();
        else _ = InsertSome(shard, args, WorkSlice.Endless, ref part, ref reply);
    }

    private static Co<Nothing> InsertLong(Coordinator tx) => tx.RunInSlices(tx.ShardOf(1), InsertSlice);

    private static void InsertSlice(ShardScope shard, ref HopFrame hop)
    {
        ReplyWriter reply = hop.Writer();
        hop.GoesOn = InsertSome(shard, hop.Args, new WorkSlice(shard), ref hop.State<SearchPart>(), ref reply);
        reply.Flush();
    }

    /// <summary>Looks for the pivot as long as the slice lasts, and inserts; true when there is more to do.</summary>
    private static bool InsertSome(ShardScope shard, Arguments args, WorkSlice slice, ref SearchPart part, ref ReplyWriter reply)
    {
        bool after = Ascii.EqualsIgnoreCase(args[2], "AFTER"u8);
        if (!after && !Ascii.EqualsIgnoreCase(args[2], "BEFORE"u8))
        {
            reply.Error(Errors.Syntax);
            return false;
        }
        if (!TryOpen(shard, args, ref reply, out Edit edit)) return false;
        ListEditor list = EditorOf(shard, edit.Slot);
        bool isFound = false;
        if (list.View.IsLarge)
        {
            do isFound = list.View.FindStep(args[3], ref part.Index);
            while (!isFound && part.Index >= 0 && slice.MayGoOn(shard));
            if (!isFound && part.Index >= 0)
            {
                edit.Pause();
                return true;
            }
        }
        NativeBlock block = ListValue.TakeBlock(args, 4);
        bool isDone = list.View.IsLarge
            ? !isFound || list.InsertAt(part.Index, after, args[4], block)
            : list.Insert(args[3], after, args[4], block, out isFound);
        if (!block.IsNull) block.Release();
        if (!isDone) reply.Error(Outcome.OutOfMemory);
        else reply.Integer(isFound ? list.View.Count : -1);
        if (isDone && isFound) edit.Commit(EventClass.List, "linsert"u8);
        else edit.Abandon();
        return false;
    }

    // ---- LREM ----

    private static void Remove(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        var part = default(SearchPart);
        if (IsLong(shard, args)) shard.LeaveToCoordinator();
        else _ = RemoveSome(shard, args, WorkSlice.Endless, ref part, ref reply);
    }

    private static Co<Nothing> RemoveLong(Coordinator tx) => tx.RunInSlices(tx.ShardOf(1), RemoveSlice);

    private static void RemoveSlice(ShardScope shard, ref HopFrame hop)
    {
        ReplyWriter reply = hop.Writer();
        hop.GoesOn = RemoveSome(shard, hop.Args, new WorkSlice(shard), ref hop.State<SearchPart>(), ref reply);
        reply.Flush();
    }

    /// <summary>Takes elements away as long as the slice lasts; true when there is more to do.</summary>
    private static bool RemoveSome(ShardScope shard, Arguments args, WorkSlice slice, ref SearchPart part, ref ReplyWriter reply)
    {
        if (!ListValue.TryReadSymmetric(args[2], ref reply, out long count)) return false;
        if (!TryOpen(shard, args, ref reply, out Edit edit)) return false;
        ListEditor list = EditorOf(shard, edit.Slot);
        long most = count == 0 ? long.MaxValue : Math.Abs(count);
        if (list.View.IsLarge)
        {
            if (!part.IsBegun) (part.IsBegun, part.Index) = (true, count < 0 ? list.View.Count - 1 : 0);
            do part.Removed += list.RemoveStep(args[3], most - part.Removed, lastFirst: count < 0, ref part.Index);
            while (part.Index >= 0 && slice.MayGoOn(shard));
            if (part.Index >= 0)
            {
                edit.Pause();
                return true;
            }
            if (part.Removed != 0) list.Shrink();
        }
        else part.Removed = list.Remove(args[3], most, lastFirst: count < 0);
        reply.Integer(part.Removed);
        if (part.Removed == 0)
        {
            edit.Abandon();
            return false;
        }
        bool isEmpty = list.View.Count == 0;
        if (isEmpty) edit.Delete();
        ListValue.Close(ref edit, "lrem"u8, isEmpty);
        return false;
    }

    // ---- LTRIM ----

    private static void Trim(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        var part = default(TrimPart);
        if (IsLong(shard, args) && TakesMuch(new ListView(shard.View(shard.Peek(args.Key(1)))).Count, args)) shard.LeaveToCoordinator();
        else _ = TrimSome(shard, args, WorkSlice.Endless, ref part, ref reply);
    }

    /// <summary>Will many elements go, and some stay?</summary>
    private static bool TakesMuch(long count, Arguments args)
    {
        bool isRight = Numbers.TryParseLong(args[2], out long first) & Numbers.TryParseLong(args[3], out long last);
        return isRight && ListValue.TryCut(ref first, ref last, count) && count - (last - first + 1) > ElementsPerTurn;
    }

    private static Co<Nothing> TrimLong(Coordinator tx) => tx.RunInSlices(tx.ShardOf(1), TrimSlice);

    private static void TrimSlice(ShardScope shard, ref HopFrame hop)
    {
        ReplyWriter reply = hop.Writer();
        hop.GoesOn = TrimSome(shard, hop.Args, new WorkSlice(shard), ref hop.State<TrimPart>(), ref reply);
        reply.Flush();
    }

    /// <summary>Takes elements away at both ends as long as the slice lasts; true when there is more to do.</summary>
    private static bool TrimSome(ShardScope shard, Arguments args, WorkSlice slice, ref TrimPart part, ref ReplyWriter reply)
    {
        if (!ListValue.TryReadLong(args[2], ref reply, out long first) || !ListValue.TryReadLong(args[3], ref reply, out long last)) return false;
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.List, ref reply, out Edit edit)) return false;
        if (!edit.Exists)
        {
            edit.Abandon();
            reply.Ok();
            return false;
        }
        ListEditor list = EditorOf(shard, edit.Slot);
        bool isEmpty = false;
        if (!part.IsBegun)
        {
            part.IsBegun = true;
            isEmpty = !ListValue.TryCut(ref first, ref last, list.View.Count);
            if (isEmpty) edit.Delete();
            else (part.AtFront, part.AtBack) = (first, list.View.Count - last - 1);
        }
        while (part.AtFront + part.AtBack > 0)
        {
            bool isBack = part.AtBack > 0;
            ref long left = ref isBack ? ref part.AtBack : ref part.AtFront;
            long some = Math.Min(left, ElementsPerStep);
            list.Pop(isBack, some);
            left -= some;
            if (slice.MayGoOn(shard)) continue;
            if (part.AtFront + part.AtBack == 0) break;
            edit.Pause();
            return true;
        }
        reply.Ok();
        ListValue.Close(ref edit, "ltrim"u8, isEmpty);
        return false;
    }
}

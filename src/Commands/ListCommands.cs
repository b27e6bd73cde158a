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

/// <summary>Lists of one key: pushing, popping, reading and changing elements.</summary>
public static class ListCommands
{
    private const KeyAccess Reads = KeyAccess.ReadOnly | KeyAccess.Access;
    private static readonly KeySpec[] Inserted = Keys.First(KeyAccess.ReadWrite | KeyAccess.Insert);
    private static readonly KeySpec[] Popped = Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Delete);

    /// <summary>Elements that are read within one turn; more than that takes several.</summary>
    private const int ElementsPerTurn = 2000;

    private const int ElementsPerStep = 128;

    public static readonly CommandSpec[] Table =
    [
        //   name     arity  flags                          categories        keys      handler
        new("LPUSH",  -3, Write | DenyOom | Fast | Tells, AclCategory.List, Inserted, LeftPush,
            "Prepends one or more elements to a list. Creates the key if it doesn't exist."),
        new("RPUSH",  -3, Write | DenyOom | Fast | Tells, AclCategory.List, Inserted, RightPush,
            "Appends one or more elements to a list. Creates the key if it doesn't exist."),
        new("LPUSHX", -3, Write | DenyOom | Fast | Tells, AclCategory.List, Inserted, LeftPushX,
            "Prepends one or more elements to a list only when the list exists."),
        new("RPUSHX", -3, Write | DenyOom | Fast | Tells, AclCategory.List, Inserted, RightPushX,
            "Appends one or more elements to a list only when the list exists."),
        new("LPOP",   -2, Write | Fast,            AclCategory.List, Popped, LeftPop,
            "Returns and removes one or more elements from the beginning of a list. Deletes the list if the last element was popped."),
        new("RPOP",   -2, Write | Fast,            AclCategory.List, Popped, RightPop,
            "Returns and removes one or more elements from the end of a list. Deletes the list if the last element was popped."),
        new("LLEN",    2, ReadOnly | Fast,         AclCategory.List, Keys.First(KeyAccess.ReadOnly), Length,
            "Returns the length of a list."),
        new("LRANGE",  4, ReadOnly | ReadsLong,                AclCategory.List, Keys.First(Reads), Range,
            "Returns a range of elements from a list."),
        new("LINDEX",  3, ReadOnly,                AclCategory.List, Keys.First(Reads), Index,
            "Returns an element from a list by its index."),
        new("LPOS",   -3, ReadOnly | ReadsLong,                AclCategory.List, Keys.First(Reads), Position,
            "Returns the index of matching elements in a list."),
        new("LSET",    4, Write | DenyOom,         AclCategory.List, Keys.First(KeyAccess.ReadWrite | KeyAccess.Update), Set,
            "Sets the value of an element in a list by its index."),
    ];

    // ---- push and pop ----

    private static void LeftPush(ShardScope shard, Arguments args, ref ReplyWriter reply) => Push(shard, args, false, false, ref reply);

    private static void RightPush(ShardScope shard, Arguments args, ref ReplyWriter reply) => Push(shard, args, true, false, ref reply);

    private static void LeftPushX(ShardScope shard, Arguments args, ref ReplyWriter reply) => Push(shard, args, false, true, ref reply);

    private static void RightPushX(ShardScope shard, Arguments args, ref ReplyWriter reply) => Push(shard, args, true, true, ref reply);

    private static void Push(ShardScope shard, Arguments args, bool last, bool onlyThere, ref ReplyWriter reply)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.List, ref reply, out Edit edit)) return;
        bool wasThere = edit.Exists;
        if (onlyThere && !wasThere)
        {
            edit.Abandon();
            reply.Integer(0);
            return;
        }
        var list = new ListEditor(edit.Slot, shard.Settings.ListLimit);
        if (!list.Push(last, args.From(2)))
        {
            ListValue.Refuse(ref edit, wasThere);
            reply.Error(Outcome.OutOfMemory);
            return;
        }
        reply.Integer(list.View.Count);
        edit.Commit(EventClass.List, last ? "rpush"u8 : "lpush"u8);
    }

    private static void LeftPop(ShardScope shard, Arguments args, ref ReplyWriter reply) => Pop(shard, args, false, ref reply);

    private static void RightPop(ShardScope shard, Arguments args, ref ReplyWriter reply) => Pop(shard, args, true, ref reply);

    private static void Pop(ShardScope shard, Arguments args, bool last, ref ReplyWriter reply)
    {
        long count = 1;
        bool hasCount = args.Count == 3;
        if (args.Count > 3)
        {
            reply.WrongArity(last ? "rpop"u8 : "lpop"u8);
            return;
        }
        if (hasCount && !ListValue.TryReadAtLeast(0, args[2], Errors.OutOfRangePositive, ref reply, out count)) return;
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.List, ref reply, out Edit edit)) return;
        if (!edit.Exists || count == 0)
        {
            if (edit.Exists) reply.Array(0);
            else if (hasCount) reply.NullArray();
            else reply.Null();
            edit.Abandon();
            return;
        }
        var list = new ListView(edit.Slot.View);
        count = Math.Min(count, list.Count);
        if (hasCount) ListValue.ReplyPopped(list, last, count, ref reply);
        else ListValue.Reply(list.Edge(last), ref reply);
        ListValue.PopAndClose(shard, ref edit, last, count);
    }

    // ---- read ----

    private static void Length(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        Entry entry = shard.Find(args.Key(1));
        if (entry.Exists && entry.Type != ValueType.List) reply.Error(Errors.WrongType);
        else reply.Integer(new ListView(shard.View(entry)).Count);
    }

    private static void Range(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!ListValue.TryReadLong(args[2], ref reply, out long first) || !ListValue.TryReadLong(args[3], ref reply, out long last)) return;
        if (!ListValue.TryFind(shard, args.Key(1), ref reply, out ListView list)) return;
        if (!ListValue.TryCut(ref first, ref last, list.Count)) reply.Array(0);
        else if (last - first < ElementsPerTurn || !shard.MaySuspend) ListValue.ReplyRange(list, first, last - first + 1, false, ref reply);
        else shard.ReadLong(args, 0, RangeStep, RangeHeader);
    }

    private static void RangeStep(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply)
    {
        var list = new ListView(shard.View(shard.Peek(args.Key(1))));
        _ = Numbers.TryParseLong(args[2], out long first) & Numbers.TryParseLong(args[3], out long last);
        _ = ListValue.TryCut(ref first, ref last, list.Count);
        long next = first + (long)state.Position;
        long count = Math.Clamp(last - next + 1, 0, ElementsPerStep);
        ListValue.Reply(list.Walk(next, backwards: false), count, ref reply);
        next += count;
        state.Written = next - first;
        state.Position = next > last ? 0 : (ulong)state.Written;
    }

    private static void RangeHeader(in LongReadState state, ref ReplyWriter reply) => reply.Array(state.Written);

    private static void Index(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        Entry entry = shard.Find(args.Key(1));
        if (!entry.Exists)
        {
            reply.Null();
            return;
        }
        if (entry.Type != ValueType.List)
        {
            reply.Error(Errors.WrongType);
            return;
        }
        if (!ListValue.TryReadLong(args[2], ref reply, out long index)) return;
        var list = new ListView(shard.View(entry));
        ListWalk walk = list.Walk(index < 0 ? index + list.Count : index, backwards: false);
        if (walk.Next(out ListItem item)) ListValue.Reply(item, ref reply);
        else reply.Null();
    }

    private struct Search
    {
        internal long Rank;
        internal long Count;
        internal long LengthMax;
        internal bool HasCount;
        internal bool Backwards;
    }

    private static bool TryReadSearch(Arguments args, ref ReplyWriter reply, out Search search)
    {
        search = new Search { Rank = 1, Count = 1 };
        for (int i = 3; i < args.Count; i += 2)
        {
            bool hasMore = i + 1 < args.Count;
            if (hasMore && Ascii.EqualsIgnoreCase(args[i], "RANK"u8))
            {
                if (!ListValue.TryReadSymmetric(args[i + 1], ref reply, out search.Rank)) return false;
                if (search.Rank == 0)
                {
                    reply.Error(Errors.ListRankZero);
                    return false;
                }
            }
            else if (hasMore && Ascii.EqualsIgnoreCase(args[i], "COUNT"u8))
            {
                if (!ListValue.TryReadAtLeast(0, args[i + 1], Errors.ListCountNegative, ref reply, out search.Count)) return false;
                search.HasCount = true;
            }
            else if (hasMore && Ascii.EqualsIgnoreCase(args[i], "MAXLEN"u8))
            {
                if (!ListValue.TryReadAtLeast(0, args[i + 1], Errors.ListMaxLengthNegative, ref reply, out search.LengthMax)) return false;
            }
            else
            {
                reply.Error(Errors.Syntax);
                return false;
            }
        }
        search.Backwards = search.Rank < 0;
        search.Rank = Math.Abs(search.Rank);
        if (search.LengthMax == 0) search.LengthMax = long.MaxValue;
        if (search.Count == 0) search.Count = long.MaxValue;
        return true;
    }

    private static void Position(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadSearch(args, ref reply, out Search search)) return;
        if (!ListValue.TryFind(shard, args.Key(1), ref reply, out ListView list)) return;
        if (Math.Min(list.Count, search.LengthMax) > ElementsPerTurn && shard.MaySuspend)
        {
            shard.ReadLong(args, 0, PositionStep, search.HasCount ? PositionsHeader : PositionHeader);
            return;
        }
        ReplyStream.DeferredHeader header = default;
        if (search.HasCount) header = reply.Defer();
        var state = default(LongReadState);
        do Step(list, in search, args[2], ref state, ref reply);
        while (state.Position != 0);
        if (search.HasCount) reply.ResolveArray(header, state.Written);
        else PositionHeader(in state, ref reply);
    }

    private static void PositionStep(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply)
    {
        _ = TryReadSearch(args, ref reply, out Search search);
        Step(new ListView(shard.View(shard.Peek(args.Key(1)))), in search, args[2], ref state, ref reply);
    }

    /// <summary>Looks at some elements more. The state's mode counts the matches before the rank that is asked for.</summary>
    private static void Step(
        scoped ListView list, in Search search, scoped ReadOnlySpan<byte> element, ref LongReadState state, ref ReplyWriter reply)
    {
        long count = list.Count, most = Math.Min(count, search.LengthMax), at = (long)state.Position;
        long stop = Math.Min(most, at + ElementsPerStep);
        ListWalk walk = list.Walk(search.Backwards ? count - 1 - at : at, search.Backwards);
        for (; at < stop && state.Written < search.Count && walk.Next(out ListItem item); at++)
        {
            if (!item.Item.Is(element)) continue;
            if (state.Mode < search.Rank - 1)
            {
                state.Mode++;
                continue;
            }
            reply.Integer(search.Backwards ? count - at - 1 : at);
            state.Written++;
        }
        state.Position = at >= most || state.Written == search.Count ? 0 : (ulong)at;
    }

    private static void PositionsHeader(in LongReadState state, ref ReplyWriter reply) => reply.Array(state.Written);

    /// <summary>Of one position, which needs none, or of no position.</summary>
    private static void PositionHeader(in LongReadState state, ref ReplyWriter reply)
    {
        if (state.Written == 0) reply.Null();
    }

    // ---- change ----

    private static void Set(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.List, ref reply, out Edit edit)) return;
        if (!edit.Exists || !Numbers.TryParseLong(args[2], out long index))
        {
            reply.Error(edit.Exists ? Errors.NotInteger : Errors.NoSuchKey);
            edit.Abandon();
            return;
        }
        var list = new ListEditor(edit.Slot, shard.Settings.ListLimit);
        long count = list.View.Count;
        if (index < 0) index += count;
        if ((ulong)index >= (ulong)count)
        {
            // As in Valkey, where it shows in the encoding.
            _ = list.MakeRoom(args[3].Length, 1);
            edit.Abandon();
            reply.Error(Errors.IndexOutOfRange);
            return;
        }
        NativeBlock block = ListValue.TakeBlock(args, 3);
        bool isDone = list.Set(index, args[3], block);
        if (!block.IsNull) block.Release();
        if (isDone) reply.Ok();
        else reply.Error(Outcome.OutOfMemory);
        if (isDone) edit.Commit(EventClass.List, "lset"u8);
        else edit.Abandon();
    }
}

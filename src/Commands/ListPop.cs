using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>What is to be popped from the first of some lists that is there, and answered with its key.</summary>
internal struct ListPop
{
    /// <summary>Elements at most; 0: one, answered by itself and not as an array.</summary>
    internal long Count;

    /// <summary>The argument of the key that is tried, and the one behind the last key's.</summary>
    internal int Key, End;
    internal bool Last;

    /// <summary>It was answered with an error.</summary>
    internal bool IsWrongType;

    /// <summary>Reads "numkeys key … LEFT|RIGHT [COUNT count]" from an index on.</summary>
    internal static bool TryRead(Arguments args, int index, ref ReplyWriter reply, out ListPop pop)
    {
        pop = default;
        if (!ListValue.TryReadAtLeast(1, args[index], Errors.KeyCountNotPositive, ref reply, out long keys)) return false;
        if (keys >= args.Count - index - 1)
        {
            reply.Error(Errors.Syntax);
            return false;
        }
        pop.End = index + 1 + (int)keys;
        if (!ListValue.TryReadEnd(args[pop.End], ref reply, out pop.Last)) return false;
        for (int i = pop.End + 1; i < args.Count; i += 2)
        {
            if (pop.Count != 0 || i + 1 == args.Count || !Ascii.EqualsIgnoreCase(args[i], "COUNT"u8))
            {
                reply.Error(Errors.Syntax);
                return false;
            }
            if (!ListValue.TryReadAtLeast(1, args[i + 1], Errors.CountNotPositive, ref reply, out pop.Count)) return false;
        }
        pop.Count = Math.Max(1, pop.Count);
        return true;
    }

    internal static bool TryRead(Coordinator tx, int index, out ListPop pop)
    {
        ReplyWriter reply = tx.Writer();
        bool isRead = TryRead(tx.Args, index, ref reply, out pop);
        tx.Close(ref reply);
        return isRead;
    }

    /// <summary>Pops from the key's list and answers. NotFound and WrongType are not answered.</summary>
    internal readonly Outcome TryPop(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        Key key = args.Key(Key);
        Entry entry = shard.Peek(key);
        if (!entry.Exists) return Outcome.NotFound;
        if (entry.Type != ValueType.List) return Outcome.WrongType;
        Edit edit = new Edit(shard, key);
        var list = new ListView(edit.Slot.View);
        long count = Math.Min(Math.Max(1, Count), list.Count);
        reply.Array(2);
        reply.Bulk(key.Bytes);
        if (Count == 0) ListValue.Reply(list.Edge(Last), ref reply);
        else ListValue.ReplyPopped(list, Last, count, ref reply);
        ListValue.PopAndClose(shard, ref edit, Last, count);
        return Outcome.Ok;
    }
}

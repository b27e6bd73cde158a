using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>How commands on lists open, close and answer: what all of them share.</summary>
internal static class ListValue
{
    /// <summary>Looks a list up to read it; one that is not there is empty. False, with the error written, when it is none.</summary>
    internal static bool TryFind(ShardScope shard, Key key, ref ReplyWriter reply, out ListView list)
    {
        bool isRight = TypedValue.TryFind(shard, key, ValueType.List, ref reply, out ValueView value);
        list = new ListView(value);
        return isRight;
    }

    /// <summary>Closes an edit whose change was refused: a list that was made for it goes again.</summary>
    internal static void Refuse(ref Edit edit, bool wasThere)
    {
        if (!wasThere && edit.Exists) edit.Delete();
        edit.Abandon();
    }

    /// <summary>
    /// Takes so many elements, which must be there, away from an end; with the last one the key goes. Closes the edit.
    /// </summary>
    internal static void PopAndClose(ShardScope shard, ref Edit edit, bool last, long count)
    {
        bool isEmpty = new ListView(edit.Slot.View).Count == count;
        if (isEmpty) edit.Delete();
        else new ListEditor(edit.Slot, shard.Settings.ListLimit).Pop(last, count);
        Close(ref edit, last ? "rpop"u8 : "lpop"u8, isEmpty);
    }

    /// <summary>Closes an edit that has taken elements away, all of them together with the key.</summary>
    internal static void Close(ref Edit edit, ReadOnlySpan<byte> name, bool isEmpty)
    {
        edit.Commit(EventClass.List, name);
        if (isEmpty) edit.Also(EventClass.Generic, "del"u8, Effect.Deleted);
    }

    internal static void Reply(scoped ListItem item, ref ReplyWriter reply)
    {
        if (!item.Block.IsNull) reply.BulkBlock(item.Block, 0, item.Item.Bytes.Length);
        else reply.Bulk(item.Item);
    }

    /// <summary>Answers with so many elements from an index on, as an array.</summary>
    internal static void ReplyRange(scoped ListView list, long from, long count, bool backwards, ref ReplyWriter reply)
    {
        reply.Array(count);
        ListWalk walk = list.Walk(from, backwards);
        Reply(walk, count, ref reply);
    }

    /// <summary>Answers with the next elements of a walk, so many where there are.</summary>
    internal static void Reply(scoped ListWalk walk, long count, ref ReplyWriter reply)
    {
        while (count > 0)
        {
            ReadOnlySpan<byte> run = walk.Run;
            int at = 0;
            for (; at < run.Length && count > 0; count--) reply.Bulk(Packed.Read(run, at, out at));
            walk.Skip(at);
            if (count == 0 || !walk.Next(out ListItem item)) break;
            Reply(item, ref reply);
            count--;
        }
    }

    /// <summary>Answers with the elements that are popped from an end, the first one to go first.</summary>
    internal static void ReplyPopped(scoped ListView list, bool last, long count, ref ReplyWriter reply) =>
        ReplyRange(list, last ? list.Count - 1 : 0, count, last, ref reply);

    /// <summary>A range of indexes as clients give it, cut to the list; false when it is empty.</summary>
    internal static bool TryCut(ref long first, ref long last, long count)
    {
        if (first < 0) first = Math.Max(0, first + count);
        if (last < 0) last += count;
        last = Math.Min(last, count - 1);
        return first <= last;
    }

    internal static bool TryReadLong(ReadOnlySpan<byte> text, ref ReplyWriter reply, out long number)
    {
        if (Numbers.TryParseLong(text, out number)) return true;
        reply.Error(Errors.NotInteger);
        return false;
    }

    /// <summary>A number that may be negated: the least one of 64 bits may not.</summary>
    internal static bool TryReadSymmetric(ReadOnlySpan<byte> text, ref ReplyWriter reply, out long number)
    {
        if (!TryReadLong(text, ref reply, out number)) return false;
        if (number != long.MinValue) return true;
        reply.Error(Errors.OutOfRangeBetween, -long.MaxValue, long.MaxValue);
        return false;
    }

    internal static bool TryReadAtLeast(long least, ReadOnlySpan<byte> text, ErrorReply error, ref ReplyWriter reply, out long number)
    {
        if (Numbers.TryParseLong(text, out number) && number >= least) return true;
        reply.Error(error);
        return false;
    }

    /// <summary>LEFT is the beginning, RIGHT the end.</summary>
    internal static bool TryReadEnd(ReadOnlySpan<byte> word, ref ReplyWriter reply, out bool last)
    {
        last = Ascii.EqualsIgnoreCase(word, "RIGHT"u8);
        if (last || Ascii.EqualsIgnoreCase(word, "LEFT"u8)) return true;
        reply.Error(Errors.Syntax);
        return false;
    }

    /// <summary>The block of a large argument, with a reference; null where it has none.</summary>
    internal static NativeBlock TakeBlock(Arguments args, int index) =>
        args[index].Length >= ReplyWriter.ByReferenceMin && args.TryTakeBlock(index, out NativeBlock block) ? block : default;
}

using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>What the commands of streams have in common: finding one, opening it, writing entries.</summary>
internal static class StreamValue
{
    /// <summary>Entries that are read within one turn; more of them go in slices.</summary>
    internal const int EntriesPerTurn = 1000;

    /// <summary>Entries between two looks at the clock.</summary>
    internal const int EntriesPerStep = 64;

    /// <summary>Looks a stream up to read it; one that is not there is empty. False, with the error written, when it is none.</summary>
    internal static bool TryFind(ShardScope shard, Key key, ref ReplyWriter reply, out StreamView stream)
    {
        bool isRight = TypedValue.TryFind(shard, key, ValueType.Stream, ref reply, out ValueView value);
        stream = new StreamView(value);
        return isRight;
    }

    internal static bool TryReadLong(ReadOnlySpan<byte> text, ref ReplyWriter reply, out long number)
    {
        if (Numbers.TryParseLong(text, out number)) return true;
        reply.Error(Errors.NotInteger);
        return false;
    }

    /// <summary>An entry: its id, and its fields with their values.</summary>
    internal static void Write(scoped StreamEntry entry, ref ReplyWriter reply)
    {
        reply.Array(2);
        StreamIds.Write(entry.Id, ref reply);
        reply.Array(2L * entry.FieldCount);
        for (int i = 0; i < entry.FieldCount; i++)
        {
            entry.Next(out PackedItem field, out PackedItem value);
            reply.Bulk(field);
            reply.Bulk(value);
        }
    }

    /// <summary>The entry with an id, as an element of its own; false, and nothing written, when there is none.</summary>
    internal static bool TryWrite(scoped StreamView stream, StreamId id, ref ReplyWriter reply)
    {
        if (!stream.Walk(id, id, false).Next(out StreamEntry entry)) return false;
        Write(entry, ref reply);
        return true;
    }
}

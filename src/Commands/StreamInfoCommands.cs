using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>What streams, groups and consumers are like: XINFO.</summary>
public static class StreamInfoCommands
{
    private static readonly KeySpec[] Asked = Keys.At(2, KeyAccess.ReadOnly | KeyAccess.Access);
    private static readonly string[] Nondeterministic = ["nondeterministic_output"];
    private static readonly LongReadStep StepHandler = Step;
    private static readonly LongReadHeader HeaderHandler = WriteNothing;

    /// <summary>Entries, or what is pending, that one step writes, and steps within one turn.</summary>
    private const int EntriesPerStep = 32, StepsPerTurn = 64;

    /// <summary>How many of each are shown unless told.</summary>
    private const long CountDefault = 10;

    /// <summary>What XINFO STREAM FULL writes next; the position's upper bits. Its lower ones are the place in it.</summary>
    private enum Part { Head, Entries, Groups, Group, Pending, Consumers, Consumer, Owned }

    private const int PartShift = 60;

    public static readonly CommandSpec[] Table =
    [
        new("XINFO", -2, None, AclCategory.None, "A container for stream introspection commands."),
        new("XINFO|CONSUMERS", 4, ReadOnly, AclCategory.Stream, Asked, Consumers,
            "Returns a list of the consumers in a consumer group.") { Tips = Nondeterministic },
        new("XINFO|GROUPS", 3, ReadOnly, AclCategory.Stream, Asked, Groups,
            "Returns a list of the consumer groups of a stream."),
        new("XINFO|HELP", 2, Loading | Stale, AclCategory.Stream, Help,
            "Returns helpful text about the different subcommands."),
        new("XINFO|STREAM", -3, ReadOnly | ReadsLong, AclCategory.Stream, Asked, Stream,
            "Returns information about a stream."),
    ];

    /// <summary>Looks a stream up that must be there.</summary>
    private static bool TryFind(ShardScope shard, Arguments args, ref ReplyWriter reply, out StreamView stream)
    {
        if (!StreamValue.TryFind(shard, args.Key(2), ref reply, out stream)) return false;
        if (stream.Exists) return true;
        reply.Error(Errors.NoSuchKey);
        return false;
    }

    private static void Consumers(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryFind(shard, args, ref reply, out StreamView stream)) return;
        StreamGroup group = stream.FindGroup(args[3]);
        if (!group.Exists)
        {
            reply.Error(Errors.NoGroupOfKey, args[3], args[2]);
            return;
        }
        reply.Array(group.ConsumerCount);
        for (long i = 0; i < group.ConsumerCount; i++)
        {
            StreamConsumer consumer = group.ConsumerAt(i);
            reply.Map(4);
            reply.Bulk("name"u8);
            reply.Bulk(consumer.Name);
            Write("pending"u8, consumer.PendingCount, ref reply);
            Write("idle"u8, Math.Max(0, shard.NowMs - consumer.SeenMs), ref reply);
            Write("inactive"u8, consumer.ActiveMs == -1 ? -1 : shard.NowMs - consumer.ActiveMs, ref reply);
        }
    }

    private static void Groups(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryFind(shard, args, ref reply, out StreamView stream)) return;
        reply.Array(stream.GroupCount);
        for (long i = 0; i < stream.GroupCount; i++)
        {
            StreamGroup group = stream.GroupAt(i);
            reply.Map(6);
            reply.Bulk("name"u8);
            reply.Bulk(group.Name);
            Write("consumers"u8, group.ConsumerCount, ref reply);
            Write("pending"u8, group.PendingCount, ref reply);
            Write("last-delivered-id"u8, group.LastId, ref reply);
            WriteProgress(stream, group, ref reply);
        }
    }

    private static void WriteProgress(scoped StreamView stream, scoped StreamGroup group, ref ReplyWriter reply)
    {
        reply.Bulk("entries-read"u8);
        if (group.EntriesRead == StreamGroup.Unknown) reply.Null();
        else reply.Integer(group.EntriesRead);
        reply.Bulk("lag"u8);
        if (stream.TryGetLag(group, out long lag)) reply.Integer(lag);
        else reply.Null();
    }

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, "XINFO"u8, """
            CONSUMERS <key> <groupname>
                Show consumers of <groupname>.
            GROUPS <key>
                Show the stream consumer groups.
            STREAM <key> [FULL [COUNT <count>]
                Show information about the stream.
            """u8);

    // ---- STREAM ----

    private static void Stream(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryFind(shard, args, ref reply, out StreamView stream)) return;
        bool isFull = args.Count > 3;
        bool isKnown = !isFull || args.Count is 4 or 6 && Ascii.EqualsIgnoreCase(args[3], "FULL"u8)
            && (args.Count == 4 || Ascii.EqualsIgnoreCase(args[4], "COUNT"u8));
        if (!isKnown)
        {
            reply.SubcommandSyntax("xinfo"u8, args[1]);
            return;
        }
        if (!TryReadCount(args, ref reply, out long count)) return;
        if (isFull)
        {
            WriteFull(shard, args, stream, count, ref reply);
            return;
        }
        WriteHead(stream, 10, ref reply);
        WriteEnds(stream, ref reply);
    }

    private static bool TryReadCount(Arguments args, ref ReplyWriter reply, out long count)
    {
        count = CountDefault;
        if (args.Count == 6 && !StreamValue.TryReadLong(args[5], ref reply, out count)) return false;
        if (count < 0) count = CountDefault;
        if (count == 0) count = long.MaxValue;
        return true;
    }

    private static void WriteHead(scoped StreamView stream, int fields, ref ReplyWriter reply)
    {
        reply.Map(fields);
        Write("length"u8, stream.Count, ref reply);
        Write("radix-tree-keys"u8, stream.NodeCount, ref reply);
        Write("radix-tree-nodes"u8, stream.TreeNodeCount, ref reply);
        Write("last-generated-id"u8, stream.LastId, ref reply);
        Write("max-deleted-entry-id"u8, stream.MaxDeletedId, ref reply);
        Write("entries-added"u8, stream.EntriesAdded, ref reply);
        Write("recorded-first-entry-id"u8, stream.FirstId, ref reply);
    }

    private static void WriteEnds(scoped StreamView stream, ref ReplyWriter reply)
    {
        Write("groups"u8, stream.GroupCount, ref reply);
        reply.Bulk("first-entry"u8);
        WriteFirst(stream.Walk(default, StreamId.Max, false), ref reply);
        reply.Bulk("last-entry"u8);
        WriteFirst(stream.Walk(default, StreamId.Max, true), ref reply);
    }

    private static void WriteFirst(scoped StreamWalk walk, ref ReplyWriter reply)
    {
        if (walk.Next(out StreamEntry entry)) StreamValue.Write(entry, ref reply);
        else reply.Null();
    }

    // ---- STREAM FULL ----

    /// <summary>What does not end within some steps begins anew, in slices.</summary>
    private static void WriteFull(ShardScope shard, Arguments args, scoped StreamView stream, long count, ref ReplyWriter reply)
    {
        ReplyStream.Mark before = reply.Save();
        var state = default(LongReadState);
        for (int steps = 0; !shard.MaySuspend || steps < StepsPerTurn; steps++)
        {
            Step(stream, count, ref state, ref reply);
            if (state.Position == 0) return;
        }
        reply.Restore(before);
        shard.ReadLong(args, 0, StepHandler, HeaderHandler, key: 2);
    }

    private static void WriteNothing(in LongReadState state, ref ReplyWriter reply)
    {
    }

    private static void Step(ShardScope shard, Arguments args, ref LongReadState state, ref ReplyWriter reply)
    {
        _ = TryReadCount(args, ref reply, out long count);
        Step(new StreamView(shard.View(shard.Peek(args.Key(2)))), count, ref state, ref reply);
    }

    /// <summary>Writes one part, or a piece of it. The mark is the last id that was written, the checksum has group and consumer.</summary>
    private static void Step(scoped StreamView stream, long count, ref LongReadState state, ref ReplyWriter reply)
    {
        long at = (long)(state.Position & (1UL << PartShift) - 1);
        long groupAt = (long)(state.Checksum >> 32), consumerAt = (uint)state.Checksum;
        StreamGroup group = stream.GroupAt(groupAt);
        var part = (Part)(state.Position >> PartShift);
        switch (part)
        {
            case Part.Head:
                WriteHead(stream, 9, ref reply);
                reply.Bulk("entries"u8);
                reply.Array(Math.Min(count, stream.Count));
                part = Part.Entries;
                break;
            case Part.Entries:
                at = WriteEntries(stream, at, Math.Min(count, stream.Count), ref state.Mark, ref reply);
                if (at == Math.Min(count, stream.Count)) (part, at) = (Part.Groups, 0);
                break;
            case Part.Groups:
                reply.Bulk("groups"u8);
                reply.Array(stream.GroupCount);
                part = Part.Group;
                break;
            case Part.Group:
                WriteGroup(stream, group, count, ref reply);
                part = Part.Pending;
                break;
            case Part.Pending:
                at = WritePending(group.Pending(IdBehind(at, state.Mark)), at, Math.Min(count, group.PendingCount), named: true, ref state.Mark, ref reply);
                if (at == Math.Min(count, group.PendingCount)) (part, at) = (Part.Consumers, 0);
                break;
            case Part.Consumers:
                reply.Bulk("consumers"u8);
                reply.Array(group.ConsumerCount);
                part = Part.Consumer;
                break;
            case Part.Consumer:
                WriteConsumer(group.ConsumerAt(consumerAt), count, ref reply);
                part = Part.Owned;
                break;
            default:
                StreamConsumer consumer = group.ConsumerAt(consumerAt);
                at = WritePending(
                    consumer.Pending(IdBehind(at, state.Mark)), at, Math.Min(count, consumer.PendingCount), named: false, ref state.Mark, ref reply);
                if (at == Math.Min(count, consumer.PendingCount)) (part, at, consumerAt) = (Part.Consumer, 0, consumerAt + 1);
                break;
        }
        if (part == Part.Consumer && consumerAt == group.ConsumerCount) (part, groupAt, consumerAt) = (Part.Group, groupAt + 1, 0);
        if (part == Part.Group && groupAt == stream.GroupCount) part = Part.Head;
        state.Position = (ulong)part << PartShift | (ulong)at;
        state.Checksum = (ulong)groupAt << 32 | (uint)consumerAt;
    }

    /// <summary>The id from which on the next piece is written, where the last one that was written is known.</summary>
    private static StreamId IdBehind(long at, UInt128 mark)
    {
        var id = new StreamId((ulong)(mark >> 64), (ulong)mark);
        if (at == 0) return default;
        _ = id.TryNext(out StreamId next);
        return next;
    }

    /// <summary>Writes some entries; returns how many there are now.</summary>
    private static long WriteEntries(scoped StreamView stream, long at, long count, ref UInt128 mark, ref ReplyWriter reply)
    {
        long end = Math.Min(count, at + EntriesPerStep);
        StreamWalk walk = stream.Walk(IdBehind(at, mark), StreamId.Max, false);
        for (; at < end && walk.Next(out StreamEntry entry); at++)
        {
            mark = new UInt128(entry.Id.Ms, entry.Id.Sequence);
            StreamValue.Write(entry, ref reply);
        }
        return end;
    }

    private static void WriteGroup(scoped StreamView stream, scoped StreamGroup group, long count, ref ReplyWriter reply)
    {
        reply.Map(7);
        reply.Bulk("name"u8);
        reply.Bulk(group.Name);
        Write("last-delivered-id"u8, group.LastId, ref reply);
        WriteProgress(stream, group, ref reply);
        Write("pel-count"u8, group.PendingCount, ref reply);
        reply.Bulk("pending"u8);
        reply.Array(Math.Min(count, group.PendingCount));
    }

    /// <summary>Writes some of what is pending, of a group with the names of its consumers; returns how many there are now.</summary>
    private static long WritePending(scoped PendingWalk walk, long at, long count, bool named, ref UInt128 mark, ref ReplyWriter reply)
    {
        long end = Math.Min(count, at + EntriesPerStep);
        for (; at < end && walk.Next(out PendingEntry pending); at++)
        {
            mark = new UInt128(pending.Id.Ms, pending.Id.Sequence);
            reply.Array(named ? 4 : 3);
            StreamIds.Write(pending.Id, ref reply);
            if (named) reply.Bulk(pending.Consumer.Name);
            reply.Integer(pending.DeliveredMs);
            reply.Integer(pending.Deliveries);
        }
        return end;
    }

    private static void WriteConsumer(scoped StreamConsumer consumer, long count, ref ReplyWriter reply)
    {
        reply.Map(5);
        reply.Bulk("name"u8);
        reply.Bulk(consumer.Name);
        Write("seen-time"u8, consumer.SeenMs, ref reply);
        Write("active-time"u8, consumer.ActiveMs, ref reply);
        Write("pel-count"u8, consumer.PendingCount, ref reply);
        reply.Bulk("pending"u8);
        reply.Array(Math.Min(count, consumer.PendingCount));
    }

    private static void Write(scoped ReadOnlySpan<byte> name, long number, ref ReplyWriter reply)
    {
        reply.Bulk(name);
        reply.Integer(number);
    }

    private static void Write(scoped ReadOnlySpan<byte> name, StreamId id, ref ReplyWriter reply)
    {
        reply.Bulk(name);
        StreamIds.Write(id, ref reply);
    }
}

using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>What streams, groups and consumers are like: XINFO.</summary>
public static class StreamInfoCommands
{
    private static readonly KeySpec[] Asked = Keys.At(2, KeyAccess.ReadOnly | KeyAccess.Access);
    private static readonly string[] Nondeterministic = ["nondeterministic_output"];

    public static readonly CommandSpec[] Table =
    [
        new("XINFO", -2, None, AclCategory.None, "A container for stream introspection commands."),
        new("XINFO|CONSUMERS", 4, ReadOnly, AclCategory.Stream, Asked, Consumers,
            "Returns a list of the consumers in a consumer group.") { Tips = Nondeterministic },
        new("XINFO|GROUPS", 3, ReadOnly, AclCategory.Stream, Asked, Groups,
            "Returns a list of the consumer groups of a stream."),
        new("XINFO|HELP", 2, Loading | Stale, AclCategory.Stream, Help,
            "Returns helpful text about the different subcommands."),
        new("XINFO|STREAM", -3, ReadOnly, AclCategory.Stream, Asked, Stream,
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
        const long CountDefault = 10;
        long count = CountDefault;
        bool isFull = args.Count > 3;
        bool isKnown = !isFull || args.Count is 4 or 6 && Ascii.EqualsIgnoreCase(args[3], "FULL"u8)
            && (args.Count == 4 || Ascii.EqualsIgnoreCase(args[4], "COUNT"u8));
        if (!isKnown)
        {
            reply.SubcommandSyntax("xinfo"u8, args[1]);
            return;
        }
        if (args.Count == 6 && !StreamValue.TryReadLong(args[5], ref reply, out count)) return;
        if (count < 0) count = CountDefault;
        if (count == 0) count = long.MaxValue;
        reply.Map(isFull ? 9 : 10);
        Write("length"u8, stream.Count, ref reply);
        Write("radix-tree-keys"u8, stream.NodeCount, ref reply);
        Write("radix-tree-nodes"u8, stream.TreeNodeCount, ref reply);
        Write("last-generated-id"u8, stream.LastId, ref reply);
        Write("max-deleted-entry-id"u8, stream.MaxDeletedId, ref reply);
        Write("entries-added"u8, stream.EntriesAdded, ref reply);
        Write("recorded-first-entry-id"u8, stream.FirstId, ref reply);
        if (isFull) WriteAll(stream, count, ref reply);
        else WriteEnds(stream, ref reply);
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

    private static void WriteAll(scoped StreamView stream, long count, ref ReplyWriter reply)
    {
        reply.Bulk("entries"u8);
        reply.Array(Math.Min(count, stream.Count));
        StreamWalk walk = stream.Walk(default, StreamId.Max, false);
        for (long i = 0; i < count && walk.Next(out StreamEntry entry); i++) StreamValue.Write(entry, ref reply);
        reply.Bulk("groups"u8);
        reply.Array(stream.GroupCount);
        for (long i = 0; i < stream.GroupCount; i++) WriteGroup(stream, stream.GroupAt(i), count, ref reply);
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
        PendingWalk walk = group.Pending(default);
        for (long i = 0; i < count && walk.Next(out PendingEntry pending); i++)
        {
            reply.Array(4);
            StreamIds.Write(pending.Id, ref reply);
            reply.Bulk(pending.Consumer.Name);
            reply.Integer(pending.DeliveredMs);
            reply.Integer(pending.Deliveries);
        }
        reply.Bulk("consumers"u8);
        reply.Array(group.ConsumerCount);
        for (long i = 0; i < group.ConsumerCount; i++) WriteConsumer(group.ConsumerAt(i), count, ref reply);
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
        PendingWalk walk = consumer.Pending(default);
        for (long i = 0; i < count && walk.Next(out PendingEntry pending); i++)
        {
            reply.Array(3);
            StreamIds.Write(pending.Id, ref reply);
            reply.Integer(pending.DeliveredMs);
            reply.Integer(pending.Deliveries);
        }
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

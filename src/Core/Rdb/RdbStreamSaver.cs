using System.Buffers.Binary;
using Anax.Core.Structures;

namespace Anax.Core.Rdb;

// nodes, how many | node …                  node       id, as a string of 16 bytes | listpack
// entries | last id | first id | greatest deleted id | entries added
// groups, how many | group …                group      name | last id | entries read | pending … | consumers …
//                                           pending    how many | id, 16 B | delivered, 8 B | times | …
//                                           consumers  how many | name | seen, 8 B | active, 8 B | how many | id, 16 B | …
//
// Numbers and ids without a size are written as lengths, ids of 16 bytes with the most significant byte first, times in
// milliseconds. The listpack has two counters before the elements of StreamNode: live and deleted entries.

/// <summary>Writes a stream in bounded steps: a node, or some of what is pending.</summary>
internal static class RdbStreamSaver
{
    public const int IdBytes = 2 * sizeof(ulong);

    private const int PendingPerStep = 32, CountersMax = 2 * Packed.OverheadMax, PartShift = 60;

    /// <summary>What comes next; the position's upper bits. Its lower ones are the place in it, and the mark's halves group and consumer.</summary>
    private enum Part { Begin, Nodes, Group, Pending, Consumer, Owned }

    /// <inheritdoc cref="RdbSaver.Step"/>
    public static void Step<TSink>(StreamView stream, ref ulong position, ref UInt128 mark, ref RdbWriter<TSink> writer)
        where TSink : struct, IRdbSink, allows ref struct
    {
        var at = (long)(position & (1UL << PartShift) - 1);
        var (group, consumer) = ((long)(ulong)(mark >> 64), (long)(ulong)mark);
        var next = (Part)(position >> PartShift);
        switch (next)
        {
            case Part.Begin:
                writer.Type(RdbType.Stream3);
                writer.Length(stream.NodeCount);
                next = Part.Nodes;
                break;
            case Part.Nodes when at < stream.NodeCount:
                WriteNode(stream, at++, ref writer);
                break;
            case Part.Nodes:
                WriteFigures(stream, ref writer);
                (next, at) = (stream.GroupCount == 0 ? Part.Begin : Part.Group, 0);
                break;
            case Part.Group:
                WriteGroup(stream.GroupAt(group), ref writer);
                next = Part.Pending;
                break;
            case Part.Pending:
                WritePending(stream.GroupAt(group).PendingFrom(at), whole: true, ref writer);
                at += PendingPerStep;
                if (at < stream.GroupAt(group).PendingCount) break;
                writer.Length(stream.GroupAt(group).ConsumerCount);
                (next, at) = (AfterConsumer(stream, ref group, ref consumer), 0);
                break;
            case Part.Consumer:
                WriteConsumer(stream.GroupAt(group).ConsumerAt(consumer), ref writer);
                next = Part.Owned;
                break;
            default:
                WritePending(stream.GroupAt(group).ConsumerAt(consumer).PendingFrom(at), whole: false, ref writer);
                at += PendingPerStep;
                if (at < stream.GroupAt(group).ConsumerAt(consumer).PendingCount) break;
                consumer++;
                (next, at) = (AfterConsumer(stream, ref group, ref consumer), 0);
                break;
        }
        position = (ulong)next << PartShift | (ulong)at;
        mark = new UInt128((ulong)group, (ulong)consumer);
    }

    /// <summary>The consumer if there is one, else the next group, else nothing more.</summary>
    private static Part AfterConsumer(StreamView stream, ref long group, ref long consumer)
    {
        if (consumer < stream.GroupAt(group).ConsumerCount) return Part.Consumer;
        (group, consumer) = (group + 1, 0);
        return group < stream.GroupCount ? Part.Group : Part.Begin;
    }

    private static void WriteNode<TSink>(StreamView stream, long index, ref RdbWriter<TSink> writer)
        where TSink : struct, IRdbSink, allows ref struct
    {
        var isThere = stream.Store.Nodes.FindRank(index, out var path, out _);
        Invariant.Holds(isThere, "a stream stays as it is while it is written");
        var node = stream.Store.NodeAt(path);
        Span<byte> id = stackalloc byte[IdBytes];
        Put(node.Id, id);
        writer.String(id);
        Span<byte> counters = stackalloc byte[CountersMax];
        var length = Packed.Write(counters, node.Live);
        length += Packed.Write(counters[length..], node.Tombstones);
        const int Counters = 2;
        writer.Listpack(counters[..length], node.Elements, Counters + Packed.Count(node.Elements));
    }

    private static void WriteFigures<TSink>(StreamView stream, ref RdbWriter<TSink> writer) where TSink : struct, IRdbSink, allows ref struct
    {
        writer.Length(stream.Count);
        WriteId(stream.LastId, ref writer);
        WriteId(stream.FirstId, ref writer);
        WriteId(stream.MaxDeletedId, ref writer);
        writer.Length(stream.EntriesAdded);
        writer.Length(stream.GroupCount);
    }

    private static void WriteGroup<TSink>(StreamGroup group, ref RdbWriter<TSink> writer) where TSink : struct, IRdbSink, allows ref struct
    {
        writer.String(group.Name);
        WriteId(group.LastId, ref writer);
        // Where nobody knows it, all bits are set.
        writer.Length((ulong)group.EntriesRead);
        writer.Length(group.PendingCount);
    }

    private static void WriteConsumer<TSink>(StreamConsumer consumer, ref RdbWriter<TSink> writer)
        where TSink : struct, IRdbSink, allows ref struct
    {
        writer.String(consumer.Name);
        writer.Long(consumer.SeenMs);
        writer.Long(consumer.ActiveMs);
        writer.Length(consumer.PendingCount);
    }

    private static void WritePending<TSink>(PendingWalk walk, bool whole, ref RdbWriter<TSink> writer)
        where TSink : struct, IRdbSink, allows ref struct
    {
        Span<byte> id = stackalloc byte[IdBytes];
        for (var left = PendingPerStep; left > 0 && walk.Next(out var entry); left--)
        {
            Put(entry.Id, id);
            writer.Sink.Write(id);
            if (!whole) continue;
            writer.Long(entry.DeliveredMs);
            writer.Length(entry.Deliveries);
        }
    }

    private static void WriteId<TSink>(StreamId id, ref RdbWriter<TSink> writer) where TSink : struct, IRdbSink, allows ref struct
    {
        writer.Length(id.Ms);
        writer.Length(id.Sequence);
    }

    private static void Put(StreamId id, Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64BigEndian(target, id.Ms);
        BinaryPrimitives.WriteUInt64BigEndian(target[sizeof(ulong)..], id.Sequence);
    }
}

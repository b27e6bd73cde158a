using System.Buffers.Binary;
using Anax.Core.Structures;
using Anax.Core.Text;

namespace Anax.Core.Rdb;

// How a stream lies is drawn in RdbStreamSaver. It is read so:
//
//     Nodes: for each: unpack, walk, take ─▶ figures ─▶ Groups ─▶ Pending … ─▶ Consumers ─▶ Owned … ─┐  ─▶ End
//                                                        ▲ ▲                       ▲                 │
//                                                        │ └── all pending is owned ┴─────────────────┘
//
// What is pending in a group comes before its consumers, and is nobody's until one of them names it: once, and all of it in the end.

/// <summary>Streams.</summary>
public readonly ref partial struct RdbLoader
{
    /// <summary>Elements of a node that one step walks over.</summary>
    private const int ElementsPerStep = 256;

    private StreamEditor StreamEditor => new(_slot, default);

    private StreamGroup GroupUnderWay => new(_slot.Arena, _state.Stream.Group);

    private StreamConsumer ConsumerUnderWay => new(_slot.Arena, _state.Stream.Consumer);

    private RdbLoad BeginStream(ref RdbCursor cursor)
    {
        if (!TryReadCount(ref cursor, out _state.Left)) return RdbLoad.Damaged;
        _state.At = cursor.At;
        return StreamEditor.Create() ? RdbLoad.GoesOn : RdbLoad.Refused;
    }

    private RdbLoad LoadStream()
    {
        if (_state.HasBlob) return WalkStreamNode();
        var cursor = new RdbCursor(_payload, _state.At);
        if (_state.Stream.Part == RdbStreamPart.Nodes && _state.Left != 0) return BeginStreamNode(ref cursor);
        if (_state.Stream.Part == RdbStreamPart.Groups && _state.Left == 0) return End();
        var outcome = _state.Stream.Part switch
        {
            RdbStreamPart.Nodes => LoadFigures(ref cursor),
            RdbStreamPart.Groups => LoadGroup(ref cursor),
            RdbStreamPart.Pending => LoadPending(ref cursor),
            RdbStreamPart.Consumers => LoadConsumer(ref cursor),
            _ => LoadOwned(ref cursor),
        };
        _state.At = cursor.At;
        return outcome;
    }

    // ---- nodes ----

    private RdbLoad BeginStreamNode(ref RdbCursor cursor)
    {
        _state.Left--;
        if (!cursor.TryReadString(out var key) || key.IsCompressed || key.Item.IsInteger) return RdbLoad.Damaged;
        if (key.Item.Bytes.Length != RdbStreamSaver.IdBytes || !cursor.TryReadString(out var listpack)) return RdbLoad.Damaged;
        var id = IdOf(key.Item.Bytes);
        if (id <= _state.Stream.Last) return RdbLoad.Damaged;
        _state.Stream.Node = id;
        _state.At = cursor.At;
        return OpenBlob(listpack, copies: false);
    }

    private RdbLoad WalkStreamNode()
    {
        var blob = Blob;
        ref var walk = ref _state.Walk;
        if (!_state.IsWalkBegun && !RdbPackedWalk.TryBegin(RdbPacking.Listpack, blob, out walk)) return RdbLoad.Damaged;
        _state.IsWalkBegun = true;
        for (var left = ElementsPerStep; left > 0; left--)
        {
            if (walk.IsOver) return walk.IsWhole ? TakeStreamNode(RdbPackedWalk.ListpackElements(blob), walk.Count) : RdbLoad.Damaged;
            if (!walk.TryNext(blob, out _)) return RdbLoad.Damaged;
        }
        return RdbLoad.GoesOn;
    }

    /// <summary>Of so many elements, all of them whole.</summary>
    private RdbLoad TakeStreamNode(ReadOnlySpan<byte> elements, int count)
    {
        const int Counters = 2;
        ref var stream = ref _state.Stream;
        if (count < Counters) return RdbLoad.Damaged;
        var live = Packed.Read(elements, 0, out var at);
        var deleted = Packed.Read(elements, at, out at);
        elements = elements[at..];
        if (!StreamNode.TryCheck(stream.Node, elements, out var figures)) return RdbLoad.Damaged;
        if (!live.IsInteger || live.Number != figures.Live || !deleted.IsInteger || deleted.Number != figures.Deleted) return RdbLoad.Damaged;
        if (!StreamEditor.AppendNode(stream.Node, elements, in figures)) return RdbLoad.Refused;
        if (stream.Count == 0) stream.First = figures.First;
        stream.Count += figures.Live;
        stream.Last = figures.Last;
        _state.ReleaseBlob();
        return RdbLoad.GoesOn;
    }

    private RdbLoad LoadFigures(ref RdbCursor cursor)
    {
        ref var stream = ref _state.Stream;
        if (!cursor.TryReadLength(out var count) || count != (ulong)stream.Count) return RdbLoad.Damaged;
        if (!TryReadId(ref cursor, out var lastId) || lastId < stream.Last) return RdbLoad.Damaged;
        StreamId maxDeletedId = default;
        var added = count;
        if (_state.Form.Extra != RdbExtra.None)
        {
            // The first id is that of the first entry, whatever stands here.
            if (!TryReadId(ref cursor, out _) || !TryReadId(ref cursor, out maxDeletedId)) return RdbLoad.Damaged;
            if (!cursor.TryReadLength(out added) || added < count || added > long.MaxValue) return RdbLoad.Damaged;
        }
        if (!TryReadCount(ref cursor, out _state.Left)) return RdbLoad.Damaged;
        StreamEditor.SetFigures(stream.Count, stream.First, lastId, maxDeletedId, (long)added);
        stream.Part = RdbStreamPart.Groups;
        return RdbLoad.GoesOn;
    }

    // ---- groups ----

    private RdbLoad LoadGroup(ref RdbCursor cursor)
    {
        ref var stream = ref _state.Stream;
        _state.Left--;
        if (!cursor.TryReadString(out var text) || !TryReadId(ref cursor, out var lastId)) return RdbLoad.Damaged;
        var read = StreamEditor.View.AddedUpTo(lastId);
        if (_state.Form.Extra != RdbExtra.None)
        {
            if (!cursor.TryReadLength(out var told)) return RdbLoad.Damaged;
            read = (long)told;
            if (read < StreamGroup.Unknown) return RdbLoad.Damaged;
        }
        if (!TryReadCount(ref cursor, out stream.PendingLeft)) return RdbLoad.Damaged;
        if (!TryUnpack(text, ref _state.FirstScratch, out var item, out var outcome)) return outcome;
        var name = item.Text(stackalloc byte[Numbers.LongTextMax]);
        if (StreamEditor.View.FindGroup(name).Exists) return RdbLoad.Damaged;
        var group = StreamEditor.AddGroup(name, lastId, read);
        if (!group.Exists) return RdbLoad.Refused;
        (stream.Group, stream.Owned, stream.Before) = (group.Handle, 0, default);
        stream.Part = RdbStreamPart.Pending;
        return RdbLoad.GoesOn;
    }

    private RdbLoad LoadPending(ref RdbCursor cursor)
    {
        ref var stream = ref _state.Stream;
        if (stream.PendingLeft == 0)
        {
            stream.Part = RdbStreamPart.Consumers;
            return TryReadCount(ref cursor, out stream.ConsumersLeft) ? RdbLoad.GoesOn : RdbLoad.Damaged;
        }
        stream.PendingLeft--;
        if (!TryReadPendingId(ref cursor, out var id)) return RdbLoad.Damaged;
        if (!cursor.TryReadLong(out var deliveredMs) || deliveredMs < 0) return RdbLoad.Damaged;
        if (!cursor.TryReadLength(out var deliveries) || deliveries > long.MaxValue) return RdbLoad.Damaged;
        return DoneIf(StreamEditor.AddUnowned(GroupUnderWay, id, deliveredMs, (long)deliveries));
    }

    private RdbLoad LoadConsumer(ref RdbCursor cursor)
    {
        const long Never = -1;
        ref var stream = ref _state.Stream;
        if (stream.ConsumersLeft == 0)
        {
            stream.Part = RdbStreamPart.Groups;
            return stream.Owned == GroupUnderWay.PendingCount ? RdbLoad.GoesOn : RdbLoad.Damaged;
        }
        stream.ConsumersLeft--;
        if (!cursor.TryReadString(out var text) || !cursor.TryReadLong(out var seenMs) || seenMs < 0) return RdbLoad.Damaged;
        // Before both times were told apart, a consumer was active when it was seen.
        var activeMs = seenMs;
        if (_state.Form.Extra == RdbExtra.FiguresAndActive && (!cursor.TryReadLong(out activeMs) || activeMs < Never)) return RdbLoad.Damaged;
        if (!TryReadCount(ref cursor, out stream.PendingLeft)) return RdbLoad.Damaged;
        if (!TryUnpack(text, ref _state.FirstScratch, out var item, out var outcome)) return outcome;
        var name = item.Text(stackalloc byte[Numbers.LongTextMax]);
        if (GroupUnderWay.FindConsumer(name).Exists) return RdbLoad.Damaged;
        var consumer = StreamEditor.AddConsumer(GroupUnderWay, name, seenMs, activeMs);
        if (!consumer.Exists) return RdbLoad.Refused;
        (stream.Consumer, stream.Before) = (consumer.Handle, default);
        stream.Part = RdbStreamPart.Owned;
        return RdbLoad.GoesOn;
    }

    private RdbLoad LoadOwned(ref RdbCursor cursor)
    {
        ref var stream = ref _state.Stream;
        if (stream.PendingLeft == 0)
        {
            stream.Part = RdbStreamPart.Consumers;
            return RdbLoad.GoesOn;
        }
        stream.PendingLeft--;
        if (!TryReadPendingId(ref cursor, out var id)) return RdbLoad.Damaged;
        var entry = GroupUnderWay.FindPending(id);
        if (!entry.Exists || entry.Consumer.Exists) return RdbLoad.Damaged;
        stream.Owned++;
        return DoneIf(StreamEditor.Assign(GroupUnderWay, entry, ConsumerUnderWay));
    }

    // ---- parts ----

    private static RdbLoad DoneIf(bool isDone) => isDone ? RdbLoad.GoesOn : RdbLoad.Refused;

    /// <summary>How many of something come next: no more than there are bytes.</summary>
    private static bool TryReadCount(ref RdbCursor cursor, out ulong count) => cursor.TryReadLength(out count) && count <= (ulong)cursor.Left;

    private static bool TryReadId(ref RdbCursor cursor, out StreamId id)
    {
        var isThere = cursor.TryReadLength(out var ms) & cursor.TryReadLength(out var sequence);
        id = new StreamId(ms, sequence);
        return isThere;
    }

    /// <summary>The next id of those that are pending, which rise.</summary>
    private bool TryReadPendingId(ref RdbCursor cursor, out StreamId id)
    {
        id = default;
        if (!cursor.TryReadBytes(RdbStreamSaver.IdBytes, out var bytes)) return false;
        id = IdOf(bytes);
        if (id <= _state.Stream.Before) return false;
        _state.Stream.Before = id;
        return true;
    }

    private static StreamId IdOf(ReadOnlySpan<byte> bytes) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(bytes), BinaryPrimitives.ReadUInt64BigEndian(bytes[sizeof(ulong)..]));
}

using System.Buffers.Binary;
using System.Numerics;
using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

// A batch is packed elements:
//
//     hash, set     | member | expiry | text | …               members of some ranges of hashes
//     sorted set    | member | expiry | score's bits | …       from the least to the greatest
//     list          | limit | elements in it | text | …        a chunk; 0 elements in it: a large one
//     stream        | Node | id | live | deleted | elements | …
//                   | Figures | first id | last id | greatest deleted id | entries | added | …
//                   | Group | name | last id | entries read | …
//                   | Consumer | name | seen | active | …       of the group before it
//                   | Pending | how many | id | delivered | times | id | …      of the consumer before it
//
// A text is two elements: 0 and itself, or its length and the address of its block, which is shared: the source stays as it is
// until the batch has been put, so it keeps the block. An id is two numbers.

/// <summary>
/// What lies behind a root on its way to another root, perhaps on another shard, batch by batch: where the reading stands, and the
/// batch under way. The source must stay as it is meanwhile; its tables may be laid out anew. A plain mutable value with one owner
/// at a time, who releases it.
/// </summary>
public struct ValueCopy
{
    /// <summary>Elements and bytes of a batch, but for what its last step adds: less than half a millisecond at either side.</summary>
    private const int ElementsMax = 2048, BytesMax = 128 * 1024;

    private const int RecordsPerStep = 32, RecordsPerStepLog2 = 5, PartShift = 60;

    /// <summary>What of a stream comes next; the position's upper bits. Its lower ones are the place in it.</summary>
    private enum Part { Node, Figures, Group, Consumer, Pending }

    private MemberBatch _batch;
    private ulong _position;

    /// <summary>Of a stream.</summary>
    private int _group, _consumer;

    /// <summary>Memory was refused: there is nothing more to do.</summary>
    public bool IsRefused
    {
        readonly get => _group < 0;
        private set => _group = value ? -1 : _group;
    }

    /// <summary>The last batch was taken.</summary>
    public readonly bool IsOver => _position == 0;

    /// <summary>Takes the next batch of a value that has a root, in place of the one before.</summary>
    public void Take(ValueView source)
    {
        _batch.Clear();
        do
        {
            switch (source.Type)
            {
                case ValueType.List:
                    TakeChunk(new ListView(source).Chain);
                    break;
                case ValueType.Stream:
                    TakePart(new StreamView(source).Store);
                    break;
                case ValueType.SortedSet:
                    TakeScored(source.Arena, source.Root);
                    break;
                default:
                    TakeMembers(source.Members);
                    break;
            }
        }
        while (!IsRefused && !IsOver && _batch.Count < ElementsMax && _batch.Length < BytesMax);
    }

    /// <summary>Adds the batch to a value of the same type that has a root. What was added before a refusal stays.</summary>
    public void Put(ValueSlot target)
    {
        var (arena, root) = (target.Arena, target.View.Root);
        IsRefused = target.View.Type switch
        {
            ValueType.List => !TryPutChunks(new ListChain(arena, root)),
            ValueType.Stream => !TryPutParts(new StreamStore(arena, root)),
            ValueType.SortedSet => !TryPutScored(arena, root, target.Members),
            _ => !TryPutMembers(target.Members),
        };
    }

    public void Release() => _batch.Release();

    // ---- elements of a batch ----

    private void Add(PackedItem item) => IsRefused = !_batch.TryAdd(item);

    private void Add(long number) => Add(new PackedItem(number));

    private void Add(StreamId id)
    {
        Add((long)id.Ms);
        Add((long)id.Sequence);
    }

    private void Add(scoped ReadOnlySpan<byte> bytes) => Add(new PackedItem(bytes));

    private void AddText(scoped ReadOnlySpan<byte> text)
    {
        Add(0);
        Add(text);
    }

    private void AddText(NativeBlock block, int length)
    {
        Add(length);
        Add(block.Address);
    }

    private readonly long Number(ref int at) => _batch.Read(ref at).Number;

    private readonly StreamId Id(ref int at) => new((ulong)Number(ref at), (ulong)Number(ref at));

    // ---- hashes and sets ----

    /// <summary>
    /// The position counts ranges of hashes, each with some members, in the order of their mirrored bits: so the new table fills
    /// everywhere alike. In the order of hashes one corner of it would be split before the rest, deeper than a table bears.
    /// </summary>
    private void TakeMembers(EntryTable members)
    {
        var bits = Math.Max(0, BitOperations.Log2((ulong)members.Count | 1) - RecordsPerStepLog2);
        var first = Mirrored(_position);
        var taker = new Taker { Copy = this, Table = members, First = first, Last = first + (ulong.MaxValue >> bits) };
        var at = first;
        do at = members.Walk(at, ref taker);
        while (at != 0 && at <= taker.Last);
        this = taker.Copy;
        if (++_position == 1UL << bits) _position = 0;
    }

    /// <summary>The same bits, the last one first.</summary>
    private static ulong Mirrored(ulong bits)
    {
        const ulong Halves = 0x0F0F0F0F0F0F0F0F, Pairs = 0x3333333333333333, Odd = 0x5555555555555555;
        bits = BinaryPrimitives.ReverseEndianness(bits);
        bits = bits >> 4 & Halves | (bits & Halves) << 4;
        bits = bits >> 2 & Pairs | (bits & Pairs) << 2;
        return bits >> 1 & Odd | (bits & Odd) << 1;
    }

    private ref struct Taker : IEntryVisitor
    {
        public ValueCopy Copy;
        public EntryTable Table;
        public ulong First, Last;

        public void Visit(ref Entry entry)
        {
            // A bucket has members of other ranges, too.
            var hash = Table.HashOf(entry.Key);
            if (hash < First || hash > Last) return;
            Copy.Add(entry.Key);
            Copy.Add(entry.ExpireAtMs);
            if (entry.Encoding == ValueEncoding.Block) Copy.AddText(entry.Block, entry.ValueLength);
            else if (!entry.TryGetInteger(out var number)) Copy.AddText(entry.Bytes);
            else
            {
                Copy.Add(0);
                Copy.Add(number);
            }
        }
    }

    private readonly bool TryPutMembers(EntryTable members)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        for (var at = 0; at < _batch.Length;)
        {
            var member = _batch.Read(ref at).Text(scratch);
            var expireAtMs = Number(ref at);
            var length = (int)Number(ref at);
            var text = _batch.Read(ref at);
            var entry = members.Find(member);
            if (length != 0)
            {
                var block = NativeBlock.From((nint)text.Number);
                block.AddReference();
                if (members.SetBlock(ref entry, member, block, length, expireAtMs)) continue;
                block.Release();
                return false;
            }
            var isAdded = text.IsInteger
                ? members.SetInteger(ref entry, member, text.Number, expireAtMs)
                : members.SetString(ref entry, member, text.Bytes, expireAtMs);
            if (!isAdded) return false;
        }
        return true;
    }

    // ---- sorted sets ----

    /// <summary>The position is the rank of the next member.</summary>
    private void TakeScored(Arena arena, uint root)
    {
        var tree = ValueRoots.TreeOf(arena, root);
        var isThere = tree.FindRank((long)_position, out var path, out _);
        for (var left = RecordsPerStep; isThere && left > 0; left--, _position++, isThere = tree.Next(ref path))
        {
            var record = Scores.RecordOf(arena, tree.At(path));
            Add(Scores.MemberOf(record));
            Add(record.Expiry);
            Add(BitConverter.DoubleToInt64Bits(Scores.Of(record)));
        }
        if (!isThere) _position = 0;
    }

    private readonly bool TryPutScored(Arena arena, uint root, EntryTable members)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        for (var at = 0; at < _batch.Length;)
        {
            var member = _batch.Read(ref at).Text(scratch);
            var expireAtMs = Number(ref at);
            var score = BitConverter.Int64BitsToDouble(Number(ref at));
            var entry = members.Find(member);
            if (!ValueRoots.AddScored(arena, root, members, ref entry, member, score, expireAtMs)) return false;
        }
        return true;
    }

    // ---- lists ----

    /// <summary>The position is the index of the next chunk's first element.</summary>
    private void TakeChunk(ListChain list)
    {
        if (list.Count == 0) return;
        list.Find((long)_position, out var place, out _);
        var chunk = list.Chunk(place.Chunk);
        Add(list.Limit.Fill);
        Add(chunk.IsPlain ? 0 : chunk.Count);
        if (chunk.IsPlain) AddText(chunk.Block, chunk.PlainValue.Length);
        else AddText(chunk.Elements);
        _position += (ulong)chunk.Count;
        if (_position == (ulong)list.Count) _position = 0;
    }

    private readonly bool TryPutChunks(ListChain list)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        for (var at = 0; at < _batch.Length;)
        {
            list.Limit = new ListLimit((int)Number(ref at));
            var (count, length) = ((int)Number(ref at), (int)Number(ref at));
            var text = _batch.Read(ref at);
            var isAdded = length != 0
                ? list.AppendPlain(NativeBlock.From((nint)text.Number), length)
                : list.AppendChunk(text.Text(scratch), count);
            if (!isAdded) return false;
        }
        return true;
    }

    // ---- streams ----

    private void TakePart(StreamStore stream)
    {
        var at = (long)(_position & (1UL << PartShift) - 1);
        var next = (Part)(_position >> PartShift);
        if (next == Part.Node && at == stream.Nodes.Slots) next = Part.Figures;
        Add((long)next);
        switch (next)
        {
            case Part.Node:
                TakeNode(stream, at++);
                break;
            case Part.Figures:
                TakeFigures(in stream.Root);
                (next, at) = (Part.Group, 0);
                break;
            case Part.Group:
                var group = stream.GroupAt(_group);
                Add(group.Name);
                Add(group.LastId);
                Add(group.EntriesRead);
                next = Part.Consumer;
                break;
            case Part.Consumer:
                var consumer = stream.GroupAt(_group).ConsumerAt(_consumer);
                Add(consumer.Name);
                Add(consumer.SeenMs);
                Add(consumer.ActiveMs);
                next = Part.Pending;
                break;
            default:
                at = TakePending(stream.GroupAt(_group).ConsumerAt(_consumer), at);
                break;
        }
        if (IsRefused) return;
        if (next == Part.Pending && at == stream.GroupAt(_group).ConsumerAt(_consumer).PendingCount)
        {
            _consumer++;
            (next, at) = (Part.Consumer, 0);
        }
        if (next == Part.Consumer && _consumer == stream.GroupAt(_group).ConsumerCount)
        {
            (_group, _consumer) = (_group + 1, 0);
            next = Part.Group;
        }
        if (next == Part.Group && _group == stream.Groups.Slots) next = Part.Node;
        _position = (ulong)next << PartShift | (ulong)at;
    }

    private void TakeNode(StreamStore stream, long index)
    {
        var isThere = stream.Nodes.FindRank(index, out var path, out _);
        Invariant.Holds(isThere, "a stream stays as it is while it is copied");
        var node = stream.NodeAt(path);
        Add(node.Id);
        Add(node.Live);
        Add(node.Tombstones);
        Add(node.Elements);
    }

    private void TakeFigures(in StreamRoot root)
    {
        Add(root.FirstId);
        Add(root.LastId);
        Add(root.MaxDeletedId);
        Add(root.Count);
        Add(root.EntriesAdded);
    }

    private long TakePending(StreamConsumer consumer, long from)
    {
        var end = Math.Min(consumer.PendingCount, from + RecordsPerStep);
        Add(end - from);
        var walk = consumer.PendingFrom(from);
        for (; from < end && walk.Next(out var entry); from++)
        {
            Add(entry.Id);
            Add(entry.DeliveredMs);
            Add(entry.Deliveries);
        }
        return end;
    }

    private readonly bool TryPutParts(StreamStore stream)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        for (var at = 0; at < _batch.Length;)
        {
            var part = (Part)Number(ref at);
            // Names come in their order: what was added last is the last one.
            var group = part is Part.Consumer or Part.Pending ? stream.GroupAt(stream.Groups.Slots - 1) : default;
            var isPut = true;
            switch (part)
            {
                case Part.Node:
                    var (id, live, deleted) = (Id(ref at), (int)Number(ref at), (int)Number(ref at));
                    isPut = stream.AppendNode(id, _batch.Read(ref at).Text(scratch), live, deleted);
                    break;
                case Part.Figures:
                    ref var root = ref stream.Root;
                    (root.FirstId, root.LastId, root.MaxDeletedId) = (Id(ref at), Id(ref at), Id(ref at));
                    (root.Count, root.EntriesAdded) = (Number(ref at), Number(ref at));
                    break;
                case Part.Group:
                    isPut = stream.AddGroup(_batch.Read(ref at).Text(scratch), Id(ref at), Number(ref at)).Exists;
                    break;
                case Part.Consumer:
                    isPut = stream.AddConsumer(group, _batch.Read(ref at).Text(scratch), Number(ref at), Number(ref at)).Exists;
                    break;
                default:
                    isPut = TryPutPending(stream, group, ref at);
                    break;
            }
            if (!isPut) return false;
        }
        return true;
    }

    private readonly bool TryPutPending(StreamStore stream, StreamGroup group, ref int at)
    {
        var consumer = group.ConsumerAt(group.ConsumerCount - 1);
        for (var left = Number(ref at); left > 0; left--)
            if (!stream.SetPending(group, consumer, Id(ref at), Number(ref at), Number(ref at))) return false;
        return true;
    }
}

using Anax.Core.Buffers;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// What lies behind the root of a stream: nodes of entries, and consumer groups. A view: it holds no state and may be made anew at
/// each use. Owned by the shard's thread.
/// </summary>
internal readonly unsafe partial struct StreamStore(Arena arena, uint root)
{
    private readonly Arena _arena = arena;
    private readonly StreamRoot* _root = (StreamRoot*)(arena.At(root) + ValueRoot.SizeBytes);

    public ref StreamRoot Root => ref *_root;

    public OrderTree<IdOrder> Nodes => new(_arena, root, ValueRoot.TreeOffset);

    public OrderTree<NameOrder> Groups => new(_arena, root, ValueRoot.SizeBytes);

    public StreamNode NodeAt(in TreePath path) => new(_arena.At(Nodes.At(path).Handle));

    /// <summary>Bytes of all of it, without the root.</summary>
    public long UsedBytes
    {
        get
        {
            var groups = Groups;
            var bytes = _root->NodeBytes + Nodes.NodeBytes + groups.NodeBytes;
            for (var isThere = groups.FindStart(out var path); isThere; isThere = groups.Next(ref path))
            {
                var group = new StreamGroup(_arena, groups.At(path).Handle);
                bytes += group.Cell->Bytes + group.PendingTree.NodeBytes + group.Consumers.NodeBytes;
            }
            return bytes;
        }
    }

    /// <summary>The node where an id is, if it is anywhere: the last one that does not begin behind it.</summary>
    public bool FindNode(StreamId id, out TreePath path)
    {
        var nodes = Nodes;
        _ = nodes.FindAfter(new IdKey(id), out path);
        return nodes.Previous(ref path);
    }

    /// <summary>The entry with an id; false when there is none.</summary>
    public bool Find(StreamId id, out StreamEntry entry) => new StreamWalk(_arena, this, id, id, false).Next(out entry);

    // ---- append ----

    /// <summary>
    /// Adds an entry behind all others: fields and values, one after the other. Its id is greater than any. False when memory is
    /// refused; nothing has changed then.
    /// </summary>
    public bool Append(StreamId id, Arguments pairs, StreamLimits limits)
    {
        long textBytes = 0;
        for (var i = 0; i < pairs.Count; i++) textBytes += pairs[i].Length;
        // An upper bound, by which most entries need not be measured.
        var bound = textBytes + (long)Packed.OverheadMax * (pairs.Count + EntryNumbers);
        var nodes = Nodes;
        var hasLast = nodes.FindLast(out var path);
        if (!hasLast || IsFull(NodeAt(path), textBytes, limits))
        {
            if (!TryBegin(ref path, hasLast, id, pairs, bound)) return false;
        }
        else
        {
            var node = NodeAt(path);
            var hasSameFields = HasFields(node.Elements, pairs);
            if (bound > SpaceOf(path).Length && !Reserve(ref path, SizeOf(node.Id, id, pairs, hasSameFields))) return false;
            Write(path, id, pairs, hasSameFields);
        }
        if (++_root->Count == 1) _root->FirstId = id;
        _root->EntriesAdded++;
        _root->LastId = id;
        return true;
    }

    /// <summary>Numbers beside fields and values: of the entry flags, two of the id, fields, the count at the end; of the node two.</summary>
    private const int EntryNumbers = 7;

    private static bool IsFull(StreamNode node, long textBytes, StreamLimits limits)
    {
        var bytesMax = limits.NodeBytesMax is 0 or > StreamLimits.EntryBytesMax ? StreamLimits.EntryBytesMax : limits.NodeBytesMax;
        if (node.ListpackBytes + textBytes >= bytesMax) return true;
        return limits.NodeEntriesMax != 0 && (long)node.Live + node.Tombstones >= limits.NodeEntriesMax;
    }

    /// <summary>A node of its own for the entry, at the end.</summary>
    private bool TryBegin(ref TreePath path, bool hasLast, StreamId id, Arguments pairs, long bound)
    {
        var fields = pairs.Count / 2;
        var size = (long)Packed.SizeOf(fields) + Packed.SizeOf(0) + SizeOf(id, id, pairs, true);
        for (var i = 0; i < pairs.Count; i += 2) size += Packed.SizeOf(pairs[i]);
        Invariant.Holds(size <= bound, "an entry is larger than its bound");
        var handle = NewNode(id, size);
        if (handle == 0) return false;
        if (hasLast) Tighten(ref path);
        if (!Nodes.Append(ref path, IdOrder.SlotOf(id, handle)))
        {
            FreeNode(handle);
            return false;
        }
        var node = NodeAt(path);
        var space = SpaceOf(path);
        var length = Packed.Write(space, fields);
        for (var i = 0; i < pairs.Count; i += 2) length += Packed.Write(space[length..], pairs[i]);
        node.Length = length + Packed.Write(space[length..], 0);
        Write(path, id, pairs, true);
        return true;
    }

    /// <summary>Adds a whole node behind all others: elements that are valid. False when memory is refused.</summary>
    public bool AppendNode(StreamId id, scoped ReadOnlySpan<byte> elements, int live, int deleted)
    {
        var handle = NewNode(id, elements.Length);
        if (handle == 0) return false;
        var nodes = Nodes;
        nodes.FindEnd(out var path);
        if (!nodes.Append(ref path, IdOrder.SlotOf(id, handle)))
        {
            FreeNode(handle);
            return false;
        }
        elements.CopyTo(SpaceOf(path));
        var node = NodeAt(path);
        (node.Length, node.Live, node.Tombstones) = (elements.Length, live, deleted);
        return true;
    }

    private static bool HasFields(ReadOnlySpan<byte> elements, Arguments pairs)
    {
        if (Packed.Read(elements, 0, out var at).Number != pairs.Count / 2) return false;
        for (var i = 0; i < pairs.Count; i += 2)
            if (!Packed.Read(elements, at, out at).Is(pairs[i])) return false;
        return true;
    }

    /// <summary>Bytes of an entry.</summary>
    private static long SizeOf(StreamId node, StreamId id, Arguments pairs, bool hasSameFields)
    {
        long size = Packed.SizeOf(StreamNode.SameFields) + Packed.SizeOf((long)(id.Ms - node.Ms)) + Packed.SizeOf((long)(id.Sequence - node.Sequence));
        if (!hasSameFields) size += Packed.SizeOf(pairs.Count / 2);
        for (var i = hasSameFields ? 1 : 0; i < pairs.Count; i += hasSameFields ? 2 : 1) size += Packed.SizeOf(pairs[i]);
        return size + Packed.SizeOf(ElementsBefore(pairs, hasSameFields));
    }

    /// <summary>How many elements of an entry stand before the number that says so.</summary>
    private static int ElementsBefore(Arguments pairs, bool hasSameFields) => hasSameFields ? 3 + pairs.Count / 2 : 4 + pairs.Count;

    /// <summary>Writes an entry to the end of a node, which has room for it.</summary>
    private void Write(in TreePath path, StreamId id, Arguments pairs, bool hasSameFields)
    {
        var node = NodeAt(path);
        var space = SpaceOf(path);
        var length = Packed.Write(space, hasSameFields ? StreamNode.SameFields : 0);
        length += Packed.Write(space[length..], (long)(id.Ms - node.Id.Ms));
        length += Packed.Write(space[length..], (long)(id.Sequence - node.Id.Sequence));
        if (!hasSameFields) length += Packed.Write(space[length..], pairs.Count / 2);
        for (var i = hasSameFields ? 1 : 0; i < pairs.Count; i += hasSameFields ? 2 : 1) length += Packed.Write(space[length..], pairs[i]);
        length += Packed.Write(space[length..], ElementsBefore(pairs, hasSameFields));
        node.Length += length;
        node.Live++;
    }

    // ---- delete and trim ----

    /// <summary>Takes an entry away; false when there is none with this id.</summary>
    public bool Delete(StreamId id)
    {
        if (!FindNode(id, out var path)) return false;
        var node = NodeAt(path);
        if (!TryMark(node, id)) return false;
        if (node.Live == 0) RemoveNode(ref path);
        _root->Count--;
        if (id > _root->MaxDeletedId) _root->MaxDeletedId = id;
        if (id == _root->FirstId) FindFirst();
        return true;
    }

    private static bool TryMark(StreamNode node, StreamId id)
    {
        var elements = node.Elements;
        var (fieldsAt, fields) = (StreamNode.FieldsAt(elements), node.FieldCount);
        for (var at = StreamNode.EntriesAt(elements); at < elements.Length;)
        {
            var entry = new StreamEntry(node.Id, elements, fieldsAt, fields, at);
            if (entry.Id >= id) return entry.Id == id && TryMark(node, entry);
            at = entry.End;
        }
        return false;
    }

    private static bool TryMark(StreamNode node, scoped in StreamEntry entry)
    {
        if (entry.IsDeleted) return false;
        // Flags are small numbers, which lie as they are.
        node.Elements[entry.Start] |= StreamNode.Deleted;
        node.Live--;
        node.Tombstones++;
        return true;
    }

    /// <summary>Takes deleted entries from the end that have greater ids, where entries with smaller ones are to come.</summary>
    public void DropTombstonesBehind(StreamId id)
    {
        if (!Nodes.FindLast(out var path)) return;
        for (var node = NodeAt(path); node.LastId > id; node.Tombstones--) node.Length = StreamNode.StartOf(node.Elements, node.Length);
    }

    /// <summary>Takes entries away that are too many, from so many nodes at most; how many went, and whether that was all.</summary>
    public long Trim(in StreamTrim trim, int nodesMax, out bool isDone)
    {
        long removed = 0;
        isDone = true;
        var nodes = Nodes;
        while (nodes.FindStart(out var path))
        {
            if (trim.Kind == StreamTrimKind.ByCount && _root->Count <= trim.CountMax) break;
            var node = NodeAt(path);
            if (trim.Limit != 0 && removed + node.Live > trim.Limit) break;
            if (nodesMax-- == 0)
            {
                isDone = false;
                break;
            }
            if (trim.Kind == StreamTrimKind.ByCount ? _root->Count - node.Live >= trim.CountMax : node.LastId < trim.MinId)
            {
                removed += node.Live;
                _root->Count -= node.Live;
                RemoveNode(ref path);
                continue;
            }
            if (!trim.IsApproximate) removed += TrimWithin(node, in trim);
            break;
        }
        if (removed != 0) FindFirst();
        return removed;
    }

    private long TrimWithin(StreamNode node, in StreamTrim trim)
    {
        long removed = 0;
        var elements = node.Elements;
        var (fieldsAt, fields) = (StreamNode.FieldsAt(elements), node.FieldCount);
        for (var at = StreamNode.EntriesAt(elements); at < elements.Length;)
        {
            var entry = new StreamEntry(node.Id, elements, fieldsAt, fields, at);
            if (trim.Kind == StreamTrimKind.ByCount ? _root->Count <= trim.CountMax : entry.Id >= trim.MinId) break;
            at = entry.End;
            if (!TryMark(node, in entry)) continue;
            removed++;
            _root->Count--;
        }
        return removed;
    }

    private void FindFirst() =>
        _root->FirstId = new StreamWalk(_arena, this, default, StreamId.Max, false).Next(out var first) ? first.Id : default;

    // ---- nodes ----

    /// <summary>A node without entries that has room for so many bytes; 0 when memory is refused.</summary>
    private uint NewNode(StreamId id, long bytes)
    {
        NativeBlock block = default;
        if (bytes > StreamNode.InCellMax)
        {
            block = NewBlock(bytes);
            if (block.IsNull) return 0;
        }
        var handle = _arena.Allocate(block.IsNull ? StreamNode.HeaderBytes + (int)bytes : StreamNode.InBlockBytes);
        if (handle == 0)
        {
            if (!block.IsNull) block.Release();
            return 0;
        }
        new StreamNode(_arena.At(handle)).Initialize(id, block);
        _root->NodeBytes += _arena.CellBytesOf(handle);
        Count(block);
        return handle;
    }

    private static NativeBlock NewBlock(long bytes) => bytes > NativeBlock.CapacityMax ? default : NativeBlock.Allocate((int)bytes);

    private void Count(NativeBlock block)
    {
        if (block.IsNull) return;
        _arena.AddExternal(block);
        _root->NodeBytes += block.FootprintBytes;
    }

    private void Drop(NativeBlock block)
    {
        _root->NodeBytes -= block.FootprintBytes;
        _arena.DropExternal(block);
    }

    private void FreeNode(uint handle)
    {
        var node = new StreamNode(_arena.At(handle));
        if (node.IsInBlock) Drop(node.Block);
        _root->NodeBytes -= _arena.CellBytesOf(handle);
        _arena.FreeNow(handle);
    }

    /// <summary>The path names the next node then, or the end.</summary>
    private void RemoveNode(ref TreePath path)
    {
        var nodes = Nodes;
        var handle = nodes.At(path).Handle;
        _ = nodes.Remove(ref path);
        FreeNode(handle);
    }

    /// <summary>What is free behind a node's elements.</summary>
    private Span<byte> SpaceOf(in TreePath path)
    {
        var handle = Nodes.At(path).Handle;
        var node = new StreamNode(_arena.At(handle));
        if (node.IsInBlock) return node.Block.Bytes[node.Length..];
        return new Span<byte>(_arena.At(handle), _arena.CellBytesOf(handle))[(StreamNode.HeaderBytes + node.Length)..];
    }

    /// <summary>Gives a node room for so many more bytes, and some for what comes later. False when memory is refused.</summary>
    private bool Reserve(ref TreePath path, long bytes)
    {
        if (bytes <= SpaceOf(path).Length) return true;
        var needed = NodeAt(path).Length + bytes;
        return Resize(ref path, Math.Max(needed, Math.Min(2 * needed, NativeBlock.CapacityMax)));
    }

    /// <summary>Takes from a node that gets no more entries what it has too much.</summary>
    private void Tighten(ref TreePath path)
    {
        var handle = Nodes.At(path).Handle;
        var node = new StreamNode(_arena.At(handle));
        var isWide = node.IsInBlock
            ? node.Block.Capacity - node.Length > node.Length / 8
            : _arena.CellBytes(StreamNode.HeaderBytes + node.Length) < _arena.CellBytesOf(handle);
        // Where memory is refused, it stays as wide as it is.
        if (isWide) _ = Resize(ref path, node.Length);
    }

    /// <summary>Gives a node room for so many bytes in all. False when memory is refused; nothing has changed then.</summary>
    private bool Resize(ref TreePath path, long capacity)
    {
        var nodes = Nodes;
        var before = nodes.At(path).Handle;
        var node = new StreamNode(_arena.At(before));
        if (node.IsInBlock)
        {
            var block = NewBlock(capacity);
            if (block.IsNull) return false;
            node.Elements.CopyTo(block.Bytes);
            Drop(node.Block);
            node.SetBlock(block);
            Count(block);
            return true;
        }
        var handle = NewNode(node.Id, capacity);
        if (handle == 0) return false;
        var wider = new StreamNode(_arena.At(handle));
        (wider.Length, wider.Live, wider.Tombstones) = (node.Length, node.Live, node.Tombstones);
        node.Elements.CopyTo(wider.Elements);
        nodes.Replace(ref path, IdOrder.SlotOf(node.Id, handle));
        FreeNode(before);
        return true;
    }
}

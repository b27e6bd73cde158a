namespace Anax.Core.Structures;

/// <summary>Consumer groups, their consumers, and what is pending.</summary>
internal readonly unsafe partial struct StreamStore
{
    public StreamGroup FindGroup(scoped ReadOnlySpan<byte> name)
    {
        var groups = Groups;
        return groups.Find(new NameKey(name), out var path) ? new StreamGroup(_arena, groups.At(path).Handle) : default;
    }

    /// <summary>A group by its place in the order of names.</summary>
    public StreamGroup GroupAt(long index)
    {
        var groups = Groups;
        return groups.FindRank(index, out var path, out _) ? new StreamGroup(_arena, groups.At(path).Handle) : default;
    }

    /// <summary>Adds a group that is not there; none when memory is refused.</summary>
    public StreamGroup AddGroup(scoped ReadOnlySpan<byte> name, StreamId lastId, long entriesRead)
    {
        var handle = NamedCell.Make(_arena, GroupCell.SizeBytes, name, out var bytes);
        if (handle == 0) return default;
        var groups = Groups;
        _ = groups.Find(new NameKey(name), out var path);
        if (!groups.InsertBefore(ref path, NameOrder.SlotOf(name, handle)))
        {
            _ = NamedCell.Free(_arena, handle);
            return default;
        }
        var group = new StreamGroup(_arena, handle);
        group.Cell->LastId = lastId;
        group.Cell->EntriesRead = entriesRead;
        group.Cell->Bytes = bytes;
        return group;
    }

    /// <summary>
    /// Takes a group away; false when there is none. What is behind it is freed in steps, under a doomed root of its own; where
    /// there is no memory for that, at once.
    /// </summary>
    public bool RemoveGroup(scoped ReadOnlySpan<byte> name)
    {
        var groups = Groups;
        if (!groups.Find(new NameKey(name), out var path)) return false;
        var slot = groups.At(path);
        _ = groups.Remove(ref path);
        var grave = ValueRoots.MakeWithStream(_arena);
        if (grave != 0)
        {
            var buried = new StreamStore(_arena, grave).Groups;
            buried.FindEnd(out var end);
            if (buried.Append(ref end, slot))
            {
                ValueRoots.Bury(_arena, grave);
                return true;
            }
            _arena.FreeNow(grave);
        }
        var budget = int.MaxValue;
        _ = FreeWithin(new StreamGroup(_arena, slot.Handle), ref budget);
        _ = NamedCell.Free(_arena, slot.Handle);
        return true;
    }

    // ---- consumers ----

    /// <summary>Adds a consumer that is not there; none when memory is refused.</summary>
    public StreamConsumer AddConsumer(StreamGroup group, scoped ReadOnlySpan<byte> name, long seenMs, long activeMs)
    {
        var handle = NamedCell.Make(_arena, ConsumerCell.SizeBytes, name, out var bytes);
        if (handle == 0) return default;
        var consumers = group.Consumers;
        _ = consumers.Find(new NameKey(name), out var path);
        if (!consumers.InsertBefore(ref path, NameOrder.SlotOf(name, handle)))
        {
            _ = NamedCell.Free(_arena, handle);
            return default;
        }
        var consumer = new StreamConsumer(_arena, handle);
        consumer.Cell->SeenMs = seenMs;
        consumer.Cell->ActiveMs = activeMs;
        group.Cell->Bytes += bytes;
        return consumer;
    }

    /// <summary>
    /// Takes a consumer away with what is pending for it, of which at most so much; true when it is gone.
    /// </summary>
    public bool RemoveConsumer(StreamGroup group, StreamConsumer consumer, int budget)
    {
        for (; consumer.PendingTree.FindLast(out var path); budget--)
        {
            if (budget <= 0) return false;
            RemovePending(group, new PendingEntry(_arena, consumer.PendingTree.At(path).Handle));
        }
        var consumers = group.Consumers;
        var isFound = consumers.Find(new NameKey(consumer.Name), out var place);
        Invariant.Holds(isFound, "a consumer is in its group");
        _ = consumers.Remove(ref place);
        group.Cell->Bytes -= NamedCell.Free(_arena, consumer.Handle);
        return true;
    }

    // ---- pending ----

    /// <summary>An entry is pending for a consumer from now on, whoever had it. False when memory is refused; nothing has changed then.</summary>
    public bool SetPending(StreamGroup group, StreamConsumer consumer, StreamId id, long deliveredMs, long deliveries)
    {
        var pending = group.PendingTree;
        if (pending.Find(new IdKey(id), out var path))
        {
            var there = new PendingEntry(_arena, pending.At(path).Handle);
            if (!Assign(group, there, consumer)) return false;
            (there.Cell->DeliveredMs, there.Cell->Deliveries) = (deliveredMs, deliveries);
            return true;
        }
        var handle = _arena.Allocate(PendingCell.SizeBytes);
        if (handle == 0) return false;
        *(PendingCell*)_arena.At(handle) =
            new PendingCell { Id = id, DeliveredMs = deliveredMs, Deliveries = deliveries, Consumer = consumer.Handle };
        if (!Add(group, consumer, id, handle))
        {
            _arena.FreeNow(handle);
            return false;
        }
        if (!pending.InsertBefore(ref path, IdOrder.SlotOf(id, handle)))
        {
            Remove(group, consumer, id);
            _arena.FreeNow(handle);
            return false;
        }
        group.Cell->Bytes += _arena.CellBytesOf(handle);
        return true;
    }

    /// <summary>An entry that is not pending yet is pending for nobody, until it is assigned. False when memory is refused.</summary>
    public bool AddUnowned(StreamGroup group, StreamId id, long deliveredMs, long deliveries)
    {
        var handle = _arena.Allocate(PendingCell.SizeBytes);
        if (handle == 0) return false;
        *(PendingCell*)_arena.At(handle) = new PendingCell { Id = id, DeliveredMs = deliveredMs, Deliveries = deliveries };
        var pending = group.PendingTree;
        _ = pending.Find(new IdKey(id), out var path);
        if (!pending.InsertBefore(ref path, IdOrder.SlotOf(id, handle)))
        {
            _arena.FreeNow(handle);
            return false;
        }
        group.Cell->Bytes += _arena.CellBytesOf(handle);
        return true;
    }

    /// <summary>Gives what is pending to another consumer. False when memory is refused.</summary>
    public bool Assign(StreamGroup group, PendingEntry entry, StreamConsumer consumer)
    {
        if (entry.Cell->Consumer == consumer.Handle) return true;
        if (!Add(group, consumer, entry.Id, entry.Handle)) return false;
        if (entry.Consumer.Exists) Remove(group, entry.Consumer, entry.Id);
        entry.Cell->Consumer = consumer.Handle;
        return true;
    }

    /// <summary>It is pending no longer.</summary>
    public void RemovePending(StreamGroup group, PendingEntry entry)
    {
        Remove(group, entry.Consumer, entry.Id);
        var pending = group.PendingTree;
        var isFound = pending.Find(new IdKey(entry.Id), out var path);
        Invariant.Holds(isFound, "what is pending for a consumer is pending in its group");
        _ = pending.Remove(ref path);
        group.Cell->Bytes -= _arena.CellBytesOf(entry.Handle);
        _arena.FreeNow(entry.Handle);
    }

    private static bool Add(StreamGroup group, StreamConsumer consumer, StreamId id, uint handle)
    {
        var tree = consumer.PendingTree;
        var before = tree.NodeBytes;
        _ = tree.Find(new IdKey(id), out var path);
        var isDone = tree.InsertBefore(ref path, IdOrder.SlotOf(id, handle));
        group.Cell->Bytes += tree.NodeBytes - before;
        return isDone;
    }

    private static void Remove(StreamGroup group, StreamConsumer consumer, StreamId id)
    {
        var tree = consumer.PendingTree;
        var before = tree.NodeBytes;
        var isFound = tree.Find(new IdKey(id), out var path);
        Invariant.Holds(isFound, "what is pending is named by its consumer");
        _ = tree.Remove(ref path);
        group.Cell->Bytes += tree.NodeBytes - before;
    }
}

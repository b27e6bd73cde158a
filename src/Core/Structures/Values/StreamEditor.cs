using Anax.Core.Buffers;

namespace Anax.Core.Structures;

/// <summary>
/// A stream, open for a change. Each change either takes place as a whole or is refused and leaves the stream as it was. A stream
/// without entries is still one.
/// </summary>
public readonly ref struct StreamEditor(ValueSlot slot, StreamLimits limits)
{
    private readonly ValueSlot _slot = slot;
    private readonly StreamLimits _limits = limits;

    public StreamView View => new(_slot.View);

    private StreamStore Store => View.Store;

    /// <summary>Makes an empty stream where there is none. False when memory is refused.</summary>
    public bool Create()
    {
        if (_slot.Exists) return true;
        var root = _slot.MakeRootForStream();
        return root != 0 && _slot.SetRoot(ValueType.Stream, root);
    }

    // ---- entries ----

    /// <summary>
    /// Adds an entry behind all others, to a stream that is there: fields and values, one after the other, of no more than
    /// <see cref="StreamLimits.EntryBytesMax"/> bytes, with an id that is greater than the last one. False when memory is refused.
    /// </summary>
    public bool Append(StreamId id, Arguments pairs) => Store.Append(id, pairs, _limits);

    /// <summary>
    /// Adds a whole node behind all others, which <see cref="StreamNode.TryCheck"/> has found to be one; the figures of the stream are
    /// set apart. False when memory is refused.
    /// </summary>
    internal bool AppendNode(StreamId id, scoped ReadOnlySpan<byte> elements, in StreamNodeFigures figures) =>
        Store.AppendNode(id, elements, figures.Live, figures.Deleted);

    /// <summary>Sets the figures of a stream whose nodes were added as a whole.</summary>
    public void SetFigures(long count, StreamId firstId, StreamId lastId, StreamId maxDeletedId, long entriesAdded)
    {
        ref var root = ref Store.Root;
        (root.Count, root.FirstId, root.LastId, root.MaxDeletedId, root.EntriesAdded) = (count, firstId, lastId, maxDeletedId, entriesAdded);
    }

    /// <summary>Takes an entry away; false when there is none with this id.</summary>
    public bool Delete(StreamId id) => Store.Delete(id);

    /// <summary>
    /// Takes entries away that are too many, from so many nodes at most. Returns how many went; done when no more will go.
    /// </summary>
    public long Trim(in StreamTrim trim, int nodesMax, out bool isDone) => Store.Trim(in trim, nodesMax, out isDone);

    /// <summary>Ids of new entries come behind this one, which is not before any entry's.</summary>
    public void SetLastId(StreamId id)
    {
        Store.DropTombstonesBehind(id);
        Store.Root.LastId = id;
    }

    public void SetEntriesAdded(long count) => Store.Root.EntriesAdded = count;

    public void SetMaxDeletedId(StreamId id) => Store.Root.MaxDeletedId = id;

    // ---- groups ----

    /// <summary>Adds a group that is not there; none when memory is refused.</summary>
    public StreamGroup AddGroup(scoped ReadOnlySpan<byte> name, StreamId lastId, long entriesRead) => Store.AddGroup(name, lastId, entriesRead);

    /// <summary>Takes a group away; false when there is none.</summary>
    public bool RemoveGroup(scoped ReadOnlySpan<byte> name) => Store.RemoveGroup(name);

    /// <summary>Up to where a group has read.</summary>
    public static unsafe void SetRead(StreamGroup group, StreamId lastId, long entriesRead)
    {
        group.Cell->LastId = lastId;
        group.Cell->EntriesRead = entriesRead;
    }

    /// <summary>Adds a consumer that is not there, with Unix milliseconds when it was seen and active (-1: never); none when memory is refused.</summary>
    public StreamConsumer AddConsumer(StreamGroup group, scoped ReadOnlySpan<byte> name, long seenMs, long activeMs) =>
        Store.AddConsumer(group, name, seenMs, activeMs);

    /// <summary>Takes a consumer away with what is pending for it, of which at most so much at once; true when it is gone.</summary>
    public bool RemoveConsumer(StreamGroup group, StreamConsumer consumer, int budget) => Store.RemoveConsumer(group, consumer, budget);

    public static unsafe void SetSeen(StreamConsumer consumer, long seenMs) => consumer.Cell->SeenMs = seenMs;

    public static unsafe void SetActive(StreamConsumer consumer, long activeMs) => consumer.Cell->ActiveMs = activeMs;

    /// <summary>An entry is pending for a consumer from now on, whoever had it. False when memory is refused.</summary>
    public bool SetPending(StreamGroup group, StreamConsumer consumer, StreamId id, long deliveredMs, long deliveries) =>
        Store.SetPending(group, consumer, id, deliveredMs, deliveries);

    /// <summary>
    /// What is read before its consumers are: an entry that is not pending yet, which <see cref="Assign"/> gives to its consumer. False
    /// when memory is refused.
    /// </summary>
    internal bool AddUnowned(StreamGroup group, StreamId id, long deliveredMs, long deliveries) =>
        Store.AddUnowned(group, id, deliveredMs, deliveries);

    /// <summary>Gives what is pending to another consumer. False when memory is refused.</summary>
    public bool Assign(StreamGroup group, PendingEntry entry, StreamConsumer consumer) => Store.Assign(group, entry, consumer);

    public static unsafe void SetDelivery(PendingEntry entry, long deliveredMs, long deliveries)
    {
        entry.Cell->DeliveredMs = deliveredMs;
        entry.Cell->Deliveries = deliveries;
    }

    /// <summary>It is pending no longer.</summary>
    public void RemovePending(StreamGroup group, PendingEntry entry) => Store.RemovePending(group, entry);
}

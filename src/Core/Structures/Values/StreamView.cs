using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>A stream, to be read. Without a key it is an empty one.</summary>
public readonly ref struct StreamView(ValueView value)
{
    private readonly ValueView _value = value;

    public bool Exists => _value.Exists;

    /// <summary>Entries.</summary>
    public long Count => Exists ? Store.Root.Count : 0;

    /// <summary>Of the first entry; zero when there is none.</summary>
    public StreamId FirstId => Exists ? Store.Root.FirstId : default;

    /// <summary>The greatest id that was ever given, or set.</summary>
    public StreamId LastId => Exists ? Store.Root.LastId : default;

    /// <summary>The greatest id of an entry that was deleted, not trimmed; zero when none was.</summary>
    public StreamId MaxDeletedId => Exists ? Store.Root.MaxDeletedId : default;

    /// <summary>Entries that were ever added, as far as anybody knows.</summary>
    public long EntriesAdded => Exists ? Store.Root.EntriesAdded : 0;

    public long GroupCount => Exists ? Store.Groups.Slots : 0;

    public long NodeCount => Exists ? Store.Nodes.Slots : 0;

    /// <summary>Inner nodes and leaves of the tree of nodes, and the nodes.</summary>
    public long TreeNodeCount => Exists ? Store.Nodes.Slots + Store.Nodes.Depth : 0;

    internal StreamStore Store => new(_value.Arena, _value.Root);

    private Arena Arena => _value.Arena;

    /// <summary>The entries between two ids, both included.</summary>
    public StreamWalk Walk(StreamId from, StreamId to, bool backwards) =>
        Exists ? new StreamWalk(Arena, Store, from, to, backwards) : default;

    /// <summary>The nodes as they lie, from the first on.</summary>
    public StreamNodeWalk Nodes => Exists ? new StreamNodeWalk(Store) : default;

    public bool Contains(StreamId id) => Walk(id, id, false).Next(out _);

    /// <summary>The id of the last entry that is there; zero when none is.</summary>
    public StreamId LastEntryId => Walk(default, StreamId.Max, true).Next(out var entry) ? entry.Id : default;

    /// <summary>How many nodes have entries from an id on, at most.</summary>
    public long NodesFrom(StreamId id)
    {
        if (!Exists) return 0;
        var nodes = Store.Nodes;
        return Store.FindNode(id, out var path) ? nodes.Slots - nodes.RankOf(path) : nodes.Slots;
    }

    // ---- groups ----

    /// <summary>A group by its name, if there is one.</summary>
    public StreamGroup FindGroup(scoped ReadOnlySpan<byte> name) => Exists ? Store.FindGroup(name) : default;

    /// <summary>A group by its place in the order of names.</summary>
    public StreamGroup GroupAt(long index) => Exists ? Store.GroupAt(index) : default;

    /// <summary>Was an entry deleted that has this id or a greater one?</summary>
    public bool HasDeletedFrom(StreamId id) => Count != 0 && !MaxDeletedId.IsZero && id <= MaxDeletedId;

    /// <summary>
    /// How many entries were ever added up to an id; <see cref="StreamGroup.Unknown"/> when it cannot be told: known are the ends of
    /// a stream in which nothing was deleted behind them.
    /// </summary>
    public long AddedUpTo(StreamId id)
    {
        if (EntriesAdded == 0) return 0;
        if (Count == 0 && id <= LastId) return EntriesAdded;
        if (!id.IsZero && id < MaxDeletedId) return StreamGroup.Unknown;
        if (id == LastId) return EntriesAdded;
        if (id > LastId) return StreamGroup.Unknown;
        if (!MaxDeletedId.IsZero && MaxDeletedId >= FirstId) return StreamGroup.Unknown;
        if (id < FirstId) return EntriesAdded - Count;
        return id == FirstId ? EntriesAdded - Count + 1 : StreamGroup.Unknown;
    }

    /// <summary>How many entries a group has not read yet; false when it cannot be told.</summary>
    public bool TryGetLag(StreamGroup group, out long lag)
    {
        lag = 0;
        if (EntriesAdded == 0) return true;
        var read = group.EntriesRead;
        if (read == StreamGroup.Unknown || HasDeletedFrom(group.LastId)) read = AddedUpTo(group.LastId);
        if (read == StreamGroup.Unknown) return false;
        lag = EntriesAdded - read;
        return true;
    }

    /// <summary>How many entries a group will have read when it has got the one with this id, which is behind its last one.</summary>
    public long ReadWith(StreamGroup group, StreamId id)
    {
        var isKnown = group.EntriesRead != StreamGroup.Unknown && group.LastId >= FirstId && !HasDeletedFrom(group.LastId);
        if (isKnown) return group.EntriesRead + 1;
        return EntriesAdded != 0 ? AddedUpTo(id) : group.EntriesRead;
    }

    /// <summary>Checks the structure; for tests.</summary>
    internal void Verify(bool mayBeSparse = false)
    {
        if (Exists) Store.Verify(mayBeSparse);
    }
}

/// <summary>A walk over the nodes of a stream as they lie, for who stores them elsewhere. Void once the shard's data change.</summary>
public ref struct StreamNodeWalk
{
    private readonly StreamStore _store;
    private TreePath _path;
    private bool _isThere;
    private bool _isBegun;

    internal StreamNodeWalk(StreamStore store)
    {
        _store = store;
        _isThere = store.Nodes.FindStart(out _path);
    }

    /// <summary>The id from which a node's entries count.</summary>
    public readonly StreamId Id => _store.NodeAt(_path).Id;

    /// <summary>Entries that are there, and those that were deleted and still lie there.</summary>
    public readonly int Live => _store.NodeAt(_path).Live;

    public readonly int Deleted => _store.NodeAt(_path).Tombstones;

    /// <summary>Packed elements: those of a listpack of Redis's behind its two counters.</summary>
    public readonly ReadOnlySpan<byte> Elements => _store.NodeAt(_path).Elements;

    /// <summary>Goes to the next node, at first to the first one; false at the end.</summary>
    public bool Next()
    {
        if (_isBegun && _isThere) _isThere = _store.Nodes.Next(ref _path);
        _isBegun = true;
        return _isThere;
    }
}

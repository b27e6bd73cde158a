using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>A consumer group of a stream. Valid until it is destroyed; a default value is none.</summary>
public readonly unsafe ref struct StreamGroup
{
    /// <summary>Nobody knows how many entries were read.</summary>
    public const long Unknown = -1;

    private readonly Arena _arena;

    internal StreamGroup(Arena arena, uint handle)
    {
        _arena = arena;
        Handle = handle;
    }

    public bool Exists => Handle != 0;

    public ReadOnlySpan<byte> Name => NamedCell.NameOf(_arena, Handle);

    /// <summary>The last entry that was delivered to anybody.</summary>
    public StreamId LastId => Cell->LastId;

    /// <summary>Entries that were read up to there; <see cref="Unknown"/> when nobody can say.</summary>
    public long EntriesRead => Cell->EntriesRead;

    public long PendingCount => Cell->Pending.Slots;

    public long ConsumerCount => Cell->Consumers.Slots;

    internal uint Handle { get; }

    internal GroupCell* Cell => (GroupCell*)_arena.At(Handle);

    internal OrderTree<IdOrder> PendingTree => new(_arena, Handle, GroupCell.PendingOffset);

    internal OrderTree<NameOrder> Consumers => new(_arena, Handle, GroupCell.ConsumersOffset);

    public StreamConsumer FindConsumer(scoped ReadOnlySpan<byte> name)
    {
        var consumers = Consumers;
        return consumers.Find(new NameKey(name), out var path) ? new StreamConsumer(_arena, consumers.At(path).Handle) : default;
    }

    /// <summary>A consumer by its place in the order of names.</summary>
    public StreamConsumer ConsumerAt(long index)
    {
        var consumers = Consumers;
        return consumers.FindRank(index, out var path, out _) ? new StreamConsumer(_arena, consumers.At(path).Handle) : default;
    }

    /// <summary>What is pending with this id, if anything is.</summary>
    public PendingEntry FindPending(StreamId id)
    {
        var pending = PendingTree;
        return pending.Find(new IdKey(id), out var path) ? new PendingEntry(_arena, pending.At(path).Handle) : default;
    }

    /// <summary>What is pending in the group, from an id on.</summary>
    public PendingWalk Pending(StreamId from) => new(_arena, PendingTree, from);

    /// <summary>What is pending in the group, from a place in the order of ids on.</summary>
    internal PendingWalk PendingFrom(long index) => new(_arena, PendingTree, index);

    /// <summary>The last of what is pending, if anything is.</summary>
    public PendingEntry LastPending()
    {
        var pending = PendingTree;
        return pending.FindLast(out var path) ? new PendingEntry(_arena, pending.At(path).Handle) : default;
    }
}

/// <summary>A consumer of a group. Valid until it is deleted; a default value is none.</summary>
public readonly unsafe ref struct StreamConsumer
{
    private readonly Arena _arena;

    internal StreamConsumer(Arena arena, uint handle)
    {
        _arena = arena;
        Handle = handle;
    }

    public bool Exists => Handle != 0;

    public ReadOnlySpan<byte> Name => NamedCell.NameOf(_arena, Handle);

    /// <summary>Unix milliseconds when it last tried to read or claim.</summary>
    public long SeenMs => Cell->SeenMs;

    /// <summary>Unix milliseconds when it last got something; -1 for never.</summary>
    public long ActiveMs => Cell->ActiveMs;

    public long PendingCount => Cell->Pending.Slots;

    internal uint Handle { get; }

    internal ConsumerCell* Cell => (ConsumerCell*)_arena.At(Handle);

    internal OrderTree<IdOrder> PendingTree => new(_arena, Handle, ConsumerCell.PendingOffset);

    /// <summary>What is pending for the consumer, from an id on.</summary>
    public PendingWalk Pending(StreamId from) => new(_arena, PendingTree, from);

    /// <summary>The same, from a place in the order of ids on.</summary>
    internal PendingWalk PendingFrom(long index) => new(_arena, PendingTree, index);
}

/// <summary>An entry that was delivered and not acknowledged. Valid until something of the group changes; a default value is none.</summary>
public readonly unsafe ref struct PendingEntry
{
    private readonly Arena _arena;

    internal PendingEntry(Arena arena, uint handle)
    {
        _arena = arena;
        Handle = handle;
    }

    public bool Exists => Handle != 0;

    public StreamId Id => Cell->Id;

    /// <summary>Unix milliseconds of the last delivery.</summary>
    public long DeliveredMs => Cell->DeliveredMs;

    /// <summary>How often it was delivered.</summary>
    public long Deliveries => Cell->Deliveries;

    public StreamConsumer Consumer => new(_arena, Cell->Consumer);

    internal uint Handle { get; }

    internal PendingCell* Cell => (PendingCell*)_arena.At(Handle);
}

/// <summary>A walk over what is pending, in the order of ids. Void once something of the group changes.</summary>
public ref struct PendingWalk
{
    private readonly Arena _arena;
    private readonly OrderTree<IdOrder> _tree;
    private TreePath _path;
    private bool _isThere;
    private bool _isBegun;

    internal PendingWalk(Arena arena, OrderTree<IdOrder> tree, StreamId from)
    {
        _arena = arena;
        _tree = tree;
        _isThere = tree.FindFirst(new IdKey(from), out _path);
    }

    internal PendingWalk(Arena arena, OrderTree<IdOrder> tree, long index)
    {
        _arena = arena;
        _tree = tree;
        _isThere = tree.FindRank(index, out _path, out _);
    }

    public bool Next(out PendingEntry entry)
    {
        if (_isBegun && _isThere) _isThere = _tree.Next(ref _path);
        _isBegun = true;
        entry = _isThere ? new PendingEntry(_arena, _tree.At(_path).Handle) : default;
        return _isThere;
    }
}

namespace Anax.Core.Structures;

/// <summary>Values behind roots: found by their root, handed over, swept.</summary>
public readonly unsafe partial struct EntryTable
{
    /// <summary>The members behind a root of a value in this table.</summary>
    internal EntryTable MembersOf(uint root) => ValueRoots.MembersOf(_table.Arena, root, _table.HashKey);

    /// <summary>Frees a root that no key names, with all that it holds.</summary>
    internal void DiscardRoot(uint root) => ValueRoots.Discard(_table.Arena, root, _table.HashKey);

    /// <summary>The entry whose key has this hash and names this root.</summary>
    internal Entry FindRoot(ulong hash, uint root)
    {
        var visitor = new RootFinder { Hash = hash, Root = root };
        _ = Walk(hash, ref visitor);
        return visitor.Found;
    }

    private ref struct RootFinder : IEntryVisitor
    {
        public ulong Hash;
        public uint Root;
        public Entry Found;

        public void Visit(ref Entry entry)
        {
            if (!entry.HasRoot || entry.Root != Root) return;
            Found = entry;
            Found.Hash = Hash;
        }
    }

    /// <summary>
    /// Inserts what another entry of the arena has, with its expiry, or replaces whatever was there; of values that are no
    /// strings and have no root. A block is shared. False when the arena refused; nothing has changed then.
    /// </summary>
    public bool SetCopy(scoped ref Entry entry, scoped ReadOnlySpan<byte> key, scoped in Entry source)
    {
        if (source.Encoding != ValueEncoding.Block) return SetPacked(ref entry, key, source.Type, source.Bytes, source.ExpireAtMs);
        var block = source.Block;
        block.AddReference();
        if (SetBlock(ref entry, key, source.Type, block, source.ValueLength, source.ExpireAtMs)) return true;
        block.Release();
        return false;
    }

    /// <summary>
    /// Gives what lies behind the root of an entry, of this table or another one of the arena, to an entry of this table, and
    /// deletes the other entry. The expiry goes with it. False when the arena refused; nothing has changed then.
    /// </summary>
    public bool TakeRoot(scoped ref Entry entry, scoped ReadOnlySpan<byte> key, EntryTable from, scoped ref Entry source)
    {
        var root = source.Root;
        var bytes = new ReadOnlySpan<byte>(&root, sizeof(uint));
        if (!Set(ref entry, key, source.Type, KeyRecord.RootEncoding, sizeof(uint), bytes, source.ExpireAtMs)) return false;
        ValueRoots.Unlink(_table.Arena, root);
        ValueRoots.Link(_table.Arena, root, _table.HeaderHandle, _table.HashOf(key));
        from.Delete(ref source, dropsValue: false);
        return true;
    }

    /// <summary>Bytes of all records with their values, by the mean of so many; 0: of all.</summary>
    internal long SampledBytes(long samples)
    {
        var visitor = new ByteCounter { Table = this, Left = samples == 0 ? long.MaxValue : samples };
        for (ulong position = 0; visitor.Left > 0;)
        {
            position = Walk(position, ref visitor);
            if (position == 0) break;
        }
        return visitor.Seen == 0 ? 0 : (long)((double)visitor.Bytes / visitor.Seen * Count);
    }

    private ref struct ByteCounter : IEntryVisitor
    {
        public EntryTable Table;
        public long Left, Seen, Bytes;

        public void Visit(ref Entry entry)
        {
            if (Left-- <= 0) return;
            Seen++;
            Bytes += Table.RecordBytes(entry.Place.Handle);
            if (entry.Encoding == ValueEncoding.Block) Bytes += entry.Block.FootprintBytes;
        }
    }

    /// <summary>The value behind an entry's root.</summary>
    public LargeValue LargeValueOf(scoped in Entry entry) => new(_table.Arena, entry.Root, _table.HashKey);

    /// <summary>Does the value behind the entry's root have members that expire?</summary>
    public bool HasExpiringMembers(scoped in Entry entry) =>
        entry.Exists && entry.HasRoot && ValueRoots.HasExpiring(_table.Arena, entry.Root);

    /// <summary>Has the time come of members of the sorted set behind the entry's root? False for other values.</summary>
    public bool HasDueMembers(scoped in Entry entry, long nowMs) => ValueRoots.HasDue(_table.Arena, entry.Root, nowMs);

    /// <summary>
    /// As <see cref="Sweep"/>, over the members behind a root, whose other structures hear of records that move. Does not
    /// settle.
    /// </summary>
    internal bool SweepMembers<TVisitor>(uint root, ref SweepState state, long nowMs, int bucketBudget, ref TVisitor visitor)
        where TVisitor : struct, IExpiryVisitor, allows ref struct
    {
        var adapter = new SweepAdapter<TVisitor>(_table.Arena) { Visitor = visitor, Root = root };
        var done = _table.Sweep(ref state, nowMs, bucketBudget, ref adapter);
        visitor = adapter.Visitor;
        return done;
    }
}

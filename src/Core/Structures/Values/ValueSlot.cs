using System.Runtime.CompilerServices;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// The place of a key's value, open for a change: what the editors of all types write through. Refers to the entry of
/// whoever opened it, which it keeps up to date.
/// </summary>
public readonly ref struct ValueSlot
{
    // The entry itself: a reference to a ref struct cannot be kept as one.
    private readonly ref byte _place;
    private readonly EntryTable _table;
    private readonly ReadOnlySpan<byte> _key;

    /// <summary>A table of its default has no memory: every change is refused.</summary>
    public ValueSlot(ref Entry entry, scoped in EntryTable table, ReadOnlySpan<byte> key)
    {
        _place = ref Unsafe.As<Entry, byte>(ref entry);
        _table = table;
        _key = key;
    }

    public bool Exists => Entry.Exists;

    public bool HasRoot => Entry.Exists && Entry.HasRoot;

    public ValueView View => new(Entry, _table);

    private ref Entry Entry => ref Unsafe.As<byte, Entry>(ref _place);

    internal Arena Arena => _table.Arena;

    internal EntryTable Members => _table.MembersOf(Entry.Root);

    /// <summary>Replaces whatever is there by packed elements; the expiry stays. False when memory is refused.</summary>
    internal bool SetPacked(ValueType type, scoped ReadOnlySpan<byte> packed) =>
        !_table.IsNull && _table.SetPacked(ref Entry, _key, type, packed, Entry.ExpireAtMs);

    /// <summary>Replaces whatever is there by a string; the expiry stays. False when memory is refused.</summary>
    internal bool SetString(scoped ReadOnlySpan<byte> value) =>
        !_table.IsNull && _table.SetString(ref Entry, _key, value, Entry.ExpireAtMs);

    /// <summary>As above, a string that is a number.</summary>
    internal bool SetInteger(long value) => !_table.IsNull && _table.SetInteger(ref Entry, _key, value, Entry.ExpireAtMs);

    /// <summary>As above, a string that lies in a block already; takes over one reference to it, unless refused.</summary>
    internal bool SetBlock(NativeBlock block, int length) =>
        !_table.IsNull && _table.SetBlock(ref Entry, _key, block, length, Entry.ExpireAtMs);

    /// <summary>Replaces bytes within packed elements by undefined ones, to be written. False when memory is refused.</summary>
    internal bool Splice(int at, int removed, int added, out Span<byte> packed) =>
        _table.Splice(ref Entry, at, removed, added, out packed);

    /// <summary>A new root with an empty table of members, which no key names yet; 0 when memory is refused.</summary>
    internal uint MakeRootWithTable(ValueType type) =>
        _table.IsNull ? 0 : ValueRoots.MakeWithTable(_table.Arena, type);

    /// <summary>A new root with an empty list, which no key names yet; 0 when memory is refused.</summary>
    internal uint MakeRootForList(ListLimit limit) => _table.IsNull ? 0 : ValueRoots.MakeWithList(_table.Arena, limit);

    /// <summary>A new root with an empty stream, which no key names yet; 0 when memory is refused.</summary>
    internal uint MakeRootForStream() => _table.IsNull ? 0 : ValueRoots.MakeWithStream(_table.Arena);

    /// <summary>Replaces whatever is there by an empty value of a type, behind a root; the expiry stays. False when memory is refused.</summary>
    public bool MakeEmpty(ValueType type)
    {
        if (_table.IsNull) return false;
        var root = ValueRoots.Make(_table.Arena, type);
        return root != 0 && SetRoot(type, root);
    }

    /// <summary>
    /// Replaces whatever is there by what a root holds; the expiry stays. False when memory is refused: the root and all
    /// behind it are given back then.
    /// </summary>
    internal bool SetRoot(ValueType type, uint root)
    {
        if (_table.SetRoot(ref Entry, _key, type, root, Entry.ExpireAtMs)) return true;
        _table.DiscardRoot(root);
        return false;
    }

    /// <summary>Sets the expiry of what is there in milliseconds, 0 for none. False when memory is refused.</summary>
    public bool SetExpiry(long expireAtMs) => _table.SetExpiry(ref Entry, expireAtMs);

    /// <summary>Gives back a root that no key names, with all behind it.</summary>
    internal void DiscardRoot(uint root) => _table.DiscardRoot(root);

    internal EntryTable MembersOf(uint root) => _table.MembersOf(root);

    /// <summary>
    /// Replaces whatever is there by the value of another place in the same arena, which is empty afterwards. What lies behind
    /// a root is not copied. False when memory is refused; nothing has changed then.
    /// </summary>
    public bool TakeFrom(ValueSlot other)
    {
        if (_table.IsNull) return false;
        if (other.HasRoot) return _table.TakeRoot(ref Entry, _key, other._table, ref other.Entry);
        if (!_table.SetCopy(ref Entry, _key, other.Entry.Record)) return false;
        other._table.Delete(ref other.Entry);
        return true;
    }
}

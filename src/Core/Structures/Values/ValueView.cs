using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>A key's value, to be read: what the views of all types begin with. Valid until the shard's data change.</summary>
public readonly ref struct ValueView
{
    private readonly Entry _entry;
    private readonly EntryTable _table;

    public ValueView(scoped in Entry entry, scoped in EntryTable table)
    {
        _entry = entry;
        _table = table;
    }

    /// <summary>False for a key that is not there: then the value is an empty one of any type.</summary>
    public bool Exists => _entry.Exists;

    public ValueType Type => _entry.Type;

    public bool HasRoot => _entry.Exists && _entry.HasRoot;

    /// <summary>The elements of a value without a root; nothing where there is no key.</summary>
    internal ReadOnlySpan<byte> Packed => _entry.Exists ? _entry.Bytes : default;

    internal Entry Entry => _entry;

    internal uint Root => _entry.Root;

    internal Arena Arena => _table.Arena;

    /// <summary>The members behind the root of a hash, set or sorted set.</summary>
    internal EntryTable Members => _table.MembersOf(_entry.Root);
}

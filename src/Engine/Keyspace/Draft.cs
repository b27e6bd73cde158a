using System.Diagnostics.CodeAnalysis;
using Anax.Core.Structures;

namespace Anax.Engine.Keyspace;

/// <summary>
/// A value in the making: what a command builds, perhaps in slices, before a key takes it or nobody does. It lies on a shard
/// under a number that its maker keeps; no client sees it. Who has made it deletes it, or gives it to an <see cref="Edit"/>.
/// </summary>
public ref struct Draft
{
    private readonly KeyTable? _table;
    private readonly ReadOnlySpan<byte> _name;
    private Entry _entry;

    internal Draft(KeyTable? table, ReadOnlySpan<byte> name)
    {
        _table = table;
        _name = name;
        if (table is not null) _entry = table.Entries.FindDraft(name);
    }

    public readonly bool Exists => _entry.Exists;

    [UnscopedRef]
    public ValueSlot Slot => new(ref _entry, _table is { } table ? table.Entries : default, _name);

    public readonly ValueView View => new(_entry, _entry.Exists ? _table!.Entries : default);

    public void Delete()
    {
        if (_entry.Exists) _table!.Entries.Delete(ref _entry);
    }
}

namespace Anax.Core.Structures;

/// <summary>An entry of a stream, with its fields one after the other. Valid until the shard's data change.</summary>
public ref struct StreamEntry
{
    private readonly ReadOnlySpan<byte> _elements;
    private readonly int _flags;
    private int _fieldAt;
    private int _valueAt;

    /// <summary>The entry at a position of a node's elements.</summary>
    internal StreamEntry(StreamId node, ReadOnlySpan<byte> elements, int fieldsAt, int fieldCount, int at)
    {
        _elements = elements;
        Start = at;
        _flags = (int)Packed.Read(elements, at, out at).Number;
        var ms = Packed.Read(elements, at, out at).Number;
        var sequence = Packed.Read(elements, at, out at).Number;
        Id = new StreamId(node.Ms + (ulong)ms, node.Sequence + (ulong)sequence);
        FieldCount = HasNodeFields ? fieldCount : (int)Packed.Read(elements, at, out at).Number;
        _fieldAt = HasNodeFields ? fieldsAt : -1;
        _valueAt = at;
    }

    public StreamId Id { get; }

    public int FieldCount { get; }

    internal int Start { get; }

    internal readonly bool IsDeleted => (_flags & StreamNode.Deleted) != 0;

    private readonly bool HasNodeFields => (_flags & StreamNode.SameFields) != 0;

    /// <summary>The position behind the entry; asked for before its fields are.</summary>
    internal readonly int End => Packed.Skip(_elements, _valueAt, (HasNodeFields ? FieldCount : 2 * FieldCount) + 1);

    /// <summary>The next field with its value; to be called as often as there are fields.</summary>
    public void Next(out PackedItem field, out PackedItem value)
    {
        field = HasNodeFields ? Packed.Read(_elements, _fieldAt, out _fieldAt) : Packed.Read(_elements, _valueAt, out _valueAt);
        value = Packed.Read(_elements, _valueAt, out _valueAt);
    }
}

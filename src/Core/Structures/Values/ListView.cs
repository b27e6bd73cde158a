namespace Anax.Core.Structures;

/// <summary>A list, to be read.</summary>
public readonly ref struct ListView(ValueView value)
{
    private readonly ValueView _value = value;

    /// <summary>Its elements lie in chunks: they are many.</summary>
    public bool IsLarge => _value.HasRoot;

    public long Count => IsLarge ? Chain.Count : PackedHead.CountOf(Packed);

    internal ListChain Chain => new(_value.Arena, _value.Root);

    internal ReadOnlySpan<byte> Packed => _value.Packed;

    /// <summary>The elements of a packed list, without its head.</summary>
    internal ReadOnlySpan<byte> Elements => Packed.IsEmpty ? default : Packed[PackedHead.Bytes..];

    /// <summary>The first or the last element, which must be there.</summary>
    public ListItem Edge(bool last)
    {
        if (!IsLarge)
        {
            var elements = Elements;
            return new ListItem(Structures.Packed.Read(elements, last ? Structures.Packed.Previous(elements, elements.Length) : 0, out _));
        }
        var chain = Chain;
        chain.GoToEdge(last, out var place);
        var chunk = chain.Chunk(place.Chunk);
        return chunk.Read(last ? chunk.Previous(chunk.Bytes) : 0);
    }

    /// <summary>From an element on, forwards or backwards. With an index outside the list there is nothing to see.</summary>
    public ListWalk Walk(long index, bool backwards) => new(this, index, backwards);

    /// <summary>Checks a large list's structure; for tests.</summary>
    internal void Verify()
    {
        if (IsLarge) Chain.Verify();
    }
}

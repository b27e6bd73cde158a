namespace Anax.Core.Structures;

/// <summary>A list, to be read.</summary>
public readonly ref struct ListView(ValueView value)
{
    private readonly ValueView _value = value;

    /// <summary>Its elements lie in chunks: they are many.</summary>
    public bool IsLarge => _value.HasRoot;

    public long Count => IsLarge ? Chain.Count : PackedHead.CountOf(Packed);

    /// <summary>Chunks of a large list.</summary>
    public long Chunks => Chain.Chunks;

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

    /// <summary>
    /// Looks for the first element with a text in some chunks of a large list, from that of the element of an index on, 0 at first. The
    /// index is that of the element then, or that of the next one to be looked at, -1 when there is none.
    /// </summary>
    public bool FindStep(scoped ReadOnlySpan<byte> text, ref long index)
    {
        var chain = Chain;
        chain.Find(index, out var place, out _);
        index = chain.IndexOf(place);
        for (var left = ListEditor.ChunksPerStep; left > 0; left--)
        {
            var chunk = chain.Chunk(place.Chunk);
            var at = chunk.Find(0, text);
            if (at > 0) index += Structures.Packed.Count(chunk.Elements[..at]);
            if (at >= 0) return true;
            index += chunk.Count;
            if (chain.Next(ref place)) continue;
            index = -1;
            break;
        }
        return false;
    }

    /// <summary>From an element on, forwards or backwards. With an index outside the list there is nothing to see.</summary>
    public ListWalk Walk(long index, bool backwards) => new(this, index, backwards);

    /// <summary>Checks a large list's structure; for tests.</summary>
    internal void Verify()
    {
        if (IsLarge) Chain.Verify();
    }
}

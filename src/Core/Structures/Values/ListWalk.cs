namespace Anax.Core.Structures;

/// <summary>A walk over the elements of a list from a place on. Void once the shard's data change.</summary>
public ref struct ListWalk
{
    private readonly ListChain _chain;
    private readonly bool _isLarge;
    private readonly bool _backwards;
    private ListPlace _place;
    private ListChunk _chunk;

    /// <summary>Of the chunk, or of the whole list; empty where the chunk is one large element.</summary>
    private ReadOnlySpan<byte> _elements;

    /// <summary>The position of the next element; backwards, the one behind it.</summary>
    private int _at;
    private int _end;
    private bool _isOver;

    internal ListWalk(ListView list, long index, bool backwards)
    {
        _isLarge = list.IsLarge;
        _backwards = backwards;
        _isOver = (ulong)index >= (ulong)list.Count;
        if (_isOver) return;
        if (!_isLarge)
        {
            _elements = list.Elements;
            _end = _elements.Length;
            _at = PositionOf(_elements, (int)index + (backwards ? 1 : 0), (int)list.Count);
            return;
        }
        _chain = list.Chain;
        _chain.Find(index, out _place, out var offset);
        Enter();
        _at = _chunk.PositionOf(offset + (backwards ? 1 : 0));
    }

    /// <summary>The next element in the walk's direction; false at the end.</summary>
    public bool Next(out ListItem item)
    {
        if (_at == (_backwards ? 0 : _end) && !NextChunk())
        {
            item = default;
            return false;
        }
        if (_elements.IsEmpty)
        {
            item = _chunk.Read(0);
            _at = _backwards ? 0 : 1;
            return true;
        }
        if (_backwards) _at = Packed.Previous(_elements, _at);
        item = new ListItem(Packed.Read(_elements, _at, out var next));
        if (!_backwards) _at = next;
        return true;
    }

    /// <summary>
    /// Of a walk forwards: the elements that lie packed one behind the other from the next one on, for <see cref="Packed.Read"/>. Empty
    /// where a large one or another chunk comes next, and backwards.
    /// </summary>
    public readonly ReadOnlySpan<byte> Run => _backwards || _elements.IsEmpty ? default : _elements[_at..];

    /// <summary>Goes on behind so many bytes of the <see cref="Run"/>, which end with an element.</summary>
    public void Skip(int bytes) => _at += bytes;

    private bool NextChunk()
    {
        _isOver = _isOver || !_isLarge || !(_backwards ? _chain.Previous(ref _place) : _chain.Next(ref _place));
        if (_isOver) return false;
        Enter();
        _at = _backwards ? _end : 0;
        return true;
    }

    private void Enter()
    {
        _chunk = _chain.Chunk(_place.Chunk);
        _elements = _chunk.IsPlain ? default : _chunk.Elements;
        _end = _chunk.Bytes;
    }

    /// <summary>The position of an element in a sequence by its index, which may be the end, from the nearer side.</summary>
    private static int PositionOf(ReadOnlySpan<byte> elements, int index, int count)
    {
        if (index <= count / 2) return Packed.Skip(elements, 0, index);
        var at = elements.Length;
        for (var left = count - index; left > 0; left--) at = Packed.Previous(elements, at);
        return at;
    }
}

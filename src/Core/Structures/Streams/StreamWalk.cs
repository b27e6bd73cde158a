using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>A walk over the entries of a stream between two ids, both included. Void once the shard's data change.</summary>
public ref struct StreamWalk
{
    private readonly Arena _arena;
    private readonly OrderTree<IdOrder> _nodes;
    private readonly StreamId _from;
    private readonly StreamId _to;
    private readonly bool _backwards;
    private TreePath _path;
    private bool _hasNode;

    private StreamId _nodeId;
    private ReadOnlySpan<byte> _elements;
    private int _fieldsAt;
    private int _fieldCount;
    private int _first;

    /// <summary>The position of the next entry; backwards, the one behind it.</summary>
    private int _at;

    internal StreamWalk(Arena arena, StreamStore stream, StreamId from, StreamId to, bool backwards)
    {
        (_arena, _nodes, _from, _to, _backwards) = (arena, stream.Nodes, from, to, backwards);
        _hasNode = stream.FindNode(backwards ? to : from, out _path) || !backwards && _nodes.FindStart(out _path);
        if (_hasNode) Enter();
    }

    /// <summary>The next entry in the walk's direction; false at the end.</summary>
    public bool Next(out StreamEntry entry)
    {
        while (_hasNode)
        {
            if (_at == (_backwards ? _first : _elements.Length))
            {
                _hasNode = _backwards ? _nodes.Previous(ref _path) : _nodes.Next(ref _path);
                if (_hasNode) Enter();
                continue;
            }
            if (_backwards) _at = StreamNode.StartOf(_elements, _at);
            entry = new StreamEntry(_nodeId, _elements, _fieldsAt, _fieldCount, _at);
            if (!_backwards) _at = entry.End;
            if (_backwards ? entry.Id < _from : entry.Id > _to) break;
            if (!entry.IsDeleted && (_backwards ? entry.Id <= _to : entry.Id >= _from)) return true;
        }
        _hasNode = false;
        entry = default;
        return false;
    }

    private unsafe void Enter()
    {
        var node = new StreamNode(_arena.At(_nodes.At(_path).Handle));
        _nodeId = node.Id;
        _elements = node.Elements;
        _fieldCount = node.FieldCount;
        _fieldsAt = StreamNode.FieldsAt(_elements);
        _first = StreamNode.EntriesAt(_elements);
        _at = _backwards ? _elements.Length : _first;
    }
}

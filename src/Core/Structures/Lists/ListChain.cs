using Anax.Core.Memory;

namespace Anax.Core.Structures;

// A large list: its first and its last chunk are named by the root, the others lie in a tree by their places. So pushing and
// popping touch the root and one chunk; the tree changes when a chunk has been filled or emptied.
//
//     root  | … | tree | first | last | count |
//                 │       │       └──────▶ | gap | e | e | e |     gap |
//                 │       └▶ |     gap | e | e | e | gap |
//                 └▶ leaves ─▶ | e | e | e … |   | e | e | e … |

/// <summary>
/// The chunks behind the root of a list. A view: it holds no state and may be made anew at each use. Owned by the shard's thread.
/// </summary>
internal readonly unsafe partial struct ListChain(Arena arena, uint root)
{
    private readonly Arena _arena = arena;
    private readonly ListRoot* _root = (ListRoot*)(arena.At(root) + ValueRoot.SizeBytes);

    public long Count => _root->Count;

    public long Chunks => Tree.Slots + (_root->First != 0 ? 1 : 0) + (_root->Last != 0 ? 1 : 0);

    /// <summary>Bytes of chunks and of the tree, without the root.</summary>
    public long UsedBytes => _root->ChunkBytes + _root->Tree.NodeBytes;

    /// <summary>What its chunks may hold.</summary>
    public ListLimit Limit
    {
        get => _root->Limit;
        set => _root->Limit = value;
    }

    /// <summary>The only chunk; false when there are none or several.</summary>
    public bool IsSingle => _root->First != 0 && _root->Last == 0;

    public ListChunk First => Chunk(_root->First);

    private OrderTree<ListOrder> Tree => new(_arena, root, ValueRoot.SizeBytes);

    public ListChunk Chunk(uint handle) => new(_arena.At(handle));

    // ---- places ----

    /// <summary>The first or the last chunk.</summary>
    public void GoToEdge(bool last, out ListPlace place)
    {
        place = default;
        if (_root->First == 0) return;
        var isLast = last && _root->Last != 0;
        place.Chunk = isLast ? _root->Last : _root->First;
        place.Part = isLast ? ListPart.Last : ListPart.First;
    }

    /// <summary>The chunk with the element of this index, which must be there, and which of its elements that is.</summary>
    public void Find(long index, out ListPlace place, out int offset)
    {
        Invariant.Holds((ulong)index < (ulong)Count, "an element is looked for outside its list");
        GoToEdge(false, out place);
        offset = (int)Math.Min(index, int.MaxValue);
        var count = First.Count;
        if (index < count) return;
        index -= count;
        var tree = Tree;
        if (index >= tree.Weight)
        {
            GoToEdge(true, out place);
            offset = (int)(index - tree.Weight);
            return;
        }
        _ = tree.FindRank(index, out place.Path, out var rest);
        EnterMiddle(ref place);
        offset = (int)rest;
    }

    /// <summary>The index of the first element of a place's chunk.</summary>
    public long IndexOf(in ListPlace place) => place.Part switch
    {
        ListPart.First => 0,
        ListPart.Middle => First.Count + Tree.RankOf(place.Path),
        _ => First.Count + Tree.Weight,
    };

    /// <summary>The next chunk; false, and nowhere, when there is none.</summary>
    public bool Next(ref ListPlace place)
    {
        var tree = Tree;
        var isMiddle = place.Part == ListPart.First ? tree.FindStart(out place.Path) : place.Part == ListPart.Middle && tree.Next(ref place.Path);
        if (isMiddle) EnterMiddle(ref place);
        else if (place.Part is ListPart.First or ListPart.Middle && _root->Last != 0) GoToEdge(true, out place);
        else place = default;
        return place.Part != ListPart.None;
    }

    /// <summary>The chunk before; false, and nowhere, when there is none.</summary>
    public bool Previous(ref ListPlace place)
    {
        var tree = Tree;
        var isMiddle = place.Part == ListPart.Last ? tree.FindLast(out place.Path) : place.Part == ListPart.Middle && tree.Previous(ref place.Path);
        if (isMiddle) EnterMiddle(ref place);
        else if (place.Part is ListPart.Last or ListPart.Middle) GoToEdge(false, out place);
        else place = default;
        return place.Part != ListPart.None;
    }

    private void EnterMiddle(ref ListPlace place)
    {
        place.Part = ListPart.Middle;
        place.Chunk = Tree.At(place.Path).Handle;
    }

    // ---- chunks ----

    /// <summary>The chunk of a place lies elsewhere, or has another number of elements.</summary>
    private void Put(ref ListPlace place, uint chunk)
    {
        place.Chunk = chunk;
        if (place.Part == ListPart.First) _root->First = chunk;
        else if (place.Part == ListPart.Last) _root->Last = chunk;
        else Tree.Replace(ref place.Path, SlotOf(chunk));
    }

    private TreeSlot SlotOf(uint chunk) => new((uint)Chunk(chunk).Count, chunk);

    /// <summary>
    /// Adds a chunk before or behind that of a place, which names the new one then; its elements are counted. False when memory
    /// is refused: the chunk is given back then.
    /// </summary>
    private bool Add(ref ListPlace place, uint chunk, bool after)
    {
        if (!TryLink(ref place, chunk, after))
        {
            Discard(chunk);
            return false;
        }
        place.Chunk = chunk;
        _root->Count += Chunk(chunk).Count;
        return true;
    }

    private bool TryLink(ref ListPlace place, uint chunk, bool after)
    {
        var tree = Tree;
        switch (place.Part)
        {
            case ListPart.None:
                _root->First = chunk;
                place.Part = ListPart.First;
                return true;
            case ListPart.First when _root->Last == 0:
                _root->Last = after ? chunk : _root->First;
                if (!after) _root->First = chunk;
                place.Part = after ? ListPart.Last : ListPart.First;
                return true;
            case ListPart.First:
                _ = tree.FindStart(out place.Path);
                if (!tree.InsertBefore(ref place.Path, SlotOf(after ? chunk : _root->First))) return false;
                if (after) place.Part = ListPart.Middle;
                else _root->First = chunk;
                return true;
            case ListPart.Last:
                tree.FindEnd(out place.Path);
                if (!tree.InsertBefore(ref place.Path, SlotOf(after ? _root->Last : chunk))) return false;
                if (after) _root->Last = chunk;
                else place.Part = ListPart.Middle;
                return true;
            default:
                return after ? tree.InsertAfter(ref place.Path, SlotOf(chunk)) : tree.InsertBefore(ref place.Path, SlotOf(chunk));
        }
    }

    /// <summary>Takes the chunk of a place away with its elements; the place names the next one, or nothing.</summary>
    private void Remove(ref ListPlace place)
    {
        var chunk = place.Chunk;
        _root->Count -= Chunk(chunk).Count;
        Unlink(ref place);
        Discard(chunk);
    }

    private void Unlink(ref ListPlace place)
    {
        var tree = Tree;
        if (place.Part == ListPart.Middle)
        {
            if (tree.Remove(ref place.Path)) EnterMiddle(ref place);
            else GoToEdge(true, out place);
            return;
        }
        var isFirst = place.Part == ListPart.First;
        var neighbour = 0u;
        if (isFirst ? tree.FindStart(out var path) : tree.FindLast(out path))
        {
            neighbour = tree.At(path).Handle;
            _ = tree.Remove(ref path);
        }
        else if (isFirst)
        {
            neighbour = _root->Last;
            _root->Last = 0;
        }
        if (isFirst) _root->First = neighbour;
        else _root->Last = neighbour;
        place = default;
        if (isFirst) GoToEdge(false, out place);
    }

    /// <summary>A chunk without elements, in a cell of about this size; 0 when memory is refused.</summary>
    private uint NewChunk(int cellBytes)
    {
        var handle = _arena.Allocate(cellBytes);
        if (handle == 0) return 0;
        _root->ChunkBytes += _arena.CellBytesOf(handle);
        Chunk(handle).Initialize(ListChunk.HeaderBytes, ListChunk.HeaderBytes, 0);
        return handle;
    }

    /// <summary>A chunk of one large value, in its block where one is given; 0 when memory is refused.</summary>
    private uint NewPlain(scoped ReadOnlySpan<byte> value, NativeBlock block)
    {
        var handle = _arena.Allocate(ListChunk.PlainBytes);
        if (handle == 0) return 0;
        if (!block.IsNull) block.AddReference();
        else
        {
            block = NativeBlock.Allocate(value.Length);
            if (block.IsNull)
            {
                _arena.FreeNow(handle);
                return 0;
            }
            value.CopyTo(block.Bytes);
        }
        _arena.AddExternal(block);
        _root->ChunkBytes += _arena.CellBytesOf(handle) + block.FootprintBytes;
        Chunk(handle).InitializePlain(block, value.Length);
        return handle;
    }

    /// <summary>Gives a chunk back that no place names; its content stays until the command is over, but for that of a block.</summary>
    private void Discard(uint chunk)
    {
        _root->ChunkBytes -= _arena.CellBytesOf(chunk);
        if (Chunk(chunk).IsPlain)
        {
            _root->ChunkBytes -= Chunk(chunk).Block.FootprintBytes;
            _arena.DropExternal(Chunk(chunk).Block);
        }
        _arena.Free(chunk);
    }
}

using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>Walks over whole lists: freeing, moving, filling.</summary>
internal readonly unsafe partial struct ListChain
{
    /// <summary>Frees at most about so many chunks; true when nothing is left but the root.</summary>
    public bool FreeStep(int budget)
    {
        var visitor = new Freer { Chain = this };
        if (!Tree.FreeStep(budget, ref visitor)) return false;
        if (_root->First != 0) Discard(_root->First);
        if (_root->Last != 0) Discard(_root->Last);
        (_root->First, _root->Last, _root->Count) = (0, 0, 0);
        return true;
    }

    /// <summary>
    /// Moves chunks and nodes off extents that the arena empties, about so many from a position on, 0 at the start; true at the
    /// end of a round. What must not be read any more is freed at once: no command may be under way.
    /// </summary>
    public bool MoveStep(ref long position, int budget)
    {
        var mover = new Mover(_arena);
        if (position == 0)
        {
            if (_root->First != 0) _root->First = mover.Move(_root->First);
            if (_root->Last != 0) _root->Last = mover.Move(_root->Last);
        }
        return Tree.MoveNodes(ref position, budget, ref mover);
    }

    /// <summary>All elements one behind the other, as Packed writes them. False when memory is refused, or a block is too small.</summary>
    public bool TryFlatten(out NativeBlock flat, out int length)
    {
        flat = default;
        length = 0;
        long bytes = 0;
        GoToEdge(false, out var place);
        for (var more = Count != 0; more; more = Next(ref place)) bytes += FlatBytes(Chunk(place.Chunk));
        if (bytes > NativeBlock.CapacityMax) return false;
        flat = NativeBlock.Allocate((int)bytes);
        if (flat.IsNull) return false;
        var target = flat.Bytes;
        GoToEdge(false, out place);
        for (var more = Count != 0; more; more = Next(ref place))
        {
            var chunk = Chunk(place.Chunk);
            if (chunk.IsPlain) Packed.Write(target, chunk.PlainValue);
            else chunk.Elements.CopyTo(target);
            target = target[FlatBytes(chunk)..];
        }
        length = (int)bytes;
        return true;
    }

    private static int FlatBytes(ListChunk chunk) => chunk.IsPlain ? Packed.SizeOf(chunk.PlainValue) : chunk.Bytes;

    /// <summary>
    /// Adds packed elements at the end, in chunks that a limit lets fill. False when memory is refused; some may have been added then.
    /// </summary>
    public bool AppendAll(scoped ReadOnlySpan<byte> elements, ListLimit limit)
    {
        for (var at = 0; at < elements.Length;)
        {
            var item = Packed.Read(elements, at, out var next);
            if (!item.IsInteger && item.Bytes.Length > EntryTable.InlineBytesMax)
            {
                GoToEdge(true, out var place);
                var plain = NewPlain(item.Bytes, default);
                if (plain == 0 || !Add(ref place, plain, after: true)) return false;
                at = next;
                continue;
            }
            var count = 1;
            for (; next < elements.Length; count++)
            {
                var end = Packed.Next(elements, next);
                var isFull = limit.IsExceeded(end - at, count + 1) || ListChunk.HeaderBytes + end - at > limit.ChunkBytesMax;
                if (isFull || end - next > EntryTable.InlineBytesMax) break;
                next = end;
            }
            if (!AppendChunk(elements[at..next], count)) return false;
            at = next;
        }
        return true;
    }

    /// <summary>Adds so many packed elements at the end, in a chunk of their own. False when memory is refused.</summary>
    public bool AppendChunk(scoped ReadOnlySpan<byte> elements, int count)
    {
        var added = NewChunk(ListChunk.HeaderBytes + elements.Length);
        if (added == 0) return false;
        Chunk(added).Initialize(ListChunk.HeaderBytes, ListChunk.HeaderBytes + elements.Length, count);
        elements.CopyTo(Chunk(added).Elements);
        GoToEdge(true, out var place);
        return Add(ref place, added, after: true);
    }

    /// <summary>Adds a large element at the end, in a block that is shared. False when memory is refused.</summary>
    public bool AppendPlain(NativeBlock block, int length)
    {
        var added = NewPlain(block.Bytes[..length], block);
        if (added == 0) return false;
        GoToEdge(true, out var place);
        return Add(ref place, added, after: true);
    }

    /// <summary>Checks the whole structure; for tests.</summary>
    public void Verify()
    {
        Tree.Verify();
        Invariant.Holds(_root->First != 0 || _root->Last == 0 && Tree.Weight == 0, "a list without a first chunk has others");
        Invariant.Holds(_root->Last != 0 || Tree.Weight == 0, "a list without a last chunk has some in between");
        long count = 0, bytes = 0;
        GoToEdge(false, out var place);
        for (var more = _root->First != 0; more; more = Next(ref place))
        {
            var chunk = Chunk(place.Chunk);
            bytes += _arena.CellBytesOf(place.Chunk);
            count += chunk.Count;
            if (chunk.IsPlain) bytes += chunk.Block.FootprintBytes;
            else
            {
                Invariant.Holds(Packed.IsValid(chunk.Elements, out var found) && found == chunk.Count, "a chunk's elements are not what it counts");
                Invariant.Holds(chunk.Start >= ListChunk.HeaderBytes && chunk.End <= _arena.CellBytesOf(place.Chunk), "a chunk outgrows its cell");
            }
            Invariant.Holds(chunk.Count > 0, "a chunk is empty");
            Invariant.Holds(place.Part != ListPart.Middle || Tree.At(place.Path).Key32 == chunk.Count, "a slot's weight is not its chunk's");
        }
        Invariant.Holds(count == Count, "a list does not count its elements");
        Invariant.Holds(bytes == _root->ChunkBytes, "a list does not count its bytes");
    }

    private struct Freer : ITreeVisitor
    {
        public ListChain Chain;

        public readonly void Visit(TreeSlot slot) => Chain.Discard(slot.Handle);
    }

    private readonly struct Mover(Arena arena) : ITreeMover
    {
        public uint Move(TreeSlot slot) => Move(slot.Handle);

        public uint Move(uint chunk)
        {
            if (!arena.MustMove(chunk)) return chunk;
            var moved = arena.Move(chunk);
            return moved == 0 ? chunk : moved;
        }
    }
}

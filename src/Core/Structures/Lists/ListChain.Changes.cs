using Anax.Core.Memory;

namespace Anax.Core.Structures;

// A value that comes to a chunk:                            A chunk that has lost elements:
//
//     the gap at its side is large enough: written          nothing left: gone
//     the chunk may take more: a cell twice as large        it fits beside the one before it, and one of the two
//     else: a chunk of its own, at the end of the list;     is sparse: merged
//     in the middle the neighbour, or the chunk is cut
//     at the place
//
// A chunk that is not at an end any more gives up what it has too much. A change takes its memory first: refused, it has
// changed no element.

/// <summary>Pushing, popping, inserting, removing.</summary>
internal readonly unsafe partial struct ListChain
{
    private const int ChunkBytesMin = 512;

    // ---- at the ends ----

    /// <summary>Adds a value at an end; a block that holds just the value may be given. False when memory is refused.</summary>
    public bool Push(bool last, scoped ReadOnlySpan<byte> value, NativeBlock block)
    {
        GoToEdge(last, out var place);
        if (value.Length <= EntryTable.InlineBytesMax && place.Part != ListPart.None)
        {
            var size = Packed.SizeOf(value);
            if (Takes(place.Chunk, value.Length, size) && !IsWornOut(place.Chunk, last, size))
                return Write(ref place, last ? Chunk(place.Chunk).Bytes : 0, value, size);
        }
        var added = NewFilled(value, block, last);
        if (added == 0) return false;
        if (place.Part != ListPart.None) Tighten(ref place);
        return Add(ref place, added, after: last);
    }

    /// <summary>
    /// Adds a value at the end of a list that is built as another server had it: to the last chunk as long as the limit allows, or
    /// to a new one. False when memory is refused.
    /// </summary>
    public bool Append(scoped ReadOnlySpan<byte> value, bool apart)
    {
        GoToEdge(true, out var place);
        if (!apart && value.Length <= EntryTable.InlineBytesMax && place.Part != ListPart.None)
        {
            var chunk = Chunk(place.Chunk);
            var size = Packed.SizeOf(value);
            if (!chunk.IsPlain && !Limit.IsExceeded((long)chunk.Bytes + size, chunk.Count + 1) && HasRoom(chunk, size))
                return Write(ref place, chunk.Bytes, value, size);
        }
        var added = NewFilled(value, default, true);
        if (added == 0) return false;
        if (place.Part != ListPart.None) Tighten(ref place);
        return Add(ref place, added, after: true);
    }

    /// <summary>Takes so many elements, which must be there, away from an end.</summary>
    public void Pop(bool last, long count)
    {
        while (count > 0)
        {
            GoToEdge(last, out var place);
            var chunk = Chunk(place.Chunk);
            if (chunk.Count <= count)
            {
                count -= chunk.Count;
                Remove(ref place);
                continue;
            }
            if (last) chunk.End = chunk.Start + chunk.PositionOf(chunk.Count - (int)count);
            else chunk.Start += chunk.PositionOf((int)count);
            chunk.Count -= (int)count;
            _root->Count -= count;
            return;
        }
    }

    /// <summary>Moving the whole chunk for the sake of one side is worth it only while much of it is free.</summary>
    private bool IsWornOut(uint handle, bool last, int size)
    {
        var chunk = Chunk(handle);
        var cell = _arena.CellBytesOf(handle);
        var gap = last ? cell - chunk.End : chunk.Start - ListChunk.HeaderBytes;
        return gap < size && cell >= Limit.ChunkBytesMax && chunk.Bytes > cell / 2;
    }

    // ---- anywhere ----

    /// <summary>
    /// Inserts a value before a position of a place's chunk, which may be its end; both name the new element then. False when
    /// memory is refused.
    /// </summary>
    public bool Insert(ref ListPlace place, ref int at, scoped ReadOnlySpan<byte> value, NativeBlock block)
    {
        var size = value.Length <= EntryTable.InlineBytesMax ? Packed.SizeOf(value) : int.MaxValue;
        if (Takes(place.Chunk, value.Length, size)) return Write(ref place, at, value, size);
        if (at == 0 || at == Chunk(place.Chunk).Bytes)
        {
            // Between two chunks: the other one may have room.
            var neighbour = place;
            var isThere = at == 0 ? Previous(ref neighbour) : Next(ref neighbour);
            if (isThere && Takes(neighbour.Chunk, value.Length, size))
            {
                at = at == 0 ? Chunk(neighbour.Chunk).Bytes : 0;
                place = neighbour;
                return Write(ref place, at, value, size);
            }
        }
        else
        {
            if (!Split(ref place, at)) return false;
            if (Takes(place.Chunk, value.Length, size)) return Write(ref place, at, value, size);
        }
        var added = NewFilled(value, block, true);
        if (added == 0) return false;
        var isAfter = at != 0;
        at = 0;
        return Add(ref place, added, isAfter);
    }

    /// <summary>Another value for an element. False when memory is refused.</summary>
    public bool Replace(ref ListPlace place, int at, scoped ReadOnlySpan<byte> value, NativeBlock block)
    {
        var chunk = Chunk(place.Chunk);
        var isShort = value.Length <= EntryTable.InlineBytesMax;
        if (chunk.Count == 1)
        {
            var added = NewFilled(value, block, true);
            if (added == 0) return false;
            var replaced = place.Chunk;
            Put(ref place, added);
            Discard(replaced);
            // A short value may do without a chunk of its own, which a long one had.
            _ = Condense(ref place);
            if (Next(ref place)) _ = Condense(ref place);
            return true;
        }
        var old = chunk.Next(at) - at;
        var size = isShort ? Packed.SizeOf(value) : int.MaxValue;
        if (isShort && size <= old)
        {
            CloseGap(chunk, at, old - size);
            _ = Packed.Write(new Span<byte>(chunk.At(at), size), value);
            return true;
        }
        if (isShort && HasRoom(chunk, size - old))
        {
            if (!OpenGap(ref place, at, size - old)) return false;
            _ = Packed.Write(new Span<byte>(Chunk(place.Chunk).At(at), size), value);
            return true;
        }
        if (!Insert(ref place, ref at, value, block)) return false;
        at = Chunk(place.Chunk).Next(at);
        if (at == Chunk(place.Chunk).Bytes)
        {
            _ = Next(ref place);
            at = 0;
        }
        Delete(ref place, at);
        return true;
    }

    /// <summary>Takes an element away; the place may be void afterwards.</summary>
    private void Delete(ref ListPlace place, int at)
    {
        var chunk = Chunk(place.Chunk);
        if (chunk.Count == 1)
        {
            Remove(ref place);
            return;
        }
        CloseGap(chunk, at, chunk.Next(at) - at);
        chunk.Count--;
        _root->Count--;
        Put(ref place, place.Chunk);
        _ = Condense(ref place);
    }

    /// <summary>
    /// Takes all elements with this text away from the chunk of a place, at most so many: the first ones, or the last ones.
    /// The place goes on to the next chunk in that direction; returns how many were removed.
    /// </summary>
    public long RemoveMatches(ref ListPlace place, scoped ReadOnlySpan<byte> text, long most, bool lastFirst)
    {
        var chunk = Chunk(place.Chunk);
        var matches = CountMatches(chunk, text);
        var removed = (int)Math.Min(matches, most);
        if (removed == chunk.Count)
        {
            Remove(ref place);
            if (!lastFirst) return removed;
            if (place.Part == ListPart.None) GoToEdge(true, out place);
            else _ = Previous(ref place);
            return removed;
        }
        if (removed != 0)
        {
            var bytes = PackedMatches.Remove(chunk.Elements, text, lastFirst ? matches - removed : 0, removed);
            chunk.End = chunk.Start + bytes;
            chunk.Count -= removed;
            _root->Count -= removed;
            Put(ref place, place.Chunk);
            // The one before, which has come into the same chunk, has its turn yet.
            if (Condense(ref place) && lastFirst) return removed;
        }
        if (lastFirst) _ = Previous(ref place);
        else _ = Next(ref place);
        return removed;
    }

    private static int CountMatches(ListChunk chunk, scoped ReadOnlySpan<byte> text)
    {
        if (chunk.IsPlain) return chunk.Find(0, text) == 0 ? 1 : 0;
        return PackedMatches.Count(chunk.Elements, text);
    }

    // ---- within a chunk ----

    private bool Takes(uint handle, int valueLength, int size)
    {
        var chunk = Chunk(handle);
        return !chunk.IsPlain && size != int.MaxValue && Limit.Allows(chunk.Bytes, chunk.Count, valueLength) && HasRoom(chunk, size);
    }

    private static bool HasRoom(ListChunk chunk, int size) => ListChunk.HeaderBytes + chunk.Bytes + size <= Arena.CellBytesMax;

    private bool Write(ref ListPlace place, int at, scoped ReadOnlySpan<byte> value, int size)
    {
        if (!OpenGap(ref place, at, size)) return false;
        var chunk = Chunk(place.Chunk);
        _ = Packed.Write(new Span<byte>(chunk.At(at), size), value);
        chunk.Count++;
        _root->Count++;
        if (place.Part == ListPart.Middle) Put(ref place, place.Chunk);
        return true;
    }

    /// <summary>A chunk of one value, with room for more at the side where the next ones are expected; 0 when memory is refused.</summary>
    private uint NewFilled(scoped ReadOnlySpan<byte> value, NativeBlock block, bool growsAtEnd)
    {
        if (value.Length > EntryTable.InlineBytesMax) return NewPlain(value, block);
        var size = Packed.SizeOf(value);
        var handle = NewChunk(CellBytesFor(size));
        if (handle == 0) return 0;
        var chunk = Chunk(handle);
        var start = growsAtEnd ? ListChunk.HeaderBytes : _arena.CellBytesOf(handle) - size;
        chunk.Initialize(start, start + size, 1);
        _ = Packed.Write(chunk.Elements, value);
        return handle;
    }

    /// <summary>Bytes of a cell for so many bytes of elements: room for as many again, where a chunk may have them.</summary>
    private int CellBytesFor(int bytes)
    {
        var needed = ListChunk.HeaderBytes + bytes;
        return Math.Max(needed, Math.Min(Limit.ChunkBytesMax, Math.Max(2 * needed, ChunkBytesMin)));
    }

    /// <summary>Makes room at a position, from the gap that moves fewer bytes, else in a larger cell. False when memory is refused.</summary>
    private bool OpenGap(ref ListPlace place, int at, int size)
    {
        var chunk = Chunk(place.Chunk);
        int bytes = chunk.Bytes, start = chunk.Start;
        var before = start - ListChunk.HeaderBytes;
        var after = _arena.CellBytesOf(place.Chunk) - chunk.End;
        if (before >= size && (after < size || at < bytes - at))
        {
            chunk.Start = start - size;
            new Span<byte>(chunk.At(size), at).CopyTo(new Span<byte>(chunk.At(0), at));
            return true;
        }
        if (after >= size)
        {
            chunk.End += size;
            new Span<byte>(chunk.At(at), bytes - at).CopyTo(new Span<byte>(chunk.At(at + size), bytes - at));
            return true;
        }
        var handle = NewChunk(CellBytesFor(bytes + size));
        if (handle == 0) return false;
        var target = Chunk(handle);
        var first = at == 0 ? _arena.CellBytesOf(handle) - bytes - size : ListChunk.HeaderBytes;
        target.Initialize(first, first + bytes + size, chunk.Count);
        new Span<byte>(chunk.At(0), at).CopyTo(new Span<byte>(target.At(0), at));
        new Span<byte>(chunk.At(at), bytes - at).CopyTo(new Span<byte>(target.At(at + size), bytes - at));
        Exchange(ref place, handle);
        return true;
    }

    private static void CloseGap(ListChunk chunk, int at, int size)
    {
        var behind = chunk.Bytes - at - size;
        if (at < behind)
        {
            new Span<byte>(chunk.At(0), at).CopyTo(new Span<byte>(chunk.At(size), at));
            chunk.Start += size;
            return;
        }
        new Span<byte>(chunk.At(at + size), behind).CopyTo(new Span<byte>(chunk.At(at), behind));
        chunk.End -= size;
    }

    /// <summary>The same elements in another chunk; the one that had them is given back.</summary>
    private void Exchange(ref ListPlace place, uint handle)
    {
        var old = place.Chunk;
        Put(ref place, handle);
        Discard(old);
    }

    /// <summary>Gives up what a chunk has free beyond an eighth of its cell. Where memory is refused, it keeps it.</summary>
    private void Tighten(ref ListPlace place)
    {
        var chunk = Chunk(place.Chunk);
        var cell = _arena.CellBytesOf(place.Chunk);
        if (chunk.IsPlain || _arena.CellBytes(ListChunk.HeaderBytes + chunk.Bytes) >= cell - cell / 8) return;
        var handle = NewChunk(ListChunk.HeaderBytes + chunk.Bytes);
        if (handle == 0) return;
        Chunk(handle).Initialize(ListChunk.HeaderBytes, ListChunk.HeaderBytes + chunk.Bytes, chunk.Count);
        chunk.Elements.CopyTo(Chunk(handle).Elements);
        Exchange(ref place, handle);
    }

    // ---- neighbours ----

    /// <summary>Puts the elements from a position on into a chunk of their own behind. False when memory is refused.</summary>
    private bool Split(ref ListPlace place, int at)
    {
        var chunk = Chunk(place.Chunk);
        var moved = chunk.Bytes - at;
        var handle = NewChunk(ListChunk.HeaderBytes + moved);
        if (handle == 0) return false;
        var count = Packed.Count(chunk.Elements, at);
        Chunk(handle).Initialize(ListChunk.HeaderBytes, ListChunk.HeaderBytes + moved, count);
        chunk.Elements[at..].CopyTo(Chunk(handle).Elements);
        if (!Add(ref place, handle, after: true)) return false;
        _ = Previous(ref place);
        chunk.End -= moved;
        chunk.Count -= count;
        _root->Count -= count;
        Put(ref place, place.Chunk);
        return true;
    }

    /// <summary>
    /// After elements have gone: merges the chunk of a place with the one before where both fit and one is sparse; the place
    /// names both then, and true is returned. Otherwise gives up what is free. Where memory is refused, it stays.
    /// </summary>
    private bool Condense(ref ListPlace place)
    {
        const int Sparse = 3;
        var max = Limit.ChunkBytesMax;
        var chunk = Chunk(place.Chunk);
        var into = place;
        if (Previous(ref into))
        {
            var other = Chunk(into.Chunk);
            int bytes = chunk.Bytes, sum = other.Bytes + bytes, count = chunk.Count;
            var isSparse = Math.Min(bytes, other.Bytes) < max / Sparse;
            var fits = !other.IsPlain && sum <= max - max / 8 && !Limit.IsExceeded(sum, other.Count + count);
            if (isSparse && fits && !chunk.IsPlain && OpenGap(ref into, other.Bytes, bytes))
            {
                other = Chunk(into.Chunk);
                chunk.Elements.CopyTo(new Span<byte>(other.At(other.Bytes - bytes), bytes));
                other.Count += count;
                Put(ref into, into.Chunk);
                place = into;
                _ = Next(ref into);
                var emptied = into.Chunk;
                Unlink(ref into);
                Discard(emptied);
                // What follows a removed chunk has come nearer: the path is another one.
                if (into.Part == ListPart.None) GoToEdge(true, out place);
                else
                {
                    place = into;
                    _ = Previous(ref place);
                }
                return true;
            }
        }
        if (place.Part == ListPart.Middle) Tighten(ref place);
        return false;
    }
}

using Anax.Core.Buffers;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// A list, open for a change. Each change either takes place as a whole or is refused and leaves the elements as they were. A
/// list that has lost its last element is to be deleted with its key.
/// </summary>
public readonly ref struct ListEditor
{
    /// <summary>Chunks that one step looks at.</summary>
    internal const int ChunksPerStep = 4;

    private const int StackMax = 512;

    private readonly ValueSlot _slot;
    private readonly ListLimit _limit;

    public ListEditor(ValueSlot slot, ListLimit limit)
    {
        _slot = slot;
        _limit = limit;
    }

    public ListView View => new(_slot.View);

    private ListChain Chain => View.Chain;

    // ---- push ----

    /// <summary>Adds values at an end, one after the other. False when memory is refused.</summary>
    public bool Push(bool last, Arguments values)
    {
        long bytes = 0, size = 0;
        for (var i = 0; i < values.Count; i++)
        {
            bytes += values[i].Length;
            size += Packed.SizeOf(values[i]);
        }
        if (!MakeRoom(bytes, values.Count)) return false;
        if (!_slot.HasRoot) return PushPacked(last, values, (int)size);
        var chain = Chain;
        for (var i = 0; i < values.Count; i++)
        {
            NativeBlock block = default;
            var hasBlock = values[i].Length > EntryTable.InlineBytesMax && values.TryTakeBlock(i, out block);
            var isDone = chain.Push(last, values[i], block);
            if (hasBlock) block.Release();
            if (isDone) continue;
            chain.Pop(last, i);
            return false;
        }
        return true;
    }

    /// <summary>Adds a value at an end; a block that holds just the value may be given. False when memory is refused.</summary>
    public bool Push(bool last, scoped ReadOnlySpan<byte> value, NativeBlock block)
    {
        if (!MakeRoom(value.Length, 1)) return false;
        if (_slot.HasRoot) return Chain.Push(last, value, block);
        if (!_slot.Exists) return SetFirst(value);
        var at = last ? _slot.View.Packed.Length : PackedHead.Bytes;
        return Splice(at, 0, value, 1);
    }

    /// <summary>
    /// Gives the list chunks where it would become too large with so many more bytes and elements: Valkey decides so before it
    /// looks at what the change will be. False when memory is refused.
    /// </summary>
    public bool MakeRoom(long bytes, long count)
    {
        if (_slot.HasRoot) return true;
        var elements = View.Elements;
        return !_limit.IsExceeded(elements.Length + bytes, View.Count + count) || Convert();
    }

    private bool PushPacked(bool last, Arguments values, int size)
    {
        if (_slot.Exists)
        {
            var count = (int)View.Count;
            var at = last ? _slot.View.Packed.Length : PackedHead.Bytes;
            if (!_slot.Splice(at, 0, size, out var longer)) return false;
            WriteAll(longer.Slice(at, size), values, last);
            PackedHead.Write(longer, PackedKind.Elements, count + values.Count);
            return true;
        }
        size += PackedHead.Bytes;
        if (size <= StackMax)
        {
            Span<byte> packed = stackalloc byte[StackMax];
            return SetAll(packed[..size], values, last);
        }
        var block = NativeBlock.Allocate(size);
        if (block.IsNull) return false;
        var isDone = SetAll(block.Bytes[..size], values, last);
        block.Release();
        return isDone;
    }

    private bool SetAll(scoped Span<byte> packed, Arguments values, bool last)
    {
        PackedHead.Write(packed, PackedKind.Elements, values.Count);
        WriteAll(packed[PackedHead.Bytes..], values, last);
        return _slot.SetPacked(ValueType.List, packed);
    }

    /// <summary>The values in their order, or the last one first.</summary>
    private static void WriteAll(scoped Span<byte> target, Arguments values, bool inOrder)
    {
        for (var i = 0; i < values.Count; i++)
            target = target[Packed.Write(target, values[inOrder ? i : values.Count - 1 - i])..];
    }

    private bool SetFirst(scoped ReadOnlySpan<byte> value)
    {
        var size = PackedHead.Bytes + Packed.SizeOf(value);
        if (size <= StackMax)
        {
            Span<byte> packed = stackalloc byte[StackMax];
            return SetFirst(packed[..size], value);
        }
        var block = NativeBlock.Allocate(size);
        if (block.IsNull) return false;
        var isDone = SetFirst(block.Bytes[..size], value);
        block.Release();
        return isDone;
    }

    private bool SetFirst(scoped Span<byte> packed, scoped ReadOnlySpan<byte> value)
    {
        PackedHead.Write(packed, PackedKind.Elements, 1);
        _ = Packed.Write(packed[PackedHead.Bytes..], value);
        return _slot.SetPacked(ValueType.List, packed);
    }

    /// <summary>Packed elements, so many of them, in place of whatever is there. False when memory is refused.</summary>
    public bool SetAll(scoped ReadOnlySpan<byte> elements, int count)
    {
        if (_limit.IsExceeded(elements.Length, count)) return SetChunks(elements, _limit);
        var block = NativeBlock.Allocate(PackedHead.Bytes + elements.Length);
        if (block.IsNull) return false;
        var packed = block.Bytes[..(PackedHead.Bytes + elements.Length)];
        PackedHead.Write(packed, PackedKind.Elements, count);
        elements.CopyTo(packed[PackedHead.Bytes..]);
        var isDone = _slot.SetPacked(ValueType.List, packed);
        block.Release();
        return isDone;
    }

    /// <summary>
    /// Adds a value at the end of a list that is built of chunks, the first of a new one if so asked, however small it is yet; see
    /// <see cref="Settle"/>. False when memory is refused.
    /// </summary>
    internal bool Build(scoped ReadOnlySpan<byte> value, bool apart)
    {
        if (!_slot.Exists)
        {
            var root = _slot.MakeRootForList(_limit);
            if (root == 0 || !_slot.SetRoot(ValueType.List, root)) return false;
        }
        return Chain.Append(value, apart);
    }

    /// <summary>
    /// Packs a list that was built of one node of elements, where it is within the limit. Where memory is refused, it stays as it
    /// is.
    /// </summary>
    internal void Settle()
    {
        // A chunk may hold less than the largest node.
        const int ChunksMax = 16;
        if (!_slot.HasRoot || Chain.Chunks > ChunksMax || Chain.First.IsPlain) return;
        if (!Chain.TryFlatten(out var flat, out var length)) return;
        if (!_limit.IsExceeded(length, Chain.Count)) _ = SetAll(flat.Bytes[..length], (int)Chain.Count);
        flat.Release();
    }

    // ---- pop ----

    /// <summary>Takes so many elements, which must be there, away from an end.</summary>
    public void Pop(bool last, long count)
    {
        if (_slot.HasRoot)
        {
            Chain.Pop(last, count);
            Shrink();
            return;
        }
        var packed = _slot.View.Packed;
        var left = (int)(View.Count - count);
        var at = PackedHead.Bytes;
        var end = packed.Length;
        if (last)
        {
            at = end;
            if (count > left) at = Packed.Skip(packed, PackedHead.Bytes, left);
            else for (var i = 0; i < count; i++) at = Packed.Previous(packed, at);
        }
        else end = Packed.Skip(packed, at, (int)count);
        Cut(at, end - at, left);
    }

    /// <summary>Keeps the elements between two indexes, both included and there.</summary>
    public void Trim(long first, long last)
    {
        var count = View.Count;
        if (last + 1 < count) Pop(true, count - last - 1);
        if (first > 0) Pop(false, first);
    }

    // ---- anywhere ----

    /// <summary>
    /// Inserts a value before or behind the first element with a text. False when memory is refused; otherwise it says whether
    /// there is such an element.
    /// </summary>
    public bool Insert(scoped ReadOnlySpan<byte> pivot, bool after, scoped ReadOnlySpan<byte> value, NativeBlock block, out bool isFound)
    {
        isFound = false;
        if (!_slot.HasRoot)
        {
            var packed = _slot.View.Packed;
            var position = Packed.Find(packed, PackedHead.Bytes, pivot, 1);
            isFound = position >= 0;
            if (!_limit.IsExceeded(packed.Length - PackedHead.Bytes + value.Length, View.Count + 1))
                return !isFound || Splice(after ? Packed.Next(packed, position) : position, 0, value, 1);
            if (!Convert()) return false;
        }
        for (var index = 0L; index >= 0;)
        {
            isFound = View.FindStep(pivot, ref index);
            if (isFound) return InsertAt(index, after, value, block);
        }
        return true;
    }

    /// <summary>Inserts a value before or behind the element of an index, which must be there, in a large list. False when memory is refused.</summary>
    public bool InsertAt(long index, bool after, scoped ReadOnlySpan<byte> value, NativeBlock block)
    {
        var chain = Chain;
        chain.Find(index, out var place, out var offset);
        var at = chain.Chunk(place.Chunk).PositionOf(offset);
        if (after) at = chain.Chunk(place.Chunk).Next(at);
        return chain.Insert(ref place, ref at, value, block);
    }

    /// <summary>Gives the element of an index, which must be there, another value. False when memory is refused.</summary>
    public bool Set(long index, scoped ReadOnlySpan<byte> value, NativeBlock block)
    {
        if (!MakeRoom(value.Length, 1)) return false;
        if (!_slot.HasRoot)
        {
            var packed = _slot.View.Packed;
            var position = Packed.Skip(packed, PackedHead.Bytes, (int)index);
            return Splice(position, Packed.Next(packed, position) - position, value, 0);
        }
        var chain = Chain;
        chain.Find(index, out var place, out var offset);
        if (!chain.Replace(ref place, chain.Chunk(place.Chunk).PositionOf(offset), value, block)) return false;
        Shrink();
        return true;
    }

    /// <summary>
    /// Takes elements with a text away, at most so many: the first ones, or the last ones. Returns how many went.
    /// </summary>
    public long Remove(scoped ReadOnlySpan<byte> text, long most, bool lastFirst)
    {
        if (!_slot.HasRoot)
        {
            var elements = View.Elements;
            var matches = PackedMatches.Count(elements, text);
            var taken = (int)Math.Min(matches, most);
            if (taken == 0) return 0;
            var left = (int)View.Count - taken;
            // In place: a value that is not shared is given by a splice of nothing.
            var isDone = _slot.Splice(PackedHead.Bytes, 0, 0, out var packed);
            Invariant.Holds(isDone, "a value that keeps its length is never refused");
            var bytes = PackedMatches.Remove(packed[PackedHead.Bytes..], text, lastFirst ? matches - taken : 0, taken);
            Cut(PackedHead.Bytes + bytes, packed.Length - PackedHead.Bytes - bytes, left);
            return taken;
        }
        var removed = 0L;
        for (var index = lastFirst ? Chain.Count - 1 : 0; index >= 0;) removed += RemoveStep(text, most - removed, lastFirst, ref index);
        if (removed != 0) Shrink();
        return removed;
    }

    /// <summary>
    /// As <see cref="Remove"/>, in some chunks of a large list, from that of the element of an index on: at first the first or the last
    /// one. The index goes on, to -1 when nothing more is to be done; then <see cref="Shrink"/> is due.
    /// </summary>
    public long RemoveStep(scoped ReadOnlySpan<byte> text, long most, bool lastFirst, ref long index)
    {
        var chain = Chain;
        var removed = 0L;
        chain.Find(index, out var place, out _);
        for (var left = ChunksPerStep; left > 0 && place.Part != ListPart.None && removed < most; left--)
            removed += chain.RemoveMatches(ref place, text, most - removed, lastFirst);
        index = place.Part == ListPart.None || removed == most ? -1 : chain.IndexOf(place);
        return removed;
    }

    // ---- packed ----

    /// <summary>Puts a value in place of some bytes; so many elements have been added.</summary>
    private bool Splice(int at, int removed, scoped ReadOnlySpan<byte> value, int added)
    {
        var count = (int)View.Count;
        if (!_slot.Splice(at, removed, Packed.SizeOf(value), out var packed)) return false;
        _ = Packed.Write(packed[at..], value);
        PackedHead.Write(packed, PackedKind.Elements, count + added);
        return true;
    }

    /// <summary>Takes bytes away; so many elements are left.</summary>
    private void Cut(int at, int bytes, int left)
    {
        var isDone = _slot.Splice(at, bytes, 0, out var packed);
        Invariant.Holds(isDone, "a value that gets shorter is never refused");
        PackedHead.Write(packed, PackedKind.Elements, left);
    }

    // ---- from one to the other ----

    /// <summary>What was packed becomes one chunk where that is possible, even if the limit is a lower one by now, as in Valkey.</summary>
    private bool Convert() => SetChunks(View.Elements, ListLimit.Largest);

    private bool SetChunks(scoped ReadOnlySpan<byte> elements, ListLimit limit)
    {
        var root = _slot.MakeRootForList(_limit);
        if (root == 0) return false;
        if (new ListChain(_slot.Arena, root).AppendAll(elements, limit)) return _slot.SetRoot(ValueType.List, root);
        _slot.DiscardRoot(root);
        return false;
    }

    /// <summary>Packs a list again that has become small. Where memory is refused, it stays large.</summary>
    public void Shrink()
    {
        if (!_slot.HasRoot) return;
        var chain = Chain;
        if (!chain.IsSingle) return;
        var chunk = chain.First;
        if (!chunk.IsPlain && _limit.IsSmall(chunk.Bytes, chunk.Count)) Pack(chunk);
    }

    private void Pack(ListChunk chunk)
    {
        const int StackPackedMax = 4096;
        var size = PackedHead.Bytes + chunk.Bytes;
        if (size <= StackPackedMax)
        {
            Span<byte> packed = stackalloc byte[StackPackedMax];
            Pack(chunk, packed[..size]);
            return;
        }
        var block = NativeBlock.Allocate(size);
        if (block.IsNull) return;
        Pack(chunk, block.Bytes[..size]);
        block.Release();
    }

    private void Pack(ListChunk chunk, scoped Span<byte> packed)
    {
        PackedHead.Write(packed, PackedKind.Elements, chunk.Count);
        chunk.Elements.CopyTo(packed[PackedHead.Bytes..]);
        _ = _slot.SetPacked(ValueType.List, packed);
    }
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anax.Core.Memory;

namespace Anax.Core.Buffers;

// A list of chunks, oldest first; see Chunk for one of them.
//
//     _head -> [Embedded] -> [Pooled] -> [Reference -> block] -> [Pooled] <- _tail
//
// 1. _length is the sum of the chunks' lengths, and 0 exactly when there is nothing to send.
// 2. Only the tail is written to. A Reference is full from the start, so what follows it opens a new chunk.
// 3. An Embedded chunk can only be the first. It never leaves its stream: moving it copies its bytes.
// 4. Marks and deferred headers name a place in the stream while it is being written; consuming and moving
//    end them.

/// <summary>
/// Bytes on their way to one client. An unmanaged struct with one owner at a time, so that it can lie in the
/// header of a batch and travel to another loop; a field or a ref, never a copy.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct ReplyStream
{
    /// <summary>
    /// Chunks with fewer bytes than this are copied into the target when streams are merged.
    /// </summary>
    public const int RelinkBytesMin = 1024;

    private Chunk* _head;
    private Chunk* _tail;
    private long _length;

    /// <summary>A place in a stream to which it can be cut back.</summary>
    public readonly struct Mark
    {
        internal readonly Chunk* Tail;
        internal readonly int Written;
        internal readonly long Length;

        internal Mark(Chunk* tail, int written, long length)
        {
            Tail = tail;
            Written = written;
            Length = length;
        }
    }

    /// <summary>Room for the header of an aggregate whose count is not known yet.</summary>
    public readonly struct DeferredHeader
    {
        /// <summary>The room: type, up to 20 digits, line end.</summary>
        public const int TextMax = 24;

        internal readonly Chunk* Chunk;
        internal readonly int Offset;

        internal DeferredHeader(Chunk* chunk, int offset)
        {
            Chunk = chunk;
            Offset = offset;
        }
    }

    public readonly long Length => _length;

    public readonly bool IsEmpty => _length == 0;

    /// <summary>What pools have accounted for the chunks of this stream: what goes over when it changes its loop.</summary>
    public readonly long PoolBytes
    {
        get
        {
            long bytes = 0;
            for (var chunk = _head; chunk != null; chunk = chunk->Next)
                bytes += chunk->Kind switch
                {
                    ChunkKind.Pooled => ChunkPool.ChunkBytes,
                    ChunkKind.Large => chunk->Capacity + Chunk.HeaderBytes,
                    ChunkKind.Reference => Chunk.HeaderBytes,
                    _ => 0,
                };
            return bytes;
        }
    }

    /// <summary>The memory of the chunks of this stream, without the blocks that it refers to.</summary>
    public readonly long ChunkBytes
    {
        get
        {
            long bytes = 0;
            for (var chunk = _head; chunk != null; chunk = chunk->Next)
                bytes += Chunk.HeaderBytes + (chunk->Kind == ChunkKind.Reference ? 0 : chunk->Capacity);
            return bytes;
        }
    }

    /// <summary>
    /// An empty stream whose first chunk lies in the given native memory, which must outlive the stream's use
    /// of it. Memory that is too small for a header is ignored.
    /// </summary>
    public static ReplyStream Embedded(Span<byte> nativeMemory)
    {
        const int Alignment = 8;
        var start = (nint)Unsafe.AsPointer(ref MemoryMarshal.GetReference(nativeMemory));
        var skipped = (int)(-start & (Alignment - 1));
        var capacity = nativeMemory.Length - skipped - Chunk.HeaderBytes;
        var stream = default(ReplyStream);
        if (capacity <= 0) return stream;
        var chunk = (Chunk*)(start + skipped);
        ChunkPool.Open(chunk, capacity, ChunkKind.Embedded);
        stream._head = chunk;
        stream._tail = chunk;
        return stream;
    }

    /// <summary>
    /// Free memory at the stream's end. What is written there counts after <see cref="Advance"/>.
    /// </summary>
    public Span<byte> GetSpan(ChunkPool pool, int atLeast)
    {
        var tail = _tail;
        if (tail == null || tail->Free < atLeast) tail = Extend(pool.Take(atLeast));
        return new Span<byte>(tail->Bytes + tail->Written, tail->Free);
    }

    public void Advance(int count)
    {
        Invariant.Holds(_tail != null && (uint)count <= (uint)_tail->Free, "a reply ran over its chunk");
        _tail->Written += count;
        _length += count;
    }

    public void AppendCopy(ChunkPool pool, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var free = GetSpan(pool, 1);
            var count = Math.Min(free.Length, bytes.Length);
            bytes[..count].CopyTo(free);
            Advance(count);
            bytes = bytes[count..];
        }
    }

    /// <summary>Appends a range of a block by reference; the stream adds a reference of its own.</summary>
    public void AppendBlock(ChunkPool pool, NativeBlock block, int start, int length)
    {
        Invariant.Holds(start >= 0 && length >= 0, "a range of a block with a negative bound");
        Invariant.Holds((long)start + length <= block.Capacity, "a range outside its block");
        if (length == 0) return;
        block.AddReference();
        Extend(pool.TakeReference(block, start, length));
        _length += length;
    }

    /// <summary>Moves all of another stream behind this one.</summary>
    public void Append(ChunkPool pool, ref ReplyStream other) => other.MoveTo(ref this, pool, other._length);

    /// <summary>
    /// Moves the first bytes of this stream behind another: whole chunks are relinked, small pieces copied.
    /// </summary>
    public void MoveTo(ref ReplyStream target, ChunkPool pool, long count)
    {
        Invariant.Holds((ulong)count <= (ulong)_length, "more moved than the stream holds");
        while (count > 0)
        {
            var chunk = _head;
            var piece = (int)Math.Min(count, chunk->Length);
            if (piece == chunk->Length && MayRelink(chunk))
            {
                Unlink(chunk);
                if (piece == 0)
                {
                    pool.Return(chunk);
                    continue;
                }
                _length -= piece;
                target.Extend(chunk);
                target._length += piece;
            }
            else
            {
                var first = chunk->Bytes + chunk->Read;
                if (chunk->Kind == ChunkKind.Reference)
                    target.AppendBlock(pool, chunk->Block, (int)(first - chunk->Block.Start), piece);
                else
                    target.AppendCopy(pool, new ReadOnlySpan<byte>(first, piece));
                Consume(pool, piece);
            }
            count -= piece;
        }
    }

    public readonly Mark Save() => new(_tail, _tail == null ? 0 : _tail->Written, _length);

    /// <summary>Cuts the stream back to what it was when the mark was made.</summary>
    public void Restore(ChunkPool pool, Mark mark)
    {
        Invariant.Holds(mark.Length <= _length, "a stream was consumed behind its mark");
        var extra = mark.Tail == null ? _head : mark.Tail->Next;
        _tail = mark.Tail;
        _length = mark.Length;
        if (mark.Tail == null)
        {
            _head = null;
        }
        else
        {
            mark.Tail->Next = null;
            mark.Tail->Written = mark.Written;
        }
        FreeFrom(pool, extra);
    }

    /// <summary>
    /// Keeps room for a header that <see cref="Resolve"/> fills in. Nested headers are resolved inside out.
    /// </summary>
    public DeferredHeader Defer(ChunkPool pool)
    {
        GetSpan(pool, DeferredHeader.TextMax);
        var header = new DeferredHeader(_tail, _tail->Written);
        Advance(DeferredHeader.TextMax);
        return header;
    }

    /// <summary>Writes the header. What follows it in its chunk is moved up to close the gap.</summary>
    public void Resolve(DeferredHeader header, ReadOnlySpan<byte> text)
    {
        Invariant.Holds(text.Length <= DeferredHeader.TextMax, "a deferred header is too long");
        var chunk = header.Chunk;
        var room = chunk->Bytes + header.Offset;
        text.CopyTo(new Span<byte>(room, DeferredHeader.TextMax));
        var gap = DeferredHeader.TextMax - text.Length;
        var after = chunk->Written - header.Offset - DeferredHeader.TextMax;
        var behind = new ReadOnlySpan<byte>(room + DeferredHeader.TextMax, after);
        behind.CopyTo(new Span<byte>(room + text.Length, after));
        chunk->Written -= gap;
        _length -= gap;
    }

    /// <summary>Drops bytes from the start, which were sent, and frees what held them.</summary>
    public void Consume(ChunkPool pool, long count)
    {
        Invariant.Holds((ulong)count <= (ulong)_length, "more consumed than the stream holds");
        _length -= count;
        while (_head != null)
        {
            var chunk = _head;
            var piece = (int)Math.Min(count, chunk->Length);
            chunk->Read += piece;
            count -= piece;
            if (chunk->Length > 0) return;
            // The last chunk of an unfinished stream is emptied like the others: an idle client must hold
            // nothing.
            Unlink(chunk);
            pool.Return(chunk);
        }
    }

    /// <summary>Names the first pieces to be sent; returns how many vectors were filled.</summary>
    public readonly int FillVectors(Span<IoVector> vectors)
    {
        var filled = 0;
        for (var chunk = _head; chunk != null && filled < vectors.Length; chunk = chunk->Next)
        {
            if (chunk->Length == 0) continue;
            vectors[filled++] = new IoVector((nint)(chunk->Bytes + chunk->Read), (nuint)chunk->Length);
        }
        return filled;
    }

    /// <summary>Copies the first bytes without consuming them; returns how many there were.</summary>
    public readonly int CopyTo(Span<byte> target)
    {
        var copied = 0;
        for (var chunk = _head; chunk != null && copied < target.Length; chunk = chunk->Next)
        {
            var length = Math.Min(chunk->Length, target.Length - copied);
            new ReadOnlySpan<byte>(chunk->Bytes + chunk->Read, length).CopyTo(target[copied..]);
            copied += length;
        }
        return copied;
    }

    /// <summary>All bytes in one piece: where they lie if that is one chunk, else copied to the given list.</summary>
    public readonly ReadOnlySpan<byte> Flatten(NativeList<byte> copy)
    {
        if (_length == 0) return default;
        if (_head->Length == _length) return new ReadOnlySpan<byte>(_head->Bytes + _head->Read, (int)_length);
        var target = copy.Count < _length ? copy.Resize(checked((int)_length)) : copy.Span;
        return target[..CopyTo(target)];
    }

    public void Free(ChunkPool pool)
    {
        FreeFrom(pool, _head);
        this = default;
    }

    private static bool MayRelink(Chunk* chunk) => chunk->Kind switch
    {
        ChunkKind.Embedded => false,
        ChunkKind.Reference => true,
        _ => chunk->Length is 0 or >= RelinkBytesMin,
    };

    private static void FreeFrom(ChunkPool pool, Chunk* chunk)
    {
        while (chunk != null)
        {
            var next = chunk->Next;
            pool.Return(chunk);
            chunk = next;
        }
    }

    private Chunk* Extend(Chunk* chunk)
    {
        chunk->Next = null;
        if (_tail == null) _head = chunk;
        else _tail->Next = chunk;
        _tail = chunk;
        return chunk;
    }

    private void Unlink(Chunk* head)
    {
        _head = head->Next;
        if (_head == null) _tail = null;
    }
}

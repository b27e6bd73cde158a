using System.Runtime.InteropServices;
using Anax.Core.Memory;

namespace Anax.Core.Buffers;

/// <summary>
/// A loop's free lists of reply chunks and of the small headers that refer to blocks. Used by its loop only;
/// a chunk may come home to another loop's pool than it was taken from: with the message that carries it, its
/// memory is handed over from one pool's account to the other's.
/// </summary>
public sealed unsafe class ChunkPool : IDisposable
{
    /// <summary>What a pooled chunk takes, its header included.</summary>
    public const int ChunkBytes = 16 * 1024;

    // Idle memory that one loop keeps: 1 MiB of chunks, 64 KiB of headers.
    private const int KeptChunksMax = 64;
    private const int KeptHeadersMax = 1024;

    private Chunk* _chunks;
    private Chunk* _headers;
    private int _keptChunks;
    private int _keptHeaders;
    private long _allocatedBytes;

    /// <summary>
    /// Native memory taken by this pool less the memory given back by it, idle chunks included.
    /// </summary>
    public long AllocatedBytes => _allocatedBytes;

    /// <summary>Of that, what lies idle here for later use.</summary>
    public long KeptBytes => (long)_keptChunks * ChunkBytes + (long)_keptHeaders * Chunk.HeaderBytes;

    /// <summary>Chunks leave for another loop, which calls <see cref="TakeOver"/> when they arrive.</summary>
    public void HandOver(long bytes) => _allocatedBytes -= bytes;

    /// <summary>Chunks of another loop's pool have arrived.</summary>
    public void TakeOver(long bytes) => _allocatedBytes += bytes;

    public void Dispose()
    {
        FreeList(_chunks, ChunkBytes);
        FreeList(_headers, Chunk.HeaderBytes);
        _chunks = null;
        _headers = null;
        _keptChunks = 0;
        _keptHeaders = 0;
    }

    internal Chunk* Take(int atLeast)
    {
        if (atLeast > ChunkBytes - Chunk.HeaderBytes) return TakeLarge(atLeast);
        var chunk = _chunks;
        if (chunk != null)
        {
            _chunks = chunk->Next;
            _keptChunks--;
        }
        else
        {
            chunk = Allocate(ChunkBytes);
        }
        Open(chunk, ChunkBytes - Chunk.HeaderBytes, ChunkKind.Pooled);
        return chunk;
    }

    internal Chunk* TakeReference(NativeBlock block, int start, int length)
    {
        var chunk = _headers;
        if (chunk != null)
        {
            _headers = chunk->Next;
            _keptHeaders--;
        }
        else
        {
            chunk = Allocate(Chunk.HeaderBytes);
        }
        *chunk = new Chunk
        {
            Bytes = block.Start + start,
            Block = block,
            Written = length,
            Capacity = length,
            Kind = ChunkKind.Reference,
        };
        return chunk;
    }

    internal void Return(Chunk* chunk)
    {
        switch (chunk->Kind)
        {
            case ChunkKind.Pooled when _keptChunks < KeptChunksMax:
                chunk->Next = _chunks;
                _chunks = chunk;
                _keptChunks++;
                break;
            case ChunkKind.Pooled:
                FreeMemory(chunk, ChunkBytes);
                break;
            case ChunkKind.Large:
                FreeMemory(chunk, chunk->Capacity + Chunk.HeaderBytes);
                break;
            case ChunkKind.Reference:
                chunk->Block.Release();
                ReturnHeader(chunk);
                break;
            case ChunkKind.Embedded:
                break;
        }
    }

    internal static void Open(Chunk* chunk, int capacity, ChunkKind kind) =>
        *chunk = new Chunk { Bytes = (byte*)chunk + Chunk.HeaderBytes, Capacity = capacity, Kind = kind };

    private void ReturnHeader(Chunk* chunk)
    {
        if (_keptHeaders == KeptHeadersMax)
        {
            FreeMemory(chunk, Chunk.HeaderBytes);
            return;
        }
        chunk->Next = _headers;
        _headers = chunk;
        _keptHeaders++;
    }

    private Chunk* TakeLarge(int atLeast)
    {
        var chunk = Allocate(atLeast + Chunk.HeaderBytes);
        Open(chunk, atLeast, ChunkKind.Large);
        return chunk;
    }

    private Chunk* Allocate(int bytes)
    {
        _allocatedBytes += bytes;
        return (Chunk*)NativeMemory.Alloc((nuint)bytes);
    }

    private void FreeMemory(Chunk* chunk, int bytes)
    {
        _allocatedBytes -= bytes;
        NativeMemory.Free(chunk);
    }

    private void FreeList(Chunk* first, int bytes)
    {
        while (first != null)
        {
            var next = first->Next;
            FreeMemory(first, bytes);
            first = next;
        }
    }
}

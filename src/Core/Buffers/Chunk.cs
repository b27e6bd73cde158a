using System.Runtime.InteropServices;
using Anax.Core.Memory;

namespace Anax.Core.Buffers;

internal enum ChunkKind
{
    /// <summary>
    /// The bytes follow the header; the memory is of the pool's size and returns to a pool.
    /// </summary>
    Pooled,

    /// <summary>
    /// The bytes follow the header; the memory is larger than the pool's size and is freed.
    /// </summary>
    Large,

    /// <summary>The bytes follow the header in memory that somebody else frees.</summary>
    Embedded,

    /// <summary>
    /// Only a header; the bytes are a range of a block, to which the chunk holds a reference.
    /// </summary>
    Reference,
}

// A chunk of a reply stream:
//
//     | Next 8 | Bytes 8 | Block 8 | Read 4 | Written 4 | Capacity 4 | Kind 4 |  bytes … (not in a Reference)
//                 '-> [ consumed | to be sent | free ]
//                     0        Read       Written    Capacity

/// <summary>The header of one chunk of a <see cref="ReplyStream"/>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct Chunk
{
    public const int HeaderBytes = 40;

    public Chunk* Next;
    public byte* Bytes;
    public NativeBlock Block;
    public int Read;
    public int Written;
    public int Capacity;
    public ChunkKind Kind;

    public readonly int Length => Written - Read;

    public readonly int Free => Capacity - Written;
}

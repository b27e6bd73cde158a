using System.Runtime.InteropServices;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>What stands behind the root of a large list. All zero is an empty one.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct ListRoot
{
    public const int SizeBytes = 64;

    /// <summary>The chunks between the first and the last.</summary>
    public TreeHeader Tree;

    /// <summary>Chunks by handle. A list of one chunk has it as its first, and no last; 0 for none.</summary>
    public uint First, Last;

    /// <summary>Elements of all chunks.</summary>
    public long Count;

    /// <summary>Bytes of the chunks' cells and blocks.</summary>
    public long ChunkBytes;

    /// <summary>What its chunks may hold: as of the list's first chunk, whatever the setting has become since.</summary>
    public ListLimit Limit;
}

/// <summary>The order of chunks: by their places alone. A slot's Key32 is the number of the chunk's elements.</summary>
internal readonly struct ListOrder : ITreeOrder
{
    public static bool IsWeighted => true;

    public static uint WeightOf(TreeSlot slot) => slot.Key32;

    public static int Compare(Arena arena, TreeSlot left, TreeSlot right) => 0;
}

/// <summary>Where a chunk stands in its list.</summary>
internal enum ListPart : byte
{
    /// <summary>Nowhere: before the first or behind the last.</summary>
    None,
    First,
    Middle,
    Last,
}

/// <summary>The place of a chunk. Void once the list is changed by other means than through it.</summary>
internal struct ListPlace
{
    /// <summary>Of a chunk in the middle.</summary>
    public TreePath Path;
    public uint Chunk;
    public ListPart Part;
}

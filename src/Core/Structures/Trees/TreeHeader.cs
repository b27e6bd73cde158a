using System.Runtime.InteropServices;

namespace Anax.Core.Structures;

/// <summary>
/// The state of one tree: 32 bytes in a cell that never moves, where all zero is an empty tree.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct TreeHeader
{
    public const int SizeBytes = 32;

    /// <summary>The handle of the top node; 0 when the tree is empty.</summary>
    public uint Root;

    /// <summary>Changes with the tree, modulo 2^16: paths found before are void.</summary>
    public ushort Version;

    /// <summary>Levels of nodes: 0 when the tree is empty, 1 when its root is a leaf.</summary>
    public byte Depth;

    public byte Reserved;

    public long Weight;
    public long Slots;

    /// <summary>Bytes of the nodes' cells, without the records and without this header.</summary>
    public long NodeBytes;
}

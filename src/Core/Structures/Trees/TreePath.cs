using System.Runtime.InteropServices;

namespace Anax.Core.Structures;

// One cache line. Level 0 is the leaf, level Depth - 1 the root: a new root is added at the end.
//
//     0               48          60        62      63
//     | 12 × node     | 12 × index | version | depth | – |
//
// An index in an inner node names a child, the index in the leaf a slot, or the place behind its last one.

/// <summary>
/// A place in a tree: the nodes from the leaf up to the root, and the index in each. Void once the tree is changed by
/// other means than through this path.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal unsafe struct TreePath
{
    public const int SizeBytes = 64;

    /// <summary>Nodes have at least 16 children but at the edges, so a tree of 2^32 slots has at most nine levels.</summary>
    public const int DepthMax = 12;

    public fixed uint Nodes[DepthMax];
    public fixed byte Indexes[DepthMax];
    public ushort Version;
    public byte Depth;
}

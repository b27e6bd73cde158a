using System.Runtime.InteropServices;

namespace Anax.Core.Structures;

// A value that is too large to be packed lies behind a root, a cell of the index that never moves:
//
//     hash, set     | ValueRoot, 64 B                 | TableHeader, 64 B |
//     sorted set    | ValueRoot, 64 B, its tree in it | TableHeader, 64 B |
//     list          | ValueRoot, 64 B                 | ListRoot, 64 B    |
//     stream        | ValueRoot, 64 B, its tree in it | StreamRoot, 112 B |
//
// A sorted set with members that expire has one cell more, an ExpiryIndex.
//
// A key's record names its root by handle. All roots of an arena are chained, so the sweep reaches every large value
// without reading the records of small ones; a root whose key is gone changes to the chain of the doomed, and is freed in
// steps.

/// <summary>What the roots of all large values begin with.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct ValueRoot
{
    public const int SizeBytes = 64;

    /// <summary>Where <see cref="Tree"/> lies.</summary>
    public const int TreeOffset = 24;

    public uint Next, Previous;

    /// <summary>The header of the table whose key names this root.</summary>
    public uint Owner;
    public ValueType Type;

    /// <summary>The value's own marks.</summary>
    public byte Flags;

    /// <summary>Of the key that names this root.</summary>
    public ulong KeyHash;

    /// <summary>Of a sorted set: the tree that orders the records of its table; of a stream, that of its nodes.</summary>
    public TreeHeader Tree;

    /// <summary>Of a sorted set: the cell of its <see cref="ExpiryIndex"/>; 0 while no member expires.</summary>
    public uint Expiries;
}

/// <summary>Which members of a sorted set expire when: there while some do. In a cell that never moves.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct ExpiryIndex
{
    public const int SizeBytes = 40;

    /// <summary>The tree that orders the records that expire by their time.</summary>
    public TreeHeader Tree;

    /// <summary>When the first of them does, Unix milliseconds.</summary>
    public long EarliestMs;
}

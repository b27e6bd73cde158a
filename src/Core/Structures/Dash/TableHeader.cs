using System.Runtime.InteropServices;

namespace Anax.Core.Structures;

/// <summary>How a table's directory lies in memory.</summary>
internal enum DirectoryShape : byte
{
    /// <summary>One segment, named in the header.</summary>
    Single = 0,

    /// <summary>One array of entries by the top hash bits.</summary>
    Flat = 1,

    /// <summary>
    /// 256 arrays, one by each value of the top 8 hash bits, so that no doubling takes long.
    /// </summary>
    Rooted = 2,
}

/// <summary>The state of one table: one cache line in the arena.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal struct TableHeader
{
    public const int SizeBytes = 64;

    /// <summary>Below this share of used slots a table is sparse.</summary>
    public const int SparsePercent = 45;

    public ulong Single;
    public uint Root;
    public uint Entries;
    public DirectoryShape Shape;
    public byte Depth;

    /// <summary>Somebody asked for ages; until then a table has them only while it is small.</summary>
    public bool AgesWanted;

    /// <summary>Nobody will ask for ages.</summary>
    public bool NeverAges;

    /// <summary>Changes whenever slots may have moved: places found before are void.</summary>
    public uint Version;

    public long Count;
    public long Expiring;
    public long IndexBytes;

    /// <summary>Slots in all segments, used and free.</summary>
    public long Capacity;

    /// <summary>So few slots are used that the sweep makes segments fewer and smaller, as far as it can.</summary>
    public readonly bool IsSparse => Count * 100 < Capacity * SparsePercent;

    public int Segments;

    /// <summary>The clock of the last sweep, from which new segments count their ages.</summary>
    public uint NowSeconds;
}

/// <summary>One of the 256 directories of a rooted table.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SubDirectory
{
    public uint Entries;
    public uint Depth;
}

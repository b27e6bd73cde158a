using System.Runtime.InteropServices;

namespace Anax.Core.Memory;

/// <summary>
/// What an extent's pages are used for. Records and index never share one: only record extents fragment.
/// </summary>
internal enum ExtentKind : byte
{
    None = 0,
    Records = 1,
    Index = 2,
    EvacuatingRecords = 3,
    EvacuatingIndex = 4,
}

/// <summary>A page of 64 KiB: cells of one size class, or of one dense class.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Page
{
    public uint Next, Prev;
    public ushort Class, Used, Free, Bump;
    public bool IsDense, IsEvacuating;
    public ushort Reserved;

    /// <summary>Of a dense page: its place in the list of its class.</summary>
    public uint Index;
}

/// <summary>An extent of 2 MiB: a bit per free page, and one per page that the kernel was asked to provide.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct Extent
{
    public uint FreePages, ProvidedPages;
    public ExtentKind Kind;
}

/// <summary>The pages of one cell size that have both used and free cells.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SlabClass
{
    public uint Partial;
    public int SizeBytes, PerPage;
    public uint Reciprocal;
}

/// <summary>A stack of equal cells over a list of pages; only the last page is ever partly filled.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DenseClass
{
    public int SizeBytes, PerPage, Count, PageCount, PageCapacity;
    public uint* Pages;
}

/// <summary>
/// The mutable state of an arena, in native memory so that no collection moves it onto another loop's line.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ArenaState
{
    public const int SlabClasses = 128;
    public const int DenseClasses = 256;

    public long CellBytes, ExternalBytes, RecordCellBytes;
    public uint RecordPages, IndexPages, RecordExtents, IndexExtents;
    public uint ExtentCount, CommittedExtents, OpenExtents, EvacuatingExtents;

    /// <summary>No marked index extent below this one has a page left to move.</summary>
    public uint MovingFrom;
    public fixed uint Lowest[5];
    public uint* Pending;
    public int PendingCount, PendingCapacity;
    public RootChains Roots;
}

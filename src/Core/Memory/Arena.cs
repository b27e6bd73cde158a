using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Anax.Core.Structures;
using Anax.Core.Text;

namespace Anax.Core.Memory;

// Reserve → extents → pages → cells. Nothing has memory behind it before its extent is opened.
//
//     | extent 0, 2 MiB           | extent 1            | …                            | reserve
//     | page 0 | page 1 | … | 31  |
//              | cell | cell | cell | … |  cells of one size; handle = offset / granule
//
// 1. Page 0 of extent 0 is never handed out, so handle 0 means "none".
// 2. An extent holds records or index (segments, directories), never both.
// 3. Records and directories lie in slab pages with a free list through the free cells; segments lie in dense classes.
// 4. A freed cell keeps its content until Settle: a command may still read what it has just deleted.
// 5. Only compaction moves records, and only between commands.

/// <summary>
/// The memory of one shard: one range of reserved address space, carved into extents, pages and cells, named
/// by 32-bit handles. Owned by the shard's thread.
/// </summary>
public sealed unsafe partial class Arena : IDisposable
{
    private const int CacheLineBytes = 64;
    internal const int PageShift = 16;
    internal const int PageBytes = 1 << PageShift;
    internal const int ExtentShift = 21;
    internal const int ExtentBytes = 1 << ExtentShift;
    internal const int PagesPerExtent = ExtentBytes / PageBytes;

    /// <summary>The largest cell for a record; what is larger lies in a block of its own.</summary>
    internal const int CellBytesMax = PageBytes / 2;

    private readonly byte* _base;
    private readonly int _shift;
    private readonly Page* _pages;
    private readonly Extent* _extents;
    private readonly SlabClass* _slabs;
    private readonly DenseClass* _dense;
    private readonly ArenaState* _state;

    /// <summary>Apart from the state: clients' threads write it, and it lives until the last lent block is gone.</summary>
    private readonly long* _lent;
    private readonly byte* _mapping;
    private readonly nuint _mappingBytes;
    private readonly uint _extentsMax;
    private readonly bool _hugePages;
    private bool _disposed;

    /// <summary>Takes the reserve, or the largest half, quarter … of it that the kernel grants.</summary>
    /// <exception cref="InsufficientMemoryException">Even the minimum was refused.</exception>
    public Arena(in ArenaOptions options)
    {
        if (options.GranuleBytes is not (8 or 16))
            throw new ArgumentException("granules are 8 or 16 bytes", nameof(options));
        _shift = BitOperations.Log2((uint)options.GranuleBytes);
        var reserve = Math.Min(options.ReserveBytes, (long)options.GranuleBytes << 32) & -ExtentBytes;
        var least = Math.Max(Math.Min(options.ReserveBytesMin, reserve), ExtentBytes);
        reserve = Math.Max(reserve, least);
        for (; ; reserve = Math.Max((reserve / 2) & -ExtentBytes, least))
        {
            _mappingBytes = (nuint)reserve + ExtentBytes + MetadataBytes(reserve);
            _mapping = NativeMemoryCalls.Reserve(_mappingBytes);
            if (_mapping != null) break;
            if (reserve <= least)
                throw new InsufficientMemoryException("the arena's minimal reserve of address space was refused");
        }
        ReservedBytes = reserve;
        _extentsMax = (uint)(reserve >> ExtentShift);
        _hugePages = options.HugePages;
        _base = (byte*)(((nuint)_mapping + ExtentBytes - 1) & ~(nuint)(ExtentBytes - 1));
        _pages = (Page*)(_base + reserve);
        _extents = (Extent*)(_base + reserve + PageTableBytes(reserve));

        const nuint SlabBytes = ArenaState.SlabClasses * 2 * 16;
        var stateBytes = ((nuint)sizeof(ArenaState) + 63) & ~(nuint)63;
        var denseBytes = ((nuint)(ArenaState.DenseClasses * sizeof(DenseClass)) + 63) & ~(nuint)63;
        var memory = (byte*)NativeMemory.AlignedAlloc(stateBytes + SlabBytes + denseBytes, 64);
        NativeMemory.Clear(memory, stateBytes + SlabBytes + denseBytes);
        _state = (ArenaState*)memory;
        _slabs = (SlabClass*)(memory + stateBytes);
        _dense = (DenseClass*)(memory + stateBytes + SlabBytes);
        InitializeSlabs();
        _lent = (long*)NativeMemory.AlignedAlloc(CacheLineBytes, CacheLineBytes);
        *_lent = 0;
    }

    /// <summary>
    /// What each of so many arenas may reserve, at most as much as wanted: where address space is limited,
    /// they share half of what the kernel grants, and the rest stays for stacks, buffers and large values.
    /// </summary>
    public static long AffordableReserve(long wantedBytes, int arenas)
    {
        for (var total = wantedBytes * arenas; ; total /= 2)
        {
            if (total / arenas <= ArenaOptions.ReserveBytesFloor) return ArenaOptions.ReserveBytesFloor;
            var probe = NativeMemoryCalls.Reserve((nuint)total);
            if (probe == null) continue;
            NativeMemoryCalls.Unmap(probe, (nuint)total);
            return total == wantedBytes * arenas ? wantedBytes : (total / 2 / arenas) & -ExtentBytes;
        }
    }

    /// <summary>Hears of every unit of a structure in here before it changes; null when nobody listens.</summary>
    public IUnitListener? UnitListener { get; set; }

    /// <summary>Large values that no key names any more wait to be freed.</summary>
    public bool HasDoomed => _state->Roots.Doomed != 0;

    /// <summary>How many they are.</summary>
    public long DoomedValues => _state->Roots.DoomedCount;

    /// <summary>How many there were so far that were too large to be freed at once.</summary>
    public long FreedInSteps => _state->Roots.FreedInSteps;

    /// <summary>One bounded step of freeing them; false when none is left.</summary>
    public bool FreeDoomed(HashKey hashKey, int budget) => ValueRoots.FreeStep(this, hashKey, budget);

    /// <summary>The roots of large values in here.</summary>
    internal ref RootChains Roots => ref _state->Roots;

    /// <summary>
    /// Bytes of live cells, of the blocks outside that they refer to, and of those to which only replies still refer:
    /// what used_memory counts.
    /// </summary>
    public long UsedBytes => _state->CellBytes + _state->ExternalBytes + LentBytes;

    /// <summary>Bytes of blocks that are no values any more, but not yet sent to the last client that asked.</summary>
    public long LentBytes => Volatile.Read(ref *_lent);

    /// <summary>The part of <see cref="UsedBytes"/> that lies in blocks outside the arena.</summary>
    public long ExternalBytes => _state->ExternalBytes;

    /// <summary>
    /// Bytes of extents that are open, whether or not each of their pages has been touched.
    /// </summary>
    public long CommittedBytes => (long)_state->OpenExtents << ExtentShift;

    public long ReservedBytes { get; }

    public int GranuleBytes => 1 << _shift;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal byte* At(uint handle) => _base + ((ulong)handle << _shift);

    internal void AddExternal(NativeBlock block)
    {
        _state->ExternalBytes += block.FootprintBytes;
        block.Hold();
    }

    internal void DropExternal(NativeBlock block)
    {
        _state->ExternalBytes -= block.FootprintBytes;
        block.Drop(_lent);
    }

    /// <summary>Ends the command: what was freed since the last call may be reused from now on.</summary>
    public void Settle()
    {
        var count = _state->PendingCount;
        if (count == 0) return;
        for (var i = 0; i < count; i++) Recycle(_state->Pending[i]);
        _state->PendingCount = 0;
        if (_state->PendingCapacity > PendingKept) ShrinkPending();
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        for (var i = 0; i < ArenaState.DenseClasses; i++) NativeMemory.Free(_dense[i].Pages);
        NativeMemory.Free(_state->Pending);
        NativeMemory.AlignedFree(_state);
        if (LentBytes == 0) NativeMemory.AlignedFree(_lent);
        NativeMemoryCalls.Unmap(_mapping, _mappingBytes);
    }
}

using System.Numerics;

namespace Anax.Core.Memory;

/// <summary>Extents and pages: opened on demand, given back whole.</summary>
public sealed unsafe partial class Arena
{
    // The first extents keep small pages: a server with many small shards must not spend 2 MiB per touched byte.
    private const uint SmallPageExtents = 16;
    private const uint CommitExtents = 8;
    private const int KernelPageBytesMax = 64 * 1024;

    private static nuint PageTableBytes(long reserve) =>
        (nuint)(((reserve >> PageShift) * sizeof(Page) + KernelPageBytesMax - 1) & -KernelPageBytesMax);

    private static nuint ExtentTableBytes(long reserve) =>
        (nuint)(((reserve >> ExtentShift) * sizeof(Extent) + KernelPageBytesMax - 1) & -KernelPageBytesMax);

    private static nuint MetadataBytes(long reserve) => PageTableBytes(reserve) + ExtentTableBytes(reserve);

    /// <summary>A page for this kind of content; 0 when the reserve or the kernel has no more.</summary>
    private uint TakePage(ExtentKind kind)
    {
        var extent = _state->Lowest[(int)kind];
        while (extent < _state->ExtentCount && (_extents[extent].Kind != kind || _extents[extent].FreePages == 0)) extent++;
        _state->Lowest[(int)kind] = extent;
        if (extent == _state->ExtentCount)
        {
            extent = OpenExtent(kind);
            if (extent == uint.MaxValue) return 0;
            // A reopened extent may lie below: everything from it on is searched again.
            _state->Lowest[(int)kind] = extent;
        }
        var bit = BitOperations.TrailingZeroCount(_extents[extent].FreePages);
        _extents[extent].FreePages &= ~(1u << bit);
        var page = extent * PagesPerExtent + (uint)bit;
        if (kind == ExtentKind.Records) _state->RecordPages++; else _state->IndexPages++;
        if (kind == ExtentKind.Records && extent >= SmallPageExtents && !_hugePages) Populate(extent, bit);
        return page;
    }

    /// <summary>
    /// Has the kernel provide a whole page at once, which takes half as long as a fault for each piece of it; where it has
    /// done so, nothing. A refusal shows again at first touch.
    /// </summary>
    private void Populate(uint extent, int bit)
    {
        if ((_extents[extent].ProvidedPages >> bit & 1) != 0) return;
        _extents[extent].ProvidedPages |= 1u << bit;
        var page = extent * PagesPerExtent + (uint)bit;
        NativeMemoryCalls.Advise(_base + ((nuint)page << PageShift), PageBytes, NativeMemoryCalls.AdvisePopulateWrite);
    }

    private void GivePage(uint page)
    {
        var extent = page / PagesPerExtent;
        var kind = IsIndex(extent) ? ExtentKind.Index : ExtentKind.Records;
        _extents[extent].FreePages |= 1u << (int)(page % PagesPerExtent);
        if (kind == ExtentKind.Records) _state->RecordPages--; else _state->IndexPages--;
        if (extent < _state->Lowest[(int)kind]) _state->Lowest[(int)kind] = extent;
    }

    private bool IsIndex(uint extent) => _extents[extent].Kind is ExtentKind.Index or ExtentKind.EvacuatingIndex;

    private bool IsFree(uint page) =>
        (_extents[page / PagesPerExtent].FreePages >> (int)(page % PagesPerExtent) & 1) != 0;

    /// <summary>
    /// Index of a newly usable extent, one that was given back before a fresh one; uint.MaxValue when
    /// refused.
    /// </summary>
    private uint OpenExtent(ExtentKind kind)
    {
        uint extent = 0;
        if (_state->OpenExtents < _state->ExtentCount)
        {
            while (_extents[extent].Kind != ExtentKind.None) extent++;
        }
        else
        {
            extent = _state->ExtentCount;
            if (extent == _extentsMax) return uint.MaxValue;
            if (extent == _state->CommittedExtents && !Commit(CommitExtents) && !Commit(1)) return uint.MaxValue;
            _state->ExtentCount = extent + 1;
        }
        _extents[extent] = new Extent { Kind = kind, FreePages = extent == 0 ? ~1u : ~0u };
        _state->OpenExtents++;
        if (kind == ExtentKind.Records) _state->RecordExtents++; else _state->IndexExtents++;
        return extent;
    }

    /// <summary>
    /// Makes memory usable. The kernel may refuse (no overcommit): then the arena is full at this size.
    /// </summary>
    private bool Commit(uint extents)
    {
        var first = _state->CommittedExtents;
        extents = Math.Min(extents, _extentsMax - first);
        if (extents == 0) return false;
        var bytes = (nuint)extents << ExtentShift;
        var start = _base + ((nuint)first << ExtentShift);
        if (!CommitTable((byte*)_pages, first * PagesPerExtent, extents * PagesPerExtent, sizeof(Page))) return false;
        if (!CommitTable((byte*)_extents, first, extents, sizeof(Extent))) return false;
        if (!NativeMemoryCalls.Commit(start, bytes)) return false;
        var huge = _hugePages && first >= SmallPageExtents;
        NativeMemoryCalls.Advise(start, bytes, huge ? NativeMemoryCalls.AdviseHugePage : NativeMemoryCalls.AdviseNoHugePage);
        _state->CommittedExtents = first + extents;
        return true;
    }

    private static bool CommitTable(byte* table, uint first, uint count, int sizeBytes)
    {
        var from = (nuint)(first * (long)sizeBytes) & ~(nuint)(KernelPageBytesMax - 1);
        var to = ((nuint)((first + count) * (long)sizeBytes) + KernelPageBytesMax - 1) & ~(nuint)(KernelPageBytesMax - 1);
        return NativeMemoryCalls.Commit(table + from, to - from);
    }

    /// <summary>Gives at most so many wholly free extents back to the kernel; returns how many.</summary>
    public int ReleaseFreeExtents(int extentsMax)
    {
        var pages = _state->RecordPages + _state->IndexPages;
        if ((long)_state->OpenExtents * PagesPerExtent - pages < 2 * PagesPerExtent) return 0;
        var released = 0;
        for (uint extent = 1; extent < _state->ExtentCount && released < extentsMax; extent++)
        {
            if (_extents[extent].Kind == ExtentKind.None || _extents[extent].FreePages != ~0u) continue;
            NativeMemoryCalls.Advise(_base + ((nuint)extent << ExtentShift), ExtentBytes, NativeMemoryCalls.AdviseDontNeed);
            if (_extents[extent].Kind >= ExtentKind.EvacuatingRecords) _state->EvacuatingExtents--;
            if (IsIndex(extent)) _state->IndexExtents--; else _state->RecordExtents--;
            _extents[extent].Kind = ExtentKind.None;
            _state->OpenExtents--;
            released++;
        }
        return released;
    }
}

using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Core.Text;

namespace Anax.Commands;

/// <summary>An element that is sorted: where its text lies, its weight as a number, and its cell of what BY has found.</summary>
internal struct SortRow
{
    internal double Score;
    internal int Offset;
    internal int Length;
    internal int Cell;
}

/// <summary>What a shard has found for a row: where its text lies, among those of which shard; or nothing.</summary>
internal struct SortCell
{
    internal const int Nothing = -1;

    /// <summary>The element itself.</summary>
    internal const int Element = -2;

    internal int Shard;
    internal int Offset;
    internal int Length;
}

/// <summary>Bytes in a block that grows; 16 bytes, all zero when there are none.</summary>
internal struct SortText
{
    private nint _block;
    private int _length;

    internal readonly int Length => _length;

    internal readonly ReadOnlySpan<byte> At(int offset, int length) =>
        length == 0 ? default : NativeBlock.From(_block).Bytes.Slice(offset, length);

    /// <summary>Room behind the bytes, to be written; false when memory is refused.</summary>
    internal bool TryReserve(int bytes, out Span<byte> room)
    {
        room = default;
        long needed = (long)_length + bytes;
        if (_block == 0 || needed > NativeBlock.From(_block).Capacity)
        {
            const int BytesMin = 1024;
            if (needed > NativeBlock.CapacityMax) return false;
            NativeBlock larger = NativeBlock.Allocate((int)Math.Min(NativeBlock.CapacityMax, Math.Max(BytesMin, needed * 2)));
            if (larger.IsNull) return false;
            At(0, _length).CopyTo(larger.Bytes);
            Release(_block);
            _block = larger.Address;
        }
        room = NativeBlock.From(_block).Bytes.Slice(_length, bytes);
        return true;
    }

    internal bool TryAdd(ReadOnlySpan<byte> text)
    {
        if (!TryReserve(text.Length, out Span<byte> room)) return false;
        text.CopyTo(room);
        _length += text.Length;
        return true;
    }

    internal void Release()
    {
        Release(_block);
        this = default;
    }

    private static void Release(nint block)
    {
        if (block != 0) NativeBlock.From(block).Release();
    }
}

/// <summary>
/// The elements that SORT works on, with what it has looked up for them, in native memory. Between two hops it is the
/// coordinator's; during one, each shard writes the cells of what it owns, and its own text.
/// </summary>
internal readonly struct SortTable
{
    /// <summary>What stands before the texts of the shards.</summary>
    private struct Head
    {
        internal SortText Text;
        internal nint Rows;
        internal nint Cells;
        internal int Count;
        internal int Shards;
        internal bool MustBeSorted;
    }

    private SortTable(nint header) => Header = header;

    /// <summary>The address of its block; 0 for none.</summary>
    internal nint Header { get; }

    internal int Count => Header == 0 ? 0 : HeadOf.Count;

    /// <summary>Elements in no order, which must have some, whatever BY says.</summary>
    internal bool MustBeSorted
    {
        get => Header != 0 && HeadOf.MustBeSorted;
        set => HeadOf.MustBeSorted = value;
    }

    internal Span<SortRow> Rows => Header == 0 ? default : NativeCast.Cells<SortRow>(NativeBlock.From(HeadOf.Rows).Bytes)[..Count];

    private ref Head HeadOf => ref NativeCast.Cells<Head>(NativeBlock.From(Header).Bytes)[0];

    private static int HeadBytes => (NativeCast.SizeOf<Head>() + 15) & -16;

    internal static SortTable At(nint header) => new(header);

    /// <summary>An empty table with room for some rows; a null one where memory is refused.</summary>
    internal static SortTable Make(int shards, long rows)
    {
        if (rows * NativeCast.SizeOf<SortRow>() > NativeBlock.CapacityMax) return default;
        NativeBlock header = NativeBlock.Allocate(HeadBytes + shards * NativeCast.SizeOf<SortText>());
        NativeBlock room = NativeBlock.Allocate((int)rows * NativeCast.SizeOf<SortRow>());
        if (header.IsNull || room.IsNull)
        {
            if (!header.IsNull) header.Release();
            if (!room.IsNull) room.Release();
            return default;
        }
        header.Bytes.Clear();
        var table = new SortTable(header.Address);
        table.HeadOf.Rows = room.Address;
        table.HeadOf.Shards = shards;
        return table;
    }

    internal void Release()
    {
        if (Header == 0) return;
        foreach (ref SortText text in Texts) text.Release();
        HeadOf.Text.Release();
        NativeBlock.From(HeadOf.Rows).Release();
        if (HeadOf.Cells != 0) NativeBlock.From(HeadOf.Cells).Release();
        NativeBlock.From(Header).Release();
    }

    /// <summary>Adds an element; there must be room for its row. False when memory is refused.</summary>
    internal bool TryAdd(PackedItem item)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        ReadOnlySpan<byte> text = item.Text(scratch);
        ref Head head = ref HeadOf;
        int offset = head.Text.Length;
        if (!head.Text.TryAdd(text)) return false;
        int row = head.Count++;
        Rows[row] = new SortRow { Offset = offset, Length = text.Length, Cell = row };
        return true;
    }

    /// <summary>The rows lie in another block from now on, which is the table's.</summary>
    internal NativeBlock ExchangeRows(NativeBlock rows)
    {
        NativeBlock old = NativeBlock.From(HeadOf.Rows);
        HeadOf.Rows = rows.Address;
        return old;
    }

    internal ReadOnlySpan<byte> Element(int row) => TextOf(in Rows[row]);

    internal ReadOnlySpan<byte> TextOf(in SortRow row) => HeadOf.Text.At(row.Offset, row.Length);

    // ---- what was looked up ----

    private Span<SortText> Texts => NativeCast.Cells<SortText>(NativeBlock.From(Header).Bytes[HeadBytes..])[..HeadOf.Shards];

    internal ref SortText TextOf(int shard) => ref Texts[shard];

    internal ref SortCell Cell(int cell) => ref NativeCast.Cells<SortCell>(NativeBlock.From(HeadOf.Cells).Bytes)[cell];

    /// <summary>Cells in place of those that were there, all of nothing. False when memory is refused.</summary>
    internal bool MakeCells(long count)
    {
        if (count * NativeCast.SizeOf<SortCell>() > NativeBlock.CapacityMax) return false;
        NativeBlock cells = NativeBlock.Allocate((int)Math.Max(1, count * NativeCast.SizeOf<SortCell>()));
        if (cells.IsNull) return false;
        foreach (ref SortCell cell in NativeCast.Cells<SortCell>(cells.Bytes)) cell.Shard = SortCell.Nothing;
        if (HeadOf.Cells != 0) NativeBlock.From(HeadOf.Cells).Release();
        HeadOf.Cells = cells.Address;
        foreach (ref SortText text in Texts) text.Release();
        return true;
    }

    /// <summary>What was found for a cell; false when it was nothing.</summary>
    internal bool TryCell(int cell, out ReadOnlySpan<byte> text)
    {
        ref SortCell found = ref Cell(cell);
        text = default;
        if (found.Shard == SortCell.Nothing) return false;
        text = found.Shard == SortCell.Element ? HeadOf.Text.At(found.Offset, found.Length) : Texts[found.Shard].At(found.Offset, found.Length);
        return true;
    }

    // ---- storing ----

    /// <summary>The rows, or what GET has found for them, as packed elements. False when memory is refused.</summary>
    internal bool TryPack(int gets, int first, int count, out NativeBlock packed, out int length)
    {
        packed = default;
        length = 0;
        long bytes = 0;
        int elements = count * Math.Max(1, gets);
        for (int i = 0; i < elements; i++) bytes += Packed.SizeOf(Stored(gets, first, i));
        if (bytes > NativeBlock.CapacityMax) return false;
        packed = NativeBlock.Allocate((int)Math.Max(1, bytes));
        if (packed.IsNull) return false;
        for (int i = 0; i < elements; i++) length += Packed.Write(packed.Bytes[length..], Stored(gets, first, i));
        return true;
    }

    /// <summary>Nothing found is stored as an empty element.</summary>
    private ReadOnlySpan<byte> Stored(int gets, int first, int index)
    {
        if (gets == 0) return Element(first + index);
        return TryCell(index, out ReadOnlySpan<byte> text) ? text : default;
    }
}

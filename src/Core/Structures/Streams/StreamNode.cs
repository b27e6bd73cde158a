using System.Runtime.CompilerServices;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

// A cell with some entries one behind the other, as packed elements. The first entry's fields stand before all of them, so that
// entries with the same ones have values only; ids are told as differences to the node's, which is that of its first entry.
//
//     0    8     16       20     24        28      32
//     | ms | seq | length | live | deleted | 0     | elements …                        length bytes
//     | ms | seq | length | live | deleted | 1     | block, 8 B |                      as large as a cell cannot be
//
//     elements  | fields | field | … | 0 | entry | entry | …
//     entry     | flags | ms - | seq - | value | … | 3 + values |                      with the node's fields
//               | flags | ms - | seq - | fields | field | value | … | 4 + 2 × fields |
//
// These are the elements of Redis's stream nodes behind their two counters (t_stream.c: "macro nodes"), which are numbers of the
// header here. The number at an entry's end counts the elements before it, for who comes from the right. A deleted entry stays
// with a flag until its node goes.

/// <summary>A view of a node of a stream.</summary>
internal readonly unsafe struct StreamNode(byte* cell)
{
    public const int HeaderBytes = 32;
    public const int InBlockBytes = HeaderBytes + sizeof(long);

    /// <summary>Elements that are longer lie in a block.</summary>
    public const int InCellMax = EntryTable.InlineBytesMax;

    /// <summary>Bits of an entry's flags.</summary>
    public const int Deleted = 1, SameFields = 2;

    private const int LengthOffset = 16, LiveOffset = 20, DeletedOffset = 24, InBlockOffset = 28;

    public ref StreamId Id => ref *(StreamId*)cell;

    /// <summary>Bytes of the elements.</summary>
    public ref int Length => ref *(int*)(cell + LengthOffset);

    /// <summary>Entries that are not deleted.</summary>
    public ref int Live => ref *(int*)(cell + LiveOffset);

    /// <summary>Deleted entries that are still here.</summary>
    public ref int Tombstones => ref *(int*)(cell + DeletedOffset);

    public bool IsInBlock => *(int*)(cell + InBlockOffset) != 0;

    public NativeBlock Block => NativeBlock.From((nint)Unsafe.ReadUnaligned<long>(cell + HeaderBytes));

    public Span<byte> Elements => IsInBlock ? Block.Bytes[..Length] : new Span<byte>(cell + HeaderBytes, Length);

    public void Initialize(StreamId id, NativeBlock block)
    {
        new Span<byte>(cell, HeaderBytes).Clear();
        Id = id;
        SetBlock(block);
    }

    /// <summary>Where the elements lie; null: in the cell.</summary>
    public void SetBlock(NativeBlock block)
    {
        *(int*)(cell + InBlockOffset) = block.IsNull ? 0 : 1;
        if (!block.IsNull) Unsafe.WriteUnaligned(cell + HeaderBytes, (long)block.Address);
    }

    /// <summary>Bytes that the node would have as a listpack of Redis's: by them it is full or not.</summary>
    public long ListpackBytes => ListpackOverhead + Packed.SizeOf(Live) + Packed.SizeOf(Tombstones) + Length;

    private const int ListpackOverhead = 7;

    /// <summary>Fields that the node's first entry has.</summary>
    public int FieldCount => (int)Packed.Read(Elements, 0, out _).Number;

    /// <summary>The position of the first field.</summary>
    public static int FieldsAt(ReadOnlySpan<byte> elements) => Packed.Next(elements, 0);

    /// <summary>The position of the first entry.</summary>
    public static int EntriesAt(ReadOnlySpan<byte> elements)
    {
        var count = (int)Packed.Read(elements, 0, out var at).Number;
        return Packed.Skip(elements, at, count + 1);
    }

    /// <summary>The id of the last entry, whether or not it is deleted.</summary>
    public StreamId LastId
    {
        get
        {
            ReadOnlySpan<byte> elements = Elements;
            var entry = new StreamEntry(Id, elements, FieldsAt(elements), FieldCount, StartOf(elements, elements.Length));
            return entry.Id;
        }
    }

    /// <summary>The position of the entry that ends at a position.</summary>
    public static int StartOf(ReadOnlySpan<byte> elements, int end)
    {
        var at = Packed.Previous(elements, end);
        for (var left = Packed.Read(elements, at, out _).Number; left > 0; left--) at = Packed.Previous(elements, at);
        return at;
    }

    /// <summary>
    /// Is it what a node must be, entries in the order of their ids? For bytes from outside, which are valid elements; says what is in it.
    /// </summary>
    public static bool TryCheck(StreamId id, ReadOnlySpan<byte> elements, out StreamNodeFigures figures)
    {
        figures = default;
        if (!TryRead(elements, 0, out var at, out var fields) || fields < 0 || !TrySkip(elements, fields, ref at)) return false;
        if (!TryRead(elements, at, out at, out var end) || end != 0) return false;
        while (at < elements.Length)
        {
            // Flags change where they lie.
            if (elements[at] > (Deleted | SameFields)) return false;
            if (!TryRead(elements, at, out at, out var flags) || !TryRead(elements, at, out at, out var ms)) return false;
            if (!TryRead(elements, at, out at, out var sequence)) return false;
            const int IdElements = 3;
            long own = fields, count = IdElements;
            if ((flags & SameFields) == 0)
            {
                if (!TryRead(elements, at, out at, out own) || own < 0 || own > elements.Length) return false;
                own *= 2;
                count++;
            }
            if (!TrySkip(elements, own, ref at) || !TryRead(elements, at, out at, out end) || end != count + own) return false;
            var entry = new StreamId(id.Ms + (ulong)ms, id.Sequence + (ulong)sequence);
            if (figures.Entries == 0 ? entry < id : entry <= figures.Last) return false;
            figures = figures.With(entry, (flags & Deleted) != 0);
        }
        return figures.Entries != 0;
    }

    private static bool TrySkip(ReadOnlySpan<byte> elements, long count, ref int at)
    {
        for (; count > 0; count--)
        {
            if (at >= elements.Length) return false;
            at = Packed.Next(elements, at);
        }
        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> elements, int at, out int next, out long number)
    {
        (next, number) = (at, 0);
        if (at >= elements.Length) return false;
        var item = Packed.Read(elements, at, out next);
        number = item.Number;
        return item.IsInteger;
    }
}

/// <summary>What is in a node: entries, those that are deleted and still lie there, the first that is not, and the last of all.</summary>
internal readonly record struct StreamNodeFigures(int Live, int Deleted, StreamId First, StreamId Last)
{
    public int Entries => Live + Deleted;

    /// <summary>With one more entry, behind the others.</summary>
    public StreamNodeFigures With(StreamId id, bool isDeleted) =>
        isDeleted ? this with { Deleted = Deleted + 1, Last = id } : new(Live + 1, Deleted, Live == 0 ? id : First, id);
}

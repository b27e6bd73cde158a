using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Keyspace;

namespace Anax.Commands;

/// <summary>A shard's part of what BY or GET looks up: the rows that it has passed.</summary>
internal struct SortLookup
{
    internal nint Table;
    internal int First;
    internal int Count;

    /// <summary>Rows that are done.</summary>
    internal int Next;

    /// <summary>The argument of BY; 0: it is about GET.</summary>
    internal int By;
    internal int Gets;

    /// <summary>Looks up what the next row needs from this shard. False when memory is refused.</summary>
    internal readonly bool Step(ShardScope shard, Arguments args)
    {
        SortTable table = SortTable.At(Table);
        int row = First + Next;
        if (By != 0) return LookUp(shard, table, row, table.Rows[row].Cell, args[By]);
        for (int get = 0; get < Gets; get++)
            if (!LookUp(shard, table, row, Next * Gets + get, args[SortOptions.FindGet(args, get)])) return false;
        return true;
    }

    private static bool LookUp(ShardScope shard, SortTable table, int row, int cell, ReadOnlySpan<byte> text)
    {
        var pattern = new SortPattern(text);
        ReadOnlySpan<byte> element = table.Element(row);
        if (pattern.IsElement)
        {
            if (shard.Id == 0)
                table.Cell(cell) = new SortCell { Shard = SortCell.Element, Offset = table.Rows[row].Offset, Length = element.Length };
            return true;
        }
        if (!pattern.HasKey) return true;
        ref SortText own = ref table.TextOf(shard.Id);
        if (!own.TryReserve(pattern.KeyLength(element), out Span<byte> name)) return false;
        pattern.WriteKey(element, name);
        var key = new Key(name, shard.Settings.HashKey.Hash(name));
        if (!shard.Owns(key) || !pattern.TryGet(shard, key, out var item)) return true;
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        ReadOnlySpan<byte> found = item.Text(scratch);
        int offset = own.Length;
        if (!own.TryAdd(found)) return false;
        table.Cell(cell) = new SortCell { Shard = shard.Id, Offset = offset, Length = found.Length };
        return true;
    }
}

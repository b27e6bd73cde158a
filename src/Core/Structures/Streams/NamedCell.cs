using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// What groups and consumers begin with: where their name stands in the cell. A name that is too long for it lies in a block.
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal unsafe struct NamedCell
{
    public const int SizeBytes = 8;

    private const int InCellMax = EntryTable.InlineBytesMax;

    private int _length;
    private int _at;

    /// <summary>
    /// A cell of the index, which never moves, with a name behind so many bytes; those are zero but for where the name is. 0 when
    /// memory is refused.
    /// </summary>
    public static uint Make(Arena arena, int ownBytes, scoped ReadOnlySpan<byte> name, out int bytes)
    {
        bytes = 0;
        NativeBlock block = default;
        if (name.Length > InCellMax)
        {
            block = NativeBlock.Allocate(name.Length);
            if (block.IsNull) return 0;
            name.CopyTo(block.Bytes);
        }
        var handle = arena.AllocateIndex(ownBytes + (block.IsNull ? name.Length : sizeof(long)));
        if (handle == 0)
        {
            if (!block.IsNull) block.Release();
            return 0;
        }
        var cell = arena.At(handle);
        new Span<byte>(cell, ownBytes).Clear();
        *(NamedCell*)cell = new NamedCell { _length = name.Length, _at = ownBytes };
        bytes = arena.CellBytesOf(handle);
        if (block.IsNull)
        {
            name.CopyTo(new Span<byte>(cell + ownBytes, name.Length));
            return handle;
        }
        BinaryPrimitives.WriteInt64LittleEndian(new Span<byte>(cell + ownBytes, sizeof(long)), block.Address);
        arena.AddExternal(block);
        bytes += (int)block.FootprintBytes;
        return handle;
    }

    /// <summary>Frees the cell, which nobody may be reading; returns the bytes it took.</summary>
    public static int Free(Arena arena, uint handle)
    {
        var bytes = arena.CellBytesOf(handle);
        var block = BlockOf(arena, handle);
        if (!block.IsNull)
        {
            bytes += (int)block.FootprintBytes;
            arena.DropExternal(block);
        }
        arena.FreeNow(handle);
        return bytes;
    }

    public static ReadOnlySpan<byte> NameOf(Arena arena, uint handle)
    {
        var block = BlockOf(arena, handle);
        var cell = (NamedCell*)arena.At(handle);
        return block.IsNull ? new ReadOnlySpan<byte>((byte*)cell + cell->_at, cell->_length) : block.Bytes[..cell->_length];
    }

    /// <summary>Bytes of a name that lies in a block.</summary>
    public static long BlockBytesOf(Arena arena, uint handle) => BlockOf(arena, handle) is { IsNull: false } block ? block.FootprintBytes : 0;

    private static NativeBlock BlockOf(Arena arena, uint handle)
    {
        var cell = (NamedCell*)arena.At(handle);
        if (cell->_length <= InCellMax) return default;
        return NativeBlock.From((nint)BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>((byte*)cell + cell->_at, sizeof(long))));
    }
}

/// <summary>The order of names, by their bytes.</summary>
internal readonly struct NameOrder : ITreeOrder
{
    public static bool IsWeighted => false;

    public static uint WeightOf(TreeSlot slot) => 1;

    public static int Compare(Arena arena, TreeSlot left, TreeSlot right) =>
        NamedCell.NameOf(arena, left.Handle).SequenceCompareTo(NamedCell.NameOf(arena, right.Handle));

    public static TreeSlot SlotOf(ReadOnlySpan<byte> name, uint handle) => new(Key32Of(name), handle);

    /// <summary>The first four bytes; a shorter name ends with zeros.</summary>
    public static uint Key32Of(ReadOnlySpan<byte> name)
    {
        var key = 0u;
        for (var i = 0; i < sizeof(uint); i++) key = key << 8 | (i < name.Length ? name[i] : 0u);
        return key;
    }
}

/// <summary>The place of a name.</summary>
internal readonly ref struct NameKey(ReadOnlySpan<byte> name) : ITreeKey<NameKey>
{
    private readonly ReadOnlySpan<byte> _name = name;

    public static uint Key32Of(scoped in NameKey key) => NameOrder.Key32Of(key._name);

    public static int Compare(Arena arena, scoped in NameKey key, TreeSlot slot) =>
        key._name.SequenceCompareTo(NamedCell.NameOf(arena, slot.Handle));
}

using System.Runtime.CompilerServices;

namespace Anax.Core.Structures;

// 0       1          2       8
// | count | capacity | level | slots, 8 bytes each      |      a leaf, 40 … 512 bytes
// | count | capacity | level | children, 20 bytes each  |      an inner node, 48 … 1024 bytes

/// <summary>A view of a node of a tree.</summary>
internal readonly unsafe struct TreeNode(byte* start)
{
    public const int HeaderBytes = 8;
    public const int LeafSlotsMax = 63;
    public const int ChildrenMax = 50;

    private const int CellBytesMin = 40;

    public byte* Start => start;

    /// <summary>Slots or children that it has.</summary>
    public ref byte Count => ref start[0];

    /// <summary>Slots or children that its cell has room for.</summary>
    public ref byte Capacity => ref start[1];

    public ref byte Level => ref start[2];

    public TreeSlot* Slots => (TreeSlot*)(start + HeaderBytes);

    public TreeChild* Children => (TreeChild*)(start + HeaderBytes);

    /// <summary>The first slot of all below the node.</summary>
    public TreeSlot First => Level == 0 ? *Slots : Children->First;

    public bool IsLast(int index) => index == Count - 1;

    public static int MaxOf(int level) => level == 0 ? LeafSlotsMax : ChildrenMax;

    /// <summary>What only nodes at the edges of their level go below.</summary>
    public static int MinOf(int level) => MaxOf(level) / 3;

    public static int ItemBytesOf(int level) => level == 0 ? sizeof(TreeSlot) : sizeof(TreeChild);

    /// <summary>
    /// Bytes of a cell for so many slots or children: four steps a doubling, so that a node has an eighth of its cell free
    /// and is seldom copied.
    /// </summary>
    public static int CellBytesFor(int level, int count)
    {
        var size = Math.Max(HeaderBytes + count * ItemBytesOf(level), CellBytesMin);
        var step = (1 << (32 - System.Numerics.BitOperations.LeadingZeroCount((uint)size - 1))) / 8;
        return (size + step - 1) & -step;
    }

    public void Clear(int level, int capacity)
    {
        Count = 0;
        Capacity = (byte)capacity;
        Level = (byte)level;
    }

    /// <summary>Makes room for one item, which must be free in the cell.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void OpenGap(int index, int itemBytes)
    {
        Invariant.Holds(Count < Capacity, "an item comes to a full node");
        var at = start + HeaderBytes + index * itemBytes;
        var bytes = (Count - index) * itemBytes;
        Buffer.MemoryCopy(at, at + itemBytes, bytes, bytes);
        Count++;
    }

    public void CloseGap(int index, int count)
    {
        var itemBytes = ItemBytesOf(Level);
        var at = start + HeaderBytes + index * itemBytes;
        var bytes = (Count - index - count) * itemBytes;
        Buffer.MemoryCopy(at + count * itemBytes, at, bytes, bytes);
        Count -= (byte)count;
    }

    /// <summary>Puts items of another node behind this one's last; they stay where they were, too.</summary>
    public void AppendFrom(TreeNode other, int index, int count)
    {
        var itemBytes = ItemBytesOf(Level);
        var bytes = count * itemBytes;
        Buffer.MemoryCopy(other.Start + HeaderBytes + index * itemBytes, start + HeaderBytes + Count * itemBytes, bytes, bytes);
        Count += (byte)count;
    }

    /// <summary>Puts the last items of another node before this one's first; they stay where they were, too.</summary>
    public void PrependFrom(TreeNode other, int count)
    {
        var itemBytes = ItemBytesOf(Level);
        var items = start + HeaderBytes;
        var bytes = count * itemBytes;
        Buffer.MemoryCopy(items, items + bytes, Count * itemBytes, Count * itemBytes);
        Buffer.MemoryCopy(other.Start + HeaderBytes + (other.Count - count) * itemBytes, items, bytes, bytes);
        Count += (byte)count;
    }
}

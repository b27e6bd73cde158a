using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

// A counted B+tree: header → inner nodes → leaves → records.
//
//     header      | root | version | depth | weight | slots | bytes of nodes |
//     inner node  | … | weight, first slot, node | weight, first slot, node | …      up to 50 children
//     leaf        | … | Key32, record | Key32, record | …                            up to 63 slots
//
// 1. A child's entry repeats the first slot and the weight of what lies below it, and every change rewrites the entries on its
//    way up: there are no other separators, so none can outlive its record.
// 2. Nodes know neither siblings nor parents. Who walks holds a path; a node can be moved by rewriting one entry.
// 3. Nodes have at least a third of their slots, but for the first and the last of each level: appending, prepending and taking
//    from the ends neither leaves half-empty nodes behind nor copies their neighbours.
// 4. Cells are as large as their nodes need, in steps.
// See docs/design/trees.md.

/// <summary>
/// A sequence of slots in one arena, found by key, by position or by path, behind a header in somebody's cell that never
/// moves. A value of this type is a view: it holds no state and may be made anew at each use. Owned by the shard's thread.
/// </summary>
internal readonly unsafe partial struct OrderTree<TOrder>(Arena arena, uint headerCell, int headerOffset)
    where TOrder : struct, ITreeOrder
{
    private const int CacheLineBytes = 64;

    private readonly Arena _arena = arena;
    private readonly TreeHeader* _header = (TreeHeader*)(arena.At(headerCell) + headerOffset);

    public long Weight => _header->Weight;

    public long Slots => _header->Slots;

    public long NodeBytes => _header->NodeBytes;

    public int Depth => _header->Depth;

    // ---- by key ----

    /// <summary>
    /// The slot that equals a key, in a tree where at most one does. When there is none, the path is where it belongs.
    /// </summary>
    public bool Find<TKey>(scoped in TKey key, out TreePath path) where TKey : ITreeKey<TKey>, allows ref struct
    {
        if (!Descend(key, true, out path)) return false;
        var leaf = Node(path.Nodes[0]);
        var index = CountBefore(key, leaf, sizeof(TreeSlot), 0, false);
        path.Indexes[0] = (byte)index;
        if (index == leaf.Count) return false;
        var slot = leaf.Slots[index];
        return slot.Key32 == TKey.Key32Of(key) && TKey.Compare(_arena, key, slot) == 0;
    }

    /// <summary>The first slot that is not before a key; false when there is none, the path is the end then.</summary>
    public bool FindFirst<TKey>(scoped in TKey key, out TreePath path) where TKey : ITreeKey<TKey>, allows ref struct
    {
        if (!Descend(key, false, out path)) return false;
        path.Indexes[0] = (byte)CountBefore(key, Node(path.Nodes[0]), sizeof(TreeSlot), 0, false);
        return Normalize(ref path);
    }

    /// <summary>The first slot that is after a key; false when there is none, the path is the end then.</summary>
    public bool FindAfter<TKey>(scoped in TKey key, out TreePath path) where TKey : ITreeKey<TKey>, allows ref struct
    {
        if (!Descend(key, true, out path)) return false;
        path.Indexes[0] = (byte)CountBefore(key, Node(path.Nodes[0]), sizeof(TreeSlot), 0, true);
        return Normalize(ref path);
    }

    // ---- by position ----

    /// <summary>
    /// The slot that holds the element of a rank, and which of its elements that is; false when there is none, the path is
    /// the end then.
    /// </summary>
    public bool FindRank(long rank, out TreePath path, out uint offset)
    {
        offset = 0;
        if ((ulong)rank >= (ulong)_header->Weight)
        {
            FindEnd(out path);
            return false;
        }
        path = NewPath();
        var handle = _header->Root;
        for (var level = path.Depth - 1; level > 0; level--)
        {
            var children = Node(handle).Children;
            var index = 0;
            for (; rank >= children[index].Weight; index++) rank -= children[index].Weight;
            path.Nodes[level] = handle;
            path.Indexes[level] = (byte)index;
            handle = children[index].Node;
        }
        path.Nodes[0] = handle;
        if (!TOrder.IsWeighted)
        {
            path.Indexes[0] = (byte)rank;
            return true;
        }
        var slots = Node(handle).Slots;
        var at = 0;
        for (; rank >= TOrder.WeightOf(slots[at]); at++) rank -= TOrder.WeightOf(slots[at]);
        path.Indexes[0] = (byte)at;
        offset = (uint)rank;
        return true;
    }

    /// <summary>The rank of the first element of a path's slot; of the end the weight of the tree.</summary>
    public long RankOf(in TreePath path)
    {
        if (path.Depth == 0) return 0;
        var rank = WeightOf(Node(path.Nodes[0]).Slots, path.Indexes[0]);
        for (var level = 1; level < path.Depth; level++)
        {
            var children = Node(path.Nodes[level]).Children;
            for (var i = path.Indexes[level] - 1; i >= 0; i--) rank += children[i].Weight;
        }
        return rank;
    }

    // ---- by path ----

    /// <summary>The first slot; false when the tree is empty.</summary>
    public bool FindStart(out TreePath path)
    {
        path = NewPath();
        if (path.Depth == 0) return false;
        path.Nodes[path.Depth - 1] = _header->Root;
        DescendAlongEdge(ref path, path.Depth - 1, false);
        return true;
    }

    /// <summary>The last slot; false when the tree is empty.</summary>
    public bool FindLast(out TreePath path)
    {
        FindEnd(out path);
        return Previous(ref path);
    }

    /// <summary>The place behind the last slot.</summary>
    public void FindEnd(out TreePath path)
    {
        path = NewPath();
        if (path.Depth == 0) return;
        path.Nodes[path.Depth - 1] = _header->Root;
        DescendAlongEdge(ref path, path.Depth - 1, true);
    }

    /// <summary>The slot at a path, which must not be the end.</summary>
    public TreeSlot At(in TreePath path) => Node(path.Nodes[0]).Slots[path.Indexes[0]];

    /// <summary>The slots from a path's to the last one of its leaf: empty at the end. Void once the tree changes.</summary>
    public ReadOnlySpan<TreeSlot> RunAt(in TreePath path)
    {
        if (path.Depth == 0) return default;
        var leaf = Node(path.Nodes[0]);
        return new ReadOnlySpan<TreeSlot>(leaf.Slots + path.Indexes[0], leaf.Count - path.Indexes[0]);
    }

    /// <summary>The next slot; false when there is none, the path is the end then.</summary>
    public bool Next(ref TreePath path)
    {
        if (path.Depth == 0) return false;
        if (path.Indexes[0] < Node(path.Nodes[0]).Count) path.Indexes[0]++;
        return Normalize(ref path);
    }

    /// <summary>The first slot of the next leaf; false when there is none, the path is the end then.</summary>
    public bool NextRun(ref TreePath path)
    {
        if (path.Depth == 0) return false;
        path.Indexes[0] = Node(path.Nodes[0]).Count;
        return Normalize(ref path);
    }

    /// <summary>The slot before; false when there is none, and the path stays.</summary>
    public bool Previous(ref TreePath path)
    {
        if (path.Depth == 0) return false;
        if (path.Indexes[0] > 0)
        {
            path.Indexes[0]--;
            return true;
        }
        for (var level = 1; level < path.Depth; level++)
        {
            if (path.Indexes[level] == 0) continue;
            path.Indexes[level]--;
            DescendAlongEdge(ref path, level, true, enter: true);
            path.Indexes[0]--;
            return true;
        }
        return false;
    }

    /// <summary>From behind the last slot of a leaf to the next one's first; false when there is no next one.</summary>
    private bool Normalize(ref TreePath path)
    {
        if (path.Depth == 0) return false;
        if (path.Indexes[0] < Node(path.Nodes[0]).Count) return true;
        for (var level = 1; level < path.Depth; level++)
        {
            if (Node(path.Nodes[level]).IsLast(path.Indexes[level])) continue;
            path.Indexes[level]++;
            DescendAlongEdge(ref path, level, false, enter: true);
            return true;
        }
        return false;
    }

    // ---- on the way down ----

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TreeNode Node(uint handle) => new(_arena.At(handle));

    private TreePath NewPath() => new() { Version = _header->Version, Depth = _header->Depth };

    /// <summary>
    /// Down to the leaf below a node, along the first or the last children; with <paramref name="enter"/>, the node's own
    /// index is given.
    /// </summary>
    private void DescendAlongEdge(ref TreePath path, int level, bool toEnd, bool enter = false)
    {
        for (; level > 0; level--)
        {
            var node = Node(path.Nodes[level]);
            if (!enter) path.Indexes[level] = (byte)(toEnd ? node.Count - 1 : 0);
            enter = false;
            path.Nodes[level - 1] = node.Children[path.Indexes[level]].Node;
        }
        path.Indexes[0] = toEnd ? Node(path.Nodes[0]).Count : (byte)0;
    }

    /// <summary>
    /// To the last leaf whose first slot is before the key, or equal if so asked; false when the tree is empty.
    /// </summary>
    private bool Descend<TKey>(scoped in TKey key, bool orEqual, out TreePath path) where TKey : ITreeKey<TKey>, allows ref struct
    {
        path = NewPath();
        if (path.Depth == 0) return false;
        var handle = _header->Root;
        for (var level = path.Depth - 1; level > 0; level--)
        {
            var node = Node(handle);
            var index = CountBefore(key, node, sizeof(TreeChild), sizeof(long), orEqual);
            if (index > 0) index--;
            path.Nodes[level] = handle;
            path.Indexes[level] = (byte)index;
            handle = node.Children[index].Node;
        }
        path.Nodes[0] = handle;
        PrefetchLeaf(handle);
        return true;
    }

    /// <summary>
    /// How many slots of a node are before the key, or equal if so asked. They stand so many bytes apart.
    /// </summary>
    private int CountBefore<TKey>(scoped in TKey key, TreeNode node, int stride, int offset, bool orEqual)
        where TKey : ITreeKey<TKey>, allows ref struct
    {
        var slots = node.Start + TreeNode.HeaderBytes + offset;
        var key32 = TKey.Key32Of(key);
        int count = node.Count;
        var low = CountBelow(slots, stride, count, key32);
        if (low == count || ((TreeSlot*)(slots + low * stride))->Key32 != key32) return low;
        // Most often one slot has this Key32, seldom a few, or else all of them.
        var high = low + 1;
        if (high < count && ((TreeSlot*)(slots + high * stride))->Key32 == key32)
            high = key32 == uint.MaxValue ? count : high + CountBelow(slots + high * stride, stride, count - high, key32 + 1);
        while (low < high)
        {
            var middle = (low + high) >> 1;
            var order = TKey.Compare(_arena, key, *(TreeSlot*)(slots + middle * stride));
            if (order > 0 || (order == 0 && orEqual)) low = middle + 1; else high = middle;
        }
        return low;
    }

    /// <summary>How many slots have a lower Key32. No branch hangs on what is compared.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int CountBelow(byte* slots, int stride, int count, uint key32)
    {
        var start = 0;
        while (count > 0)
        {
            var half = (count + 1) >> 1;
            // The first half is left behind when its last slot is below.
            start += ((TreeSlot*)(slots + (start + half - 1) * stride))->Key32 < key32 ? half : 0;
            count -= half;
        }
        return start;
    }

    /// <summary>All lines at once: a search would wait for one after the other (docs/design/trees.md).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void PrefetchLeaf(uint handle)
    {
        if (!Sse.IsSupported) return;
        var start = _arena.At(handle);
        for (var line = 0; line < 8; line++) Sse.Prefetch0(start + line * CacheLineBytes);
    }

    private static long WeightOf(TreeSlot* slots, int count)
    {
        if (!TOrder.IsWeighted) return count;
        long weight = 0;
        for (var i = 0; i < count; i++) weight += TOrder.WeightOf(slots[i]);
        return weight;
    }

    private static long WeightOf(TreeNode node, int first, int count)
    {
        if (node.Level == 0) return WeightOf(node.Slots + first, count);
        long weight = 0;
        for (var i = 0; i < count; i++) weight += node.Children[first + i].Weight;
        return weight;
    }
}

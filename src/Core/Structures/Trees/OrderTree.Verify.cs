namespace Anax.Core.Structures;

/// <summary>The whole-structure check that tests run.</summary>
internal readonly unsafe partial struct OrderTree<TOrder>
{
    private struct Sums
    {
        public long Slots, Bytes;
        public TreeSlot Last;
    }

    /// <summary>
    /// Checks counts, weights, order, depth, and the fill of nodes; where memory has been refused, nodes may have stayed
    /// sparse.
    /// </summary>
    public void Verify(bool mayBeSparse = false)
    {
        Invariant.Holds(_header->Depth <= TreePath.DepthMax, "a tree is too deep");
        Invariant.Holds((_header->Depth == 0) == (_header->Root == 0), "a root without depth");
        Invariant.Holds((_header->Depth == 0) == (_header->Slots == 0), "an empty tree with slots, or the other way round");
        var sums = new Sums();
        long weight = 0;
        if (_header->Depth != 0)
        {
            var level = _header->Depth - 1;
            Invariant.Holds(level == 0 || Node(_header->Root).Count > 1, "a root with one child");
            weight = VerifyNode(_header->Root, level, true, true, mayBeSparse, ref sums);
        }
        Invariant.Holds(weight == _header->Weight, "the weight of a tree is wrong");
        Invariant.Holds(sums.Slots == _header->Slots, "the count of slots is wrong");
        Invariant.Holds(sums.Bytes == _header->NodeBytes, "the bytes of nodes are wrong");
    }

    /// <summary>The weight of a subtree.</summary>
    private long VerifyNode(uint handle, int level, bool isFirst, bool isLast, bool mayBeSparse, ref Sums sums)
    {
        var node = Node(handle);
        var bytes = _arena.CellBytesOf(handle);
        Invariant.Holds(node.Level == level, "a node stands at another level");
        Invariant.Holds(node.Count > 0 && node.Count <= node.Capacity, "a node holds none or too many");
        Invariant.Holds(node.Capacity <= TreeNode.MaxOf(level), "a node is larger than it may be");
        Invariant.Holds(TreeNode.HeaderBytes + node.Capacity * TreeNode.ItemBytesOf(level) <= bytes, "a node does not fit its cell");
        Invariant.Holds(mayBeSparse || isFirst || isLast || node.Count >= TreeNode.MinOf(level), "a node is too empty");
        sums.Bytes += bytes;
        if (level == 0) return VerifyLeaf(node, ref sums);
        long weight = 0;
        for (var i = 0; i < node.Count; i++)
        {
            ref var child = ref node.Children[i];
            Invariant.Holds(child.First == Node(child.Node).First, "a separator is not the first slot below it");
            var below = VerifyNode(child.Node, level - 1, isFirst && i == 0, isLast && node.IsLast(i), mayBeSparse, ref sums);
            Invariant.Holds(below == child.Weight, "the weight of a child is wrong");
            weight += below;
        }
        return weight;
    }

    private long VerifyLeaf(TreeNode leaf, ref Sums sums)
    {
        long weight = 0;
        for (var i = 0; i < leaf.Count; i++)
        {
            var slot = leaf.Slots[i];
            Invariant.Holds(!TOrder.IsWeighted || TOrder.WeightOf(slot) > 0, "a slot without weight");
            Invariant.Holds(sums.Slots == 0 || TOrder.Compare(_arena, sums.Last, slot) <= 0, "slots out of order");
            weight += WeightOf(leaf.Slots + i, 1);
            sums.Slots++;
            sums.Last = slot;
        }
        return weight;
    }
}

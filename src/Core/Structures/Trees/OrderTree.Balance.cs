namespace Anax.Core.Structures;

// A node that is full:                                      A node that has become too small:
//
//     its cell is not its largest: a larger cell                nothing left: gone, and its entry above
//     a sibling has an eighth free: shared with it              fits into a sibling with an eighth to spare: merged
//     at the end of the tree: a new node behind it, or          at an edge of its level: stays, to be filled or
//     before it, and it stays full                              emptied from there
//     else: split in half                                       else: shared with the sibling
//
// Only siblings under one parent share. Each step leaves a sound tree; a step takes its memory before it changes anything.

/// <summary>Room for what comes, and what becomes of nodes when slots go.</summary>
internal readonly unsafe partial struct OrderTree<TOrder>
{
    /// <summary>The first leaf; false when memory is refused.</summary>
    private bool Plant(ref TreePath path)
    {
        var leaf = NewNode(0, 1);
        if (leaf == 0) return false;
        _header->Root = leaf;
        _header->Depth = path.Depth = 1;
        path.Nodes[0] = leaf;
        path.Indexes[0] = 0;
        return true;
    }

    /// <summary>Makes the path's node of this level have room for one more; false when memory is refused.</summary>
    private bool MakeRoom(ref TreePath path, int level)
    {
        var node = Node(path.Nodes[level]);
        if (node.Count < node.Capacity) return true;
        if (node.Count < TreeNode.MaxOf(level)) return Resize(ref path, level, IndexAbove(path, level), node.Count + 1);
        return (level + 1 < path.Depth && ShareFull(ref path, level)) || Split(ref path, level);
    }

    private bool ShareFull(ref TreePath path, int level)
    {
        var parent = Node(path.Nodes[level + 1]);
        var at = path.Indexes[level + 1];
        var max = TreeNode.MaxOf(level);
        int left = at > 0 ? Node(parent.Children[at - 1].Node).Count : max;
        int right = parent.IsLast(at) ? max : Node(parent.Children[at + 1].Node).Count;
        var fewer = Math.Min(left, right);
        if (fewer > max - max / 8) return false;
        var moved = (max - fewer + 1) / 2;
        return left == fewer ? Shift(ref path, level, at - 1, moved) : Shift(ref path, level, at, -moved);
    }

    private bool Split(ref TreePath path, int level)
    {
        int count = Node(path.Nodes[level]).Count;
        var index = path.Indexes[level];
        // An inner node is split for a child behind the one that the path names: the two stay together.
        var together = level == 0 ? 0 : 1;
        var isAppended = index == count - together && IsAtEdge(path, level, true);
        var isPrepended = index == 0 && !isAppended && IsAtEdge(path, level, false);
        var kept = isAppended ? index : isPrepended ? together : (count + 1) / 2;
        var toRight = isAppended || (level == 0 ? index > kept : index >= kept);
        var right = NewNode(level, isAppended ? TreeNode.MaxOf(level) : count - kept + (toRight ? 1 : 0));
        if (right == 0) return false;
        if (level + 1 == path.Depth ? !AddRoot(ref path) : !MakeRoom(ref path, level + 1))
        {
            FreeNode(right);
            return false;
        }
        var node = Node(path.Nodes[level]);
        var parent = Node(path.Nodes[level + 1]);
        var at = path.Indexes[level + 1];
        var target = Node(right);
        target.AppendFrom(node, kept, count - kept);
        node.Count = (byte)kept;
        var moved = WeightOf(target, 0, target.Count);
        parent.OpenGap(at + 1, sizeof(TreeChild));
        parent.Children[at].Weight -= moved;
        parent.Children[at + 1] = new TreeChild { Weight = moved, First = target.First, Node = right };
        if (toRight)
        {
            path.Nodes[level] = right;
            path.Indexes[level + 1]++;
            path.Indexes[level] -= (byte)kept;
        }
        // Without memory for a smaller cell it stays in the large one.
        if (!isAppended && !isPrepended) Resize(ref path, level, at, kept + (toRight ? 0 : 1));
        return true;
    }

    private bool AddRoot(ref TreePath path)
    {
        Invariant.Holds(path.Depth < TreePath.DepthMax, "a tree is deeper than its slots can make it");
        var root = NewNode(path.Depth, 2);
        if (root == 0) return false;
        var node = Node(root);
        *node.Children = new TreeChild { Weight = _header->Weight, First = Node(_header->Root).First, Node = _header->Root };
        node.Count = 1;
        _header->Root = root;
        path.Nodes[path.Depth] = root;
        path.Indexes[path.Depth] = 0;
        _header->Depth = ++path.Depth;
        return true;
    }

    /// <summary>After items have gone from the path's node of this level. Where memory is refused, it stays as it is.</summary>
    private void Rebalance(ref TreePath path, int level)
    {
        if (Node(path.Nodes[level]).Count == 0)
        {
            DropEmpty(ref path, level);
            return;
        }
        if (level + 1 == path.Depth)
        {
            DropLoneRoots(ref path);
            level = path.Depth - 1;
        }
        var node = Node(path.Nodes[level]);
        int count = node.Count;
        if (level + 1 < path.Depth && count < TreeNode.MinOf(level) && ShareSmall(ref path, level)) return;
        if (node.Capacity - count > Math.Max(4, node.Capacity / 4)) Resize(ref path, level, IndexAbove(path, level), count);
    }

    /// <summary>Merges the path's node with a sibling or shares with it; false when it is left as it is.</summary>
    private bool ShareSmall(ref TreePath path, int level)
    {
        var parent = Node(path.Nodes[level + 1]);
        if (parent.Count == 1) return false;
        int count = Node(path.Nodes[level]).Count;
        var at = path.Indexes[level + 1];
        var max = TreeNode.MaxOf(level);
        int left = at > 0 ? Node(parent.Children[at - 1].Node).Count : max + 1;
        int right = parent.IsLast(at) ? max + 1 : Node(parent.Children[at + 1].Node).Count;
        var fewer = Math.Min(left, right);
        if (count + fewer <= max - max / 8)
        {
            var first = left == fewer ? at - 1 : at;
            var source = parent.Children[first + 1].Node;
            if (!Shift(ref path, level, first, Node(source).Count)) return false;
            parent.CloseGap(first + 1, 1);
            FreeNode(source);
            Rebalance(ref path, level + 1);
            return true;
        }
        if (IsAtEdge(path, level, true) || IsAtEdge(path, level, false)) return false;
        var moved = (fewer - count) / 2;
        return left == fewer ? Shift(ref path, level, at - 1, -moved) : Shift(ref path, level, at, moved);
    }

    /// <summary>
    /// Moves so many first items of a node's right sibling to its end, or as many of its last ones to its right sibling when
    /// negative, and rewrites both entries. False when memory is refused.
    /// </summary>
    private bool Shift(ref TreePath path, int level, int leftIndex, int count)
    {
        var children = Node(path.Nodes[level + 1]).Children + leftIndex;
        var receiver = Node(children[count > 0 ? 0 : 1].Node);
        // With room for one more: it may be for an insertion.
        var room = receiver.Count + Math.Abs(count) + 1;
        if (room > receiver.Capacity && !Resize(ref path, level, leftIndex + (count > 0 ? 0 : 1), room)) return false;
        var left = Node(children[0].Node);
        var right = Node(children[1].Node);
        var isInRight = path.Indexes[level + 1] != leftIndex;
        int index = path.Indexes[level];
        long moved;
        if (count > 0)
        {
            moved = WeightOf(right, 0, count);
            if (isInRight)
            {
                var goesLeft = index < count || count == right.Count;
                if (goesLeft) EnterSibling(ref path, level, children[0].Node, -1);
                path.Indexes[level] = (byte)(goesLeft ? left.Count + index : index - count);
            }
            left.AppendFrom(right, 0, count);
            right.CloseGap(0, count);
        }
        else
        {
            var kept = left.Count + count;
            moved = -WeightOf(left, kept, -count);
            if (isInRight)
            {
                path.Indexes[level] = (byte)(index - count);
            }
            else if (index >= kept)
            {
                EnterSibling(ref path, level, children[1].Node, 1);
                path.Indexes[level] = (byte)(index - kept);
            }
            right.PrependFrom(left, -count);
            left.Count = (byte)kept;
        }
        children[0].Weight += moved;
        children[1].Weight -= moved;
        children[1].First = right.First;
        return true;
    }

    private static void EnterSibling(ref TreePath path, int level, uint node, int step)
    {
        path.Nodes[level] = node;
        path.Indexes[level + 1] = (byte)(path.Indexes[level + 1] + step);
    }

    /// <summary>Takes an empty node out of the tree; the path goes to what follows it.</summary>
    private void DropEmpty(ref TreePath path, int level)
    {
        FreeNode(path.Nodes[level]);
        if (level + 1 == path.Depth)
        {
            _header->Root = 0;
            _header->Depth = path.Depth = 0;
            return;
        }
        var parent = Node(path.Nodes[level + 1]);
        var at = path.Indexes[level + 1];
        parent.CloseGap(at, 1);
        if (parent.Count == 0)
        {
            DropEmpty(ref path, level + 1);
            return;
        }
        if (at == 0) PropagateFirst(path, level + 1);
        var isEnd = at == parent.Count;
        if (isEnd) path.Indexes[level + 1]--;
        DescendAlongEdge(ref path, level + 1, isEnd, enter: true);
        Rebalance(ref path, level + 1);
    }

    /// <summary>The root's only child becomes the root.</summary>
    private void DropLoneRoots(ref TreePath path)
    {
        while (path.Depth > 1)
        {
            var root = Node(_header->Root);
            if (root.Count > 1) return;
            var child = root.Children->Node;
            FreeNode(_header->Root);
            _header->Root = child;
            _header->Depth = --path.Depth;
        }
    }

    /// <summary>Whether the path's node is the last of its level, or the first.</summary>
    private bool IsAtEdge(in TreePath path, int level, bool last)
    {
        for (level++; level < path.Depth; level++)
            if (last ? !Node(path.Nodes[level]).IsLast(path.Indexes[level]) : path.Indexes[level] != 0) return false;
        return true;
    }

    // ---- cells ----

    private static int IndexAbove(in TreePath path, int level) => level + 1 < path.Depth ? path.Indexes[level + 1] : 0;

    /// <summary>An empty node with room for so many; 0 when memory is refused.</summary>
    private uint NewNode(int level, int count)
    {
        var handle = _arena.Allocate(TreeNode.CellBytesFor(level, count));
        if (handle == 0) return 0;
        var bytes = _arena.CellBytesOf(handle);
        _header->NodeBytes += bytes;
        var capacity = (bytes - TreeNode.HeaderBytes) / TreeNode.ItemBytesOf(level);
        Node(handle).Clear(level, Math.Min(capacity, TreeNode.MaxOf(level)));
        return handle;
    }

    private void FreeNode(uint handle)
    {
        _header->NodeBytes -= _arena.CellBytesOf(handle);
        _arena.FreeNow(handle);
    }

    /// <summary>
    /// Another cell, with room for so many, for a node of this level: the child of this index of the path's node above, or the
    /// root. False when memory is refused.
    /// </summary>
    private bool Resize(ref TreePath path, int level, int index, int count)
    {
        var isRoot = level + 1 == path.Depth;
        ref var entry = ref isRoot ? ref _header->Root : ref Node(path.Nodes[level + 1]).Children[index].Node;
        if (_arena.CellBytes(TreeNode.CellBytesFor(level, count)) == _arena.CellBytesOf(entry)) return true;
        var handle = NewNode(level, count);
        if (handle == 0) return false;
        var node = Node(entry);
        Node(handle).AppendFrom(node, 0, node.Count);
        FreeNode(entry);
        entry = handle;
        if (isRoot || index == path.Indexes[level + 1]) path.Nodes[level] = handle;
        return true;
    }
}

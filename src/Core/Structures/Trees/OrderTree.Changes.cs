namespace Anax.Core.Structures;

/// <summary>Insertion, replacement, removal: at a path, which stays valid.</summary>
internal readonly unsafe partial struct OrderTree<TOrder>
{
    /// <summary>
    /// Inserts a slot where a path points, the end included; the path names it then. False when memory is refused: nothing has
    /// changed.
    /// </summary>
    public bool InsertBefore(ref TreePath path, TreeSlot slot)
    {
        Check(path);
        if (_header->Depth == 0 ? !Plant(ref path) : !MakeRoom(ref path, 0)) return false;
        var leaf = Node(path.Nodes[0]);
        var index = path.Indexes[0];
        leaf.OpenGap(index, sizeof(TreeSlot));
        leaf.Slots[index] = slot;
        _header->Slots++;
        Propagate(path, WeightOf(leaf.Slots + index, 1));
        Changed(ref path);
        return true;
    }

    /// <summary>
    /// Inserts a slot behind the one that a path names; the path names the new one then. False when memory is refused: nothing
    /// has changed.
    /// </summary>
    public bool InsertAfter(ref TreePath path, TreeSlot slot)
    {
        Check(path);
        Invariant.Holds(HasSlot(path), "an insertion behind no slot");
        path.Indexes[0]++;
        if (InsertBefore(ref path, slot)) return true;
        path.Indexes[0]--;
        return false;
    }

    /// <summary>
    /// Inserts at the end, given the path of the last slot or of the end: many in a row fill the leaves, and search nothing.
    /// </summary>
    public bool Append(ref TreePath path, TreeSlot slot) =>
        HasSlot(path) ? InsertAfter(ref path, slot) : InsertBefore(ref path, slot);

    /// <summary>Another record or another weight in the place of a path's slot; the order must stay.</summary>
    public void Replace(ref TreePath path, TreeSlot slot)
    {
        Check(path);
        Invariant.Holds(HasSlot(path), "a replacement of no slot");
        var place = Node(path.Nodes[0]).Slots + path.Indexes[0];
        var weight = WeightOf(place, 1);
        *place = slot;
        Propagate(path, WeightOf(place, 1) - weight);
        Changed(ref path);
    }

    /// <summary>
    /// Removes a path's slot; the path names its successor then. False when there is none, the path is the end.
    /// </summary>
    public bool Remove(ref TreePath path)
    {
        Check(path);
        Invariant.Holds(HasSlot(path), "a removal of no slot");
        RemoveRun(ref path, 1);
        return Normalize(ref path);
    }

    /// <summary>
    /// Removes the slots that lie wholly between two ranks, at most so many; the upper rank is lowered by what they weighed, so
    /// that the next call goes on. True when none is left.
    /// </summary>
    public bool RemoveRange<TVisitor>(long from, ref long to, int budget, scoped ref TVisitor visitor)
        where TVisitor : struct, ITreeVisitor, allows ref struct
    {
        while (from < to)
        {
            if (budget <= 0) return false;
            if (!FindRank(from, out var path, out var offset)) return true;
            var start = from;
            if (offset != 0)
            {
                start += WeightOf(Node(path.Nodes[0]).Slots + path.Indexes[0], 1) - offset;
                if (!Next(ref path)) return true;
            }
            var run = RunAt(path);
            var count = 0;
            long weight = 0;
            for (; count < run.Length && count < budget; count++)
            {
                long next = TOrder.IsWeighted ? TOrder.WeightOf(run[count]) : 1;
                if (next > to - start - weight) break;
                weight += next;
            }
            if (count == 0) return true;
            for (var i = 0; i < count; i++) visitor.Visit(run[i]);
            RemoveRun(ref path, count);
            to -= weight;
            budget -= count;
        }
        return true;
    }

    private bool HasSlot(in TreePath path) => path.Depth != 0 && path.Indexes[0] < Node(path.Nodes[0]).Count;

    private void Check(in TreePath path) =>
        Invariant.Holds(path.Version == _header->Version, "a change at the path of another version");

    private void Changed(ref TreePath path) => path.Version = ++_header->Version;

    /// <summary>Removes slots of one leaf, from the path's on.</summary>
    private void RemoveRun(ref TreePath path, int count)
    {
        var leaf = Node(path.Nodes[0]);
        var weight = WeightOf(leaf.Slots + path.Indexes[0], count);
        leaf.CloseGap(path.Indexes[0], count);
        _header->Slots -= count;
        Propagate(path, -weight);
        Rebalance(ref path, 0);
        Changed(ref path);
    }

    /// <summary>Rewrites the entries above a path's leaf, whose weight, and perhaps whose first slot, has changed.</summary>
    private void Propagate(in TreePath path, long weight)
    {
        _header->Weight += weight;
        for (var level = 1; level < path.Depth; level++)
            Node(path.Nodes[level]).Children[path.Indexes[level]].Weight += weight;
        if (path.Indexes[0] == 0) PropagateFirst(path, 0);
    }

    /// <summary>Rewrites the entries that repeat the first slot of a path's node of this level.</summary>
    private void PropagateFirst(in TreePath path, int level)
    {
        var first = Node(path.Nodes[level]).First;
        for (level++; level < path.Depth; level++)
        {
            var index = path.Indexes[level];
            Node(path.Nodes[level]).Children[index].First = first;
            if (index != 0) return;
        }
    }
}

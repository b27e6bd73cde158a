namespace Anax.Core.Structures;

/// <summary>Walks in steps: moving nodes and records, and the end of a tree.</summary>
internal readonly unsafe partial struct OrderTree<TOrder>
{
    /// <summary>
    /// Moves nodes off extents that the arena empties, and has the mover do so with at most about so many records. The
    /// position is a rank, 0 at the start: the tree may change between steps. True at the end of a round.
    /// </summary>
    public bool MoveNodes<TMover>(ref long position, int budget, scoped ref TMover mover)
        where TMover : struct, ITreeMover, allows ref struct
    {
        for (; budget > 0; budget--)
        {
            if (!FindRank(position, out var path, out var offset))
            {
                position = 0;
                return true;
            }
            position -= offset;
            for (var level = path.Depth - 1; level >= 0; level--) MoveNode(ref path, level);
            var leaf = Node(path.Nodes[0]);
            for (; path.Indexes[0] < leaf.Count && budget > 0; path.Indexes[0]++, budget--)
            {
                var slot = leaf.Slots + path.Indexes[0];
                position += WeightOf(slot, 1);
                var moved = mover.Move(*slot);
                if (moved == slot->Handle) continue;
                *slot = new TreeSlot(slot->Key32, moved);
                if (path.Indexes[0] == 0) PropagateFirst(path, 0);
                _header->Version++;
            }
        }
        if (position < _header->Weight) return false;
        position = 0;
        return true;
    }

    /// <summary>Where memory is refused, the node stays where it is.</summary>
    private void MoveNode(ref TreePath path, int level)
    {
        var handle = path.Nodes[level];
        if (!_arena.MustMove(handle)) return;
        var moved = _arena.Move(handle);
        if (moved == 0) return;
        path.Nodes[level] = moved;
        if (level + 1 == path.Depth) _header->Root = moved;
        else Node(path.Nodes[level + 1]).Children[path.Indexes[level + 1]].Node = moved;
        _header->Version++;
    }

    /// <summary>
    /// Gives at most so many slots to the visitor, from the end backwards, and takes them out of the tree with their nodes;
    /// true when nothing is left. Between steps it is a sound tree.
    /// </summary>
    public bool FreeStep<TVisitor>(int budget, scoped ref TVisitor visitor) where TVisitor : struct, ITreeVisitor, allows ref struct
    {
        while (_header->Depth != 0 && budget > 0)
        {
            FindEnd(out var path);
            var count = Math.Min(budget, (int)path.Indexes[0]);
            path.Indexes[0] -= (byte)count;
            foreach (var slot in RunAt(path)) visitor.Visit(slot);
            RemoveRun(ref path, count);
            budget -= count;
        }
        return _header->Depth == 0;
    }
}

using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>Walks over whole streams: freeing, moving, checking.</summary>
internal readonly unsafe partial struct StreamStore
{
    // ---- free ----

    /// <summary>Frees about so many nodes, pending entries, consumers and groups; true when nothing is left but the root.</summary>
    public bool FreeStep(int budget)
    {
        var visitor = new NodeFreer { Stream = this };
        if (!Nodes.FreeStep(budget, ref visitor)) return false;
        var groups = Groups;
        while (groups.FindLast(out var path))
        {
            var handle = groups.At(path).Handle;
            if (!FreeWithin(new StreamGroup(_arena, handle), ref budget)) return false;
            _ = groups.Remove(ref path);
            _ = NamedCell.Free(_arena, handle);
        }
        *_root = default;
        return true;
    }

    /// <summary>Frees what is behind a group; false when the budget was used up.</summary>
    private bool FreeWithin(StreamGroup group, ref int budget)
    {
        var freer = new PendingFreer { Arena = _arena };
        var forget = default(Forget);
        if (budget <= 0 || !Spend(group.PendingTree, ref budget, ref freer)) return false;
        var consumers = group.Consumers;
        while (consumers.FindLast(out var path))
        {
            var consumer = new StreamConsumer(_arena, consumers.At(path).Handle);
            if (budget <= 0 || !Spend(consumer.PendingTree, ref budget, ref forget)) return false;
            _ = consumers.Remove(ref path);
            _ = NamedCell.Free(_arena, consumer.Handle);
        }
        return true;
    }

    private static bool Spend<TVisitor>(OrderTree<IdOrder> tree, ref int budget, ref TVisitor visitor) where TVisitor : struct, ITreeVisitor
    {
        var before = tree.Slots;
        var isDone = tree.FreeStep(budget, ref visitor);
        budget -= 1 + (int)(before - tree.Slots);
        return isDone;
    }

    // ---- move ----

    /// <summary>
    /// Moves cells and the nodes of trees off extents that the arena empties, about so many; true at the end of a round. What must
    /// not be read any more is freed at once: no command may be under way.
    /// </summary>
    public bool MoveStep(ref SweepState state, int budget)
    {
        while (budget > 0)
        {
            var position = (long)state.Position;
            var before = position;
            var isOver = MoveWithin(ref state, ref position, budget, out var isLast);
            // Of groups that went meanwhile, others are passed over until the next round.
            budget -= 1 + (int)Math.Clamp(position - before, 0, budget);
            state.Position = isOver ? 0 : (ulong)position;
            if (!isOver) return false;
            state.Inner = state.Outer < FirstGroup ? 0 : state.Inner + 1;
            if (state.Outer < FirstGroup) state.Outer++;
            if (!isLast) continue;
            (state.Outer, state.Inner) = (0, 0);
            return true;
        }
        return false;
    }

    private const int OfNodes = 0, OfGroups = 1, FirstGroup = 2;
    private const int OfConsumers = 0, OfPending = 1, FirstConsumer = 2;

    /// <summary>One step over one of the trees; true when it is done.</summary>
    private bool MoveWithin(ref SweepState state, ref long position, int budget, out bool isLast)
    {
        isLast = false;
        var cells = new CellMover(_arena);
        var stay = default(Stay);
        if (state.Outer == OfNodes) return Nodes.MoveNodes(ref position, budget, ref cells);
        if (state.Outer == OfGroups) return Groups.MoveNodes(ref position, budget, ref stay);
        var group = GroupAt(state.Outer - FirstGroup);
        if (!group.Exists)
        {
            isLast = true;
            return true;
        }
        if (state.Inner == OfConsumers) return group.Consumers.MoveNodes(ref position, budget, ref stay);
        if (state.Inner == OfPending)
        {
            var mover = new PendingMover(_arena);
            return group.PendingTree.MoveNodes(ref position, budget, ref mover);
        }
        var consumer = group.ConsumerAt(state.Inner - FirstConsumer);
        if (consumer.Exists) return consumer.PendingTree.MoveNodes(ref position, budget, ref stay);
        state.Outer++;
        state.Inner = -1;
        return true;
    }

    // ---- check ----

    /// <summary>Checks the whole structure; for tests.</summary>
    public void Verify(bool mayBeSparse)
    {
        Nodes.Verify(mayBeSparse);
        Groups.Verify(mayBeSparse);
        long count = 0, bytes = 0;
        var first = default(StreamId);
        var last = default(StreamId);
        var nodes = Nodes;
        for (var isThere = nodes.FindStart(out var path); isThere; isThere = nodes.Next(ref path))
        {
            var node = NodeAt(path);
            bytes += _arena.CellBytesOf(nodes.At(path).Handle) + (node.IsInBlock ? node.Block.FootprintBytes : 0);
            Invariant.Holds(Packed.IsValid(node.Elements, out _), "a node's elements are whole");
            var isValid = StreamNode.TryCheck(node.Id, node.Elements, out var figures);
            Invariant.Holds(isValid && figures.Live == node.Live && figures.Deleted == node.Tombstones, "a node counts its entries");
            Invariant.Holds(node.Id > last, "a node begins behind the entries before it");
            last = node.LastId;
            count += figures.Live;
        }
        if (new StreamWalk(_arena, this, default, StreamId.Max, false).Next(out var entry)) first = entry.Id;
        Invariant.Holds(count == _root->Count, "a stream counts its entries");
        Invariant.Holds(bytes == _root->NodeBytes, "a stream counts its bytes");
        Invariant.Holds(first == _root->FirstId, "a stream knows its first entry");
        Invariant.Holds(last <= _root->LastId, "a stream's last id is that of no entry before others");
        for (var i = 0; i < Groups.Slots; i++) Verify(GroupAt(i), mayBeSparse);
    }

    private void Verify(StreamGroup group, bool mayBeSparse)
    {
        group.PendingTree.Verify(mayBeSparse);
        group.Consumers.Verify(mayBeSparse);
        long pending = 0, bytes = _arena.CellBytesOf(group.Handle) + NamedCell.BlockBytesOf(_arena, group.Handle);
        for (var i = 0; i < group.ConsumerCount; i++)
        {
            var consumer = group.ConsumerAt(i);
            consumer.PendingTree.Verify(mayBeSparse);
            bytes += _arena.CellBytesOf(consumer.Handle) + NamedCell.BlockBytesOf(_arena, consumer.Handle) + consumer.PendingTree.NodeBytes;
            for (var walk = consumer.Pending(default); walk.Next(out var entry); pending++)
            {
                Invariant.Holds(entry.Cell->Consumer == consumer.Handle, "what is pending knows its consumer");
                Invariant.Holds(group.FindPending(entry.Id).Handle == entry.Handle, "group and consumer name the same");
                bytes += _arena.CellBytesOf(entry.Handle);
            }
        }
        Invariant.Holds(pending == group.PendingCount, "all that is pending has a consumer");
        Invariant.Holds(bytes == group.Cell->Bytes, "a group counts its bytes");
    }

    private struct NodeFreer : ITreeVisitor
    {
        public StreamStore Stream;

        public readonly void Visit(TreeSlot slot) => Stream.FreeNode(slot.Handle);
    }

    private struct PendingFreer : ITreeVisitor
    {
        public Arena Arena;

        public readonly void Visit(TreeSlot slot) => Arena.FreeNow(slot.Handle);
    }

    /// <summary>Cells that something else frees.</summary>
    private struct Forget : ITreeVisitor
    {
        public readonly void Visit(TreeSlot slot) => _ = slot;
    }

    private readonly struct CellMover(Arena arena) : ITreeMover
    {
        public uint Move(TreeSlot slot)
        {
            if (!arena.MustMove(slot.Handle)) return slot.Handle;
            var moved = arena.Move(slot.Handle);
            return moved == 0 ? slot.Handle : moved;
        }
    }

    /// <summary>Cells that never move, or move with another tree.</summary>
    private struct Stay : ITreeMover
    {
        public readonly uint Move(TreeSlot slot) => slot.Handle;
    }

    /// <summary>Moves what is pending; the tree of its consumer, which names it too, is told.</summary>
    private readonly struct PendingMover(Arena arena) : ITreeMover
    {
        public uint Move(TreeSlot slot)
        {
            if (!arena.MustMove(slot.Handle)) return slot.Handle;
            var moved = arena.Copy(slot.Handle);
            if (moved == 0) return slot.Handle;
            var entry = new PendingEntry(arena, moved);
            if (entry.Consumer.Exists)
            {
                var tree = entry.Consumer.PendingTree;
                var isFound = tree.Find(new IdKey(entry.Id), out var path);
                Invariant.Holds(isFound, "what is pending is named by its consumer");
                tree.Replace(ref path, IdOrder.SlotOf(entry.Id, moved));
            }
            arena.FreeNow(slot.Handle);
            return moved;
        }
    }
}

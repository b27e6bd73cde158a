using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// Sorted sets: the tree in the root names each record of the table, that of the expiry index each record that expires, and
/// nobody else changes all three.
/// </summary>
internal static unsafe partial class ValueRoots
{
    /// <summary>The tree that orders the members behind the root of a sorted set.</summary>
    public static OrderTree<MemberOrder> TreeOf(Arena arena, uint root) => new(arena, root, ValueRoot.TreeOffset);

    /// <summary>Adds a member that is not there; the entry is its place. False when memory is refused: nothing has changed.</summary>
    public static bool AddScored(
        Arena arena, uint root, EntryTable members, scoped ref Entry entry, scoped ReadOnlySpan<byte> member, double score, long expireAtMs)
    {
        var bytes = new ReadOnlySpan<byte>(&score, Scores.Bytes);
        if (!members.SetString(ref entry, member, bytes, expireAtMs)) return false;
        var tree = TreeOf(arena, root);
        _ = tree.Find(new MemberKey(score, member), out var path);
        if (tree.InsertBefore(ref path, Scores.SlotOf(score, entry.Place.Handle)))
        {
            if (expireAtMs == 0 || AddExpiry(arena, root, entry.Place.Handle)) return true;
            _ = tree.Remove(ref path);
        }
        members.Delete(ref entry);
        return false;
    }

    public static void RemoveScored(Arena arena, uint root, EntryTable members, scoped ref Entry entry)
    {
        if (entry.ExpireAtMs != 0) RemoveExpiry(arena, root, entry.Record);
        var tree = TreeOf(arena, root);
        var path = PathOf(tree, entry.Record);
        _ = tree.Remove(ref path);
        members.Delete(ref entry);
    }

    /// <summary>As <see cref="RemoveScored"/>, of a member that is about to leave the tree that orders them.</summary>
    public static void RemoveRanked(Arena arena, uint root, EntryTable members, scoped ref Entry entry)
    {
        if (entry.ExpireAtMs != 0) RemoveExpiry(arena, root, entry.Record);
        members.Delete(ref entry);
    }

    /// <summary>
    /// Moves nodes off extents that the arena empties, passing so many slots; true at the end of a round. The position, 0 at
    /// first, is the complement of one in the second tree when that is under way.
    /// </summary>
    public static bool MoveNodes(Arena arena, uint root, ref long position, int slots)
    {
        if (At(arena, root)->Type != ValueType.SortedSet) return true;
        var stay = default(Stay);
        if (position >= 0)
        {
            if (!TreeOf(arena, root).MoveNodes(ref position, slots, ref stay)) return false;
            position = ~0L;
        }
        var among = ~position;
        var isDone = At(arena, root)->Expiries == 0 || ExpiriesOf(arena, root).MoveNodes(ref among, slots, ref stay);
        position = isDone ? 0 : ~among;
        return isDone;
    }

    private static void MoveScored(Arena arena, uint root, uint from, uint to)
    {
        var tree = TreeOf(arena, root);
        var record = KeyRecord.At(arena.At(from));
        var path = PathOf(tree, record);
        tree.Replace(ref path, Scores.SlotOf(Scores.Of(record), to));
        if (record.Expiry == 0) return;
        var expiries = ExpiriesOf(arena, root);
        path = PathOf(expiries, record);
        expiries.Replace(ref path, ExpiryOrder.SlotOf(record.Expiry, to));
    }

    private static TreePath PathOf(OrderTree<MemberOrder> tree, in KeyRecord record)
    {
        var isFound = tree.Find(new MemberKey(Scores.Of(record), Scores.MemberOf(record)), out var path);
        Invariant.Holds(isFound, "the tree of a sorted set names every member");
        return path;
    }

    private static bool FreeNodes(Arena arena, uint root, int budget)
    {
        var forget = default(Forget);
        return FreeExpiries(arena, root, budget) && TreeOf(arena, root).FreeStep(budget, ref forget);
    }

    /// <summary>Records move with their table.</summary>
    private struct Stay : ITreeMover
    {
        public readonly uint Move(TreeSlot slot) => slot.Handle;
    }

    /// <summary>Records are freed with their table.</summary>
    private struct Forget : ITreeVisitor
    {
        public readonly void Visit(TreeSlot slot) => _ = slot;
    }
}

using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>Members of sorted sets that expire: an index beside the root, made with the first of them, finds them by their time.</summary>
internal static unsafe partial class ValueRoots
{
    /// <summary>Has the time come of a member of this sorted set? False for values of other types.</summary>
    public static bool HasDue(Arena arena, uint root, long nowMs)
    {
        var expiries = At(arena, root)->Expiries;
        return expiries != 0 && IndexAt(arena, expiries)->EarliestMs <= nowMs;
    }

    /// <summary>How many members there are whose time has come.</summary>
    public static long CountDue(Arena arena, uint root, long nowMs)
    {
        if (!HasDue(arena, root, nowMs)) return 0;
        var tree = ExpiriesOf(arena, root);
        _ = tree.FindAfter(new TimeKey(nowMs), out var path);
        return tree.RankOf(path);
    }

    /// <summary>The member that expires first, of a sorted set where one does.</summary>
    public static Entry FindEarliest(Arena arena, uint root, EntryTable members)
    {
        _ = ExpiriesOf(arena, root).FindStart(out var path);
        return members.Find(Scores.MemberOf(Scores.RecordOf(arena, ExpiriesOf(arena, root).At(path))));
    }

    /// <summary>
    /// Sets the expiry of a member that is there, 0 for none. False when memory is refused, which removing one never is; nothing
    /// has changed then.
    /// </summary>
    public static bool SetExpiry(
        Arena arena, uint root, EntryTable members, scoped ref Entry entry, scoped ReadOnlySpan<byte> member, long expireAtMs)
    {
        expireAtMs = Math.Min(expireAtMs, KeyRecord.ExpiryMax);
        var before = entry.ExpireAtMs;
        if (before == expireAtMs) return true;
        // The record may move: its slots are found while it is where they say.
        var tree = TreeOf(arena, root);
        var path = PathOf(tree, entry.Record);
        if (expireAtMs == 0)
        {
            RemoveExpiry(arena, root, entry.Record);
            _ = members.SetExpiry(ref entry, 0);
        }
        else if (!(before == 0 ? TryBegin(arena, root, members, ref entry, member, expireAtMs)
            : TryChange(arena, root, members, ref entry, member, expireAtMs)))
        {
            return false;
        }
        tree.Replace(ref path, Scores.SlotOf(Scores.Of(in entry), entry.Place.Handle));
        return true;
    }

    /// <summary>Checks both trees against the table; for tests.</summary>
    public static void VerifyScored(Arena arena, uint root, EntryTable members, bool mayBeSparse)
    {
        var tree = TreeOf(arena, root);
        tree.Verify(mayBeSparse);
        Invariant.Holds(tree.Slots == members.Count, "the tree of a sorted set names every member");
        Invariant.Holds(At(arena, root)->Expiries != 0 == (members.ExpiringCount != 0), "an index without members that expire");
        if (At(arena, root)->Expiries == 0) return;
        var expiries = ExpiriesOf(arena, root);
        expiries.Verify(mayBeSparse);
        Invariant.Holds(expiries.Slots == members.ExpiringCount, "the index names every member that expires");
        Invariant.Holds(IndexAt(arena, At(arena, root)->Expiries)->EarliestMs == EarliestOf(arena, expiries), "the earliest expiry is wrong");
        for (var isThere = expiries.FindStart(out var path); isThere; isThere = expiries.Next(ref path))
        {
            var slot = expiries.At(path);
            var record = Scores.RecordOf(arena, slot);
            var entry = members.Find(Scores.MemberOf(record));
            Invariant.Holds(entry.Exists && entry.Place.Handle == slot.Handle, "the index names a record that is gone");
            Invariant.Holds(slot.Key32 == ExpiryOrder.Key32Of(record.Expiry) && record.Expiry != 0, "a slot of another time");
        }
    }

    private static ExpiryIndex* IndexAt(Arena arena, uint expiries) => (ExpiryIndex*)arena.At(expiries);

    private static OrderTree<ExpiryOrder> ExpiriesOf(Arena arena, uint root) => new(arena, At(arena, root)->Expiries, 0);

    /// <summary>A member that has lived for ever gets an expiry.</summary>
    private static bool TryBegin(
        Arena arena, uint root, EntryTable members, scoped ref Entry entry, scoped ReadOnlySpan<byte> member, long expireAtMs)
    {
        if (!TryMakeIndex(arena, root)) return false;
        var tree = ExpiriesOf(arena, root);
        _ = tree.Find(new ExpiryKey(expireAtMs, member), out var path);
        var isInserted = tree.InsertBefore(ref path, ExpiryOrder.SlotOf(expireAtMs, entry.Place.Handle));
        if (isInserted && members.SetExpiry(ref entry, expireAtMs))
        {
            tree.Replace(ref path, ExpiryOrder.SlotOf(expireAtMs, entry.Place.Handle));
            Settle(arena, root);
            return true;
        }
        if (isInserted) _ = tree.Remove(ref path);
        Settle(arena, root);
        return false;
    }

    /// <summary>
    /// A member gets another expiry. The new slot comes first, as that may be refused; until the old one has gone, both name the
    /// record, so it is found by its rank.
    /// </summary>
    private static bool TryChange(
        Arena arena, uint root, EntryTable members, scoped ref Entry entry, scoped ReadOnlySpan<byte> member, long expireAtMs)
    {
        var tree = ExpiriesOf(arena, root);
        var oldRank = tree.RankOf(PathOf(tree, entry.Record));
        _ = tree.Find(new ExpiryKey(expireAtMs, member), out var path);
        var rank = tree.RankOf(path);
        if (!tree.InsertBefore(ref path, ExpiryOrder.SlotOf(expireAtMs, entry.Place.Handle))) return false;
        if (!members.SetExpiry(ref entry, expireAtMs))
        {
            _ = tree.Remove(ref path);
            return false;
        }
        tree.Replace(ref path, ExpiryOrder.SlotOf(expireAtMs, entry.Place.Handle));
        _ = tree.FindRank(rank <= oldRank ? oldRank + 1 : oldRank, out var old, out _);
        _ = tree.Remove(ref old);
        Settle(arena, root);
        return true;
    }

    /// <summary>A record that has just been added expires. False when memory is refused.</summary>
    private static bool AddExpiry(Arena arena, uint root, uint handle)
    {
        if (!TryMakeIndex(arena, root)) return false;
        var tree = ExpiriesOf(arena, root);
        var record = KeyRecord.At(arena.At(handle));
        _ = tree.Find(new ExpiryKey(record.Expiry, Scores.MemberOf(record)), out var path);
        var isDone = tree.InsertBefore(ref path, ExpiryOrder.SlotOf(record.Expiry, handle));
        Settle(arena, root);
        return isDone;
    }

    private static void RemoveExpiry(Arena arena, uint root, in KeyRecord record)
    {
        var tree = ExpiriesOf(arena, root);
        var path = PathOf(tree, record);
        _ = tree.Remove(ref path);
        Settle(arena, root);
    }

    private static bool TryMakeIndex(Arena arena, uint root)
    {
        if (At(arena, root)->Expiries != 0) return true;
        var index = arena.AllocateIndex(ExpiryIndex.SizeBytes);
        if (index == 0) return false;
        *IndexAt(arena, index) = default;
        At(arena, root)->Expiries = index;
        return true;
    }

    /// <summary>The index has changed: it knows its first time anew, or goes with its last member.</summary>
    private static void Settle(Arena arena, uint root)
    {
        var tree = ExpiriesOf(arena, root);
        if (tree.Slots != 0) IndexAt(arena, At(arena, root)->Expiries)->EarliestMs = EarliestOf(arena, tree);
        else DropIndex(arena, root);
    }

    private static long EarliestOf(Arena arena, OrderTree<ExpiryOrder> tree)
    {
        _ = tree.FindStart(out var path);
        return Scores.RecordOf(arena, tree.At(path)).Expiry;
    }

    private static void DropIndex(Arena arena, uint root)
    {
        arena.FreeNow(At(arena, root)->Expiries);
        At(arena, root)->Expiries = 0;
    }

    private static TreePath PathOf(OrderTree<ExpiryOrder> tree, in KeyRecord record)
    {
        var isFound = tree.Find(new ExpiryKey(record.Expiry, Scores.MemberOf(record)), out var path);
        Invariant.Holds(isFound, "the index names every member that expires");
        return path;
    }

    private static bool FreeExpiries(Arena arena, uint root, int budget)
    {
        if (At(arena, root)->Expiries == 0) return true;
        var forget = default(Forget);
        if (!ExpiriesOf(arena, root).FreeStep(budget, ref forget)) return false;
        DropIndex(arena, root);
        return true;
    }
}

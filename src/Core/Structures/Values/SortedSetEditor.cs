using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>
/// A sorted set, open for a change. Each change either takes place as a whole or is refused and leaves the members as they
/// were. A set that has lost its last member is to be deleted with its key. What has expired by this time counts as gone, except
/// that it takes room and has a rank; at 0 nothing has.
/// </summary>
public ref struct SortedSetEditor(ValueSlot slot, PackedLimits limits, long nowMs)
{
    private const int Pair = SortedSetView.Pair;

    /// <summary>A packed set that would grow beyond gets a table, whatever the limits say.</summary>
    private const int PackedBytesMax = 1 << 30;

    private readonly ValueSlot _slot = slot;
    private readonly PackedLimits _limits = limits;
    private readonly long _nowMs = nowMs;
    private bool _wantsTable;

    public readonly SortedSetView View => new(_slot.View, _nowMs);

    /// <summary>Members that were set although they had expired.</summary>
    public long Overwritten { get; private set; }

    /// <summary>Members that had an expiry and have lost it by being set.</summary>
    public long Freed { get; private set; }

    private readonly OrderTree<MemberOrder> Tree => ValueRoots.TreeOf(_slot.Arena, _slot.View.Root);

    /// <summary>
    /// So many members are to be set, the longest of so many bytes: where they could not be packed, the set gets a table at
    /// once. False when memory is refused.
    /// </summary>
    public bool Expect(long members, int longest)
    {
        if (members <= _limits.EntriesMax && longest <= _limits.BytesMax) return true;
        _wantsTable = true;
        return !_slot.Exists || _slot.HasRoot || TryConvert();
    }

    /// <summary>
    /// Sets a member's score as the rule says; the score is the one that it has then. Unless the rule forbids it, the member does
    /// not expire any more, or it keeps what it has.
    /// </summary>
    public ScoreChange Set(scoped ReadOnlySpan<byte> member, ref double score, ScoreRule rule, bool keepsExpiry = false)
    {
        if (_slot.HasRoot) return SetInTable(member, ref score, rule, keepsExpiry);
        var packed = _slot.View.Packed;
        var at = SortedSetView.FindPacked(packed, member);
        if (at >= 0)
        {
            var scoreAt = Packed.Next(packed, at);
            var before = Scores.Read(Packed.Read(packed, scoreAt, out _));
            var change = Judge(before, ref score, rule);
            return change == ScoreChange.Updated ? Reorder(at, scoreAt, score) : change;
        }
        if ((rule & ScoreRule.IfPresent) != 0) return ScoreChange.Forbidden;
        if (MayStayPacked(member, packed.Length)) return Insert(member, score);
        if (!_slot.Exists) return CreateTable(member, score);
        return TryConvert() ? SetInTable(member, ref score, rule, keepsExpiry) : ScoreChange.Refused;
    }

    /// <summary>Adds a member that is not there and expires at a time, Unix milliseconds, 0 for none. False when memory is refused.</summary>
    public readonly bool AddExpiring(scoped ReadOnlySpan<byte> member, double score, long expireAtMs)
    {
        if (!_slot.Exists) return CreateTable(member, score, expireAtMs) == ScoreChange.Added;
        if (!_slot.HasRoot && !TryConvert()) return false;
        var members = _slot.Members;
        var entry = members.Find(member);
        return ValueRoots.AddScored(_slot.Arena, _slot.View.Root, members, ref entry, member, score, expireAtMs);
    }

    /// <summary>Sets or, with 0, removes the expiry of a member that is there. False when memory is refused.</summary>
    public readonly bool SetExpiry(scoped ReadOnlySpan<byte> member, long expireAtMs)
    {
        if (!_slot.HasRoot)
        {
            if (expireAtMs == 0) return true;
            if (!TryConvert()) return false;
        }
        var members = _slot.Members;
        var entry = members.Find(member);
        Invariant.Holds(entry.Exists, "only a member that is there expires");
        return ValueRoots.SetExpiry(_slot.Arena, _slot.View.Root, members, ref entry, member, expireAtMs);
    }

    /// <summary>Removes members whose time has come, earliest first, at most so many; returns how many there were.</summary>
    public readonly long RemoveDue(long membersMax)
    {
        if (!_slot.HasRoot) return 0;
        var (arena, root, members) = (_slot.Arena, _slot.View.Root, _slot.Members);
        var removed = 0L;
        for (; removed < membersMax && ValueRoots.HasDue(arena, root, _nowMs); removed++)
        {
            var entry = ValueRoots.FindEarliest(arena, root, members);
            ValueRoots.RemoveScored(arena, root, members, ref entry);
        }
        return removed;
    }

    /// <summary>True when the member was there; one whose time has come stays for the sweep.</summary>
    public readonly bool Remove(scoped ReadOnlySpan<byte> member)
    {
        if (_slot.HasRoot)
        {
            var members = _slot.Members;
            var entry = members.Find(member);
            if (!HashView.IsLive(in entry, _nowMs)) return false;
            ValueRoots.RemoveScored(_slot.Arena, _slot.View.Root, members, ref entry);
            return true;
        }
        var at = SortedSetView.FindPacked(_slot.View.Packed, member);
        if (at < 0) return false;
        RemovePacked(at, 1);
        return true;
    }

    /// <summary>
    /// Removes members of consecutive ranks, at most so many of a large set, and returns how many there were; the rest has moved
    /// up to the first rank then.
    /// </summary>
    public readonly long RemoveRange(RankRange range, int budget)
    {
        var count = Math.Min(range.Count, View.Count - range.First);
        if (count <= 0) return 0;
        if (!_slot.HasRoot)
        {
            RemovePacked(SortedSetView.PositionOf(_slot.View.Packed, range.First), (int)count);
            return count;
        }
        var remover = new Remover { Members = _slot.Members, Root = _slot.View.Root };
        var end = range.First + count;
        _ = Tree.RemoveRange(range.First, ref end, budget, ref remover);
        return range.First + count - end;
    }

    private ref struct Remover : ITreeVisitor
    {
        public EntryTable Members;
        public uint Root;

        public void Visit(TreeSlot slot)
        {
            var entry = Members.Find(Scores.MemberOf(Scores.RecordOf(Members.Arena, slot)));
            ValueRoots.RemoveRanked(Members.Arena, Root, Members, ref entry);
        }
    }

    // ---- what is to be ----

    /// <summary>What becomes of a member that is there; the score is the new one.</summary>
    private static ScoreChange Judge(double before, ref double score, ScoreRule rule)
    {
        if ((rule & ScoreRule.IfMissing) != 0) return ScoreChange.Forbidden;
        if ((rule & (ScoreRule.Add | ScoreRule.Sum)) != 0)
        {
            score += before;
            if (double.IsNaN(score) && (rule & ScoreRule.Add) != 0) return ScoreChange.NotANumber;
            if (double.IsNaN(score)) score = 0;
        }
        else if ((rule & ScoreRule.Min) != 0)
        {
            score = score < before ? score : before;
        }
        else if ((rule & ScoreRule.Max) != 0)
        {
            score = score > before ? score : before;
        }
        if ((rule & ScoreRule.IfLess) != 0 && score >= before) return ScoreChange.Forbidden;
        if ((rule & ScoreRule.IfGreater) != 0 && score <= before) return ScoreChange.Forbidden;
        return score == before ? ScoreChange.None : ScoreChange.Updated;
    }

    // ---- packed ----

    private readonly bool MayStayPacked(scoped ReadOnlySpan<byte> member, int packedBytes) =>
        !_wantsTable && member.Length <= _limits.BytesMax && View.Count < _limits.EntriesMax
        && (long)packedBytes + member.Length + 2 * Packed.OverheadMax + Numbers.DoubleTextMax <= PackedBytesMax;

    private readonly ScoreChange Insert(scoped ReadOnlySpan<byte> member, double score)
    {
        if (!_slot.Exists) return Create(member, score);
        var count = PackedHead.CountOf(_slot.View.Packed);
        var at = PlaceOf(_slot.View.Packed, member, score, -1);
        if (!_slot.Splice(at, 0, Packed.SizeOf(member) + Scores.SizeOf(score), out var packed)) return ScoreChange.Refused;
        WritePair(packed[at..], member, score);
        PackedHead.Write(packed, PackedKind.Elements, count + Pair);
        return ScoreChange.Added;
    }

    private readonly ScoreChange Create(scoped ReadOnlySpan<byte> member, double score)
    {
        const int StackMax = 512;
        var size = PackedHead.Bytes + Packed.SizeOf(member) + Scores.SizeOf(score);
        if (size <= StackMax)
        {
            Span<byte> packed = stackalloc byte[StackMax];
            return Create(packed[..size], member, score);
        }
        var block = NativeBlock.Allocate(size);
        if (block.IsNull) return ScoreChange.Refused;
        var change = Create(block.Bytes[..size], member, score);
        block.Release();
        return change;
    }

    private readonly ScoreChange Create(scoped Span<byte> packed, scoped ReadOnlySpan<byte> member, double score)
    {
        PackedHead.Write(packed, PackedKind.Elements, Pair);
        WritePair(packed[PackedHead.Bytes..], member, score);
        return _slot.SetPacked(ValueType.SortedSet, packed) ? ScoreChange.Added : ScoreChange.Refused;
    }

    private static void WritePair(Span<byte> target, scoped ReadOnlySpan<byte> member, double score)
    {
        var length = Packed.Write(target, member);
        _ = Scores.Write(target[length..], score);
    }

    /// <summary>Where a pair goes, of all but the pair at a position (-1: none).</summary>
    private static int PlaceOf(ReadOnlySpan<byte> packed, scoped ReadOnlySpan<byte> member, double score, int except)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        for (var at = PackedHead.Bytes; at < packed.Length;)
        {
            var item = Packed.Read(packed, at, out var next);
            var each = Scores.Read(Packed.Read(packed, next, out next));
            if (at != except && (each > score || each == score && item.Text(scratch).SequenceCompareTo(member) > 0)) return at;
            at = next;
        }
        return packed.Length;
    }

    /// <summary>Gives the pair at a position another score and moves it to its place.</summary>
    private readonly ScoreChange Reorder(int at, int scoreAt, double score)
    {
        var before = _slot.View.Packed;
        var removed = Packed.Next(before, scoreAt) - scoreAt;
        var added = Scores.SizeOf(score);
        if (!_slot.Splice(scoreAt, removed, added, out var packed)) return ScoreChange.Refused;
        _ = Scores.Write(packed[scoreAt..], score);
        var end = scoreAt + added;
        var member = Packed.Read(packed, at, out _).Text(stackalloc byte[Numbers.LongTextMax]);
        var place = PlaceOf(packed, member, score, at);
        if (place < at) Rotate(packed[place..end], at - place);
        else if (place > end) Rotate(packed[at..place], end - at);
        return ScoreChange.Updated;
    }

    /// <summary>Exchanges the first bytes and the rest, without room for either.</summary>
    private static void Rotate(Span<byte> bytes, int first)
    {
        bytes[..first].Reverse();
        bytes[first..].Reverse();
        bytes.Reverse();
    }

    private readonly void RemovePacked(int at, int pairs)
    {
        var packed = _slot.View.Packed;
        var count = PackedHead.CountOf(packed) - pairs * Pair;
        var end = Packed.Skip(packed, at, pairs * Pair);
        var isDone = _slot.Splice(at, end - at, 0, out var shorter);
        Invariant.Holds(isDone, "a value that gets shorter is never refused");
        PackedHead.Write(shorter, PackedKind.Elements, count);
    }

    // ---- table and tree ----

    private ScoreChange SetInTable(scoped ReadOnlySpan<byte> member, ref double score, ScoreRule rule, bool keepsExpiry)
    {
        var members = _slot.Members;
        var entry = members.Find(member);
        if (entry.Exists)
        {
            if (!HashView.IsLive(in entry, _nowMs)) return SetOver(members, ref entry, member, score, rule);
            var before = Scores.Of(in entry);
            var change = Judge(before, ref score, rule);
            if (change == ScoreChange.Updated) change = Move(members, ref entry, member, before, score);
            if (keepsExpiry || entry.ExpireAtMs == 0 || change is not (ScoreChange.Updated or ScoreChange.None)) return change;
            _ = ValueRoots.SetExpiry(_slot.Arena, _slot.View.Root, members, ref entry, member, 0);
            Freed++;
            return change;
        }
        if ((rule & ScoreRule.IfPresent) != 0) return ScoreChange.Forbidden;
        return ValueRoots.AddScored(_slot.Arena, _slot.View.Root, members, ref entry, member, score, 0)
            ? ScoreChange.Added : ScoreChange.Refused;
    }

    /// <summary>A member whose time has come becomes a new one.</summary>
    private ScoreChange SetOver(EntryTable members, scoped ref Entry entry, scoped ReadOnlySpan<byte> member, double score, ScoreRule rule)
    {
        if ((rule & ScoreRule.IfPresent) != 0) return ScoreChange.Forbidden;
        var before = Scores.Of(in entry);
        if (score != before && Move(members, ref entry, member, before, score) == ScoreChange.Refused) return ScoreChange.Refused;
        _ = ValueRoots.SetExpiry(_slot.Arena, _slot.View.Root, members, ref entry, member, 0);
        Overwritten++;
        return ScoreChange.Added;
    }

    /// <summary>
    /// Gives a member another score. The new slot comes first, as that may be refused; until the old one has gone, both name the
    /// record, so it is found by its rank.
    /// </summary>
    private readonly ScoreChange Move(EntryTable members, scoped ref Entry entry, scoped ReadOnlySpan<byte> member, double before, double score)
    {
        var tree = Tree;
        var slot = Scores.SlotOf(score, entry.Place.Handle);
        var isFound = tree.Find(new MemberKey(before, member), out var old);
        Invariant.Holds(isFound, "the tree of a sorted set names every member");
        var oldRank = tree.RankOf(old);
        _ = tree.Find(new MemberKey(score, member), out var path);
        var rank = tree.RankOf(path);
        if (rank == oldRank || rank == oldRank + 1)
        {
            // Its neighbours stay the same.
            members.SetNumber(ref entry, BitConverter.DoubleToInt64Bits(score));
            tree.Replace(ref old, slot);
            return ScoreChange.Updated;
        }
        if (!tree.InsertBefore(ref path, slot)) return ScoreChange.Refused;
        members.SetNumber(ref entry, BitConverter.DoubleToInt64Bits(score));
        _ = tree.FindRank(rank <= oldRank ? oldRank + 1 : oldRank, out old, out _);
        _ = tree.Remove(ref old);
        return ScoreChange.Updated;
    }

    private readonly ScoreChange CreateTable(scoped ReadOnlySpan<byte> member, double score, long expireAtMs = 0)
    {
        var root = _slot.MakeRootWithTable(ValueType.SortedSet);
        if (root == 0) return ScoreChange.Refused;
        var members = _slot.MembersOf(root);
        var entry = members.Find(member);
        if (!ValueRoots.AddScored(_slot.Arena, root, members, ref entry, member, score, expireAtMs))
        {
            _slot.DiscardRoot(root);
            return ScoreChange.Refused;
        }
        return _slot.SetRoot(ValueType.SortedSet, root) ? ScoreChange.Added : ScoreChange.Refused;
    }

    /// <summary>From packed to a table and a tree; the key names them once they are complete.</summary>
    private readonly bool TryConvert()
    {
        var root = _slot.MakeRootWithTable(ValueType.SortedSet);
        if (root == 0) return false;
        if (!CopyPacked(_slot.View.Packed, _slot.MembersOf(root), _slot.Arena, root))
        {
            _slot.DiscardRoot(root);
            return false;
        }
        return _slot.SetRoot(ValueType.SortedSet, root);
    }

    private static bool CopyPacked(ReadOnlySpan<byte> packed, EntryTable members, Arena arena, uint root)
    {
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        for (var at = PackedHead.Bytes; at < packed.Length;)
        {
            var member = Packed.Read(packed, at, out at).Text(scratch);
            var score = Scores.Read(Packed.Read(packed, at, out at));
            var entry = members.Find(member);
            if (!ValueRoots.AddScored(arena, root, members, ref entry, member, score, 0)) return false;
        }
        return true;
    }
}

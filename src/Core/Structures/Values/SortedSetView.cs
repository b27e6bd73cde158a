using System.Runtime.Intrinsics.X86;
using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

// A sorted set is packed, or a table and a tree behind a root:
//
//     packed    | head | member | score | member | score | …    ascending; a score is a whole number, or text
//     table     a record for each member: key = member, value = score, 8 bytes, expiry = the member's own
//     tree      a slot for each record: upper half of the score's order, handle of the record
//
// It goes from packed to the other at Valkey's thresholds and never back. Every range is one of ranks: those of scores and
// members find their two ends first. Members that expire make it a table; those whose time has come have ranks, and are
// counted in ranges, until they are removed, but nobody sees them.

/// <summary>A sorted set, to be read, as it is at a time; at 0 nothing has expired.</summary>
public readonly unsafe ref struct SortedSetView(ValueView value, long nowMs)
{
    internal const int Pair = 2;

    /// <summary>Records that are brought to the cache ahead of a walk.</summary>
    private const int Ahead = 8;

    private readonly ValueView _value = value;
    private readonly long _nowMs = nowMs;

    public bool HasTree => _value.HasRoot;

    /// <summary>Some members expire.</summary>
    public bool HasExpiring => HasTree && Members.ExpiringCount != 0;

    /// <summary>Members whose time has come, but which have not been removed yet.</summary>
    public long DueCount => HasTree ? ValueRoots.CountDue(_value.Arena, _value.Root, _nowMs) : 0;

    /// <summary>Are there any of these?</summary>
    public bool HasDue => HasTree && ValueRoots.HasDue(_value.Arena, _value.Root, _nowMs);

    /// <summary>Members that can be seen.</summary>
    public long LiveCount => Count - DueCount;

    /// <summary>Members that have ranks, those whose time has come included.</summary>
    public long Count => HasTree ? Members.Count : PackedHead.CountOf(Packed) / Pair;

    private EntryTable Members => _value.Members;

    private ReadOnlySpan<byte> Packed => _value.Packed;

    private OrderTree<MemberOrder> Tree => ValueRoots.TreeOf(_value.Arena, _value.Root);

    public bool TryGetScore(scoped ReadOnlySpan<byte> member, out double score)
    {
        score = 0;
        if (HasTree)
        {
            var entry = Members.Find(member);
            if (!HashView.IsLive(in entry, _nowMs)) return false;
            score = Scores.Of(in entry);
            return true;
        }
        var packed = Packed;
        var at = FindPacked(packed, member);
        if (at < 0) return false;
        score = Scores.Read(Structures.Packed.Read(packed, Structures.Packed.Next(packed, at), out _));
        return true;
    }

    public bool TryGetScore(scoped PackedItem member, out double score) =>
        TryGetScore(member.Text(stackalloc byte[Numbers.LongTextMax]), out score);

    /// <summary>When a member expires, in milliseconds; 0 when it never does, -1 when it is not there.</summary>
    public long ExpiryOf(scoped ReadOnlySpan<byte> member)
    {
        if (!HasTree) return FindPacked(Packed, member) < 0 ? -1 : 0;
        var entry = Members.Find(member);
        return HashView.IsLive(in entry, _nowMs) ? entry.ExpireAtMs : -1;
    }

    /// <summary>How many members come before this one, and its score.</summary>
    public bool TryGetRank(scoped ReadOnlySpan<byte> member, out long rank, out double score)
    {
        rank = 0;
        score = 0;
        if (HasTree)
        {
            var entry = Members.Find(member);
            if (!HashView.IsLive(in entry, _nowMs)) return false;
            score = Scores.Of(in entry);
            var isFound = Tree.Find(new MemberKey(score, member), out var path);
            Invariant.Holds(isFound, "the tree of a sorted set names every member");
            rank = Tree.RankOf(path);
            return true;
        }
        var packed = Packed;
        var found = FindPacked(packed, member);
        if (found < 0) return false;
        for (var at = PackedHead.Bytes; at < found; at = Structures.Packed.Skip(packed, at, Pair)) rank++;
        score = Scores.Read(Structures.Packed.Read(packed, Structures.Packed.Next(packed, found), out _));
        return true;
    }

    // ---- ranges ----

    public RankRange RangeOf(ScoreRange range)
    {
        if (range.Min > range.Max) return default;
        var first = CountBefore(range.Min, range.MinIsOpen);
        return new RankRange(first, CountBefore(range.Max, !range.MaxIsOpen));
    }

    /// <summary>
    /// Members from one to another. Where scores differ, members are met in their order, from the first that is not before
    /// the range (backwards: the last that is not behind it) to the one before the first that is beyond.
    /// </summary>
    public RankRange RangeOf(scoped in LexRange range, bool backwards)
    {
        if (Count == 0 || range.IsEmpty) return default;
        return HasTree ? RangeInTree(in range) : RangeInPacked(in range, backwards);
    }

    /// <summary>How many members have a lower score, or the same if so asked.</summary>
    private long CountBefore(double score, bool orEqual)
    {
        if (HasTree)
        {
            var tree = Tree;
            TreePath path;
            if (orEqual) _ = tree.FindAfter(new ScoreKey(score), out path);
            else _ = tree.FindFirst(new ScoreKey(score), out path);
            return tree.RankOf(path);
        }
        var packed = Packed;
        var count = 0L;
        if (packed.IsEmpty) return 0;
        for (var at = PackedHead.Bytes; at < packed.Length; count++)
        {
            var each = Scores.Read(Structures.Packed.Read(packed, Structures.Packed.Next(packed, at), out at));
            if (each > score || each == score && !orEqual) return count;
        }
        return count;
    }

    /// <summary>By the members of the lowest score; those of others come behind all of them.</summary>
    private RankRange RangeInTree(scoped in LexRange range)
    {
        var tree = Tree;
        _ = tree.FindStart(out var path);
        var score = Scores.Of(Scores.RecordOf(_value.Arena, tree.At(path)));
        var first = 0L;
        if (range.MinEnd != LexEnd.BeforeAll) first = CountBefore(tree, new MemberKey(score, range.Min), range.MinEnd == LexEnd.Open);
        var end = tree.Weight;
        if (range.MaxEnd != LexEnd.AfterAll) end = CountBefore(tree, new MemberKey(score, range.Max), range.MaxEnd == LexEnd.Closed);
        return new RankRange(first, end);
    }

    private static long CountBefore(OrderTree<MemberOrder> tree, scoped MemberKey key, bool orEqual)
    {
        TreePath path;
        if (orEqual) _ = tree.FindAfter(key, out path);
        else _ = tree.FindFirst(key, out path);
        return tree.RankOf(path);
    }

    private RankRange RangeInPacked(scoped in LexRange range, bool backwards)
    {
        var count = Count;
        if (!range.IsNotBefore(MemberAt(count - 1, stackalloc byte[Numbers.LongTextMax]))) return default;
        if (!range.IsNotAfter(MemberAt(0, stackalloc byte[Numbers.LongTextMax]))) return default;
        Span<byte> scratch = stackalloc byte[Numbers.LongTextMax];
        if (backwards)
        {
            var end = count;
            while (end > 0 && !range.IsNotAfter(MemberAt(end - 1, scratch))) end--;
            var first = end;
            while (first > 0 && range.IsNotBefore(MemberAt(first - 1, scratch))) first--;
            return new RankRange(first, end);
        }
        var from = 0L;
        while (from < count && !range.IsNotBefore(MemberAt(from, scratch))) from++;
        var to = from;
        while (to < count && range.IsNotAfter(MemberAt(to, scratch))) to++;
        return new RankRange(from, to);
    }

    private ReadOnlySpan<byte> MemberAt(long rank, Span<byte> scratch) =>
        Structures.Packed.Read(Packed, PositionOf(Packed, rank), out _).Text(scratch);

    // ---- walks ----

    /// <summary>
    /// Visits so many members in their order, or backwards, from one of a rank on; the rank is counted upwards in any case. Ends
    /// early where there are no more. Those whose time has come count, but are passed over.
    /// </summary>
    public void Walk<TVisitor>(long rank, long count, bool backwards, ref TVisitor visitor)
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        if ((ulong)rank >= (ulong)Count) return;
        if (HasTree) WalkTree(rank, count, backwards, ref visitor);
        else WalkPacked(rank, count, backwards, ref visitor);
    }

    private void WalkPacked<TVisitor>(long rank, long count, bool backwards, ref TVisitor visitor)
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        var packed = Packed;
        var at = PositionOf(packed, rank);
        for (; count > 0; count--)
        {
            var member = Structures.Packed.Read(packed, at, out var next);
            var score = Scores.Read(Structures.Packed.Read(packed, next, out next));
            if (!visitor.Visit(member, score)) return;
            if (backwards ? at == PackedHead.Bytes : next == packed.Length) return;
            at = backwards ? Structures.Packed.Previous(packed, Structures.Packed.Previous(packed, at)) : next;
        }
    }

    private void WalkTree<TVisitor>(long rank, long count, bool backwards, ref TVisitor visitor)
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        var tree = Tree;
        var arena = _value.Arena;
        _ = tree.FindRank(rank, out var path, out _);
        if (backwards)
        {
            do if (!Visit(arena, tree.At(path), _nowMs, ref visitor)) return;
            while (--count > 0 && tree.Previous(ref path));
            return;
        }
        do
        {
            var run = tree.RunAt(path);
            var length = (int)Math.Min(run.Length, count);
            for (var i = 0; i < Math.Min(Ahead, length); i++) Prefetch(arena, run[i]);
            for (var i = 0; i < length; i++)
            {
                if (i + Ahead < length) Prefetch(arena, run[i + Ahead]);
                if (!Visit(arena, run[i], _nowMs, ref visitor)) return;
            }
            count -= length;
        }
        while (count > 0 && tree.NextRun(ref path));
    }

    private static bool Visit<TVisitor>(Arena arena, TreeSlot slot, long nowMs, ref TVisitor visitor)
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        var record = Scores.RecordOf(arena, slot);
        var expireAtMs = record.Expiry;
        if (expireAtMs != 0 && expireAtMs <= nowMs) return true;
        return visitor.Visit(new PackedItem(Scores.MemberOf(record)), Scores.Of(record));
    }

    private static void Prefetch(Arena arena, TreeSlot slot)
    {
        if (Sse.IsSupported) Sse.Prefetch0(arena.At(slot.Handle));
    }

    /// <summary>
    /// For members that are taken from an end by one command after the other: once for so many of them, brings their buckets to the
    /// cache, and the records of those behind them, in bursts, because misses that follow each other closely are waited for together.
    /// </summary>
    public void PrefetchEnd(bool backwards)
    {
        if (!HasTree || Count % Ahead != 0 || Count < 2 * Ahead) return;
        var (tree, members, arena) = (Tree, Members, _value.Arena);
        _ = tree.FindRank(backwards ? Count - 1 : 0, out var path, out _);
        for (var i = 0; i < 2 * Ahead; i++)
        {
            if (i < Ahead) members.PrefetchHome(Scores.MemberOf(Scores.RecordOf(arena, tree.At(path))));
            else Prefetch(arena, tree.At(path));
            _ = backwards ? tree.Previous(ref path) : tree.Next(ref path);
        }
    }

    /// <summary>How many of the members of these ranks can be seen: looks at all of them where the time of some has come.</summary>
    public long CountLive(RankRange range)
    {
        if (!HasDue) return range.Count;
        var counter = default(Counter);
        Walk(range.First, range.Count, backwards: false, ref counter);
        return counter.Count;
    }

    private struct Counter : IMemberReader
    {
        public long Count;

        public bool Visit(scoped PackedItem member, double score)
        {
            Count++;
            return true;
        }
    }

    /// <summary>
    /// Visits a member by random numbers that go on from this one, each with the same chance: draws again where it meets one whose
    /// time has come. Where nearly all are such it is the next one behind a random place. None where there is none.
    /// </summary>
    public void VisitRandom<TVisitor>(ref ulong random, ref TVisitor visitor) where TVisitor : struct, IMemberReader, allows ref struct
    {
        const int TriesMax = 64;
        var count = Count;
        if (count == 0) return;
        var first = new First<TVisitor> { Visitor = visitor };
        var rank = RandomTake.NextBelow(ref random, count);
        for (var i = 0; i < TriesMax && !first.IsMet; i++)
        {
            Walk(rank, 1, backwards: false, ref first);
            if (!first.IsMet) rank = RandomTake.NextBelow(ref random, count);
        }
        if (!first.IsMet) Walk(rank, count - rank, backwards: false, ref first);
        if (!first.IsMet) Walk(0, rank, backwards: false, ref first);
        visitor = first.Visitor;
    }

    private ref struct First<TVisitor> : IMemberReader where TVisitor : struct, IMemberReader, allows ref struct
    {
        public TVisitor Visitor;
        public bool IsMet;

        public bool Visit(scoped PackedItem member, double score)
        {
            IsMet = true;
            _ = Visitor.Visit(member, score);
            return false;
        }
    }

    /// <summary>Checks trees and table; for tests.</summary>
    internal void Verify(bool mayBeSparse = false)
    {
        if (HasTree) ValueRoots.VerifyScored(_value.Arena, _value.Root, Members, mayBeSparse);
    }

    /// <summary>
    /// Visits members in the order of their hashes, from a position on, 0 at first, until about so many were met; all of a packed
    /// set at once. Returns the next position, 0 at the end. What stays in the set meanwhile is met, perhaps more than once.
    /// </summary>
    public ulong Scan<TVisitor>(ulong position, long members, ref TVisitor visitor)
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        if (!HasTree)
        {
            if (Count != 0) WalkPacked(0, long.MaxValue, false, ref visitor);
            return 0;
        }
        const long BucketsPerMember = 10;
        var adapter = new Adapter<TVisitor> { Visitor = visitor, NowMs = _nowMs };
        var buckets = members > long.MaxValue / BucketsPerMember ? long.MaxValue : members * BucketsPerMember;
        do position = Members.Walk(position, ref adapter);
        while (position != 0 && adapter.Met < members && --buckets > 0);
        visitor = adapter.Visitor;
        return position;
    }

    private ref struct Adapter<TVisitor> : IEntryVisitor where TVisitor : struct, IMemberReader, allows ref struct
    {
        public TVisitor Visitor;
        public long Met, NowMs;

        public void Visit(ref Entry entry)
        {
            Met++;
            if (!HashView.IsLive(in entry, NowMs)) return;
            _ = Visitor.Visit(new PackedItem(entry.Key), Scores.Of(in entry));
        }
    }

    internal static int FindPacked(ReadOnlySpan<byte> packed, scoped ReadOnlySpan<byte> member) =>
        packed.IsEmpty ? -1 : Structures.Packed.Find(packed, PackedHead.Bytes, member, Pair);

    /// <summary>Where the pair of a rank begins.</summary>
    internal static int PositionOf(ReadOnlySpan<byte> packed, long rank) =>
        Structures.Packed.Skip(packed, PackedHead.Bytes, (int)rank * Pair);
}

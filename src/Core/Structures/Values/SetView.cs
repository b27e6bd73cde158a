using Anax.Core.Text;

namespace Anax.Core.Structures;

// A set is packed as integers, packed as elements, or a table of members behind a root:
//
//     integers    | head | 2, 4 or 8 bytes each, ascending |          all members are integers, few enough
//     elements    | head | elements, in no order |                    few enough, each short enough
//     table       a record for each member: key = member, no value, expiry = the member's own
//
// It goes from one to the next and never back, at Valkey's thresholds (SetLimits). Only a table has members that expire.

/// <summary>A set, to be read. A member whose time has come is not there, though it may still be counted.</summary>
public readonly ref struct SetView
{
    private readonly ValueView _value;
    private readonly long _nowMs;

    public SetView(ValueView value, long nowMs)
    {
        _value = value;
        _nowMs = nowMs;
    }

    public SetEncoding Encoding => _value.HasRoot ? SetEncoding.Table
        : _value.Exists && PackedHead.KindOf(_value.Packed) != PackedKind.Elements ? SetEncoding.Integers : SetEncoding.Packed;

    /// <summary>Members, those included whose time has come and who were not dropped yet.</summary>
    public long Count => _value.HasRoot ? _value.Members.Count : PackedHead.CountOf(_value.Packed);

    /// <summary>Some members expire, so <see cref="Count"/> says how many there are at most.</summary>
    public bool HasExpiring => _value.HasRoot && _value.Members.ExpiringCount != 0;

    /// <summary>
    /// What one <see cref="Contains(ReadOnlySpan{byte})"/> costs, about, in lookups of a table: packed elements are searched one
    /// by one.
    /// </summary>
    public long LookupCost
    {
        get
        {
            const int ElementsPerLookup = 16;
            return Encoding == SetEncoding.Packed ? 1 + Count / ElementsPerLookup : 1;
        }
    }

    public bool Contains(scoped ReadOnlySpan<byte> member)
    {
        if (_value.HasRoot) return IsLive(_value.Members.Find(member));
        var packed = _value.Packed;
        if (packed.IsEmpty) return false;
        if (PackedHead.KindOf(packed) == PackedKind.Elements) return Packed.Find(packed, PackedHead.Bytes, member, 1) >= 0;
        return member.Length <= Numbers.LongTextMax && Numbers.TryParseLong(member, out var number)
            && PackedIntegers.TryFind(packed, number, out _);
    }

    public bool Contains(scoped PackedItem member)
    {
        if (member.IsInteger && Encoding == SetEncoding.Integers)
            return PackedIntegers.TryFind(_value.Packed, member.Number, out _);
        return Contains(member.Text(stackalloc byte[Numbers.LongTextMax]));
    }

    /// <summary>When a member expires, in milliseconds; 0 when it never does, -1 when it is not there.</summary>
    public long ExpiryOf(scoped ReadOnlySpan<byte> member)
    {
        if (!_value.HasRoot) return Contains(member) ? 0 : -1;
        var entry = _value.Members.Find(member);
        return IsLive(entry) ? entry.ExpireAtMs : -1;
    }

    /// <summary>
    /// Visits members from a position on, 0 at first, until it has met about so many, or as many empty places; returns the
    /// next position, 0 at the end. Between two calls the members must stay the same ones; the table may be laid out anew.
    /// </summary>
    public ulong Walk<TVisitor>(ulong position, int members, ref TVisitor visitor)
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        if (!_value.HasRoot) return WalkPacked(position, members, ref visitor);
        var table = _value.Members;
        var walker = new TableWalker<TVisitor> { Visitor = visitor, Table = table, From = position, NowMs = _nowMs };
        for (var met = 0; met < members && !walker.IsEnded; met += Math.Max(1, walker.Seen))
        {
            walker.Seen = 0;
            position = table.Walk(position, ref walker);
            walker.From = 0;
            if (position == 0) break;
        }
        visitor = walker.Visitor;
        return walker.IsEnded ? 0 : position;
    }

    /// <summary>A member by a random number, each with the same chance; false when it has met none.</summary>
    public bool TryRandom(ulong random, out PackedItem member)
    {
        member = default;
        if (_value.HasRoot)
        {
            var found = TryRandomEntry(_value.Members, random, _nowMs, out var entry);
            if (found) member = new PackedItem(entry.Key);
            return found;
        }
        var count = PackedHead.CountOf(_value.Packed);
        if (count == 0) return false;
        member = At((int)RandomTake.NextBelow(ref random, count), out _);
        return true;
    }

    /// <summary>Is it about as cheap to meet all members as to draw so many different ones?</summary>
    public bool IsWalkedFor(long wanted)
    {
        const int MembersPerDraw = 4;
        return Encoding == SetEncoding.Packed || HasExpiring || wanted > Count / MembersPerDraw;
    }

    internal PackedItem At(int index, out int position)
    {
        var packed = _value.Packed;
        position = index;
        if (PackedHead.KindOf(packed) != PackedKind.Elements) return new PackedItem(PackedIntegers.At(packed, index));
        position = Packed.Skip(packed, PackedHead.Bytes, index);
        return Packed.Read(packed, position, out _);
    }

    /// <summary>Draws again where it meets a member whose time has come; of a table of those it finds the others by a walk.</summary>
    internal static bool TryRandomEntry(EntryTable table, ulong random, long nowMs, out Entry entry)
    {
        const int TriesMax = 64;
        for (var i = 0; i < TriesMax; i++)
        {
            if (!table.TryFairRandom(ref random, out entry)) return false;
            if (entry.ExpireAtMs == 0 || entry.ExpireAtMs > nowMs) return true;
        }
        var finder = new LiveFinder { NowMs = nowMs };
        var position = random;
        for (var rounds = 0; !finder.HasFound && rounds < 2; rounds += position == 0 ? 1 : 0) position = table.Walk(position, ref finder);
        entry = finder.Found;
        return finder.HasFound;
    }

    private bool IsLive(scoped in Entry entry) => entry.Exists && (entry.ExpireAtMs == 0 || entry.ExpireAtMs > _nowMs);

    private ulong WalkPacked<TVisitor>(ulong position, int members, ref TVisitor visitor)
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        var packed = _value.Packed;
        if (packed.IsEmpty) return 0;
        var kind = PackedHead.KindOf(packed);
        var at = position == 0 ? PackedHead.Bytes : (int)position;
        for (; at < packed.Length && members > 0; members--)
        {
            PackedItem item;
            if (kind == PackedKind.Elements) item = Packed.Read(packed, at, out at);
            else
            {
                item = new PackedItem(PackedIntegers.Read(packed[at..], kind));
                at += PackedIntegers.WidthOf(kind);
            }
            if (!visitor.Visit(item, 1)) return 0;
        }
        return at < packed.Length ? (ulong)at : 0;
    }

    private ref struct TableWalker<TVisitor> : IEntryVisitor
        where TVisitor : struct, IMemberReader, allows ref struct
    {
        public TVisitor Visitor;
        public EntryTable Table;

        /// <summary>Where the walk went on. A bucket that was cut anew since may hold members from before it, met already.</summary>
        public ulong From;
        public long NowMs;
        public int Seen;
        public bool IsEnded;

        public void Visit(ref Entry entry)
        {
            if (IsEnded) return;
            Seen++;
            if (entry.ExpireAtMs != 0 && entry.ExpireAtMs <= NowMs) return;
            if (From != 0 && Table.HashOf(entry.Key) < From) return;
            IsEnded = !Visitor.Visit(new PackedItem(entry.Key), 1);
        }
    }

    private ref struct LiveFinder : IEntryVisitor
    {
        public Entry Found;
        public bool HasFound;
        public long NowMs;

        public void Visit(ref Entry entry)
        {
            if (HasFound || entry.ExpireAtMs != 0 && entry.ExpireAtMs <= NowMs) return;
            Found = entry;
            HasFound = true;
        }
    }
}

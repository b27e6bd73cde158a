using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>
/// A hash, to be read. A field whose time has come is not there for readers, but counts until the sweep has removed it. A time
/// of 0 shows all fields.
/// </summary>
public readonly ref struct HashView(ValueView value)
{
    private const int Pair = 2;

    private readonly ValueView _value = value;

    /// <summary>Its fields lie in a table: they are many, or large, or expire.</summary>
    public bool HasTable => _value.HasRoot;

    public long Count => HasTable ? Members.Count : PackedHead.CountOf(Packed) / Pair;

    /// <summary>Fields that expire, whether or not their time has come.</summary>
    public long ExpiringCount => HasTable ? Members.ExpiringCount : 0;

    private EntryTable Members => _value.Members;

    private ReadOnlySpan<byte> Packed => _value.Packed;

    public bool TryGet(scoped ReadOnlySpan<byte> field, long nowMs, out FieldValue value)
    {
        value = default;
        if (HasTable)
        {
            var entry = Members.Find(field);
            if (!IsLive(in entry, nowMs)) return false;
            value = new FieldValue(in entry);
            return true;
        }
        var packed = Packed;
        var at = FindPacked(packed, field);
        if (at < 0) return false;
        value = new FieldValue(Structures.Packed.Read(packed, Structures.Packed.Next(packed, at), out _));
        return true;
    }

    /// <summary>
    /// Visits live fields from a position on, all of a packed hash at once; returns the next position, 0 at the end. One that
    /// goes on after a pause may leave out what a bucket, cut anew since, holds from before its position.
    /// </summary>
    public ulong Walk<TVisitor>(ulong position, long nowMs, ref TVisitor visitor, bool skipsBefore = false)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        if (HasTable)
        {
            var adapter = new Adapter<TVisitor> { Visitor = visitor, NowMs = nowMs };
            if (skipsBefore) (adapter.Members, adapter.From) = (Members, position);
            position = Members.Walk(position, ref adapter);
            visitor = adapter.Visitor;
            return position;
        }
        var packed = Packed;
        for (var at = PackedHead.Bytes; at < packed.Length;) at = VisitPacked(packed, at, ref visitor);
        return 0;
    }

    /// <summary>
    /// Shows one field to the visitor, each with the same chance, by random numbers that go on from this one. False when it met
    /// only fields whose time has come.
    /// </summary>
    public bool TryRandom<TVisitor>(ref ulong random, long nowMs, ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        const int TriesMax = 100;
        if (!HasTable)
        {
            var packed = Packed;
            var index = (int)(SplitMix.Next(ref random) % (ulong)Count);
            _ = VisitPacked(packed, Structures.Packed.Skip(packed, PackedHead.Bytes, index * Pair), ref visitor);
            return true;
        }
        for (var tries = 0; tries < TriesMax; tries++)
        {
            if (!Members.TryFairRandom(ref random, out var entry)) return false;
            if (!IsLive(in entry, nowMs)) continue;
            var adapter = new Adapter<TVisitor> { Visitor = visitor, NowMs = nowMs };
            adapter.Visit(ref entry);
            visitor = adapter.Visitor;
            return true;
        }
        return false;
    }

    /// <summary>As many draws, of which each may bring the same field again; returns how many were made.</summary>
    public long Draw<TVisitor>(long draws, ref ulong random, long nowMs, ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        const int PlacesMax = 512;
        var count = (int)Math.Min(Count, PlacesMax + 1);
        if (HasTable || count > PlacesMax)
        {
            for (var i = 0L; i < draws; i++)
                if (!TryRandom(ref random, nowMs, ref visitor)) return i;
            return draws;
        }
        var packed = Packed;
        Span<int> places = stackalloc int[PlacesMax];
        for (int i = 0, at = PackedHead.Bytes; i < count; i++)
        {
            places[i] = at;
            at = Structures.Packed.Skip(packed, at, Pair);
        }
        for (var i = 0L; i < draws; i++) _ = VisitPacked(packed, places[(int)(SplitMix.Next(ref random) % (ulong)count)], ref visitor);
        return draws;
    }

    /// <summary>
    /// Shows so many different live fields, each choice with the same chance, in no particular order, or all where there are
    /// fewer. Returns how many; -1 when memory is refused.
    /// </summary>
    public long Sample<TVisitor>(long wanted, ulong random, long nowMs, ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        if (HasTable)
        {
            var adapter = new Adapter<TVisitor> { Visitor = visitor, NowMs = nowMs };
            var shown = MemberSample.Take(Members, wanted, random, nowMs, ref adapter);
            visitor = adapter.Visitor;
            return shown;
        }
        var packed = Packed;
        long left = Count, chosen = 0;
        for (var at = PackedHead.Bytes; at < packed.Length && chosen < wanted; left--)
        {
            // Each of those that are left has the same chance to be among those that are wanted yet.
            if (wanted - chosen >= left || (long)(SplitMix.Next(ref random) % (ulong)left) < wanted - chosen)
            {
                chosen++;
                at = VisitPacked(packed, at, ref visitor);
            }
            else at = Structures.Packed.Skip(packed, at, Pair);
        }
        return chosen;
    }

    internal static int FindPacked(ReadOnlySpan<byte> packed, scoped ReadOnlySpan<byte> field) =>
        packed.IsEmpty ? -1 : Structures.Packed.Find(packed, PackedHead.Bytes, field, Pair);

    internal static bool IsLive(scoped in Entry entry, long nowMs) =>
        entry.Exists && (entry.ExpireAtMs == 0 || entry.ExpireAtMs > nowMs);

    private static int VisitPacked<TVisitor>(ReadOnlySpan<byte> packed, int at, ref TVisitor visitor)
        where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        var field = Structures.Packed.Read(packed, at, out at);
        var value = new FieldValue(Structures.Packed.Read(packed, at, out at));
        visitor.Visit(field, in value);
        return at;
    }

    private ref struct Adapter<TVisitor> : IEntryVisitor where TVisitor : struct, IFieldVisitor, allows ref struct
    {
        public TVisitor Visitor;
        public long NowMs;

        /// <summary>Fields with smaller hashes are left out; 0: none.</summary>
        public ulong From;
        public EntryTable Members;

        public void Visit(ref Entry entry)
        {
            if (!IsLive(in entry, NowMs) || From != 0 && Members.HashOf(entry.Key) < From) return;
            var value = new FieldValue(in entry);
            Visitor.Visit(new PackedItem(entry.Key), in value);
        }
    }
}

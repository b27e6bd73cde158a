using Anax.Core.Structures;
using Anax.Core.Text;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Core.Rdb;

/// <summary>
/// Writes a value, its type before it, as Valkey 9 does, in bounded steps: a piece of a string, a chunk of a list, members of a
/// bucket or two, a node of a stream. The value must stay as it is meanwhile; its table may be laid out anew.
/// </summary>
public static class RdbSaver
{
    private const int BytesPerStep = 128 * 1024, MembersPerStep = 32;
    private const long NoExpiry = -1;

    /// <summary>An element that is longer has a node of its own, without a listpack around it.</summary>
    private const int PackedNodeBytesMax = 8192;

    /// <summary>One step from a position on, 0 at first, which is moved; 0 at the end. The mark, 0 at first, says more about it.</summary>
    public static void Step<TSink>(ValueView value, ref ulong position, ref UInt128 mark, ref RdbWriter<TSink> writer)
        where TSink : struct, IRdbSink, allows ref struct
    {
        switch (value.Type)
        {
            case ValueType.String:
                StepText(value.Entry, ref position, ref writer);
                break;
            case ValueType.List:
                StepList(new ListView(value), ref position, ref writer);
                break;
            case ValueType.Set:
                StepSet(value, ref position, ref writer);
                break;
            case ValueType.SortedSet:
                StepSortedSet(value, ref position, ref writer);
                break;
            case ValueType.Hash:
                StepHash(value, ref position, ref writer);
                break;
            case ValueType.Stream:
                RdbStreamSaver.Step(new StreamView(value), ref position, ref mark, ref writer);
                break;
            default:
                throw new InvalidOperationException("a value of a type that has no form");
        }
    }

    // ---- strings ----

    private static void StepText<TSink>(scoped in Entry entry, ref ulong position, ref RdbWriter<TSink> writer)
        where TSink : struct, IRdbSink, allows ref struct
    {
        if (position == 0) writer.Type(RdbType.String);
        if (entry.TryGetInteger(out var number))
        {
            writer.Integer(number);
            return;
        }
        var length = entry.ValueLength;
        if (length <= LzfPacker.SourceMax)
        {
            writer.String(entry.Bytes);
            return;
        }
        if (position == 0) writer.Length(length);
        var bytes = (int)Math.Min(BytesPerStep, (ulong)length - position);
        writer.Sink.WriteBlock(entry.Block, (int)position, bytes);
        position += (ulong)bytes;
        if (position == (ulong)length) position = 0;
    }

    // ---- lists ----

    private static void StepList<TSink>(ListView list, ref ulong position, ref RdbWriter<TSink> writer)
        where TSink : struct, IRdbSink, allows ref struct
    {
        const byte Plain = 1, Packed = 2;
        if (position == 0)
        {
            writer.Type(RdbType.ListOfListpacks);
            writer.Length(list.IsLarge ? list.Chain.Chunks : 1);
        }
        if (!list.IsLarge)
        {
            writer.Length(Packed);
            writer.Listpack(list.Elements, (int)list.Count);
            return;
        }
        // The position is the index of the next chunk's first element.
        var chain = list.Chain;
        chain.Find((long)position, out var place, out _);
        var chunk = chain.Chunk(place.Chunk);
        var isPlain = chunk.IsPlain || chunk.Count == 1 && chunk.Bytes > PackedNodeBytesMax;
        writer.Length(isPlain ? Plain : Packed);
        if (isPlain) writer.Item(chunk.Read(0).Item);
        else writer.Listpack(chunk.Elements, chunk.Count);
        position += (ulong)chunk.Count;
        if (position == (ulong)list.Count) position = 0;
    }

    // ---- sets ----

    private static void StepSet<TSink>(ValueView value, ref ulong position, ref RdbWriter<TSink> writer)
        where TSink : struct, IRdbSink, allows ref struct
    {
        var set = new SetView(value, 0);
        var packed = value.HasRoot ? default : value.Packed;
        switch (set.Encoding)
        {
            case SetEncoding.Integers:
                writer.Type(RdbType.SetIntegers);
                writer.Integers(packed[PackedHead.Bytes..], PackedIntegers.WidthOf(PackedHead.KindOf(packed)));
                return;
            case SetEncoding.Packed:
                writer.Type(RdbType.SetListpack);
                writer.Listpack(packed[PackedHead.Bytes..], (int)set.Count);
                return;
        }
        if (position == 0)
        {
            writer.Type(set.HasExpiring ? RdbType.SetExpiring : RdbType.Set);
            writer.Length(set.Count);
        }
        var visitor = new MemberVisitor<TSink> { Writer = writer, Table = value.Members, From = position, HasExpiry = set.HasExpiring };
        position = value.Members.Walk(position, ref visitor);
        writer = visitor.Writer;
    }

    /// <summary>Of a table that may have been laid out anew: what a bucket holds from before the position was written.</summary>
    private ref struct MemberVisitor<TSink> : IEntryVisitor where TSink : struct, IRdbSink, allows ref struct
    {
        public RdbWriter<TSink> Writer;
        public EntryTable Table;
        public ulong From;
        public bool HasExpiry;

        public void Visit(ref Entry entry)
        {
            if (From != 0 && Table.HashOf(entry.Key) < From) return;
            Writer.String(entry.Key);
            if (HasExpiry) Writer.Long(entry.ExpireAtMs == 0 ? NoExpiry : entry.ExpireAtMs);
        }
    }

    // ---- sorted sets ----

    private static void StepSortedSet<TSink>(ValueView value, ref ulong position, ref RdbWriter<TSink> writer)
        where TSink : struct, IRdbSink, allows ref struct
    {
        var set = new SortedSetView(value, 0);
        if (!set.HasTree)
        {
            writer.Type(RdbType.SortedSetListpack);
            writer.Listpack(value.Packed[PackedHead.Bytes..], PackedHead.CountOf(value.Packed));
            return;
        }
        if (position == 0)
        {
            writer.Type(set.HasExpiring ? RdbType.SortedSetExpiring : RdbType.SortedSet2);
            writer.Length(set.Count);
        }
        // From the greatest to the least, as Valkey does.
        var visitor = new ScoredVisitor<TSink> { Writer = writer, Set = set, HasExpiry = set.HasExpiring };
        var left = set.Count - (long)position;
        set.Walk(left - 1, Math.Min(left, MembersPerStep), backwards: true, ref visitor);
        writer = visitor.Writer;
        position = left <= MembersPerStep ? 0 : position + MembersPerStep;
    }

    private ref struct ScoredVisitor<TSink> : IMemberReader where TSink : struct, IRdbSink, allows ref struct
    {
        public RdbWriter<TSink> Writer;
        public SortedSetView Set;
        public bool HasExpiry;

        public bool Visit(scoped PackedItem member, double score)
        {
            Writer.Item(member);
            Writer.Double(score);
            if (!HasExpiry) return true;
            var expireAtMs = Set.ExpiryOf(member.Bytes);
            Writer.Long(expireAtMs == 0 ? NoExpiry : expireAtMs);
            return true;
        }
    }

    // ---- hashes ----

    private static void StepHash<TSink>(ValueView value, ref ulong position, ref RdbWriter<TSink> writer)
        where TSink : struct, IRdbSink, allows ref struct
    {
        var hash = new HashView(value);
        if (!hash.HasTable)
        {
            writer.Type(RdbType.HashListpack);
            writer.Listpack(value.Packed[PackedHead.Bytes..], PackedHead.CountOf(value.Packed));
            return;
        }
        var hasExpiry = hash.ExpiringCount != 0;
        if (position == 0)
        {
            writer.Type(hasExpiry ? RdbType.Hash2 : RdbType.Hash);
            writer.Length(hash.Count);
        }
        var visitor = new FieldVisitor<TSink> { Writer = writer, HasExpiry = hasExpiry };
        position = hash.Walk(position, 0, ref visitor, skipsBefore: position != 0);
        writer = visitor.Writer;
    }

    private ref struct FieldVisitor<TSink> : IFieldVisitor where TSink : struct, IRdbSink, allows ref struct
    {
        public RdbWriter<TSink> Writer;
        public bool HasExpiry;

        public void Visit(scoped PackedItem field, scoped in FieldValue value)
        {
            Writer.Item(field);
            Writer.Item(value.Item);
            if (HasExpiry) Writer.Long(value.ExpireAtMs == 0 ? NoExpiry : value.ExpireAtMs);
        }
    }
}

using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

// Every operation is the same three steps over batches of members (docs/design/sets.md):
//
//     walk     intersection: the smallest source    difference: the first one    union: each, one after the other
//     filter   by the sources that are not walked: in all of them, or in none; in a union nothing is filtered
//     end      a reply, a count, or a draft which keeps out what it has already; a union passes its members through one
//
// Here stand the steps as they run on one shard; on several, and in slices, SetOperations puts them together.

/// <summary>What is computed of several sets.</summary>
internal enum SetOperator : byte { Intersection, Difference, Union }

/// <summary>A shard's sources of an operation, measured: plain data, the state of a hop.</summary>
internal struct SourceMeasure
{
    /// <summary>Members of all sources here.</summary>
    internal long Members;

    /// <summary>Of the source with the fewest; that one's argument, 0 where there is none.</summary>
    internal long Least;
    internal int LeastIndex;

    /// <summary>What one lookup in each of the sources costs together.</summary>
    internal int LookupCost;
    internal bool HasWrongType;
    internal bool HasMissing;

    internal void Add(in SourceMeasure other)
    {
        Members += other.Members;
        LookupCost = (int)Math.Min((long)LookupCost + other.LookupCost, int.MaxValue);
        HasWrongType |= other.HasWrongType;
        HasMissing |= other.HasMissing;
        // Of equals the one that was named first.
        bool isLess = other.Least < Least || other.Least == Least && other.LeastIndex < LeastIndex;
        if (other.LeastIndex != 0 && (LeastIndex == 0 || isLess)) (Least, LeastIndex) = (other.Least, other.LeastIndex);
    }
}

/// <summary>One step of an operation on a shard: plain data, the state of a hop.</summary>
internal struct SetStep
{
    internal MemberBatch Batch;

    /// <summary>Where the walk goes on; 0 at its end.</summary>
    internal ulong Position;

    /// <summary>The argument of the source that is walked.</summary>
    internal int Source;
    internal ushort Members;
    internal SetOperator Operator;
    internal bool IsRefused;
}

/// <summary>The steps of operations on sets, each on one shard's sources.</summary>
internal static class SetAlgebra
{
    /// <summary>The sources of a call: the arguments that its row's last key specification finds.</summary>
    internal static void Sources(CommandSpec command, Arguments args, out int first, out int last) =>
        _ = command.Keys[^1].TryFind(args, out first, out last);

    /// <summary>Looks at one source; notes lets it count as a read.</summary>
    internal static SourceMeasure Measure(ShardScope shard, Key key, int index, bool notes)
    {
        Entry entry = notes ? shard.Find(key) : shard.Peek(key);
        if (!entry.Exists) return new SourceMeasure { HasMissing = true, LeastIndex = index };
        if (entry.Type != ValueType.Set) return new SourceMeasure { HasWrongType = true, LeastIndex = index };
        var set = new SetView(shard.View(entry), shard.NowMs);
        return new SourceMeasure
        {
            Members = set.Count,
            Least = set.Count,
            LeastIndex = index,
            LookupCost = (int)Math.Min(set.LookupCost, int.MaxValue),
        };
    }

    /// <summary>Walks on in the source and adds what it meets to the batch.</summary>
    internal static void Walk(ShardScope shard, Key key, ref SetStep step, int members)
    {
        var filler = new Filler { Batch = step.Batch };
        step.Position = ViewOf(shard, key).Walk(step.Position, members, ref filler);
        step.IsRefused |= filler.IsRefused;
        step.Batch = filler.Batch;
    }

    /// <summary>Leaves what is in this source, or what is not.</summary>
    internal static void Filter(ShardScope shard, Key key, ref SetStep step)
    {
        var filter = new SourceFilter { Source = ViewOf(shard, key), Wanted = step.Operator == SetOperator.Intersection };
        step.Batch.Filter(ref filter);
    }

    /// <summary>Adds the batch to a draft, and leaves in it what is new there. False where memory is refused.</summary>
    internal static bool Collect(ShardScope shard, ref ulong number, ref MemberBatch batch)
    {
        Draft draft = shard.Draft(ref number);
        var collector = new Collector { Set = new SetEditor(draft.Slot, shard.Settings.SetLimits, shard.NowMs) };
        batch.Filter(ref collector);
        return !collector.IsRefused;
    }

    internal static void Write(in MemberBatch batch, ref ReplyWriter reply)
    {
        var writer = new MemberWriter { Reply = reply };
        batch.Show(ref writer);
        reply = writer.Reply;
    }

    private static SetView ViewOf(ShardScope shard, Key key) => new(shard.View(shard.Peek(key)), shard.NowMs);

    private struct Filler : IMemberReader
    {
        internal MemberBatch Batch;
        internal bool IsRefused;

        public bool Visit(scoped PackedItem member, double score)
        {
            IsRefused = !Batch.TryAdd(member);
            return !IsRefused;
        }
    }

    private ref struct SourceFilter : IMemberFilter
    {
        internal SetView Source;
        internal bool Wanted;

        public readonly bool Keeps(scoped PackedItem member) => Source.Contains(member) == Wanted;
    }

    private ref struct Collector : IMemberFilter
    {
        internal SetEditor Set;
        internal bool IsRefused;

        public bool Keeps(scoped PackedItem member)
        {
            if (IsRefused) return false;
            SetChange change = Set.Add(member.Text(stackalloc byte[Numbers.LongTextMax]), 1);
            IsRefused = change == SetChange.Refused;
            return change == SetChange.Done;
        }
    }
}

using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;

namespace Anax.Commands;

// Every operation is the same steps over batches of members (docs/design/sorted-sets.md):
//
//     measure  how many members each source has; unions and intersections go from the smallest to the largest, as Valkey
//              does: the order of additions shows in the digits of sums
//     fill     a batch: of the smallest source, of the first one for a difference, of each, one after the other, for a union
//     filter   by each other source: what is not in it goes, or what is in it; scores are joined
//     collect  into a draft, which a key takes, or which is written and dropped

/// <summary>A source of an operation, measured: plain data.</summary>
internal struct SourceFigure
{
    internal long Count;
    internal int Argument;
    internal bool HasWrongType;
}

/// <summary>One step of an operation on a shard: plain data, the state of a hop.</summary>
internal struct AlgebraStep
{
    internal ScoredBatch Batch;

    /// <summary>Where the walk goes on; 0 at its end.</summary>
    internal ulong Position;

    /// <summary>The argument of the source that is walked, or that filters.</summary>
    internal int Source;
    internal bool IsRefused;
}

/// <summary>The steps of operations on sorted sets, each on one shard's sources.</summary>
internal static class SortedSetAlgebra
{
    private const int BatchMembers = (int)SortedSetValue.AtOnceMax;

    /// <summary>Looks at one source; notes lets it count as a read.</summary>
    internal static SourceFigure Measure(ShardScope shard, Arguments args, int argument, bool notes)
    {
        Entry entry = notes ? shard.Find(args.Key(argument)) : shard.Peek(args.Key(argument));
        bool isSource = MemberSource.TryOpen(shard, in entry, out MemberSource source);
        return new SourceFigure { Argument = argument, HasWrongType = !isSource, Count = isSource ? source.Count : 0 };
    }

    /// <summary>From the fewest members to the most; those that have the same number as they were named.</summary>
    internal static void Sort(Span<SourceFigure> sources) =>
        sources.Sort(static (left, right) =>
            left.Count != right.Count ? left.Count.CompareTo(right.Count) : left.Argument.CompareTo(right.Argument));

    /// <summary>About how many members are looked at, or looked for.</summary>
    internal static long WorkOf(ReadOnlySpan<SourceFigure> sources, SortedSetOperator op)
    {
        long work = 0;
        foreach (ref readonly SourceFigure source in sources)
            work += op == SortedSetOperator.Union ? source.Count : Math.Min(sources[0].Count, long.MaxValue / sources.Length);
        return work;
    }

    /// <summary>Walks on in a source, with its weight.</summary>
    internal static void Fill(ShardScope shard, Arguments args, in SortedSetPlan plan, SortedSetOperator op, ref AlgebraStep step)
    {
        step.Batch.Clear();
        var filler = new BatchFiller
        {
            Batch = step.Batch,
            IsWeighted = op != SortedSetOperator.Difference,
            Weight = plan.WeightOf(args, step.Source),
        };
        step.Position = Open(shard, args, step.Source).Walk(step.Position, BatchMembers, ref filler);
        step.IsRefused |= filler.IsRefused;
        step.Batch = filler.Batch;
    }

    /// <summary>Leaves what is in a source, with the scores of both, or what is not.</summary>
    internal static void Filter(ShardScope shard, Arguments args, in SortedSetPlan plan, SortedSetOperator op, ref AlgebraStep step)
    {
        var filter = new SourceFilter
        {
            Source = Open(shard, args, step.Source),
            Wanted = op == SortedSetOperator.Intersection,
            Weight = plan.WeightOf(args, step.Source),
            Aggregate = plan.Aggregate,
        };
        step.Batch.Filter(ref filter);
    }

    private static MemberSource Open(ShardScope shard, Arguments args, int argument)
    {
        _ = MemberSource.TryOpen(shard, shard.Peek(args.Key(argument)), out MemberSource source);
        return source;
    }

    private ref struct SourceFilter : IScoredFilter
    {
        internal MemberSource Source;
        internal bool Wanted;
        internal double Weight;
        internal ScoreRule Aggregate;

        public readonly bool Keeps(scoped PackedItem member, ref double score)
        {
            bool isThere = Source.TryGetScore(member, out double other);
            if (isThere && Wanted) score = Join(score, other * Weight);
            return isThere == Wanted;
        }

        private readonly double Join(double score, double other)
        {
            if (Aggregate == ScoreRule.Min) return other < score ? other : score;
            if (Aggregate == ScoreRule.Max) return other > score ? other : score;
            double sum = score + other;
            return double.IsNaN(sum) ? 0 : sum;
        }
    }
}

using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Keyspace;

namespace Anax.Commands;

/// <summary>Sorted sets in the making: batches of members come in, and a key takes the whole.</summary>
internal static class SortedSetDrafts
{
    /// <summary>
    /// Adds a batch; members that are there get the score of both by the rule. What no key takes is never packed: there zero has a
    /// sign. False where memory is refused.
    /// </summary>
    internal static bool Collect(ShardScope shard, ref ulong number, in ScoredBatch batch, ScoreRule rule, bool isStored = true)
    {
        Draft draft = shard.Draft(ref number);
        PackedLimits limits = isStored ? shard.Settings.SortedSetLimits : default;
        var collector = new Collector { Set = new SortedSetEditor(draft.Slot, limits, 0), Rule = rule };
        batch.Show(ref collector);
        return !collector.IsRefused;
    }

    internal static SortedSetView ViewOf(ShardScope shard, ulong number) => new(shard.ViewDraft(number), 0);

    private ref struct Collector : IMemberReader
    {
        internal SortedSetEditor Set;
        internal ScoreRule Rule;
        internal bool IsRefused;

        public bool Visit(scoped PackedItem member, double score)
        {
            IsRefused = Set.Set(member.Text(stackalloc byte[Numbers.LongTextMax]), ref score, Rule) == ScoreChange.Refused;
            return !IsRefused;
        }
    }
}

/// <summary>Fills a batch with the members that it meets. Mutable.</summary>
internal struct BatchFiller : IMemberReader
{
    internal ScoredBatch Batch;
    internal bool IsRefused;

    /// <summary>What scores are multiplied by, where <see cref="IsWeighted"/>.</summary>
    internal double Weight;
    internal bool IsWeighted;

    public bool Visit(scoped PackedItem member, double score)
    {
        if (IsWeighted) score *= Weight;
        // Nothing times infinity.
        IsRefused = !Batch.TryAdd(member, double.IsNaN(score) ? 0 : score);
        return !IsRefused;
    }
}

using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>The collecting of elements on their shard: where it stands, and what it goes by.</summary>
internal struct SortPart
{
    internal SortTable Table;

    /// <summary>From where the next step goes on; 0 at first, and again behind the last step.</summary>
    internal ulong Position;
    internal SortFlags Options;
}

/// <summary>Where SORT gets its elements from, by the type of the value.</summary>
internal static class SortSources
{
    private const int ElementsPerStep = 128;

    /// <summary>Adds the elements of one bounded step to the table, which the first step makes.</summary>
    internal static Outcome Collect(ShardScope shard, scoped in Entry entry, ref SortPart part) => entry.Type switch
    {
        ValueType.List => CollectList(shard, new ListView(shard.View(entry)), ref part),
        ValueType.Set => CollectSet(shard, new SetView(shard.View(entry), shard.NowMs), ref part),
        ValueType.SortedSet => CollectSortedSet(shard, SortedSetValue.ViewOf(shard, in entry), ref part),
        _ => Outcome.WrongType,
    };

    private static Outcome CollectList(ShardScope shard, ListView list, ref SortPart part)
    {
        long count = list.Count, done = (long)part.Position;
        if (!TryBegin(shard, count, ref part)) return Outcome.OutOfMemory;
        bool backwards = IsBackwards(in part);
        ListWalk walk = list.Walk(backwards ? count - 1 - done : done, backwards);
        for (int i = 0; i < ElementsPerStep && walk.Next(out ListItem item); i++, done++)
            if (!part.Table.TryAdd(item.Item)) return Outcome.OutOfMemory;
        part.Position = done == count ? 0 : (ulong)done;
        return Outcome.Ok;
    }

    private static Outcome CollectSet(ShardScope shard, SetView set, ref SortPart part)
    {
        bool isFirst = part.Position == 0;
        if (!TryBegin(shard, set.Count, ref part)) return Outcome.OutOfMemory;
        // What is kept, and what a script sees, must not hang on the order of a table.
        if (isFirst) part.Table.MustBeSorted = (part.Options & SortFlags.Stored) != 0 || !shard.MaySuspend;
        var adder = new Adder { Table = part.Table };
        part.Position = set.Walk(part.Position, ElementsPerStep, ref adder);
        return adder.IsRefused ? Outcome.OutOfMemory : Outcome.Ok;
    }

    private static Outcome CollectSortedSet(ShardScope shard, SortedSetView set, ref SortPart part)
    {
        long count = set.Count, done = (long)part.Position;
        if (!TryBegin(shard, count, ref part)) return Outcome.OutOfMemory;
        long step = Math.Min(ElementsPerStep, count - done);
        var adder = new Adder { Table = part.Table };
        bool backwards = IsBackwards(in part);
        set.Walk(backwards ? count - 1 - done : done, step, backwards, ref adder);
        part.Position = done + step == count ? 0 : (ulong)(done + step);
        return adder.IsRefused ? Outcome.OutOfMemory : Outcome.Ok;
    }

    private static bool TryBegin(ShardScope shard, long count, ref SortPart part)
    {
        if (part.Position == 0) part.Table = SortTable.Make(shard.Loop.Loops.Length, count);
        return part.Table.Header != 0;
    }

    private static bool IsBackwards(in SortPart part)
    {
        const SortFlags Backwards = SortFlags.Unsorted | SortFlags.Descending;
        return (part.Options & Backwards) == Backwards;
    }

    private struct Adder : IMemberReader
    {
        internal SortTable Table;
        internal bool IsRefused;

        public bool Visit(scoped PackedItem member, double score)
        {
            IsRefused = !Table.TryAdd(member);
            return !IsRefused;
        }
    }
}

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
        _ => Outcome.WrongType,
    };

    private static Outcome CollectList(ShardScope shard, ListView list, ref SortPart part)
    {
        long count = list.Count, done = (long)part.Position;
        if (done == 0) part.Table = SortTable.Make(shard.Loop.Loops.Length, count);
        if (part.Table.Header == 0) return Outcome.OutOfMemory;
        bool backwards = (part.Options & (SortFlags.Unsorted | SortFlags.Descending)) == (SortFlags.Unsorted | SortFlags.Descending);
        ListWalk walk = list.Walk(backwards ? count - 1 - done : done, backwards);
        for (int i = 0; i < ElementsPerStep && walk.Next(out ListItem item); i++, done++)
            if (!part.Table.TryAdd(item.Item)) return Outcome.OutOfMemory;
        part.Position = done == count ? 0 : (ulong)done;
        return Outcome.Ok;
    }
}

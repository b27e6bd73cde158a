using Anax.Engine.Dispatch;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Unions, intersections and differences of sorted sets and sets: see <see cref="SortedSetOperation"/>.</summary>
public static class SortedSetOperationCommands
{
    private const KeyAccess Reads = KeyAccess.ReadOnly | KeyAccess.Access;

    private static readonly KeySpec[] Sources = [new(Reads, KeySearch.KeyCount) { FirstKey = 1 }];
    private static readonly KeySpec[] TargetAndSources =
    [
        new(KeyAccess.Overwrite | KeyAccess.Update, KeySearch.Range),
        new(Reads, KeySearch.KeyCount) { BeginIndex = 2, FirstKey = 1 },
    ];

    public static readonly CommandSpec[] Table =
    [
        Reading("ZUNION", SortedSetOperator.Union, SetResult.Reply, "Returns the union of multiple sorted sets."),
        Reading("ZINTER", SortedSetOperator.Intersection, SetResult.Reply, "Returns the intersect of multiple sorted sets."),
        Reading("ZDIFF", SortedSetOperator.Difference, SetResult.Reply, "Returns the difference between multiple sorted sets."),
        Reading("ZINTERCARD", SortedSetOperator.Intersection, SetResult.Count,
            "Returns the number of members of the intersect of multiple sorted sets."),
        Storing("ZUNIONSTORE", SortedSetOperator.Union, "Stores the union of multiple sorted sets in a key."),
        Storing("ZINTERSTORE", SortedSetOperator.Intersection, "Stores the intersect of multiple sorted sets in a key."),
        Storing("ZDIFFSTORE", SortedSetOperator.Difference, "Stores the difference of multiple sorted sets in a key."),
    ];

    private static CommandSpec Reading(string name, SortedSetOperator op, SetResult result, string summary)
    {
        var operation = new SortedSetOperation(op, result, name.ToLowerInvariant());
        return new CommandSpec(name, -3, ReadOnly | MovableKeys | MayBeLong, AclCategory.SortedSet, Sources, operation.RunHere, summary)
        { AsCoordinator = operation.RunAcross };
    }

    private static CommandSpec Storing(string name, SortedSetOperator op, string summary)
    {
        var operation = new SortedSetOperation(op, SetResult.Store, name.ToLowerInvariant());
        return new CommandSpec(name, -4, Write | DenyOom | MovableKeys | MayBeLong | Tells, AclCategory.SortedSet, TargetAndSources,
            operation.RunHere, summary)
        { AsCoordinator = operation.RunAcross };
    }
}

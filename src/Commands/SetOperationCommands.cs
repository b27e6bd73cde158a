using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Intersections, unions and differences of sets, and all members of one: see <see cref="SetOperation"/>.</summary>
public static class SetOperationCommands
{
    private const KeyAccess Reads = KeyAccess.ReadOnly | KeyAccess.Access;

    private static readonly KeySpec[] Sources = Keys.All(Reads);
    private static readonly KeySpec[] TargetAndSources =
        [new(KeyAccess.Overwrite | KeyAccess.Update, KeySearch.Range), new(Reads, KeySearch.Range) { BeginIndex = 2, LastKey = -1 }];
    private static readonly KeySpec[] CountedSources = [new(Reads, KeySearch.KeyCount) { FirstKey = 1 }];
    private static readonly SetOperation IntersectionCount = new(SetOperator.Intersection, SetResult.Count, CountedSources[0]);

    public static readonly CommandSpec[] Table =
    [
        Reading("SMEMBERS",     2, Keys.First(Reads), SetOperator.Union, "Returns all members of a set."),
        Reading("SINTER",      -2, Sources, SetOperator.Intersection, "Returns the intersect of multiple sets."),
        new("SINTERCARD", -3, ReadOnly | MovableKeys | MayBeLong, AclCategory.Set, CountedSources, CountIntersection,
            "Returns the number of members of the intersect of multiple sets.") { AsCoordinator = CountIntersectionAcross },
        Storing("SINTERSTORE", SetOperator.Intersection, "sinterstore", "Stores the intersect of multiple sets in a key."),
        Reading("SUNION",      -2, Sources, SetOperator.Union, "Returns the union of multiple sets."),
        Storing("SUNIONSTORE", SetOperator.Union, "sunionstore", "Stores the union of multiple sets in a key."),
        Reading("SDIFF",       -2, Sources, SetOperator.Difference, "Returns the difference of multiple sets."),
        Storing("SDIFFSTORE",  SetOperator.Difference, "sdiffstore", "Stores the difference of multiple sets in a key."),
    ];

    private static CommandSpec Reading(string name, int arity, KeySpec[] keys, SetOperator op, string summary)
    {
        var operation = new SetOperation(op, SetResult.Reply, keys[0]);
        return new CommandSpec(name, arity, ReadOnly | MayBeLong, AclCategory.Set, keys, operation.RunHere, summary)
        { AsCoordinator = operation.RunAcross, Tips = ["nondeterministic_output_order"] };
    }

    private static CommandSpec Storing(string name, SetOperator op, string eventName, string summary)
    {
        var operation = new SetOperation(op, SetResult.Store, TargetAndSources[1], eventName);
        return new CommandSpec(name, -3, Write | DenyOom | MayBeLong, AclCategory.Set, TargetAndSources, operation.RunHere, summary)
        { AsCoordinator = operation.RunAcross };
    }

    private static void CountIntersection(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (TryReadCount(args, ref reply, out long limit))
            IntersectionCount.RunHere(shard, args, limit, ref reply);
    }

    private static Co<Nothing> CountIntersectionAcross(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        bool ok = TryReadCount(tx.Args, ref reply, out long limit);
        tx.Close(ref reply);
        return ok ? IntersectionCount.RunAcross(tx, limit) : default;
    }

    private static bool TryReadCount(Arguments args, ref ReplyWriter reply, out long limit)
    {
        limit = 0;
        if (!Numbers.TryParseLong(args[1], out long keys) || keys < 1)
        {
            reply.Error(Errors.NumKeysTooSmall);
            return false;
        }
        if (keys > args.Count - 2)
        {
            reply.Error(Errors.NumKeysTooLarge);
            return false;
        }
        for (int i = 2 + (int)keys; i < args.Count; i++)
        {
            if (!Ascii.EqualsIgnoreCase(args[i], "LIMIT"u8) || i + 1 == args.Count)
            {
                reply.Error(Errors.Syntax);
                return false;
            }
            if (Numbers.TryParseLong(args[++i], out limit) && limit >= 0) continue;
            reply.Error(Errors.LimitNegative);
            return false;
        }
        return true;
    }
}

using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>Members of sorted sets one by one, their ranks, and ranges that are counted or removed.</summary>
public static class SortedSetCommands
{
    private static readonly KeySpec[] Read = Keys.First(KeyAccess.ReadOnly | KeyAccess.Access);
    private static readonly KeySpec[] Deletes = Keys.First(KeyAccess.ReadWrite | KeyAccess.Delete);

    public static readonly CommandSpec[] Table =
    [
        new("ZADD", -4, Write | DenyOom | Fast | Tells, AclCategory.SortedSet, Keys.First(KeyAccess.ReadWrite | KeyAccess.Update),
            ScoredMembers.Add, "Adds one or more members to a sorted set, or updates their scores. Creates the key if it doesn't exist."),
        new("ZINCRBY", 4, Write | DenyOom | Fast | Tells, AclCategory.SortedSet,
            Keys.First(KeyAccess.ReadWrite | KeyAccess.Access | KeyAccess.Update), ScoredMembers.Increment,
            "Increments the score of a member in a sorted set."),
        new("ZREM", -3, Write | Fast, AclCategory.SortedSet, Deletes, Remove,
            "Removes one or more members from a sorted set. Deletes the sorted set if all members were removed."),
        new("ZCARD", 2, ReadOnly | Fast, AclCategory.SortedSet, Keys.First(KeyAccess.ReadOnly), Count,
            "Returns the number of members in a sorted set."),
        new("ZSCORE", 3, ReadOnly | Fast, AclCategory.SortedSet, Read, Score, "Returns the score of a member in a sorted set."),
        new("ZMSCORE", -3, ReadOnly | Fast, AclCategory.SortedSet, Read, ScoresOfMembers,
            "Returns the score of one or more members in a sorted set."),
        new("ZRANK", -3, ReadOnly | Fast, AclCategory.SortedSet, Read, Rank,
            "Returns the index of a member in a sorted set ordered by ascending scores."),
        new("ZREVRANK", -3, ReadOnly | Fast, AclCategory.SortedSet, Read, ReverseRank,
            "Returns the index of a member in a sorted set ordered by descending scores."),
        new("ZCOUNT", 4, ReadOnly | Fast, AclCategory.SortedSet, Read, CountByScore,
            "Returns the count of members in a sorted set that have scores within a range."),
        new("ZLEXCOUNT", 4, ReadOnly | Fast, AclCategory.SortedSet, Read, CountByLex,
            "Returns the number of members in a sorted set within a lexicographical range."),
        Removal("ZREMRANGEBYRANK", RangeKind.Rank, "zremrangebyrank",
            "Removes members in a sorted set within a range of indexes. Deletes the sorted set if all members were removed."),
        Removal("ZREMRANGEBYSCORE", RangeKind.Score, "zremrangebyscore",
            "Removes members in a sorted set within a range of scores. Deletes the sorted set if all members were removed."),
        Removal("ZREMRANGEBYLEX", RangeKind.Lex, "zremrangebylex",
            "Removes members in a sorted set within a lexicographical range. Deletes the sorted set if all members were removed."),
    ];

    private static CommandSpec Removal(string name, RangeKind kind, string eventName, string summary)
    {
        var removal = new SortedSetRemoval(kind, eventName);
        return new CommandSpec(name, 4, Write | MayBeLong, AclCategory.SortedSet, Deletes, removal.RunHere, summary)
        { AsCoordinator = removal.RunLong };
    }

    private static void Remove(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TypedValue.TryEdit(shard, args.Key(1), ValueType.SortedSet, ref reply, out Edit edit)) return;
        long removed = 0;
        if (edit.Exists)
        {
            SortedSetEditor set = SortedSetValue.Editor(shard, edit.Slot);
            for (int i = 2; i < args.Count && set.View.Count != 0; i++)
                if (set.Remove(args[i])) removed++;
        }
        if (removed != 0) SortedSetValue.CommitRemoval(ref edit, "zrem"u8, Effect.Command);
        else edit.Abandon();
        reply.Integer(removed);
    }

    private static void Count(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (SortedSetValue.TryRead(shard, args.Key(1), ref reply, out SortedSetView set)) reply.Integer(set.LiveCount);
    }

    private static void Score(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!SortedSetValue.TryRead(shard, args.Key(1), ref reply, out SortedSetView set)) return;
        WriteScore(set, args[2], ref reply);
    }

    private static void ScoresOfMembers(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!SortedSetValue.TryRead(shard, args.Key(1), ref reply, out SortedSetView set)) return;
        reply.Array(args.Count - 2);
        for (int i = 2; i < args.Count; i++) WriteScore(set, args[i], ref reply);
    }

    private static void WriteScore(scoped SortedSetView set, ReadOnlySpan<byte> member, ref ReplyWriter reply)
    {
        if (set.TryGetScore(member, out double score)) reply.Double(score);
        else reply.Null();
    }

    private static void Rank(ShardScope shard, Arguments args, ref ReplyWriter reply) => Rank(shard, args, false, ref reply);

    private static void ReverseRank(ShardScope shard, Arguments args, ref ReplyWriter reply) => Rank(shard, args, true, ref reply);

    private static void Rank(ShardScope shard, Arguments args, bool backwards, ref ReplyWriter reply)
    {
        if (args.Count > 4)
        {
            reply.WrongArity(backwards ? "zrevrank"u8 : "zrank"u8);
            return;
        }
        bool withScore = args.Count == 4;
        if (withScore && !Ascii.EqualsIgnoreCase(args[3], "WITHSCORE"u8))
        {
            reply.Error(Errors.Syntax);
            return;
        }
        if (!SortedSetValue.TryRead(shard, args.Key(1), ref reply, out SortedSetView set)) return;
        if (!set.TryGetRank(args[2], out long rank, out double score))
        {
            if (withScore) reply.NullArray();
            else reply.Null();
            return;
        }
        if (withScore) reply.Array(2);
        reply.Integer(backwards ? set.Count - 1 - rank : rank);
        if (withScore) reply.Double(score);
    }

    private static void CountByScore(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!RangeArguments.TryReadScores(args, 2, 3, ref reply, out ScoreRange range)) return;
        if (SortedSetValue.TryRead(shard, args.Key(1), ref reply, out SortedSetView set)) reply.Integer(set.RangeOf(range).Count);
    }

    private static void CountByLex(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!RangeArguments.TryReadMembers(args, 2, 3, ref reply, out LexRange range)) return;
        if (SortedSetValue.TryRead(shard, args.Key(1), ref reply, out SortedSetView set))
            reply.Integer(set.RangeOf(in range, backwards: false).Count);
    }
}

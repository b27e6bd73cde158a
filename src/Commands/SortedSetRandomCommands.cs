using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

// Members by chance are ranks by chance: each member has one, so all have the same chance. A few different ones are drawn, and
// drawn again where one comes twice; of many, the set is walked in its order, and each is taken by the chance that it has
// among those that are left (RandomTake).

/// <summary>Members by chance or by a cursor: ZRANDMEMBER and ZSCAN.</summary>
public static class SortedSetRandomCommands
{
    /// <summary>Different members that are drawn, at most.</summary>
    private const int DrawnMax = 128;

    /// <summary>So many are drawn only of a set that has so many times more.</summary>
    private const int DrawnShare = 4;

    public static readonly CommandSpec[] Table =
    [
        new("ZRANDMEMBER", -2, ReadOnly | MayBeLong, AclCategory.SortedSet, Keys.First(KeyAccess.ReadOnly | KeyAccess.Access), Choose,
            "Returns one or more random members from a sorted set.") { AsCoordinator = ChooseLong, Tips = ["nondeterministic_output"] },
        new("ZSCAN", -3, ReadOnly, AclCategory.SortedSet, Keys.First(KeyAccess.ReadOnly | KeyAccess.Access), Scan,
            "Iterates over members and scores of a sorted set.") { Tips = ["nondeterministic_output"] },
    ];

    // --- ZRANDMEMBER -------------------------------------------------------------------------------------

    private static bool TryReadChoice(Arguments args, ref ReplyWriter reply, out long count, out bool withScores)
    {
        withScores = args.Count == 4 && Ascii.EqualsIgnoreCase(args[3], "WITHSCORES"u8);
        if (!Numbers.TryParseLong(args[2], out count)) reply.Error(Errors.NotInteger);
        else if (count == long.MinValue) reply.Error(Errors.OutOfRangeBetween, -long.MaxValue, long.MaxValue);
        else if (args.Count > 4 || args.Count == 4 && !withScores) reply.Error(Errors.Syntax);
        else if (withScores && count is < -long.MaxValue / 2 or > long.MaxValue / 2) reply.Error(Errors.OutOfRange);
        else return true;
        return false;
    }

    private static void Choose(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (args.Count == 2)
        {
            ChooseOne(shard, args.Key(1), ref reply);
            return;
        }
        if (!TryReadChoice(args, ref reply, out long count, out bool withScores)) return;
        long size = SizeOf(shard, args.Key(1), out bool hasDue);
        // Where the time of many has come, who is left is found by a walk.
        bool isLong = count < 0 ? -count > SortedSetValue.AtOnceMax : (hasDue || !IsDrawn(count, size)) && size > 2 * SortedSetValue.AtOnceMax;
        if (size > 0 && count != 0 && isLong)
        {
            shard.LeaveToCoordinator();
            return;
        }
        if (!SortedSetValue.TryRead(shard, args.Key(1), ref reply, out SortedSetView set)) return;
        size = set.LiveCount;
        if (size <= 0 || count == 0)
        {
            reply.Array(0);
            return;
        }
        SortedSetValue.WriteHead(ref reply, count < 0 ? -count : Math.Min(count, size), withScores);
        var writer = new ScoredWriter(reply, withScores);
        ulong random = shard.NextRandom();
        if (!set.HasDue && IsDrawn(count, size)) Draw(set, (int)count, random, ref writer);
        else
        {
            Choice choice = Begin(count, set, random);
            choice.Run(set, long.MaxValue, ref writer);
        }
        reply = writer.Reply;
    }

    private static bool IsDrawn(long count, long size) => count is > 0 and <= DrawnMax && count <= size / DrawnShare;

    /// <summary>Members of a sorted set; 0 where there is none, without a trace.</summary>
    private static long SizeOf(ShardScope shard, Key key, out bool hasDue)
    {
        Entry entry = shard.Peek(key);
        hasDue = false;
        if (!entry.Exists || entry.Type != Core.Structures.ValueType.SortedSet) return 0;
        SortedSetView set = SortedSetValue.ViewOf(shard, in entry);
        hasDue = set.HasDue;
        return set.Count;
    }

    private static void ChooseOne(ShardScope shard, Key key, ref ReplyWriter reply)
    {
        if (!SortedSetValue.TryRead(shard, key, ref reply, out SortedSetView set)) return;
        if (set.LiveCount == 0)
        {
            reply.Null();
            return;
        }
        ulong random = shard.NextRandom();
        var writer = new ScoredWriter(reply, withScores: false);
        set.VisitRandom(ref random, ref writer);
        reply = writer.Reply;
    }

    private static void Draw(SortedSetView set, int count, ulong random, ref ScoredWriter writer)
    {
        Span<long> drawn = stackalloc long[DrawnMax];
        for (int i = 0; i < count; i++)
        {
            do drawn[i] = RandomTake.NextBelow(ref random, set.Count);
            while (drawn[..i].Contains(drawn[i]));
            set.Walk(drawn[i], 1, false, ref writer);
        }
    }

    private static Choice Begin(long count, SortedSetView set, ulong random) => new()
    {
        Repeats = count < 0,
        Left = count < 0 ? -count : set.Count,
        Live = (uint)set.LiveCount,
        Wanted = (uint)(count < 0 ? 0 : Math.Min(count, set.LiveCount)),
        Random = random,
    };

    /// <summary>What is left of a choice: plain data, the state of a hop.</summary>
    private struct Choice
    {
        /// <summary>Members that are still to be drawn, or ranks still to be met.</summary>
        internal long Left;
        internal ulong Random;

        /// <summary>Members that are still to be chosen, and of how many: fewer than records have handles.</summary>
        internal uint Wanted, Live;
        internal bool Repeats, WithScores, HasWrongType, IsBegun;

        /// <summary>So many steps of it, at most. Different members are met from the last to the first.</summary>
        internal void Run(SortedSetView set, long steps, ref ScoredWriter writer)
        {
            if (Repeats)
            {
                for (; Left > 0 && steps > 0; Left--, steps--) set.VisitRandom(ref Random, ref writer);
                return;
            }
            steps = Math.Min(steps, Left);
            var taker = new Taker { Writer = writer, Live = Live, Wanted = Wanted, Random = Random };
            set.Walk(Left - 1, steps, true, ref taker);
            writer = taker.Writer;
            (Wanted, Live, Random) = (taker.Wanted, taker.Live, taker.Random);
            Left = Wanted == 0 ? 0 : Left - steps;
        }
    }

    private ref struct Taker : IMemberReader
    {
        internal ScoredWriter Writer;
        internal uint Wanted, Live;
        internal ulong Random;

        public bool Visit(scoped PackedItem member, double score)
        {
            bool isTaken = RandomTake.NextBelow(ref Random, Live--) < Wanted;
            if (isTaken) _ = Writer.Visit(member, score);
            if (isTaken) Wanted--;
            return Wanted > 0;
        }
    }

    private static async Co<Nothing> ChooseLong(Coordinator tx)
    {
        int shard = tx.ShardOf(1);
        if (!TryReadChoice(tx)) return default;
        await tx.Hop(shard, ChoiceSlice);
        while (tx.StateOf<Choice>(shard).Left > 0 && !tx.Session.Gone && !IsTooLong(tx, shard))
        {
            await tx.Yield();
            await tx.Hop(shard, ChoiceSlice);
        }
        AnswerChoice(tx, shard);
        return default;
    }

    /// <summary>Who gets more is disconnected, and needs no more of it.</summary>
    private static bool IsTooLong(Coordinator tx, int shard)
    {
        long bytesMax = tx.Loop.Settings.ReplyBytesMax;
        return bytesMax != 0 && tx.PartOf(shard).Length > bytesMax;
    }

    private static bool TryReadChoice(Coordinator tx)
    {
        if (tx.Args.Count == 2) return true;
        ReplyWriter reply = tx.Writer();
        bool ok = TryReadChoice(tx.Args, ref reply, out _, out _);
        tx.Close(ref reply);
        return ok;
    }

    /// <summary>The value of the hop counts what was begun with: the members of the reply.</summary>
    private static void ChoiceSlice(ShardScope shard, ref HopFrame hop)
    {
        ref Choice part = ref hop.State<Choice>();
        if (!part.IsBegun && !TryBeginSlices(shard, ref hop, ref part)) return;
        SortedSetView set = SortedSetValue.ViewOf(shard, hop.Args.Key(1));
        var writer = new ScoredWriter(hop.Writer(), part.WithScores);
        var slice = new WorkSlice(shard);
        do part.Run(set, SortedSetValue.MembersPerStep, ref writer);
        while (part.Left > 0 && slice.MayGoOn(shard));
        writer.Reply.Flush();
    }

    private static bool TryBeginSlices(ShardScope shard, ref HopFrame hop, ref Choice part)
    {
        if (!SortedSetValue.TryFind(shard, hop.Args.Key(1), out SortedSetView set, out _))
        {
            part = new Choice { IsBegun = true, HasWrongType = true };
            return false;
        }
        long count = 1;
        bool withScores = false;
        ReplyWriter reply = hop.Writer();
        if (hop.Args.Count > 2) _ = TryReadChoice(hop.Args, ref reply, out count, out withScores);
        reply.Flush();
        part = set.LiveCount == 0 || count == 0 ? default : Begin(count, set, shard.NextRandom());
        (part.IsBegun, part.WithScores) = (true, withScores);
        hop.Value = part.Repeats ? part.Left : part.Wanted;
        return hop.Value != 0;
    }

    private static void AnswerChoice(Coordinator tx, int shard)
    {
        Choice part = tx.StateOf<Choice>(shard);
        ReplyWriter reply = tx.Writer();
        if (part.HasWrongType) reply.Error(Errors.WrongType);
        else if (tx.Args.Count > 2) SortedSetValue.WriteHead(ref reply, tx.ValueOf(shard), part.WithScores);
        else if (tx.ValueOf(shard) == 0) reply.Null();
        reply.Raw(ref tx.PartOf(shard));
        tx.Close(ref reply);
    }

    // --- ZSCAN -------------------------------------------------------------------------------------------

    private static void Scan(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!ScanCursor.TryRead(args[2], out ulong cursor))
        {
            reply.Error(Errors.InvalidCursor);
            return;
        }
        if (!SortedSetValue.TryRead(shard, args.Key(1), ref reply, out SortedSetView set)) return;
        ScanOptions options = default;
        if (set.Count != 0 && !ScanOptions.TryRead(args, 3, ref reply, out options, Core.Structures.ValueType.SortedSet)) return;
        var scanner = new Scanner { Pattern = options.Pattern == 0 ? default : args[options.Pattern], MatchesAll = options.Pattern == 0 };
        // COUNT is a wish: a call never takes longer than a turn.
        ulong position = set.Scan(ScanCursor.Decode(cursor).Position, Math.Min(options.Count, SortedSetValue.AtOnceMax), ref scanner);
        if (scanner.Filler.IsRefused) reply.Error(Outcome.OutOfMemory);
        else
        {
            reply.Array(2);
            reply.Bulk((long)(position == 0 ? 0 : new ScanCursor(0, position).Encode(shards: 1)));
            reply.Array(scanner.Filler.Batch.Count * (options.OnlyKeys ? 1 : 2));
            var writer = new ScanWriter { Reply = reply, WithScores = !options.OnlyKeys, IsTable = set.HasTree };
            scanner.Filler.Batch.Show(ref writer);
            reply = writer.Reply;
        }
        scanner.Filler.Batch.Release();
    }

    private ref struct Scanner : IMemberReader
    {
        internal ReadOnlySpan<byte> Pattern;
        internal bool MatchesAll;
        internal BatchFiller Filler;

        public bool Visit(scoped PackedItem member, double score)
        {
            bool isWanted = MatchesAll || Glob.Matches(Pattern, member.Text(stackalloc byte[Numbers.LongTextMax]));
            return !isWanted || Filler.Visit(member, score);
        }
    }

    /// <summary>Scores are texts here, in any protocol; of large sets with 17 digits, where Valkey writes them so.</summary>
    private ref struct ScanWriter : IMemberReader
    {
        internal ReplyWriter Reply;
        internal bool WithScores, IsTable;

        public bool Visit(scoped PackedItem member, double score)
        {
            Reply.Bulk(member);
            if (!WithScores) return true;
            Span<byte> text = stackalloc byte[Numbers.DoubleTextMax];
            Reply.Bulk(text[..(IsTable ? Numbers.FormatFullDouble(score, text) : Numbers.FormatDouble(score, text))]);
            return true;
        }
    }
}

using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>Ranges of sorted sets, read or stored: ZRANGE, its old forms, ZRANGESTORE.</summary>
public static class SortedSetRangeCommands
{
    public static readonly CommandSpec[] Table =
    [
        Reading("ZRANGE", null, null, "Returns members in a sorted set within a range of indexes."),
        Reading("ZREVRANGE", RangeKind.Rank, true, "Returns members in a sorted set within a range of indexes in reverse order."),
        Reading("ZRANGEBYSCORE", RangeKind.Score, false, "Returns members in a sorted set within a range of scores."),
        Reading("ZREVRANGEBYSCORE", RangeKind.Score, true, "Returns members in a sorted set within a range of scores in reverse order."),
        Reading("ZRANGEBYLEX", RangeKind.Lex, false, "Returns members in a sorted set within a lexicographical range."),
        Reading("ZREVRANGEBYLEX", RangeKind.Lex, true, "Returns members in a sorted set within a lexicographical range in reverse order."),
        new("ZRANGESTORE", -5, Write | DenyOom | Tells | MayBeLong, AclCategory.SortedSet,
            Keys.Pair(KeyAccess.Overwrite | KeyAccess.Update, KeyAccess.ReadOnly | KeyAccess.Access), StoreHere,
            "Stores a range of members from sorted set in a key.") { AsCoordinator = StoreAcross },
    ];

    private static CommandSpec Reading(string name, RangeKind? kind, bool? backwards, string summary)
    {
        var reading = new RangeReading(kind, backwards);
        return new CommandSpec(name, -4, ReadOnly | MayBeLong, AclCategory.SortedSet, Keys.First(KeyAccess.ReadOnly | KeyAccess.Access),
            reading.RunHere, summary)
        { AsCoordinator = reading.RunLong };
    }

    /// <summary>A range under way: plain data, the state of a hop. First and End close in on each other.</summary>
    internal struct RangePart
    {
        internal long First, End;

        /// <summary>Members that were written.</summary>
        internal long Written;
        internal bool Backwards, WithScores, HasWrongType;

        internal readonly bool IsDone => First >= End;

        /// <summary>Shows the next members, as many as one step may.</summary>
        internal void Step<TReader>(SortedSetView set, int members, ref TReader reader) where TReader : struct, IMemberReader, allows ref struct
        {
            long count = Math.Min(members, End - First);
            set.Walk(Backwards ? End - 1 : First, count, Backwards, ref reader);
            if (Backwards) End -= count;
            else First += count;
        }
    }

    /// <summary>Finds the range in the set at an argument; false where the key holds something else.</summary>
    private static bool TryBegin(ShardScope shard, Arguments args, int source, in SortedSetRange range, ref ReplyWriter reply, out RangePart part)
    {
        part = new RangePart { Backwards = range.Backwards, WithScores = range.WithScores };
        part.HasWrongType = !SortedSetValue.TryFind(shard, args.Key(source), out SortedSetView set, out _);
        if (part.HasWrongType) return false;
        RankRange ranks = range.Find(set, args, ref reply);
        (part.First, part.End) = (ranks.First, ranks.First + ranks.Count);
        return true;
    }

    /// <summary>Is it so long that it goes in slices? Leaves no trace.</summary>
    private static bool IsLong(ShardScope shard, Arguments args, int source, in SortedSetRange range, ref ReplyWriter reply)
    {
        Entry entry = shard.Peek(args.Key(source));
        if (!entry.Exists || entry.Type != Core.Structures.ValueType.SortedSet) return false;
        SortedSetView set = SortedSetValue.ViewOf(shard, in entry);
        return set.Count > SortedSetValue.AtOnceMax && range.Find(set, args, ref reply).Count > SortedSetValue.AtOnceMax;
    }

    // --- Read --------------------------------------------------------------------------------------------

    private sealed class RangeReading(RangeKind? kind, bool? backwards)
    {
        internal void RunHere(ShardScope shard, Arguments args, ref ReplyWriter reply)
        {
            if (!TryRead(args, ref reply, out SortedSetRange range)) return;
            if (IsLong(shard, args, 1, in range, ref reply))
            {
                shard.LeaveToCoordinator();
                return;
            }
            if (!TryBegin(shard, args, 1, in range, ref reply, out RangePart part))
            {
                reply.Error(Errors.WrongType);
                return;
            }
            SortedSetView set = part.IsDone ? default : SortedSetValue.ViewOf(shard, args.Key(1));
            SortedSetValue.WriteHead(ref reply, part.IsDone ? 0 : set.CountLive(new RankRange(part.First, part.End)), part.WithScores);
            if (part.IsDone) return;
            var writer = new ScoredWriter(reply, part.WithScores);
            part.Step(set, int.MaxValue, ref writer);
            reply = writer.Reply;
        }

        internal async Co<Nothing> RunLong(Coordinator tx)
        {
            if (!TryRead(tx)) return default;
            tx.Payload = this;
            int shard = tx.ShardOf(1);
            await tx.Hop(shard, BeginSlice);
            if (tx.StateOf<RangePart>(shard).HasWrongType)
            {
                tx.Fail(Outcome.WrongType);
                return default;
            }
            while (!tx.StateOf<RangePart>(shard).IsDone && !tx.Session.Gone)
            {
                await tx.Hop(shard, WriteSlice);
                await tx.Yield();
            }
            Answer(tx, shard);
            return default;
        }

        private bool TryRead(Arguments args, ref ReplyWriter reply, out SortedSetRange range) =>
            SortedSetRange.TryRead(args, 1, kind, backwards, stores: false, ref reply, out range);

        private bool TryRead(Coordinator tx)
        {
            ReplyWriter reply = tx.Writer();
            bool ok = TryRead(tx.Args, ref reply, out _);
            tx.Close(ref reply);
            return ok;
        }

        private static void BeginSlice(ShardScope shard, ref HopFrame hop)
        {
            ReplyWriter reply = hop.Writer();
            _ = ((RangeReading)hop.Payload!).TryRead(hop.Args, ref reply, out SortedSetRange range);
            _ = TryBegin(shard, hop.Args, 1, in range, ref reply, out hop.State<RangePart>());
            reply.Flush();
        }

        private static void Answer(Coordinator tx, int shard)
        {
            ref RangePart part = ref tx.StateOf<RangePart>(shard);
            ReplyWriter reply = tx.Writer();
            SortedSetValue.WriteHead(ref reply, part.Written, part.WithScores);
            reply.Raw(ref tx.PartOf(shard));
            tx.Close(ref reply);
        }
    }

    private static void WriteSlice(ShardScope shard, ref HopFrame hop)
    {
        ref RangePart part = ref hop.State<RangePart>();
        SortedSetView set = SortedSetValue.ViewOf(shard, hop.Args.Key(1));
        var writer = new ScoredWriter(hop.Writer(), part.WithScores);
        var slice = new WorkSlice(shard);
        do part.Step(set, SortedSetValue.MembersPerStep, ref writer);
        while (!part.IsDone && slice.MayGoOn(shard));
        part.Written += writer.Written;
        writer.Reply.Flush();
    }

    // --- ZRANGESTORE -------------------------------------------------------------------------------------

    /// <summary>The source's side of a slice: what is left of the range, and where its members go. The state of a hop.</summary>
    private struct FillPart
    {
        internal long First, End;
        internal ScoredBatch Batch;
    }

    /// <summary>The target's side of it.</summary>
    private struct StorePart
    {
        internal ScoredBatch Batch;
        internal ulong Draft;
        internal bool IsRefused;
    }

    private static void StoreHere(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!SortedSetRange.TryRead(args, 2, null, null, stores: true, ref reply, out SortedSetRange range)) return;
        if (IsLong(shard, args, 2, in range, ref reply))
        {
            shard.LeaveToCoordinator();
            return;
        }
        if (!TryBegin(shard, args, 2, in range, ref reply, out RangePart part))
        {
            reply.Error(Errors.WrongType);
            return;
        }
        var filler = default(BatchFiller);
        if (!part.IsDone) part.Step(SortedSetValue.ViewOf(shard, args.Key(2)), int.MaxValue, ref filler);
        ulong draft = 0;
        long stored = -1;
        if (!filler.IsRefused && (filler.Batch.Count == 0 || SortedSetDrafts.Collect(shard, ref draft, in filler.Batch, ScoreRule.None)))
            stored = Drafts.Store(shard, ref draft, args.Key(1), EventClass.SortedSet, "zrangestore"u8);
        Drafts.Drop(shard, ref draft);
        filler.Batch.Release();
        if (stored < 0) reply.Error(Outcome.OutOfMemory);
        else reply.Integer(stored);
    }

    private static async Co<Nothing> StoreAcross(Coordinator tx)
    {
        if (!TryReadStore(tx)) return default;
        int from = tx.ShardOf(2), to = tx.ShardOf(1);
        await tx.Hop(from, BeginStore);
        RangePart part = tx.StateOf<RangePart>(from);
        if (part.HasWrongType)
        {
            tx.Fail(Outcome.WrongType);
            return default;
        }
        var store = default(StorePart);
        while (!part.IsDone && !store.IsRefused)
        {
            tx.StateOf<FillPart>(from) = new FillPart { First = part.First, End = part.End, Batch = store.Batch };
            await tx.Hop(from, FillSlice);
            (part.First, store.Batch) = (tx.StateOf<FillPart>(from).First, tx.StateOf<FillPart>(from).Batch);
            store.IsRefused = tx.ValueOf(from) != 0;
            tx.StateOf<StorePart>(to) = store;
            await tx.Hop(to, CollectSlice);
            store = tx.StateOf<StorePart>(to);
            await tx.Yield();
        }
        store.Batch.Release();
        tx.StateOf<StorePart>(to) = store;
        await tx.Hop(to, EndStore);
        if (tx.ValueOf(to) < 0) tx.Fail(Outcome.OutOfMemory);
        else tx.Answer(tx.ValueOf(to));
        return default;
    }

    private static bool TryReadStore(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        bool ok = SortedSetRange.TryRead(tx.Args, 2, null, null, stores: true, ref reply, out _);
        tx.Close(ref reply);
        return ok;
    }

    private static void BeginStore(ShardScope shard, ref HopFrame hop)
    {
        ReplyWriter reply = hop.Writer();
        _ = SortedSetRange.TryRead(hop.Args, 2, null, null, stores: true, ref reply, out SortedSetRange range);
        _ = TryBegin(shard, hop.Args, 2, in range, ref reply, out hop.State<RangePart>());
        reply.Flush();
    }

    private static void FillSlice(ShardScope shard, ref HopFrame hop)
    {
        ref FillPart part = ref hop.State<FillPart>();
        part.Batch.Clear();
        var filler = new BatchFiller { Batch = part.Batch };
        long count = Math.Min(part.End - part.First, SortedSetValue.AtOnceMax);
        SortedSetValue.ViewOf(shard, hop.Args.Key(2)).Walk(part.First, count, backwards: false, ref filler);
        part.First += count;
        part.Batch = filler.Batch;
        hop.Value = filler.IsRefused ? 1 : 0;
    }

    private static void CollectSlice(ShardScope shard, ref HopFrame hop)
    {
        ref StorePart part = ref hop.State<StorePart>();
        if (!part.IsRefused) part.IsRefused = !SortedSetDrafts.Collect(shard, ref part.Draft, in part.Batch, ScoreRule.None);
    }

    private static void EndStore(ShardScope shard, ref HopFrame hop)
    {
        ref StorePart part = ref hop.State<StorePart>();
        hop.Value = part.IsRefused ? -1 : Drafts.Store(shard, ref part.Draft, hop.Args.Key(1), EventClass.SortedSet, "zrangestore"u8);
        Drafts.Drop(shard, ref part.Draft);
    }
}

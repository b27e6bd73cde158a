using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>What is done with the result of an operation on sets.</summary>
internal enum SetResult : byte { Reply, Count, Store }

/// <summary>
/// An operation on sets, from measuring its sources to its end: at once where all lies on one shard and is small, else batch by
/// batch, over the shards of its sources.
/// </summary>
internal sealed class SetOperation(SetOperator op, SetResult result, KeySpec sources, string eventName = "")
{
    /// <summary>Lookups, or the like of them, that a shard may do for one call at once: about a tenth of a millisecond.</summary>
    private const long ShortWorkMax = 2000;

    /// <summary>Members and lookups in a batch, at most.</summary>
    private const int BatchMembersMax = 500, BatchWorkMax = 1000;

    private readonly byte[] _eventName = System.Text.Encoding.ASCII.GetBytes(eventName);

    // ---- at once ----

    internal void RunHere(ShardScope shard, Arguments args, ref ReplyWriter reply) => RunHere(shard, args, 0, ref reply);

    internal void RunHere(ShardScope shard, Arguments args, long limit, ref ReplyWriter reply)
    {
        _ = sources.TryFind(args, out int first, out int last);
        var all = default(SourceMeasure);
        for (int i = first; i <= last; i++) all.Add(SetAlgebra.Measure(shard, args.Key(i), i, notes: false));
        bool isShort = all.HasWrongType || WorkOf(shard, args, first, last, in all) <= ShortWorkMax;
        if (!isShort)
        {
            shard.LeaveToCoordinator();
            return;
        }
        for (int i = first; i <= last; i++)
            if (SetAlgebra.Measure(shard, args.Key(i), i, notes: true).HasWrongType)
            {
                reply.Error(Errors.WrongType);
                return;
            }
        var step = new SetStep { Operator = op };
        ulong draft = 0;
        if (!IsEmpty(in all)) Compute(shard, args, first, last, all.LeastIndex, ref step, ref draft);
        if (step.IsRefused)
        {
            Drafts.Drop(shard, ref draft);
            reply.Error(Outcome.OutOfMemory);
        }
        else End(shard, args, ref step, ref draft, limit, ref reply);
        step.Batch.Release();
    }

    /// <summary>An intersection in which a set is missing is known without a look.</summary>
    private bool IsEmpty(in SourceMeasure all) => op == SetOperator.Intersection && all.HasMissing;

    private long WorkOf(ShardScope shard, Arguments args, int first, int last, in SourceMeasure all)
    {
        if (IsEmpty(in all)) return 0;
        if (op == SetOperator.Union || first == last) return all.Members;
        long walked = op == SetOperator.Intersection ? all.Least
            : SetAlgebra.Measure(shard, args.Key(first), first, notes: false).Members;
        return walked * (1L + all.LookupCost);
    }

    private void Compute(ShardScope shard, Arguments args, int first, int last, int least, ref SetStep step, ref ulong draft)
    {
        int source = op == SetOperator.Intersection ? least : first, end = op == SetOperator.Union ? last : source;
        for (int i = source; i <= end; i++)
        {
            do SetAlgebra.Walk(shard, args.Key(i), ref step, int.MaxValue);
            while (step.Position != 0 && !step.IsRefused);
        }
        for (int i = first; i <= last && op != SetOperator.Union && step.Batch.Count != 0; i++)
            if (i != source) SetAlgebra.Filter(shard, args.Key(i), ref step);
        if (NeedsDraft(first, last) && !step.IsRefused) step.IsRefused = !SetAlgebra.Collect(shard, ref draft, ref step.Batch);
    }

    private bool NeedsDraft(int first, int last) => result == SetResult.Store || op == SetOperator.Union && first != last;

    private void End(ShardScope shard, Arguments args, ref SetStep step, ref ulong draft, long limit, ref ReplyWriter reply)
    {
        switch (result)
        {
            case SetResult.Reply:
                reply.Set(step.Batch.Count);
                SetAlgebra.Write(in step.Batch, ref reply);
                Drafts.Drop(shard, ref draft);
                break;
            case SetResult.Count:
                reply.Integer(limit == 0 ? step.Batch.Count : Math.Min(step.Batch.Count, limit));
                break;
            default:
                long count = Drafts.Store(shard, ref draft, args.Key(1), EventClass.Set, _eventName);
                if (count < 0) reply.Error(Outcome.OutOfMemory);
                else reply.Integer(count);
                break;
        }
    }

    // ---- batch by batch ----

    /// <summary>A draft under way: its number on the shard where it lies.</summary>
    private struct DraftStep
    {
        internal MemberBatch Batch;
        internal ulong Draft;
        internal bool IsRefused;
    }

    /// <summary>What the coordinator knows between two hops.</summary>
    private struct Progress
    {
        internal SetStep Step;
        internal ulong Draft;
        internal int DraftShard;
        internal int First, Last;
        internal long Count;
        internal long Limit;
        internal WorkSlice Slice;
    }

    internal Co<Nothing> RunAcross(Coordinator tx) => RunAcross(tx, 0);

    internal async Co<Nothing> RunAcross(Coordinator tx, long limit)
    {
        await tx.HopKeys(MeasurePart);
        SourceMeasure all = Sum(tx);
        if (all.HasWrongType)
        {
            tx.Fail(Outcome.WrongType);
            return default;
        }
        var progress = new Progress { Limit = limit, DraftShard = result == SetResult.Store ? tx.ShardOf(1) : tx.Loop.Index };
        _ = sources.TryFind(tx.Args, out progress.First, out progress.Last);
        progress.Step.Operator = op;
        progress.Step.Members = (ushort)Math.Clamp(BatchWorkMax / (1L + all.LookupCost), 1, BatchMembersMax);
        progress.Slice = new WorkSlice(tx);
        int source = op == SetOperator.Intersection ? all.LeastIndex : progress.First;
        int end = op == SetOperator.Union ? progress.Last : source;
        for (; source <= end && !IsEmpty(in all); source++)
        {
            progress.Step.Source = source;
            progress = await RunSource(tx, progress);
            if (progress.Step.IsRefused || IsDone(tx, in progress)) break;
        }
        await End(tx, progress);
        return default;
    }

    private bool IsDone(Coordinator tx, in Progress progress) =>
        result == SetResult.Count && progress.Limit != 0 && progress.Count >= progress.Limit
        || result != SetResult.Store && tx.Session.Gone;

    private async Co<Progress> RunSource(Coordinator tx, Progress progress)
    {
        do
        {
            progress.Step.Batch.Clear();
            await HopStep(tx, tx.ShardOf(progress.Step.Source), progress.Step, WalkPart);
            progress.Step = tx.StateOf<SetStep>(tx.ShardOf(progress.Step.Source));
            for (int shard = 0; shard < tx.Shards && progress.Step.Batch.Count != 0 && op != SetOperator.Union; shard++)
            {
                if (shard == tx.ShardOf(progress.Step.Source) || !OwnsSource(tx, in progress, shard)) continue;
                await HopStep(tx, shard, progress.Step, FilterPart);
                progress.Step = tx.StateOf<SetStep>(shard);
            }
            if (NeedsDraft(progress.First, progress.Last) && progress.Step.Batch.Count != 0) progress = await Collect(tx, progress);
            progress.Count += progress.Step.Batch.Count;
            if (result == SetResult.Reply) WriteBatch(tx, in progress);
            if (progress.Step.IsRefused || IsDone(tx, in progress)) break;
            if (progress.Slice.MayGoOn(tx)) continue;
            await tx.Yield();
            progress.Slice = new WorkSlice(tx);
        }
        while (progress.Step.Position != 0);
        return progress;
    }

    private static Hop HopStep(Coordinator tx, int shard, SetStep step, HopCallback callback)
    {
        tx.StateOf<SetStep>(shard) = step;
        return tx.Hop(shard, callback);
    }

    private static async Co<Progress> Collect(Coordinator tx, Progress progress)
    {
        tx.StateOf<DraftStep>(progress.DraftShard) = new DraftStep { Batch = progress.Step.Batch, Draft = progress.Draft };
        await tx.Hop(progress.DraftShard, CollectPart);
        DraftStep collected = tx.StateOf<DraftStep>(progress.DraftShard);
        progress.Step.Batch = collected.Batch;
        progress.Step.IsRefused |= collected.IsRefused;
        progress.Draft = collected.Draft;
        return progress;
    }

    private async Co<Nothing> End(Coordinator tx, Progress progress)
    {
        progress.Step.Batch.Release();
        bool stores = result == SetResult.Store && !progress.Step.IsRefused;
        if (stores || progress.Draft != 0)
        {
            tx.StateOf<DraftStep>(progress.DraftShard) = new DraftStep { Draft = progress.Draft };
            tx.Payload = _eventName;
            await tx.Hop(progress.DraftShard, stores ? StorePart : DropPart);
        }
        bool isRefused = progress.Step.IsRefused || stores && tx.ValueOf(progress.DraftShard) < 0;
        if (isRefused) tx.Fail(Outcome.OutOfMemory);
        else if (result == SetResult.Reply) AnswerMembers(tx, progress.Count);
        else if (stores) tx.Answer(tx.ValueOf(progress.DraftShard));
        else tx.Answer(progress.Limit == 0 ? progress.Count : Math.Min(progress.Count, progress.Limit));
        return default;
    }

    private static void WriteBatch(Coordinator tx, in Progress progress)
    {
        ReplyWriter reply = tx.PartWriter(tx.Loop.Index);
        SetAlgebra.Write(in progress.Step.Batch, ref reply);
        reply.Flush();
    }

    private static void AnswerMembers(Coordinator tx, long count)
    {
        ReplyWriter reply = tx.Writer();
        reply.Set(count);
        reply.Raw(ref tx.PartOf(tx.Loop.Index));
        tx.Close(ref reply);
    }

    private static SourceMeasure Sum(Coordinator tx)
    {
        var all = default(SourceMeasure);
        for (int shard = 0; shard < tx.Shards; shard++)
            if (tx.StateOf<SourceMeasure>(shard).LeastIndex != 0) all.Add(tx.StateOf<SourceMeasure>(shard));
        return all;
    }

    private static bool OwnsSource(Coordinator tx, in Progress progress, int shard)
    {
        for (int i = progress.First; i <= progress.Last; i++)
            if (i != progress.Step.Source && tx.ShardOf(i) == shard) return true;
        return false;
    }

    // ---- on the shards ----

    private static void MeasurePart(ShardScope shard, ref HopFrame hop)
    {
        SetAlgebra.Sources(hop.Command, hop.Args, out int first, out int last);
        var part = default(SourceMeasure);
        for (int i = first; i <= last; i++)
            if (hop.Owns(i)) part.Add(SetAlgebra.Measure(shard, hop.Args.Key(i), i, notes: true));
        hop.State<SourceMeasure>() = part;
    }

    private static void WalkPart(ShardScope shard, ref HopFrame hop)
    {
        ref SetStep step = ref hop.State<SetStep>();
        SetAlgebra.Walk(shard, hop.Args.Key(step.Source), ref step, step.Members);
        FilterPart(shard, ref hop);
    }

    /// <summary>By this shard's sources that are not walked.</summary>
    private static void FilterPart(ShardScope shard, ref HopFrame hop)
    {
        ref SetStep step = ref hop.State<SetStep>();
        if (step.Operator == SetOperator.Union) return;
        SetAlgebra.Sources(hop.Command, hop.Args, out int first, out int last);
        for (int i = first; i <= last && step.Batch.Count != 0; i++)
            if (i != step.Source && hop.Owns(i)) SetAlgebra.Filter(shard, hop.Args.Key(i), ref step);
    }

    private static void CollectPart(ShardScope shard, ref HopFrame hop)
    {
        ref DraftStep step = ref hop.State<DraftStep>();
        step.IsRefused = !SetAlgebra.Collect(shard, ref step.Draft, ref step.Batch);
    }

    private static void StorePart(ShardScope shard, ref HopFrame hop)
    {
        ref DraftStep step = ref hop.State<DraftStep>();
        hop.Value = Drafts.Store(shard, ref step.Draft, hop.Args.Key(1), EventClass.Set, (byte[])hop.Payload!);
    }

    private static void DropPart(ShardScope shard, ref HopFrame hop) => Drafts.Drop(shard, ref hop.State<DraftStep>().Draft);
}

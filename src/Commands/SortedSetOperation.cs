using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>
/// An operation on sorted sets and sets, from measuring its sources to its end: at once where all lies on one shard and is
/// small, else batch by batch, over the shards of its sources.
/// </summary>
internal sealed class SortedSetOperation(SortedSetOperator op, SetResult result, string name)
{
    private readonly byte[] _name = System.Text.Encoding.ASCII.GetBytes(name);

    private bool TryReadSources(Arguments args, ref ReplyWriter reply, out SortedSetPlan plan) =>
        SortedSetPlan.TryReadSources(args, result, _name, ref reply, out plan);

    // ---- at once ----

    internal void RunHere(ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadSources(args, ref reply, out SortedSetPlan plan)) return;
        var sources = default(NativeRows<SourceFigure>);
        bool isMeasured = true, hasWrongType = false;
        for (int i = plan.First; i < plan.End && isMeasured && !hasWrongType; i++)
        {
            SourceFigure source = SortedSetAlgebra.Measure(shard, args, i, notes: false);
            isMeasured = sources.TryAdd(in source);
            hasWrongType = source.HasWrongType;
        }
        if (op != SortedSetOperator.Difference) SortedSetAlgebra.Sort(sources.Rows);
        if (!isMeasured) reply.Error(Outcome.OutOfMemory);
        else if (!hasWrongType && SortedSetAlgebra.WorkOf(sources.Rows, op) > 2 * SortedSetValue.AtOnceMax) shard.LeaveToCoordinator();
        else
        {
            for (int i = 0; i < sources.Count; i++) _ = SortedSetAlgebra.Measure(shard, args, plan.First + i, notes: true);
            if (hasWrongType) reply.Error(Errors.WrongType);
            else if (plan.TryReadOptions(args, op, result, ref reply)) Run(shard, args, in plan, sources.Rows, ref reply);
        }
        sources.Release();
    }

    private void Run(ShardScope shard, Arguments args, in SortedSetPlan plan, ReadOnlySpan<SourceFigure> sources, ref ReplyWriter reply)
    {
        var step = default(AlgebraStep);
        ulong draft = 0;
        long count = 0;
        int walked = op == SortedSetOperator.Union ? sources.Length : 1;
        for (int i = 0; i < walked && !step.IsRefused; i++)
        {
            if (sources[i].Count == 0) continue;
            do count += RunBatch(shard, args, in plan, sources, i, ref step, ref draft);
            while (step.Position != 0 && !step.IsRefused);
        }
        step.Batch.Release();
        long stored = step.IsRefused ? -1 : 0;
        if (result == SetResult.Store && stored == 0) stored = Drafts.Store(shard, ref draft, args.Key(1), EventClass.SortedSet, _name);
        if (stored < 0) reply.Error(Outcome.OutOfMemory);
        else if (result == SetResult.Store) reply.Integer(stored);
        else if (result == SetResult.Count) reply.Integer(plan.Limit == 0 ? count : Math.Min(count, plan.Limit));
        else WriteDraft(shard, draft, plan.WithScores, ref reply);
        Drafts.Drop(shard, ref draft);
    }

    private long RunBatch(
        ShardScope shard, Arguments args, in SortedSetPlan plan, ReadOnlySpan<SourceFigure> sources, int walked, ref AlgebraStep step,
        ref ulong draft)
    {
        step.Source = sources[walked].Argument;
        SortedSetAlgebra.Fill(shard, args, in plan, op, ref step);
        for (int i = 1; i < sources.Length && op != SortedSetOperator.Union && step.Batch.Count != 0; i++)
        {
            step.Source = sources[i].Argument;
            SortedSetAlgebra.Filter(shard, args, in plan, op, ref step);
        }
        if (result != SetResult.Count && step.Batch.Count != 0)
            step.IsRefused |= !SortedSetDrafts.Collect(shard, ref draft, in step.Batch, plan.Aggregate, isStored: result == SetResult.Store);
        return step.Batch.Count;
    }

    private static void WriteDraft(ShardScope shard, ulong draft, bool withScores, ref ReplyWriter reply)
    {
        if (draft == 0)
        {
            reply.Array(0);
            return;
        }
        SortedSetView set = SortedSetDrafts.ViewOf(shard, draft);
        SortedSetValue.WriteHead(ref reply, set.Count, withScores);
        var writer = new ScoredWriter(reply, withScores);
        set.Walk(0, set.Count, backwards: false, ref writer);
        reply = writer.Reply;
    }

    // ---- batch by batch ----

    /// <summary>A draft that takes a batch, or is written: the state of a hop.</summary>
    private struct DraftStep
    {
        internal ScoredBatch Batch;
        internal ulong Draft;

        /// <summary>Members that were written.</summary>
        internal int Written;
        internal bool IsRefused, WithScores;
    }

    /// <summary>Where a coordinator stands.</summary>
    private struct Progress
    {
        internal SortedSetPlan Plan;
        internal NativeRows<SourceFigure> Sources;
        internal AlgebraStep Step;
        internal ulong Draft;
        internal int DraftShard;
        internal long Count;
    }

    internal async Co<Nothing> RunAcross(Coordinator tx)
    {
        if (!TryReadSources(tx, out SortedSetPlan plan)) return default;
        tx.Payload = this;
        var progress = new Progress { Plan = plan, DraftShard = result == SetResult.Store ? tx.ShardOf(1) : tx.Loop.Index };
        progress = await Measure(tx, progress);
        if (progress.Step.IsRefused) tx.Fail(Outcome.OutOfMemory);
        else if (HasWrongType(in progress)) tx.Fail(Outcome.WrongType);
        else if (TryReadOptions(tx, ref progress.Plan))
        {
            progress = await Walk(tx, progress);
            await End(tx, progress);
        }
        progress.Sources.Release();
        return default;
    }

    private bool TryReadSources(Coordinator tx, out SortedSetPlan plan)
    {
        ReplyWriter reply = tx.Writer();
        bool ok = TryReadSources(tx.Args, ref reply, out plan);
        tx.Close(ref reply);
        return ok;
    }

    private bool TryReadOptions(Coordinator tx, ref SortedSetPlan plan)
    {
        ReplyWriter reply = tx.Writer();
        bool ok = plan.TryReadOptions(tx.Args, op, result, ref reply);
        tx.Close(ref reply);
        return ok;
    }

    private async Co<Progress> Measure(Coordinator tx, Progress progress)
    {
        for (int i = progress.Plan.First; i < progress.Plan.End; i++)
            progress.Step.IsRefused |= !progress.Sources.TryAdd(new SourceFigure { Argument = i });
        if (progress.Step.IsRefused) return progress;
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<NativeRows<SourceFigure>>(shard) = progress.Sources;
        await tx.HopKeys(MeasurePart);
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<NativeRows<SourceFigure>>(shard) = default;
        if (op != SortedSetOperator.Difference) SortedSetAlgebra.Sort(progress.Sources.Rows);
        return progress;
    }

    private static bool HasWrongType(in Progress progress)
    {
        foreach (ref readonly SourceFigure source in progress.Sources.Rows)
            if (source.HasWrongType) return true;
        return false;
    }

    private async Co<Progress> Walk(Coordinator tx, Progress progress)
    {
        int walked = op == SortedSetOperator.Union ? progress.Sources.Count : 1;
        for (int i = 0; i < walked && !IsDone(tx, in progress); i++)
        {
            if (progress.Sources.Rows[i].Count == 0) continue;
            var slice = new WorkSlice(tx);
            do
            {
                progress = await RunBatch(tx, progress, i);
                if (slice.MayGoOn(tx)) continue;
                await tx.Yield();
                slice = new WorkSlice(tx);
            }
            while (progress.Step.Position != 0 && !IsDone(tx, in progress));
        }
        progress.Step.Batch.Release();
        return progress;
    }

    private bool IsDone(Coordinator tx, in Progress progress) =>
        progress.Step.IsRefused || result != SetResult.Store && tx.Session.Gone
        || result == SetResult.Count && progress.Plan.Limit != 0 && progress.Count >= progress.Plan.Limit;

    private async Co<Progress> RunBatch(Coordinator tx, Progress progress, int walked)
    {
        progress.Step.Source = progress.Sources.Rows[walked].Argument;
        progress.Step = await HopStep(tx, progress.Step, FillPart);
        for (int i = 1; i < progress.Sources.Count && op != SortedSetOperator.Union && progress.Step.Batch.Count != 0; i++)
        {
            progress.Step.Source = progress.Sources.Rows[i].Argument;
            progress.Step = await HopStep(tx, progress.Step, FilterPart);
        }
        progress.Count += progress.Step.Batch.Count;
        if (result == SetResult.Count || progress.Step.Batch.Count == 0) return progress;
        int shard = progress.DraftShard;
        tx.StateOf<DraftStep>(shard) = new DraftStep { Batch = progress.Step.Batch, Draft = progress.Draft };
        await tx.Hop(shard, CollectPart);
        progress.Draft = tx.StateOf<DraftStep>(shard).Draft;
        progress.Step.IsRefused |= tx.StateOf<DraftStep>(shard).IsRefused;
        return progress;
    }

    private static async Co<AlgebraStep> HopStep(Coordinator tx, AlgebraStep step, HopCallback callback)
    {
        int shard = tx.ShardOf(step.Source);
        tx.StateOf<AlgebraStep>(shard) = step;
        await tx.Hop(shard, callback);
        return tx.StateOf<AlgebraStep>(shard);
    }

    private async Co<Nothing> End(Coordinator tx, Progress progress)
    {
        int shard = progress.DraftShard;
        tx.StateOf<DraftStep>(shard) = new DraftStep
        {
            Draft = progress.Draft,
            WithScores = progress.Plan.WithScores,
            IsRefused = progress.Step.IsRefused,
        };
        if (result == SetResult.Store && !progress.Step.IsRefused) await tx.Hop(shard, StorePart);
        if (result == SetResult.Reply && !progress.Step.IsRefused && progress.Draft != 0) await WriteDraft(tx, shard);
        long stored = tx.ValueOf(shard);
        if (tx.StateOf<DraftStep>(shard).Draft != 0) await tx.Hop(shard, DropPart);
        if (progress.Step.IsRefused || result == SetResult.Store && stored < 0) tx.Fail(Outcome.OutOfMemory);
        else if (result == SetResult.Store) tx.Answer(stored);
        else if (result == SetResult.Count)
            tx.Answer(progress.Plan.Limit == 0 ? progress.Count : Math.Min(progress.Count, progress.Plan.Limit));
        else AnswerMembers(tx, shard, progress.Plan.WithScores);
        return default;
    }

    private static async Co<Nothing> WriteDraft(Coordinator tx, int shard)
    {
        do
        {
            await tx.Hop(shard, WritePart);
            await tx.Yield();
        }
        while (tx.StateOf<DraftStep>(shard).Written < tx.ValueOf(shard) && !tx.Session.Gone);
        return default;
    }

    private static void AnswerMembers(Coordinator tx, int shard, bool withScores)
    {
        ReplyWriter reply = tx.Writer();
        SortedSetValue.WriteHead(ref reply, tx.StateOf<DraftStep>(shard).Written, withScores);
        reply.Raw(ref tx.PartOf(shard));
        tx.Close(ref reply);
    }

    // ---- on the shards ----

    /// <summary>Each shard writes to the rows of its own sources.</summary>
    private static void MeasurePart(ShardScope shard, ref HopFrame hop)
    {
        foreach (ref SourceFigure source in hop.State<NativeRows<SourceFigure>>().Rows)
            if (hop.Owns(source.Argument)) source = SortedSetAlgebra.Measure(shard, hop.Args, source.Argument, notes: true);
    }

    private SortedSetPlan PlanOf(scoped ref HopFrame hop)
    {
        ReplyWriter reply = hop.Writer();
        _ = TryReadSources(hop.Args, ref reply, out SortedSetPlan plan);
        _ = plan.TryReadOptions(hop.Args, op, result, ref reply);
        reply.Flush();
        return plan;
    }

    private static void FillPart(ShardScope shard, ref HopFrame hop)
    {
        var operation = (SortedSetOperation)hop.Payload!;
        SortedSetPlan plan = operation.PlanOf(ref hop);
        SortedSetAlgebra.Fill(shard, hop.Args, in plan, operation.Operator, ref hop.State<AlgebraStep>());
    }

    private SortedSetOperator Operator => op;

    private bool IsStoring => result == SetResult.Store;

    private static void FilterPart(ShardScope shard, ref HopFrame hop)
    {
        var operation = (SortedSetOperation)hop.Payload!;
        SortedSetPlan plan = operation.PlanOf(ref hop);
        SortedSetAlgebra.Filter(shard, hop.Args, in plan, operation.Operator, ref hop.State<AlgebraStep>());
    }

    private static void CollectPart(ShardScope shard, ref HopFrame hop)
    {
        ref DraftStep step = ref hop.State<DraftStep>();
        var operation = (SortedSetOperation)hop.Payload!;
        ScoreRule rule = operation.PlanOf(ref hop).Aggregate;
        step.IsRefused = !SortedSetDrafts.Collect(shard, ref step.Draft, in step.Batch, rule, isStored: operation.IsStoring);
    }

    private static void StorePart(ShardScope shard, ref HopFrame hop)
    {
        ref DraftStep step = ref hop.State<DraftStep>();
        hop.Value = Drafts.Store(shard, ref step.Draft, hop.Args.Key(1), EventClass.SortedSet, ((SortedSetOperation)hop.Payload!)._name);
    }

    /// <summary>The value of the hop says how many members there are.</summary>
    private static void WritePart(ShardScope shard, ref HopFrame hop)
    {
        ref DraftStep step = ref hop.State<DraftStep>();
        SortedSetView set = SortedSetDrafts.ViewOf(shard, step.Draft);
        hop.Value = set.Count;
        var writer = new ScoredWriter(hop.Writer(), step.WithScores);
        var slice = new WorkSlice(shard);
        do
        {
            int members = (int)Math.Min(SortedSetValue.MembersPerStep, set.Count - step.Written);
            set.Walk(step.Written, members, backwards: false, ref writer);
            step.Written += members;
        }
        while (step.Written < set.Count && slice.MayGoOn(shard));
        writer.Reply.Flush();
    }

    private static void DropPart(ShardScope shard, ref HopFrame hop) => Drafts.Drop(shard, ref hop.State<DraftStep>().Draft);
}

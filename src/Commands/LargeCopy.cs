using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>
/// What lies behind the root of a command's first key goes, batch by batch, to a draft on the shard of its second key: for COPY, and for
/// RENAME to another shard. Both keys are locked; a batch is what a shard takes or puts in one turn.
/// </summary>
internal static class LargeCopy
{
    /// <summary>
    /// The state on the second key's shard is the <see cref="LooseValue"/> that was taken from the first key; with Ok it names the
    /// finished draft. Otherwise there is none: NotDone where the second key may not be replaced.
    /// </summary>
    internal static async Co<Outcome> Run(Coordinator tx, int from, int to)
    {
        await tx.Hop(to, Begin);
        if (tx.ValueOf(to) < 0) return (Outcome)(-tx.ValueOf(to));
        LooseValue value = tx.StateOf<LooseValue>(to);
        var copy = default(ValueCopy);
        do
        {
            tx.StateOf<ValueCopy>(from) = copy;
            await tx.Hop(from, TakeBatch);
            tx.StateOf<ValueCopy>(to) = tx.StateOf<ValueCopy>(from);
            await tx.Hop(to, PutBatch);
            copy = tx.StateOf<ValueCopy>(to);
            // Over two shards one waits for the other.
            if (from == to) await tx.Yield();
        }
        while (!copy.IsOver && !copy.IsRefused);
        copy.Release();
        if (copy.IsRefused)
        {
            await tx.Hop(to, DropDraft);
            return Outcome.OutOfMemory;
        }
        tx.StateOf<LooseValue>(to) = value;
        return Outcome.Ok;
    }

    /// <summary>Leaves the draft's number, or what stands against it, negative.</summary>
    private static void Begin(ShardScope shard, ref HopFrame hop)
    {
        ref LooseValue value = ref hop.State<LooseValue>();
        Outcome outcome = !value.MayReplace && shard.PeekIn(value.Database, hop.Args.Key(2)).Exists ? Outcome.NotDone : value.MakeDraft(shard);
        hop.Value = outcome == Outcome.Ok ? value.DraftNumber : -(long)outcome;
    }

    private static void TakeBatch(ShardScope shard, ref HopFrame hop) =>
        hop.State<ValueCopy>().Take(shard.View(shard.Peek(hop.Args.Key(1))));

    private static void PutBatch(ShardScope shard, ref HopFrame hop)
    {
        ref ValueCopy copy = ref hop.State<ValueCopy>();
        ulong number = (ulong)hop.Value;
        if (!copy.IsRefused) copy.Put(shard.Draft(ref number).Slot);
    }

    private static void DropDraft(ShardScope shard, ref HopFrame hop)
    {
        ulong number = (ulong)hop.Value;
        shard.Draft(ref number).Delete();
    }
}

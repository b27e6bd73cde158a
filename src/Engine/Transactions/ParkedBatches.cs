using Anax.Core;
using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;

namespace Anax.Engine.Transactions;

/// <summary>
/// A batch that met a lock, with its place: the next command stands in the lock's line, those behind it wait with it. Or one
/// whose next command has begun and goes on beyond the turn. Either another loop's, whose block holds all, or the own part
/// of a round.
/// </summary>
internal sealed class ParkedBatch(int index)
{
    internal int Index { get; } = index;
    internal ParkedBatch? NextFree { get; set; }
    internal BatchBlock Block { get; set; }

    /// <summary>The loop that waits for the answer, where the batch is not a round's own.</summary>
    internal int From { get; set; }
    internal Round? Round { get; set; }

    /// <summary>Place of the next command in the block, and of its result.</summary>
    internal int Next { get; set; }
    internal int FirstResult { get; set; }

    /// <summary>What the next command waits for, or runs under; 0 where there is nothing.</summary>
    internal int Request { get; set; }

    /// <summary>When the next command was suspended.</summary>
    internal long BegunNs { get; set; }
    internal CommandContext Context;
}

/// <summary>The batches of one shard that wait for locks. Commands go on in the order in which their locks are granted.</summary>
internal sealed class ParkedBatches(EngineLoop loop) : IDisposable
{
    private readonly List<ParkedBatch> _all = [];
    private ParkedBatch? _free;

    /// <summary>The rest of every command that is left to its row's coordinator.</summary>
    internal LongCommand Long { get; } = new();

    /// <summary>The rest of the command that has just run, where it could not end: its batch is to be parked.</summary>
    internal CommandContinuation? Suspended
    {
        get;
        set
        {
            field = value;
            Shard.Note(ref loop.Shard.Counters, ShardCare.Suspended, value is not null);
        }
    }

    /// <summary>Another loop's batch has run up to a command that must wait.</summary>
    internal void Park(int from, BatchBlock block, in CommandContext context, int next)
    {
        ParkedBatch batch = Rent();
        (batch.From, batch.Block, batch.Context, batch.Next, batch.FirstResult) = (from, block, context, next, 0);
        Wait(batch);
    }

    /// <summary>A round's own batch has run up to a command that must wait; the rest is packed into a block.</summary>
    internal void Park(Round round, BatchBlock rest, in CommandContext context, int firstResult)
    {
        ParkedBatch batch = Rent();
        (batch.Round, batch.Block, batch.Context, batch.Next, batch.FirstResult) = (round, rest, context, 0, firstResult);
        Wait(batch);
    }

    /// <summary>The next command holds its lock: it runs, and what stands behind it, up to the next lock.</summary>
    internal void Resume(int index)
    {
        ParkedBatch batch = _all[index];
        batch.Context.Traits |= ClientTraits.HoldsLocks;
        _ = Run(batch, 1);
        batch.Context.Traits &= ~ClientTraits.HoldsLocks;
        if (Suspended is null)
        {
            batch.Next++;
            loop.Grants.Release(batch.Request);
            batch.Request = 0;
        }
        GoOn(batch);
    }

    /// <summary>The suspended command of a batch has ended: what stands behind it runs.</summary>
    internal void Ended(Coordinator tx)
    {
        ParkedBatch batch = _all[tx.Hosting];
        ref ReplyStream replies = ref RepliesOf(batch);
        long bytes = tx.Gathered.Length;
        replies.Append(loop.Events.Chunks, ref tx.Gathered);
        long ns = loop.Events.MonotonicNs() - batch.BegunNs;
        BatchCommand command = batch.Block.Commands[batch.Next];
        loop.Statistics.Timed(command.Spec, ns);
        loop.NoteDuration(command.Spec, ns);
        if (tx.Command is not null && tx.HasFailed) loop.Statistics[command.Spec].Failed++;
        int us = (int)Math.Min(ns / 1000, int.MaxValue);
        ResultsOf(batch, 1)[0] = new BatchResult { ReplyEnd = replies.Length, DurationUs = us };
        Log(batch, in command, us, bytes);
        loop.Coordinators.Return(tx);
        batch.Next++;
        GoOn(batch);
    }

    /// <summary>What belongs to another loop's client is logged there, from its result.</summary>
    private void Log(ParkedBatch batch, in BatchCommand command, int us, long replyBytes)
    {
        if (batch.Round is not { Session: { Gone: false } session } || !loop.Logs.WorthLogging(us, command.RequestBytes, replyBytes)) return;
        var args = new Arguments(batch.Block.Arguments.Slice(command.FirstArgument, command.ArgumentCount));
        loop.Logs.Log(session, command.Spec, args, us, command.RequestBytes, replyBytes);
    }

    private void GoOn(ParkedBatch batch)
    {
        int rest = batch.Block.Commands.Length - batch.Next;
        int done = rest == 0 || Suspended is not null ? 0 : Run(batch, rest);
        batch.Next += done;
        if (done < rest) Wait(batch);
        else End(batch);
    }

    private void Wait(ParkedBatch batch)
    {
        loop.Transactions.Parked++;
        if (Suspended is not { } rest)
        {
            WaitForLock(batch);
            return;
        }
        Suspended = null;
        batch.BegunNs = loop.Events.MonotonicNs();
        Coordinator tx = loop.Coordinators.Rent();
        if (rest.BeginsAnew) BeginAnew(tx, batch, batch.Round?.Session ?? rest.Session);
        else tx.BeginHosted(rest.Session, null, loop.Batches.Rent(0, 0, 0), in batch.Context, batch.Index, batch.Request);
        batch.Request = 0;
        Co<Nothing>.Awaiter running = rest.GoOn(tx).GetAwaiter();
        if (running.IsCompleted)
        {
            running.GetResult();
            Ended(tx);
            return;
        }
        tx.Running = running;
        running.Attach(tx);
    }

    private void BeginAnew(Coordinator tx, ParkedBatch batch, Session session)
    {
        BatchCommand command = batch.Block.Commands[batch.Next];
        Span<ArgumentSlice> args = batch.Block.Arguments.Slice(command.FirstArgument, command.ArgumentCount);
        long bytes = 0;
        foreach (ref readonly ArgumentSlice arg in args)
            if (!arg.IsBlock) bytes += arg.Length;
        BatchBlock block = loop.Batches.Rent(1, args.Length, bytes);
        block.Add(command, args);
        tx.BeginHosted(session, loop.Commands[command.Spec], block, in batch.Context, batch.Index, batch.Request);
    }

    private void WaitForLock(ParkedBatch batch)
    {
        BatchCommand command = batch.Block.Commands[batch.Next];
        var args = new Arguments(batch.Block.Arguments.Slice(command.FirstArgument, command.ArgumentCount));
        LockTable locks = loop.Shard.Locks;
        batch.Request = locks.Open(loop.NextTransactionId(), new LockOwner(LockOwnerKind.Batch, loop.Index, batch.Index));
        bool ok = locks.TryAddShard(batch.Request, LockMode.Shared);
        ok &= CommandLocks.TryAdd(locks, batch.Request, loop.Commands[command.Spec], args);
        Invariant.Holds(ok && !locks.IsGranted(batch.Request), "a command parks behind a lock, with the greatest id");
    }

    private int Run(ParkedBatch batch, int count)
    {
        ReadOnlySpan<BatchCommand> commands = batch.Block.Commands.Slice(batch.Next, count);
        return BatchRunner.Run(loop, batch.Round?.Session, ref batch.Context, commands, batch.Block.Arguments, ref RepliesOf(batch),
            ResultsOf(batch, count));
    }

    private static ref ReplyStream RepliesOf(ParkedBatch batch) =>
        ref batch.Round is { } round ? ref round.LocalReplies : ref RoundExchange.RepliesOf(batch.Block);

    private static Span<BatchResult> ResultsOf(ParkedBatch batch, int count) => batch.Round is { } round
        ? round.LocalResults.Span.Slice(batch.FirstResult + batch.Next, count)
        : batch.Block.Results.Slice(batch.Next, count);

    private void End(ParkedBatch batch)
    {
        Round? round = batch.Round;
        if (round is null)
        {
            loop.Dispatcher.Exchange.Answer(batch.From, batch.Block);
        }
        else
        {
            loop.Batches.Return(batch.Block);
            batch.Round = null;
        }
        batch.Block = default;
        batch.NextFree = _free;
        _free = batch;
        if (round is not null) loop.Dispatcher.Exchange.PartDone(round);
    }

    public void Dispose() => Long.Dispose();

    private ParkedBatch Rent()
    {
        ParkedBatch? batch = _free;
        if (batch is null)
        {
            batch = new ParkedBatch(_all.Count);
            _all.Add(batch);
        }
        else _free = batch.NextFree;
        return batch;
    }
}

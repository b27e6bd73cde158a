using Anax.Core.Buffers;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Runtime;

namespace Anax.Engine.Dispatch;

/// <summary>
/// Runs a round's barrier, alone, when all commands before it are answered: on this loop, on the one other shard that
/// owns its keys, or by a coordinator.
/// </summary>
internal sealed class BarrierRunner(EngineLoop loop)
{
    private readonly EngineLoop _loop = loop;

    internal void Run(Session session, Round round)
    {
        CommandSpec spec = _loop.Commands[round.Barrier.Spec];
        bool packed = !round.Packed.IsNull;
        Span<ArgumentSlice> args = packed
            ? round.Packed.Arguments
            : round.Arguments.Slice(round.Barrier.FirstArgument, round.Barrier.ArgumentCount);
        if (_loop.Pauses.Holds(spec, session, new Arguments(args)))
        {
            Pack(round);
            _loop.Pauses.Hold(session, round);
            return;
        }
        // Every reply before is there, so what came meanwhile has its place: before what may end subscriptions.
        session.ReleasePushes(_loop.Events.Chunks);
        CommandContext context = _loop.Dispatcher.ContextOf(session);
        int shard = spec.OnConnection is not null ? _loop.Index : _loop.Dispatcher.Planner.Route(spec, args);
        if (shard == _loop.Index)
        {
            RunHere(session, round, ref context, args);
            return;
        }
        if (shard >= 0)
        {
            SendHeld(session, round, shard, spec, args);
            return;
        }
        Pack(round);
        BatchBlock block = round.Packed;
        round.Packed = default;
        int requestBytes = round.Barrier.RequestBytes;
        _loop.Dispatcher.Return(round);
        Coordinate(session, spec, block, in context, requestBytes);
    }

    private void RunHere(Session session, Round round, ref CommandContext context, Span<ArgumentSlice> args)
    {
        BatchCommand alone = round.Barrier;
        alone.FirstArgument = 0;
        ReplyStream.Mark mark = session.Output.Save();
        int done = BatchRunner.Run(_loop, session, ref context, new ReadOnlySpan<BatchCommand>(in alone), args, ref session.Output, default);
        if (done != 0)
        {
            _loop.Dispatcher.DropUnwanted(session, mark);
            _loop.Dispatcher.Return(round);
            return;
        }
        Pack(round);
        BatchBlock block = round.Packed;
        round.Packed = default;
        MakeBatch(round);
        session.Round = round;
        round.Outstanding++;
        _ = round.LocalResults.Resize(1);
        _loop.Parked.Park(round, block, in context, 0);
    }

    /// <summary>What was a barrier is now an ordinary command, the only one of its round.</summary>
    private static void MakeBatch(Round round)
    {
        round.Commands.Clear();
        round.Commands.Add(round.Barrier);
        round.HasBarrier = false;
        round.Shares.Span.Clear();
    }

    /// <summary>A command that a pause held back belongs to one other shard: it goes there as a batch of one.</summary>
    private void SendHeld(Session session, Round round, int shard, CommandSpec spec, ReadOnlySpan<ArgumentSlice> args)
    {
        round.Barrier.Shard = (short)shard;
        MakeBatch(round);
        RoundPlanner.CountRemote(round, shard, spec, args);
        session.Round = round;
        BatchBlock block = _loop.Dispatcher.Exchange.Rent(session, round, shard);
        block.Add(round.Barrier, args);
        _loop.Events.Ask(shard, new Message { Kind = (ushort)MessageKind.Batch, A = block.Address, Lines = block.LinesWith(0) });
    }

    /// <summary>The barrier's arguments must outlive the turn: it waits for other shards, or for the end of a pause.</summary>
    internal void Pack(Round round)
    {
        if (!round.HasBarrier || !round.Packed.IsNull) return;
        round.Packed = _loop.Dispatcher.Exchange.Pack(round, new ReadOnlySpan<BatchCommand>(in round.Barrier));
    }

    private void Coordinate(Session session, CommandSpec spec, BatchBlock block, in CommandContext context, int requestBytes)
    {
        Coordinator tx = _loop.Coordinators.Rent();
        tx.Begin(session, spec, block, in context, requestBytes);
        session.Coordinator = tx;
        if ((spec.Flags & CommandFlags.DenyOom) != 0 && !_loop.AllowsMemory())
        {
            tx.Reject(Errors.OutOfMemory);
            EndCoordinator(tx);
            return;
        }
        bool isAtomic = spec.Keys.Length != 0 && (spec.Flags & CommandFlags.OwnLocks) == 0 || (spec.Flags & CommandFlags.Global) != 0;
        isAtomic &= spec.Spread != Spread.Elements || !_loop.Has(PlantedBugs.PlainMGet);
        Run(tx, isAtomic ? Coordinator.RunLocked(tx, tx.Handler) : tx.Handler(tx));
    }

    /// <summary>Ends the transaction of a client that is gone: until no shard watches for it the session stays busy.</summary>
    internal void LeaveMulti(Session session)
    {
        Coordinator tx = _loop.Coordinators.Rent();
        CommandContext context = _loop.Dispatcher.ContextOf(session);
        tx.Begin(session, null, _loop.Batches.Rent(0, 0, 0), in context, 0);
        session.Coordinator = tx;
        Run(tx, MultiExec.Leave(tx));
    }

    private void Run(Coordinator tx, Co<Nothing> started)
    {
        Co<Nothing>.Awaiter running = started.GetAwaiter();
        if (running.IsCompleted)
        {
            running.GetResult();
            EndCoordinator(tx);
            return;
        }
        tx.Running = running;
        running.Attach(tx);
    }

    /// <summary>A coordinator that had to wait has ended: its session goes on.</summary>
    internal void CoordinatorEnded(Coordinator tx)
    {
        tx.Running.GetResult();
        Session session = tx.Session;
        EndCoordinator(tx);
        _loop.Dispatcher.GoOn(session);
    }

    private void EndCoordinator(Coordinator tx)
    {
        Session session = tx.Session;
        session.Coordinator = null;
        tx.Account();
        if (session.Gone) session.DropOutput(_loop.Events.Chunks);
        _loop.Coordinators.Return(tx);
    }
}

using Anax.Core;
using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;

namespace Anax.Engine.Transactions;

// A round with commands over several shards, or with EXECs, is one transaction, whatever else is in it:
//
//   MSET a b ── MULTI ── SET c ── SET d ── EXEC ── GET b          a, d on shard 0, b, c on shard 1
//
//   shard 0   [MSET a] OK QUEUED QUEUED [header] [SET d]          what needs no key is the home shard's
//   shard 1   [MSET b]                           [SET c] [GET b]
//
// Each shard gets its share as one batch, with one message, and runs it under the round's locks; the client's pipeline is one
// client's order, so nobody can tell that its transactions were done at one instant. Replies are joined in command order: those
// of a command's parts as its Spread says. Where all is on the home shard and no lock is in the way, the batch runs as it is.

/// <summary>Runs rounds that are transactions, and joins their replies. One per loop.</summary>
internal sealed class JointRounds(EngineLoop loop)
{
    private readonly EngineLoop _loop = loop;

    /// <summary>True when the round is answered; else its session is busy until it is.</summary>
    internal bool Run(Session session, Round round)
    {
        round.BegunNs = _loop.Events.MonotonicNs();
        CommandContext context = _loop.Dispatcher.ContextOf(session);
        if (round.RemoteCommands == 0 && !round.IsSpread && !IsBlocked(_loop, round.Commands.Span, round.Arguments.Slice(0, round.Arguments.Count)))
        {
            context.Traits |= ClientTraits.HoldsLocks | ClientTraits.Inner;
            context.NowMs = Math.Max(context.NowMs, _loop.Shard.NowMs);
            _ = _loop.Dispatcher.RunAllOwn(session, round, context);
            if ((_loop.Shard.Counters.Care & ShardCare.ReadyKeys) != 0) _loop.Waits.Serve();
            long ns = TimeOfEach(round);
            foreach (ref readonly BatchCommand command in round.Commands.Span)
                if (command.Fault == (short)Fault.Replies) Count(command.Spec, ns);
            Leave(round);
            return true;
        }
        session.Round = round;
        Pack(round);
        _loop.Dispatcher.Barriers.Pack(round);
        Leave(round);
        Coordinator tx = _loop.Coordinators.Rent();
        tx.Begin(session, null, _loop.Batches.Rent(0, 0, 0), in context, 0);
        tx.Joint = round;
        Co<Nothing>.Awaiter running = RunShares(tx, round).GetAwaiter();
        if (running.IsCompleted)
        {
            running.GetResult();
            End(tx, round);
            return true;
        }
        tx.Running = running;
        running.Attach(tx);
        return false;
    }

    /// <summary>A round that had to wait has run: its session goes on.</summary>
    internal void Ended(Coordinator tx, Round round)
    {
        tx.Running.GetResult();
        Session session = tx.Session;
        End(tx, round);
        _loop.Dispatcher.Answered(session, round);
    }

    /// <summary>Is a lock in the way of a loop's share?</summary>
    internal static bool IsBlocked(EngineLoop loop, Round round)
    {
        var block = BatchBlock.From(round.Shares[loop.Index].Block);
        return IsBlocked(loop, block.Commands, block.Arguments);
    }

    private static bool IsBlocked(EngineLoop loop, ReadOnlySpan<BatchCommand> commands, ReadOnlySpan<ArgumentSlice> arguments)
    {
        LockTable locks = loop.Shard.Locks;
        if (locks.Count == 0) return false;
        foreach (ref readonly BatchCommand command in commands)
        {
            if (!HasKeys(loop, in command)) continue;
            var args = new Arguments(arguments.Slice(command.FirstArgument, command.ArgumentCount));
            if (CommandLocks.Block(locks, loop.Commands[command.Spec], args)) return true;
        }
        return false;
    }

    private static async Co<Nothing> RunShares(Coordinator tx, Round round)
    {
        bool isBrief = true;
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            if (round.Shares[shard].Block == 0) continue;
            // What needs no key needs nobody to be asked.
            if (shard != tx.Loop.Index || round.HasOwnKeys) tx.WishShare(shard);
            isBrief &= shard == tx.Loop.Index || round.Shares[shard].IsBrief;
        }
        bool isAtOnce = tx.TryLockHere();
        if (!isAtOnce) await tx.Lock();
        if (tx.Loop.Has(PlantedBugs.EarlyRelease)) tx.Unlock();
        if (!isAtOnce || !await tx.TryRunAtOnce(RunShare, isBrief))
        {
            for (int shard = 0; shard < tx.Shards; shard++)
                if (round.Shares[shard].Block != 0) tx.Address(shard);
            await tx.HopAddressed(RunShare, releases: true, isBrief);
        }
        tx.Unlock();
        return default;
    }

    /// <summary>Wants the keys of a shard's share. False where the request's id is too small.</summary>
    internal static bool TryAdd(EngineLoop home, LockTable locks, int request, Round round, int shard)
    {
        var block = BatchBlock.From(round.Shares[shard].Block);
        ReadOnlySpan<BatchCommand> commands = block.Commands;
        if (home.Has(PlantedBugs.DroppedLock)) commands = commands[1..];
        return TryAdd(home, locks, request, commands, block.Arguments, LockMode.Exclusive)
            && TryAdd(home, locks, request, commands, block.Arguments, LockMode.Shared);
    }

    private static bool TryAdd(EngineLoop home, LockTable locks, int request, ReadOnlySpan<BatchCommand> commands,
        ReadOnlySpan<ArgumentSlice> arguments, LockMode mode)
    {
        foreach (ref readonly BatchCommand command in commands)
        {
            if (!HasKeys(home, in command)) continue;
            var args = new Arguments(arguments.Slice(command.FirstArgument, command.ArgumentCount));
            if (!CommandLocks.TryAdd(locks, request, home.Commands[command.Spec], args, mode)) return false;
        }
        return true;
    }

    /// <summary>It runs, whole or in part, on the shard of its keys.</summary>
    private static bool HasKeys(EngineLoop loop, in BatchCommand command) =>
        command.Fault <= (short)Fault.Part && loop.Commands[command.Spec].OnShard is not null;

    private static void RunShare(ShardScope shard, ref HopFrame hop)
    {
        Coordinator tx = hop.Coordinator;
        nint address = tx.Joint!.Shares[shard.Id].Block;
        if (address == 0) return;
        var block = BatchBlock.From(address);
        CommandContext context = hop.Context;
        context.Traits |= ClientTraits.HoldsLocks | ClientTraits.Inner;
        hop.Replies = ReplyStream.Embedded(block.Tail);
        Session? session = shard.Loop == tx.Loop ? tx.Session : null;
        int done = BatchRunner.Run(shard.Loop, session, ref context, block.Commands, block.Arguments, ref hop.Replies, block.Results);
        Invariant.Holds(done == block.Commands.Length, "what may outlast its turn is in no round that is a transaction");
    }

    private void End(Coordinator tx, Round round)
    {
        Session session = tx.Session;
        ReplyStream.Mark mark = session.Output.Save();
        new JointReplies(tx, round, TimeOfEach(round)).Join();
        _loop.Dispatcher.DropUnwanted(session, mark);
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            if (round.Shares[shard].Block == 0) continue;
            tx.PartOf(shard).Free(_loop.Events.Chunks);
            _loop.Batches.Return(BatchBlock.From(round.Shares[shard].Block));
        }
        session.Round = null;
        _loop.Coordinators.Return(tx);
    }

    /// <summary>What EXEC was to run has been copied, or has run.</summary>
    private void Leave(Round round)
    {
        if (round.Left is { } multi) _loop.Multis.Close(multi);
        round.Left = null;
    }

    /// <summary>Its transactions share the time of a round.</summary>
    private long TimeOfEach(Round round) => (_loop.Events.MonotonicNs() - round.BegunNs) / round.Transactions;

    private void Count(int command, long ns)
    {
        _loop.Statistics.Timed(command, ns);
        _loop.NoteLatency(_loop.Commands[command], ns);
    }

    // ---- shares ----

    /// <summary>Gives each shard a block with its commands and its parts of commands.</summary>
    private void Pack(Round round)
    {
        ReadOnlySpan<BatchCommand> commands = Dispatcher.WithoutFault(round.Commands.Span);
        round.Shares.Span.Clear();
        for (int i = 0; i < commands.Length; i++) Measure(round, in commands[i], i);
        for (int shard = 0; shard < _loop.Peers.Length; shard++)
        {
            ref Round.Share share = ref round.Shares[shard];
            if (share.Commands != 0) share.Block = _loop.Batches.Rent(share.Commands, share.Arguments, share.Bytes).Address;
            share.Whole = 0;
        }
        int key = 0;
        for (int i = 0; i < commands.Length; i++)
        {
            BatchCommand command = commands[i];
            if (command.Shard == Round.Several) AddParts(round, in command, i, ref key);
            else BatchBlock.From(round.Shares[ShareOf(in command)].Block).Add(command, ArgumentsOf(round, in command));
        }
    }

    private int ShareOf(in BatchCommand command) => command.Shard < 0 ? _loop.Index : command.Shard;

    /// <summary>What is only answered needs none.</summary>
    private static Span<ArgumentSlice> ArgumentsOf(Round round, in BatchCommand command) =>
        command.Fault is (short)Fault.Queued or (short)Fault.Replies ? default : round.Arguments.Slice(command.FirstArgument, command.ArgumentCount);

    private void Measure(Round round, in BatchCommand command, int place)
    {
        CommandSpec? spec = command.Spec < 0 ? null : _loop.Commands[command.Spec];
        ReadOnlySpan<ArgumentSlice> args = ArgumentsOf(round, in command);
        if (command.Shard != Round.Several)
        {
            round.HasOwnKeys |= command.Shard == _loop.Index;
            Measure(ref round.Shares[ShareOf(in command)], args);
            round.Shares[ShareOf(in command)].Commands++;
            round.Shares[ShareOf(in command)].IsLong |= spec is { IsBrief: false };
            return;
        }
        KeySpec keys = spec!.Keys[0];
        for (int i = keys.BeginIndex; i < args.Length; i += keys.Step)
        {
            int owner = Dispatcher.ShardOf(in args[i], _loop.Settings, _loop.Peers.Length);
            round.Owners.Add((short)owner);
            round.HasOwnKeys |= owner == _loop.Index;
            ref Round.Share share = ref round.Shares[owner];
            if (share.Whole != place + 1)
            {
                share.Whole = place + 1;
                share.Commands++;
                share.IsLong |= !spec.IsBrief;
                Measure(ref share, args[..keys.BeginIndex]);
            }
            Measure(ref share, args.Slice(i, keys.Step));
        }
    }

    private static void Measure(ref Round.Share share, ReadOnlySpan<ArgumentSlice> args)
    {
        share.Arguments += args.Length;
        foreach (ref readonly ArgumentSlice arg in args)
            if (!arg.IsBlock) share.Bytes += arg.Length;
    }

    private void AddParts(Round round, in BatchCommand whole, int place, ref int key)
    {
        ReadOnlySpan<ArgumentSlice> args = round.Arguments.Slice(whole.FirstArgument, whole.ArgumentCount);
        KeySpec keys = _loop.Commands[whole.Spec].Keys[0];
        for (int i = keys.BeginIndex; i < args.Length; i += keys.Step)
        {
            ref Round.Share share = ref round.Shares[round.Owners[key++]];
            var block = BatchBlock.From(share.Block);
            if (share.Whole != place + 1)
            {
                share.Whole = place + 1;
                block.Add(new BatchCommand { Spec = whole.Spec, Shard = (short)place, Fault = (short)Fault.Part }, args[..keys.BeginIndex]);
            }
            block.Append(args.Slice(i, keys.Step));
        }
    }
}

using Anax.Core.Buffers;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Engine.Dispatch;

// The life of a round (one session, one loop):
//
//   Feed ── Gather: parse and plan commands until the input, the round or a barrier ends it
//        ── Start:  the other shards' batches leave first, then the own one runs
//        ── (all own)    replies went straight to the session's output ──────────────┐
//        ── (some remote) the session is busy until Served has seen every answer ── Join ── Finish: the barrier runs
//
// 1. A session has one round at a time; what a client sends behind it waits in its input.
// 2. A barrier (a command that asks shards in steps, or one that changes how later ones are read) is the last of its round
//    and runs alone, after all others have been answered.
// 3. A round with commands over several shards, or with EXECs, that say beforehand which keys they need is one transaction
//    (JointRounds); what it cannot hold is its barrier.
// 4. Replies leave in command order, whatever shard they come from.
// 5. Pushes move to the output between two rounds, never inside one (see PushQueue).

/// <summary>
/// Takes the bytes of sessions, refuses what must be refused, hands each shard one batch of what it owns, and joins
/// the replies in command order. One per loop.
/// </summary>
public sealed class Dispatcher : IDisposable
{
    private const long ClockAllBelowUs = 1000;

    private readonly EngineLoop _loop;
    private readonly List<Round> _rounds = [];
    private Round? _free;

    internal Dispatcher(EngineLoop loop)
    {
        _loop = loop;
        Planner = new RoundPlanner(loop);
        Exchange = new RoundExchange(loop);
        Barriers = new BarrierRunner(loop);
        Joint = new JointRounds(loop);
    }

    /// <summary>Whoever watches all commands (MONITOR).</summary>
    public ICommandObserver? Observer
    {
        get => Planner.Observer;
        set => Planner.Observer = value;
    }

    /// <summary>The most commands that were dispatched together.</summary>
    public int LargestRound { get; private set; } = 1;

    /// <summary>Batches that went to other shards.</summary>
    public long BatchesSent => Exchange.BatchesSent;

    internal RoundPlanner Planner { get; }
    internal RoundExchange Exchange { get; }
    internal BarrierRunner Barriers { get; }
    internal JointRounds Joint { get; }

    /// <summary>Every command is timed by itself.</summary>
    internal bool ClocksAll =>
        _loop.Settings.CommandLogSlowerThanUs is >= 0 and < ClockAllBelowUs || _loop.Settings.LatencyThresholdMs > 0;

    /// <summary>Dispatches what is complete in the input; returns how many bytes were taken. The rest must be offered again.</summary>
    public int Feed(Session session, ReadOnlySpan<byte> input)
    {
        int taken = 0;
        if (_loop.Tracker.HasBroadcasts) _loop.Tracker.SendBroadcasts();
        while (!session.Busy && !session.Closing)
        {
            session.ReleasePushes(_loop.Events.Chunks);
            Round round = Rent(session);
            taken += Planner.Gather(session, round, input[taken..]);
            if (session.Multi is { } multi) _loop.Multis.Keep(multi, round.Arguments);
            if (round.IsEmpty)
            {
                Return(round);
                break;
            }
            Start(session, round);
        }
        session.ReleasePushes(_loop.Events.Chunks);
        return taken;
    }

    internal static int ShardOf(in ArgumentSlice key, EngineSettings settings, int shards) =>
        ShardId.Of(key.Span, key.Hash, settings, shards);

    // ---- execution ----

    private void Start(Session session, Round round)
    {
        if (round.Commands.Count > LargestRound) LargestRound = round.Commands.Count;
        if (round.IsJoint)
        {
            if (Joint.Run(session, round)) Finish(session, round);
            return;
        }
        if (round.RemoteCommands == 0)
        {
            if (RunAllOwn(session, round, ContextOf(session))) Finish(session, round);
            return;
        }
        session.Round = round;
        for (int shard = 0; shard < _loop.Peers.Length; shard++)
            if (round.Shares[shard].Commands != 0) Exchange.Send(session, round, shard);
        Barriers.Pack(round);
        RunOwnPart(session, round);
    }

    internal CommandContext ContextOf(Session session) => new()
    {
        NowMs = _loop.Events.NowMs,
        ClientId = session.Id,
        Database = session.Database,
        Resp = session.Resp,
        Traits = session.Traits,
        Home = (ushort)_loop.Index,
    };

    /// <summary>All commands are this shard's own: replies go straight to the session's output. False when the rest is parked.</summary>
    internal bool RunAllOwn(Session session, Round round, CommandContext context)
    {
        Span<BatchCommand> commands = WithoutFault(round.Commands.Span);
        if (commands.IsEmpty) return true;
        ReplyStream.Mark mark = session.Output.Save();
        int done = BatchRunner.Run(_loop, session, ref context, commands, round.Arguments.Slice(0, round.Arguments.Count), ref session.Output, default);
        // A reply to be skipped is that of a round's only command.
        if (done != 0) DropUnwanted(session, mark);
        if (done == commands.Length) return true;
        session.Round = round;
        Barriers.Pack(round);
        _ = round.LocalResults.Resize(commands.Length - done);
        Span<BatchCommand> rest = round.Commands.Span[done..];
        rest.CopyTo(round.Commands.Span);
        commands = WithoutFault(round.Commands.Resize(rest.Length));
        // A suspended script may end at once, and the round with it.
        Exchange.ParkOwn(round, in context, commands, 0);
        return false;
    }

    /// <summary>Others work on the round too: replies wait to be joined.</summary>
    private void RunOwnPart(Session session, Round round)
    {
        Span<BatchResult> results = round.LocalResults.Resize(round.Commands.Count - round.RemoteCommands);
        // The own commands move to the front; the order of all is kept by their shards, which Join walks.
        Span<BatchCommand> own = round.Own.Resize(results.Length);
        int count = 0;
        foreach (ref readonly BatchCommand command in round.Commands.Span)
            if (command.Shard < 0 || command.Shard == _loop.Index) own[count++] = command;
        own = WithoutFault(own);
        if (own.IsEmpty) return;
        CommandContext context = ContextOf(session);
        int done = BatchRunner.Run(_loop, session, ref context, own, round.Arguments.Slice(0, round.Arguments.Count), ref round.LocalReplies, results);
        if (done < own.Length) Exchange.ParkOwn(round, in context, own[done..], done);
    }

    /// <summary>A protocol error has no reply of its own among the others'.</summary>
    internal static Span<BatchCommand> WithoutFault(Span<BatchCommand> commands) =>
        !commands.IsEmpty && commands[^1].Fault == (short)Fault.Protocol ? commands[..^1] : commands;

    /// <summary>All commands before the barrier are answered: protocol errors and barriers have their turn.</summary>
    private void Finish(Session session, Round round)
    {
        if (round.Commands.Count != 0 && round.Commands[^1].Fault == (short)Fault.Protocol && !session.Gone)
        {
            var writer = new ReplyWriter(ref session.Output, _loop.Events.Chunks, session.Resp);
            session.Parser.WriteError(ref writer);
            writer.Flush();
            _loop.Statistics.Error("ERR"u8);
        }
        if (!round.HasBarrier || session.Gone)
        {
            Return(round);
            return;
        }
        Barriers.Run(session, round);
    }

    /// <summary>All batches of a round have come home and their replies are joined: the session goes on.</summary>
    internal void Answered(Session session, Round round)
    {
        session.Round = null;
        Finish(session, round);
        if (session.Gone) session.DropOutput(_loop.Events.Chunks);
        GoOn(session);
    }

    /// <summary>Something has ended for a session: unless something else is under way, it goes on.</summary>
    internal void GoOn(Session session)
    {
        if (session.Busy) return;
        if (session.Gone) EndMulti(session);
        if (!session.Busy) session.Owner.Continue();
    }

    private void EndMulti(Session session)
    {
        if (session.Multi is not { } multi) return;
        if (multi.Watched.Count != 0) Barriers.LeaveMulti(session);
        else _loop.Multis.Close(session);
    }

    /// <summary>CLIENT REPLY OFF and SKIP: what was written since the mark does not leave.</summary>
    internal void DropUnwanted(Session session, ReplyStream.Mark mark)
    {
        if (session.ReplyMode is not (ReplyMode.Off or ReplyMode.SkipThis)) return;
        session.Output.Restore(_loop.Events.Chunks, mark);
        if (session.ReplyMode == ReplyMode.SkipThis) session.ReplyMode = ReplyMode.On;
    }

    // ---- rounds ----

    internal Round RoundAt(int index) => _rounds[index];

    private Round Rent(Session session)
    {
        Round? round = _free;
        if (round is null)
        {
            round = new Round(_rounds.Count, _loop.Peers.Length);
            _rounds.Add(round);
        }
        else _free = round.NextFree;
        round.Session = session;
        return round;
    }

    internal void Return(Round round)
    {
        if (!round.Packed.IsNull) _loop.Batches.Return(round.Packed);
        round.Clear();
        round.NextFree = _free;
        _free = round;
    }

    /// <summary>The client is gone: what waits for it is dropped, what is under way ends without a reply.</summary>
    public void Drop(Session session)
    {
        session.Gone = true;
        _loop.Pauses.Forget(session);
        session.Coordinator?.TimeOut();
        _loop.Tracker.Drop(session);
        _loop.Broker.Leave(session);
        session.DropOutput(_loop.Events.Chunks);
        if (!session.Busy) EndMulti(session);
    }

    public void Dispose()
    {
        foreach (Round round in _rounds) round.Dispose();
        _loop.Pauses.AssertNobodyForgotten();
    }
}

using Anax.Core.Buffers;
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
// 2. A barrier (a command over several shards, or one that changes how later ones are read) is the last of its round
//    and runs alone, after all others have been answered.
// 3. Replies leave in command order, whatever shard they come from.
// 4. Pushes move to the output between two rounds, never inside one (see PushQueue).

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
        if (round.RemoteCommands == 0)
        {
            CommandContext context = ContextOf(session);
            RunOwn(session, round, ref context, ref session.Output, default);
            Finish(session, round);
            return;
        }
        session.Round = round;
        for (int shard = 0; shard < _loop.Peers.Length; shard++)
            if (round.Shares[shard].Commands != 0) Exchange.Send(session, round, shard);
        Barriers.Pack(round);
        CommandContext own = ContextOf(session);
        RunOwn(session, round, ref own, ref round.LocalReplies, round.LocalResults.Resize(round.Commands.Count - round.RemoteCommands));
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

    private void RunOwn(Session session, Round round, ref CommandContext context, ref ReplyStream replies, Span<BatchResult> results)
    {
        Span<BatchCommand> commands = round.Commands.Span;
        if (round.RemoteCommands != 0)
        {
            // The own commands move to the front; the order of all is kept by their shards, which Join walks.
            Span<BatchCommand> own = round.Own.Resize(results.Length);
            int count = 0;
            foreach (ref readonly BatchCommand command in commands)
                if (command.Shard < 0 || command.Shard == _loop.Index) own[count++] = command;
            commands = own;
        }
        if (commands.IsEmpty) return;
        if (commands[^1].Fault == (short)Fault.Protocol) commands = commands[..^1];
        ReplyStream.Mark mark = session.Output.Save();
        BatchRunner.Run(_loop, session, ref context, commands, round.Arguments.Slice(0, round.Arguments.Count), ref replies, results);
        if (results.IsEmpty) DropUnwanted(session, mark);
    }

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
        if (!session.Busy) session.Owner.Continue();
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
        _loop.Tracker.Drop(session);
        _loop.Broker.Leave(session);
        session.DropOutput(_loop.Events.Chunks);
    }

    public void Dispose()
    {
        foreach (Round round in _rounds) round.Dispose();
        _loop.Pauses.AssertNobodyForgotten();
    }
}

using Anax.Core;
using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Runtime;

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

/// <summary>
/// Takes the bytes of sessions, refuses what must be refused, hands each shard one batch of what it owns, and joins
/// the replies in command order. One per loop.
/// </summary>
public sealed class Dispatcher : IDisposable
{
    private const int RoundCommandsMax = 1024;
    private const long ClockAllBelowUs = 1000;
    private const CommandFlags TouchesKeys = CommandFlags.Write | CommandFlags.ReadOnly | CommandFlags.MayReplicate;

    private readonly EngineLoop _loop;
    private readonly List<Round> _rounds = [];
    private readonly List<Session> _paused = [];
    private Round? _free;
    private long _logIds;

    internal Dispatcher(EngineLoop loop) => _loop = loop;

    /// <summary>What the header of a batch says of where it comes from.</summary>
    private struct BatchHeader
    {
        internal CommandContext Context;
        internal ReplyStream Replies;
        internal int Round;
    }

    /// <summary>Whoever watches all commands (MONITOR); null costs one branch per command.</summary>
    public ICommandObserver? Observer { get; set; }

    /// <summary>Every command is timed by itself.</summary>
    internal bool ClocksAll =>
        _loop.Settings.CommandLogSlowerThanUs is >= 0 and < ClockAllBelowUs || _loop.Settings.LatencyThresholdMs > 0;

    /// <summary>CLIENT PAUSE: Unix milliseconds until which commands are held back; 0 when none are.</summary>
    public long PausedUntilMs { get; private set; }

    /// <summary>Only writes are held back.</summary>
    public bool PausesWritesOnly { get; private set; }

    /// <summary>Dispatches what is complete in the input; returns how many bytes were taken. The rest must be offered again.</summary>
    public int Feed(Session session, ReadOnlySpan<byte> input)
    {
        int taken = 0;
        while (!session.Busy && !session.Closing)
        {
            Round round = Rent(session);
            taken += Gather(session, round, input[taken..]);
            if (round.IsEmpty)
            {
                Return(round);
                break;
            }
            Start(session, round);
        }
        return taken;
    }

    // ---- planning ----

    private int Gather(Session session, Round round, ReadOnlySpan<byte> input)
    {
        int taken = 0;
        bool more = true;
        if (session.ReplyMode == ReplyMode.SkipNext) session.ReplyMode = ReplyMode.SkipThis;
        session.Parser.IsAuthenticated = session.Authenticated;
        while (more && round.Commands.Count < RoundCommandsMax)
        {
            int first = round.Arguments.Count;
            ParseStatus status = session.Parser.Next(input[taken..], round.Arguments, out int consumed);
            taken += consumed;
            switch (status)
            {
                case ParseStatus.Complete:
                    more = Plan(session, round, first, consumed) && session.Authenticated;
                    break;
                case ParseStatus.Error:
                    round.Commands.Add(new BatchCommand { Spec = -1, Fault = (short)Fault.Protocol, Shard = -1 });
                    session.Closing = true;
                    return input.Length;
                default:
                    return taken;
            }
        }
        return taken;
    }

    /// <summary>The guards, then the route. False when the round ends here.</summary>
    private bool Plan(Session session, Round round, int first, int requestBytes)
    {
        Span<ArgumentSlice> slices = round.Arguments.Slice(first, round.Arguments.Count - first);
        var command = new BatchCommand
        {
            FirstArgument = first,
            ArgumentCount = slices.Length,
            RequestBytes = requestBytes,
            Shard = -1,
        };
        CommandSpec? spec = Judge(session, slices, ref command);
        session.Commands++;
        session.LastUseNs = _loop.Events.NowNs;
        if (spec is null)
        {
            round.Commands.Add(command);
            return !session.Closing;
        }
        session.LastCommand = spec;
        if (Observer is { } observer && (spec.Flags & (CommandFlags.SkipMonitor | CommandFlags.Admin)) == 0)
            observer.Observe(session, spec, new Arguments(slices));
        if (PausedUntilMs != 0 && Pauses(spec))
        {
            SetBarrier(round, command);
            return false;
        }
        if (spec.OnConnection is not null)
        {
            if ((spec.Flags & CommandFlags.Barrier) == 0) round.Commands.Add(command);
            else SetBarrier(round, command);
            return (spec.Flags & CommandFlags.Barrier) == 0 && session.ReplyMode != ReplyMode.SkipThis;
        }
        int shard = Route(spec, slices);
        if (shard < 0)
        {
            SetBarrier(round, command);
            return false;
        }
        command.Shard = (short)shard;
        if (_loop.Settings.StrictPipelineOrder && (spec.Flags & CommandFlags.Write) != 0 && HasOtherShard(round, shard))
        {
            SetBarrier(round, command);
            return false;
        }
        round.Commands.Add(command);
        if (shard != _loop.Index) CountRemote(round, shard, slices);
        return session.ReplyMode != ReplyMode.SkipThis;
    }

    private static bool HasOtherShard(Round round, int shard)
    {
        foreach (ref readonly BatchCommand command in round.Commands.Span)
            if (command.Shard >= 0 && command.Shard != shard) return true;
        return false;
    }

    private static void SetBarrier(Round round, in BatchCommand command)
    {
        round.Barrier = command;
        round.HasBarrier = true;
    }

    /// <summary>Authentication, unknown, arity, permission: the row, or null with the fault noted.</summary>
    private CommandSpec? Judge(Session session, ReadOnlySpan<ArgumentSlice> args, ref BatchCommand command)
    {
        CommandSpec? container = _loop.Commands.Find(args[0].Span);
        // A subcommand's row is found by its full name, but is no command by itself.
        if (container is { Parent: not null }) container = null;
        CommandSpec? spec = container;
        if (container is { IsContainer: true } && args.Length >= 2)
            spec = _loop.Commands.FindSubcommand(container, args[1].Span);
        command.Spec = (spec ?? container)?.Index ?? -1;
        if (container is null && IsHttp(args[0].Span))
        {
            // A browser that was talked into it: nothing of what follows may be taken for commands.
            session.Closing = true;
            return Refuse(Fault.Http, ref command);
        }
        // A stranger learns nothing, not even which commands there are.
        if (!session.Authenticated && (spec is null || (spec.Flags & CommandFlags.NoAuth) == 0))
            return Refuse(Fault.NoAuth, ref command);
        if (container is null) return Refuse(Fault.UnknownCommand, ref command);
        if (spec is null) return Refuse(Fault.UnknownSubcommand, ref command);
        if (!spec.ArityMatches(args.Length)) return Refuse(Fault.WrongArity, ref command);
        if (spec.Gate is { } allows && !allows(_loop, session)) return Refuse(Fault.NotAllowed, ref command);
        if (session.Monitoring && (spec.Flags & TouchesKeys) != 0) return Refuse(Fault.Monitoring, ref command);
        return spec;
    }

    private static bool IsHttp(ReadOnlySpan<byte> name) =>
        Ascii.EqualsIgnoreCase(name, "POST"u8) || Ascii.EqualsIgnoreCase(name, "Host:"u8);

    private static CommandSpec? Refuse(Fault fault, ref BatchCommand command)
    {
        command.Fault = (short)fault;
        return null;
    }

    /// <summary>Hashes the keys. The shard that owns them all, or -1 when the command needs a coordinator.</summary>
    private int Route(CommandSpec spec, Span<ArgumentSlice> args)
    {
        int owner = -1;
        bool several = false;
        foreach (KeySpec keys in spec.Keys)
        {
            if (!keys.TryFind(new Arguments(args), out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
            {
                ref ArgumentSlice key = ref args[i];
                key.Hash = _loop.Settings.HashKey.Hash(key.Span);
                int shard = ShardOf(in key, _loop.Settings, _loop.Peers.Length);
                several |= owner >= 0 && shard != owner;
                owner = shard;
            }
        }
        if (several || spec.OnShard is null) return -1;
        return owner < 0 ? _loop.Index : owner;
    }

    internal static int ShardOf(in ArgumentSlice key, EngineSettings settings, int shards) =>
        ShardId.Of(key.Span, key.Hash, settings, shards);

    private static void CountRemote(Round round, int shard, ReadOnlySpan<ArgumentSlice> args)
    {
        ref Round.Share share = ref round.Shares[shard];
        share.Commands++;
        share.Arguments += args.Length;
        foreach (ref readonly ArgumentSlice arg in args)
            if (!arg.IsBlock) share.Bytes += arg.Length;
        round.RemoteCommands++;
    }

    // ---- execution ----

    /// <summary>The most commands that were dispatched together.</summary>
    public int LargestRound { get; private set; } = 1;

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
            if (round.Shares[shard].Commands != 0) SendBatch(session, round, shard);
        PackBarrier(round);
        CommandContext own = ContextOf(session);
        RunOwn(session, round, ref own, ref round.LocalReplies, round.LocalResults.Resize(round.Commands.Count - round.RemoteCommands));
    }

    private CommandContext ContextOf(Session session) => new()
    {
        NowMs = _loop.Events.NowMs,
        ClientId = session.Id,
        Database = session.Database,
        Resp = session.Resp,
        Traits = session.Traits,
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

    /// <summary>CLIENT REPLY OFF and SKIP: what was written since the mark does not leave.</summary>
    internal void DropUnwanted(Session session, ReplyStream.Mark mark)
    {
        if (session.ReplyMode is not (ReplyMode.Off or ReplyMode.SkipThis)) return;
        session.Output.Restore(_loop.Events.Chunks, mark);
        if (session.ReplyMode == ReplyMode.SkipThis) session.ReplyMode = ReplyMode.On;
    }

    /// <summary>Batches that went to other shards.</summary>
    public long BatchesSent { get; private set; }

    private void SendBatch(Session session, Round round, int shard)
    {
        BatchesSent++;
        BatchBlock block = RentBatch(session, round, shard);
        foreach (ref readonly BatchCommand command in round.Commands.Span)
            if (command.Shard == shard) block.Add(command, round.Arguments.Slice(command.FirstArgument, command.ArgumentCount));
        _loop.Events.Ask(shard, new Message { Kind = (ushort)MessageKind.Batch, A = block.Address });
    }

    private BatchBlock RentBatch(Session session, Round round, int shard)
    {
        ref Round.Share share = ref round.Shares[shard];
        BatchBlock block = _loop.Batches.Rent(share.Commands, share.Arguments, share.Bytes);
        ref BatchHeader header = ref block.Header<BatchHeader>();
        header.Context = ContextOf(session);
        header.Round = round.Index;
        share.Block = block.Address;
        round.Outstanding++;
        return block;
    }

    /// <summary>Another loop's batch: its keys are ours.</summary>
    internal void Serve(int from, in Message message)
    {
        BatchBlock block = BatchBlock.From((nint)message.A);
        ref BatchHeader header = ref block.Header<BatchHeader>();
        header.Replies = ReplyStream.Embedded(block.Tail);
        BatchRunner.Run(_loop, null, ref header.Context, block.Commands, block.Arguments, ref header.Replies, block.Results);
        _loop.Events.Chunks.HandOver(header.Replies.PoolBytes);
        _loop.Events.Answer(from, new Message { Kind = (ushort)MessageKind.BatchDone, A = message.A });
    }

    /// <summary>One of our batches has come home.</summary>
    internal void Served(int _, in Message message)
    {
        ref BatchHeader header = ref BatchBlock.From((nint)message.A).Header<BatchHeader>();
        _loop.Events.Chunks.TakeOver(header.Replies.PoolBytes);
        Round round = _rounds[header.Round];
        if (--round.Outstanding != 0) return;
        Session session = round.Session;
        Join(session, round);
        session.Round = null;
        Finish(session, round);
        if (session.Gone) session.Output.Free(_loop.Events.Chunks);
        if (!session.Busy) session.Owner.Continue();
    }

    /// <summary>Puts the replies of all shards into the session's output, in command order.</summary>
    private void Join(Session session, Round round)
    {
        ChunkPool chunks = _loop.Events.Chunks;
        ReplyStream.Mark mark = session.Output.Save();
        int own = 0;
        long ownStart = 0;
        foreach (ref readonly BatchCommand command in round.Commands.Span)
        {
            if (command.Shard < 0 || command.Shard == _loop.Index)
            {
                if (command.Fault == (short)Fault.Protocol) continue;
                long end = round.LocalResults[own++].ReplyEnd;
                round.LocalReplies.MoveTo(ref session.Output, chunks, end - ownStart);
                ownStart = end;
                continue;
            }
            ref Round.Share share = ref round.Shares[command.Shard];
            BatchBlock block = BatchBlock.From(share.Block);
            long start = share.Joined == 0 ? 0 : block.Results[share.Joined - 1].ReplyEnd;
            JoinRemote(session, block, share.Joined++, start, chunks);
        }
        DropUnwanted(session, mark);
        round.LocalReplies.Free(chunks);
        for (int shard = 0; shard < _loop.Peers.Length; shard++)
        {
            if (round.Shares[shard].Block == 0) continue;
            BatchBlock block = BatchBlock.From(round.Shares[shard].Block);
            block.Header<BatchHeader>().Replies.Free(chunks);
            _loop.Batches.Return(block);
        }
    }

    private void JoinRemote(Session session, BatchBlock block, int index, long start, ChunkPool chunks)
    {
        BatchResult result = block.Results[index];
        BatchCommand command = block.Commands[index];
        long bytes = result.ReplyEnd - start;
        block.Header<BatchHeader>().Replies.MoveTo(ref session.Output, chunks, bytes);
        if (command.Fault != 0 || !WorthLogging(result.DurationUs, command.RequestBytes, bytes)) return;
        var args = new Arguments(block.Arguments.Slice(command.FirstArgument, command.ArgumentCount));
        Log(session, command.Spec, args, result.DurationUs, command.RequestBytes, bytes);
    }

    // ---- barriers ----

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
        RunBarrier(session, round);
    }

    private void RunBarrier(Session session, Round round)
    {
        CommandSpec spec = _loop.Commands[round.Barrier.Spec];
        if (PausedUntilMs != 0 && Pauses(spec))
        {
            PackBarrier(round);
            session.Held = round;
            _paused.Add(session);
            return;
        }
        CommandContext context = ContextOf(session);
        bool packed = !round.Packed.IsNull;
        Span<ArgumentSlice> args = packed
            ? round.Packed.Arguments
            : round.Arguments.Slice(round.Barrier.FirstArgument, round.Barrier.ArgumentCount);
        int shard = spec.OnConnection is not null ? _loop.Index : Route(spec, args);
        if (shard == _loop.Index)
        {
            BatchCommand alone = round.Barrier;
            alone.FirstArgument = 0;
            ReplyStream.Mark mark = session.Output.Save();
            BatchRunner.Run(_loop, session, ref context, new ReadOnlySpan<BatchCommand>(in alone), args, ref session.Output, default);
            DropUnwanted(session, mark);
            Return(round);
            return;
        }
        if (shard >= 0)
        {
            SendHeld(session, round, shard, args);
            return;
        }
        PackBarrier(round);
        BatchBlock block = round.Packed;
        round.Packed = default;
        int requestBytes = round.Barrier.RequestBytes;
        Return(round);
        Coordinate(session, spec, block, in context, requestBytes);
    }

    /// <summary>A command that a pause held back belongs to one other shard: it goes there as a batch of one.</summary>
    private void SendHeld(Session session, Round round, int shard, ReadOnlySpan<ArgumentSlice> args)
    {
        BatchCommand command = round.Barrier;
        command.Shard = (short)shard;
        round.Commands.Clear();
        round.Commands.Add(command);
        round.HasBarrier = false;
        round.Shares.Span.Clear();
        CountRemote(round, shard, args);
        session.Round = round;
        BatchBlock block = RentBatch(session, round, shard);
        block.Add(command, args);
        _loop.Events.Ask(shard, new Message { Kind = (ushort)MessageKind.Batch, A = block.Address });
    }

    /// <summary>The barrier's arguments must outlive the turn: it waits for other shards, or for the end of a pause.</summary>
    private void PackBarrier(Round round)
    {
        if (!round.HasBarrier || !round.Packed.IsNull) return;
        Span<ArgumentSlice> args = round.Arguments.Slice(round.Barrier.FirstArgument, round.Barrier.ArgumentCount);
        long bytes = 0;
        foreach (ref readonly ArgumentSlice arg in args)
            if (!arg.IsBlock) bytes += arg.Length;
        round.Packed = _loop.Batches.Rent(1, args.Length, bytes);
        round.Packed.Add(round.Barrier, args);
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
        CoordinatorHandler handler = spec.AsCoordinator ?? Spreads.For(spec.Spread);
        Co<Nothing>.Awaiter running = handler(tx).GetAwaiter();
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
        if (!session.Busy) session.Owner.Continue();
    }

    private void EndCoordinator(Coordinator tx)
    {
        Session session = tx.Session;
        session.Coordinator = null;
        tx.Account();
        if (session.Gone) session.Output.Free(_loop.Events.Chunks);
        _loop.Coordinators.Return(tx);
    }

    // ---- pausing ----

    /// <summary>Holds commands back until a time (Unix milliseconds); sessions go on by themselves. Called on every loop.</summary>
    public void Pause(long untilMs, bool writesOnly)
    {
        // A longer pause and the stronger kind win, as in Redis.
        PausesWritesOnly = PausedUntilMs == 0 ? writesOnly : PausesWritesOnly && writesOnly;
        PausedUntilMs = Math.Max(PausedUntilMs, untilMs);
        _pauseTimer ??= new PauseTimer(this);
        _loop.Events.Schedule(_pauseTimer, _loop.Events.NowNs + Math.Max(0, PausedUntilMs - _loop.Events.NowMs) * 1_000_000);
    }

    public void Unpause()
    {
        PausedUntilMs = 0;
        if (_pauseTimer is not null) _loop.Events.Cancel(_pauseTimer);
        Session[] held = [.. _paused];
        _paused.Clear();
        foreach (Session session in held)
        {
            if (session.Held is not { } round) continue;
            session.Held = null;
            if (session.Gone) Return(round);
            else RunBarrier(session, round);
            if (!session.Busy) session.Owner.Continue();
        }
    }

    private PauseTimer? _pauseTimer;

    private sealed class PauseTimer(Dispatcher dispatcher) : LoopTimer
    {
        public override void OnTimer() => dispatcher.Unpause();
    }

    private bool Pauses(CommandSpec spec) =>
        (spec.Flags & CommandFlags.RunsPaused) == 0
        && (!PausesWritesOnly || (spec.Flags & (CommandFlags.Write | CommandFlags.MayReplicate)) != 0);

    /// <summary>Sessions that wait for a pause to end.</summary>
    public int PausedSessions => _paused.Count;

    // ---- logs ----

    internal bool WorthLogging(int durationUs, long requestBytes, long replyBytes)
    {
        EngineSettings settings = _loop.Settings;
        return durationUs >= settings.CommandLogSlowerThanUs && settings.CommandLogSlowerThanUs >= 0
            || requestBytes >= settings.CommandLogRequestLargerThan && settings.CommandLogRequestLargerThan >= 0
            || replyBytes >= settings.CommandLogReplyLargerThan && settings.CommandLogReplyLargerThan >= 0;
    }

    internal void Log(Session session, int spec, Arguments args, int durationUs, long requestBytes, long replyBytes)
    {
        CommandSpec command = _loop.Commands[spec];
        if ((command.Flags & CommandFlags.SkipCommandLog) != 0) return;
        EngineSettings settings = _loop.Settings;
        LogOne(CommandLogKind.Slow, durationUs, settings.CommandLogSlowerThanUs, settings.CommandLogSlowLengthMax, session, command, args);
        LogOne(CommandLogKind.LargeRequest, requestBytes, settings.CommandLogRequestLargerThan, settings.CommandLogRequestLengthMax, session, command, args);
        LogOne(CommandLogKind.LargeReply, replyBytes, settings.CommandLogReplyLargerThan, settings.CommandLogReplyLengthMax, session, command, args);
    }

    private void LogOne(CommandLogKind kind, long value, long threshold, int lengthMax, Session session, CommandSpec spec, Arguments args)
    {
        if (threshold < 0 || value < threshold) return;
        // Ids of different loops must differ and grow with time.
        long id = _logIds++ * _loop.Peers.Length + _loop.Index;
        _loop.Logs[(int)kind].Add(session, spec, args, id, _loop.Events.NowMs, value, lengthMax);
    }

    // ---- rounds ----

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

    private void Return(Round round)
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
        if (session.Held is { } held)
        {
            session.Held = null;
            _paused.Remove(session);
            Return(held);
        }
        session.Output.Free(_loop.Events.Chunks);
    }

    public void Dispose()
    {
        foreach (Round round in _rounds) round.Dispose();
        Invariant.Holds(_paused.Count == 0 || PausedUntilMs != 0, "sessions wait only for a pause");
    }
}

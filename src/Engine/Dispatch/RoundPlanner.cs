using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.PubSub;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Engine.Dispatch;

/// <summary>
/// Cuts a session's input into commands, refuses what must be refused, and finds the shard that each belongs to: what
/// is gathered so makes a round.
/// </summary>
internal sealed class RoundPlanner(EngineLoop loop)
{
    private const int RoundCommandsMax = 1024;

    /// <summary>Commands over several shards ask for memory when they are planned: those of a round are not too many for that.</summary>
    private const int JointBytesMax = 64 * 1024;
    private const CommandFlags TouchesKeys = CommandFlags.Write | CommandFlags.ReadOnly | CommandFlags.MayReplicate;

    private readonly EngineLoop _loop = loop;

    /// <summary>Whoever watches all commands (MONITOR); null costs one branch per command.</summary>
    internal ICommandObserver? Observer { get; set; }

    /// <summary>Plans complete commands until the input, the round or a barrier ends it; returns the bytes taken.</summary>
    internal int Gather(Session session, Round round, ReadOnlySpan<byte> input)
    {
        int taken = 0;
        bool more = true;
        if (session.ReplyMode == ReplyMode.SkipNext) session.ReplyMode = ReplyMode.SkipThis;
        session.Parser.IsAuthenticated = session.Authenticated;
        // Before a command is planned: MULTI opens what CLIENT CACHING may go on for, and EXEC has closed it.
        session.Tracking.EndCommand(session.Multi is { IsOpen: true });
        while (more && round.Commands.Count < RoundCommandsMax)
        {
            int first = round.Arguments.Count;
            ParseStatus status = session.Parser.Next(input[taken..], round.Arguments, out int consumed);
            taken += consumed;
            switch (status)
            {
                case ParseStatus.Complete:
                    more = Plan(session, round, first, consumed) && session.Authenticated;
                    if (session.Tracking.Caching == CachingState.None) break;
                    // CLIENT CACHING is about one command, which therefore is alone in its round.
                    session.Tracking.NextCommand(session.LastCommand);
                    more = false;
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
            session.LastCommand = command.Spec < 0 || command.Fault == (short)Fault.UnknownSubcommand ? null : _loop.Commands[command.Spec];
            if (TellsExec(session, round, command)) return false;
            round.Commands.Add(command);
            return !session.Closing;
        }
        session.LastCommand = spec;
        if (session.Multi is { IsOpen: true } multi && (spec.Flags & CommandFlags.RunsInMulti) == 0)
        {
            Queue(multi, spec, slices, ref command);
            round.Commands.Add(command);
            return session.ReplyMode != ReplyMode.SkipThis;
        }
        if ((spec.Flags & CommandFlags.OpensMulti) != 0) _loop.Multis.Of(session).Open();
        // EXEC shows itself behind what it runs.
        if (Observer is not null && (spec.Flags & CommandFlags.RunsQueue) == 0) Observe(session, spec, new Arguments(slices));
        if (_loop.Pauses.Holds(spec, session, new Arguments(slices)))
        {
            SetBarrier(round, command);
            return false;
        }
        if (spec.OnConnection is not null)
        {
            bool isAlone = (spec.Flags & CommandFlags.Barrier) != 0
                || (spec.Flags & CommandFlags.Tells) != 0 && (round.RemoteCommands != 0 || round.IsJoint || session.Subscriber >= 0);
            if (isAlone) SetBarrier(round, command);
            else round.Commands.Add(command);
            if ((spec.Flags & CommandFlags.Tells) != 0) round.Publisher = _loop.Index;
            return !isAlone && session.ReplyMode != ReplyMode.SkipThis;
        }
        int shard = Route(spec, slices);
        if (shard < 0)
        {
            if (!TryJoin(session, round, spec, slices, ref command))
            {
                SetBarrier(round, command);
                return false;
            }
            return session.ReplyMode != ReplyMode.SkipThis && round.JointBytes < JointBytesMax;
        }
        command.Shard = (short)shard;
        if (_loop.Settings.StrictPipelineOrder && (spec.Flags & CommandFlags.Write) != 0 && HasOtherShard(round, shard))
        {
            SetBarrier(round, command);
            return false;
        }
        if (spec.MayOutlast)
        {
            // Who listens hears what its script publishes right behind the script's reply.
            bool tells = spec.RunsCommands && (PublishesElsewhere(round, shard) || session.Subscriber >= 0 && session.IsSubscriber);
            if (round.IsJoint || tells)
            {
                SetBarrier(round, command);
                return false;
            }
            round.MayOutlast = true;
        }
        round.Commands.Add(command);
        if (shard != _loop.Index) CountRemote(round, shard, spec, slices);
        return session.ReplyMode != ReplyMode.SkipThis;
    }

    /// <summary>Shows a command to whoever watches all of them.</summary>
    internal void Observe(Session session, CommandSpec spec, Arguments args)
    {
        if (Observer is not { } observer) return;
        bool isHidden = (spec.Flags & (CommandFlags.SkipMonitor | CommandFlags.Admin)) != 0;
        if (!isHidden || (spec.Flags & CommandFlags.ShownToMonitors) != 0) observer.Observe(session, spec, args);
    }

    /// <summary>
    /// A command was refused, which fails a transaction. EXEC itself runs all the same, also where there is none, to say why it
    /// does not and to end what was begun: true, and it is the round's barrier.
    /// </summary>
    private bool TellsExec(Session session, Round round, BatchCommand command)
    {
        if (command.Spec < 0 || (_loop.Commands[command.Spec].Flags & CommandFlags.RunsQueue) == 0)
        {
            if (session.Multi is { IsOpen: true } open) open.Fail();
            return false;
        }
        _loop.Multis.Of(session).Refuse((Fault)command.Fault);
        command.Fault = 0;
        SetBarrier(round, command);
        return true;
    }

    /// <summary>MULTI was said: the command waits for EXEC, with its route, unless it is none that may.</summary>
    private void Queue(MultiState multi, CommandSpec spec, Span<ArgumentSlice> slices, ref BatchCommand command)
    {
        if ((spec.Flags & CommandFlags.NoMulti) != 0)
        {
            command.Fault = (short)Fault.NoMulti;
            multi.Fail();
            return;
        }
        if ((spec.Flags & CommandFlags.DenyOom) != 0 && !_loop.AllowsMemory())
        {
            command.Fault = (short)Fault.OutOfMemory;
            multi.Fail();
            return;
        }
        command.Shard = (short)(spec.OnConnection is null ? Route(spec, slices) : -1);
        if (command.Shard < 0 && IsSpread(spec, slices)) command.Shard = Round.Several;
        // What may be suspended runs by itself: EXEC's other commands are not the kind to wait in a batch.
        if (spec.MayBeSuspended) command.Shard = -1;
        multi.Queue(spec.FlagsOf(_loop, new Arguments(slices)), command);
        command.Fault = (short)Fault.Queued;
        command.Shard = -1;
    }

    /// <summary>Makes the round one transaction with a command over several shards or an EXEC, where it needs nothing but its keys.</summary>
    private bool TryJoin(Session session, Round round, CommandSpec spec, ReadOnlySpan<ArgumentSlice> slices, ref BatchCommand command)
    {
        if (round.MayOutlast) return false;
        if ((spec.Flags & CommandFlags.RunsQueue) != 0) return TryJoinQueue(session, round, spec, slices, ref command);
        if (!IsSpread(spec, slices) || (spec.Flags & CommandFlags.DenyOom) != 0 && !_loop.AllowsMemory()) return false;
        command.Shard = Round.Several;
        round.Commands.Add(command);
        round.JointBytes += command.RequestBytes;
        round.IsSpread = true;
        round.Transactions++;
        return true;
    }

    /// <summary>What MULTI has queued stands in the round behind the header of its replies, if nothing but a lock can stop it.</summary>
    private bool TryJoinQueue(Session session, Round round, CommandSpec spec, ReadOnlySpan<ArgumentSlice> slices, ref BatchCommand command)
    {
        if (session.Multi is not { IsOpen: true, IsFailed: false, IsPlain: true, Refusal: Fault.None } multi) return false;
        if (multi.Watched.Count != 0 || multi.Changed.IsRaised || multi.Kept != 0 && round.Left is not null) return false;
        if (round.Commands.Count + multi.Commands.Count > RoundCommandsMax || session.Tracking.Caching != CachingState.None) return false;
        if ((multi.Flags & CommandFlags.DenyOom) != 0 && !_loop.AllowsMemory()) return false;
        command.Fault = (short)Fault.Replies;
        command.ArgumentCount = 0;
        command.RequestBytes = multi.Commands.Count;
        round.Commands.Add(command);
        round.Transactions++;
        for (int i = 0; i < multi.Commands.Count; i++)
        {
            BatchCommand queued = multi.Commands[i];
            if (i < multi.Kept)
            {
                int first = round.Arguments.Count;
                foreach (ref readonly ArgumentSlice slice in multi.Arguments.Slices.Slice(queued.FirstArgument, queued.ArgumentCount))
                    round.Arguments.AddShared(in slice);
                queued.FirstArgument = first;
            }
            CommandSpec what = _loop.Commands[queued.Spec];
            Span<ArgumentSlice> args = round.Arguments.Slice(queued.FirstArgument, queued.ArgumentCount);
            if (Observer is not null) Observe(session, what, new Arguments(args));
            round.Commands.Add(queued);
            round.IsSpread |= queued.Shard == Round.Several;
            if (queued.Shard >= 0 && queued.Shard != _loop.Index) round.RemoteCommands++;
        }
        if (Observer is not null) Observe(session, spec, new Arguments(slices));
        session.Multi = null;
        if (multi.Kept != 0) round.Left = multi;
        else _loop.Multis.Close(multi);
        return true;
    }

    /// <summary>Can each shard run its part of a command, and is the whole made of their replies?</summary>
    private bool IsSpread(CommandSpec spec, ReadOnlySpan<ArgumentSlice> slices)
    {
        if (spec.Spread == Spread.None || spec.Spread == Spread.Elements && _loop.Has(PlantedBugs.PlainMGet)) return false;
        return (slices.Length - spec.Keys[0].BeginIndex) % spec.Keys[0].Step == 0;
    }

    /// <summary>A script may publish, and behind what another shard publishes for the same client.</summary>
    private bool PublishesElsewhere(Round round, int shard)
    {
        bool isElsewhere = round.Publisher >= 0 && round.Publisher != shard && _loop.Broker.HasTopics;
        round.Publisher = shard;
        return isElsewhere;
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
        CommandSpec? found = _loop.Commands.Find(args[0].Span);
        if (found is not { IsPlain: true } || !session.IsPlain || _loop.Busy != BusyWith.Nothing || !found.ArityMatches(args.Length))
            return JudgeClosely(found, session, args, ref command);
        command.Spec = found.Index;
        return found;
    }

    /// <summary>What is wrong with a command, if anything is.</summary>
    private CommandSpec? JudgeClosely(CommandSpec? container, Session session, ReadOnlySpan<ArgumentSlice> args, ref BatchCommand command)
    {
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
        bool isListening = session.Subscriber >= 0 && session.Resp == RespVersion.Resp2 && session.IsSubscriber;
        if (isListening && (spec.Flags & CommandFlags.AllowsSubscriber) == 0) return Refuse(Fault.Subscriber, ref command);
        if (_loop.Busy != BusyWith.Nothing && (spec.Flags & CommandFlags.AllowBusy) == 0)
            return Refuse(_loop.Busy == BusyWith.Script ? Fault.BusyScript : Fault.BusyFunction, ref command);
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
    internal int Route(CommandSpec spec, Span<ArgumentSlice> args)
    {
        if (spec.OnlyKeyIndex is > 0 and var only && only < args.Length)
        {
            int shard = HashAndRoute(ref args[only]);
            return spec.OnShard is null ? -1 : shard;
        }
        int owner = -1;
        bool several = false;
        foreach (KeySpec keys in spec.Keys)
        {
            if (!keys.TryFind(new Arguments(args), out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
            {
                int shard = HashAndRoute(ref args[i]);
                several |= owner >= 0 && shard != owner;
                owner = shard;
            }
        }
        if (several || spec.OnShard is null || spec.MayWait is { } mayWait && mayWait(new Arguments(args))) return -1;
        if (spec.ShardGate is { } mayRun && !mayRun(_loop, new Arguments(args))) return -1;
        return owner < 0 ? _loop.Index : owner;
    }

    private int HashAndRoute(ref ArgumentSlice key)
    {
        key.Hash = _loop.Settings.HashKey.Hash(key.Span);
        return Dispatcher.ShardOf(in key, _loop.Settings, _loop.Peers.Length);
    }

    internal static void CountRemote(Round round, int shard, CommandSpec spec, ReadOnlySpan<ArgumentSlice> args)
    {
        ref Round.Share share = ref round.Shares[shard];
        share.Commands++;
        share.Arguments += args.Length;
        share.IsLong |= !spec.IsBrief;
        foreach (ref readonly ArgumentSlice arg in args)
            if (!arg.IsBlock) share.Bytes += arg.Length;
        round.RemoteCommands++;
    }
}

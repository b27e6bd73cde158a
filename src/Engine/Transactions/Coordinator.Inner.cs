using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;

namespace Anax.Engine.Transactions;

// Commands inside a command: EXEC and scripts run them one after the other under their own locks, and gather the replies.

public sealed partial class Coordinator
{
    private readonly NativeList<ArgumentSlice> _innerArguments = new();
    private BatchCommand _inner;
    private BatchResult _innerResult;

    /// <summary>The arguments of the next <see cref="Call"/>; what they point to must stay until it has ended.</summary>
    internal NativeList<ArgumentSlice> InnerArguments => _innerArguments;

    /// <summary>
    /// Runs a command whose keys this one holds, hashed and routed; shard is that of its keys, -1 where it has none or
    /// several. Its reply is gathered.
    /// </summary>
    internal async Co<Nothing> Call(CommandSpec spec, int shard)
    {
        _inner = new BatchCommand { Spec = spec.Index, ArgumentCount = _innerArguments.Count, Shard = (short)shard };
        if (spec.OnConnection is not null)
        {
            RunOnConnection(in _inner, _innerArguments.Span);
        }
        else if (shard >= 0 && !spec.MayBeSuspended)
        {
            await HopInner(spec, shard, RunInner);
            GatherInner(spec, shard);
        }
        else
        {
            Coordinator inner = BeginInner(in _inner, _innerArguments.Span);
            if (!inner.IsRejected) await inner.Handler(inner);
            EndInner(inner);
        }
        return default;
    }

    /// <summary>
    /// As <see cref="Call"/>, for keys on one shard that are not held yet, of a transaction that has the token: one hop locks them
    /// and runs the command. False where somebody is in the way, or the command may not run in a hop: then nothing has happened.
    /// </summary>
    internal async Co<bool> TryLockAndCall(CommandSpec spec, int shard)
    {
        if (spec.MayBeSuspended) return false;
        _inner = new BatchCommand { Spec = spec.Index, ArgumentCount = _innerArguments.Count, Shard = (short)shard };
        await HopInner(spec, shard, LockAndRunInner);
        if (_parts[shard].Value == 0) return false;
        GatherInner(spec, shard);
        return true;
    }

    private Hop HopInner(CommandSpec spec, int shard, HopCallback callback)
    {
        Begin(callback);
        Send(shard, spec.IsBrief && _innerArguments.Count <= BriefArgumentsMax);
        return new Hop(this);
    }

    private void GatherInner(CommandSpec spec, int shard)
    {
        LogInner(spec);
        _replies.Append(Loop.Events.Chunks, ref _parts[shard].Replies);
    }

    /// <summary>Begins a command that is part of this one and has a coordinator of its own; <see cref="EndInner"/> must follow.</summary>
    internal Coordinator BeginInner(in BatchCommand command, ReadOnlySpan<ArgumentSlice> arguments)
    {
        ReadOnlySpan<ArgumentSlice> args = arguments.Slice(command.FirstArgument, command.ArgumentCount);
        long bytes = 0;
        foreach (ref readonly ArgumentSlice arg in args)
            if (!arg.IsBlock) bytes += arg.Length;
        BatchBlock block = Loop.Batches.Rent(1, args.Length, bytes);
        block.Add(command, args);
        Coordinator inner = Loop.Coordinators.Rent();
        inner.Parent = this;
        inner.Begin(Session, Loop.Commands[command.Spec], block, in _context, command.RequestBytes);
        bool isLimited = (inner.Command.Flags & CommandFlags.DenyOom) != 0 && (_context.Traits & ClientTraits.IgnoresLimit) == 0;
        if (isLimited && !Loop.AllowsMemory()) inner.Reject(Errors.OutOfMemory);
        return inner;
    }

    /// <summary>
    /// Begins a part of this command whose inner commands run in the name of another session, in its database; their
    /// replies are gathered in the part. <see cref="EndPart"/> must follow.
    /// </summary>
    internal Coordinator BeginPart(Session session)
    {
        Coordinator part = Loop.Coordinators.Rent();
        part.Parent = this;
        part.Begin(session, null, Loop.Batches.Rent(0, 0, 0), in _context, 0);
        return part;
    }

    internal void EndPart(Coordinator part) => Loop.Coordinators.Return(part);

    /// <summary>
    /// From now on inner commands run under the locks of the root, whatever there are, with its clock, in the session's
    /// database, and answer in this version of RESP.
    /// </summary>
    internal void SetInnerContext(RespVersion resp)
    {
        _context.NowMs = Root._context.NowMs;
        _context.Traits |= ClientTraits.HoldsLocks | ClientTraits.IgnoresLimit | ClientTraits.Inner;
        _context.Database = Session.Database;
        _context.Resp = resp;
    }

    /// <summary>The inner command has ended: its reply is gathered behind the others.</summary>
    internal void EndInner(Coordinator inner)
    {
        inner.Account();
        _replies.Append(Loop.Events.Chunks, ref inner._replies);
        Loop.Coordinators.Return(inner);
        TakeSession();
    }

    /// <summary>Runs an inner command about the connection.</summary>
    internal void RunOnConnection(in BatchCommand command, Span<ArgumentSlice> arguments)
    {
        CommandContext context = _context;
        BatchRunner.Run(Loop, Session, ref context, new ReadOnlySpan<BatchCommand>(in command), arguments, ref _replies, default);
        TakeSession();
    }

    /// <summary>What an inner command has changed of the session holds for those behind it.</summary>
    private void TakeSession()
    {
        _context.Database = Session.Database;
        _context.Resp = Session.Resp;
        // In EXEC it is the client's own session; that of a script says nothing of who called it.
        if (Session.Multi is { IsOpen: true }) _context.Traits = (_context.Traits & ~ClientTraits.OfSession) | Session.Traits;
    }

    private static void RunInner(ShardScope shard, ref HopFrame hop)
    {
        Coordinator tx = hop.Coordinator;
        CommandContext context = hop.Context;
        BatchRunner.Run(shard.Loop, null, ref context, new ReadOnlySpan<BatchCommand>(in tx._inner), tx._innerArguments.Span,
            ref hop.Replies, new Span<BatchResult>(ref tx._innerResult));
    }

    private static void LockAndRunInner(ShardScope shard, ref HopFrame hop)
    {
        Coordinator tx = hop.Coordinator;
        bool isLocked = tx.Root.TryLockMore(shard.Loop, shard.Loop.Commands[tx._inner.Spec], new Arguments(tx._innerArguments.Span));
        hop.Value = isLocked ? 1 : 0;
        if (isLocked) RunInner(shard, ref hop);
    }

    private void LogInner(CommandSpec spec)
    {
        if (!Loop.Logs.WorthLogging(_innerResult.DurationUs, 0, _innerResult.ReplyEnd)) return;
        Loop.Logs.Log(Session, spec.Index, new Arguments(_innerArguments.Span), _innerResult.DurationUs, 0, _innerResult.ReplyEnd);
    }
}

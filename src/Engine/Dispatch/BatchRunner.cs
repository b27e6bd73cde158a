using System.Runtime.CompilerServices;
using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Engine.Dispatch;

/// <summary>
/// Executes a batch in order on the shard that owns its keys: the one path of every command. Keys are hashed already;
/// their buckets and records are prefetched in windows, then the handlers run.
/// </summary>
internal static class BatchRunner
{
    private const int Window = 32;

    /// <summary>Calls in a row of one command that share a window's time.</summary>
    private struct UntimedCalls
    {
        internal int Spec;
        internal int Calls;
    }

    /// <summary>
    /// Runs commands in order, up to one that must wait for a lock, and returns how many it ran. Session is the client's on
    /// its own loop, null elsewhere; results, where wanted, tell where each reply ends. What the dispatcher refused is
    /// answered in its place.
    /// </summary>
    internal static int Run(EngineLoop loop, Session? session, ref CommandContext context,
        ReadOnlySpan<BatchCommand> commands, Span<ArgumentSlice> arguments, ref ReplyStream replies, Span<BatchResult> results)
    {
        loop.Shard.Advance(ref context);
        var scope = new ShardScope(loop, in context);
        long now = loop.Events.MonotonicNs();
        int done = 0;
        for (int ran = Window; ran == Window && done < commands.Length; done += ran)
        {
            ReadOnlySpan<BatchCommand> window = commands.Slice(done, Math.Min(Window, commands.Length - done));
            if (window.Length > 1 || window[0].Fault == (short)Fault.Part) Prefetch(loop, context.Database, window, arguments);
            ran = RunWindow(loop, session, scope, in context, window, arguments, ref replies,
                results.IsEmpty ? default : results.Slice(done, window.Length), ref now);
        }
        loop.Shard.Arena.Settle();
        return done;
    }

    /// <summary>Returns how many of the window's commands ran: all, or those before the first that must wait for a lock.</summary>
    private static int RunWindow(EngineLoop loop, Session? session, ShardScope scope, in CommandContext context,
        ReadOnlySpan<BatchCommand> window, Span<ArgumentSlice> arguments, ref ReplyStream replies,
        Span<BatchResult> results, ref long now)
    {
        var writer = new ReplyWriter(ref replies, loop.Events.Chunks, context.Resp);
        bool clocksAll = loop.Dispatcher.ClocksAll || window.Length == 1;
        Span<UntimedCalls> runs = stackalloc UntimedCalls[Window];
        long start = now, timed = 0, replyStart = writer.Length;
        int untimed = 0, runCount = 0, i = 0;
        ref ShardCounters counters = ref loop.Shard.Counters;
        ShardCare care = counters.Care;
        for (; i < window.Length; i++)
        {
            ref readonly BatchCommand command = ref window[i];
            var args = new Arguments(arguments.Slice(command.FirstArgument, command.ArgumentCount));
            if ((care & ShardCare.Locks) != 0 && MustWait(loop, in context, in command, args)) break;
            long before = now;
            int durationUs = 0;
            CommandSpec? ran = RunOne(loop, session, scope, in command, args, ref writer);
            care = counters.Care;
            if ((care & (ShardCare.Suspended | ShardCare.ReadyKeys)) != 0 && !LookAfter(loop, in context, care)) break;
            if (ran is null)
            {
                // It was refused, and has no time.
            }
            else if (clocksAll || !ran.IsBrief)
            {
                now = loop.Events.MonotonicNs();
                timed += now - before;
                durationUs = (int)Math.Min((now - before) / 1000, int.MaxValue);
                loop.Statistics.Timed(command.Spec, now - before);
                loop.NoteDuration(command.Spec, now - before);
            }
            else
            {
                // Neighbours are mostly of one kind.
                if (runCount == 0 || runs[runCount - 1].Spec != command.Spec) runs[runCount++] = new UntimedCalls { Spec = command.Spec };
                runs[runCount - 1].Calls++;
                untimed++;
            }
            long replyEnd = writer.Length;
            if (!results.IsEmpty) results[i] = new BatchResult { ReplyEnd = replyEnd, DurationUs = durationUs };
            if (session is not null && command.Fault == 0 && loop.Logs.WorthLogging(durationUs, command.RequestBytes, replyEnd - replyStart))
                loop.Logs.Log(session, command.Spec, args, durationUs, command.RequestBytes, replyEnd - replyStart);
            replyStart = replyEnd;
        }
        writer.Flush();
        if (untimed == 0) return i;
        now = loop.Events.MonotonicNs();
        long share = Math.Max(0, (now - start - timed) / untimed);
        foreach (UntimedCalls run in runs[..runCount]) loop.Statistics.Timed(run.Spec, share, run.Calls);
        return i;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool MustWait(EngineLoop loop, in CommandContext context, in BatchCommand command, Arguments args)
    {
        if (command.Fault != 0 || (context.Traits & ClientTraits.HoldsLocks) != 0) return false;
        CommandSpec spec = loop.Commands[command.Spec];
        return spec.OnShard is not null && CommandLocks.Block(loop.Shard.Locks, spec, args);
    }

    /// <summary>What a command has left to do beside it. False where the command itself goes on beyond this turn.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool LookAfter(EngineLoop loop, in CommandContext context, ShardCare care)
    {
        if ((care & ShardCare.Suspended) != 0) return false;
        if ((care & ShardCare.ReadyKeys) != 0 && (context.Traits & ClientTraits.HoldsLocks) == 0) loop.Waits.Serve();
        return true;
    }

    /// <summary>
    /// Runs one command and returns its row; null where it was refused. Who calls takes the time of commands that may be slow; brief ones
    /// share the time of their window, unless a log or a latency event asks for microseconds.
    /// </summary>
    internal static CommandSpec? RunOne(EngineLoop loop, Session? session, ShardScope scope, in BatchCommand command,
        Arguments args, ref ReplyWriter writer)
    {
        if (command.Fault != 0)
        {
            RunNoted(loop, scope, in command, args, ref writer);
            return null;
        }
        CommandSpec spec = loop.Commands[command.Spec];
        bool isLimited = (spec.Flags & CommandFlags.DenyOom) != 0 && (scope.Context.Traits & ClientTraits.IgnoresLimit) == 0;
        if (isLimited && !loop.AllowsMemory())
        {
            writer.Error(Errors.OutOfMemory);
            loop.Statistics[command.Spec].Rejected++;
            CountError(loop, ref writer);
            return null;
        }
        if (spec.OnShard is { } onShard) onShard(scope, args, ref writer);
        else spec.OnConnection!(new ConnectionScope(loop, session!, spec), args, ref writer);
        if ((scope.Context.Traits & ClientTraits.Tracks) != 0) loop.Tracked.Note(in scope.Context, spec, args);
        loop.Shard.AssertNoOpenEdit();
        if (writer.HasError)
        {
            loop.Statistics[command.Spec].Failed++;
            CountError(loop, ref writer);
        }
        return spec;
    }

    /// <summary>What is no plain command of a client: refused, queued, a header, a part.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void RunNoted(EngineLoop loop, ShardScope scope, in BatchCommand command, Arguments args, ref ReplyWriter writer)
    {
        switch ((Fault)command.Fault)
        {
            case Fault.Part:
                CommandSpec spec = loop.Commands[command.Spec];
                spec.OnShard!(scope, args, ref writer);
                if ((scope.Context.Traits & ClientTraits.Tracks) != 0) loop.Tracked.Note(in scope.Context, spec, args);
                loop.Shard.AssertNoOpenEdit();
                writer.Reset();
                break;
            case Fault.Replies:
                writer.Array(command.RequestBytes);
                break;
            default:
                Faults.Write((Fault)command.Fault, loop, command.Spec, args, ref writer);
                if (writer.HasError) CountError(loop, ref writer);
                break;
        }
    }

    private static void CountError(EngineLoop loop, ref ReplyWriter writer)
    {
        loop.Statistics.Error(writer.ErrorCode);
        writer.Reset();
    }

    private static void Prefetch(EngineLoop loop, int database, ReadOnlySpan<BatchCommand> window, Span<ArgumentSlice> arguments)
    {
        if (loop.Shard.Table(database) is not { } table) return;
        Span<ulong> hashes = stackalloc ulong[Window];
        int count = 0;
        var flags = CommandFlags.None;
        foreach (ref readonly BatchCommand command in window)
        {
            if (command.Fault > (short)Fault.Part) continue;
            CommandSpec spec = loop.Commands[command.Spec];
            int only = spec.OnlyKeyIndex;
            if (only == 0)
            {
                PrefetchSeveral(loop, table, window, arguments);
                return;
            }
            flags |= spec.Flags;
            if (only < command.ArgumentCount) hashes[count++] = arguments[command.FirstArgument + only].Hash;
        }
        table.Entries.Prefetch(hashes[..count], (flags & CommandFlags.Write) != 0);
    }

    /// <summary>As <see cref="Prefetch"/>, of commands that may have any number of keys.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void PrefetchSeveral(EngineLoop loop, KeyTable table, ReadOnlySpan<BatchCommand> window, Span<ArgumentSlice> arguments)
    {
        Span<ulong> hashes = stackalloc ulong[Window];
        int count = 0;
        var flags = CommandFlags.None;
        foreach (ref readonly BatchCommand command in window)
        {
            if (command.Fault > (short)Fault.Part) continue;
            CommandSpec spec = loop.Commands[command.Spec];
            flags |= spec.Flags;
            var args = new Arguments(arguments.Slice(command.FirstArgument, command.ArgumentCount));
            if (spec.Keys is not [var keys, ..] || !keys.TryFind(args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
            {
                hashes[count++] = args.Key(i).Hash;
                if (count < Window) continue;
                table.Entries.Prefetch(hashes, (flags & CommandFlags.Write) != 0);
                count = 0;
            }
        }
        table.Entries.Prefetch(hashes[..count], (flags & CommandFlags.Write) != 0);
    }
}

using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Protocol;

namespace Anax.Engine.Transactions;

/// <summary>
/// EXEC, DISCARD, WATCH and UNWATCH. An EXEC that watches nothing, and whose commands need nothing but their keys, is part of its
/// round (<see cref="JointRounds"/>). Of the others a queue whose keys all lie on one shard runs there in one hop, unless a lock
/// stands in its way; else EXEC takes the locks of all its keys, and of the watched ones, before it looks whether it may run.
/// </summary>
public static class MultiExec
{
    /// <summary>What the shard of an EXEC in one hop has to say.</summary>
    private enum Attempt { Blocked, Changed, Done }

    public static async Co<Nothing> Exec(Coordinator tx)
    {
        MultiState? multi = tx.Session.Multi;
        if (multi is { Refusal: not Fault.None and var refusal })
        {
            Abort(tx, refusal);
        }
        else if (multi is not { IsOpen: true })
        {
            tx.Fail(Errors.ExecWithoutMulti);
            return default;
        }
        else if (multi.IsFailed)
        {
            tx.Fail(Errors.ExecAbort);
        }
        else if ((multi.Flags & CommandFlags.DenyOom) != 0 && !tx.Loop.AllowsMemory())
        {
            Abort(tx, Fault.OutOfMemory);
        }
        else if (multi.Changed.IsRaised)
        {
            AnswerNothing(tx);
        }
        else
        {
            ExecSegment segment = tx.Loop.Segments.Rent();
            tx.Payload = segment;
            await RunQueue(tx, multi, segment);
            tx.Loop.Segments.Return(segment);
        }
        await Leave(tx);
        tx.Loop.Dispatcher.Planner.Observe(tx.Session, tx.Command, tx.Args);
        return default;
    }

    public static async Co<Nothing> Discard(Coordinator tx)
    {
        if (tx.Session.Multi is not { IsOpen: true })
        {
            tx.Fail(Errors.DiscardWithoutMulti);
            return default;
        }
        await Leave(tx);
        AnswerOk(tx);
        return default;
    }

    public static async Co<Nothing> Watch(Coordinator tx)
    {
        MultiState multi = tx.Loop.Multis.Of(tx.Session);
        int first = multi.Watched.Count;
        long before = multi.AllocatedBytes;
        multi.Watch(tx.Args.Slices[1..], tx.Database);
        tx.Loop.Multis.Count(multi, before);
        for (int shard = 0; shard < tx.Shards; shard++) tx.StateOf<int>(shard) = first;
        await tx.HopKeys(AddWatches, releases: true);
        AnswerOk(tx);
        return default;
    }

    public static async Co<Nothing> Unwatch(Coordinator tx)
    {
        if (tx.Session.Multi is { IsOpen: false }) await Leave(tx);
        AnswerOk(tx);
        return default;
    }

    /// <summary>Ends the session's transaction, if there is one: the queue is dropped, and no shard watches for it any more.</summary>
    public static async Co<Nothing> Leave(Coordinator tx)
    {
        if (tx.Session.Multi is not { } multi) return default;
        if (AddressWatched(tx, multi)) await tx.HopAddressed(RemoveWatches, releases: true);
        tx.Loop.Multis.Close(tx.Session);
        return default;
    }

    private static async Co<Nothing> RunQueue(Coordinator tx, MultiState multi, ExecSegment segment)
    {
        int alone = OnlyShard(tx, multi);
        if (alone >= 0)
        {
            _ = segment.TryGather(tx, multi, 0);
            Observe(tx, multi, 0, segment.End);
            await tx.HopAddressed(TryRun, isBrief: segment.IsBrief);
            if (Answered(tx, multi, segment, (Attempt)tx.ValueOf(alone))) return default;
        }
        Wish(tx, multi);
        await tx.Lock();
        if (multi.Changed.IsRaised || tx.HasExpired)
        {
            AnswerNothing(tx);
            tx.Unlock();
            return default;
        }
        bool hasWatches = AddressWatched(tx, multi);
        for (int next = 0; next < multi.Commands.Count;)
        {
            if (segment.TryGather(tx, multi, next))
            {
                if (alone < 0) Observe(tx, multi, next, segment.End);
                bool isLast = segment.End == multi.Commands.Count;
                await tx.HopAddressed(hasWatches ? RemoveWatchesAndRun : RunPart, isLast, segment.IsBrief);
                segment.Join(tx);
                hasWatches = false;
                next = segment.End;
                continue;
            }
            Observe(tx, multi, next, next + 1);
            await RunAlone(tx, multi, next++);
        }
        tx.Unlock();
        Answer(tx, multi.Commands.Count);
        return default;
    }

    private static bool Answered(Coordinator tx, MultiState multi, ExecSegment segment, Attempt attempt)
    {
        if (attempt == Attempt.Blocked) return false;
        multi.ForgetWatches();
        if (attempt == Attempt.Changed)
        {
            AnswerNothing(tx);
            return true;
        }
        segment.Join(tx);
        Answer(tx, multi.Commands.Count);
        return true;
    }

    /// <summary>A command that is no single shard's: one about the connection, or with a coordinator of its own.</summary>
    private static async Co<Nothing> RunAlone(Coordinator tx, MultiState multi, int index)
    {
        CommandSpec spec = tx.Loop.Commands[multi.Commands[index].Spec];
        if (spec.OnConnection is not null)
        {
            tx.RunOnConnection(multi.Commands[index], multi.Arguments.Slices);
            return default;
        }
        Coordinator inner = tx.BeginInner(multi.Commands[index], multi.Arguments.Slices);
        if (!inner.IsRejected) await inner.Handler(inner);
        tx.EndInner(inner);
        return default;
    }

    // ---- what is locked ----

    /// <summary>The shard of all commands and of all watched keys; -1 when there is no such.</summary>
    private static int OnlyShard(Coordinator tx, MultiState multi)
    {
        int only = -1;
        foreach (ref readonly BatchCommand command in multi.Commands.Span)
        {
            if (command.Shard < 0 || only >= 0 && command.Shard != only) return -1;
            only = command.Shard;
        }
        foreach (ref readonly ArgumentSlice key in multi.Watched.Slices)
            if (tx.ShardOf(in key) != only) return -1;
        return only;
    }

    private static void Wish(Coordinator tx, MultiState multi)
    {
        foreach (ref readonly ArgumentSlice key in multi.Watched.Slices) tx.Wish(key.Hash, tx.ShardOf(in key), LockMode.Shared);
        foreach (ref readonly BatchCommand command in multi.Commands.Span)
        {
            CommandSpec spec = tx.Loop.Commands[command.Spec];
            var args = new Arguments(multi.Arguments.Slices.Slice(command.FirstArgument, command.ArgumentCount));
            if (spec.IsWhole) tx.WishAll();
            else tx.WishKeys(spec, args);
            if (spec.ShardGate is not { } isKnown || isKnown(tx.Loop, args)) continue;
            if (tx.Loop.Settings.ScriptLocking == ScriptLocking.Global) tx.WishAll();
            else tx.WishToken();
        }
    }

    // ---- on the shards ----

    private static void TryRun(ShardScope shard, ref HopFrame hop)
    {
        MultiState multi = hop.Coordinator.Session.Multi!;
        hop.Value = (long)Attempt.Blocked;
        if (shard.Shard.Locks.Count != 0 && IsBlocked(shard, multi)) return;
        bool isChanged = multi.Changed.IsRaised || HasExpired(shard, multi);
        RemoveWatches(shard, ref hop);
        hop.Value = (long)(isChanged ? Attempt.Changed : Attempt.Done);
        if (!isChanged) RunPart(shard, ref hop);
    }

    private static bool IsBlocked(ShardScope shard, MultiState multi)
    {
        LockTable locks = shard.Shard.Locks;
        foreach (ref readonly BatchCommand command in multi.Commands.Span)
        {
            var args = new Arguments(multi.Arguments.Slices.Slice(command.FirstArgument, command.ArgumentCount));
            if (CommandLocks.Block(locks, shard.Loop.Commands[command.Spec], args)) return true;
        }
        foreach (ref readonly ArgumentSlice key in multi.Watched.Slices)
            if (locks.Blocks(key.Hash, LockMode.Shared)) return true;
        return false;
    }

    private static void RunPart(ShardScope shard, ref HopFrame hop) => ((ExecSegment)hop.Payload!).RunOn(shard.Loop, ref hop);

    private static void RemoveWatchesAndRun(ShardScope shard, ref HopFrame hop)
    {
        RemoveWatches(shard, ref hop);
        RunPart(shard, ref hop);
    }

    private static void AddWatches(ShardScope shard, ref HopFrame hop)
    {
        Coordinator tx = hop.Coordinator;
        MultiState multi = tx.Session.Multi!;
        for (int i = hop.State<int>(); i < multi.Watched.Count; i++)
        {
            ArgumentSlice key = multi.Watched.Slices[i];
            if (tx.ShardOf(in key) != shard.Id) continue;
            bool exists = shard.Peek(new Key(key.Span, key.Hash)).Exists;
            shard.Shard.Watches.Add(in key, multi.WatchedDatabases[i], exists, multi.Changed);
        }
    }

    private static void RemoveWatches(ShardScope shard, ref HopFrame hop)
    {
        Coordinator tx = hop.Coordinator;
        MultiState multi = tx.Session.Multi!;
        for (int i = 0; i < multi.Watched.Count; i++)
        {
            ref readonly ArgumentSlice key = ref multi.Watched.Slices[i];
            if (tx.ShardOf(in key) == shard.Id) shard.Shard.Watches.Remove(in key, multi.WatchedDatabases[i], multi.Changed);
        }
    }

    /// <summary>Has a key of this shard expired, which is not dropped yet, since it is watched?</summary>
    internal static bool HasExpired(ShardScope shard, MultiState multi)
    {
        for (int i = 0; i < multi.Watched.Count && !shard.Loop.Has(PlantedBugs.WatchBlindToExpiry); i++)
        {
            ref readonly ArgumentSlice key = ref multi.Watched.Slices[i];
            int database = multi.WatchedDatabases[i];
            if (!shard.Owns(new Key(key.Span, key.Hash)) || !shard.Shard.Watches.Existed(in key, database, multi.Changed)) continue;
            if (!shard.PeekIn(database, new Key(key.Span, key.Hash)).Exists) return true;
        }
        return false;
    }

    private static bool AddressWatched(Coordinator tx, MultiState multi)
    {
        foreach (ref readonly ArgumentSlice key in multi.Watched.Slices) tx.Address(tx.ShardOf(in key));
        return multi.Watched.Count != 0;
    }

    // ---- replies ----

    private static void Observe(Coordinator tx, MultiState multi, int from, int end)
    {
        for (int i = from; i < end; i++)
        {
            BatchCommand command = multi.Commands[i];
            var args = new Arguments(multi.Arguments.Slices.Slice(command.FirstArgument, command.ArgumentCount));
            tx.Loop.Dispatcher.Planner.Observe(tx.Session, tx.Loop.Commands[command.Spec], args);
        }
    }

    private static void Answer(Coordinator tx, int count)
    {
        ReplyWriter reply = tx.Writer();
        reply.Array(count);
        tx.Close(ref reply);
        tx.Output.Append(tx.Loop.Events.Chunks, ref tx.Gathered);
    }

    private static void AnswerNothing(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.NullArray();
        tx.Close(ref reply);
    }

    private static void AnswerOk(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.Ok();
        tx.Close(ref reply);
    }

    private static void Abort(Coordinator tx, Fault fault)
    {
        ReplyWriter reply = tx.Writer();
        reply.Error(Errors.ExecAbortBecause, fault switch
        {
            Fault.OutOfMemory => Errors.OutOfMemory.Text,
            Fault.BusyScript => Errors.Busy.Text,
            Fault.BusyFunction => Errors.BusyFunction.Text,
            Fault.NoAuth => Errors.NoAuth.Text,
            Fault.Subscriber => Errors.ExecAsSubscriber,
            _ => "wrong number of arguments for 'exec' command"u8,
        });
        tx.Close(ref reply);
    }
}

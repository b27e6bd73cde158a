using Anax.Core.Memory;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Runtime;

namespace Anax.Engine.Transactions;

/// <summary>What has ended a wait for keys.</summary>
public enum WaitEnd
{
    /// <summary>A shard has served it: the reply is that shard's part.</summary>
    Served,

    /// <summary>A key is ready, and all behind this command wait until it has tried: see <see cref="Coordinator.WaitAgain"/>.</summary>
    Claimed,
    TimedOut,

    /// <summary>CLIENT UNBLOCK … ERROR.</summary>
    Unblocked,

    /// <summary>A lock stood in the way of the first attempt.</summary>
    Locked,
}

// Blocking commands. First each key is tried in order; where none serves, the command stands in the line of each of its
// keys, on whatever shards. One word decides who ends the waiting: a shard that serves claims it, the timer and CLIENT
// UNBLOCK kill it, by compare-and-swap, so no element is taken for a command that has timed out. A shard that finds nothing
// after all gives the claim back, and the command is still in its old place. A command with keys on several shards is only
// claimed: it tries its keys in their order under the locks of all, so it never takes from a later key what an earlier has.

public sealed partial class Coordinator
{
    private const long ClaimRetryNs = 1_000_000;

    private readonly WaitTimer _waitTimer;

    /// <summary>Answers beside those of shards that the next hop awaits.</summary>
    private int _ends;
    private NativeState _wait;
    private HopCallback? _serve;
    private WaitEnd _end;
    private long _deadlineNs;

    private bool _stands;

    /// <summary>The keys that it waits for lie on several shards.</summary>
    internal bool Spans { get; private set; }

    /// <summary>Counts how often it has begun to stand in its lines unclaimed, from 1 on.</summary>
    internal int WaitRound { get; private set; }

    /// <summary>It waits for keys, and for nothing else.</summary>
    public bool IsBlocked { get; private set; }

    /// <summary>The argument that named the key which ended the waiting.</summary>
    public int WokenArgument { get; private set; }

    /// <summary>It stands in the lines of its keys: the first attempt has found nothing.</summary>
    public bool Stands => _stands;

    /// <summary>Inside EXEC and scripts nothing waits.</summary>
    public bool MayBlock => Parent is null && Hosting < 0;

    /// <summary>
    /// Tries the command's keys in order and then waits for them, at most so long (0: for ever). The callback serves the key
    /// that <see cref="HopFrame.Argument"/> names, and leaves a <see cref="WaitResult"/> in its value; it runs on the key's
    /// shard, now or whenever the key has changed; for keys on several shards under the locks of all. After
    /// <see cref="WaitEnd.Claimed"/> the command locks its keys (<see cref="LockKeys"/>), tries, and ends with
    /// <see cref="LeaveLines()"/> or goes on with <see cref="WaitAgain"/>.
    /// </summary>
    public async Co<WaitEnd> WaitForKeys(HopCallback serve, long timeoutNs)
    {
        _serve = serve;
        _stands = false;
        _deadlineNs = timeoutNs == 0 ? 0 : Loop.Events.NowNs + timeoutNs;
        int only = OnlyShard();
        Spans = only < 0;
        WaitRound = 1;
        if (MayBlock && only >= 0)
        {
            BeginWait(WaitState.Claimed);
            await Hop(only, TryAndStand);
            WaitEnd end = await EndWait();
            if (end != WaitEnd.Locked) return end;
        }
        if (MayBlock) await LockKeys();
        if (await TryEach())
        {
            if (MayBlock && _end == WaitEnd.Served) Unlock();
            return _end;
        }
        if (!MayBlock) return WaitEnd.TimedOut;
        EndLocks();
        BeginWait();
        await HopKeys(StandInLines, releases: true);
        return await Settle(await EndWait());
    }

    /// <summary>Tries the keys in their order for a claim of a command over several shards, until something is found or it is over.</summary>
    private async Co<WaitEnd> Settle(WaitEnd end)
    {
        while (end == WaitEnd.Claimed && Spans)
        {
            await LockKeys();
            if (await TryEach())
            {
                if (_end == WaitEnd.Served) await LeaveLines();
                return _end;
            }
            end = await GiveBack();
        }
        return end;
    }

    /// <summary>Locks the command's keys, where it does not hold them yet.</summary>
    public async Co<Nothing> LockKeys()
    {
        if (!MayBlock || HoldsLocks()) return default;
        WishKeys(Command, Args);
        await Lock();
        return default;
    }

    /// <summary>
    /// Locks everything, for a command that learns from data which keys it needs; what is part of a transaction has its token.
    /// </summary>
    public async Co<Nothing> LockAll()
    {
        if (Root.CoversAll) return default;
        if (!MayBlock)
        {
            await Root.LockAllMore();
            return default;
        }
        WishAll();
        await Lock();
        return default;
    }

    /// <summary>Gives back what <see cref="LockKeys"/> or <see cref="LockAll"/> got.</summary>
    public void ReleaseLocks()
    {
        if (MayBlock) Unlock();
    }

    /// <summary>Claimed for nothing: waits on, from the old place in all lines.</summary>
    public async Co<WaitEnd> WaitAgain() => await Settle(await GiveBack());

    private async Co<WaitEnd> GiveBack()
    {
        Unlock();
        EndLocks();
        BeginWait();
        WaitRound++;
        _wait.Set((int)WaitState.Waiting);
        await HopKeys(GiveBackHere);
        return await EndWait();
    }

    /// <summary>Claimed, and done: gives locks and places back.</summary>
    public async Co<Nothing> LeaveLines()
    {
        if (MayBlock) Unlock();
        if (_stands) await HopKeys(Leave);
        _stands = false;
        return default;
    }

    /// <summary>CLIENT UNBLOCK: as if the time were up, or with an error. False where something else is just ending the wait.</summary>
    public bool TryUnblock(bool withError)
    {
        if (!IsBlocked || !_wait.TryChange((int)WaitState.Waiting, (int)WaitState.Killed)) return false;
        End(withError ? WaitEnd.Unblocked : WaitEnd.TimedOut);
        return true;
    }

    /// <summary>The time is up, or the client is gone.</summary>
    internal void TimeOut()
    {
        if (!IsBlocked) return;
        if (_wait.TryChange((int)WaitState.Waiting, (int)WaitState.TimedOut)) End(WaitEnd.TimedOut);
        // A shard is trying to serve it. If that comes to nothing, the time is still up.
        else Loop.Events.Schedule(_waitTimer, Loop.Events.NowNs + ClaimRetryNs);
    }

    /// <summary>A shard that has claimed the wait says how it ended; on that shard's loop.</summary>
    internal void TakeEnd(WaitEnd end, int argument)
    {
        _end = end;
        WokenArgument = argument;
    }

    /// <summary>
    /// Has a key of a shard something for the command? On that shard's loop, while the command may be under way elsewhere: nothing
    /// of it changes. The callback sees a copy of its state, which is under way, too, but for what was there before it waited.
    /// </summary>
    internal WaitResult LookOn(EngineLoop loop, int argument)
    {
        loop.Events.RefreshClocks();
        var part = new Part { Context = new CommandContext { Database = Database, NowMs = loop.Events.NowMs, Traits = ClientTraits.NoTouch } };
        part.TakeState(in _parts[loop.Index]);
        loop.Shard.Advance(ref part.Context);
        return Serve(new ShardScope(loop, in part.Context), ref part, argument, isLook: true);
    }

    /// <summary>Tries to serve the command from a key of a shard, on that shard's loop; it stands still, so all of it may be used.</summary>
    internal WaitResult ServeOn(EngineLoop loop, int argument)
    {
        ref Part part = ref _parts[loop.Index];
        // What was begun long ago is served now: a key may have come and expired within the command that made it ready.
        loop.Events.RefreshClocks();
        part.Context = _context;
        part.Context.NowMs = Math.Max(part.Context.NowMs, loop.Events.NowMs);
        loop.Shard.Advance(ref part.Context);
        return Serve(new ShardScope(loop, in part.Context), ref part, argument);
    }

    /// <summary>
    /// The wait's end counts as one more answer that the next hop awaits. One that begins claimed is ended by nobody before its
    /// first attempt.
    /// </summary>
    private void BeginWait(WaitState state = WaitState.Waiting)
    {
        if (_wait.IsNull) _wait = NativeState.Allocate();
        if (!_stands) _wait.Set((int)state);
        IsBlocked = true;
        Loop.Transactions.Blocked++;
        _ends = 1;
        if (_deadlineNs != 0) Loop.Events.Schedule(_waitTimer, _deadlineNs);
        if (Session.Gone || Session.InputEnded) Loop.Events.Schedule(_waitTimer, Loop.Events.NowNs);
    }

    private async Co<WaitEnd> EndWait()
    {
        IsBlocked = false;
        Loop.Transactions.Blocked--;
        Loop.Events.Cancel(_waitTimer);
        if (_end != WaitEnd.Claimed) await LeaveLines();
        return _end;
    }

    private void End(WaitEnd end)
    {
        _end = end;
        IsBlocked = false;
        Loop.Grants.Tell(Owner);
    }

    private int OnlyShard()
    {
        int only = -1;
        for (int shard = 0; shard < Shards; shard++)
        {
            if (!OwnsKeys(shard)) continue;
            if (only >= 0) return -1;
            only = shard;
        }
        return only;
    }

    // ---- on the shards ----

    private static void TryAndStand(ShardScope shard, ref HopFrame hop)
    {
        Coordinator tx = hop.Coordinator;
        KeyWaits waits = shard.Loop.Waits;
        if (shard.Shard.Locks.Count != 0 && CommandLocks.Block(shard.Shard.Locks, tx.Command, tx.Args))
        {
            waits.Wake(tx, WaitEnd.Locked, 0, 0);
            return;
        }
        WaitResult tried = tx.TryOwn(shard, ref tx._parts[shard.Id]);
        if (tried != WaitResult.Empty)
        {
            waits.Wake(tx, tried == WaitResult.Served ? WaitEnd.Served : WaitEnd.Claimed, tx.WokenArgument, 0);
            return;
        }
        StandInLines(shard, ref hop);
        tx._wait.Set((int)WaitState.Waiting);
    }

    /// <summary>Tries this shard's keys in order: what the first of them says that has something for the command, else empty.</summary>
    private WaitResult TryOwn(ShardScope shard, ref Part part)
    {
        foreach (KeySpec keys in Command.Keys)
        {
            if (!keys.TryFind(Args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
            {
                if (ShardOf(i) != shard.Id) continue;
                WaitResult result = Serve(shard, ref part, i);
                if (result is not (WaitResult.Served or WaitResult.Claimed)) continue;
                WokenArgument = i;
                return result;
            }
        }
        return WaitResult.Empty;
    }

    private WaitResult Serve(ShardScope shard, ref Part part, int argument, bool isLook = false)
    {
        part.Value = (long)WaitResult.Empty;
        var frame = new HopFrame(this, ref part, shard.Loop, argument, isLook);
        _serve!(shard, ref frame);
        shard.Shard.AssertNoOpenEdit();
        return (WaitResult)part.Value;
    }

    private static void StandInLines(ShardScope shard, ref HopFrame hop)
    {
        Coordinator tx = hop.Coordinator;
        tx._stands = true;
        foreach (KeySpec keys in tx.Command.Keys)
        {
            if (!keys.TryFind(tx.Args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
            {
                if (tx.ShardOf(i) != shard.Id) continue;
                var waiter = new WaitTable.Waiter
                {
                    State = tx._wait,
                    Loop = tx.Loop.Index,
                    Coordinator = tx.Index,
                    Argument = i,
                    HearsLoss = tx.Command.HearsLoss,
                };
                shard.Shard.Waits.Add(tx.Args.Slices[i].Hash, tx.Database, waiter);
            }
        }
    }

    private static void Leave(ShardScope shard, ref HopFrame hop)
    {
        Coordinator tx = hop.Coordinator;
        foreach (KeySpec keys in tx.Command.Keys)
        {
            if (!keys.TryFind(tx.Args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
                if (tx.ShardOf(i) == shard.Id) shard.Shard.Waits.Remove(tx.Args.Slices[i].Hash, tx.Database, tx._wait);
        }
    }

    private static void GiveBackHere(ShardScope shard, ref HopFrame hop)
    {
        Coordinator tx = hop.Coordinator;
        foreach (KeySpec keys in tx.Command.Keys)
        {
            if (!keys.TryFind(tx.Args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
                if (tx.ShardOf(i) == shard.Id) shard.Shard.Waits.Release(tx.Args.Slices[i].Hash, tx.Database, tx._wait, tx.WaitRound);
        }
    }

    /// <summary>Under the locks of all keys: each in order. True when one has served.</summary>
    private async Co<bool> TryEach()
    {
        foreach (KeySpec keys in Command.Keys)
        {
            if (!keys.TryFind(Args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
            {
                WokenArgument = i;
                await Hop(ShardOf(i), ServeNow);
                var result = (WaitResult)ValueOf(ShardOf(i));
                _end = result == WaitResult.Served ? WaitEnd.Served : WaitEnd.Claimed;
                if (result is WaitResult.Served or WaitResult.Claimed) return true;
            }
        }
        return false;
    }

    private static void ServeNow(ShardScope shard, ref HopFrame hop)
    {
        Coordinator tx = hop.Coordinator;
        int argument = tx.WokenArgument;
        hop.Value = (long)WaitResult.Empty;
        if (tx._stands && !shard.Loop.Waits.ServeBefore(tx.Args.Slices[argument].Hash, tx.Database, tx._wait)) return;
        _ = tx.Serve(shard, ref tx._parts[shard.Id], argument);
    }

    private sealed class WaitTimer(Coordinator tx) : LoopTimer
    {
        public override void OnTimer() => tx.TimeOut();
    }
}

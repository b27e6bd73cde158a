using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Text;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Runtime;

namespace Anax.Scripting;

// A script as a coordinator: under locks, in slices. A key that they do not cover is locked when it is needed, for which the
// transaction must be dynamic (see Coordinator.Locks). One that cannot become that begins anew with the token, as long as it
// has only read; one that has written waits for the token with what it holds, unless the dynamic transaction waits for that.

internal sealed partial class ScriptRun
{
    /// <summary>A key that a command needs and that no lock covers.</summary>
    private readonly record struct Need(ulong Fingerprint, int Shard);

    private readonly NativeList<Need> _needs = new();
    private bool _strayed;

    /// <summary>Runs a call from its begin to its end.</summary>
    internal static async Co<Nothing> Coordinate(Coordinator tx, ScriptKind kind)
    {
        ScriptHost host = ScriptHost.Of(tx.Loop);
        if (host.Rent() is not { } run)
        {
            tx.Fail(Errors.OutOfMemory);
            return default;
        }
        if (run.TryAdmit(tx, kind) && (run._known is not null || await run.Register(tx)) && run.TryJudge(tx))
        {
            bool isAlone = tx.Parent is null;
            if (isAlone)
            {
                run.Wish(tx, withMore: run.MayStray);
                await tx.Lock();
            }
            Coordinator part = tx.BeginPart(run.Session);
            run.Start(run._kept.Slices);
            await run.Run(part);
            tx.EndPart(part);
            if (isAlone) tx.Unlock();
            run.AnswerTo(tx);
            await run.Leave(tx);
        }
        host.Return(run);
        return default;
    }

    public override async Co<Nothing> GoOn(Coordinator tx)
    {
        if (_isBegun) tx.Adopt(_touched.Span);
        else
        {
            tx.Unlock();
            tx.ForgetLocks();
        }
        if (_known is not null || await Register(tx) && TryJudge(tx))
        {
            if (!_isBegun)
            {
                Wish(tx, withMore: MayStray);
                await tx.Lock();
                Start(_kept.Slices);
            }
            await Run(tx);
            AnswerTo(tx);
        }
        tx.Unlock();
        await Leave(tx);
        _host.Return(this);
        return default;
    }

    private bool TryAdmit(Coordinator tx, ScriptKind kind)
    {
        ErrorReply error = Admit(kind, tx.Args, mayBeNew: false);
        if (!error.IsEmpty)
        {
            tx.Fail(error);
            return false;
        }
        _kept.Add(tx.Args.Slices);
        var context = new CommandContext
        {
            NowMs = tx.NowMs,
            ClientId = tx.Session.Id,
            Database = tx.Database,
            Resp = tx.Resp,
            Home = (ushort)_loop.Index,
        };
        Enter(in context);
        return true;
    }

    private bool TryJudge(Coordinator tx)
    {
        ErrorReply error = Judge();
        if (error.IsEmpty) return true;
        Fail(tx, error);
        return false;
    }

    /// <summary>Wants the declared keys, and where the script may need more, what lets it ask for it later.</summary>
    private void Wish(Coordinator tx, bool withMore)
    {
        if (_loop.Has(PlantedBugs.ScriptWithoutLocks)) return;
        LockMode mode = _isReadOnly ? LockMode.Shared : LockMode.Exclusive;
        foreach (ref readonly ArgumentSlice key in _kept.Slices.Slice(FirstKey, _keys)) tx.Wish(key.Hash, tx.ShardOf(in key), mode);
        if (!withMore) return;
        if (_loop.Settings.ScriptLocking == ScriptLocking.Global) tx.WishAll();
        else tx.WishToken();
    }

    private bool MayStray => !_known!.IsProven || _known.IsStraying;

    private async Co<Nothing> Run(Coordinator tx)
    {
        _host.Enter(this);
        while (_status is LuaStatus.Call or LuaStatus.Yield)
        {
            if (_status == LuaStatus.Yield || _loop.Events.MonotonicNs() > _sliceEndNs) await Rest(tx);
            if (_status == LuaStatus.Yield || _isKilled)
            {
                Resume(default);
                continue;
            }
            if (!_isReady && TryAnswer()) continue;
            if (!await Cover(tx)) continue;
            tx.InnerArguments.Clear();
            foreach (ref readonly ArgumentSlice arg in _call.Span) tx.InnerArguments.Add(in arg);
            tx.SetInnerContext(_lua.Resp == 3 ? RespVersion.Resp3 : RespVersion.Resp2);
            await CallCovered(tx);
            Resume(tx.Gathered.Flatten(_flat));
            tx.Gathered.Free(_loop.Events.Chunks);
        }
        return default;
    }

    /// <summary>Lets the loop take its turn; who runs for too long makes others hear of it.</summary>
    private async Co<Nothing> Rest(Coordinator tx)
    {
        long threshold = _loop.Settings.BusyReplyThresholdMs;
        if (!_isBusy && threshold != 0 && DurationMs >= threshold)
        {
            _isBusy = true;
            tx.Payload = this;
            await tx.HopAll(EnterBusy);
        }
        _host.Rests++;
        await tx.Yield();
        if (tx.Root.Session.Gone && !HasWritten) Kill();
        _sliceEndNs = _loop.Events.MonotonicNs() + SliceNs;
        return default;
    }

    /// <summary>
    /// Finds what the command needs beyond what is held, and sees to it that it may be locked. False where the script was answered,
    /// or begins anew.
    /// </summary>
    private async Co<bool> Cover(Coordinator tx)
    {
        _needs.Clear();
        if (_loop.Has(PlantedBugs.ScriptWithoutLocks)) return true;
        Coordinator root = tx.Root;
        if (_spec!.IsWhole || _spec.ShardGate is { } isKnown && !isKnown(_loop, new Arguments(_call.Span)))
        {
            _strayed |= tx.Shards > 1;
            if (root.CoversAll) return true;
            if (!root.IsDynamic && !await BecomeDynamic(tx)) return false;
            await root.LockAllMore();
            return true;
        }
        FindNeeds(root);
        return _needs.Count == 0 || root.IsDynamic || await BecomeDynamic(tx);
    }

    /// <summary>Runs the command, and locks what is not held: with the same hop where that can be.</summary>
    private async Co<Nothing> CallCovered(Coordinator tx)
    {
        if (_needs.Count != 0)
        {
            if (_shard >= 0 && await tx.TryLockAndCall(_spec!, _shard)) return default;
            for (int i = 0; i < _needs.Count; i++) await tx.Root.LockMore(_needs[i].Fingerprint, _needs[i].Shard);
        }
        await tx.Call(_spec!, _shard);
        return default;
    }

    private void FindNeeds(Coordinator root)
    {
        var args = new Arguments(_call.Span);
        bool writes = (_spec!.Flags & CommandFlags.Write) != 0;
        foreach (KeySpec keys in _spec.Keys)
        {
            if (!keys.TryFind(args, out int first, out int last)) continue;
            LockMode mode = writes ? CommandLocks.ModeOf(keys) : LockMode.Shared;
            for (int i = first; i <= last; i += keys.Step)
            {
                ref readonly ArgumentSlice key = ref args.Slices[i];
                // Also where others' locks happen to cover it, as in EXEC.
                _strayed |= Strays(in key, _kept.Slices);
                if (!root.Covers(key.Hash, mode)) _needs.Add(new Need(key.Hash, root.ShardOf(in key)));
            }
        }
    }

    /// <summary>
    /// May this key lie elsewhere than those that are declared? It may be on their shard now and its like on others the next
    /// time, unless its tag holds it there.
    /// </summary>
    private bool Strays(in ArgumentSlice key, ReadOnlySpan<ArgumentSlice> call)
    {
        if (_loop.Loops.Length == 1) return false;
        ReadOnlySpan<ArgumentSlice> declared = call.Slice(FirstKey, _keys);
        foreach (ref readonly ArgumentSlice one in declared)
            if (one.Hash == key.Hash) return false;
        if (!_loop.Settings.ShardOnHashTags) return true;
        ReadOnlySpan<byte> tag = Crc16.HashTag(key.Span);
        foreach (ref readonly ArgumentSlice one in declared)
            if (Crc16.HashTag(one.Span).SequenceEqual(tag)) return false;
        return true;
    }

    private async Co<bool> BecomeDynamic(Coordinator tx)
    {
        Coordinator root = tx.Root;
        // What stands around it in EXEC cannot begin anew.
        bool mayRestart = !_hasEffects && tx.Parent is not { Parent: not null };
        if (await root.TryBecomeDynamic(mayWait: !mayRestart)) return true;
        // Next time it asks for the token first.
        _strayed = true;
        if (mayRestart) await Restart(root);
        else Refuse(Errors.ScriptStrays, null);
        return false;
    }

    private async Co<Nothing> Restart(Coordinator root)
    {
        _host.Restarts++;
        _lua.Kill();
        while (_status is LuaStatus.Call or LuaStatus.Yield) Resume(default);
        root.Unlock();
        root.ForgetLocks();
        Wish(root, withMore: true);
        await root.Lock();
        _carrier.Enter(_database);
        HasWritten = false;
        Start(_kept.Slices);
        return default;
    }

    /// <summary>Tells the loops what the run has shown, and that nobody has to wait for it any more.</summary>
    private async Co<Nothing> Leave(Coordinator tx)
    {
        _host.Leave(this);
        tx.Payload = this;
        if (_isBusy) await tx.HopAll(LeaveBusy);
        if (_known is { } known && (_strayed ? !known.IsStraying : !known.IsProven)) await tx.HopAll(Learn);
        return default;
    }

    private static void EnterBusy(ShardScope shard, ref HopFrame hop) =>
        ScriptHost.Of(shard.Loop).CountBusy(((ScriptRun)hop.Payload!).IsFunction, 1);

    private static void LeaveBusy(ShardScope shard, ref HopFrame hop) =>
        ScriptHost.Of(shard.Loop).CountBusy(((ScriptRun)hop.Payload!).IsFunction, -1);

    private static void Learn(ShardScope shard, ref HopFrame hop)
    {
        var run = (ScriptRun)hop.Payload!;
        if (run._known!.On(ScriptHost.Of(shard.Loop)) is not { } known) return;
        known.IsProven = true;
        known.IsStraying |= run._strayed;
    }

    private void AnswerTo(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        Answer(ref reply);
        CloseFor(tx, ref reply);
    }

    private void Fail(Coordinator tx, ErrorReply error)
    {
        ReplyWriter reply = tx.Writer();
        reply.Error(error);
        CloseFor(tx, ref reply);
    }

    /// <summary>Nobody accounts for a hosted command's errors but itself.</summary>
    private void CloseFor(Coordinator tx, ref ReplyWriter reply)
    {
        if (tx.Hosting >= 0 && reply.HasError) _loop.Statistics[ScriptingCommands.RowOf(_kind).Index].Failed++;
        tx.Close(ref reply);
    }
}

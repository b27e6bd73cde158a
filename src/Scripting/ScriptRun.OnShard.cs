using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Runtime;

namespace Anax.Scripting;

// A script in its batch, within one turn: nothing else runs on the shard meanwhile, so it locks nothing. It notes what it
// touches: that is locked when it cannot end within the turn. One that was seen to stray since its batch was made does not
// begin here: it locks first.

internal sealed partial class ScriptRun
{
    private readonly NativeList<LockedKey> _touched = new();

    internal static void RunOnShard(ScriptKind kind, ShardScope shard, Arguments args, ref ReplyWriter reply)
    {
        ScriptHost host = ScriptHost.Of(shard.Loop);
        if (host.Rent() is not { } run)
        {
            reply.Error(Errors.OutOfMemory);
            return;
        }
        ErrorReply error = run.Admit(kind, args, mayBeNew: true);
        if (error.IsEmpty && run._known is not null) error = run.Judge();
        if (error.IsEmpty)
        {
            run.Enter(in shard.Context);
            if (!run.TryEndHere(args))
            {
                run._kept.Add(args.Slices);
                host.Suspended++;
                shard.Suspend(run);
                return;
            }
            host.InlineScripts++;
            if (run._strayed) run._known!.IsStraying = true;
            run.Answer(ref reply);
        }
        else reply.Error(error);
        host.Return(run);
    }

    /// <summary>Runs until the script ends, or needs what it cannot have here.</summary>
    private bool TryEndHere(Arguments args)
    {
        LockMode mode = _isReadOnly ? LockMode.Shared : LockMode.Exclusive;
        for (int i = FirstKey; i < FirstKey + _keys; i++) _touched.Add(new LockedKey(args.Slices[i].Hash, mode));
        if (_known is null || _known.IsStraying && _loop.Loops.Length > 1) return false;
        Start(args.Slices);
        while (_status == LuaStatus.Call)
        {
            if (!_isReady && TryAnswer()) continue;
            if (!TryCallHere(args.Slices)) return false;
        }
        return _status != LuaStatus.Yield;
    }

    private bool TryCallHere(ReadOnlySpan<ArgumentSlice> call)
    {
        CommandSpec spec = _spec!;
        long before = _loop.Events.MonotonicNs();
        if (before > _sliceEndNs) return false;
        var args = new Arguments(_call.Span);
        if (spec.OnConnection is null && (_shard != _loop.Index || IsBlocked(spec, args))) return false;
        _context.Database = _carrier.Session.Database;
        _context.Resp = _lua.Resp == 3 ? RespVersion.Resp3 : RespVersion.Resp2;
        ReplyStream stream = ReplyStream.Embedded(_scratch.Span);
        var writer = new ReplyWriter(ref stream, _loop.Events.Chunks, _context.Resp);
        var command = new BatchCommand { Spec = spec.Index, ArgumentCount = args.Count, Shard = (short)_shard };
        var shard = new ShardScope(_loop, in _context);
        BatchRunner.RunOne(_loop, _carrier.Session, shard, in command, args, ref writer);
        writer.Flush();
        // Found to be long: the script goes on as a coordinator, and runs it so.
        if (shard.TryTakeBack()) return false;
        Account(spec, args, _loop.Events.MonotonicNs() - before, stream.Length);
        Note(spec, args, call);
        Resume(stream.Flatten(_flat));
        stream.Free(_loop.Events.Chunks);
        return true;
    }

    private void Account(CommandSpec spec, Arguments args, long ns, long replyBytes)
    {
        _loop.Statistics.Timed(spec.Index, ns);
        _loop.NoteDuration(spec.Index, ns);
        int us = (int)Math.Min(ns / 1000, int.MaxValue);
        if (_loop.Logs.WorthLogging(us, 0, replyBytes)) _loop.Logs.Log(_carrier.Session, spec.Index, args, us, 0, replyBytes);
    }

    /// <summary>Does somebody's lock stand in the way? What its batch holds the script may use.</summary>
    private bool IsBlocked(CommandSpec spec, Arguments args)
    {
        LockTable locks = _loop.Shard.Locks;
        if (locks.Count == 0) return false;
        if ((_context.Traits & ClientTraits.HoldsLocks) == 0) return CommandLocks.Block(locks, spec, args);
        foreach (KeySpec keys in spec.Keys)
        {
            if (!keys.TryFind(args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
                if (!IsDeclared(args.Key(i).Hash) && locks.Blocks(args.Key(i).Hash, CommandLocks.ModeOf(keys))) return true;
        }
        return false;
    }

    private bool IsDeclared(ulong fingerprint)
    {
        foreach (ref readonly LockedKey key in _touched.Span[.._keys])
            if (key.Fingerprint == fingerprint) return true;
        return false;
    }

    private void Note(CommandSpec spec, Arguments args, ReadOnlySpan<ArgumentSlice> call)
    {
        foreach (KeySpec keys in spec.Keys)
        {
            if (!keys.TryFind(args, out int first, out int last)) continue;
            for (int i = first; i <= last; i += keys.Step)
            {
                _strayed = _strayed || Strays(in args.Slices[i], call);
                var key = new LockedKey(args.Key(i).Hash, CommandLocks.ModeOf(keys));
                // Loops over one key, and what was declared as the only one, are the most of it.
                if (_touched.Count == 0 || _touched[_touched.Count - 1] != key) _touched.Add(in key);
            }
        }
    }
}

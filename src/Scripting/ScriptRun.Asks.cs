using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using Anax.Runtime;

namespace Anax.Scripting;

// What a script asks for: what needs no data is answered at once, a command is judged and made ready.

internal sealed partial class ScriptRun
{
    private readonly NativeList<ArgumentSlice> _call = new();
    private CommandSpec? _spec;
    private int _shard;
    private bool _isReady;

    /// <summary>It has done more than to read, so that it cannot begin anew.</summary>
    private bool _hasEffects;

    private void Resume(ReadOnlySpan<byte> reply)
    {
        _isReady = false;
        _status = _lua.Resume(reply);
    }

    /// <summary>Answers what the script asks for; false where that is a command, which is ready to run then.</summary>
    private bool TryAnswer()
    {
        switch (_lua.Ask)
        {
            case LuaAsk.Log:
                _host.Log.Write(_lua.Argument(0)[0] - '0', _lua.Argument(1));
                Resume(default);
                return true;
            case LuaAsk.Sha1:
                AnswerSha1();
                return true;
            case LuaAsk.AccessCheck:
                if (FindRow(out _) is null) Refuse(Errors.InvalidAclCheck, null);
                else Resume(":1\r\n"u8);
                return true;
            default:
                return !TryMakeReady();
        }
    }

    private void AnswerSha1()
    {
        Span<byte> reply = stackalloc byte[5 + Sha1Digest.TextLength + 2];
        "$40\r\n"u8.CopyTo(reply);
        Sha1Digest.Write(_lua.Argument(0), reply[5..]);
        "\r\n"u8.CopyTo(reply[^2..]);
        Resume(reply);
    }

    private CommandSpec? FindRow(out CommandSpec? container)
    {
        container = _loop.Commands.Find(_lua.Argument(0));
        if (container is { Parent: not null }) container = null;
        if (container is not { IsContainer: true } || _lua.ArgumentCount < 2) return container;
        return _loop.Commands.FindSubcommand(container, _lua.Argument(1));
    }

    /// <summary>The guards, then the route. False where the script has got an error instead.</summary>
    private bool TryMakeReady()
    {
        if (FindRow(out CommandSpec? container) is not { } spec)
        {
            RefuseUnknown(container);
            return false;
        }
        if (!spec.ArityMatches(_lua.ArgumentCount)) return Refuse(Errors.ScriptWrongArity, spec);
        if ((spec.Flags & CommandFlags.NoScript) != 0 && !MayRunAny(spec)) return Refuse(Errors.NotFromScript, spec);
        if (spec.Gate is { } allows && !allows(_loop, _carrier.Session)) return Refuse(Errors.NotFromScript, spec);
        bool isLimited = (spec.Flags & CommandFlags.DenyOom) != 0 && !_allowsOom && !HasWritten;
        if (isLimited && !_loop.AllowsMemory()) return Refuse(Errors.OutOfMemory, spec);
        const CommandFlags Writes = CommandFlags.Write | CommandFlags.MayReplicate;
        if (_isReadOnly && (spec.Flags & Writes) != 0) return Refuse(Errors.ScriptIsReadOnly, spec);
        HasWritten |= (spec.Flags & CommandFlags.Write) != 0;
        _hasEffects |= (spec.Flags & CommandFlags.ReadOnly) == 0 && spec.OnConnection is null;
        _call.Clear();
        for (int i = 0; i < _lua.ArgumentCount; i++) _call.Add(ArgumentSlice.From(_lua.Argument(i)));
        _loop.Dispatcher.Planner.Observe(_carrier.Session, spec, new Arguments(_call.Span));
        _spec = spec;
        _shard = spec.OnConnection is null ? _loop.Dispatcher.Planner.Route(spec, _call.Span) : -1;
        _isReady = true;
        return true;
    }

    /// <summary>A test has opened what is kept from scripts. What changes how its client is served stays closed.</summary>
    private bool MayRunAny(CommandSpec spec)
    {
        const CommandFlags Closed = CommandFlags.OpensMulti | CommandFlags.RunsInMulti | CommandFlags.Barrier | CommandFlags.OwnLocks;
        return _loop.ScriptsRunAll && (spec.Flags & Closed) == 0;
    }

    private bool Refuse(ErrorReply error, CommandSpec? spec)
    {
        if (spec is not null) _loop.Statistics[spec.Index].Rejected++;
        _loop.Statistics.Error(error.Code);
        Resume(error.Bytes);
        return false;
    }

    private void RefuseUnknown(CommandSpec? container)
    {
        if (container is null)
        {
            Refuse(Errors.UnknownFromScript, null);
            return;
        }
        ReplyStream stream = ReplyStream.Embedded(_scratch.Span);
        var writer = new ReplyWriter(ref stream, _loop.Events.Chunks, RespVersion.Resp2);
        writer.UnknownSubcommand(container.FullNameLower, _lua.Argument(1));
        writer.Flush();
        _loop.Statistics.Error("ERR"u8);
        Resume(stream.Flatten(_flat));
        stream.Free(_loop.Events.Chunks);
    }
}

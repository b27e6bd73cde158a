using System.Runtime.CompilerServices;
using Anax.Core.Buffers;

namespace Anax.Engine.Dispatch;

/// <summary>One loop's three logs of remarkable commands (COMMANDLOG, SLOWLOG), and who is entered into which.</summary>
public sealed class CommandLogs
{
    private readonly EngineLoop _loop;
    private readonly CommandLog[] _logs = [new(), new(), new()];
    private long _ids;

    // From where on a command is entered; beyond every figure where a log is off.
    private long _slowFrom;
    private long _requestFrom;
    private long _replyFrom;

    internal CommandLogs(EngineLoop loop)
    {
        _loop = loop;
        Apply(loop.Settings);
    }

    public CommandLog this[CommandLogKind kind] => _logs[(int)kind];

    /// <summary>Takes new limits over: entries beyond them are forgotten.</summary>
    internal void Apply(EngineSettings settings)
    {
        _slowFrom = From(settings.CommandLogSlowerThanUs);
        _requestFrom = From(settings.CommandLogRequestLargerThan);
        _replyFrom = From(settings.CommandLogReplyLargerThan);
        this[CommandLogKind.Slow].Shrink(settings.CommandLogSlowLengthMax);
        this[CommandLogKind.LargeRequest].Shrink(settings.CommandLogRequestLengthMax);
        this[CommandLogKind.LargeReply].Shrink(settings.CommandLogReplyLengthMax);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal bool WorthLogging(int durationUs, long requestBytes, long replyBytes) =>
        durationUs >= _slowFrom || requestBytes >= _requestFrom || replyBytes >= _replyFrom;

    internal void Log(Session session, int spec, Arguments args, int durationUs, long requestBytes, long replyBytes)
    {
        CommandSpec command = _loop.Commands[spec];
        if ((command.Flags & CommandFlags.SkipCommandLog) != 0) return;
        EngineSettings settings = _loop.Settings;
        LogOne(CommandLogKind.Slow, durationUs, settings.CommandLogSlowerThanUs, settings.CommandLogSlowLengthMax, session, command, args);
        LogOne(CommandLogKind.LargeRequest, requestBytes, settings.CommandLogRequestLargerThan, settings.CommandLogRequestLengthMax, session, command, args);
        LogOne(CommandLogKind.LargeReply, replyBytes, settings.CommandLogReplyLargerThan, settings.CommandLogReplyLengthMax, session, command, args);
    }

    private static long From(long threshold) => threshold < 0 ? long.MaxValue : threshold;

    private void LogOne(CommandLogKind kind, long value, long threshold, int lengthMax, Session session, CommandSpec spec, Arguments args)
    {
        if (threshold < 0 || value < threshold) return;
        // Ids of different loops must differ and grow with time.
        long id = _ids++ * _loop.Peers.Length + _loop.Index;
        this[kind].Add(session, spec, args, id, _loop.Events.NowMs, value, lengthMax);
    }
}

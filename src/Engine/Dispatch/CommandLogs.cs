using Anax.Core.Buffers;

namespace Anax.Engine.Dispatch;

/// <summary>One loop's three logs of remarkable commands (COMMANDLOG, SLOWLOG), and who is entered into which.</summary>
public sealed class CommandLogs
{
    private readonly EngineLoop _loop;
    private readonly CommandLog[] _logs = [new(), new(), new()];
    private long _ids;

    internal CommandLogs(EngineLoop loop) => _loop = loop;

    public CommandLog this[CommandLogKind kind] => _logs[(int)kind];

    /// <summary>Takes new limits over: entries beyond them are forgotten.</summary>
    internal void Apply(EngineSettings settings)
    {
        this[CommandLogKind.Slow].Shrink(settings.CommandLogSlowLengthMax);
        this[CommandLogKind.LargeRequest].Shrink(settings.CommandLogRequestLengthMax);
        this[CommandLogKind.LargeReply].Shrink(settings.CommandLogReplyLengthMax);
    }

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
        long id = _ids++ * _loop.Peers.Length + _loop.Index;
        this[kind].Add(session, spec, args, id, _loop.Events.NowMs, value, lengthMax);
    }
}

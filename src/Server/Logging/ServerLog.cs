using Anax.Scripting;
using Anax.Server.Options;
using Microsoft.Extensions.Logging;

namespace Anax.Server.Logging;

/// <summary>All that the server itself reports, one method per event, so that nothing is formatted that nobody reads.</summary>
public sealed partial class ServerLog(ILogger logger) : IScriptLog
{
    private readonly ILogger _logger = logger;

    /// <summary>Follows a change of the log's options.</summary>
    public void Apply(ServerSettings settings) => (_logger as LogWriter)?.Apply(settings);

    [LoggerMessage(1, LogLevel.Information, "Anax {Version} is starting, pid {Pid}")]
    public partial void Starting(string version, int pid);

    [LoggerMessage(2, LogLevel.Information, "{Threads} threads, {Pinning}")]
    public partial void Threads(int threads, string pinning);

    [LoggerMessage(3, LogLevel.Information, "Event loop: {Backend} ({Reason})")]
    public partial void Backend(string backend, string reason);

    [LoggerMessage(4, LogLevel.Information, "Memory limit: {Megabytes} MiB ({Origin})")]
    public partial void MemoryLimit(long megabytes, string origin);

    [LoggerMessage(5, LogLevel.Information, "Listening on {Address}")]
    public partial void Listening(string address);

    [LoggerMessage(6, LogLevel.Information, "Ready to accept connections")]
    public partial void Ready();

    [LoggerMessage(7, LogLevel.Warning, "Accepting on {Address} failed: error {Errno}")]
    public partial void AcceptFailed(string address, int errno);

    [LoggerMessage(8, LogLevel.Warning, "Closing client {Id} at {Peer}: {Bytes} bytes of input exceed client-query-buffer-limit")]
    public partial void QueryBufferLimit(long id, string peer, long bytes);

    [LoggerMessage(9, LogLevel.Warning, "Closing client {Id} at {Peer}: {Bytes} bytes of unread replies exceed client-output-buffer-limit")]
    public partial void OutputBufferLimit(long id, string peer, long bytes);

    [LoggerMessage(10, LogLevel.Warning, "A turn of loop {Loop} took {Milliseconds:F1} ms; longest command: {Command}, {CommandMilliseconds:F1} ms")]
    public partial void LongTurn(int loop, double milliseconds, string command, double commandMilliseconds);

    [LoggerMessage(11, LogLevel.Warning, "maxclients is lowered from {Wanted} to {Granted}: the system grants {Descriptors} open files")]
    public partial void ClientsLowered(long wanted, long granted, long descriptors);

    [LoggerMessage(12, LogLevel.Information, "{Reason}: no more connections are accepted, replies are flushed")]
    public partial void Stopping(string reason);

    [LoggerMessage(13, LogLevel.Information, "Bye")]
    public partial void Stopped();

    [LoggerMessage(14, LogLevel.Warning, "Could not listen on {Address}: {Why}; going on without it")]
    public partial void OptionalAddressMissing(string address, string why);

    [LoggerMessage(15, LogLevel.Information, "{Text}")]
    public partial void Notice(string text);

    [LoggerMessage(16, LogLevel.Warning, "Failed to write PID file: {Reason}")]
    public partial void PidFileFailed(string reason);

    [LoggerMessage(17, LogLevel.Critical, "The server does not start: {Reason}")]
    public partial void StartFailed(string reason);

    [LoggerMessage(EventId = 18, Message = "{Text}")]
    private partial void Script(LogLevel level, string text);

    void IScriptLog.Write(int level, ReadOnlySpan<byte> text)
    {
        LogLevel weight = level switch
        {
            0 => LogLevel.Trace,
            1 => LogLevel.Debug,
            2 => LogLevel.Information,
            _ => LogLevel.Warning,
        };
        if (!_logger.IsEnabled(weight)) return;
        string line = System.Text.Encoding.UTF8.GetString(text);
        Script(weight, line);
    }
}

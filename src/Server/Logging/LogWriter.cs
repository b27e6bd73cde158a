using System.Text;
using Anax.Runtime;
using Anax.Server.Options;
using Microsoft.Extensions.Logging;

namespace Anax.Server.Logging;

/// <summary>
/// Where the log goes and what is left out: standard output, a file, standard error, or two of them. Any thread may
/// log; a line is one write. The level and the form may change at any time.
/// </summary>
public sealed class LogWriter : ILogger, IDisposable
{
    private readonly OutputFile[] _outputs;
    private readonly TimeProvider _clock;
    private readonly int _pid = Environment.ProcessId;
    private volatile Choice _choice;

    /// <summary>Opens the log file; throws <see cref="IOException"/> with the system's reason.</summary>
    public LogWriter(ServerSettings settings, TimeProvider clock) : this(settings, clock, OutputsOf(settings)) { }

    internal LogWriter(ServerSettings settings, TimeProvider clock, OutputFile[] outputs)
    {
        _clock = clock;
        _outputs = outputs;
        _choice = Choice.Of(settings, isReplica: false);
    }

    /// <summary>Follows a change of the options; where the log goes stays as it is.</summary>
    public void Apply(ServerSettings settings) => _choice = Choice.Of(settings, _choice.IsReplica);

    /// <summary>The letter of the role that stands in each line.</summary>
    public void SetRole(bool isReplica) => _choice = _choice with { IsReplica = isReplica };

    public bool IsEnabled(LogLevel logLevel) => logLevel >= _choice.Least && logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        var choice = _choice;
        if (logLevel < choice.Least || logLevel == LogLevel.None)
            return;
        var message = formatter(state, exception);
        if (exception is not null)
            message = $"{message}: {exception}";
        var time = TimeZoneInfo.ConvertTime(_clock.GetUtcNow(), _clock.LocalTimeZone);
        var line = LogLine.Format(choice.Format, choice.Timestamp, _pid, choice.IsReplica, time, logLevel, message);
        var bytes = Encoding.UTF8.GetBytes(line);
        foreach (var output in _outputs)
            output.Write(bytes);
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Dispose()
    {
        foreach (var output in _outputs)
            output.Dispose();
    }

    private static OutputFile[] OutputsOf(ServerSettings settings)
    {
        if (settings.LogFile is null)
            return [settings.LogToStandardError ? OutputFile.StandardError : OutputFile.StandardOutput];
        var file = OutputFile.Open(Path.GetFullPath(settings.LogFile, settings.Folder));
        return settings.LogToStandardError || settings.AlsoLogToStandardError ? [file, OutputFile.StandardError] : [file];
    }

    /// <summary>What may change while others log; replaced as a whole.</summary>
    private sealed record Choice(LogLevel Least, LogFormat Format, LogTimestampFormat Timestamp, bool IsReplica)
    {
        public static Choice Of(ServerSettings settings, bool isReplica)
        {
            var least = settings.LogLevel switch
            {
                ServerLogLevel.Debug => LogLevel.Trace,
                ServerLogLevel.Verbose => LogLevel.Debug,
                ServerLogLevel.Notice => LogLevel.Information,
                ServerLogLevel.Warning => LogLevel.Warning,
                _ => LogLevel.None,
            };
            return new Choice(least, settings.LogFormat, settings.LogTimestampFormat, isReplica);
        }
    }
}

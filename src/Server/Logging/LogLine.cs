using System.Globalization;
using System.Text;
using Anax.Server.Options;
using Microsoft.Extensions.Logging;

namespace Anax.Server.Logging;

/// <summary>Writes one line of the log in one of Valkey's three forms, so that existing tools read it.</summary>
internal static class LogLine
{
    private const string Signs = ".-*#";

    private static readonly string[] LevelNames = ["debug", "info", "notice", "warning"];
    private static readonly string[] Months =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

    /// <summary>Valkey's four weights; errors and worse count as warnings.</summary>
    public static int Weight(LogLevel level) => Math.Min((int)level, (int)LogLevel.Warning);

    public static string Format(LogFormat format, LogTimestampFormat timestamp, int pid, bool isReplica,
        DateTimeOffset time, LogLevel level, string message)
    {
        var role = isReplica ? "replica" : "primary";
        var name = LevelNames[Weight(level)];
        var stamp = Stamp(timestamp, time);
        return format switch
        {
            LogFormat.Logfmt => Invariant(
                $"pid={pid} role={role} timestamp=\"{stamp}\" level={name} message=\"{Plain(message)}\"\n"),
            LogFormat.Json => Invariant(
                $"{{\"pid\":{pid},\"role\":\"{role}\",\"timestamp\":\"{stamp}\",\"level\":\"{name}\",")
                + $"\"message\":{Quote(message)}}}\n",
            _ => Invariant($"{pid}:{(isReplica ? 'S' : 'M')} {stamp} {Signs[Weight(level)]} {message}\n"),
        };
    }

    private static string Stamp(LogTimestampFormat format, DateTimeOffset time) => format switch
    {
        LogTimestampFormat.Iso8601 => time.ToString("yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture),
        LogTimestampFormat.Milliseconds => Invariant($"{time.ToUnixTimeMilliseconds()}"),
        _ => Invariant($"{time:dd} {Months[time.Month - 1]} {time:yyyy HH:mm:ss.fff}"),
    };

    /// <summary>Logfmt has no escapes: what would end the text is replaced.</summary>
    private static string Plain(string message) =>
        message.Replace('"', '\'').Replace('\n', ' ').Replace('\r', ' ');

    private static string Quote(string message)
    {
        var quoted = new StringBuilder("\"");
        foreach (var character in message)
        {
            quoted.Append(character switch
            {
                '\\' => "\\\\",
                '"' => "\\\"",
                '\n' => "\\n",
                '\f' => "\\f",
                '\r' => "\\r",
                '\t' => "\\t",
                '\b' => "\\b",
                < ' ' => $"\\u{(int)character:x4}",
                _ => character.ToString(),
            });
        }
        return quoted.Append('"').ToString();
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

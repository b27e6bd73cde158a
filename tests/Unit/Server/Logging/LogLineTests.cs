using Anax.Server.Logging;
using Anax.Server.Options;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Anax.Tests.Unit.Server.Logging;

public sealed class LogLineTests
{
    private static readonly DateTimeOffset Time = new(2026, 11, 4, 2, 44, 6, 123, TimeSpan.FromMinutes(-90));

    [Theory]
    [InlineData(LogLevel.Trace, '.')]
    [InlineData(LogLevel.Debug, '-')]
    [InlineData(LogLevel.Information, '*')]
    [InlineData(LogLevel.Warning, '#')]
    [InlineData(LogLevel.Critical, '#')]
    public void TheLegacyFormIsValkeys(LogLevel level, char sign) => Assert.Equal(
        $"7:M 04 Nov 2026 02:44:06.123 {sign} Ready \"now\"\n", Format(LogFormat.Legacy, level: level));

    [Fact]
    public void AReplicaHasItsOwnLetter() =>
        Assert.StartsWith("7:S ", Format(LogFormat.Legacy, isReplica: true));

    [Fact]
    public void LogfmtReplacesWhatEndsAText() => Assert.Equal(
        "pid=7 role=primary timestamp=\"04 Nov 2026 02:44:06.123\" level=notice message=\"a 'b' c d\"\n",
        Format(LogFormat.Logfmt, message: "a \"b\"\nc\rd"));

    [Fact]
    public void JsonEscapes() => Assert.Equal(
        "{\"pid\":7,\"role\":\"replica\",\"timestamp\":\"04 Nov 2026 02:44:06.123\",\"level\":\"warning\","
            + "\"message\":\"a\\\"\\\\\\n\\t\\u0001é\"}\n",
        Format(LogFormat.Json, level: LogLevel.Error, isReplica: true, message: "a\"\\\n\t\u0001é"));

    [Theory]
    [InlineData(LogTimestampFormat.Iso8601, "2026-11-04T02:44:06.123-01:30")]
    [InlineData(LogTimestampFormat.Milliseconds, "1793765646123")]
    public void TheTimeHasThreeForms(LogTimestampFormat timestamp, string stamp) =>
        Assert.Equal($"7:M {stamp} * Ready \"now\"\n", Format(LogFormat.Legacy, timestamp));

    private static string Format(LogFormat format, LogTimestampFormat timestamp = LogTimestampFormat.Legacy,
        LogLevel level = LogLevel.Information, bool isReplica = false, string message = "Ready \"now\"") =>
        LogLine.Format(format, timestamp, 7, isReplica, Time, level, message);
}

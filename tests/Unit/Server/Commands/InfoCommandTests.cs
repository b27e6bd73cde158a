using System.Text.RegularExpressions;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Server.Commands;

public class InfoCommandTests
{
    private const string DefaultSections =
        "Server Clients Memory Persistence Threads Stats Replication CPU Modules Errorstats Cluster Keyspace";
    private const string AllSections =
        "Server Clients Memory Persistence Threads Stats Replication CPU Modules Commandstats Errorstats Latencystats "
        + "Cluster Keyspace";

    [Theory]
    [InlineData(DefaultSections)]
    [InlineData(DefaultSections, "default")]
    [InlineData(AllSections, "ALL")]
    [InlineData(AllSections, "everything", "cpu")]
    [InlineData("CPU", "cpu", "sentinel")]
    [InlineData("Memory CPU", "cpu", "MEMORY", "cpu")]
    [InlineData("", "nosuchsection")]
    public void SectionsAreShownAsAskedFor(string expected, params string[] sections)
    {
        using var server = new TestServer(2);
        string info = server.Run(["INFO", .. sections]);
        var shown = Regex.Matches(info, "^# (.*)\r$", RegexOptions.Multiline).Select(match => match.Groups[1].Value);
        Assert.Equal(expected, string.Join(' ', shown));
        Assert.DoesNotContain("\r\n\r\n\r\n", info, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryLineIsAHeadingOrAField()
    {
        using var server = new TestServer(3);
        server.Run("SET", "k", "v");
        server.Run("GET", "k", "too many");
        foreach (string line in server.Run("INFO", "everything").Split("\r\n"))
            Assert.Matches(@"^(# [A-Za-z]+|[a-zA-Z0-9_|.-]+:[^\r\n]*|)$", line);
    }

    [Fact]
    public void FiguresAreSumsOverAllLoops()
    {
        using var server = new TestServer(4);
        for (int i = 0; i < 100; i++) server.Run("SET", $"k{i}", "v", "EX", "1000");
        for (int i = 0; i < 200; i++) server.Run("GET", $"k{i}");
        server.Run("GET");
        string info = server.Run("INFO", "everything");
        Assert.Equal("keys=100,expires=100,avg_ttl=0,keys_with_volatile_items=0", Field(info, "db0"));
        Assert.Equal("100", Field(info, "keyspace_hits"));
        Assert.Equal("100", Field(info, "keyspace_misses"));
        Assert.Equal("300", Field(info, "total_commands_processed"));
        Assert.StartsWith("calls=200,", Field(info, "cmdstat_get"), StringComparison.Ordinal);
        Assert.EndsWith(",rejected_calls=1,failed_calls=0", Field(info, "cmdstat_get"), StringComparison.Ordinal);
        Assert.Equal("count=1", Field(info, "errorstat_ERR"));
        Assert.Equal("7.2.4", Field(info, "redis_version"));
        Assert.Equal("anax", Field(info, "server_name"));
        Assert.Contains(":connections=1,", info, StringComparison.Ordinal);
        Assert.True(long.Parse(Field(info, "used_memory")) > 100 * 30);
    }

    [Fact]
    public void ResetForgetsWhatWasCounted()
    {
        using var server = new TestServer(2);
        server.Run("GET", "none");
        server.Run("GET");
        Assert.Equal("OK", server.Run("CONFIG", "RESETSTAT"));
        string info = server.Run("INFO", "everything");
        Assert.Equal("0", Field(info, "keyspace_misses"));
        Assert.DoesNotContain("cmdstat_get:", info, StringComparison.Ordinal);
        Assert.DoesNotContain("errorstat_", info, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(5000, "1")]
    [InlineData(200, "0")]
    public void LargeValuesThatWereFreedInStepsAreCounted(int members, string freed)
    {
        using var server = new TestServer(2);
        server.Run(["SADD", "s", .. Enumerable.Range(0, members).Select(i => $"member {i}")]);
        server.Run("CONFIG", "RESETSTAT");
        server.Run("UNLINK", "s");
        server.RunUntil(() => Field(server.Run("INFO", "memory"), "lazyfree_pending_objects") == "0", "the end of the value");
        Assert.Equal(freed, Field(server.Run("INFO", "memory"), "lazyfreed_objects"));
        server.Run("CONFIG", "RESETSTAT");
        Assert.Equal("0", Field(server.Run("INFO", "memory"), "lazyfreed_objects"));
    }

    private static string Field(string info, string name)
    {
        Match match = Regex.Match(info, $"^{Regex.Escape(name)}:(.*)\r$", RegexOptions.Multiline);
        Assert.True(match.Success, $"no field {name}");
        return match.Groups[1].Value;
    }
}

using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Server.Commands;

public class ServerCommandsTests
{
    private const string SyntaxError = "-ERR syntax error";
    private const string NotInteger = "-ERR value is not an integer or out of range";

    [Theory]
    [InlineData("[master, :0, []]", "ROLE")]
    [InlineData(":0", "WAIT", "0", "0")]
    [InlineData(":0", "WAIT", "1", "10")]
    [InlineData(NotInteger, "WAIT", "x", "0")]
    [InlineData("-ERR timeout is negative", "WAIT", "1", "-1")]
    [InlineData("-ERR timeout is out of range", "WAIT", "2", "9223372036854775807")]
    [InlineData("[:0, :0]", "WAITAOF", "0", "1", "10")]
    [InlineData("-ERR WAITAOF cannot be used when numlocal is set but appendonly is disabled.", "WAITAOF", "1", "0", "0")]
    [InlineData("-ERR value is out of range, value must between 0 and 1", "WAITAOF", "2", "0", "0")]
    [InlineData("-ERR value is out of range, must be positive", "WAITAOF", "0", "-1", "0")]
    [InlineData("OK", "REPLICAOF", "no", "ONE")]
    [InlineData("-ERR Invalid master port", "SLAVEOF", "host", "70000")]
    [InlineData("-ERR FAILOVER requires connected replicas.", "FAILOVER")]
    [InlineData("-ERR No failover in progress.", "FAILOVER", "ABORT")]
    [InlineData("[]", "MODULE", "LIST")]
    [InlineData("-ERR This instance has cluster support disabled", "CLUSTER", "INFO")]
    [InlineData("-ERR This instance has cluster support disabled", "CLUSTER", "HELP")]
    [InlineData("-ERR wrong number of arguments for 'cluster|keyslot' command", "CLUSTER", "KEYSLOT")]
    [InlineData("-ERR unknown subcommand 'FOO'. Try CLUSTER HELP.", "CLUSTER", "FOO")]
    [InlineData("default", "ACL", "WHOAMI")]
    [InlineData("-ERR Unknown category 'foo'", "ACL", "CAT", "foo")]
    [InlineData("-ERR No shutdown in progress.", "SHUTDOWN", "ABORT")]
    [InlineData(SyntaxError, "SHUTDOWN", "SAVE", "NOSAVE")]
    [InlineData(SyntaxError, "SHUTDOWN", "ABORT", "NOW")]
    [InlineData(SyntaxError, "SHUTDOWN", "MAYBE")]
    [InlineData("-ERR SHUTDOWN FAILOVER is only supported in cluster mode.", "SHUTDOWN", "FAILOVER")]
    [InlineData("-ERR Errors trying to SHUTDOWN. Check logs.", "SHUTDOWN", "SAVE")]
    [InlineData("-ERR MODULE command not allowed. If the enable-module-command option is set to \"local\", you can run it from "
        + "a local connection, otherwise you need to set this option in the configuration file, and then restart the server.",
        "MODULE", "LOAD", "x")]
    [InlineData("-ERR This version cannot save to disk yet: nothing was saved", "BGSAVE")]
    [InlineData(NotInteger, "LOLWUT", "VERSION", "x")]
    public void WhatIsTrueIsAnsweredAndWhatIsNotIsRefused(string expected, params string[] command)
    {
        using var server = new TestServer(2);
        Assert.Equal(expected, server.Run(command));
    }

    [Fact]
    public void TimeIsNow()
    {
        using var server = new TestServer();
        Reply time = server.Ask("TIME");
        long us = long.Parse(time.Items[0].Text) * 1_000_000 + long.Parse(time.Items[1].Text);
        Assert.InRange(Math.Abs(us / 1000 - DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()), 0, 5000);
    }

    [Fact]
    public void EveryContainerHasHelp()
    {
        using var server = new TestServer();
        foreach (string container in "CLIENT CONFIG SLOWLOG COMMANDLOG LATENCY MODULE ACL".Split(' '))
        {
            Reply help = server.Ask(container, "HELP");
            Assert.Equal($"{container} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:", help.Items[0].Text);
            Assert.Equal("    Print this help.", help.Items[^1].Text);
            Assert.True(help.Items.Count > 6);
        }
    }

    [Fact]
    public void LatencyOfSlowCommandsIsRemembered()
    {
        // A threshold that no other command of this test reaches, however busy the machine is.
        using var server = new TestServer(2, "--latency-monitor-threshold", "400", "--enable-debug-command", "yes");
        Assert.Equal("[]", server.Run("LATENCY", "LATEST"));
        server.Run("DEBUG", "SLEEP", "0.5");
        Reply latest = server.Ask("LATENCY", "LATEST");
        Assert.Equal("command", latest.Items[0].Items[0].Text);
        Assert.InRange(latest.Items[0].Items[2].Integer, 500, 20_000);
        Assert.Single(server.Ask("LATENCY", "HISTORY", "command").Items);
        Assert.StartsWith("command - high ", server.Run("LATENCY", "GRAPH", "command"), StringComparison.Ordinal);
        Assert.Contains("1. command: 1 latency spikes", server.Run("LATENCY", "DOCTOR"), StringComparison.Ordinal);
        Assert.Equal("-ERR No samples available for event 'fork'", server.Run("LATENCY", "GRAPH", "fork"));
        Assert.Equal(":1", server.Run("LATENCY", "RESET", "command", "fork"));
        Assert.Equal(":0", server.Run("LATENCY", "RESET"));
        Assert.Equal("[]", server.Run("LATENCY", "HISTORY", "command"));
    }

    [Fact]
    public void LatencyHistogramsCountCalls()
    {
        using var server = new TestServer(3);
        for (int i = 0; i < 10; i++) server.Run("GET", $"k{i}");
        Reply histogram = server.Ask("LATENCY", "HISTOGRAM", "get", "nosuchcommand", "set");
        Assert.Equal("get", histogram.Items[0].Text);
        Assert.Equal(":10", histogram.Items[1].Field("calls")!.Text);
        Assert.Equal(":10", histogram.Items[1].Field("histogram_usec")!.Items[^1].Text);
        Assert.Equal(2, histogram.Items.Count);
    }
}

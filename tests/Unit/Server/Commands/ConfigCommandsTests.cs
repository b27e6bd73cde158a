using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Server.Commands;

public class ConfigCommandsTests
{
    [Fact]
    public void WhatIsSetHoldsOnEveryLoopBeforeTheAnswer()
    {
        using var server = new TestServer(4);
        TestClient[] clients = [server.Connect(0), server.Connect(1), server.Connect(2), server.Connect(3)];
        for (int i = 0; i < clients.Length; i++)
        {
            Assert.Equal("OK", clients[i].Run("CONFIG", "SET", "slowlog-max-len", $"{i + 10}", "maxmemory", $"{i + 1}gb"));
            foreach (var loop in server.Loops) Assert.Equal(i + 10, loop.Settings.CommandLogSlowLengthMax);
            foreach (TestClient client in clients)
                Assert.Equal($"[maxmemory, {(i + 1L) << 30}]", client.Run("CONFIG", "GET", "maxmemory"));
        }
        Assert.Equal(4L << 30, server.Server.Engine.Budget.Limit);
    }

    [Fact]
    public void AllOfAChangeHoldsOrNothingOfIt()
    {
        using var server = new TestServer(2);
        Assert.Equal(
            "-ERR CONFIG SET failed (possibly related to argument 'hz') - argument couldn't be parsed into an integer",
            server.Run("CONFIG", "SET", "timeout", "7", "hz", "x"));
        Assert.Equal("[timeout, 0]", server.Run("CONFIG", "GET", "timeout"));
    }

    [Theory]
    [InlineData("-ERR Unknown option or number of arguments for CONFIG SET - 'foo'", "foo", "bar")]
    [InlineData("-ERR CONFIG SET failed (possibly related to argument 'databases') - can't set immutable config", "databases", "3")]
    [InlineData("-ERR syntax error", "timeout", "1", "hz")]
    public void WrongRequestsAreRefusedInValkeysWords(string error, params string[] pairs)
    {
        using var server = new TestServer(2);
        Assert.Equal(error, server.Run(["CONFIG", "SET", .. pairs]));
    }

    [Fact]
    public void GetShowsNamesAsTheyAreAskedForInTheirOrder()
    {
        using var server = new TestServer();
        Assert.Equal("[MAXMEMORY, 0, timeout, 0]", server.Run("CONFIG", "GET", "timeout", "MAXMEMORY", "nosuch"));
        Assert.Equal("[]", server.Run("CONFIG", "GET", "nosuch"));
        Reply slow = server.Ask("CONFIG", "GET", "slowlog-*");
        Assert.Equal("slowlog-log-slower-than", slow.Items[0].Text);
        Assert.Equal("slowlog-max-len", slow.Items[2].Text);
        Assert.Equal("-ERR The server is running without a config file", server.Run("CONFIG", "REWRITE"));
    }

    [Fact]
    public void ALowerLimitOfMemoryRefusesTheNextWrite()
    {
        using var server = new TestServer(2);
        Assert.Equal("OK", server.Run("SET", "k", "v"));
        Assert.Equal("OK", server.Run("CONFIG", "SET", "maxmemory", "1"));
        Assert.StartsWith("-OOM command not allowed", server.Run("SET", "k", "w"), StringComparison.Ordinal);
        Assert.Equal("v", server.Run("GET", "k"));
        Assert.Equal("OK", server.Run("CONFIG", "SET", "maxmemory", "0"));
        Assert.Equal("OK", server.Run("SET", "k", "w"));
    }
}

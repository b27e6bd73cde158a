using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

/// <summary>CL.THROTTLE: limited, limit, remaining, seconds until a retry, seconds until all is as new.</summary>
public class ThrottleCommandTests
{
    private const string NotInteger = "-ERR value is not an integer or out of range";

    [Fact]
    public void ABurstIsGrantedAndThenNoMore()
    {
        using var server = new TestServer(2);
        Assert.Equal("[:0, :3, :2, :-1, :1001]", server.Run("CL.THROTTLE", "k", "2", "1", "1000"));
        server.RunFor(2);
        Assert.Equal("[:0, :3, :1, :-1, :2000]", server.Run("CL.THROTTLE", "k", "2", "1", "1000"));
        Assert.Equal("[:0, :3, :0, :-1, :3000]", server.Run("CL.THROTTLE", "k", "2", "1", "1000"));
        Assert.Equal("[:1, :3, :0, :1000, :3000]", server.Run("CL.THROTTLE", "k", "2", "1", "1000"));
        Assert.Equal("[:1, :3, :0, :1000, :3000]", server.Run("CL.THROTTLE", "k", "2", "1", "1000"));
        Assert.Equal("[:0, :3, :2, :-1, :1001]", server.Run("CL.THROTTLE", "other", "2", "1", "1000"));
        Assert.Equal(["set k", "expire k", "set k", "expire k", "set k", "expire k", "set other", "expire other"], server.Events);
    }

    [Fact]
    public void AQuantityCountsManyTimesAndNoneOnlyLooks()
    {
        using var server = new TestServer();
        Assert.Equal("[:0, :5, :2, :-1, :3001]", server.Run("CL.THROTTLE", "k", "4", "1", "1000", "3"));
        server.Events.Clear();
        server.RunFor(2);
        Assert.Equal("[:0, :5, :2, :-1, :3000]", server.Run("CL.THROTTLE", "k", "4", "1", "1000", "0"));
        Assert.Equal("[:1, :5, :2, :1000, :3000]", server.Run("CL.THROTTLE", "k", "4", "1", "1000", "3"));
        // More than a burst is never granted: there is no use in waiting.
        Assert.Equal("[:1, :5, :2, :-1, :3000]", server.Run("CL.THROTTLE", "k", "4", "1", "1000", "6"));
        Assert.Equal("[:0, :5, :5, :-1, :0]", server.Run("CL.THROTTLE", "none", "4", "1", "1000", "0"));
        Assert.Equal(":0", server.Run("EXISTS", "none"));
        Assert.Empty(server.Events);
    }

    [Fact]
    public void TimePaysAndTheKeyGoesWhenAllIsPaid()
    {
        using var server = new TestServer();
        Assert.Equal("[:0, :1, :0, :-1, :1]", server.Run("CL.THROTTLE", "k", "0", "2", "1"));
        Assert.Equal("[:1, :1, :0, :1, :1]", server.Run("CL.THROTTLE", "k", "0", "2", "1"));
        server.RunFor(510);
        Assert.Equal(":0", server.Run("EXISTS", "k"));
        Assert.Equal("[:0, :1, :0, :-1, :1]", server.Run("CL.THROTTLE", "k", "0", "2", "1"));
    }

    [Fact]
    public void TheKeyHoldsItsMomentInNanoseconds()
    {
        using var server = new TestServer();
        server.Run("CL.THROTTLE", "k", "0", "1", "1000");
        long momentNs = long.Parse(server.Run("GET", "k"), System.Globalization.CultureInfo.InvariantCulture);
        Assert.Equal($":{momentNs / 1_000_000}", server.Run("PEXPIRETIME", "k"));
        server.Run("SET", "k", (momentNs + 1_000_000_000_000).ToString(System.Globalization.CultureInfo.InvariantCulture));
        server.RunFor(2);
        Assert.Equal("[:1, :1, :0, :2000, :2000]", server.Run("CL.THROTTLE", "k", "0", "1", "1000"));
    }

    [Theory]
    [InlineData("CL.THROTTLE k x 1 1", NotInteger)]
    [InlineData("CL.THROTTLE k -1 1 1", NotInteger)]
    [InlineData("CL.THROTTLE k 1 -1 1", NotInteger)]
    [InlineData("CL.THROTTLE k 1 0 1", NotInteger)]
    [InlineData("CL.THROTTLE k 1 1 -1", NotInteger)]
    [InlineData("CL.THROTTLE k 1 1 1 -1", NotInteger)]
    [InlineData("CL.THROTTLE k 1 1 one", NotInteger)]
    [InlineData("CL.THROTTLE k 9223372036854775807 1 1", NotInteger)]
    [InlineData("CL.THROTTLE k 9223372036854775806 1 1", NotInteger)]
    [InlineData("CL.THROTTLE k 1 1 9223372037", NotInteger)]
    [InlineData("CL.THROTTLE k 1 1 1 9223372037", NotInteger)]
    [InlineData("CL.THROTTLE k 1 1 0", "-ERR zero rates are not supported")]
    [InlineData("CL.THROTTLE k 1 2000000001 1", "-ERR zero rates are not supported")]
    [InlineData("CL.THROTTLE k 1 1", "-ERR wrong number of arguments for 'cl.throttle' command")]
    [InlineData("CL.THROTTLE k 1 1 1 1 1", "-ERR wrong number of arguments for 'cl.throttle' command")]
    [InlineData("CL.THROTTLE text 1 1 1", NotInteger)]
    [InlineData("CL.THROTTLE late 1 1 1000", NotInteger)]
    [InlineData("CL.THROTTLE list 1 1 1", "-WRONGTYPE Operation against a key holding the wrong kind of value")]
    public void WhatIsWrongIsSaidAndChangesNothing(string command, string error)
    {
        using var server = new TestServer();
        server.Run("SET", "text", "abc");
        server.Run("SET", "late", "9223372036854775807");
        server.Run("LPUSH", "list", "a");
        server.Events.Clear();
        Assert.Equal(error, server.Run(command.Split(' ')));
        Assert.Empty(server.Events);
    }
}

using Anax.Engine.Keyspace;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public sealed class ExpireCommandsTests
{
    private const string Far = "4000000000123";

    [Theory]
    [InlineData("EXPIRE", "100", 100_000)]
    [InlineData("PEXPIRE", "100500", 100_500)]
    public void RelativeTimesCountFromNow(string command, string time, long ms)
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v");
        server.Events.Clear();
        server.Effects.Clear();
        Assert.Equal(":1", server.Run(command, "k", time));
        Assert.Equal(["expire k"], server.Events);
        Assert.Equal([Effect.Expiry], server.Effects);
        Assert.InRange(server.Ask("PTTL", "k").Integer, ms - 2000, ms);
        Assert.Equal(":0", server.Run(command, "none", time));
    }

    [Fact]
    public void AbsoluteTimesAreKeptToTheMillisecond()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v");
        Assert.Equal(":1", server.Run("PEXPIREAT", "k", Far));
        Assert.Equal(":" + Far, server.Run("PEXPIRETIME", "k"));
        Assert.Equal(":4000000000", server.Run("EXPIRETIME", "k"));
        Assert.Equal(":1", server.Run("EXPIREAT", "k", "4000000001"));
        Assert.Equal(":4000000001000", server.Run("PEXPIRETIME", "k"));
        Assert.Equal(":1", server.Run("PEXPIREAT", "k", "9223372036854770000"));
        Assert.Equal($":{(1L << 48) - 1}", server.Run("PEXPIRETIME", "k"));
    }

    [Fact]
    public void WhatHasNoExpiryOrDoesNotExistSaysSo()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v");
        foreach (string command in (string[])["TTL", "PTTL", "EXPIRETIME", "PEXPIRETIME"])
        {
            Assert.Equal(":-1", server.Run(command, "k"));
            Assert.Equal(":-2", server.Run(command, "none"));
        }
    }

    // The key expires at 100 s, at 200 s, or never; what a condition says of setting it to 150 s.
    [Theory]
    [InlineData("NX", 0, 0, 1)]
    [InlineData("XX", 1, 1, 0)]
    [InlineData("GT", 1, 0, 0)]
    [InlineData("LT", 0, 1, 1)]
    [InlineData("XX GT", 1, 0, 0)]
    [InlineData("XX LT", 0, 1, 0)]
    public void ConditionsCompareWithTheExpiryThatIs(string conditions, int earlier, int later, int none)
    {
        using var server = new TestServer();
        server.Run("SET", "a", "v", "EX", "100");
        server.Run("SET", "b", "v", "EX", "200");
        server.Run("SET", "c", "v");
        string[] options = conditions.ToLowerInvariant().Split(' ');
        Assert.Equal($":{earlier}", server.Run(["EXPIRE", "a", "150", .. options]));
        Assert.Equal($":{later}", server.Run(["EXPIRE", "b", "150", .. options]));
        Assert.Equal($":{none}", server.Run(["EXPIRE", "c", "150", .. options]));
        Assert.Equal(":0", server.Run(["EXPIRE", "none", "150", .. options]));
    }

    [Theory]
    [InlineData("-ERR Unsupported option AB", "EXPIRE", "k", "abc", "AB")]
    [InlineData("-ERR NX and XX, GT or LT options at the same time are not compatible", "EXPIRE", "k", "1", "NX", "XX")]
    [InlineData("-ERR NX and XX, GT or LT options at the same time are not compatible", "EXPIRE", "k", "1", "GT", "NX", "LT")]
    [InlineData("-ERR GT and LT options at the same time are not compatible", "EXPIRE", "k", "1", "GT", "LT")]
    [InlineData("-ERR value is not an integer or out of range", "EXPIRE", "k", "")]
    [InlineData("-ERR value is not an integer or out of range", "EXPIRE", "none", "1.5")]
    [InlineData("-ERR invalid expire time in 'expire' command", "EXPIRE", "k", "9223372036854776")]
    [InlineData("-ERR invalid expire time in 'expire' command", "EXPIRE", "k", "9223370399119966")]
    [InlineData("-ERR invalid expire time in 'expire' command", "EXPIRE", "none", "-9223372036854776")]
    [InlineData("-ERR invalid expire time in 'expireat' command", "EXPIREAT", "k", "9223372036854776")]
    [InlineData("-ERR invalid expire time in 'pexpire' command", "PEXPIRE", "k", "9223372036854770000")]
    public void WrongArgumentsAreRefusedInThisOrder(string error, params string[] command)
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v");
        Assert.Equal(error, server.Run(command));
        Assert.Equal(":-1", server.Run("TTL", "k"));
    }

    [Theory]
    [InlineData("EXPIRE", "-1")]
    [InlineData("EXPIRE", "0")]
    [InlineData("EXPIREAT", "1")]
    [InlineData("PEXPIRE", "-1000")]
    [InlineData("PEXPIREAT", "-9223372036854770000")]
    public void ATimeThatHasPassedDeletes(string command, string time)
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v");
        server.Events.Clear();
        server.Effects.Clear();
        Assert.Equal(":1", server.Run(command, "k", time));
        Assert.Equal(["expired k"], server.Events);
        Assert.Equal([Effect.Deleted], server.Effects);
        Assert.Equal(":0", server.Run("EXISTS", "k"));
        Assert.Equal(1, server.Expired);
    }

    [Fact]
    public void PersistRemovesTheExpiryOnce()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v", "EX", "100");
        server.Events.Clear();
        Assert.Equal(":1", server.Run("PERSIST", "k"));
        Assert.Equal(["persist k"], server.Events);
        Assert.Equal(":-1", server.Run("TTL", "k"));
        Assert.Equal(":0", server.Run("PERSIST", "k"));
        Assert.Equal(":0", server.Run("PERSIST", "none"));
    }
}

using Anax.Engine.Keyspace;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class CounterCommandsTests
{
    private const string NotInteger = "-ERR value is not an integer or out of range";
    private const string NotFloat = "-ERR value is not a valid float";
    private const string Overflow = "-ERR increment or decrement would overflow";

    [Fact]
    public void CountersCount()
    {
        using var server = new TestServer(2);
        Assert.Equal(":1", server.Run("INCR", "k"));
        Assert.Equal(":11", server.Run("INCRBY", "k", "10"));
        Assert.Equal(":10", server.Run("DECR", "k"));
        Assert.Equal(":-10", server.Run("DECRBY", "k", "20"));
        Assert.Equal("-10", server.Run("GET", "k"));
        Assert.Equal(":-5", server.Run("DECRBY", "k", "-5"));
        Assert.All(server.Events, e => Assert.Equal("incrby k", e));
        Assert.Equal(5, server.Changes);
    }

    [Fact]
    public void TheEdgesOfTheRangeHold()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "9223372036854775806");
        Assert.Equal(":9223372036854775807", server.Run("INCR", "k"));
        Assert.Equal(Overflow, server.Run("INCR", "k"));
        Assert.Equal(":-1", server.Run("INCRBY", "k", "-9223372036854775808"));
        Assert.Equal(":-9223372036854775808", server.Run("INCRBY", "k", "-9223372036854775807"));
        Assert.Equal(Overflow, server.Run("DECR", "k"));
        Assert.Equal("-ERR decrement would overflow", server.Run("DECRBY", "k", "-9223372036854775808"));
        Assert.Equal(NotInteger, server.Run("INCRBY", "k", "9223372036854775808"));
        Assert.Equal("-9223372036854775808", server.Run("GET", "k"));
    }

    [Theory]
    [InlineData("abc")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("01")]
    [InlineData("1.0")]
    [InlineData("")]
    [InlineData("9223372036854775808")]
    public void OnlyWholeNumbersCount(string value)
    {
        using var server = new TestServer();
        server.Run("SET", "k", value);
        Assert.Equal(NotInteger, server.Run("INCR", "k"));
        Assert.Equal(NotInteger, server.Run("INCRBY", "other", value));
        Assert.Equal(value, server.Run("GET", "k"));
    }

    [Fact]
    public void CountingKeepsTheExpiry()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "5", "PX", "300");
        server.Run("SET", "f", "5", "PX", "300");
        Assert.Equal(":6", server.Run("INCR", "k"));
        Assert.Equal("5.5", server.Run("INCRBYFLOAT", "f", "0.5"));
        server.RunFor(310);
        Assert.Equal("(nil)", server.Run("GET", "k"));
        Assert.Equal("(nil)", server.Run("GET", "f"));
    }

    [Theory]
    [InlineData("3", "1.5", "4.5")]
    [InlineData("3.0e3", "200", "3200")]
    [InlineData("5.0e3", "2.0e2", "5200")]
    [InlineData("1", "-1.1", "-0.1")]
    [InlineData("17179869184", "1.5", "17179869185.5")]
    [InlineData("10.50", "0.1", "10.6")]
    [InlineData("1", "1e-18", "1")]
    [InlineData("1", "1.23", "2.23")]
    public void DecimalNumbersAreAddedAsExtendedOnes(string value, string step, string sum)
    {
        using var server = new TestServer();
        server.Run("SET", "k", value);
        Assert.Equal(sum, server.Run("INCRBYFLOAT", "k", step));
        Assert.Equal(sum, server.Run("GET", "k"));
        Assert.Equal("incrbyfloat k", server.Events[^1]);
        Assert.Equal(Effect.State, server.Effects[^1]);
    }

    [Fact]
    public void WhatIsNoDecimalNumberIsRefused()
    {
        using var server = new TestServer();
        server.Run("SET", "k", " 1");
        Assert.Equal(NotFloat, server.Run("INCRBYFLOAT", "k", "1"));
        Assert.Equal(NotFloat, server.Run("INCRBYFLOAT", "none", "1 "));
        Assert.Equal(NotFloat, server.Run("INCRBYFLOAT", "none", "nan"));
        Assert.Equal("-ERR increment would produce NaN or Infinity", server.Run("INCRBYFLOAT", "none", "+inf"));
        Assert.Equal("(nil)", server.Run("GET", "none"));
    }

    [Fact]
    public void ADecimalSumThatIsWholeCanBeCounted()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "2.5");
        Assert.Equal("3", server.Run("INCRBYFLOAT", "k", "0.5"));
        Assert.Equal(":4", server.Run("INCR", "k"));
    }
}

using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class StringCommandsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatIsSetIsRead(int shards)
    {
        using var server = new TestServer(shards);
        for (int i = 0; i < 50; i++)
        {
            Assert.Equal("OK", server.Run("SET", $"key:{i}", $"value {i}"));
            Assert.Equal($"value {i}", server.Run("GET", $"key:{i}"));
        }
        Assert.Equal("(nil)", server.Run("GET", "none"));
        Assert.Equal(50, server.Hits);
        Assert.Equal(1, server.Misses);
        Assert.Equal(50, server.Changes);
        Assert.Equal("set key:49", server.Events[^1]);
    }
}

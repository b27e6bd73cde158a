using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Server;

/// <summary>Nothing is global: servers in one process have their own data, options and counters.</summary>
public sealed class TwoServersTests
{
    [Fact]
    public void TwoServersInOneProcessShareNothing()
    {
        using TestServer one = new(2, "--requirepass", "secret"), two = new(3);
        Assert.Equal("OK", one.Run("AUTH", "secret"));
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal("OK", one.Run("SET", $"k{i}", "one"));
            if (i % 2 == 0) Assert.Equal("OK", two.Run("SET", $"k{i}", "two"));
        }
        Assert.Equal(":100", one.Run("DBSIZE"));
        Assert.Equal(":50", two.Run("DBSIZE"));
        Assert.Equal("OK", two.Run("CONFIG", "SET", "maxmemory", "1gb"));
        Assert.Equal("[maxmemory, 0]", one.Run("CONFIG", "GET", "maxmemory"));
        Assert.Equal("OK", two.Run("FLUSHALL"));
        Assert.Equal("one", one.Run("GET", "k0"));
        Assert.Equal(100, one.Changes);
    }
}

using Anax.Engine;
using Xunit;

namespace Anax.Tests.Unit.Engine;

/// <summary>Expiry and the sweep by a simulated clock.</summary>
public sealed class SweeperTests
{
    private static readonly string[] DebugAllowed = ["--enable-debug-command", "yes"];

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 3)]
    public void AccessExpiresToTheMillisecond(ulong seed, int shards)
    {
        using var server = new SimulatedServer(seed, shards, DebugAllowed);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        long at = server.Network.NowMs + 5000;
        // Requests take up to a few milliseconds on this network, so the keys lie some apart.
        const int Apart = 20;
        for (int i = 0; i < 20; i++) server.Run("SET", $"k{i}", "v", "PXAT", $"{at + i * Apart}");
        for (int i = 0; i < 20; i++)
        {
            Leap(server, at + i * Apart);
            Assert.Equal(":0", server.Run("EXISTS", $"k{i}"));
            if (i + 1 < 20) Assert.Equal("v", server.Run("GET", $"k{i + 1}"));
        }
        Assert.Equal(":0", server.Run("DBSIZE"));
        Assert.Equal(20, Sum(server, loop => loop.Counters.Expired));
    }

    [Theory]
    [InlineData(3, 1)]
    [InlineData(4, 4)]
    public void TheSweepFindsWhatNobodyAsksFor(ulong seed, int shards)
    {
        using var server = new SimulatedServer(seed, shards, DebugAllowed);
        long at = server.Network.NowMs + 5000;
        for (int i = 0; i < 500; i++) server.Run("SET", $"k{i}", "v", "PXAT", i < 100 ? $"{at * 2}" : $"{at}");
        server.Run("SET", "forever", "v");
        Leap(server, at - 50);
        Assert.Equal(":501", server.Run("DBSIZE"));
        Leap(server, at + 250);
        Assert.Equal(":101", server.Run("DBSIZE"));
        Assert.Equal(400, Sum(server, loop => loop.Counters.Expired));
    }

    [Fact]
    public void TheSweepCanBeSwitchedOffAndOn()
    {
        using var server = new SimulatedServer(5, 2, DebugAllowed);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        for (int i = 0; i < 50; i++) server.Run("SET", $"k{i}", "v", "PX", "10");
        server.RunForMs(3000);
        Assert.Equal(":50", server.Run("DBSIZE"));
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "1");
        server.RunForMs(300);
        Assert.Equal(":0", server.Run("DBSIZE"));
    }

    [Fact]
    public void IdleTimesGrowWithTheClockAndEndWithAnAccess()
    {
        using var server = new SimulatedServer(6, 1, DebugAllowed);
        server.Run("SET", "k", "v");
        server.Run("SET", "l", "v");
        Assert.Equal(":0", server.Run("OBJECT", "IDLETIME", "k"));
        server.RunForMs(10_000);
        Assert.InRange(server.Ask("OBJECT", "IDLETIME", "k").Integer, 9, 11);
        Assert.InRange(server.Ask("OBJECT", "IDLETIME", "k").Integer, 9, 11);
        server.Run("GET", "k");
        Assert.Equal(":0", server.Run("OBJECT", "IDLETIME", "k"));
        Assert.InRange(server.Ask("OBJECT", "IDLETIME", "l").Integer, 9, 11);
        server.RunForMs(5_000);
        server.Run("TOUCH", "l");
        Assert.Equal(":0", server.Run("OBJECT", "IDLETIME", "l"));
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        server.RunForMs(20_000);
        Assert.InRange(server.Ask("OBJECT", "IDLETIME", "k").Integer, 24, 27);
    }

    [Fact]
    public void FlushedTablesAreFreedInTheBackground()
    {
        using var server = new SimulatedServer(7, 2, DebugAllowed);
        server.Run("DEBUG", "POPULATE", "50000");
        long full = Sum(server, loop => loop.UsedBytes);
        Assert.Equal("OK", server.Run("FLUSHALL", "ASYNC"));
        Assert.Equal(":0", server.Run("DBSIZE"));
        server.RunForMs(1000);
        Assert.True(Sum(server, loop => loop.UsedBytes) < full / 5);
        server.Run("DEBUG", "POPULATE", "50000");
        Assert.Equal("OK", server.Run("FLUSHALL", "SYNC"));
        Assert.True(Sum(server, loop => loop.UsedBytes) < full / 5);
    }

    private static void Leap(SimulatedServer server, long toMs)
    {
        long ms = toMs - server.Network.NowMs;
        if (ms > 0) server.RunForMs(ms);
    }

    private static long Sum(SimulatedServer server, Func<EngineLoop, long> count)
    {
        long sum = 0;
        foreach (EngineLoop loop in server.Loops) sum += count(loop);
        return sum;
    }
}

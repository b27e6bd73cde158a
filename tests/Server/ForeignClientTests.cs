using System.Diagnostics;
using Anax.Tests.Server.Harness;
using StackExchange.Redis;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>Clients that others wrote, as their users use them.</summary>
public sealed class ForeignClientTests(Uring2 fixture) : IClassFixture<Uring2>
{
    [Theory]
    [InlineData(RedisProtocol.Resp2)]
    [InlineData(RedisProtocol.Resp3)]
    public async Task StackExchangeRedisMultiplexesAndPipelines(RedisProtocol protocol)
    {
        var options = new ConfigurationOptions { Protocol = protocol, AbortOnConnectFail = true, AllowAdmin = true };
        options.EndPoints.Add("127.0.0.1", fixture.Server.Port);
        await using ConnectionMultiplexer connection = await ConnectionMultiplexer.ConnectAsync(options);
        IDatabase db = connection.GetDatabase();
        string prefix = $"se{(int)protocol}:";

        var writes = new List<Task>();
        for (int i = 0; i < 2000; i++) writes.Add(db.StringSetAsync($"{prefix}{i}", i));
        await Task.WhenAll(writes);
        RedisValue[] values = await db.StringGetAsync([.. Enumerable.Range(0, 2000).Select(i => (RedisKey)$"{prefix}{i}")]);
        Assert.Equal(Enumerable.Range(0, 2000), values.Select(v => (int)v));
        Assert.Equal(2001, await db.StringIncrementAsync($"{prefix}1999", 2));
        Assert.True(await db.KeyExpireAsync($"{prefix}0", TimeSpan.FromMinutes(10)));
        Assert.InRange((await db.KeyTimeToLiveAsync($"{prefix}0"))!.Value.TotalSeconds, 590, 600);
        Assert.Equal("x", (string?)await db.StringGetSetAsync($"{prefix}s", "y") ?? "x");
        Assert.True(await db.KeyDeleteAsync($"{prefix}s"));

        IServer server = connection.GetServer(connection.GetEndPoints()[0]);
        Assert.Equal(2000, server.Keys(pattern: $"{prefix}*", pageSize: 100).Count());
        Assert.Equal(new Version(7, 2, 4), server.Version);
        Assert.True((await server.PingAsync()) > TimeSpan.Zero);
    }

    [Fact]
    public void RedisCliTalks()
    {
        Assert.Equal("PONG", Tool("redis-cli", "ping"));
        Assert.Equal("OK", Tool("redis-cli", "set", "cli", "a b"));
        Assert.Equal("a b", Tool("redis-cli", "-3", "get", "cli"));
        Assert.Contains("redis_version:7.2.4", Tool("redis-cli", "info", "server"), StringComparison.Ordinal);
    }

    [Fact]
    public void RedisBenchmarkRunsItsStringTests()
    {
        string report = Tool("redis-benchmark", "-n", "2000", "-P", "8", "-r", "1000", "-q", "-t", "ping_inline,ping_mbulk,set,get,incr,mset");
        foreach (string test in new[] { "PING_INLINE", "PING_MBULK", "SET", "GET", "INCR", "MSET (10 keys)" })
            Assert.Contains($"{test}:", report, StringComparison.Ordinal);
        Assert.DoesNotContain("error", report, StringComparison.OrdinalIgnoreCase);
    }

    private string Tool(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(name, ["-p", $"{fixture.Server.Port}", .. arguments]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
        return output.Trim();
    }
}

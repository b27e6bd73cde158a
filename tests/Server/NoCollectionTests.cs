using Anax.Bench.NoGc;
using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>Traffic of every kind leaves the managed heap alone; bench/NoGc is the long run of it.</summary>
public sealed class NoCollectionTests
{
    private const long AllocatedMax = 64 * 1024;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void TrafficNeitherCollectsNorAllocates(bool epoll)
    {
        using ServerProcess server = ServerProcess.Anax("--proactor_threads", "2", $"--force_epoll={(epoll ? "true" : "false")}");
        using var load = new MixedLoad(server.Port, seed: TestEnvironment.Seed);
        load.Run(100_000, reconnects: 20);
        HeapFigures before = load.ReadFigures();
        load.Run(200_000, reconnects: 20);
        HeapFigures after = load.ReadFigures();
        Assert.Equal(before.Collections, after.Collections);
        Assert.InRange(after.AllocatedBytes - before.AllocatedBytes, 0, AllocatedMax);
        Assert.InRange(load.Errors, 1, 300_000);
    }
}

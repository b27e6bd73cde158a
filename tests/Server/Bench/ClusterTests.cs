using System.Text.RegularExpressions;
using Anax.Tests.Server.Harness;
using Anax.Tests.Stub;
using Xunit;

namespace Anax.Tests.Server.Bench;

/// <summary>A cluster of Valkey under load: every node gets its keys, and slots may move meanwhile.</summary>
public sealed partial class ClusterTests(ValkeyCluster cluster) : IClassFixture<ValkeyCluster>
{
    [Theory]
    [InlineData("")]
    [InlineData("--pipeline 10")]
    [InlineData("--cluster_skip_tags=false")]
    [InlineData("--force_epoll --resp3")]
    public void KeysLandOnAllNodesWithoutARedirection(string options)
    {
        cluster.Clear();
        long moved = cluster.Refusals("MOVED");
        BenchResult result = Run($"-n 500 -c 2 --threads 2 --ratio 1:1 --key_maximum 9999 {options}").Good();
        Assert.Equal(2 * 2 * ValkeyCluster.NodeCount * 500, result.Replies);
        Assert.Equal(2 * 2 * ValkeyCluster.NodeCount, result.Step.GetProperty("connections").GetInt32());
        Assert.All(cluster.Sizes(), size => Assert.InRange(size, 500, 2000));
        Assert.Equal(moved, cluster.Refusals("MOVED"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--cluster_skip_tags=false")]
    public void EveryKeyIsWrittenOnceAndFoundAgain(string options)
    {
        cluster.Clear();
        string common = $"-c 2 --threads 1 --key_dist S --verify {options}";
        Run($"{common} -n 600 --ratio 1:0 --key_maximum 899").Good();
        Assert.Equal(900, cluster.Sizes().Sum());
        BenchResult result = Run($"{common} -n 600 --ratio 0:1 --key_maximum 899").Good();
        Assert.Equal((3600, 3600), (result.Reads, result.Hits));
    }

    [Fact]
    public void KeysCarryATagWhereTheyAreToldTo()
    {
        cluster.Clear();
        Run("-n 100 -c 1 --threads 1 --ratio 1:0 --cluster_skip_tags=false").Good();
        Assert.All(AllKeys(), key => Assert.Matches(TaggedKey(), key));
        cluster.Clear();
        Run("-n 100 -c 1 --threads 1 --ratio 1:0").Good();
        Assert.All(AllKeys(), key => Assert.Matches(PlainKey(), key));
    }

    [Fact]
    public void SeveralKeysNeedATag()
    {
        cluster.Clear();
        string[] command = ["-p", $"{cluster.Port(0)}", "-n", "100", "--qps=0", "--command", "mset __key__ __data__ __key__ __data__"];
        BenchRun.Run(command).RefusedWith("'mset __key__ __data__ __key__ __data__' has several keys");
        BenchRun.Run([.. command, "--cluster_skip_tags=false"]).Good();
        Assert.All(cluster.Sizes(), size => Assert.NotEqual(0, size));
    }

    [Theory]
    [InlineData("--qps=0", 300)]
    [InlineData("--qps=0 --pipeline 8", 300)]
    [InlineData("--qps=500 --cluster_skip_tags=false", 30)]
    public void ASlotMovesWhileTheLoadRuns(string options, int keys)
    {
        cluster.Clear();
        string common = $"-p {cluster.Port(1)} -c 2 --threads 2 --verify --key_maximum {keys - 1} {options}";
        bool isTagged = options.Contains("tags", StringComparison.Ordinal);
        using BenchRun run = BenchRun.Start($"{common} --test_time 1.6 --ratio 1:3".Split(' '));
        Assert.True(BadInputTests.WaitUntil(() => cluster.Sizes().Sum() > keys * 2 / 3));
        long asked = cluster.Refusals("ASK"), moved = cluster.Refusals("MOVED");
        string key = isTagged ? AllKeys()[0] : "key:17";
        int from = cluster.OwnerOf(key), to = (from + 1) % ValkeyCluster.NodeCount;
        cluster.Move(cluster.HashSlotOf(key), from, to, pauseMs: 150);
        Thread.Sleep(200);
        cluster.Move(cluster.HashSlotOf(key), to, from, pauseMs: 50);
        BenchResult result = run.Wait().Good();
        Assert.True(cluster.Refusals("ASK") > asked, "nobody was asked");
        Assert.True(cluster.Refusals("MOVED") > moved, "nobody was sent elsewhere");
        Assert.True(result.Hits > 0);
    }

    [Fact]
    public void WithoutProbingARedirectionIsAnErrorByItsText()
    {
        cluster.Clear();
        BenchResult result = Run("-n 300 -c 1 --threads 1 --noprobe_cluster --key_maximum 20");
        Assert.Equal(1, result.ExitCode);
        Assert.Equal(300, result.Replies);
        Assert.All(result.ErrorTexts.Keys, text => Assert.Matches(Moved(), text));
        Assert.InRange(result.ErrorTexts.Values.Sum(), 100, 300);
    }

    [Fact]
    public void ARedirectionToADeadNodeEndsTheRun()
    {
        int dead = TestEnvironment.FreePort();
        using StubServer stub = new(new StubOptions
        {
            MovedTo = $"127.0.0.1:{dead}",
            ClusterNodes = port => $"a 127.0.0.1:{port}@1 myself,master - 0 0 1 connected 0-16383\n",
        });
        BenchRun.RunLine($"-p {stub.Port} -n 10 --qps=0").RefusedWith($"redirected: 127.0.0.1:{dead}: connect: Connection refused");
    }

    [Fact]
    public void ADeadPrimaryEndsTheRun()
    {
        int dead = TestEnvironment.FreePort();
        using StubServer stub = new(new StubOptions
        {
            ClusterNodes = port => $"a 127.0.0.1:{port}@1 myself,master - 0 0 1 connected 0-8000\n"
                + $"b 127.0.0.1:{dead}@1 master - 0 0 1 connected 8001-16383\n",
        });
        BenchRun.RunLine($"-p {stub.Port} -n 10 --qps=0").RefusedWith($"127.0.0.1:{dead}: connect: Connection refused");
    }

    private BenchResult Run(string options) => BenchRun.RunLine($"-p {cluster.Port(0)} --qps=0 {options}");

    private string[] AllKeys() =>
    [
        .. Enumerable.Range(0, ValkeyCluster.NodeCount)
            .SelectMany(node => cluster.Client(node).Call("KEYS", "*").Items)
            .Select(key => key.Text!),
    ];

    [GeneratedRegex(@"^key:\{\d+\}\d+$")]
    private static partial Regex TaggedKey();

    [GeneratedRegex(@"^key:\d+$")]
    private static partial Regex PlainKey();

    [GeneratedRegex(@"^MOVED \d+ 127\.0\.0\.1:\d+$")]
    private static partial Regex Moved();
}

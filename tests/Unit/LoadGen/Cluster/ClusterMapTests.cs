using Anax.Core.Text;
using Anax.LoadGen.Cluster;
using Anax.LoadGen.Driver;
using Anax.LoadGen.Options;
using Anax.LoadGen.Workload;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Cluster;

/// <summary>What CLUSTER NODES says becomes shards and slots, and keys are drawn for the shard that owns theirs.</summary>
public sealed class ClusterMapTests
{
    private const string Nodes = """
        07c37df 127.0.0.1:30004@31004,host-4 slave e7d1eec 0 1426238317239 4 connected
        67ed2db 127.0.0.1:30002@31002,host-2 master - 0 1426238316232 2 connected 5461-10922
        292f8b3 [::1]:30003@31003 master - 0 1426238318243 3 connected 10923-16383
        6ec2392 127.0.0.1:30005@31005 master - 0 1426238316232 5 connected
        e7d1eec :30001@31001 myself,master - 0 0 1 connected 0-5459 5460 [93->-292f8b3]
        """;

    private static readonly ServerAddress Asked = new("10.0.0.1", 7);

    [Fact]
    public void NodesAreRead()
    {
        ClusterMap map = ClusterMap.Parse(Nodes, Asked);
        Assert.Equal(3, map.ShardCount);
        Assert.Equal(new ServerAddress("127.0.0.1", 30002), map.Address(map.ShardOf(5461)));
        Assert.Equal(new ServerAddress("::1", 30003), map.Address(map.ShardOf(16383)));
        Assert.Equal(new ServerAddress("10.0.0.1", 30001), map.Address(map.ShardOf(5460)));
        Assert.Equal(16384, Enumerable.Range(0, 3).Sum(map.SlotsOf));
        Assert.Equal("[::1]:30003", $"{map.Address(map.ShardOf(16383))}");
    }

    [Fact]
    public void ASlotThatMovesChangesItsOwnerOnce()
    {
        ClusterMap map = ClusterMap.Parse(Nodes, Asked);
        int from = map.ShardOf(0), to = map.ShardOf(16383);
        (int fromSlots, int toSlots) = (map.SlotsOf(from), map.SlotsOf(to));
        map.Assign(0, to);
        map.Assign(0, to);
        Assert.Equal((fromSlots - 1, toSlots + 1, to), (map.SlotsOf(from), map.SlotsOf(to), map.ShardOf(0)));
        Assert.Equal(map.ShardCount, map.Find(new ServerAddress("127.0.0.1", 9)));
        ClusterMap copy = new(map);
        copy.Assign(1, to);
        Assert.Equal(from, map.ShardOf(1));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void KeysBelongToTheShardThatTheyAreSentTo(bool addsTags)
    {
        ClusterMap map = ClusterMap.Parse(Nodes, Asked);
        BenchOptions options = new() { RatioSet = 0 };
        LoadPlan plan = new(options);
        byte[] room = new byte[plan.RequestBytesMax];
        for (int shard = 0; shard < map.ShardCount; shard++)
        {
            ClusterKeys cluster = new(map, shard, addsTags);
            RequestComposer composer = new(plan, 0, new KeySource(options, null, 0, 1), cluster);
            for (int i = 0; i < 500; i++)
            {
                CommandTemplate template = plan.Template(composer.NextCommand());
                int length = composer.Compose(template, composer.NextKey(template), room);
                string[] lines = System.Text.Encoding.ASCII.GetString(room, 0, length).Split("\r\n");
                Assert.Equal($"${lines[4].Length}", lines[3]);
                Assert.Equal(addsTags, lines[4].StartsWith("key:{", StringComparison.Ordinal));
                byte[] key = System.Text.Encoding.ASCII.GetBytes(lines[4]);
                Assert.Equal(shard, map.ShardOf(Crc16.HashSlotOf(key)));
            }
        }
    }

    [Fact]
    public void AKeyHasOneTagWhoeverComposesIt()
    {
        ClusterMap map = ClusterMap.Parse(Nodes, Asked);
        BenchOptions options = new() { RatioSet = 0 };
        LoadPlan plan = new(options);
        byte[] one = new byte[plan.RequestBytesMax], other = new byte[plan.RequestBytesMax];
        RequestComposer first = new(plan, 0, new KeySource(options, null, 0, 1), new ClusterKeys(map, 0, addsTags: true));
        RequestComposer second = new(plan, 1, new KeySource(options, null, 0, 1), new ClusterKeys(map, 1, addsTags: true));
        for (ulong key = 0; key < 100; key++)
        {
            int length = first.Compose(plan.Template(0), key, one);
            Assert.Equal(length, second.Compose(plan.Template(0), key, other));
            Assert.Equal(one, other);
        }
    }

    [Fact]
    public void AShardWithoutAKeyOfTheRangeIsFound()
    {
        ClusterMap map = ClusterMap.Parse(Nodes, Asked);
        BenchOptions options = new() { KeyMaximum = 0 };
        FastRandom random = new(1);
        KeyArgument argument = new([.. "key:"u8], []);
        ulong[] keys =
        [
            .. Enumerable.Range(0, 3).Select(shard => new ClusterKeys(map, shard, false).Next(argument, new KeySource(options, null, 0, 1), ref random)),
        ];
        Assert.Equal([0UL, ClusterKeys.None, ClusterKeys.None], keys.Order().ToArray());
    }
}

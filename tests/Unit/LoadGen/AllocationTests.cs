using Anax.LoadGen.Driver;
using Anax.LoadGen.Options;
using Anax.LoadGen.Replies;
using Anax.LoadGen.Workload;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.LoadGen;

/// <summary>Load allocates nothing, so that the collector never is what a latency shows.</summary>
[Collection(AloneCollection.Name)]
public sealed class AllocationTests
{
    [Fact]
    public void ARequestAndItsReplyAllocateNothing()
    {
        BenchOptions options = new()
        {
            KeyDistribution = KeyDistribution.Zipfian,
            ValueBytesMax = 99,
            Commands = [new("zadd __key__ __score__ __data__", 2), new("get __key__", 1)],
        };
        LoadPlan plan = new(options);
        RequestComposer composer = new(plan, 0, new KeySource(options, plan.Zipf, 0, 1), null);
        byte[] room = new byte[plan.RequestBytesMax];
        RespReplyReader reader = new();
        byte[] replies = [.. "+OK\r\n:1\r\n$5\r\nabcde\r\n-ERR no\r\n*2\r\n:1\r\n$-1\r\n"u8];
        PendingRing pending = new();
        long bytes = Allocations.Of(() =>
        {
            for (int i = 0; i < 5000; i++)
            {
                CommandTemplate template = plan.Template(composer.NextCommand());
                composer.Compose(template, composer.NextKey(template), room);
                pending.Add(new Pending { GeneratedNs = i, Count = 1 }, mayJoin: true);
                int at = 0;
                while (reader.Next(replies, ref at) != ReplyKind.Incomplete)
                {
                }

                pending.TakeOne();
            }
        });
        Assert.Equal(0, bytes);
    }
}

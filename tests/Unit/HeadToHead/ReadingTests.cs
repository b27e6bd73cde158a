using System.Text;
using System.Text.Json;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Running;
using Anax.LoadGen.Output;
using Anax.Tests.Unit.LoadGen.Output;
using Xunit;

namespace Anax.Tests.Unit.HeadToHead;

/// <summary>What others write is understood: anax-bench, the kernel, and servers that are asked for their version.</summary>
public sealed class ReadingTests
{
    [Fact]
    public void TheClientsOwnFileIsRead()
    {
        ClientReport report = ClientReport.Parse(Written(qps: 100));
        Assert.Equal(Records.StartTime.ToUnixTimeMilliseconds(), report.StartMs);
        Assert.Equal((2000, 1000, 200), (report.Replies, report.Reads, report.Hits));
        Assert.Equal((2.0, 1000.0), (report.Seconds, report.PerSecond));
        Assert.Equal((0, "", ""), (report.Errors, report.Error, report.Failure));
        // From the intended time, which is 50 µs earlier than the other.
        Assert.InRange(report.Latency.P50Us, 150, 151);
        Assert.InRange(report.Latency.P999Us, 2050, 2053);
        Assert.Equal(new CpuTimes(400_000_000, 600_000_000), report.Cpu);
        Assert.Equal(2000, report.Series.Sum());
        Assert.Equal(report.Series.Count, report.SeriesMaxUs.Count);
        Assert.False(report.IsLimit);
    }

    [Fact]
    public void AClientWithoutTimeToSpareSaysSo() => Assert.True(ClientReport.Parse(Written(busyShare: 0.99)).IsLimit);

    [Fact]
    public void ProcessorTimeIsCountedBehindTheName()
    {
        string stat = "42 (a (b) 7) S 1 42 42 0 -1 4194304 9 0 0 0 123 45 6 7 20 0 3 0 900 1 2";
        Assert.Equal(new CpuTimes(1_230_000_000, 450_000_000), CpuClock.ParseStat(stat, 1e7));
        CpuTimes own = CpuClock.OfProcess(Environment.ProcessId);
        Assert.InRange(own.TotalNs, 1, 1e13);
        Assert.Equal(default, CpuClock.OfProcess(int.MaxValue));
    }

    [Fact]
    public void ResidentMemoryIsInBytes()
    {
        string[] status = ["Name:\tanax", "VmHWM:\t   99 kB", "VmRSS:\t   12 kB"];
        Assert.Equal((12 * 1024, 99 * 1024), (CpuClock.ParseBytes(status, "VmRSS"), CpuClock.ParseBytes(status, "VmHWM")));
        Assert.Equal(0, CpuClock.ParseBytes(["Name:\tzombie"], "VmRSS"));
        long residentBytes = CpuClock.ResidentBytes(Environment.ProcessId);
        Assert.InRange(residentBytes, 1 << 20, long.MaxValue);
        Assert.InRange(CpuClock.PeakBytes(Environment.ProcessId), residentBytes / 2, long.MaxValue);
    }

    [Fact]
    public void TheMachineIsBusyInAllButIdleAndWaiting() =>
        Assert.Equal((1 + 2 + 4 + 32 + 64 + 128) * 1e7, CpuClock.ParseBusy("cpu  1 2 4 8 16 32 64 128 256 512", 1e7));

    [Fact]
    public void CountsOfAllEventLoopsAreSummedAndDivided()
    {
        const string Before = """
            # Threads
            threads:2
            thread_0:connections=1,turns=10,hops=5,batches=1,longest_turn_usec=70,wakes=1,visits=2,sleeps=3,system_calls=4
            thread_1:connections=1,turns=20,hops=5,batches=1,longest_turn_usec=40,wakes=1,visits=2,sleeps=3,system_calls=4
            """;
        LoopCounts before = LoopCounts.Parse(Before.ReplaceLineEndings("\r\n"));
        Assert.Equal(
            new LoopCounts { Turns = 30, Hops = 10, Batches = 2, LongestTurnUs = 70, Wakes = 2, Visits = 4, Sleeps = 6, SystemCalls = 8 },
            before);
        LoopCounts each = (before with { Turns = 80, Hops = 20, LongestTurnUs = 90 }).Since(before, 100);
        Assert.Equal(new LoopCounts { Turns = 0.5, Hops = 0.1, LongestTurnUs = 90 }, each);
        Assert.Equal(new LoopCounts(), LoopCounts.Parse("-ERR unknown section"));
    }

    [Fact]
    public void ThreadsAreToldApart()
    {
        var threads = LoopCounts.Threads("# Threads\r\nthreads:2\r\nthread_0:connections=1,used_memory=70\r\nthread_1:connections=2,used_memory=90\r\n");
        Assert.Equal([70, 90], threads.Select(thread => thread["used_memory"]));
        Assert.Empty(LoopCounts.Threads("# Server\r\n"));
    }

    [Theory]
    [InlineData("# Memory\r\nused_memory:123456\r\nused_memory_human:120K\r\n", 123456)]
    [InlineData("# Memory\r\nused_memory_rss:5\r\n", 0)]
    [InlineData("", 0)]
    public void AServersOwnAccountOfItsMemoryIsFound(string info, long expected) => Assert.Equal(expected, ServerConnection.UsedBytesIn(info));

    [Theory]
    [InlineData("anax 0.1.0", "0.1.0")]
    [InlineData("Valkey server v=9.1.2 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=8", "9.1.2")]
    [InlineData("GarnetServer 2.2.12+3412254f6662a496571ef251bdbfe3db66904601", "2.2.12")]
    [InlineData("dragonfly v1.38.0-abc123\nbuild time: 2026-01-02", "1.38.0-abc123")]
    [InlineData("no idea", "unknown")]
    public void VersionsAreFound(string text, string expected) => Assert.Equal(expected, PeerFinder.VersionIn(text));

    private static string Written(double qps = 0, double busyShare = 0.5)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream))
            JsonFile.Write(json, Records.Result(Records.Phase(qps: qps, busyShare: busyShare)), MachineFacts.Detect());
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}

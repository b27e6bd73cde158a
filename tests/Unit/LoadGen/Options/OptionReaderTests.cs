using Anax.LoadGen.Options;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Options;

/// <summary>The command line of dfly_bench is understood in all its spellings, and what cannot be followed is one line.</summary>
public sealed class OptionReaderTests
{
    [Fact]
    public void DefaultsAreThoseOfDflyBench()
    {
        BenchOptions options = OptionReader.Read([]);
        Assert.Equal(("localhost", 6379, 20, 1000L), (options.Host, options.Port, options.Connections, options.Requests));
        Assert.Equal((20.0, 1, 16, 16), (options.Qps, options.Pipeline, options.ValueBytesMin, options.ValueBytesMax));
        Assert.Equal((1, 10), (options.RatioSet, options.RatioGet));
        Assert.Equal((0UL, 50_000_000UL, "key:"), (options.KeyMinimum, options.KeyMaximum, options.KeyPrefix));
        Assert.Equal((KeyDistribution.Uniform, 0.99, 42UL), (options.KeyDistribution, options.ZipfAlpha, options.Seed));
        Assert.True(options is { RandomData: true, Ascii: true, ProbeCluster: true, ClusterSkipTags: true, Greet: true });
        Assert.True(options is { NoReply: false, ConnectOnly: false, Verify: false, ForceEpoll: false });
        Assert.Equal((0, 0.0, 0.0, 0), (options.Threads, options.TestTime, options.Warmup, options.Window));
        Assert.Equal(BenchProtocol.Resp2, options.Protocol);
    }

    [Theory]
    [InlineData("-c 7")]
    [InlineData("-c=7")]
    [InlineData("--c 7")]
    [InlineData("--c=7")]
    [InlineData("-c 5 --c=7")]
    public void OneValueHasManySpellings(string line) => Assert.Equal(7, Read(line).Connections);

    [Theory]
    [InlineData("--ascii", true)]
    [InlineData("-ascii", true)]
    [InlineData("--ascii=true", true)]
    [InlineData("--ascii=false", false)]
    [InlineData("--noascii", false)]
    [InlineData("-noascii", false)]
    [InlineData("--no-ascii", false)]
    public void ASwitchHasManySpellings(string line, bool isOn) => Assert.Equal(isOn, Read(line).Ascii);

    [Theory]
    [InlineData("--proactor_threads 3")]
    [InlineData("--threads 3")]
    [InlineData("--proactor-threads=3")]
    public void ThreadsHaveTwoNames(string line) => Assert.Equal(3, Read(line).Threads);

    [Fact]
    public void TheLinesOfThePublishedComparisonAreRead()
    {
        BenchOptions writes = OptionReader.Read(
            ["-n", "500", "-p", "6380", "--qps=0", "-d", "64", "--key_maximum=99", "-c", "30", "--command", "setex __key__ 10000 __data__"]);
        Assert.Equal((500L, 6380, 0.0, 64, 30), (writes.Requests, writes.Port, writes.Qps, writes.ValueBytesMax, writes.Connections));
        Assert.Equal([new WeightedCommand("setex __key__ 10000 __data__", 1)], writes.Commands);
        BenchOptions reads = Read("-n 500 -p 6380 --qps=0 -d 64 --key_maximum=99 -c 30 --ratio 0:1");
        Assert.Equal((0, 1), (reads.RatioSet, reads.RatioGet));
    }

    [Fact]
    public void AWeightBelongsToTheCommandBeforeIt()
    {
        BenchOptions options = OptionReader.Read(
            ["--command", "get __key__", "--command_weight", "9", "--command", "del __key__", "--command", "ping", "--command_weight=2"]);
        Assert.Equal(
            [new WeightedCommand("get __key__", 9), new WeightedCommand("del __key__", 1), new WeightedCommand("ping", 2)],
            options.Commands);
    }

    [Fact]
    public void ValuesMayLookLikeAnything()
    {
        Assert.Equal(-2.5, Read("--qps -2.5").Qps);
        Assert.Equal([100, -200, 400.5], Read("--rate-steps 100,-200,400.5").RateSteps);
        Assert.Equal("", OptionReader.Read(["--key_prefix="]).KeyPrefix);
        Assert.Equal("@x", OptionReader.Read(["--key_prefix", "@x"]).KeyPrefix);
        Assert.Equal("a=b:c", OptionReader.Read(["--key_prefix=a=b:c"]).KeyPrefix);
        Assert.Equal((10, 200), (Read("-d 10:200").ValueBytesMin, Read("-d 10:200").ValueBytesMax));
    }

    [Fact]
    public void ATestTimeTakesThePlaceOfTheCount()
    {
        Assert.Equal(0, Read("--test_time 3").Requests);
        Assert.Equal(1000, Read("--warmup 3").Requests);
    }

    [Theory]
    [InlineData("--qps 0", false)]
    [InlineData("--qps 0 --pipeline 30", false)]
    [InlineData("--qps 0 --tcp_nodelay", true)]
    [InlineData("-c 1", true)]
    [InlineData("--qps -5", true)]
    [InlineData("--rate-steps 5", true)]
    [InlineData("--window 3", true)]
    [InlineData("--qps 0 -P memcache_text --noreply", true)]
    [InlineData("--qps 5 --tcp_nodelay=false", false)]
    public void NothingIsHeldBackWhereRequestsOverlap(string line, bool isUndelayed) =>
        Assert.Equal(isUndelayed, Read(line).TcpNoDelay);

    [Fact]
    public void AWindowIsAClosedLoop() => Assert.Equal(0, Read("--window 8").Qps);

    [Theory]
    [InlineData("--pipelne 3", "unknown option '--pipelne'; did you mean --pipeline?")]
    [InlineData("--key_maxmum=3", "unknown option '--key_maxmum'; did you mean --key_maximum?")]
    [InlineData("--thread 3", "unknown option '--thread'; did you mean --threads?")]
    [InlineData("--noqps", "unknown option '--noqps'")]
    [InlineData("--frobnicate", "unknown option '--frobnicate'; see --help")]
    [InlineData("get", "'get' is not an option")]
    [InlineData("-c", "-c needs a value")]
    [InlineData("-c x", "-c 'x': ")]
    [InlineData("--seed -1", "--seed '-1': ")]
    [InlineData("--noascii=true", "--noascii takes no value")]
    [InlineData("--command_weight 3", "--command_weight belongs behind the --command")]
    [InlineData("-c 0", "-c 0: 1 to 1000000")]
    [InlineData("-c 1000001", "-c 1000001: 1 to 1000000")]
    [InlineData("-p 0", "-p 0: a port")]
    [InlineData("-p 65536", "-p 65536: a port")]
    [InlineData("-n 0", "-n 0: at least one")]
    [InlineData("--pipeline 0", "--pipeline 0: 1 to 1000000")]
    [InlineData("--pipeline 1000001", "--pipeline 1000001: 1 to 1000000")]
    [InlineData("--threads 1025", "--proactor_threads 1025: 0 to 1024")]
    [InlineData("--window -1", "--window -1: 0 to 1000000")]
    [InlineData("-d 5:4", "-d '5:4': bytes")]
    [InlineData("-d 1:2:3", "-d '1:2:3': bytes")]
    [InlineData("-d 536870913", "-d '536870913': bytes")]
    [InlineData("--ratio 0:0", "--ratio '0:0': parts")]
    [InlineData("--ratio 1", "--ratio '1': parts")]
    [InlineData("--rate-steps 1,,2", "--rate-steps '1,,2': rates")]
    [InlineData("--rate-steps 0", "--rate-steps '0': rates")]
    [InlineData("--rate-steps 1,1e300", "--rate-steps 1E+300: 1E-06 to 1000000000 batches per second")]
    [InlineData("--qps=1000000001", "--qps 1000000001: 1E-06 to 1000000000 batches per second")]
    [InlineData("--qps=1e-7", "--qps 1E-07: 1E-06 to 1000000000 batches per second")]
    [InlineData("--qps=nan", "--qps NaN: 1E-06 to 1000000000 batches per second")]
    [InlineData("--key_dist Q", "--key_dist 'Q': it is U, N, Z or S")]
    [InlineData("--key_minimum 5 --key_maximum 4", "--key_minimum 5 is above --key_maximum 4")]
    [InlineData("--zipf_alpha 0 --key_dist Z", "--zipf_alpha 0: above 0")]
    [InlineData("-P http", "-P 'http': the protocol")]
    [InlineData("--command_weight=0", "--command_weight belongs")]
    public void WhatCannotBeReadIsSaidInOneLine(string line, string expected) => Refused(line, expected);

    [Theory]
    [InlineData("--unix-socket /x -h y", "--unix-socket contradicts -h")]
    [InlineData("--unix-socket /x -p 1", "--unix-socket contradicts -p")]
    [InlineData("-n 5 --test_time 1", "-n contradicts --test_time")]
    [InlineData("--window 3 --qps 5", "--window contradicts --qps")]
    [InlineData("--window 3 --pipeline 5", "--window contradicts --pipeline")]
    [InlineData("--window 3 --rate-steps 5", "--window contradicts --rate-steps")]
    [InlineData("--rate-steps 5 --qps 0", "--rate-steps contradicts --qps")]
    [InlineData("--command ping --ratio 1:1", "--command contradicts --ratio")]
    [InlineData("--command ping --verify", "--command contradicts --verify")]
    [InlineData("--command ping -P memcache_text", "--command contradicts -P memcache_text")]
    [InlineData("--verify --random_data=false", "--verify contradicts --random_data")]
    [InlineData("--noreply", "--noreply needs -P memcache_text")]
    [InlineData("-P memcache_text --password x", "--password contradicts -P memcache_text")]
    [InlineData("-P memcache_text --probe_cluster", "--probe_cluster contradicts -P memcache_text")]
    [InlineData("-P memcache_text --resp3", "--resp3 contradicts -P memcache_text")]
    [InlineData("--user x", "--user needs --password")]
    [InlineData("--key_stddev 5", "--key_stddev needs --key_dist N")]
    [InlineData("--zipf_alpha 2", "--zipf_alpha needs --key_dist Z")]
    public void WhatContradictsIsRefused(string line, string expected) => Refused(line, expected);

    [Fact]
    public void HelpNamesEveryOption()
    {
        StringWriter text = new();
        Assert.True(OptionReader.ShowsHelp(["--help"], text, "1.2.3"));
        foreach (System.CommandLine.Option option in new OptionSet().Command.Options)
        {
            string name = option.Name.Length == 3 ? option.Name[1..] : option.Name;
            Assert.Contains($"\n  {name}", text.ToString(), StringComparison.Ordinal);
        }

        Assert.True(text.ToString().Split('\n').All(line => line.Length <= 120));
        Assert.False(OptionReader.ShowsHelp([], text, "1.2.3"));
    }

    private static BenchOptions Read(string line) => OptionReader.Read(line.Split(' '));

    private static void Refused(string line, string expected)
    {
        OptionException refusal = Assert.Throws<OptionException>(() => Read(line));
        Assert.StartsWith(expected, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }
}

using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Running;
using Anax.Bench.HeadToHead.Settings;
using Anax.LoadGen.Options;
using Xunit;

namespace Anax.Tests.Unit.HeadToHead;

/// <summary>What the user says is understood, and what servers and the client are told.</summary>
public sealed class CommandTests
{
    private static readonly CpuList FourCpus = CpuList.Of(0, 1, 2, 3);

    [Fact]
    public void DefaultsAreAWholeRun()
    {
        RunSettings settings = Read([]);
        Assert.Equal((9, 5, 3), (settings.Rounds, settings.RateRounds, settings.OtherRounds));
        Assert.Equal((2.0, 3.0), (settings.Seconds, settings.RateSeconds));
        Assert.Equal((10_000_000, 20_000_000), (settings.FillEntries, settings.ManyKeys));
        Assert.Empty(settings.Cells);
        Assert.Equal([Layout.Split, Layout.Shared], settings.Layouts);
        Assert.Equal(("0", "1", "0-3"), ($"{settings.ServerCpus}", $"{settings.ClientCpus}", $"{settings.SharedCpus}"));
    }

    [Fact]
    public void QuickIsShorterUnlessToldOtherwise()
    {
        RunSettings quick = Read(["--quick"]);
        Assert.Equal((1, 1.0, 1_000_000, 0), (quick.Rounds, quick.Seconds, quick.FillEntries, quick.ManyKeys));
        Assert.Equal(2, Read(["--quick", "--rounds", "2"]).Rounds);
    }

    [Theory]
    [InlineData("--rounds 0", "--rounds 0")]
    [InlineData("--seconds 0.01", "--seconds 0.01")]
    [InlineData("--fill-entries 1234", "a multiple of 1000")]
    [InlineData("--large-keys 1500", "a multiple of 1000")]
    [InlineData("--layouts both", "--layouts both")]
    [InlineData("--without redis", "--without redis")]
    [InlineData("--server-cpus 0-1 --client-cpus 1-2", "overlap")]
    [InlineData("--server-cpus 7", "there are 0-3")]
    [InlineData("--server-cpus x", "numbers of CPUs")]
    [InlineData("--valkey /no/such/file", "there is no such file")]
    [InlineData("--nonsense", "--nonsense")]
    public void WhatCannotBeFollowedIsOneLine(string arguments, string expected)
    {
        SettingsException e = Assert.Throws<SettingsException>(() => Read(arguments.Split(' ')));
        Assert.Contains(expected, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void OneCpuIsNotEnoughForTheSplitLayout()
    {
        CpuList one = CpuList.Of(0);
        SettingsException e = Assert.Throws<SettingsException>(() => new SettingsReader().Read([], one));
        Assert.Contains("two CPUs", e.Message, StringComparison.Ordinal);
        Assert.Equal([Layout.Shared], new SettingsReader().Read(["--layouts", "shared"], one).Layouts);
        Assert.True(new SettingsReader().Read(["--summarize"], one).OnlySummarizes);
    }

    [Theory]
    [InlineData("0-3,5", "0-3,5", 5)]
    [InlineData("5,3,4", "3-5", 3)]
    [InlineData("2", "2", 1)]
    [InlineData("1,1", "1", 1)]
    [InlineData("3-1", null, 0)]
    [InlineData("", null, 0)]
    [InlineData("1-2-3", null, 0)]
    [InlineData("-1", null, 0)]
    public void CpusAreWrittenAsTasksetWritesThem(string text, string? expected, int count)
    {
        CpuList? list = CpuList.TryParse(text);
        Assert.Equal(expected, list?.ToString());
        Assert.Equal(count, list?.Count ?? 0);
    }

    [Theory]
    [InlineData(30, 1, 1)]
    [InlineData(30, 2, 2)]
    [InlineData(30, 4, 3)]
    [InlineData(1, 2, 1)]
    [InlineData(1000, 16, 10)]
    public void ConnectionsInTotalAreTheSameOnEveryMachine(int connections, int cpus, int threads)
    {
        Assert.Equal(threads, ClientArguments.Threads(connections, cpus));
        Cell cell = Samples.Setex with { Connections = connections };
        BenchOptions options = OptionReader.Read(ClientArguments.Load(cell, 0, cpus, 1, 0));
        Assert.Equal((threads, connections), (options.Threads, options.Threads * options.Connections));
    }

    [Fact]
    public void AMaximumIsAClosedLoopWithSeedsByRound()
    {
        Cell cell = Cell.Maximum(Layout.Split, Workload.Setex, 30, 30);
        BenchOptions options = OptionReader.Read(ClientArguments.Load(cell, 2, 1, 2.5, 0));
        Assert.Equal((0.0, 30, 2.5, 64), (options.Qps, options.Pipeline, options.TestTime, options.ValueBytesMin));
        Assert.Equal((0UL, 999_999UL, KeyDistribution.Uniform), (options.KeyMinimum, options.KeyMaximum, options.KeyDistribution));
        Assert.Equal("setex __key__ 10000 __data__", Assert.Single(options.Commands).Text);
        Assert.NotEqual(options.Seed, OptionReader.Read(ClientArguments.Load(cell, 3, 1, 2.5, 0)).Seed);
    }

    [Fact]
    public void ARateIsSharedAmongTheConnections()
    {
        BenchOptions options = OptionReader.Read(ClientArguments.Load(Cell.Rate(Layout.Shared, Workload.Get, 90), 0, 2, 3, 45_000));
        Assert.Equal(1500, options.Qps);
        Assert.Equal((0, 1, 2, 15), (options.RatioSet, options.RatioGet, options.Threads, options.Connections));
    }

    [Fact]
    public void AFillWritesEachKeyOnce()
    {
        BenchOptions options = OptionReader.Read(ClientArguments.Fill(1_000_000, 0, 1));
        Assert.Equal(KeyDistribution.Sequential, options.KeyDistribution);
        Assert.Equal(1_000_000, options.Requests * options.Connections * options.Threads);
        Assert.Equal((0UL, 999_999UL, 50, 0.0), (options.KeyMinimum, options.KeyMaximum, options.Pipeline, options.Qps));
        Assert.True(OptionReader.Read(ClientArguments.Probe(0, 1)) is { Qps: > 0, Connections: 1, KeyMaximum: 999 });
        Assert.True(OptionReader.Read(ClientArguments.ConnectOnly(1000, 2)) is { ConnectOnly: true, Connections: 500 });
    }

    [Fact]
    public void KeysThatAreThereAreWrittenAgainWithOtherValues()
    {
        BenchOptions fill = OptionReader.Read(ClientArguments.Fill(1_000_000, 0, 1));
        BenchOptions again = OptionReader.Read(ClientArguments.Overwrite(1_000_000, 0, 1));
        Assert.Equal(500_000, again.Requests * again.Connections * again.Threads);
        Assert.Equal((fill.KeyMinimum, fill.KeyMaximum, fill.Pipeline), (again.KeyMinimum, again.KeyMaximum, again.Pipeline));
        Assert.Equal(Assert.Single(fill.Commands).Text, Assert.Single(again.Commands).Text);
        Assert.NotEqual(fill.Seed, again.Seed);
    }

    [Fact]
    public void SmallEntriesHaveTenBytesEach()
    {
        BenchOptions options = OptionReader.Read(ClientArguments.SmallEntries(2_000_000, 250_000, 0, 1));
        Assert.Equal(10, $"{options.KeyPrefix}{options.KeyMinimum}".Length);
        Assert.Equal(10, $"{options.KeyPrefix}{options.KeyMaximum}".Length);
        Assert.Equal((10, 10), (options.ValueBytesMin, options.ValueBytesMax));
        Assert.Equal(options.Requests * options.Connections, (long)(options.KeyMaximum - options.KeyMinimum + 1));
        Assert.Equal("set __key__ __data__", Assert.Single(options.Commands).Text);
        Assert.Equal(options.KeyMinimum, 1 + OptionReader.Read(ClientArguments.SmallEntries(0, 2_000_000, 0, 1)).KeyMaximum);
    }

    [Fact]
    public void ManyKeysAreAllAskedFor()
    {
        Cell cell = Cell.ManyKeys(Workload.Get, 20_000_000);
        BenchOptions options = OptionReader.Read(ClientArguments.Load(cell, 0, 1, 2, 0));
        Assert.Equal((0UL, 19_999_999UL, 30, 0.0), (options.KeyMinimum, options.KeyMaximum, options.Pipeline, options.Qps));
    }

    [Fact]
    public void RowsAreSentAsValkeyBenchmarkSendsThem()
    {
        Assert.Equal(18, TypeRow.All.Select(row => row.Name).Distinct().Count());
        foreach (Cell cell in MeasurementPlan.TypeSpeedCells(new RunSettings()))
        {
            TypeRow row = cell.Row!;
            BenchOptions options = OptionReader.Read(ClientArguments.RowLoad(cell, row, 0, 1, 2));
            Assert.Equal((50, cell.Pipeline, 0.0, 3), (options.Threads * options.Connections, options.Pipeline, options.Qps, options.ValueBytesMin));
            Assert.Equal(("", 100_000_000_000UL, 100_000_099_999UL), (options.KeyPrefix, options.KeyMinimum, options.KeyMaximum));
            Assert.StartsWith(row.Title.Split('_')[0], Assert.Single(options.Commands).Text, StringComparison.OrdinalIgnoreCase);
            if (row.Before.Length == 0) continue;
            BenchOptions before = OptionReader.Read(ClientArguments.RowBefore(cell, row, 0, 1, 2));
            long written = before.Requests * before.Connections * before.Threads;
            Assert.Equal((KeyDistribution.Sequential, written), (before.KeyDistribution, (long)(before.KeyMaximum - before.KeyMinimum + 1)));
            Assert.Equal(row.Takes ? written : 0, options.Requests * options.Connections * options.Threads);
            Assert.Equal(row.Takes ? (cell.Pipeline == 1 ? 120_000 : 1_000_000) : 100_000, written);
        }
    }

    [Fact]
    public void ReadsBesideALongCommandWaitForNobody()
    {
        BenchOptions options = OptionReader.Read(ClientArguments.Reads("{b}", 0, 3));
        Assert.Equal((-100.0, 20, 1, 3.0), (options.Qps, options.Connections, options.Threads, options.TestTime));
        Assert.Equal(("{b}key:", 0UL, 9999UL), (options.KeyPrefix, options.KeyMinimum, options.KeyMaximum));
        BenchOptions write = OptionReader.Read(ClientArguments.ReadKeys("{b}"));
        Assert.Equal(("{b}key:", 9999UL, 10_000), (write.KeyPrefix, write.KeyMaximum, write.Requests * write.Connections));
        Assert.Equal(["--shard_on_hashtags"], PeerCommands.TagArguments(ServerNames.Anax));
        Assert.Empty(PeerCommands.TagArguments(ServerNames.Valkey));
    }

    /// <summary>The floor knows no other address.</summary>
    [Fact]
    public void ServersListenOnlyHere() => Assert.All(ServerNames.All.Where(name => name != ServerNames.Floor), name =>
    {
        string command = string.Join(' ', PeerCommands.Arguments(name, 1, "7000"));
        Assert.Contains("--bind 127.0.0.1 --port 7000", command, StringComparison.Ordinal);
    });

    [Fact]
    public void WhoeverLetsInTenThousandLetsInMoreWhenToldSo()
    {
        Assert.Equal(["7000", "64"], PeerCommands.Arguments(ServerNames.Floor, 1, "7000"));
        Assert.Equal(["--maxclients", "12000"], PeerCommands.ConnectionArguments(ServerNames.Anax, 12_000));
        Assert.Equal(["--maxclients", "12000"], PeerCommands.ConnectionArguments(ServerNames.Valkey, 12_000));
        Assert.Equal(["--network-connection-limit", "12000"], PeerCommands.ConnectionArguments(ServerNames.Garnet, 12_000));
        Assert.Empty(PeerCommands.ConnectionArguments(ServerNames.Dragonfly, 12_000));
    }

    [Fact]
    public void TheControlIsStartedAsValkey()
    {
        Assert.Equal(PeerCommands.Arguments(ServerNames.Valkey, 2, "1"), PeerCommands.Arguments(ServerNames.Control, 2, "1"));
        Peer valkey = new(ServerNames.Valkey) { Path = "/somewhere/valkey-server" };
        Assert.Equal(
            "taskset -c 0 valkey-server --bind 127.0.0.1 --port PORT --save '' --appendonly no", PeerCommands.Text(valkey, 1, "0"));
    }

    private static RunSettings Read(string[] arguments) => new SettingsReader().Read(arguments, FourCpus);
}

using System.Text.Json;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Xunit;

namespace Anax.Tests.Unit.HeadToHead;

/// <summary>What was measured is read back as it was written, and only put together with its like.</summary>
public sealed class ResultFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headtohead").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void EverythingComesBack()
    {
        ResultDocument document = Samples.Document(
            Samples.Load(ServerNames.Anax, 0, 500), Samples.Failed(ServerNames.Valkey, 1, "\"no\"\nreply"),
            new Measurement { Cell = Cell.Fill().Id, Server = ServerNames.Anax, Fill = Samples.EvenFill() },
            new Measurement
            {
                Cell = Cell.Footprint(CellKind.LargeValue).Id,
                Server = ServerNames.Anax,
                LargeValue = Samples.LargeValue(2),
            },
            new Measurement { Cell = "types/memory/set", Collections = new GrowthFigures { Entries = [1], ResidentBytes = [2], UsedBytes = [3] } },
            new Measurement { Cell = "types/worst/del/same", LongCommand = new LongCommandFigures { Runs = 3, LongestRunMs = 4.5 } });
        document.Preparations.Add(new Preparation { Layout = Layout.Shared, Server = ServerNames.Anax, ConnectionNs = 20_000 });
        ResultFile file = new(_folder);
        file.Save(document);
        ResultDocument? back = file.Load();
        Assert.NotNull(back);
        Assert.Equal(ResultFile.Text(document), ResultFile.Text(back));
        Assert.Equal("\"no\"\nreply", back.Measurements[1].Failure);
        Assert.Equal(Samples.EvenFill().ResidentBytes, back.Measurements[2].Fill!.ResidentBytes);
        Assert.Equal(Samples.LargeValue(2), back.Measurements[3].LargeValue);
        Assert.Equal([3], back.Measurements[4].Collections!.UsedBytes);
        Assert.Equal(new LongCommandFigures { Runs = 3, LongestRunMs = 4.5 }, back.Measurements[5].LongCommand);
        Assert.Equal([ResultFile.Name], Directory.EnumerateFiles(_folder).Select(Path.GetFileName));
    }

    [Fact]
    public void AMeasurementIsALine()
    {
        string text = ResultFile.Text(Samples.Document(
            Samples.Load(ServerNames.Anax, 0, 500), Samples.Load(ServerNames.Valkey, 0, 500)));
        Assert.Equal(2, text.Split('\n').Count(line => line.Contains("\"cell\"", StringComparison.Ordinal)));
        using JsonDocument json = JsonDocument.Parse(text);
        Assert.Equal(125, json.RootElement.GetProperty("measurements")[0].GetProperty("load").GetProperty("user_ns").GetDouble());
    }

    [Fact]
    public void WhatCannotBeReadIsAsGoodAsNothing()
    {
        ResultFile file = new(_folder);
        Assert.Null(file.Load());
        File.WriteAllText(Path.Combine(_folder, ResultFile.Name), "{ \"format\": 1, ");
        Assert.Null(file.Load());
        File.WriteAllText(Path.Combine(_folder, ResultFile.Name), ResultFile.Text(Samples.Document() with { Format = 0 }));
        Assert.Null(file.Load());
    }

    [Fact]
    public void OldResultsAreKept()
    {
        ResultFile file = new(_folder);
        Assert.Empty(file.PutAside());
        file.Save(Samples.Document());
        string first = file.PutAside();
        file.Save(Samples.Document());
        File.SetLastWriteTimeUtc(Path.Combine(_folder, ResultFile.Name), File.GetLastWriteTimeUtc(Path.Combine(_folder, first)));
        string second = file.PutAside();
        IEnumerable<string?> names = Directory.EnumerateFiles(_folder).Select(Path.GetFileName);
        Assert.Equal(new[] { first, second }.Order(), names.Order());
    }

    [Fact]
    public void AnythingThatResultsDependOnChangesTheFingerprint()
    {
        ResultDocument one = Samples.Document();
        string first = Of(one.Settings, one.Machine, one.Servers);
        Assert.Equal(first, Of(one.Settings with { }, one.Machine with { StartTime = DateTimeOffset.UnixEpoch }, [.. one.Servers]));
        string[] others =
        [
            Of(one.Settings with { Rounds = 4 }, one.Machine, one.Servers),
            Of(one.Settings with { Seconds = 2 }, one.Machine, one.Servers),
            Of(one.Settings with { FillEntries = 2000 }, one.Machine, one.Servers),
            Of(one.Settings with { ManyKeys = 1000 }, one.Machine, one.Servers),
            Of(one.Settings with { Cells = ["fill"] }, one.Machine, one.Servers),
            Of(one.Settings with { Layouts = [Layout.Shared] }, one.Machine, one.Servers),
            Of(one.Settings with { ServerCpus = "2" }, one.Machine, one.Servers),
            Of(one.Settings with { BenchSha256 = "other" }, one.Machine, one.Servers),
            Of(one.Settings with { ClientCommands = ["other"] }, one.Machine, one.Servers),
            Of(one.Settings, one.Machine with { Cpus = 64 }, one.Servers),
            Of(one.Settings, one.Machine, [one.Servers[0] with { Sha256 = "rebuilt" }, .. one.Servers.Skip(1)]),
            Of(one.Settings, one.Machine, [one.Servers[0] with { Version = "0.2.0" }, .. one.Servers.Skip(1)]),
            Of(one.Settings, one.Machine, [one.Servers[0] with { SplitCommand = "anax --force_epoll" }, .. one.Servers.Skip(1)]),
            Of(one.Settings, one.Machine, [.. one.Servers.SkipLast(1), one.Servers[^1] with { Missing = "", Version = "1.30" }]),
        ];
        Assert.DoesNotContain(first, others);
        Assert.Equal(others.Length, others.Distinct().Count());

        static string Of(ResultSettings settings, ResultMachine machine, IReadOnlyList<ResultServer> servers) =>
            Fingerprint.Of(settings, machine, servers);
    }
}

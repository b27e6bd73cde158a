using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Report;
using Anax.Bench.HeadToHead.Results;
using Xunit;

namespace Anax.Tests.Unit.HeadToHead;

/// <summary>Goals are judged by the results, and say what they cannot be sure of.</summary>
public sealed class GoalTests
{
    private const string PlainSetex = "split: SETEX, pipeline 1, 30 connections: ";

    private static readonly Cell Rate = Cell.Rate(Layout.Split, Workload.Get, 50);

    [Fact]
    public void WhatWasNotMeasuredIsNeitherMetNorMissed()
    {
        Goal[] goals = [.. Of()];
        Assert.All(goals, goal => Assert.Equal(("not measured", "–"), (goal.Verdict, goal.ReachedText)));
        Assert.Contains(goals, goal => goal.Subject.Contains("20M keys", StringComparison.Ordinal));
        Assert.Equal(goals.Length, goals.Select(goal => (goal.Subject, goal.Bound.Text)).Distinct().Count());
    }

    [Fact]
    public void AMedianIsJudgedAgainstItsLimit()
    {
        Measurement[] others = [Samples.Load(ServerNames.Floor, 0, 1000), Samples.Load(ServerNames.Valkey, 0, 2000)];
        Goal met = Find("CPU time to the floor's", [Samples.Load(ServerNames.Anax, 0, 1150), .. others]);
        Assert.Equal(("yes", "1.15", "≤ 1.15"), (met.Verdict, met.ReachedText, met.Bound.Text));
        Assert.Equal("**no**", Find("CPU time to the floor's", [Samples.Load(ServerNames.Anax, 0, 1160), .. others]).Verdict);
        // User time is a quarter of all in the samples.
        Assert.Equal("0.40", Find("user time to Valkey's", [Samples.Load(ServerNames.Anax, 0, 800), .. others]).ReachedText);
    }

    [Fact]
    public void OneRoundAboveIsOneTooManyWhereEveryRoundCounts()
    {
        Measurement[] valkey = [.. Enumerable.Range(0, 3).Select(round => Samples.Load(ServerNames.Valkey, round, 1000))];
        Assert.Equal("yes", InEveryRound(500, 600, 999));
        Assert.Equal("**no**", InEveryRound(500, 600, 1000));

        string InEveryRound(params double[] cpuNs) => Assert.Single(
            Of([.. cpuNs.Select((ns, round) => Samples.Load(ServerNames.Anax, round, ns)), .. valkey]),
            goal => goal.Subject == PlainSetex + "CPU time to Valkey's").Verdict;
    }

    [Fact]
    public void ANoisyControlAndAClientWithoutTimeAreRemarked()
    {
        Measurement[] measured =
        [
            Samples.Load(ServerNames.Anax, 0, 300, clientIsLimit: true), Samples.Load(ServerNames.Valkey, 0, 1000),
            Samples.Load(ServerNames.Control, 0, 1060),
        ];
        Goal goal = Find("user time to Valkey's", measured);
        Assert.Equal("noisy: the control is not within 0.95…1.05; † the client was the limit", goal.Remark);
        Assert.Equal(1.06, goal.Control!.Value.Median, 6);
        measured = [Samples.Load(ServerNames.Anax, 0, 300), measured[1], Samples.Load(ServerNames.Control, 0, 1040)];
        Assert.Empty(Find("user time to Valkey's", measured).Remark);
    }

    [Fact]
    public void LatencyIsComparedWithTheFloorAndWithValkey()
    {
        Goal[] goals =
        [
            .. Of(WithP99(ServerNames.Anax, 110), WithP99(ServerNames.Floor, 100), WithP99(ServerNames.Valkey, 109))
                .Where(goal => goal.Subject.StartsWith("split: GET at 50 %: P99 ", StringComparison.Ordinal)),
        ];
        Assert.Equal(["yes", "**no**"], goals.Select(goal => goal.Verdict));
        Assert.Equal(["1.10", "1.01"], goals.Select(goal => goal.ReachedText));

        static Measurement WithP99(string server, double us) => new()
        {
            Cell = Rate.Id,
            Server = server,
            Load = new LoadFigures { Latency = new Latencies { P99Us = us, P999Us = us } },
        };
    }

    [Fact]
    public void AFillIsAsEvenAsTheRunThatOverwrites()
    {
        // A window of ten is at 80, P5 / median is 0.8.
        long[] uneven = [100, 100, 100, 100, 80, 100, 100, 100, 100, 100, 100, 100, 0];
        FillFigures fill = Samples.EvenFill() with { Series = uneven, LongestTurnUs = 12_000, Probe = new Latencies { P999Us = 9000 } };
        Assert.Equal("**no**", Verdict("fill: P5 / median of 100 ms", fill));
        Assert.Equal("yes", Verdict("fill: P5 / median of 100 ms", fill with { OverwriteSeries = uneven }));
        Assert.Equal("**no**", Verdict("fill: longest turn of an event loop, ms", fill));
        Assert.Equal("yes", Verdict("fill: probe's P99.9, ms", fill));
        Assert.Equal("not measured", Verdict("fill: longest turn of an event loop, ms", fill with { LongestTurnUs = 0 }));

        static string Verdict(string subject, FillFigures fill)
        {
            Measurement measurement = new() { Cell = Cell.Fill().Id, Server = ServerNames.Anax, Fill = fill };
            return Assert.Single(Of(measurement), goal => goal.Subject == subject).Verdict;
        }
    }

    [Fact]
    public void FootprintsAreJudgedInBytes()
    {
        Goal[] goals =
        [
            .. Of(
                Made(CellKind.SmallEntries) with
                {
                    SmallEntries = new GrowthFigures { StartBytes = 1000, Entries = [100, 200], ResidentBytes = [4000, 7800] },
                },
                Made(CellKind.IdleConnections) with
                {
                    IdleConnections = new IdleConnectionsFigures { Connections = 10, StartBytes = 100, ResidentBytes = 20_590 },
                },
                Made(CellKind.LargeValue) with { LargeValue = Samples.LargeValue(1) },
                Made(CellKind.LargeValue, ServerNames.Valkey) with { LargeValue = Samples.LargeValue(2) })
                .Where(goal => goal.Verdict != "not measured"),
        ];
        Assert.Equal(
            [
                ("small entries: bytes each, mean", "32.0", "yes"), ("small entries: bytes each at worst", "34.0", "**no**"),
                ("idle connections: bytes each", "2049", "**no**"),
                ("split: a large value: SET throughput to Valkey's", "2.00", "yes"),
                ("split: a large value: GET throughput to Valkey's", "2.00", "yes"),
                ("a large value: peak RSS during SET / its size", "1.05", "yes"),
                ("a large value: growth of RSS during GET, MiB", "17.0", "**no**"),
            ],
            goals.Select(goal => (goal.Subject, goal.ReachedText, goal.Verdict)));

        static Measurement Made(CellKind kind, string server = ServerNames.Anax) =>
            new() { Cell = Cell.Footprint(kind).Id, Server = server };
    }

    [Fact]
    public void MemoryOfCollectionsIsComparedWithValkeys()
    {
        Cell set = Cell.Memory(CellKind.LargeCollection, Collection.Set), small = Cell.Memory(CellKind.SmallCollections, Collection.SortedSet);
        Goal[] goals =
        [
            .. Of(Made(set, ServerNames.Anax, 36), Made(set, ServerNames.Valkey, 50), Made(small, ServerNames.Anax, 161), Made(small, ServerNames.Valkey, 174))
                .Where(goal => goal.Verdict != "not measured"),
        ];
        Assert.Equal(
            [
                ("split: a large set: bytes each to Valkey's", "0.72", "≤ 0.7", "**no**"),
                ("split: small sorted sets: bytes each to Valkey's", "0.93", "≤ 0.9", "**no**"),
            ],
            goals.Select(goal => (goal.Subject, goal.ReachedText, goal.Bound.Text, goal.Verdict)));

        static Measurement Made(Cell cell, string server, long bytes) => new()
        {
            Cell = cell.Id,
            Server = server,
            Collections = new GrowthFigures { Entries = [100, 200], ResidentBytes = [100 * bytes, 200 * bytes] },
        };
    }

    [Fact]
    public void OfTheRowsTheLeastAndTheMedianAreJudged()
    {
        double[] cpuNs = [900, 400, 250];
        Measurement[] measurements =
        [
            .. cpuNs.SelectMany((ns, i) => (Measurement[])
            [
                Made(i, ServerNames.Anax, ns, 0), Made(i, ServerNames.Valkey, 1000, 0),
                Made(i, ServerNames.Anax, ns * 2, 1), Made(i, ServerNames.Valkey, 1800, 1),
            ]),
        ];
        // Per CPU second: 1.11 and 1, 2.5 and 2.25, 4 and 3.6.
        Goal[] goals = [.. Of(measurements).Where(goal => goal.Verdict != "not measured")];
        Assert.Equal(
            [
                ("types, pipeline 16: operations per CPU second to Valkey's, the least row", "1.06 (1.00…1.11)", "yes", "SET"),
                ("types, pipeline 16: operations per CPU second to Valkey's, the median row", "2.38 (1.06…3.80)", "yes",
                    "of 3 rows, from the least to the greatest"),
            ],
            goals.Select(goal => (goal.Subject, goal.ReachedText, goal.Verdict, goal.Remark)));
        Goal least = Of([.. measurements, Made(3, ServerNames.Anax, 1250, 0), Made(3, ServerNames.Valkey, 1000, 0),
            Made(4, ServerNames.Anax, 1111, 0), Made(4, ServerNames.Valkey, 1000, 0)]).First(goal => goal.Verdict != "not measured");
        Assert.Equal(("0.80", "**no**", "LPUSH, RPUSH"), (least.ReachedText, least.Verdict, least.Remark));

        static Measurement Made(int row, string server, double cpuNs, int round) =>
            Samples.Load(Cell.TypeSpeed(TypeRow.All[row], 16), server, round, cpuNs, 1000, false);
    }

    [Fact]
    public void BesideALongCommandTheOtherShardIsJudged()
    {
        LongCommandFigures figures = new()
        {
            Yardstick = new Latencies { P999Us = 2000 },
            Latency = new Latencies { P999Us = 4200 },
            YardstickTurnUs = 500,
            TurnUs = 600,
        };
        Goal[] goals =
        [
            .. Of(Made(isSameShard: false, ServerNames.Anax), Made(isSameShard: true, ServerNames.Anax), Made(isSameShard: true, ServerNames.Valkey))
                .Where(goal => goal.Verdict != "not measured"),
        ];
        Assert.Equal(
            [
                ("ZRANGE 0 -1 of 1M, GET on another shard: P99.9 to that beside a busy process", "2.10", "**no**"),
                ("ZRANGE 0 -1 of 1M, GET on another shard: the other loop's longest turn to the same", "1.20", "yes"),
            ],
            goals.Select(goal => (goal.Subject, goal.ReachedText, goal.Verdict)));

        Measurement Made(bool isSameShard, string server) =>
            new() { Cell = Cell.Long(LongCommand.Zrange, isSameShard).Id, Server = server, LongCommand = figures };
    }

    private static Goal Find(string what, params Measurement[] measurements) =>
        Of(measurements).First(goal => goal.Subject == PlainSetex + what);

    private static IReadOnlyList<Goal> Of(params Measurement[] measurements) =>
        new Goals(new ResultSummary(Samples.Document(measurements))).All();
}

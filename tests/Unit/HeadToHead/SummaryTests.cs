using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Results;
using Xunit;

namespace Anax.Tests.Unit.HeadToHead;

/// <summary>Medians and ratios, against numbers made by hand.</summary>
public sealed class SummaryTests
{
    [Fact]
    public void MedianIsTheMiddleOfTheRounds()
    {
        Assert.Equal(new Spread(3, 1, 9, 5), Spread.Of([9, 1, 3, 2, 5]));
        Assert.Equal(new Spread(2.5, 1, 9, 4), Spread.Of([9, 1, 3, 2]));
        Assert.Equal(new Spread(7, 7, 7, 1), Spread.Of([7]));
        Assert.Null(Spread.Of([]));
    }

    [Fact]
    public void RatiosAreOfTheSameRound()
    {
        ResultSummary summary = new(Samples.Document(
            Samples.Load(ServerNames.Anax, 0, 500), Samples.Load(ServerNames.Anax, 1, 1200), Samples.Load(ServerNames.Anax, 2, 700),
            // In another order: the round counts, not the place.
            Samples.Load(ServerNames.Valkey, 2, 1000), Samples.Load(ServerNames.Valkey, 0, 1000),
            Samples.Load(ServerNames.Valkey, 1, 2000)));
        // 0.5, 0.6 and 0.7; the ratio of the medians would be 0.7.
        Assert.Equal(new Spread(0.6, 0.5, 0.7, 3), summary.LoadRatio(Samples.Setex, ServerNames.Anax, load => load.CpuNs));
        Assert.Equal(new Spread(700, 500, 1200, 3), summary.Load(Samples.Setex, ServerNames.Anax, load => load.CpuNs));
        Assert.Equal(new Spread(1, 1, 1, 3), summary.LoadRatio(Samples.Setex, ServerNames.Valkey, load => load.CpuNs));
        Assert.Null(summary.LoadRatio(Samples.Setex, ServerNames.Garnet, load => load.CpuNs));
    }

    [Fact]
    public void WhatFailedIsCountedInNothing()
    {
        ResultSummary summary = new(Samples.Document(
            Samples.Load(ServerNames.Anax, 0, 500), Samples.Load(ServerNames.Anax, 1, 700),
            Samples.Failed(ServerNames.Anax, 2, "it died"),
            Samples.Load(ServerNames.Valkey, 0, 1000), Samples.Failed(ServerNames.Valkey, 1, "it died"),
            Samples.Load(ServerNames.Valkey, 2, 1)));
        Assert.Equal(new Spread(600, 500, 700, 2), summary.Load(Samples.Setex, ServerNames.Anax, load => load.CpuNs));
        // Only in the first round have both.
        Assert.Equal(new Spread(0.5, 0.5, 0.5, 1), summary.LoadRatio(Samples.Setex, ServerNames.Anax, load => load.CpuNs));
        Assert.Equal((2, 3), (summary.CountGood(Samples.Setex, ServerNames.Anax), summary.Of(Samples.Setex, ServerNames.Anax).Count));
        Assert.Equal(2, summary.Failures.Count);
    }

    [Fact]
    public void TheClientIsTheLimitWhereItWasInMostRounds()
    {
        ResultSummary summary = new(Samples.Document(
            Samples.Load(ServerNames.Anax, 0, 1, clientIsLimit: true), Samples.Load(ServerNames.Anax, 1, 1, clientIsLimit: true),
            Samples.Load(ServerNames.Anax, 2, 1), Samples.Load(ServerNames.Valkey, 0, 1, clientIsLimit: true),
            Samples.Load(ServerNames.Valkey, 1, 1)));
        Assert.True(summary.IsClientLimit(Samples.Setex, ServerNames.Anax));
        Assert.False(summary.IsClientLimit(Samples.Setex, ServerNames.Valkey));
    }

    [Fact]
    public void AMissingServerIsNotMeasuredAndNotForgotten()
    {
        ResultSummary summary = new(Samples.Document());
        Assert.Equal([ServerNames.Anax, ServerNames.Valkey, ServerNames.Control], summary.Servers);
        Assert.Equal([ServerNames.Dragonfly], summary.MissingServers.Select(server => server.Name));
    }
}

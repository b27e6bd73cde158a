using System.Diagnostics;
using Anax.Tests.Simulation.Checking;
using CsCheck;
using Xunit;

namespace Anax.Tests.Simulation.CheckingTests;

/// <summary>The graph of transactions against each kind of anomaly, and against what is right.</summary>
public sealed class StrictSerializabilityTests
{
    private int _sequence;

    [Fact]
    public void ConcurrentTransactionsMayTakeEffectInAnyOrder() => Accepts(
        Done(1, 0, 100, Step.MSet(["x", "y"], ["1", "1"]).Answered("OK")),
        Done(2, 0, 100, Step.MSet(["x", "y"], ["2", "2"]).Answered("OK")),
        Done(3, 0, 100, Step.MGet("x", "y").Answered("1", "1")),
        Done(4, 0, 100, Step.MGet("x", "y").Answered("2", "2")),
        Done(5, 0, 100, Step.MGet("x", "y").Answered(null, null)));

    [Fact]
    public void AStaleReadIsAgainstRealTime() => Rejects("G-single, against real time",
        Done(1, 0, 10, Step.Set("x", "1").Answered("OK")),
        Done(2, 20, 30, Step.Get("x").Answered(null)));

    [Fact]
    public void AFracturedReadIsFoundWithoutKnowingTheOrderOfWrites() => Rejects("reads that fit no order of the writes",
        Done(9, 0, 10, Step.MSet(["x", "y"], ["0", "0"]).Answered("OK")),
        Done(1, 20, 100, Step.MSet(["x", "y"], ["1", "1"]).Answered("OK")),
        Done(2, 20, 100, Step.MSet(["x", "y"], ["2", "2"]).Answered("OK")),
        Done(3, 20, 100, Step.MGet("x", "y").Answered("1", "2")),
        Done(4, 20, 100, Step.MGet("x", "y").Answered("2", "1")));

    [Fact]
    public void AHalfSeenWriteIsGSingle() => Rejects("G-single",
        Done(1, 0, 100, Step.MSet(["x", "y"], ["1", "1"]).Answered("OK")),
        Done(2, 0, 100, Step.MGet("x", "y").Answered("1", null)));

    [Fact]
    public void ALostUpdateOfARegisterIsG2() => Rejects("G2, lost update",
        Done(1, 0, 10, Step.Set("x", "0").Answered("OK")),
        Done(2, 20, 90, Step.Get("x").Answered("0"), Step.Set("x", "1").Answered("OK")),
        Done(3, 20, 90, Step.Get("x").Answered("0"), Step.Set("x", "2").Answered("OK")));

    [Fact]
    public void ALostUpdateOfAListIsFound() => Rejects("lost update: a and b both are element 0 of x",
        Done(1, 0, 100, Step.Append("x", "a").Answered("1")),
        Done(2, 0, 100, Step.Append("x", "b").Answered("1")));

    [Fact]
    public void ALostIncrementIsFound() => Rejects("lost update: x = 1 was written twice",
        Done(1, 0, 100, Step.Incr("x").Answered("1")),
        Done(2, 0, 100, Step.Incr("x").Answered("1")));

    [Fact]
    public void WriteSkewIsG2() => Rejects("G2, write skew",
        Done(1, 0, 100, Step.Get("x").Answered(null), Step.Set("y", "1").Answered("OK")),
        Done(2, 0, 100, Step.Get("y").Answered(null), Step.Set("x", "2").Answered("OK")));

    [Fact]
    public void CircularInformationFlowIsG1c() => Rejects("G1c",
        Done(1, 0, 100, Step.Set("x", "1").Answered("OK"), Step.Get("y").Answered("2")),
        Done(2, 0, 100, Step.Set("y", "2").Answered("OK"), Step.Get("x").Answered("1")));

    [Fact]
    public void WritesThatInterleaveAreG0() => Rejects("G0",
        Done(1, 0, 100, Step.Append("x", "a").Answered("1"), Step.Append("y", "a").Answered("2")),
        Done(2, 0, 100, Step.Append("x", "b").Answered("2"), Step.Append("y", "b").Answered("1")));

    [Fact]
    public void ADirtyReadOfAnAbortedExecIsG1a()
    {
        Rejects("G1a",
            new Operation(1, 1, 0, 10, Outcome.Aborted, [Step.Set("x", "1")]),
            Done(2, 5, 20, Step.Get("x").Answered("1")));
        Rejects("G1a",
            new Operation(1, 1, 0, 10, Outcome.Aborted, [Step.Append("x", "a")]),
            Done(2, 5, 20, Step.Append("x", "b").Answered("2")),
            Done(2, 30, 40, Step.Get("x").Answered("ab")));
    }

    [Fact]
    public void AnIntermediateReadIsG1b() => Rejects("G1b",
        Done(1, 0, 100, Step.Set("x", "1").Answered("OK"), Step.Set("x", "2").Answered("OK")),
        Done(2, 0, 100, Step.Get("x").Answered("1")));

    [Fact]
    public void AWatchThatMissedAChangeContradictsItself() => Rejects("a transaction contradicts itself",
        Done(1, 0, 10, Step.Set("x", "1").Answered("OK")),
        Done(1, 20, 30, Step.Get("x").Answered("1"), Step.Get("x").Answered(null)));

    [Fact]
    public void AValueThatNobodyWroteIsFound() => Rejects("nobody wrote x = 7",
        Done(1, 0, 10, Step.Get("x").Answered("7")));

    [Fact]
    public void RepliesOutOfOrderInAPipelineAreRejected() => Rejects("sent by the same client",
        Done(1, 0, 100, Step.Set("x", "1").Answered("OK")),
        Done(1, 0, 100, Step.Get("x").Answered(null)));

    [Fact]
    public void AnUnknownTransactionMayHappenLateOrNever()
    {
        Operation lost = Operation.Lost(1, 1, 0, Step.MSet(["x", "y"], ["1", "1"]));
        Accepts(lost, Done(2, 50, 60, Step.MGet("x", "y").Answered(null, null)));
        Accepts(lost, Done(2, 50, 60, Step.MGet("x", "y").Answered(null, null)), Done(3, 70, 80, Step.MGet("x", "y").Answered("1", "1")));
        Rejects("G-single", lost, Done(2, 50, 60, Step.MGet("x", "y").Answered("1", null)));
    }

    [Fact]
    public void ACycleIsToldInWords()
    {
        Verdict verdict = StrictSerializability.Check(
        [
            Done(1, 0, 10, Step.Set("x", "1").Answered("OK")),
            Done(2, 20, 30, Step.Get("x").Answered(null)),
        ]);
        Assert.Contains("had returned when", verdict.Words, StringComparison.Ordinal);
        Assert.Contains("read x = nil, before", verdict.Words, StringComparison.Ordinal);
    }

    [Fact]
    public void ASerialExecutionIsAlwaysAccepted() => Gen.Int.Sample(seed =>
    {
        var history = new HistoryGenerator(seed) { AreTransactions = true, Reach = 12, LostEvery = 50 }.Make(400);
        Verdict verdict = StrictSerializability.Check(history);
        if (!verdict.IsAccepted) throw new InvalidOperationException(verdict.Words);
    }, iter: 60);

    [Fact]
    public void ASpoiltExecutionIsMostlyRejected()
    {
        int rejected = 0, all = 0;
        Gen.Int.Sample(seed =>
        {
            HistoryGenerator generator = new(seed) { AreTransactions = true, Reach = 4 };
            var spoilt = generator.Spoil(generator.Make(200));
            if (StrictSerializability.Check(spoilt).IsRejected) Interlocked.Increment(ref rejected);
            Interlocked.Increment(ref all);
        }, iter: 100);
        Assert.True(rejected > all * 0.9, $"{rejected} of {all} rejected");
    }

    [Fact]
    public void WhatIsRejectedIsWrongByBruteForceAndMostOfWhatIsWrongIsRejected()
    {
        int missed = 0, wrong = 0;
        Gen.Int.Sample(seed =>
        {
            HistoryGenerator generator = new(seed) { AreTransactions = true, Keys = 2, Reach = 8, LostEvery = seed % 2 == 0 ? 6 : 0 };
            var history = generator.Make(6);
            if (seed % 3 != 0) history = generator.Spoil(history);
            bool isRight = BruteForce.Accepts(history);
            bool isRejected = StrictSerializability.Check(history).IsRejected;
            if (isRight && isRejected) throw new InvalidOperationException($"rejected, but right:\n{string.Join('\n', history)}");
            if (isRight) return;
            Interlocked.Increment(ref wrong);
            if (!isRejected) Interlocked.Increment(ref missed);
        }, iter: 20_000);
        Assert.True(wrong > 200 && missed <= wrong / 20, $"{missed} of {wrong} wrong histories passed");
    }

    [Fact]
    public void TenThousandTransactionsTakeSeconds()
    {
        var history = new HistoryGenerator(1) { AreTransactions = true, Keys = 6, Reach = 16 }.Make(10_000);
        Stopwatch clock = Stopwatch.StartNew();
        Assert.True(StrictSerializability.Check(history).IsAccepted);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 20);
    }

    [Fact]
    public void RealTimeEdgesAreFewAndSayAll()
    {
        var history = new HistoryGenerator(3) { Reach = 8 }.Make(500);
        TransactionGraph graph = new(history.Count);
        RealTime.AddTo(graph, history, new HashSet<int>(Enumerable.Range(0, history.Count)));
        Assert.InRange(graph.Edges, 1, history.Count * 20);
        ulong[][] after = graph.Closure(graph.TopologicalOrder());
        for (int i = 0; i < history.Count; i++)
            for (int j = 0; j < history.Count; j++)
                Assert.Equal(history[i].Returned < history[j].Invoked, TransactionGraph.Has(after[i], j));
    }

    [Fact]
    public void MoneyThatAppearsIsFound()
    {
        Operation[] history = [Done(1, 0, 10, Step.MGet("a", "b").Answered("40", "60")), Done(1, 20, 30, Step.Get("a").Answered("41"))];
        Assert.True(BankInvariant.Check(history, ["a", "b"], 100).IsAccepted);
        Operation[] wrong = [.. history, Done(2, 5, 15, Step.Get("a").Answered("40"), Step.Get("b").Answered("70"))];
        Assert.Contains("110", BankInvariant.Check(wrong, ["a", "b"], 100).Words, StringComparison.Ordinal);
        Assert.False(BankInvariant.Check([history[1]], ["a", "b"], 100).IsAccepted);
    }

    private Operation Done(int client, long invoked, long returned, params Step[] steps) =>
        Operation.Done(client, ++_sequence, invoked, returned, steps);

    private static void Accepts(params Operation[] history)
    {
        Verdict verdict = StrictSerializability.Check(history);
        Assert.True(verdict.IsAccepted, verdict.Words);
        Assert.True(BruteForce.Accepts(history));
    }

    private static void Rejects(string kind, params Operation[] history)
    {
        Verdict verdict = StrictSerializability.Check(history);
        Assert.True(verdict.IsRejected, verdict.Words);
        Assert.Contains(kind, verdict.Words, StringComparison.Ordinal);
        Assert.False(BruteForce.Accepts(history));
    }
}

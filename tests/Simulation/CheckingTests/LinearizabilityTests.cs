using System.Diagnostics;
using Anax.Tests.Simulation.Checking;
using CsCheck;
using Xunit;

namespace Anax.Tests.Simulation.CheckingTests;

/// <summary>The search for linearizations against histories known to be right or wrong.</summary>
public sealed class LinearizabilityTests
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(20);
    private int _sequence;

    [Fact]
    public void ConcurrentOperationsMayTakeEffectInAnyOrder() => Accepts(
        Done(1, 0, 100, Step.Set("k", "a").Answered("OK")),
        Done(2, 10, 90, Step.Set("k", "b").Answered("OK")),
        Done(3, 20, 30, Step.Get("k").Answered("b")),
        Done(3, 40, 50, Step.Get("k").Answered("a")));

    [Fact]
    public void AStaleReadIsRejected() => Rejects("GET k → nil",
        Done(1, 0, 10, Step.Set("k", "a").Answered("OK")),
        Done(2, 20, 30, Step.Get("k").Answered(null)));

    [Fact]
    public void AReadThatGoesBackIsRejected() => Rejects("GET k → nil",
        Done(1, 0, 100, Step.Set("k", "a").Answered("OK")),
        Done(2, 10, 20, Step.Get("k").Answered("a")),
        Done(3, 30, 40, Step.Get("k").Answered(null)));

    [Fact]
    public void ALostIncrementIsRejected() => Rejects("INCR k → 1",
        Done(1, 0, 100, Step.Incr("k").Answered("1")),
        Done(2, 10, 90, Step.Incr("k").Answered("1")));

    [Fact]
    public void ADoublePopIsRejected() => Rejects("GETDEL k → a",
        Done(1, 0, 10, Step.Set("k", "a").Answered("OK")),
        Done(2, 20, 50, Step.GetDel("k").Answered("a")),
        Done(3, 30, 60, Step.GetDel("k").Answered("a")));

    [Fact]
    public void AValueOfAnAbortedTransactionIsRejected() => Rejects("GET k → a",
        new Operation(1, 1, 0, 10, Outcome.Aborted, [Step.Set("k", "a")]),
        Done(2, 5, 20, Step.Get("k").Answered("a")));

    [Fact]
    public void RepliesOutOfOrderInAPipelineAreRejected()
    {
        // All four are under way at once; only the client's own order tells them apart.
        Rejects("GET k",
            Done(1, 0, 10, Step.Set("k", "a").Answered("OK")),
            Done(1, 0, 20, Step.Get("k").Answered("b")),
            Done(1, 0, 30, Step.Set("k", "b").Answered("OK")),
            Done(1, 0, 40, Step.Get("k").Answered("a")));
        Accepts(
            Done(1, 0, 10, Step.Set("k", "a").Answered("OK")),
            Done(1, 0, 20, Step.Get("k").Answered("a")),
            Done(1, 0, 30, Step.Set("k", "b").Answered("OK")),
            Done(1, 0, 40, Step.Get("k").Answered("b")));
    }

    [Fact]
    public void AFracturedMultiKeyReadIsRejected() => Rejects("MGET a b → 1 0",
        Done(1, 0, 10, Step.MSet(["a", "b"], ["0", "0"]).Answered("OK")),
        Done(1, 20, 100, Step.MSet(["a", "b"], ["1", "1"]).Answered("OK")),
        Done(2, 30, 90, Step.MGet("a", "b").Answered("1", "0")));

    [Fact]
    public void AKeySeenTwiceDuringARenameIsRejected() => Rejects("EXISTS a b → 2",
        Done(1, 0, 10, Step.Set("a", "1").Answered("OK")),
        Done(1, 20, 100, Step.Rename("a", "b").Answered("OK")),
        Done(2, 30, 90, Step.Exists("a", "b").Answered("2")));

    [Fact]
    public void AHalfDoneDeleteIsRejected() => Rejects("MGET a b → nil 1",
        Done(1, 0, 10, Step.MSetNx(["a", "b"], ["1", "1"]).Answered("1")),
        Done(1, 20, 100, Step.Del("a", "b").Answered("2")),
        Done(2, 30, 90, Step.MGet("a", "b").Answered(null, "1")));

    [Fact]
    public void AnUnknownWriteMayHappenLateOrNever()
    {
        Operation lost = Operation.Lost(1, 1, 0, Step.Set("k", "a"));
        Accepts(lost, Done(2, 100, 110, Step.Get("k").Answered(null)), Done(2, 120, 130, Step.Get("k").Answered("a")));
        Accepts(lost, Done(2, 100, 110, Step.Get("k").Answered(null)));
        Rejects("GET k → nil", lost, Done(2, 100, 110, Step.Get("k").Answered("a")), Done(2, 120, 130, Step.Get("k").Answered(null)));
    }

    [Fact]
    public void ASerialExecutionIsAlwaysAccepted() => Gen.Int.Sample(seed =>
    {
        var history = new HistoryGenerator(seed) { Keys = 2, Reach = 12, LostEvery = 100 }.Make(300);
        Verdict verdict = Linearizability.Check(history, Bound);
        if (!verdict.IsAccepted) throw new InvalidOperationException(verdict.Words);
    }, iter: 60);

    [Fact]
    public void ASpoiltExecutionIsMostlyRejected()
    {
        int rejected = 0, all = 0;
        Gen.Int.Sample(seed =>
        {
            HistoryGenerator generator = new(seed) { Keys = 2, Reach = 4 };
            var spoilt = generator.Spoil(generator.Make(200));
            if (Linearizability.Check(spoilt, Bound).IsRejected) Interlocked.Increment(ref rejected);
            Interlocked.Increment(ref all);
        }, iter: 100);
        Assert.True(rejected > all * 0.8, $"{rejected} of {all} rejected");
    }

    [Fact]
    public void TinyHistoriesAreJudgedAsBruteForceDoes()
    {
        int rejected = 0, accepted = 0;
        Gen.Int.Sample(seed =>
        {
            HistoryGenerator generator = new(seed) { Keys = 1, Reach = 8, LostEvery = seed % 2 == 0 ? 5 : 0 };
            var history = generator.Make(7);
            if (seed % 3 != 0) history = generator.Spoil(history);
            bool expected = BruteForce.Accepts(history);
            if (Linearizability.Check(history, Bound).IsAccepted != expected)
                throw new InvalidOperationException($"brute force says {expected}:\n{string.Join('\n', history)}");
            Interlocked.Increment(ref expected ? ref accepted : ref rejected);
        }, iter: 2000);
        Assert.True(rejected > 100 && accepted > 100, $"{rejected} rejected, {accepted} accepted");
    }

    [Fact]
    public void TenThousandOperationsTakeSeconds()
    {
        var history = new HistoryGenerator(1) { Keys = 4, Reach = 16 }.Make(10_000);
        Assert.InRange(History.Overlap(history), 0.3, 1);
        Stopwatch clock = Stopwatch.StartNew();
        Assert.True(Linearizability.Check(history, Bound).IsAccepted);
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public void WhatIsNotDecidedInTimeIsNotAccepted()
    {
        // Twenty-four concurrent writes and a read of none of them: all orders of all subsets are to be tried.
        var history = Enumerable.Range(1, 24).Select(i => Done(i, 0, 1000, Step.Append("k", $"{i},"))).ToList();
        history.Add(Done(99, 2000, 2001, Step.Get("k").Answered("none")));
        Verdict verdict = Linearizability.Check(history, TimeSpan.FromMilliseconds(300));
        Assert.False(verdict.IsAccepted);
        Assert.False(verdict.IsDecided);
    }

    [Fact]
    public void OverlapCountsOtherClientsOnTheSameKey()
    {
        Operation[] history =
        [
            Done(1, 0, 10, Step.Get("a").Answered(null)),
            Done(2, 5, 15, Step.Get("a").Answered(null)),
            Done(3, 5, 15, Step.Get("b").Answered(null)),
            Done(1, 20, 30, Step.Get("a").Answered(null)),
            Done(1, 20, 30, Step.Get("a").Answered(null)),
        ];
        Assert.Equal(0.4, History.Overlap(history), 3);
    }

    private Operation Done(int client, long invoked, long returned, Step step) =>
        Operation.Done(client, ++_sequence, invoked, returned, step);

    private static void Accepts(params Operation[] history)
    {
        Verdict verdict = Linearizability.Check(history, Bound);
        Assert.True(verdict.IsAccepted, verdict.Words);
        Assert.True(BruteForce.Accepts(history));
    }

    private static void Rejects(string culprit, params Operation[] history)
    {
        Verdict verdict = Linearizability.Check(history, Bound);
        Assert.True(verdict.IsRejected, verdict.Words);
        Assert.Contains(culprit, verdict.Words, StringComparison.Ordinal);
        Assert.False(BruteForce.Accepts(history));
    }
}

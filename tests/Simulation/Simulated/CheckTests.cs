using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>The checks themselves: histories that could not have been must be refused, those that could must pass.</summary>
public sealed class CheckTests
{
    private const int Us = 1000;

    private readonly History _history = new() { StartMs = 1_000_000, KeepsPipelines = false, EndNs = 1_000_000_000 };

    [Fact]
    public void AReadOfWhatWasWrittenMeanwhileMaySeeEither()
    {
        Done(0, 0, 10, Command.Of("SET", 0, "s0", "a"), "OK");
        Done(1, 20, 60, Command.Of("SET", 0, "s0", "b"), "OK");
        Done(2, 30, 40, Command.Of("GET", 0, "s0"), "b");
        Done(3, 30, 50, Command.Of("GET", 0, "s0"), "a");
        Assert.Null(Judge());
    }

    [Fact]
    public void AReadOfAnOldValueIsFound()
    {
        Done(0, 0, 10, Command.Of("SET", 0, "s0", "a"), "OK");
        Done(1, 20, 30, Command.Of("SET", 0, "s0", "b"), "OK");
        Done(2, 40, 50, Command.Of("GET", 0, "s0"), "a");
        Assert.Contains("GET s0 → a", Judge(), StringComparison.Ordinal);
    }

    [Fact]
    public void ReadsThatGoBackInTimeAreFound()
    {
        Done(0, 0, 10, Command.Of("SET", 0, "s0", "a"), "OK");
        Done(1, 20, 90, Command.Of("SET", 0, "s0", "b"), "OK");
        Done(2, 30, 40, Command.Of("GET", 0, "s0"), "b");
        Done(3, 50, 60, Command.Of("GET", 0, "s0"), "a");
        Assert.NotNull(Judge());
    }

    [Fact]
    public void AnIncrementThatWasLostIsFound()
    {
        Done(0, 0, 30, Command.Of("INCR", 0, "s0"), ":1");
        Done(1, 10, 40, Command.Of("INCR", 0, "s0"), ":1");
        Assert.NotNull(Judge());
    }

    [Theory]
    [InlineData("(nil)")]
    [InlineData("a")]
    public void WhatWasNotAnsweredMayHaveHappenedOrNot(string seen)
    {
        _history.Add(0, 0, Command.Of("SET", 0, "s0", "a"));
        Done(1, 40, 50, Command.Of("GET", 0, "s0"), seen);
        Assert.Null(Judge());
    }

    [Fact]
    public void WhatWasSentBehindSomethingHappensBehindIt()
    {
        _history.Add(0, 0, Command.Of("SET", 0, "s0", "a"));
        _history.Add(0, 0, Command.Of("SET", 0, "s0", "b"));
        Done(1, 40, 50, Command.Of("GET", 0, "s0"), "b");
        Done(1, 60, 70, Command.Of("GET", 0, "s0"), "a");
        Assert.NotNull(Judge());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void APipelineKeepsItsOrderOnOneShard(bool keepsPipelines)
    {
        History history = new() { StartMs = 0, KeepsPipelines = keepsPipelines, EndNs = 1_000_000 };
        Operation first = history.Add(0, 0, Command.Of("SET", 0, "l0", "a"));
        Operation second = history.Add(0, 0, Command.Of("SET", 0, "l1", "b"));
        history.Add(1, 10, new Command("MGET", 0, ["l0", "l1"], [])).Answer(20, [Parse("*2\r\n$-1\r\n$1\r\nb\r\n")]);
        first.Answer(100, [Parse("OK")]);
        second.Answer(100, [Parse("OK")]);
        Assert.Equal(!keepsPipelines, new SerialOrderCheck().Judge(history, new Counters()) is null);
    }

    [Theory]
    [InlineData(4, "a", true)]
    [InlineData(4, "(nil)", false)]
    [InlineData(5, "a", true)]
    [InlineData(5, "(nil)", true)]
    [InlineData(7, "a", false)]
    [InlineData(7, "(nil)", true)]
    public void AKeyExpiresBetweenItsBounds(int askedMs, string seen, bool isPossible)
    {
        // Set between 0 and 1 ms, for 5 ms.
        Done(0, 0, 1000, Command.Of("SET", 0, "s0", "a", "PX", "5"), "OK");
        Done(0, askedMs * 1000, askedMs * 1000 + 1, Command.Of("GET", 0, "s0"), seen);
        Assert.Equal(isPossible, Judge() is null);
    }

    [Fact]
    public void ATimeThatWasReadBindsWhatComesLater()
    {
        Done(0, 0, 1000, Command.Of("SET", 0, "s0", "a", "PX", "5"), "OK");
        Done(0, 2000, 2001, Command.Of("PEXPIRETIME", 0, "s0"), ":1000006");
        Done(0, 5000, 5001, Command.Of("GET", 0, "s0"), "(nil)");
        Assert.NotNull(Judge());
    }

    [Fact]
    public void APairThatIsHalfWrittenIsFound()
    {
        Done(0, 0, 100, new Command("MSET", 0, CommandMaker.Pair, ["a", "a"]), "OK");
        Done(1, 10, 20, new Command("MGET", 0, CommandMaker.Pair, []), "*2\r\n$1\r\na\r\n$-1\r\n");
        Assert.NotNull(Judge());
        Assert.Contains("half written", new PairCheck().Judge(_history, new Counters()), StringComparison.Ordinal);
    }

    [Fact]
    public void ATransactionThatIsSeenHalfDoneIsFound()
    {
        Transaction(0, 0, 100, [Command.Of("DECRBY", 0, "b0", "5"), Command.Of("INCRBY", 0, "b1", "5")], ":-5", ":5");
        Done(1, 10, 20, new Command("MGET", 0, ["b0", "b1"], []), "*2\r\n$2\r\n-5\r\n$-1\r\n");
        Assert.NotNull(Judge());
    }

    [Fact]
    public void ATransactionThatWentThroughOverAChangedWatchedKeyIsFound()
    {
        Done(0, 0, 10, Command.Of("SET", 0, "s0", "a"), "OK");
        Done(1, 30, 40, Command.Of("SET", 0, "s0", "b"), "OK");
        // What was read after WATCH comes first in what EXEC did.
        Transaction(2, 50, 60, [Command.Of("GET", 0, "s0"), Command.Of("SET", 0, "s0", "c")], "a", "OK");
        Assert.NotNull(Judge());
    }

    [Fact]
    public void ATransactionThatDidNothingLeavesNothing()
    {
        _history.Add(0, 0, [Command.Of("SET", 0, "s0", "a")]).Answer(10 * Us, []);
        Done(1, 20, 30, Command.Of("GET", 0, "s0"), "(nil)");
        Assert.Null(Judge());
    }

    [Fact]
    public void AFlushEmptiesItsDatabaseOnly()
    {
        Done(0, 0, 10, Command.Of("SET", 0, "s0", "a"), "OK");
        Done(0, 20, 30, Command.Of("SET", 1, "s0", "a"), "OK");
        Done(0, 40, 50, new Command("FLUSHDB", 1, [], []), "OK");
        Done(0, 60, 70, Command.Of("GET", 0, "s0"), "a");
        Done(0, 80, 90, Command.Of("GET", 1, "s0"), "(nil)");
        Assert.Null(Judge());
        Done(0, 100, 110, Command.Of("GET", 0, "s0"), "(nil)");
        Assert.NotNull(Judge());
    }

    [Fact]
    public void MoneyThatIsMissingIsFound()
    {
        string[] names = CommandMaker.AccountNames;
        Done(0, 0, 10, new Command("MGET", 0, names, []), "*4\r\n$2\r\n90\r\n$3\r\n110\r\n$3\r\n100\r\n$3\r\n100\r\n");
        Assert.Null(new AccountsCheck().Judge(_history, new Counters()));
        Transaction(0, 20, 30, [.. names.Select(name => Command.Of("GET", 0, name))], "90", "100", "100", "100");
        Assert.NotNull(new AccountsCheck().Judge(_history, new Counters()));
    }

    [Theory]
    [InlineData("a b c", true)]
    [InlineData("c a b", true)]
    [InlineData("b a c", false)]
    [InlineData("a a b c", false)]
    [InlineData("a c", false)]
    [InlineData("a b c x", false)]
    public void ASubscriberHearsEachPublisherInOrder(string heard, bool isRight)
    {
        _history.Publications.Add(new Publication("c0", "a", 0) { IsAnswered = true });
        _history.Publications.Add(new Publication("c0", "b", 0) { IsAnswered = true });
        _history.Publications.Add(new Publication("c0", "c", 1) { IsAnswered = true });
        foreach (string text in heard.Split(' ')) _history.Deliveries.Add(new Delivery(0, "c0", text));
        _history.FaithfulSubscribers.Add(0);
        Assert.Equal(isRight, new DeliveryCheck().Judge(_history, new Counters()) is null);
    }

    [Theory]
    [InlineData("a", "b", 0, true)]
    [InlineData("a", "", 1, true)]
    [InlineData("a", "", 0, false)]
    [InlineData("a b a", "", 0, false)]
    [InlineData("a", "a b", 0, false)]
    [InlineData("a b x", "", 0, false)]
    public void AQueueGivesEachElementOnce(string popped, string remaining, int unheard, bool isRight)
    {
        foreach (string text in new[] { "a", "b" }) _history.Queue.Add(new QueueEntry(text) { IsPushed = true });
        _history.Popped.AddRange(popped.Split(' '));
        _history.Remaining.AddRange(remaining.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        _history.PopsBegun = unheard;
        Assert.Equal(isRight, new QueueCheck().Judge(_history, new Counters()) is null);
    }

    private string? Judge() => new SerialOrderCheck().Judge(_history, new Counters());

    private void Done(int session, int fromUs, int toUs, Command command, string reply) =>
        _history.Add(session, (long)fromUs * Us, command).Answer((long)toUs * Us, [Parse(reply)]);

    private void Transaction(int session, int fromUs, int toUs, Command[] commands, params string[] replies) =>
        _history.Add(session, (long)fromUs * Us, commands).Answer((long)toUs * Us, [.. replies.Select(Parse)]);

    /// <summary>A reply by its text, or by its bytes where it is an array.</summary>
    private static Reply Parse(string text) => text[0] switch
    {
        '*' => Reply.TryParse(System.Text.Encoding.Latin1.GetBytes(text), out _)!,
        ':' => new Reply(':', text, []),
        _ => new Reply('$', text, []) { IsNull = text == "(nil)" },
    };
}

using System.Globalization;

namespace Anax.Bench.HeadToHead.Results;

/// <summary>What the event loops of Anax counted, all of them together: of a whole life, or per operation.</summary>
internal sealed record LoopCounts
{
    /// <summary>Questions to shards of other threads.</summary>
    public double Hops { get; init; }

    /// <summary>Batches in which the questions went.</summary>
    public double Batches { get; init; }

    /// <summary>What took locks on shards before it ran.</summary>
    public double Transactions { get; init; }

    /// <summary>Rounds of messages in which coordinators asked shards.</summary>
    public double TransactionHops { get; init; }

    /// <summary>Scripts that ran in their batch, without locks.</summary>
    public double InlineScripts { get; init; }

    public double Wakes { get; init; }

    public double Visits { get; init; }

    public double Sleeps { get; init; }

    public double Turns { get; init; }

    public double SystemCalls { get; init; }

    /// <summary>The longest turn of any loop, µs, since the server began; 0 where none is told.</summary>
    public double LongestTurnUs { get; init; }

    /// <summary>From the section of INFO about threads: a line thread_0:connections=1,turns=2,… for each, in their order.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, double>> Threads(string info)
    {
        List<Dictionary<string, double>> threads = [];
        foreach (string line in info.Split('\n', StringSplitOptions.TrimEntries))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (!line.StartsWith("thread_", StringComparison.Ordinal) || colon < 0) continue;
            threads.Add(line[(colon + 1)..].Split(',').Select(part => part.Split('='))
                .Where(part => part.Length == 2).ToDictionary(part => part[0], part => Number(part[1])));
        }

        return threads;
    }

    /// <summary>Of all threads that the section of INFO tells of.</summary>
    public static LoopCounts Parse(string info)
    {
        IReadOnlyList<IReadOnlyDictionary<string, double>> threads = Threads(info);
        return new LoopCounts
        {
            Hops = Sum("hops"),
            Batches = Sum("batches"),
            Transactions = Sum("transactions"),
            TransactionHops = Sum("transaction_hops"),
            InlineScripts = Sum("inline_scripts"),
            Wakes = Sum("wakes"),
            Visits = Sum("visits"),
            Sleeps = Sum("sleeps"),
            Turns = Sum("turns"),
            SystemCalls = Sum("system_calls"),
            LongestTurnUs = threads.Select(thread => thread.GetValueOrDefault("longest_turn_usec")).DefaultIfEmpty(0).Max(),
        };

        double Sum(string name) => threads.Sum(thread => thread.GetValueOrDefault(name));
    }

    /// <summary>What was counted since then, for each of so many operations.</summary>
    public LoopCounts Since(LoopCounts earlier, long operations)
    {
        return new LoopCounts
        {
            Hops = Each(Hops - earlier.Hops),
            Batches = Each(Batches - earlier.Batches),
            Transactions = Each(Transactions - earlier.Transactions),
            TransactionHops = Each(TransactionHops - earlier.TransactionHops),
            InlineScripts = Each(InlineScripts - earlier.InlineScripts),
            Wakes = Each(Wakes - earlier.Wakes),
            Visits = Each(Visits - earlier.Visits),
            Sleeps = Each(Sleeps - earlier.Sleeps),
            Turns = Each(Turns - earlier.Turns),
            SystemCalls = Each(SystemCalls - earlier.SystemCalls),
            LongestTurnUs = LongestTurnUs,
        };

        double Each(double count) => Math.Round(count / operations, 6);
    }

    private static double Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : 0;
}

using System.Diagnostics;
using System.Globalization;
using Anax.Tests.Simulation.Checking;

namespace Anax.Tests.Simulation.Recording;

/// <summary>
/// The long run: histories of at least ten thousand operations with one, two and seven shards in turn, until the time is
/// over or one is wrong.
/// </summary>
internal static class HistoryRun
{
    internal const string Usage = "--histories [seconds] [seed] [all]    records concurrent histories and checks them (all: also what is not promised yet)";

    private const int Clients = 16, OperationsEach = 40_000;
    private static readonly int[] ShardCounts = [1, 2, 7];
    private static readonly TimeSpan RecordBound = TimeSpan.FromSeconds(60), CheckBound = TimeSpan.FromSeconds(60);

    /// <summary>0 when all histories were accepted.</summary>
    internal static int Run(string[] arguments, TextWriter output)
    {
        int seconds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 60;
        int seed = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : Random.Shared.Next(1_000_000);
        Means allowed = arguments.Length > 2 && arguments[2] == "all" ? (Means)~0 : Promises.Kept;
        Stopwatch clock = Stopwatch.StartNew();
        int runs = 0;
        long operations = 0;
        do
        {
            int shards = ShardCounts[runs % ShardCounts.Length], failed = 0;
            foreach (RecordedHistory history in Record(shards, seed + runs, allowed))
            {
                output.WriteLine($"seed {seed + runs}, {shards} shards, {history}");
                operations += history.Operations.Count;
                Verdict verdict = history.Check(CheckBound);
                if (verdict.IsAccepted) continue;
                output.WriteLine($"FAILED after {clock.Elapsed.TotalSeconds:0.0} s: {verdict.Words}");
                failed++;
            }
            if (failed != 0) return 1;
            runs++;
        }
        while (clock.Elapsed.TotalSeconds < seconds);
        output.WriteLine($"{runs} runs, {operations} operations, all explained by a serial order");
        return 0;
    }

    private static IReadOnlyList<RecordedHistory> Record(int shards, int seed, Means allowed)
    {
        using AnaxUnderTest server = new(shards);
        return new Recorder(server, Clients, seed, allowed).Record("h:", OperationsEach, RecordBound);
    }
}

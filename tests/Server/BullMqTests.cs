using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>
/// BullMQ, a queue of jobs on Node.js made of scripts, streams and waiting pops. The checks stand in tests/Server/Node; here
/// stands which there must be, each with either kind of prefix.
/// </summary>
public sealed class BullMqTests(BullMqTests.Runs runs) : IClassFixture<BullMqTests.Runs>
{
    private static readonly int[] Threads = [2, 7];
    private static readonly string[] Prefixes = ["bull", "{bull}"];

    private static readonly string[] Names =
    [
        "jobs added in bulk are each done once by several workers",
        "jobs added one by one come in their order",
        "delayed jobs come in the order of their times",
        "a delayed job is promoted",
        "priorities come first, and in order within one",
        "a priority is changed while its job waits",
        "a job that fails is tried again after its backoff",
        "a job that keeps failing ends among the failed, and is retried by hand",
        "an error that nothing can mend ends the tries",
        "all failed jobs are retried at once",
        "the rate limiter holds jobs back",
        "global concurrency holds for all workers together",
        "a scheduler repeats its job until it is removed",
        "a scheduler by a pattern of the clock knows its next time",
        "a parent waits for its children and gets what they return",
        "a parent whose child fails fails with it",
        "a paused queue keeps its jobs until it is resumed",
        "events tell of a job from its waiting to its end",
        "who adds a job waits until it is finished",
        "a stalled job is taken up by another worker",
        "a job of a given id is added once",
        "jobs of one deduplication id are dropped while it lasts",
        "only so many completed jobs are kept",
        "data, progress and logs of a job are read back",
        "pages of jobs come in the order that is asked for",
        "jobs are removed, cleaned and drained",
        "an obliterated queue leaves no keys",
    ];

    public static TheoryData<int, string> Checks()
    {
        var checks = new TheoryData<int, string>();
        foreach (int threads in Threads)
            foreach (string name in AllNames())
                checks.Add(threads, name);
        return checks;
    }

    [Theory]
    [MemberData(nameof(Checks))]
    public void CheckPasses(int threads, string name) => runs[threads].AssertPassed(name);

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void EveryCheckIsNamedHereAndTheProgramEndsWell(int threads) => runs[threads].AssertAllAre(AllNames());

    private static IEnumerable<string> AllNames() => Names.SelectMany(name => Prefixes.Select(prefix => $"{name}, prefix {prefix}"));

    /// <summary>One run for each number of threads.</summary>
    public sealed class Runs
    {
        private readonly Dictionary<int, NodeChecks> _byThreads = Threads.ToDictionary(threads => threads, threads => new NodeChecks("bullmq.js", threads));

        internal NodeChecks this[int threads] => _byThreads[threads];
    }
}

using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>
/// ioredis, the usual client of Node.js, with transactions, scripts, pub/sub and client-side caching. The checks stand in
/// tests/Server/Node; here stands which there must be.
/// </summary>
public sealed class IoRedisTests(IoRedisTests.Runs runs) : IClassFixture<IoRedisTests.Runs>
{
    private static readonly int[] Threads = [2, 7];

    private static readonly string[] Names =
    [
        "a pipelined transaction answers with all replies",
        "a transaction without pipeline queues each command",
        "an error at queue time discards the transaction",
        "an error at queue time without pipeline discards the transaction",
        "an error at run time leaves the other commands",
        "DISCARD forgets what was queued",
        "a watched key that another client changes gives null",
        "watched keys that nobody changes let the transaction run",
        "UNWATCH lets the transaction run",
        "increments under WATCH by many clients lose nothing",
        "concurrent transfers in transactions keep the sum",
        "a defined command runs, and is known by its SHA afterwards",
        "after SCRIPT FLUSH a defined command answers NOSCRIPT once, and is sent anew",
        "a defined command has keys on several shards",
        "defined commands of many clients over two keys are atomic",
        "a defined command works in pipelines and transactions",
        "values of a script become replies",
        "bytes pass through a script unchanged",
        "errors of a script come as errors",
        "what a script wrote before its error stays",
        "EVAL_RO and EVALSHA_RO read, and refuse writes",
        "functions of a library are called with keys on several shards",
        "messages of one publisher come in order",
        "messages of several publishers come in the order of each",
        "every subscriber on every connection gets each message",
        "patterns bring the pattern, the channel and the message",
        "shard channels are apart from channels",
        "messages are bytes",
        "who has unsubscribed sends ordinary commands again",
        "a subscriber is refused ordinary commands and may PING",
        "PUBSUB tells who listens",
        "messages published in a transaction and by a script arrive",
        "a key that was read is invalidated once",
        "keys that nobody read are not invalidated",
        "a client hears of its own changes, and with NOLOOP it does not",
        "BCAST with PREFIX tells of what begins so, read or not",
        "BCAST with NOLOOP leaves out what the client changes itself",
        "OPTIN tracks what follows CLIENT CACHING YES",
        "OPTOUT tracks all but what follows CLIENT CACHING NO",
        "an expired key is invalidated",
        "FLUSHALL invalidates everything",
        "after TRACKING OFF nothing is heard",
        "changes by transactions and scripts invalidate",
        "a redirection to no client is refused",
    ];

    public static TheoryData<int, string> Checks()
    {
        var checks = new TheoryData<int, string>();
        foreach (int threads in Threads)
            foreach (string name in Names)
                checks.Add(threads, name);
        return checks;
    }

    [Theory]
    [MemberData(nameof(Checks))]
    public void CheckPasses(int threads, string name) => runs[threads].AssertPassed(name);

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void EveryCheckIsNamedHereAndTheProgramEndsWell(int threads) => runs[threads].AssertAllAre(Names);

    /// <summary>One run for each number of threads.</summary>
    public sealed class Runs
    {
        private readonly Dictionary<int, NodeChecks> _byThreads = Threads.ToDictionary(threads => threads, threads => new NodeChecks("main.js", threads));

        internal NodeChecks this[int threads] => _byThreads[threads];
    }
}

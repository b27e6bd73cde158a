using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;

namespace Anax.Tests.Unit.LoadGen.Output;

/// <summary>Results whose every number is known, made by driving recorders as load threads do.</summary>
internal static class Records
{
    public const long MicrosecondNs = 1000;
    public const long SecondNs = 1_000_000_000;
    public const long StartNs = 5 * SecondNs;

    public static readonly DateTimeOffset StartTime = new(2026, 3, 1, 12, 30, 0, TimeSpan.Zero);

    /// <summary>
    /// Two seconds by one thread: a thousand replies a second, one each millisecond, whose latencies are 100 µs but
    /// for each hundredth of 2 ms, by the schedule 50 µs more; half are reads, of which each fifth found something.
    /// </summary>
    public static PhaseRecord Phase(string name = "run", double qps = 0, bool isMeasured = true, double busyShare = 0.5, long startNs = StartNs)
    {
        PhaseRecord phase = new(name, qps, isMeasured, startNs, threads: 1);
        ThreadRecorder thread = phase.Threads[0];
        thread.Begin(new ThreadTimes(startNs, 0, 0, 0));
        for (int i = 0; i < 10; i++) thread.Connected();
        for (int i = 0; i < 2000; i++)
        {
            long nowNs = startNs + (i + 1) * 1000 * MicrosecondNs;
            long latencyNs = (i % 100 == 99 ? 2000 : 100) * MicrosecondNs;
            thread.Sent(1, 30);
            thread.Received(21);
            thread.Replies(nowNs, nowNs - latencyNs, nowNs - latencyNs - 50 * MicrosecondNs, 1, i % 2, i % 10 == 1 ? 1 : 0);
            thread.HandOut(nowNs);
            phase.Collect(nowNs);
        }

        long busyNs = (long)(2 * SecondNs * busyShare);
        thread.Finish(new ThreadTimes(startNs + 2 * SecondNs, 400_000_000, 600_000_000, busyNs));
        // Connections end behind the last phase, and are of it nevertheless.
        for (int i = 0; i < 10; i++) thread.Disconnected();
        phase.Finish();
        return phase;
    }

    public static RunResult Result(params PhaseRecord[] steps) => new()
    {
        Options = new BenchOptions { Qps = steps.Length == 0 ? 0 : steps[0].Qps, TestTime = 2, Connections = 10 },
        CommandLine = "anax-bench --command 'SET <key> \"a&b\"'",
        StartTime = StartTime,
        Backend = "Epoll",
        ServerVersion = "redis 7.4.0",
        Threads = 1,
        Steps = steps,
        Failure = "",
    };
}

using System.Diagnostics;
using System.Globalization;

namespace Anax.Tests.Simulation.Recording;

/// <summary>
/// Many clients, pipelines of commands over all shards, mailboxes that are nearly always full: does every client get
/// on, and how long does the slowest request take?
/// </summary>
internal static class StormRun
{
    internal const string Usage = "--storm [seconds] [seed]              random transactions over all shards at full mailboxes: progress of each client, P99.9";

    private const int Clients = 16, Shards = 7, MailboxCapacity = 2, Keys = 21, PipelineMax = 64;

    internal static int Run(string[] arguments, TextWriter output)
    {
        int seconds = arguments.Length > 0 ? int.Parse(arguments[0], CultureInfo.InvariantCulture) : 60;
        int seed = arguments.Length > 1 ? int.Parse(arguments[1], CultureInfo.InvariantCulture) : Random.Shared.Next(1_000_000);
        output.WriteLine($"seed {seed}, {Clients} clients, {Shards} shards, mailboxes of {MailboxCapacity}");
        StormResult result = Play(TimeSpan.FromSeconds(seconds), seed);
        output.WriteLine(result);
        return result.SlowestMs < StormResult.SilenceMaxMs ? 0 : 1;
    }

    internal static StormResult Play(TimeSpan time, int seed)
    {
        using AnaxUnderTest server = new(Shards, mailboxCapacity: MailboxCapacity);
        Means means;
        using (RespConnection connection = new(server.Port)) means = Promises.KnownTo(connection);
        string[] keys = server.KeysOverShards("storm:", Keys);
        var latencies = new List<double>[Clients];
        var failures = new Exception?[Clients];
        Thread[] threads = [.. Enumerable.Range(0, Clients).Select(i => new Thread(() =>
        {
            latencies[i] = [];
            try
            {
                Storm(server.Port, keys, means, new Random(unchecked(seed * 1_000_003 + i)), time, latencies[i]);
            }
            catch (Exception e)
            {
                failures[i] = e;
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();
        if (failures.OfType<Exception>().FirstOrDefault() is { } failure) throw new InvalidOperationException($"seed {seed}: {failure.Message}", failure);
        return StormResult.Of(latencies, server.MailboxesFull);
    }

    private static void Storm(int port, string[] keys, Means means, Random random, TimeSpan time, List<double> latencies)
    {
        using RespConnection connection = new(port);
        Stopwatch clock = Stopwatch.StartNew();
        while (clock.Elapsed < time)
        {
            string[][] commands = [.. Enumerable.Range(0, random.Next(1, PipelineMax)).SelectMany(_ => Commands(random, keys, means))];
            double begun = clock.Elapsed.TotalMilliseconds;
            connection.Send(commands);
            foreach (string[] _ in commands) connection.Read();
            latencies.Add(clock.Elapsed.TotalMilliseconds - begun);
        }
    }

    private static string[][] Commands(Random random, string[] keys, Means means)
    {
        string[] some = [.. keys];
        random.Shuffle(some);
        some = some[..4];
        string[][] multi = [["MSET", .. some.SelectMany(key => new[] { key, "1" })], ["MGET", .. some], ["DEL", .. some]];
        return random.Next(6) switch
        {
            0 when means.HasFlag(Means.Transactions) => [["MULTI"], .. multi, ["EXEC"]],
            1 when means.HasFlag(Means.Scripts) =>
                [["EVAL", "for i, key in ipairs(KEYS) do redis.call('incr', key) end", $"{some.Length}", .. some]],
            2 => [["RENAME", some[0], some[1]], ["COPY", some[1], some[2], "REPLACE"]],
            3 => [["GET", some[0]], ["SET", some[1], "1"], ["INCR", some[2]]],
            _ => [multi[random.Next(multi.Length)]],
        };
    }
}

/// <summary>What a storm has shown. A request is a pipeline; a client that gets no answer for long is starved.</summary>
internal sealed record StormResult(int Requests, int FewestOfAClient, double MedianMs, double P999Ms, double SlowestMs, long MailboxesFull)
{
    internal const double SilenceMaxMs = 5000;

    internal static StormResult Of(List<double>[] latencies, long mailboxesFull)
    {
        double[] sorted = [.. latencies.SelectMany(of => of).Order()];
        double At(double share) => sorted[(int)(share * (sorted.Length - 1))];
        return new StormResult(sorted.Length, latencies.Min(of => of.Count), At(0.5), At(0.999), sorted[^1], mailboxesFull);
    }

    public override string ToString() =>
        $"{Requests} pipelines, at least {FewestOfAClient} of each client; P50 {MedianMs:0.0} ms, P99.9 {P999Ms:0.0} ms, slowest {SlowestMs:0.0} ms; "
        + $"{MailboxesFull} messages met a full mailbox";
}

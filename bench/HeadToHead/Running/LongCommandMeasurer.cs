using System.Diagnostics;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// Reads at a fixed rate beside another client's long command, and without it. The CPU of the command's shard is also that of the
/// client that sends it, over a connection of that shard's loop, and, without it, of a busy process; the client that reads has the
/// others, and connections of both loops. Throws what
/// <see cref="RespConnection"/> throws, <see cref="ServerException"/> and <see cref="ClientException"/>.
/// </summary>
internal sealed class LongCommandMeasurer(RunSettings settings, RunFolder folder, CancellationToken stop)
{
    /// <summary>The reads stand before the command begins.</summary>
    private const int ReadsBeforeMs = 300;

    /// <summary>For what a command leaves behind its answer.</summary>
    private const int SettleMs = 500;

    private const int ElementsEach = 100;
    private const long ScriptTrialSteps = 20_000_000;

    /// <summary>Writes what the commands work on, and the keys that are read on either shard.</summary>
    public static void Prepare(ServerProcess server, ClientRunner clients, CancellationToken stop)
    {
        using RespConnection connection = new(server.Port);
        ShardTags tags = server.Tags = ShardTags.Find(connection);
        CollectionWriter writer = new(connection, new Random(0), stop);
        string keys = tags.Busy;
        writer.AddElements(Collection.Set, $"{keys}set:0", LongCommands.Elements, ElementsEach);
        writer.AddElements(Collection.Set, $"{keys}set:1", LongCommands.Elements, ElementsEach);
        writer.AddElements(Collection.SortedSet, $"{keys}zset", LongCommands.Elements, ElementsEach);
        writer.AddElements(Collection.List, $"{keys}list", LongCommands.Elements, ElementsEach);
        writer.AddElements(Collection.Hash, LongCommands.Copied(keys).From, LongCommands.DeletedFields, ElementsEach);
        foreach (string tag in (string[])[tags.Busy, tags.Other]) clients.Run(server.Port, ClientArguments.ReadKeys(tag));
    }

    public LongCommandFigures Measure(PlannedMeasurement step, ServerProcess server)
    {
        LongCommand command = step.Cell.LongCommand;
        ShardTags tags = server.Tags ?? throw new ServerException("where its keys lie was not asked");
        using RespConnection connection = tags.Connect(server.Port);
        CpuList busy = CpuList.Of(settings.SharedCpus.Numbers[tags.BusyShard]);
        CpuList others = CpuList.Of([.. settings.SharedCpus.Numbers.Except(busy.Numbers)]);
        // Of two threads: the one that has not the command's shard.
        int otherShard = 1 - tags.BusyShard;
        using PinnedThread pinned = new(busy);
        string[] words = LongCommands.Words(command, tags.Busy, command == LongCommand.Script ? ScriptSteps(connection, tags.Busy) : 0);
        if (command == LongCommand.Del)
        {
            (string from, string to) = LongCommands.Copied(tags.Busy);
            Require(connection.Ask("COPY", from, to) == ":1", "COPY made no copy");
        }

        List<double> runsMs = [];
        (Latencies yardstick, double yardstickTurnUs) = Read(step.Cell.IsSameShard ? BesideNothing : BesideProcess);
        (Latencies latency, double turnUs) = Read(BesideCommand);
        return new LongCommandFigures
        {
            Yardstick = yardstick,
            Latency = latency,
            YardstickTurnUs = yardstickTurnUs,
            TurnUs = turnUs,
            Runs = runsMs.Count,
            LongestRunMs = Math.Round(runsMs.Max(), 1),
        };

        (Latencies Latency, double TurnUs) Read(Action<ClientProcess> meanwhile)
        {
            Thread.Sleep(SettleMs);
            connection.Ask("CONFIG", "RESETSTAT");
            string keys = step.Cell.IsSameShard ? tags.Busy : tags.Other;
            IReadOnlyList<string> arguments = ClientArguments.Reads(keys, step.Round, settings.RateSeconds);
            using ClientProcess reads = new(settings.BenchPath, others, server.Port, arguments, folder.ClientReport);
            meanwhile(reads);
            reads.WaitForExit(stop);
            if (server.End() is { Length: > 0 } end) throw new ServerException(end);
            IReadOnlyList<IReadOnlyDictionary<string, double>> threads = LoopCounts.Threads(connection.Ask("INFO", "threads"));
            double longestTurnUs = threads.ElementAtOrDefault(otherShard)?.GetValueOrDefault("longest_turn_usec") ?? 0;
            return (reads.Report().Latency, longestTurnUs);
        }

        void BesideNothing(ClientProcess reads) => reads.WaitForExit(stop);

        void BesideProcess(ClientProcess reads)
        {
            using BusyProcess process = new(busy);
            reads.WaitForExit(stop);
        }

        void BesideCommand(ClientProcess reads)
        {
            Thread.Sleep(ReadsBeforeMs);
            do
            {
                stop.ThrowIfCancellationRequested();
                Stopwatch clock = Stopwatch.StartNew();
                connection.Send(words);
                connection.SkipReply();
                runsMs.Add(clock.Elapsed.TotalMilliseconds);
            }
            while (LongCommands.IsRepeated(command) && !reads.WaitForExit(TimeSpan.Zero));
        }
    }

    /// <summary>How many steps the script's loop takes in its time.</summary>
    private long ScriptSteps(RespConnection connection, string keys)
    {
        connection.Ask(LongCommands.Words(LongCommand.Script, keys, 1));
        Stopwatch clock = Stopwatch.StartNew();
        connection.Ask(LongCommands.Words(LongCommand.Script, keys, ScriptTrialSteps));
        return (long)(ScriptTrialSteps * settings.RateSeconds * LongCommands.ScriptShare / clock.Elapsed.TotalSeconds);
    }

    private static void Require(bool holds, string message)
    {
        if (!holds) throw new ClientException(message);
    }
}

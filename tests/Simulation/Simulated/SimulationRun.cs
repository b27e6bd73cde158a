using System.Globalization;
using Anax.Engine;
using Anax.Runtime;
using Anax.Runtime.Simulated;
using Anax.Server;
using Anax.Server.Logging;
using Anax.Server.Options;
using Anax.Tests.Unit.Harness;
using Microsoft.Extensions.Logging.Abstractions;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// A whole server and its clients in one thread, everything drawn from one seed: clients come, talk, are cut off, come back
/// and leave; then what they heard, what is left, and what was counted are judged.
/// </summary>
/// <remarks>A plant makes the server wrong on purpose, before it starts.</remarks>
internal sealed class SimulationRun(ulong seed, Action<AnaxServer>? plant = null)
{
    private const int Port = 6379;
    private const int Databases = 2;
    private const long StepsMax = 5_000_000;
    private const long PatienceNs = 30_000_000_000;
    private const long SettlingNs = 3_000_000_000;

    /// <summary>A user who reads slowly comes back so soon.</summary>
    private const long ReadPauseNs = 1_000;

    private readonly SimulationPlan _plan = SimulationPlan.Of(seed);
    private readonly Random _random = new(unchecked((int)(seed * 0x2545_F491 + 777)));

    /// <summary>Throws a <see cref="SimulationException"/> where something is wrong.</summary>
    public SimulationResult Run()
    {
        using SimulatedNetwork network = new(_plan.Network);
        using AnaxServer server = NewServer(network);
        plant?.Invoke(server);
        server.Start();
        History history = new()
        {
            StartMs = _plan.Network.StartMs,
            KeepsPipelines = _plan.Shards == 1,
        };
        SimulatedWorld world = new(_plan, network, server, history);
        long[] usedAtFirst = Leftovers.UsedBytes(server);

        Talk(world);
        Verify(world, server);
        ReadAll(world);
        Drive(world, [new Errand(world, Fork(), _ => [(["FLUSHALL"], _ => { })])]);
        network.RunFor(SettlingNs);
        if (Leftovers.Find(server, usedAtFirst) is { } leftovers) throw world.Failure(leftovers);
        ServerCounters.Collect(server, network, world.Counters);
        server.Stop("the simulation ends");
        server.Join();

        Judge(world);
        return new SimulationResult(seed, network.Trace, history.Operations.Count, _plan.Shards, world.Counters);
    }

    private AnaxServer NewServer(SimulatedNetwork network)
    {
        // The machine's memory must not decide anything.
        string[] options = ["--port", $"{Port}", "--maxmemory", "256mb", $"--pipeline_order={(_plan.StrictOrder ? "strict" : "relaxed")}"];
        StartOptions start = StartOptions.Read(options, Stream.Null, "simulation");
        ServerSettings settings = start.Settings ?? throw new ArgumentException(start.Error);
        LoopGroup group = LoopGroup.Create(new LoopGroupOptions { Network = network, Count = _plan.Shards, Seed = seed });
        return new AnaxServer(settings, null, new ServerLog(NullLogger.Instance), group);
    }

    private void Talk(SimulatedWorld world)
    {
        List<Listener> listeners = [];
        for (int i = 0; world.Can.HasSubscriptions && i < 1 + (int)(seed % 3); i++) listeners.Add(new Listener(world, Fork(), i));
        Drive(world, listeners, () => listeners.TrueForAll(listener => listener.IsSubscribed || listener.IsDone));

        Command accounts = new(
            "MSET", 0, CommandMaker.AccountNames, [.. CommandMaker.AccountNames.Select(_ => $"{CommandMaker.AccountBalance}")]);
        Drive(world, [new Errand(world, Fork(), errand => [errand.Noted(accounts)])]);

        List<SimulatedUser> chatters = [.. Enumerable.Range(0, _plan.Clients).Select(i => new Chatter(world, Fork(), i))];
        Drive(world, [.. chatters, .. listeners], () => chatters.TrueForAll(chatter => chatter.IsDone));

        // What was published has arrived before long.
        long untilNs = world.Network.NowNs + SettlingNs;
        Drive(world, listeners, () => world.Network.NowNs >= untilNs, untilNs);
        for (int i = 0; i < listeners.Count; i++)
        {
            if (!listeners[i].HasLost) world.History.FaithfulSubscribers.Add(i);
            listeners[i].LeaveNow();
        }

        Drive(world, listeners);
    }

    /// <summary>Reads every key that was ever named, and what is left of the queue; so the final state is part of the history.</summary>
    private void ReadAll(SimulatedWorld world)
    {
        string[] names = [.. world.History.Operations.SelectMany(o => o.Commands).SelectMany(c => c.Keys).Distinct().Order(StringComparer.Ordinal)];
        Drive(world, [new Errand(world, Fork(), errand =>
        {
            List<(string[], Action<Reply>)> reads = [];
            for (int database = 0; database < Databases; database++)
            {
                reads.Add((["SELECT", database.ToString(CultureInfo.InvariantCulture)], _ => { }));
                foreach (string name in names)
                {
                    reads.Add(errand.Noted(Command.Of("GET", database, name)));
                    reads.Add(errand.Noted(Command.Of("PEXPIRETIME", database, name)));
                }
            }

            return reads;
        })]);
        if (!world.Can.HasBlocking) return;
        Drive(world, [new Errand(world, Fork(), _ => [(["LRANGE", "q", "0", "-1"], reply =>
        {
            world.History.Remaining.AddRange(reply.Items.Select(item => item.Text));
        })])]);
    }

    private static void Drive(SimulatedWorld world, IReadOnlyList<SimulatedUser> users) => Drive(world, users, () => users.All(user => user.IsDone));

    /// <summary>Lets users and server go on until the condition holds.</summary>
    private static void Drive(SimulatedWorld world, IReadOnlyList<SimulatedUser> users, Func<bool> done, long untilNs = long.MaxValue)
    {
        SimulatedNetwork network = world.Network;
        for (long step = 0; step < StepsMax; step++)
        {
            long wakeNs = untilNs;
            foreach (SimulatedUser user in users)
            {
                user.Act();
                if (user.WaitingNs > PatienceNs) throw world.Failure($"a client has waited for {user.WaitingNs / 1_000_000} ms for a reply");
                if (user.IsDone) continue;
                if (user.HasMore) wakeNs = Math.Min(wakeNs, network.NowNs + ReadPauseNs);
                if (user.WakeNs > network.NowNs) wakeNs = Math.Min(wakeNs, user.WakeNs);
            }

            if (done()) return;
            network.Step(wakeNs);
        }

        string open = string.Join(", ", users.Where(user => !user.IsDone));
        throw world.Failure($"the server stands still, or runs in circles: {StepsMax} steps were not enough for {open}");
    }

    private static void Verify(SimulatedWorld world, AnaxServer server)
    {
        foreach (EngineLoop loop in server.Engine.Loops)
            for (int database = 0; database < Databases; database++) loop.Shard.Table(database)?.Entries.Verify(world.Network.NowMs);
    }

    private static void Judge(SimulatedWorld world)
    {
        world.History.EndNs = world.Network.NowNs;
        foreach (IHistoryCheck check in HistoryChecks.All)
            if (check.Judge(world.History, world.Counters) is { } violation) throw world.Failure(violation);
    }

    private Random Fork() => new(_random.Next());
}

/// <summary>What came of a run in which nothing was wrong.</summary>
internal sealed record SimulationResult(ulong Seed, ulong Hash, int Operations, int Shards, Counters Counters)
{
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"seed {Seed} hash 0x{Hash:x16} ops {Operations} shards {Shards} ok");
}

using System.Globalization;
using System.Runtime;
using Anax.Runtime;

namespace Anax.Bench.Shards;

/// <summary>
/// The rounds. In each: one thread against two, the same with two engines that share nothing (the control: what it loses
/// is the machine's), batches on the own shard against batches on the other one, and the latency of a hop.
/// After the last round a compacting collection moves all managed objects together, and one thread runs against two again.
/// </summary>
internal sealed class ShardsRun : IDisposable
{
    /// <summary>Scaling and its control before and after the collection, three sizes of batch here and there, latencies.</summary>
    private const int StretchesPerRound = 4 + 4 + 6 + 3;
    private const int Shards = 2;
    private const long WarmUpNsMax = 300_000_000;

    private static readonly int[] BatchSizes = [1, 8, 32];

    private readonly ShardsOptions _options;
    private readonly Figures _figures = new();
    private readonly EngineRig _shared;
    private readonly EngineRig[] _apart = new EngineRig[Shards];
    private readonly long _stretchNs;

    public ShardsRun(ShardsOptions options)
    {
        _options = options;
        _stretchNs = (long)(options.Seconds * 1e9 / (options.Rounds * StretchesPerRound));
        CpuTopology topology = CpuTopology.Detect();
        int[] cpus = topology.ShouldPin && topology.Cpus.Count >= Shards ? [.. topology.Cpus] : [];
        _shared = new EngineRig(Shards, options.KeysPerShard, cpus);
        for (int i = 0; i < Shards; i++)
            _apart[i] = new EngineRig(1, options.KeysPerShard, cpus.Length == 0 ? [] : [cpus[i]]);
        string places = cpus.Length == 0 ? "not pinned" : $"pinned to CPUs {cpus[0]} and {cpus[1]}";
        string compiler = JitInfo.GetCompiledMethodCount() == 0 ? "NativeAOT" : "just-in-time compiled";
        Description = $"{Shards} shards on {_shared.Group.Backend}, {places}, {compiler}; {options.KeysPerShard} keys per shard, SETEX and GET in turn; "
            + string.Create(CultureInfo.InvariantCulture, $"{options.Rounds} rounds, {_stretchNs / 1e9:F2} s of each figure in each");
    }

    /// <summary>What runs where, in one line.</summary>
    public string Description { get; }

    /// <summary>What the loops' native memory has on lines that two of them write; empty as long as nothing is wrong.</summary>
    public IReadOnlyList<string> SharedLines() => HotMemory.SharedLines(HotMemory.Of(_shared.Group, _shared.Engine));

    public Figures Run()
    {
        _shared.Fill();
        foreach (EngineRig rig in _apart) rig.Fill();
        WarmUp();
        for (int round = 0; round < _options.Rounds; round++)
        {
            MeasureScaling(round, _stretchNs, "", _figures);
            MeasureHops(_stretchNs, _figures);
            MeasureLatencies(_stretchNs, _figures);
        }
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: true, compacting: true);
        for (int round = 0; round < _options.Rounds; round++)
            MeasureScaling(round, _stretchNs, ", after a compacting collection", _figures);
        return _figures;
    }

    public void Dispose()
    {
        _shared.Dispose();
        foreach (EngineRig rig in _apart) rig.Dispose();
    }

    /// <summary>Everything once, for the compiler and the caches.</summary>
    private void WarmUp()
    {
        long ns = Math.Min(_stretchNs, WarmUpNsMax);
        var dropped = new Figures();
        MeasureScaling(0, ns, "", dropped);
        MeasureHops(ns, dropped);
        MeasureLatencies(ns, dropped);
    }

    /// <summary>One thread, two, one, two: the shards of one engine, then engines of their own.</summary>
    private void MeasureScaling(int round, long ns, string when, Figures figures)
    {
        int alone = round % Shards;
        double one = CpuUs((_shared.Drivers[alone], Mixed(alone, ns)));
        double two = CpuUs((_shared.Drivers[0], Mixed(0, ns)), (_shared.Drivers[1], Mixed(1, ns)));
        double apartOne = CpuUs((_apart[alone].Drivers[0], Mixed(0, ns)));
        double apartTwo = CpuUs((_apart[0].Drivers[0], Mixed(0, ns)), (_apart[1].Drivers[0], Mixed(0, ns)));
        figures.Add($"one thread{when}", "us/command", one);
        figures.Add($"two threads, both's time{when}", "us/command", two);
        figures.Add($"scaling, 2 x one / two{when}", "", Shards * one / two, ">= 1.95");
        figures.Add($"  of two engines that share nothing{when}", "", Shards * apartOne / apartTwo);
    }

    /// <summary>
    /// Both loops saturated: each with its own keys, then each with as many of the other one's as come back in time and its
    /// own in between. What the second costs beyond the first is the price of the commands that went to the other shard.
    /// </summary>
    private void MeasureHops(long ns, Figures figures)
    {
        foreach (int size in BatchSizes)
        {
            Stretch first = Mixed(0, ns) with { Commands = size }, second = first with { Shard = 1 };
            Work own = Together((_shared.Drivers[0], first), (_shared.Drivers[1], second));
            Work both = Together((_shared.Drivers[0], second), (_shared.Drivers[1], first));
            double hopUs = (both.CpuUsPerCommand - own.CpuUsPerCommand) * (both.Own + both.Other) / both.Other;
            figures.Add($"own shard, batches of {size}", "us/command", own.CpuUsPerCommand);
            figures.Add($"hop, on top, batches of {size}", "us/command", hopUs, ", <= 0.3");
            figures.Add($"  commands that hopped, batches of {size}", "%", 100.0 * both.Other / (both.Own + both.Other));
        }
    }

    private void MeasureLatencies(long ns, Figures figures)
    {
        AddLatencies("hop to a loop that sleeps, visited", RequestKind.BriefReads, null);
        AddLatencies("hop to a loop that sleeps, woken", RequestKind.LongReads, null);
        AddLatencies("hop to a loop that runs batches of 32", RequestKind.BriefReads, Mixed(1, ns) with { PerTurn = 1 });

        void AddLatencies(string name, RequestKind kind, Stretch? other)
        {
            if (other is not null) _shared.Drivers[1].Order(other);
            _shared.Drivers[0].Order(new Stretch(kind, 1, ns));
            StretchResult result = _shared.Drivers[0].Await();
            if (other is not null) _shared.Drivers[1].Await();
            figures.Add($"{name}, P50", "us", result.LatencyUs(500));
            figures.Add($"{name}, P99", "us", result.LatencyUs(990));
        }
    }

    private static Stretch Mixed(int shard, long ns) => new(RequestKind.Mixed, shard, ns);

    private static double CpuUs(params (LoopDriver Driver, Stretch Stretch)[] orders) => Together(orders).CpuUsPerCommand;

    private static Work Together(params (LoopDriver Driver, Stretch Stretch)[] orders)
    {
        foreach ((LoopDriver driver, Stretch stretch) in orders) driver.Order(stretch);
        Work sum = default;
        foreach ((LoopDriver driver, _) in orders) sum += driver.Await().Work;
        return sum;
    }
}

using Anax.Commands;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Runtime;

namespace Anax.Bench.Shards;

/// <summary>A whole engine on threads of its own, without sockets, with a driver on each of its loops.</summary>
internal sealed class EngineRig : IDisposable
{
    private const long ReserveBytes = 4L << 30;

    private readonly KeySlice[] _slices;
    private readonly LoopDriver[] _drivers;

    /// <summary>An engine that runs; the loops are pinned to the processors in turn, or not where there are none.</summary>
    public EngineRig(int shards, int keysPerShard, IReadOnlyList<int> cpus)
    {
        var settings = new EngineSettings { HashSeed0 = 1, HashSeed1 = 2, ArenaReserveBytes = ReserveBytes };
        Group = LoopGroup.Create(new LoopGroupOptions { Count = shards, PinnedCpus = cpus });
        Engine = new StorageEngine(Group, CommandTable.Build(StringCommands.Table), settings);
        _slices = KeySlice.Of(settings, shards, keysPerShard);
        _drivers = new LoopDriver[shards];
        for (int i = 0; i < shards; i++) _drivers[i] = new LoopDriver(Engine.Loops[i], _slices);
        Group.Start();
    }

    public LoopGroup Group { get; }
    public StorageEngine Engine { get; }

    /// <summary>By loop.</summary>
    public ReadOnlySpan<LoopDriver> Drivers => _drivers;

    /// <summary>Sets every key of every shard.</summary>
    public void Fill()
    {
        for (int i = 0; i < _drivers.Length; i++) _drivers[i].Order(new Stretch(RequestKind.Fill, i));
        foreach (LoopDriver driver in _drivers) driver.Await();
    }

    public void Dispose()
    {
        Group.Stop();
        Group.Join();
        foreach (LoopDriver driver in _drivers) driver.Dispose();
        Engine.Dispose();
        Group.Dispose();
        foreach (KeySlice slice in _slices) slice.Dispose();
    }
}

using Anax.LoadGen.Driver;
using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;
using Anax.Runtime;
using Anax.Runtime.Simulated;
using Anax.Tests.Stub;
using Xunit;

namespace Anax.Tests.Unit.LoadGen.Driver;

/// <summary>A stub server, and runs of the load generator against it, on a simulated network.</summary>
internal sealed class LoadRig : IDisposable
{
    private readonly SimulatedNetwork _network;
    private readonly List<StubServer> _others = [];

    public LoadRig(StubOptions options, ulong seed = 1)
        : this(options, new SimulationOptions { Seed = seed, LatencyNsMax = 0, MailboxCapacity = 16 })
    {
    }

    private LoadRig(StubOptions options, SimulationOptions simulation)
    {
        _network = new SimulatedNetwork(simulation);
        Stub = new StubServer(options, _network);
    }

    public StubServer Stub { get; }

    /// <summary>A network that takes no time: what passes between request and reply is the stub's delay.</summary>
    public static LoadRig WithoutNoise(StubOptions options) => new(options, new SimulationOptions
    {
        LatencyNsMax = 0,
        TurnNsMax = 1,
        PartialReadChance = 0,
        PartialWriteChance = 0,
        MailboxCapacity = 16,
    });

    /// <summary>Another server on the same network.</summary>
    public StubServer Add(StubOptions options)
    {
        StubServer stub = new(options, _network);
        _others.Add(stub);
        return stub;
    }

    public RunResult Run(BenchOptions options, int threads = 1)
    {
        int port = options.Port == 6379 ? Stub.Port : options.Port;
        using LoopGroup group = LoopGroup.Create(new LoopGroupOptions { Count = threads, Network = _network });
        using LoadRun run = new(options with { Host = "127.0.0.1", Port = port }, group, new SimulatedDialer(_network));
        run.Start();
        Assert.True(_network.RunUntil(() => run.IsFinished, 10_000_000), "the run has not ended");
        group.Join();
        Assert.Null(Stub.Failure);
        return run.Result("a test");
    }

    public void Dispose()
    {
        foreach (StubServer stub in _others) stub.Dispose();
        Stub.Dispose();
        _network.Dispose();
    }

    private sealed class SimulatedDialer(SimulatedNetwork network) : IDialer
    {
        public int Dial(ServerAddress address) => network.Dial(address.Port);
    }
}

using Anax.Runtime.Simulated;
using Anax.Server;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>What the clients of one run share.</summary>
internal sealed class SimulatedWorld(SimulationPlan plan, SimulatedNetwork network, AnaxServer server, History history)
{
    public SimulationPlan Plan => plan;
    public SimulatedNetwork Network => network;
    public History History => history;
    public Capabilities Can { get; } = new(server.Engine.Commands);
    public Counters Counters { get; } = new();

    public SimulatedClient Connect() => network.Connect(server.Port);

    public SimulationException Failure(string what) => new(plan.Seed, what);
}

/// <summary>A run showed something that must not be.</summary>
internal sealed class SimulationException(ulong seed, string what)
    : Exception($"seed {seed}: {what}\nreplay: ./build sim {seed}");

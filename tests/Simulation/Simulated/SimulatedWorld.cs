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

    /// <summary>The network or the clients may cut a connection, so that a lost reply is no failure.</summary>
    public bool MayLose => plan.Network.ResetChance != 0 || plan.ClientsVanish;

    public SimulatedClient Connect() => network.Connect(server.Port);

    public SimulationException Failure(string what) => new($"seed {plan.Seed}: {what}\nreplay: ./build sim {plan.Seed}");
}

/// <summary>A run showed something that must not be.</summary>
internal sealed class SimulationException(string message) : Exception(message);

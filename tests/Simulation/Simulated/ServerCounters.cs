using Anax.Engine;
using Anax.Runtime.Simulated;
using Anax.Scripting;
using Anax.Server;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>What server and network have counted in a run, by name: one row per counter.</summary>
internal static class ServerCounters
{
    private static readonly (string Name, Func<EngineLoop, long> Of)[] OfLoops =
    [
        (Counters.MailboxesFull, loop => loop.Events.Statistics.MailboxesFull),
        (Counters.Visits, loop => loop.Events.Statistics.Visits),
        (Counters.Hops, loop => loop.Events.Statistics.Asked),
        (Counters.Timers, loop => loop.Events.Statistics.TimersFired),
        (Counters.Expired, loop => loop.Counters.Expired),
        (Counters.Scheduled, loop => loop.Transactions.Scheduled),
        (Counters.Redrawn, loop => loop.Transactions.Redrawn),
        (Counters.LockWaits, loop => loop.Transactions.Waits),
        (Counters.Parked, loop => loop.Transactions.Parked),
        (Counters.ScriptsSuspended, loop => ScriptHost.Of(loop).Suspended),
        (Counters.ScriptRests, loop => ScriptHost.Of(loop).Rests),
        ("scripts that began anew", loop => ScriptHost.Of(loop).Restarts),
    ];

    private static readonly (string Name, Func<SimulatedNetwork, long> Of)[] OfNetwork =
    [
        (Counters.ShortWrites, network => network.ShortWrites),
        (Counters.ShortReads, network => network.ShortReads),
        (Counters.Resets, network => network.Resets),
    ];

    public static void Collect(AnaxServer server, SimulatedNetwork network, Counters counters)
    {
        foreach ((string name, Func<EngineLoop, long> of) in OfLoops)
            foreach (EngineLoop loop in server.Engine.Loops) counters.Add(name, of(loop));
        foreach ((string name, Func<SimulatedNetwork, long> of) in OfNetwork) counters.Add(name, of(network));
    }
}

using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>MONITOR: shows a client every command of every client, as it is dispatched.</summary>
public static class MonitorCommands
{
    public static readonly CommandSpec[] Table =
    [
        new("MONITOR", 1, Admin | NoScript | Loading | Stale, AclCategory.None, Keys.None, Monitor,
            "Listens for all requests received by the server in real-time."),
    ];

    private sealed record NewMonitor(int Loop);

    private static async Co<Nothing> Monitor(Coordinator tx)
    {
        // As in Valkey, who monitors already gets no answer.
        if (tx.Session.Monitoring) return default;
        tx.Payload = new NewMonitor(tx.Loop.Index);
        await tx.HopAll(static (shard, ref hop) => shard.Host().Admin.Monitors.Count(((NewMonitor)hop.Payload!).Loop, 1));
        tx.Ok();
        if (tx.Session.Gone) tx.Host().Admin.Monitors.Withdraw();
        else tx.Host().Admin.Monitors.Enter(tx.Session);
        return default;
    }
}

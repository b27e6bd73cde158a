using static Anax.Server.Options.Rows.Row;

namespace Anax.Server.Options.Rows;

/// <summary>Primary and replica.</summary>
internal static class ReplicationRows
{
    private const string Replication = "replication";

    public static readonly OptionSpec[] Table =
    [
        Special("replicaof", OptionKind.Primary, "", "Host and port of the primary to follow.").Or("slaveof")
            .AtStart().Promises(Replication, "no one"),
        Number("min-replicas-to-write", 0, 0, IntMax, "Replicas without which writes are refused.")
            .Or("min-slaves-to-write").Promises(Replication, "0"),
        Number("min-replicas-max-lag", 10, 0, IntMax, "Seconds that such a replica may lag.")
            .Or("min-slaves-max-lag").Ignored(),
        Text("primaryauth", "", "Password for the primary.").Or("masterauth").UnsetWhenEmpty().Sensitive()
            .Ignored(),
        Text("primaryuser", "", "User name for the primary.").Or("masteruser").UnsetWhenEmpty().Sensitive()
            .Ignored(),
        Switch("replica-read-only", true, "A replica refuses writes.").Or("slave-read-only").Ignored(),
        Switch("replica-serve-stale-data", true, "A replica answers while it has no link.")
            .Or("slave-serve-stale-data").Ignored(),
        Switch("replica-ignore-maxmemory", true, "A replica does not evict.").Or("slave-ignore-maxmemory")
            .Ignored(),
        Switch("replica-lazy-flush", true, "A replica drops old data in the background.")
            .Or("slave-lazy-flush")
            .Ignored(),
        Number("replica-priority", 100, 0, IntMax, "Order of promotion.").Or("slave-priority").Ignored(),
        Switch("replica-announced", true, "Sentinel is told of this replica.").Ignored(),
        Text("replica-announce-ip", "", "Address that a replica names.").Or("slave-announce-ip")
            .UnsetWhenEmpty()
            .Ignored(),
        Number("replica-announce-port", 0, 0, 65535, "Port that a replica names.").Or("slave-announce-port")
            .AlsoFlag("announce_port").Ignored(),
        Switch("replica-ignore-disk-write-errors", false, "A replica goes on although its disk fails.")
            .Ignored(),
        Memory("repl-backlog-size", 10 * Mib, 1, LongMax,
            "Bytes kept for replicas that come back.", isUnsigned: false)
            .ClampedTo(16 * Kib, LongMax).Ignored(),
        Number("repl-backlog-ttl", 3600, 0, LongMax, "Seconds that they are kept without replicas.").Ignored(),
        Switch("repl-disable-tcp-nodelay", false, "Fewer and larger packets to replicas.").Ignored(),
        Switch("repl-diskless-sync", true, "A full synchronisation goes through no file.").Ignored(),
        Number("repl-diskless-sync-delay", 5, 0, IntMax, "Seconds to wait for more replicas.").Ignored(),
        Number("repl-diskless-sync-max-replicas", 0, 0, IntMax, "Replicas to wait for.").Ignored(),
        Choice("repl-diskless-load", "disabled", "How a replica loads without a file.")
            .OneOf("disabled", "on-empty-db", "swapdb", "flush-before-load").Ignored(),
        Switch("repl-mptcp", false, "Multipath TCP to the primary.").AtStart().Ignored(),
        Number("repl-ping-replica-period", 10, 1, IntMax, "Seconds between pings to replicas.")
            .Or("repl-ping-slave-period").Ignored(),
        Number("repl-timeout", 60, 1, IntMax, "Seconds after which a silent link is dead.").Ignored(),
        Switch("dual-channel-replication-enabled", false, "Snapshot and stream on two connections.")
            .Ignored(),
        Choice("propagation-error-behavior", "ignore",
            "What a replica does with an error of the primary's stream.")
            .OneOf("ignore", "panic", "panic-on-replicas").Ignored(),
    ];
}

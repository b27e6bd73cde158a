using static Anax.Server.Options.Rows.Row;

namespace Anax.Server.Options.Rows;

/// <summary>Cluster mode.</summary>
internal static class ClusterRows
{
    private const string Cluster = "cluster mode";

    public static readonly OptionSpec[] Table =
    [
        Switch("cluster-enabled", false, "Runs as a cluster node.").AtStart().Promises(Cluster, "no"),
        Text("cluster_mode", "", "Runs as a cluster node (yes) or as if it were one (emulated).").Hidden()
            .AtStart()
            .Promises(Cluster, ""),
        Switch("experimental_cluster_shard_by_slot", false, "Shards by cluster slot.").Hidden().AtStart()
            .Promises(Cluster, "no"),
        Number("cluster-databases", 1, 1, IntMax, "Databases of a cluster node.").AtStart().Ignored(),
        Text("cluster-config-file", "nodes.conf", "File of the nodes.").AtStart()
            .Checked(OptionChecks.ClusterFile).Ignored(),
        Choice("cluster-config-save-behavior", "sync", "What happens when that file cannot be written.")
            .OneOf("sync", "best-effort").Ignored(),
        Number("cluster-node-timeout", 15000, 0, LongMax, "Milliseconds after which a node is thought dead.")
            .Ignored(),
        Number("cluster-ping-interval", 0, 0, LongMax, "Milliseconds between pings.").Hidden().Ignored(),
        Number("cluster-message-gossip-perc", 10, 1, 100, "Share of nodes in a message.").Hidden().Ignored(),
        Number("cluster-port", 0, 0, 65535, "Port of the cluster bus.").AtStart().Ignored(),
        Text("cluster-announce-ip", "", "Address that the node names.").UnsetWhenEmpty()
            .Checked(OptionChecks.AnnouncedAddress).Ignored(),
        Text("cluster-announce-client-ipv4", "", "Its IPv4 address for clients.").UnsetWhenEmpty()
            .Checked(OptionChecks.IPv4).Ignored(),
        Text("cluster-announce-client-ipv6", "", "Its IPv6 address for clients.").UnsetWhenEmpty()
            .Checked(OptionChecks.IPv6).Ignored(),
        Text("cluster-announce-hostname", "", "Its host name.").UnsetWhenEmpty()
            .Checked(OptionChecks.AnnouncedHost).Ignored(),
        Text("cluster-announce-human-nodename", "", "Its name in logs.").UnsetWhenEmpty()
            .Checked(OptionChecks.AnnouncedNode).Ignored(),
        Number("cluster-announce-port", 0, 0, 65535, "Port that the node names.").Ignored(),
        Number("cluster-announce-tls-port", 0, 0, 65535, "TLS port that it names.").Ignored(),
        Number("cluster-announce-bus-port", 0, 0, 65535, "Bus port that it names.").Ignored(),
        Number("cluster-announce-client-port", 0, 0, 65535, "Port that it names to clients.").Ignored(),
        Number("cluster-announce-client-tls-port", 0, 0, 65535, "TLS port that it names to clients.")
            .Ignored(),
        Switch("cluster-require-full-coverage", true, "Serves nothing while a slot has no node.").Ignored(),
        Switch("cluster-allow-reads-when-down", false, "Reads go on while the cluster is down.").Ignored(),
        Switch("cluster-allow-pubsubshard-when-down", true, "So does sharded pub/sub.").Ignored(),
        Switch("cluster-allow-replica-migration", true, "Replicas move to primaries that have none.")
            .Ignored(),
        Number("cluster-migration-barrier", 1, 0, IntMax, "Replicas that a primary keeps.").Ignored(),
        Number("cluster-replica-validity-factor", 10, 0, IntMax, "Age at which a replica may not take over.")
            .Or("cluster-slave-validity-factor").Ignored(),
        Switch("cluster-replica-no-failover", false, "This replica never takes over.")
            .Or("cluster-slave-no-failover").Ignored(),
        Number("cluster-manual-failover-timeout", 5000, 1, IntMax, "Milliseconds for a failover by hand.")
            .Ignored(),
        Choice("cluster-preferred-endpoint-type", "ip", "What clients are sent to.")
            .OneOf("ip", "hostname", "unknown-endpoint").Ignored(),
        Memory("cluster-link-sendbuf-limit", 0, 0, ULongMax, "Bytes that wait for one node.").Ignored(),
        Count("cluster-blacklist-ttl", 60, 0, ULongMax, "Seconds that a forgotten node stays forgotten.")
            .Ignored(),
        Switch("cluster-slot-stats-enabled", false, "Statistics of every slot.").Ignored(),
        Count("cluster-slot-migration-log-max-len", 1000, 0, LongMax, "Slot migrations that are remembered.")
            .Ignored(),
        Special("slot-migration-max-failover-repl-bytes", OptionKind.SignedMemory, "0",
            "Bytes that may wait when a migrating slot is paused.").Within(-1, LongMax).Ignored(),
    ];
}

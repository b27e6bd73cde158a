using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>CLUSTER of a server without cluster mode: every subcommand is known and refused.</summary>
public static class ClusterCommands
{
    public static readonly CommandSpec[] Table =
    [
        new("CLUSTER", -2, None, AclCategory.None,
            "A container for Cluster commands."),
        new("CLUSTER|ADDSLOTS", -3, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Assigns new hash slots to a node."),
        new("CLUSTER|ADDSLOTSRANGE", -4, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Assigns new hash slot ranges to a node."),
        new("CLUSTER|BUMPEPOCH", 2, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Advances the cluster config epoch.") { Tips = ["nondeterministic_output"] },
        new("CLUSTER|CANCELSLOTMIGRATIONS", 2, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Cancel all current ongoing slot migration operations."),
        new("CLUSTER|COUNT-FAILURE-REPORTS", 3, Admin | Stale, AclCategory.None, Disabled,
            "Returns the number of active failure reports for a node. No new reports are "
            + "created once the node is marked as failed.") { Tips = ["nondeterministic_output"] },
        new("CLUSTER|COUNTKEYSINSLOT", 3, Stale, AclCategory.None, Disabled,
            "Returns the number of keys in a hash slot."),
        new("CLUSTER|DELSLOTS", -3, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Sets hash slots as unbound for a node."),
        new("CLUSTER|DELSLOTSRANGE", -4, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Sets hash slot ranges as unbound for a node."),
        new("CLUSTER|FAILOVER", -2, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Forces a replica to perform a manual failover of its primary."),
        new("CLUSTER|FLUSHSLOT", -3, Write | NoAsyncLoading | Admin, AclCategory.Keyspace, Disabled,
            "Removes all keys from the target slot."),
        new("CLUSTER|FLUSHSLOTS", 2, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Deletes all slots information from a node."),
        new("CLUSTER|FORGET", 3, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Removes a node from the nodes table."),
        new("CLUSTER|GETKEYSINSLOT", 4, Stale, AclCategory.None, Disabled,
            "Returns the key names in a hash slot.") { Tips = ["nondeterministic_output"] },
        new("CLUSTER|GETSLOTMIGRATIONS", 2, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Gets the status of ongoing and recently finished slot import and export operations."),
        new("CLUSTER|HELP", 2, Loading | Stale, AclCategory.None, Disabled,
            "Returns helpful text about the different subcommands."),
        new("CLUSTER|INFO", 2, Loading | Stale, AclCategory.None, Disabled,
            "Returns information about the state of a node.") { Tips = ["nondeterministic_output"] },
        new("CLUSTER|KEYSLOT", 3, Stale, AclCategory.None, Disabled,
            "Returns the hash slot for a key."),
        new("CLUSTER|LINKS", 2, Stale, AclCategory.None, Disabled,
            "Returns a list of all TCP links to and from peer nodes.") { Tips = ["nondeterministic_output"] },
        new("CLUSTER|MEET", -4, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Forces a node to handshake with another node."),
        new("CLUSTER|MIGRATESLOTS", -4, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Migrate the given slots from this node to the specified nodes."),
        new("CLUSTER|MYID", 2, Loading | Stale, AclCategory.None, Disabled,
            "Returns the ID of a node."),
        new("CLUSTER|MYSHARDID", 2, Loading | Stale, AclCategory.None, Disabled,
            "Returns the shard ID of a node.") { Tips = ["nondeterministic_output"] },
        new("CLUSTER|NODES", 2, Loading | Stale, AclCategory.None, Disabled,
            "Returns the cluster configuration for a node.") { Tips = ["nondeterministic_output"] },
        new("CLUSTER|REPLICAS", 3, Admin | Stale, AclCategory.None, Disabled,
            "Lists the replica nodes of a primary node.") { Tips = ["nondeterministic_output"] },
        new("CLUSTER|REPLICATE", -3, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Configures a node as replica of a primary node or detaches a replica from its primary."),
        new("CLUSTER|RESET", -2, Admin | Stale | NoScript, AclCategory.None, Disabled,
            "Resets a node."),
        new("CLUSTER|SAVECONFIG", 2, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Forces a node to save the cluster configuration to disk."),
        new("CLUSTER|SET-CONFIG-EPOCH", 3, NoAsyncLoading | Admin | Stale, AclCategory.None, Disabled,
            "Sets the configuration epoch for a new node."),
        new("CLUSTER|SETSLOT", -4, NoAsyncLoading | Admin | Stale | MayReplicate, AclCategory.None, Disabled,
            "Binds a hash slot to a node."),
        new("CLUSTER|SHARDS", 2, Loading | Stale, AclCategory.None, Disabled,
            "Returns the mapping of cluster slots to shards.") { Tips = ["nondeterministic_output"] },
        new("CLUSTER|SLAVES", 3, Admin | Stale, AclCategory.None, Disabled,
            "Lists the replica nodes of a primary node.") { Tips = ["nondeterministic_output"] },
        new("CLUSTER|SLOT-STATS", -4, Stale | Loading, AclCategory.None, Disabled,
            "Return an array of slot usage statistics for slots assigned to the current node.")
        { Tips = ["nondeterministic_output", "request_policy:all_shards"] },
        new("CLUSTER|SLOTS", 2, Loading | Stale, AclCategory.None, Disabled,
            "Returns the mapping of cluster slots to nodes.") { Tips = ["nondeterministic_output"] },
        new("CLUSTER|SYNCSLOTS", -3, NoAsyncLoading | Admin | Stale | MayReplicate, AclCategory.None, Disabled,
            "A container for internal slot migration commands."),
    ];

    private static void Disabled(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Error(Errors.ClusterDisabled);
}

using static Anax.Server.Options.Rows.Row;

namespace Anax.Server.Options.Rows;

/// <summary>Listeners, connections and the limits of the protocol.</summary>
internal static class NetworkRows
{
    public static readonly OptionSpec[] Table =
    [
        Number("port", 6379, 0, 65535, "TCP port; 0 opens none, -1 (at start) takes a free one.")
            .AtStartFrom(-1).Then(OptionHooks.Listeners),
        Special("bind", OptionKind.Addresses, "* -::*",
            "Addresses to listen on; a leading '-' makes one optional.")
            .Then(OptionHooks.Listeners),
        Text("unixsocket", "", "Path of a unix socket to listen on.").UnsetWhenEmpty().AtStart(),
        Special("unixsocketperm", OptionKind.Octal, "0", "Permissions of the unix socket, in octal.")
            .Within(0, 511, isUnsigned: true).AtStart(),
        Text("unixsocketgroup", "", "Group that owns the unix socket.").UnsetWhenEmpty().AtStart()
            .Promises("changing the group of the unix socket", ""),
        Number("tcp-backlog", 511, 0, IntMax, "Connections that may wait to be accepted.").AtStart(),
        Number("tcp-keepalive", 300, 0, IntMax, "Seconds of silence before keep-alive probes; 0 sends none."),
        Number("timeout", 0, 0, IntMax, "Closes a client that is idle for this many seconds; 0 never."),
        Count("maxclients", 10000, 1, UIntMax, "Clients that may be connected at the same time.")
            .Then(OptionHooks.ClientLimit),
        Memory("proto-max-bulk-len", 512 * Mib, Mib, LongMax,
            "Longest argument of a command.", isUnsigned: false)
            .AlsoFlag("max_bulk_len"),
        Count("max_multi_bulk_len", IntMax, 10, IntMax, "Most arguments of one command.").Hidden(),
        Memory("client-query-buffer-limit", 1024 * Mib, Mib, LongMax,
            "Bytes of one client's unfinished request."),
        Special("client-output-buffer-limit", OptionKind.OutputLimits,
            "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
            "Hard limit, soft limit and seconds above it; replicas and subscribers are none yet."),
        Special("maxmemory-clients", OptionKind.MemoryOrPercent, "0",
            "Memory of all clients together; also in %.")
            .Within(-100, LongMax).Promises("evicting clients by their memory", "0"),
        Switch("reuse_port", false, "Sets SO_REUSEPORT on the listeners.")
            .Hidden().AtStart(),
        Switch("conn_use_incoming_cpu", false,
            "Places a connection on the thread of the core that receives it.")
            .Hidden().AtStart(),
        Switch("mptcp", false, "Multipath TCP.").AtStart().Promises("multipath TCP", "no"),
        Count("socket-mark-id", 0, 0, UIntMax, "Mark on the sockets, for the packet filter.").AtStart()
            .Promises("marking sockets", "0"),
        Number("rdma-port", 0, 0, 65535, "RDMA port.").Promises("RDMA", "0"),
        Special("rdma-bind", OptionKind.Addresses, "", "Addresses for RDMA.").Promises("RDMA", ""),
        Number("rdma-rx-size", Mib, 64 * Kib, 16 * Mib, "Receive buffer of an RDMA connection.").AtStart()
            .Ignored(),
        Number("rdma-completion-vector", -1, -1, 1024, "Completion vector of RDMA.").AtStart().Ignored(),
        Text("bind-source-addr", "", "Address from which outgoing connections start.").UnsetWhenEmpty()
            .Ignored(),
        Count("max-new-connections-per-cycle", 10, 1, 1000, "Connections accepted in one turn.").Ignored(),
        Count("max-new-tls-connections-per-cycle", 1, 1, 1000, "TLS connections accepted in one turn.")
            .Ignored(),
        Count("client-default-resp", 2, 2, 3, "Protocol of a new client, for Valkey's tests.").Hidden()
            .AtStart()
            .Ignored(),
        Text("req-res-logfile", "", "Log of requests and replies, for Valkey's tests.").Hidden()
            .UnsetWhenEmpty()
            .AtStart().Ignored(),
    ];
}

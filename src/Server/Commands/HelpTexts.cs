namespace Anax.Server.Commands;

/// <summary>The lines of HELP of the server's containers, as Valkey has them.</summary>
internal static class HelpTexts
{
    internal static ReadOnlySpan<byte> Client =>
        """
        CACHING (YES|NO)
            Enable/disable tracking of the keys for next command in OPTIN/OPTOUT modes.
        CAPA <option> [options...]
            The client claims its some capability options. Options are:
            * REDIRECT
              The client can handle redirection during primary and replica failover in standalone mode.
        GETREDIR
            Return the client ID we are redirecting to when tracking is enabled.
        GETNAME
            Return the name of the current connection.
        ID
            Return the ID of the current connection.
        INFO
            Return information about the current client connection.
        KILL <ip:port>
            Kill connection made from <ip:port>.
        KILL <option> <value> [<option> <value> [...]]
            Kill connections. Options are:
            * ADDR (<ip:port>|<unixsocket>:0)
              Kill connections made from the specified address.
            * LADDR (<ip:port>|<unixsocket>:0)
              Kill connections made to the specified local address.
            * TYPE (NORMAL|PRIMARY|REPLICA|PUBSUB)
              Kill connections by type.
            * USER <username>
              Kill connections authenticated by <username>.
            * SKIPME (YES|NO)
              Skip killing current connection (default: yes).
            * ID <client-id> [<client-id>...]
              Kill connections by client IDs.
            * MAXAGE <maxage>
              Kill connections older than the specified age.
            * FLAGS <flags>
              Kill connections that include the specified flags.
            * NAME <client-name>
              Kill connections with the specified name.
            * IDLE <idle>
              Kill connections with idle time greater than or equal to <idle> seconds.
            * LIB-NAME <library-name>
              Kill connections with the specified library name.
            * LIB-VER <library-version>
              Kill connections with the specified library version.
            * DB <db-id>
              Kill connections currently operating on the specified database ID.
            * CAPA <capa>
              Kill connections currently with the specified capa.
            * IP <ip>
              Kill connections made from the specified ip.
        LIST [options ...]
            Return information about client connections. Options:
            * TYPE (NORMAL|PRIMARY|REPLICA|PUBSUB)
              Return clients of specified type.
            * USER <username>
              Return clients authenticated by <username>.
            * ADDR <ip:port>
              Return clients connected from the specified address.
            * LADDR <ip:port>
              Return clients connected to the specified local address.
            * ID <client-id> [<client-id>...]
              Return clients with the specified IDs.
            * SKIPME (YES|NO)
              Exclude the current client from the list (default: no).
            * MAXAGE <maxage>
              List connections older than the specified age.
            * FLAGS <flags>
              Return clients with the specified flags.
            * NAME <client-name>
              Return clients with the specified name.
            * IDLE <idle>
              Return clients with idle time greater than or equal to <idle> seconds.
            * LIB-NAME <lib-name>
              Return clients with the specified lib name.
            * LIB-VER <lib-version>
              Return clients with the specified lib version.
            * DB <db-id>
              Return clients currently operating on the specified database ID.
            * CAPA <capa>
              Return connections currently with the specified capa.
            * IP <ip>
              Return connections made from the specified ip.
        UNPAUSE
            Stop the current client pause, resuming traffic.
        PAUSE <timeout> [WRITE|ALL]
            Suspend all, or just write, clients for <timeout> milliseconds.
        REPLY (ON|OFF|SKIP)
            Control the replies sent to the current connection.
        SETNAME <name>
            Assign the name <name> to the current connection.
        SETINFO <option> <value>
            Set client meta attr. Options are:
            * LIB-NAME: the client lib name.
            * LIB-VER: the client lib version.
        UNBLOCK <clientid> [TIMEOUT|ERROR]
            Unblock the specified blocked client.
        TRACKING (ON|OFF) [REDIRECT <id>] [BCAST] [PREFIX <prefix> [...]]
                 [OPTIN] [OPTOUT] [NOLOOP]
            Control server assisted client side caching.
        TRACKINGINFO
            Report tracking status for the current connection.
        NO-EVICT (ON|OFF)
            Protect current client connection from eviction.
        NO-TOUCH (ON|OFF)
            Will not touch LRU/LFU stats when this mode is on.
        IMPORT-SOURCE (ON|OFF)
            Mark this connection as an import source if import-mode is enabled.
            Sync tools can set their connections into 'import-source' state to visit
            expired keys.
        """u8;

    internal static ReadOnlySpan<byte> SlowLog =>
        """
        GET [<count>]
            Return top <count> entries from the slowlog (default: 10, -1 mean all).
            Entries are made of:
            id, timestamp, time in microseconds, arguments array, client IP and port,
            client name
        LEN
            Return the length of the slowlog.
        RESET
            Reset the slowlog.
        """u8;

    internal static ReadOnlySpan<byte> CommandLog =>
        """
        GET <count> <type>
            Return top <count> entries of the specified <type> from the commandlog (-1 mean all).
            Entries are made of:
            id, timestamp,
                time in microseconds for type of slow,
                or size in bytes for type of large-request,
                or size in bytes for type of large-reply
            arguments array, client IP and port,
            client name
        LEN <type>
            Return the length of the specified type of commandlog.
        RESET <type>
            Reset the specified type of commandlog.
        """u8;

    internal static ReadOnlySpan<byte> Latency =>
        """
        DOCTOR
            Return a human readable latency analysis report.
        GRAPH <event>
            Return an ASCII latency graph for the <event> class.
        HISTORY <event>
            Return time-latency samples for the <event> class.
        LATEST
            Return the latest latency samples for all events.
        RESET [<event> ...]
            Reset latency data of one or more <event> classes.
            (default: reset all data for all event classes)
        HISTOGRAM [COMMAND ...]
        """u8 +
        "\n    Return a cumulative distribution of latencies in the format of a histogram for the "u8 +
        "specified command names.\n"u8 +
        """
            If no commands are specified then all histograms are replied.
        """u8;

    internal static ReadOnlySpan<byte> Config =>
        """
        GET <pattern>
            Return parameters matching the glob-like <pattern> and their values.
        SET <directive> <value>
            Set the configuration <directive> to <value>.
        RESETSTAT
            Reset statistics reported by the INFO command.
        REWRITE
            Rewrite the configuration file.
        """u8;

    internal static ReadOnlySpan<byte> Acl =>
        """
        CAT [<category>]
            List all commands that belong to <category>, or all command categories
            when no category is specified.
        DELUSER <username> [<username> ...]
            Delete a list of users.
        DRYRUN <username> <command> [<arg> ...]
            Returns whether the user can execute the given command without executing the command.
        GETUSER <username>
            Get the user's details.
        GENPASS [<bits>]
            Generate a secure 256-bit user password. The optional `bits` argument can
            be used to specify a different size.
        LIST
            Show users details in config file format.
        LOAD
            Reload users from the ACL file.
        LOG [<count> | RESET]
            Show the ACL log entries.
        SAVE
            Save the current config to the ACL file.
        SETUSER <username> <rule> [<rule> ...]
            Create or modify a user with the specified rules.
        USERS
            List all the registered usernames.
        WHOAMI
            Return the current connection username.
        """u8;

    internal static ReadOnlySpan<byte> Module =>
        """
        LIST
            Return a list of loaded modules.
        LOAD <path> [<arg> ...]
            Load a module library from <path>, passing to it any optional arguments.
        LOADEX <path> [[CONFIG NAME VALUE] [CONFIG NAME VALUE]] [ARGS ...]
            Load a module library from <path>, while passing it module configurations and optional arguments.
        UNLOAD <name>
            Unload a module.
        """u8;
}

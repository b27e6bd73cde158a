using static Anax.Server.Options.Rows.Row;

namespace Anax.Server.Options.Rows;

/// <summary>Databases, encodings, and the logs of commands.</summary>
internal static class DataRows
{
    public static readonly OptionSpec[] Table =
    [
        Number("databases", 16, 1, IntMax, "Numbered databases.").AlsoFlag("dbnum").AtStart(),
        Text("hash-seed", "", "Seed of the key hash; random when empty.").UnsetWhenEmpty()
            .Checked(OptionChecks.HashSeed).AtStart(),
        Special("notify-keyspace-events", OptionKind.KeyspaceEvents, "",
            "Events that are published for keys."),
        Number("commandlog-execution-slower-than", 10000, -1, LongMax,
            "Microseconds of a slow command; -1 logs none.")
            .Or("slowlog-log-slower-than"),
        Count("commandlog-slow-execution-max-len", 128, 0, LongMax, "Slow commands that are kept.")
            .Or("slowlog-max-len").Then(OptionHooks.CommandLog),
        Number("commandlog-request-larger-than", Mib, -1, LongMax, "Bytes of a large request; -1 logs none."),
        Count("commandlog-large-request-max-len", 128, 0, LongMax, "Large requests that are kept.")
            .Then(OptionHooks.CommandLog),
        Number("commandlog-reply-larger-than", Mib, -1, LongMax, "Bytes of a large reply; -1 logs none."),
        Count("commandlog-large-reply-max-len", 128, 0, LongMax, "Large replies that are kept.")
            .Then(OptionHooks.CommandLog),
        Number("latency-monitor-threshold", 0, 0, LongMax,
            "Milliseconds of an event worth keeping; 0 keeps none."),
        Switch("latency-tracking", true, "Keeps the latency of every command."),
        Special("latency-tracking-info-percentiles", OptionKind.Percentiles, "50 99 99.9",
            "Percentiles in INFO latencystats."),
        Number("busy-reply-threshold", 5000, 0, LongMax, "Milliseconds after which a script counts as stuck.")
            .Or("lua-time-limit"),
        Memory("lua_memory_limit", 256 * Mib, 8 * Mib, LongMax, "Bytes that one script may use.")
            .Hidden().AtStart(),
        Count("tracking-table-max-keys", 1000000, 0, LongMax, "Keys that client tracking remembers.")
            .Ignored(),
        Count("hash-max-listpack-entries", 512, 0, LongMax, "Fields of a hash kept as a listpack.")
            .Or("hash-max-ziplist-entries"),
        Memory("hash-max-listpack-value", 64, 0, LongMax, "Longest field or value of such a hash.")
            .Or("hash-max-ziplist-value"),
        Number("list-max-listpack-size", -2, int.MinValue, IntMax, "Entries, or size class, of a list's node.")
            .Or("list-max-ziplist-size"),
        Number("list-compress-depth", 0, 0, IntMax, "Nodes at a list's ends that are never compressed.")
            .Ignored(),
        Count("set-max-intset-entries", 512, 0, LongMax, "Members of a set kept as integers."),
        Count("set-max-listpack-entries", 128, 0, LongMax, "Members of a set kept as a listpack."),
        Count("set-max-listpack-value", 64, 0, LongMax, "Longest member of such a set."),
        Count("zset-max-listpack-entries", 128, 0, LongMax, "Members of a sorted set kept as a listpack.")
            .Or("zset-max-ziplist-entries"),
        Memory("zset-max-listpack-value", 64, 0, LongMax, "Longest member of such a sorted set.")
            .Or("zset-max-ziplist-value"),
        Memory("stream-node-max-bytes", 4096, 0, LongMax, "Bytes of a stream's node; 0 for no limit."),
        Number("stream-node-max-entries", 100, 0, LongMax, "Entries of a stream's node; 0 for no limit."),
        Memory("hll-sparse-max-bytes", 3000, 0, LongMax, "Bytes up to which a HyperLogLog stays sparse."),
        Switch("extended-redis-compatibility", false, "Names Redis where Valkey names itself.").Ignored(),
        Switch("import-mode", false, "Keeps expired keys while data is imported.")
            .Promises("import mode", "no"),
        Switch("lua-enable-insecure-api", false, "Old functions in Lua.").Or("lua-enable-deprecated-api")
            .Hidden().Protected().Ignored(),
    ];
}

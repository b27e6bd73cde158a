namespace Anax.Conformance;

/// <summary>
/// One file of Valkey's suite and how it meets the server: an external unit talks to a server that is started
/// for it, a local unit starts servers itself, through the shim at src/valkey-server.
/// </summary>
internal sealed record SuiteUnit(string Name, bool IsLocal, int SecondsMax)
{
    public static readonly SuiteUnit[] All =
    [
        new("unit/protocol", IsLocal: false, SecondsMax: 180),
        new("unit/keyspace", IsLocal: false, SecondsMax: 180),
        new("unit/type/string", IsLocal: false, SecondsMax: 300),
        new("unit/type/incr", IsLocal: false, SecondsMax: 120),
        new("unit/bitops", IsLocal: false, SecondsMax: 300),
        new("unit/bitfield", IsLocal: false, SecondsMax: 120),
        new("unit/hyperloglog", IsLocal: false, SecondsMax: 300),
        new("unit/type/zset", IsLocal: false, SecondsMax: 600),
        new("unit/geo", IsLocal: false, SecondsMax: 600),
        new("unit/type/set", IsLocal: false, SecondsMax: 600),
        new("unit/type/stream", IsLocal: false, SecondsMax: 400),
        new("unit/type/stream-cgroups", IsLocal: false, SecondsMax: 300),
        new("unit/type/hash", IsLocal: false, SecondsMax: 300),
        new("unit/hashexpire", IsLocal: false, SecondsMax: 300),
        new("unit/type/list", IsLocal: false, SecondsMax: 600),
        new("unit/type/list-2", IsLocal: false, SecondsMax: 300),
        new("unit/type/list-3", IsLocal: false, SecondsMax: 300),
        new("unit/sort", IsLocal: false, SecondsMax: 300),
        new("unit/other", IsLocal: false, SecondsMax: 300),
        new("unit/lazyfree", IsLocal: false, SecondsMax: 120),
        new("unit/latency-monitor", IsLocal: false, SecondsMax: 120),
        new("unit/violations", IsLocal: false, SecondsMax: 300),
        new("unit/replybufsize", IsLocal: false, SecondsMax: 60),
        new("unit/wait", IsLocal: false, SecondsMax: 120),
        new("unit/fuzzer", IsLocal: false, SecondsMax: 600),
        new("unit/dump", IsLocal: false, SecondsMax: 300),
        new("unit/expire", IsLocal: false, SecondsMax: 300),
        new("unit/scan", IsLocal: false, SecondsMax: 300),
        new("unit/info-command", IsLocal: false, SecondsMax: 60),
        new("unit/quit", IsLocal: false, SecondsMax: 60),
        new("unit/querybuf", IsLocal: false, SecondsMax: 180),
        new("unit/slowlog", IsLocal: false, SecondsMax: 120),
        new("unit/commandlog", IsLocal: false, SecondsMax: 120),
        new("unit/introspection", IsLocal: false, SecondsMax: 300),
        new("unit/introspection-2", IsLocal: false, SecondsMax: 180),
        new("unit/multi", IsLocal: false, SecondsMax: 240),
        new("unit/pause", IsLocal: false, SecondsMax: 180),
        new("unit/pubsub", IsLocal: false, SecondsMax: 120),
        new("unit/tracking", IsLocal: false, SecondsMax: 240),
        new("unit/scripting", IsLocal: false, SecondsMax: 300),
        new("unit/functions", IsLocal: false, SecondsMax: 300),
        new("unit/auth", IsLocal: true, SecondsMax: 180),
        new("unit/info", IsLocal: true, SecondsMax: 240),
        new("unit/limits", IsLocal: true, SecondsMax: 60),
        new("unit/pubsubshard", IsLocal: true, SecondsMax: 120),
        new("unit/networking", IsLocal: true, SecondsMax: 180),
        new("unit/obuf-limits", IsLocal: true, SecondsMax: 300),
        new("unit/shutdown", IsLocal: true, SecondsMax: 120),
    ];
}

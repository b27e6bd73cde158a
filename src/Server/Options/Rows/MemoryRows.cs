using static Anax.Server.Options.Rows.Row;

namespace Anax.Server.Options.Rows;

/// <summary>The memory limit, eviction, expiry and freeing.</summary>
internal static class MemoryRows
{
    public static readonly OptionSpec[] Table =
    [
        Memory("maxmemory", 0, 0, ULongMax,
            "Memory for data; 0 takes 80 % of what the machine or container allows.")
            .Then(OptionHooks.MemoryLimit),
        Switch("huge_pages", false,
            "Huge pages, where the kernel grants them, beyond a shard's first 32 MiB: faster lookups, longer stalls.").Hidden().AtStart(),
        Choice("maxmemory-policy", "noeviction", "What happens when the limit is reached.")
            .OneOf("volatile-lru", "volatile-lfu", "volatile-random", "volatile-ttl", "allkeys-lru",
            "allkeys-lfu",
                "allkeys-random", "noeviction")
            .Promises("eviction", "noeviction"),
        Switch("cache_mode", false, "Evicts instead of refusing writes.").Hidden().AtStart()
            .Promises("eviction", "no"),
        Number("active-expire-effort", 1, 1, 10, "How hard the sweep looks for expired keys."),
        Number("hz", 10, 0, IntMax, "Rounds of periodic work in a second; from 1 to 500.").ClampedTo(1, 500),
        Switch("lazyfree-lazy-eviction", true, "Frees evicted values in the background.").Ignored(),
        Switch("lazyfree-lazy-expire", true, "Frees expired values in the background.").Ignored(),
        Switch("lazyfree-lazy-server-del", true, "Frees replaced values in the background.").Ignored(),
        Switch("lazyfree-lazy-user-del", true, "DEL frees in the background; a string is freed at once.")
            .Ignored(),
        Switch("lazyfree-lazy-user-flush", true, "FLUSHALL and FLUSHDB free in the background."),
        Number("maxmemory-samples", 5, 1, 64, "Keys that Valkey's eviction compares.").Ignored(),
        Number("maxmemory-eviction-tenacity", 10, 0, 100, "How long Valkey's eviction may take.").Ignored(),
        Number("lfu-log-factor", 10, 0, IntMax, "Growth of Valkey's access counter.").Ignored(),
        Number("lfu-decay-time", 1, 0, IntMax, "Minutes after which that counter falls.").Ignored(),
        Switch("activerehashing", true, "Valkey's rehashing; this table never rehashes.").Ignored(),
        Switch("activedefrag", false, "Valkey's defragmentation; here compaction always runs.").Ignored(),
        Memory("active-defrag-ignore-bytes", 100 * Mib, 1, LongMax, "Waste below which Valkey does nothing.")
            .Ignored(),
        Number("active-defrag-threshold-lower", 10, 0, 1000, "Percent of waste where it starts.").Ignored(),
        Number("active-defrag-threshold-upper", 100, 0, 1000, "Percent of waste where it does its most.")
            .Ignored(),
        Number("active-defrag-cycle-min", 1, 1, 99, "Least share of CPU, in percent.").Ignored(),
        Number("active-defrag-cycle-max", 25, 1, 99, "Largest share of CPU, in percent.").Ignored(),
        Number("active-defrag-cycle-us", 500, 0, 100000, "Microseconds of one step.").Ignored(),
        Count("active-defrag-max-scan-fields", 1000, 1, LongMax, "Fields that one step visits.").Ignored(),
        Switch("jemalloc-bg-thread", true, "Background thread of Valkey's allocator.").Ignored(),
    ];
}

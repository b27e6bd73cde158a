using static Anax.Server.Options.Rows.Row;

namespace Anax.Server.Options.Rows;

/// <summary>Threads, event loops and how the keyspace is spread over them.</summary>
internal static class ThreadRows
{
    public static readonly OptionSpec[] Table =
    [
        Number("proactor_threads", 0, 0, 1024, "Threads, each with one shard; 0 takes every CPU we may use.")
            .Hidden().AtStart(),
        Choice("proactor_affinity_mode", "on",
            "Pins threads to CPUs: on, off, or auto (not when there are more).")
            .OneOf("on", "off", "auto").Hidden().AtStart(),
        Switch("force_epoll", false, "Uses epoll although io_uring works.").Hidden().AtStart(),
        Switch("shard_on_hashtags", false, "Keys of one {hash tag} share a shard.")
            .AlsoFlag("lock_on_hashtags")
            .Hidden().AtStart(),
        Choice("pipeline_order", "relaxed",
            "strict: others see a pipeline's writes to several shards in order.")
            .OneOf("relaxed", "strict").Hidden().AtStart(),
        Choice("script_locking", "token",
            "What a script locks that may need undeclared keys: token, each when it is needed; global, all.")
            .OneOf("token", "global").Hidden().AtStart(),
        Number("io-threads", 1, 1, 256, "Valkey's I/O threads; here proactor_threads says it.").Ignored(),
        Switch("io-threads-always-active", false, "Keeps Valkey's I/O threads busy.").Hidden().Ignored(),
        Number("prefetch-batch-max-size", 16, 0, 128, "Commands whose keys are prefetched together.")
            .Ignored(),
        Number("min-io-threads-avoid-copy-reply", 7, 0, IntMax,
            "I/O threads from which replies are not copied.")
            .Hidden().Ignored(),
        Number("min-string-size-avoid-copy-reply", 16384, 0, IntMax, "Bytes from which a reply is not copied.")
            .Hidden().Ignored(),
        Number("min-string-size-avoid-copy-reply-threaded", 65536, 0, IntMax, "The same with I/O threads.")
            .Hidden().Ignored(),
        Text("server-cpulist", "", "CPUs for Valkey's main and I/O threads.").Or("server_cpulist")
            .UnsetWhenEmpty().AtStart().Ignored(),
        Text("bio-cpulist", "", "CPUs for Valkey's background threads.").Or("bio_cpulist")
            .UnsetWhenEmpty().AtStart().Ignored(),
    ];
}

using static Anax.Server.Options.Rows.Row;

namespace Anax.Server.Options.Rows;

/// <summary>Snapshots, the append-only log and tiered storage.</summary>
internal static class PersistenceRows
{
    private const string Snapshots = "saving data to disk";
    private const string Log = "the append-only log";

    public static readonly OptionSpec[] Table =
    [
        // Valkey's own default saves; data that nobody asked to keep is not kept here, and CONFIG GET says so.
        Special("save", OptionKind.SavePoints, "", "Seconds and changes after which a snapshot is taken.")
            .Promises(Snapshots, "\"\""),
        Text("dbfilename", "dump.rdb", "Name of the snapshot.").Protected().Checked(OptionChecks.SnapshotName)
            .Promises(Snapshots, "\"\"").EvenByDefault(),
        Text("snapshot_cron", "", "Times of snapshots, as in crontab.").Hidden().Promises(Snapshots, ""),
        Text("save_schedule", "", "Older name of snapshot_cron.").Hidden().Promises(Snapshots, ""),
        Switch("appendonly", false, "Logs every write.").Promises(Log, "no"),
        Text("appendfilename", "appendonly.aof", "Name of the log.").AtStart().Checked(OptionChecks.LogName)
            .Ignored(),
        Text("appenddirname", "appendonlydir", "Folder of the log.").AtStart().Checked(OptionChecks.LogFolder)
            .Ignored(),
        Choice("appendfsync", "everysec", "When the log is forced to disk.").OneOf("everysec", "always", "no")
            .Ignored(),
        Switch("no-appendfsync-on-rewrite", false, "Not while it is rewritten.").Ignored(),
        Number("auto-aof-rewrite-percentage", 100, 0, IntMax, "Growth after which the log is rewritten.")
            .Ignored(),
        Memory("auto-aof-rewrite-min-size", 64 * Mib, 0, LongMax,
            "Size below which it is not.", isUnsigned: false)
            .Ignored(),
        Switch("aof-load-truncated", true, "Reads a log whose end is missing.").Ignored(),
        Switch("aof-use-rdb-preamble", true, "The rewritten log starts with a snapshot.").Ignored(),
        Switch("aof-timestamp-enabled", false, "Times in the log.").Ignored(),
        Switch("aof-rewrite-incremental-fsync", true, "A rewrite is forced to disk in parts.").Ignored(),
        Switch("aof-disable-auto-gc", false, "Keeps old parts of the log.").Hidden().Ignored(),
        Text("aof-rewrite-cpulist", "", "CPUs for Valkey's rewrite.").Or("aof_rewrite_cpulist")
            .UnsetWhenEmpty()
            .AtStart().Ignored(),
        Text("bgsave-cpulist", "", "CPUs for Valkey's snapshot.").Or("bgsave_cpulist").UnsetWhenEmpty()
            .AtStart()
            .Ignored(),
        Switch("rdbcompression", true, "Compresses strings in snapshots and of DUMP."),
        Switch("rdbchecksum", true, "Checksum at a snapshot's end.").AtStart().Ignored(),
        Choice("rdb-version-check", "strict", "Whether values of unknown versions are refused.")
            .OneOf("strict", "relaxed"),
        Switch("rdb-save-incremental-fsync", true, "A snapshot is forced to disk in parts.").Ignored(),
        Switch("rdb-del-sync-files", false, "Deletes snapshots made for replicas.").Ignored(),
        Number("rdb-key-save-delay", 0, int.MinValue, IntMax, "Slows saving, for tests.").Hidden().Ignored(),
        Number("key-load-delay", 0, int.MinValue, IntMax, "Slows loading, for tests.").Hidden().Ignored(),
        Number("loading-process-events-interval-bytes", 2 * Mib, Kib, IntMax,
            "Bytes loaded between two turns.")
            .Hidden().Ignored(),
        Switch("stop-writes-on-bgsave-error", true, "Refuses writes after a failed snapshot.").Ignored(),
        Text("tiered_prefix", "", "Path of the files that values are moved to.").Hidden().AtStart()
            .Promises("tiered storage", ""),
    ];
}

using static Anax.Server.Options.Rows.Row;

namespace Anax.Server.Options.Rows;

/// <summary>The process, its log, and what it does at the end.</summary>
internal static class ProcessRows
{
    public static readonly OptionSpec[] Table =
    [
        Switch("daemonize", false, "Goes into the background.").AtStart(),
        Text("pidfile", "", "File that holds the process id while the server runs.").UnsetWhenEmpty()
            .AtStart(),
        Special("dir", OptionKind.Folder, "", "Working folder.").Protected().Then(OptionHooks.Folder),
        Choice("loglevel", "notice", "Least weight of what is logged.")
            .OneOf("debug", "verbose", "notice", "warning", "nothing").Then(OptionHooks.Log),
        Text("logfile", "", "Log file; empty writes to standard output.").AtStart(),
        Switch("logtostderr", false, "Logs to standard error.").Hidden().AtStart(),
        Switch("alsologtostderr", false, "Logs to standard error as well.").Hidden().AtStart(),
        Choice("log-format", "legacy", "Form of a line in the log.").OneOf("legacy", "logfmt", "json")
            .Then(OptionHooks.Log),
        Choice("log-timestamp-format", "legacy", "Form of the time in the log.")
            .OneOf("legacy", "iso8601", "milliseconds").Then(OptionHooks.Log),
        Switch("hide-user-data-from-log", true, "Keeps keys and values out of the log; always so here.")
            .Ignored(),
        Special("shutdown-on-sigint", OptionKind.ChoiceSet, "default",
            "What SIGINT does: it ends the server, as there is nothing to save.")
            .OneOf(ShutdownChoices).Checked(OptionChecks.ShutdownFlags)
            .Promises("saving at shutdown", "nosave").Only(OptionChecks.SavesAtShutdown),
        Special("shutdown-on-sigterm", OptionKind.ChoiceSet, "default", "What SIGTERM does: the same.")
            .OneOf(ShutdownChoices).Checked(OptionChecks.ShutdownFlags)
            .Promises("saving at shutdown", "nosave").Only(OptionChecks.SavesAtShutdown),
        Number("shutdown-timeout", 10, 0, IntMax, "Seconds that a shutdown waits for replicas.").Ignored(),
        Choice("supervised", "no", "How a service manager is told that the server is ready.")
            .OneOf("upstart", "systemd", "auto", "no").AtStart()
            .Promises("talking to a service manager", "no"),
        Switch("syslog-enabled", false, "Logs to syslog as well.").AtStart()
            .Promises("logging to syslog", "no"),
        Text("syslog-ident", "valkey", "Name in syslog.").AtStart().Ignored(),
        Choice("syslog-facility", "local0", "Facility in syslog.").AtStart().Ignored()
            .OneOf("user", "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7"),
        Switch("set-proc-title", true, "Shows the port in the process's title.").AtStart().Ignored(),
        Text("proc-title-template", "{title} {listen-addr} {server-mode}", "The process's title.")
            .Checked(OptionChecks.TitleTemplate).Ignored(),
        Switch("always-show-logo", false, "Shows a picture at start.").AtStart().Ignored(),
        Switch("crash-log-enabled", true, "Writes a report when the process dies.").Ignored(),
        Switch("crash-memcheck-enabled", true, "Tests the memory after a crash.").Ignored(),
        Switch("use-exit-on-panic", false, "Ends without a core file after a broken invariant.").Hidden()
            .Ignored(),
        Switch("enable-debug-assert", false, "Costly assertions.").Hidden().AtStart().Ignored(),
        Text("debug-context", "", "A word for the crash report.").Hidden().Ignored(),
        Number("watchdog-period", 0, 0, IntMax, "Milliseconds after which a stuck loop is reported.")
            .Hidden().Ignored(),
        Text("ignore-warnings", "", "Warnings at start that are known and wanted.").Ignored(),
        Choice("oom-score-adj", "no", "Tells the kernel whom to kill first.")
            .OneOf("no", "yes", "relative", "absolute").Meaning("relative", "yes").Ignored(),
        Special("oom-score-adj-values", OptionKind.OomScores, "0 200 800",
            "Scores of primary, replica and child.")
            .Ignored(),
        Switch("disable-thp", true, "Valkey's refusal of huge pages, for its forks; here huge_pages decides.")
            .AtStart().Ignored(),
        Text("locale-collate", "", "Locale that orders texts.").Ignored(),
        Text("availability-zone", "", "Zone of this server; clients prefer a near one."),
    ];

    private static string[] ShutdownChoices => ["default", "save", "nosave", "now", "force", "safe",
    "failover"];
}

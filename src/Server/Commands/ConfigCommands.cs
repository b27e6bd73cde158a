using Anax.Core.Buffers;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Server.Network;
using Anax.Server.Options;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>
/// CONFIG. Reading needs only the loop's own settings. The first loop orders changes: it checks them all, makes them
/// current, and every loop takes them over before the client hears +OK.
/// </summary>
public static class ConfigCommands
{
    private const CommandFlags Administer = Admin | NoScript | Loading | Stale;
    private const int OrderingLoop = 0;

    private static readonly string[] Tips = ["request_policy:all_nodes", "response_policy:all_succeeded"];

    public static readonly CommandSpec[] Table =
    [
        new("CONFIG",           -2, None,            AclCategory.None,
            "A container for server configuration commands."),
        new("CONFIG|GET",       -3, Administer,      AclCategory.None, Get,
            "Returns the effective values of configuration parameters."),
        new("CONFIG|SET",       -4, Administer,      AclCategory.None, Keys.None, Set,
            "Sets configuration parameters in-flight.") { Redacts = Redacts, Tips = Tips },
        new("CONFIG|RESETSTAT",  2, Administer,      AclCategory.None, Keys.None, ResetStatistics,
            "Resets the server's statistics.") { Tips = Tips },
        new("CONFIG|REWRITE",    2, Administer,      AclCategory.None, Keys.None, Rewrite,
            "Persists the effective configuration to file.") { Tips = Tips },
        new("CONFIG|HELP",       2, Loading | Stale, AclCategory.None, Help,
            "Returns helpful text about the different subcommands."),
    ];

    private static void Get(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        var matches = new ConfigMatches(stackalloc int[ConfigMatches.CellsNeeded]);
        for (int i = 2; i < args.Count; i++) matches.Add(args[i], i);
        OptionValues values = connection.Host().Settings.Values;
        reply.Map(matches.Count);
        int position = 0;
        while (matches.TryNext(ref position, out OptionSpec spec, out byte[] name, out int argument))
        {
            if (argument < 0) reply.Bulk(name);
            else reply.Bulk(args[argument]);
            reply.Bulk(values[spec].Bytes);
        }
    }

    // ---- SET ----

    /// <summary>A change on its way: the first loop fills in what became of it, the others take it over.</summary>
    private sealed class Change(string[] pairs, bool mayChangeProtected)
    {
        internal readonly string[] Pairs = pairs;
        internal readonly bool MayChangeProtected = mayChangeProtected;
        internal string? Error;
        internal ServerSettings? Next;
        internal OptionHooks Hooks;
        internal long Version;
    }

    private static async Co<Nothing> Set(Coordinator tx)
    {
        if (tx.Args.Count % 2 != 0)
        {
            tx.Fail(Errors.Syntax);
            return default;
        }
        var change = new Change(ReadPairs(tx.Args), MayChangeProtected(tx));
        tx.Payload = change;
        await tx.Hop(OrderingLoop, static (shard, ref hop) => Decide(shard.Host(), (Change)hop.Payload!));
        if (change.Error is not null)
        {
            Fail(tx, change.Error);
            return default;
        }
        if (change.Next is not null)
            await tx.HopAll(static (shard, ref hop) => Apply(shard.Host(), (Change)hop.Payload!));
        tx.Ok();
        return default;
    }

    private static string[] ReadPairs(Arguments args)
    {
        var pairs = new string[args.Count - 2];
        for (int i = 0; i < pairs.Length; i++) pairs[i] = OptionText.FromBytes(args[i + 2]);
        return pairs;
    }

    private static bool MayChangeProtected(Coordinator tx) =>
        Gates.Allows(tx.Host().Settings.EnableProtectedConfigs, tx.Session);

    private static void Decide(ServerLoop host, Change change)
    {
        ConfigChange decided = host.Server.Config.Set(change.Pairs, change.MayChangeProtected);
        change.Error = decided.Error ?? host.Server.TryRun(decided);
        if (change.Error is not null) return;
        host.Server.Config.Commit(decided);
        change.Next = decided.Next;
        change.Hooks = decided.Hooks;
        change.Version = host.Admin.SettingsVersion + 1;
        Apply(host, change);
    }

    /// <summary>Changes can reach a loop in another order than they were made in: only a later one is taken over.</summary>
    private static void Apply(ServerLoop host, Change change)
    {
        if (change.Version <= host.Admin.SettingsVersion) return;
        host.Admin.SettingsVersion = change.Version;
        host.Apply(change.Next!);
    }

    private static bool Redacts(Arguments args, int index) =>
        index >= 3 && index % 2 == 1
        && OptionTable.TryFind(OptionText.FromBytes(args[index - 1]), out OptionSpec? spec) && spec.IsSensitive;

    // ---- the rest ----

    private static async Co<Nothing> ResetStatistics(Coordinator tx)
    {
        await tx.HopAll(static (shard, ref hop) =>
        {
            ServerLoop host = shard.Host();
            host.Engine.Statistics.Reset();
            ref ShardCounters counters = ref shard.Counters;
            counters.Hits = counters.Misses = counters.Expired = counters.ExpiredMembers = counters.SweepNs = counters.SweepTimeouts = 0;
            counters.StalePercent = 0;
            host.Admin.Figures.Reset();
            host.Admin.AuthFailures = 0;
            if (host.Engine.Index == OrderingLoop) host.Server.ResetStatistics();
        });
        tx.Ok();
        return default;
    }

    private static async Co<Nothing> Rewrite(Coordinator tx)
    {
        var change = new Change([], false);
        tx.Payload = change;
        await tx.Hop(OrderingLoop, static (shard, ref hop) =>
            ((Change)hop.Payload!).Error = shard.Host().Server.Config.Rewrite());
        if (change.Error is null) tx.Ok();
        else Fail(tx, change.Error);
        return default;
    }

    private static void Fail(Coordinator tx, string error)
    {
        ReplyWriter reply = tx.Writer();
        int space = error.IndexOf(' ', StringComparison.Ordinal);
        reply.ErrorText("ERR"u8, OptionText.ToBytes(WithoutZeros(error[(space + 1)..])));
        tx.Close(ref reply);
    }

    /// <summary>A quoted name is shown up to its first zero byte, as C prints it.</summary>
    private static string WithoutZeros(string error)
    {
        int zero = error.IndexOf('\0', StringComparison.Ordinal);
        if (zero < 0) return error;
        int quote = error.IndexOf('\'', zero);
        return quote < 0 ? error[..zero] : error[..zero] + error[quote..];
    }

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, connection.Command, HelpTexts.Config);
}

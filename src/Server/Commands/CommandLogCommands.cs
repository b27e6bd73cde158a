using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>
/// SLOWLOG and COMMANDLOG. Each loop logs its own clients' commands; what a client asks for is all loops' logs
/// together, newest first, within the length that one log may have.
/// </summary>
public static class CommandLogCommands
{
    private const CommandFlags Administer = Admin | Loading | Stale;
    private const int SlowLogDefaultCount = 10;

    private static readonly string[] GetTips = ["request_policy:all_nodes", "nondeterministic_output"];
    private static readonly string[] LengthTips =
        ["request_policy:all_nodes", "response_policy:agg_sum", "nondeterministic_output"];
    private static readonly string[] ResetTips = ["request_policy:all_nodes", "response_policy:all_succeeded"];

    public static readonly CommandSpec[] Table =
    [
        //  name                arity flags            ACL                          handler
        new("SLOWLOG",             -2, None,            AclCategory.None,
            "A container for slow log commands."),
        new("SLOWLOG|GET",         -2, Administer,      AclCategory.None, Keys.None, SlowGet,
            "Returns the slow log's entries.") { Tips = GetTips },
        new("SLOWLOG|LEN",          2, Administer,      AclCategory.None, Keys.None, SlowLength,
            "Returns the number of entries in the slow log.") { Tips = LengthTips },
        new("SLOWLOG|RESET",        2, Administer,      AclCategory.None, Keys.None, SlowReset,
            "Clears all entries from the slow log.") { Tips = ResetTips },
        new("SLOWLOG|HELP",         2, Loading | Stale, AclCategory.None, SlowHelp,
            "Shows helpful text about the different subcommands."),
        new("COMMANDLOG",          -2, None,            AclCategory.None,
            "A container for command log commands."),
        new("COMMANDLOG|GET",       4, Administer,      AclCategory.None, Keys.None, Get,
            "Returns the specified command log's entries.") { Tips = GetTips },
        new("COMMANDLOG|LEN",       3, Administer,      AclCategory.None, Keys.None, Length,
            "Returns the number of entries in the specified type of command log.") { Tips = LengthTips },
        new("COMMANDLOG|RESET",     3, Administer,      AclCategory.None, Keys.None, Reset,
            "Clears all entries from the specified type of command log.") { Tips = ResetTips },
        new("COMMANDLOG|HELP",      2, Loading | Stale, AclCategory.None, Help,
            "Shows helpful text about the different subcommands."),
    ];

    private static Co<Nothing> SlowGet(Coordinator tx)
    {
        if (tx.Args.Count > 3)
        {
            ReplyWriter reply = tx.Writer();
            reply.SubcommandSyntax("slowlog"u8, tx.Args[1]);
            tx.Close(ref reply);
            return default;
        }
        long count = SlowLogDefaultCount;
        return tx.Args.Count == 3 && !ReadCount(tx, 2, out count) ? default : Get(tx, CommandLogKind.Slow, count);
    }

    private static Co<Nothing> SlowLength(Coordinator tx) => Length(tx, CommandLogKind.Slow);

    private static Co<Nothing> SlowReset(Coordinator tx) => Reset(tx, CommandLogKind.Slow);

    private static void SlowHelp(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, connection.Command, HelpTexts.SlowLog);

    private static Co<Nothing> Get(Coordinator tx) =>
        ReadCount(tx, 2, out long count) && ReadKind(tx, 3, out CommandLogKind kind) ? Get(tx, kind, count) : default;

    private static Co<Nothing> Length(Coordinator tx) =>
        ReadKind(tx, 2, out CommandLogKind kind) ? Length(tx, kind) : default;

    private static Co<Nothing> Reset(Coordinator tx) =>
        ReadKind(tx, 2, out CommandLogKind kind) ? Reset(tx, kind) : default;

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, connection.Command, HelpTexts.CommandLog);

    private static bool ReadCount(Coordinator tx, int index, out long count)
    {
        if (Numbers.TryParseLong(tx.Args[index], out count) && count >= -1) return true;
        tx.Fail(Errors.CountTooSmall);
        return false;
    }

    private static bool ReadKind(Coordinator tx, int index, out CommandLogKind kind)
    {
        ReadOnlySpan<byte> name = tx.Args[index];
        kind = CommandLogKind.Slow;
        if (Ascii.EqualsIgnoreCase(name, "LARGE-REQUEST"u8)) kind = CommandLogKind.LargeRequest;
        else if (Ascii.EqualsIgnoreCase(name, "LARGE-REPLY"u8)) kind = CommandLogKind.LargeReply;
        else if (!Ascii.EqualsIgnoreCase(name, "SLOW"u8))
        {
            tx.Fail(Errors.CommandLogType);
            return false;
        }
        return true;
    }

    /// <summary>The loops' entries, each loop writing to its own place.</summary>
    private sealed record Logs(CommandLogKind Kind, CommandLogEntry[][] OfLoop);

    private static async Co<Nothing> Get(Coordinator tx, CommandLogKind kind, long count)
    {
        var logs = new Logs(kind, new CommandLogEntry[tx.Shards][]);
        tx.Payload = logs;
        await tx.HopAll(static (shard, ref hop) =>
        {
            var all = (Logs)hop.Payload!;
            all.OfLoop[shard.Loop.Index] = [.. shard.Loop.Logs[all.Kind].Entries];
        });
        Write(tx, Newest(logs.OfLoop, LengthMax(tx, kind)), count);
        return default;
    }

    private static List<CommandLogEntry> Newest(CommandLogEntry[][] ofLoop, int lengthMax)
    {
        var entries = new List<CommandLogEntry>();
        foreach (CommandLogEntry[] log in ofLoop) entries.AddRange(log);
        entries.Sort(static (a, b) => b.UnixMs != a.UnixMs ? b.UnixMs.CompareTo(a.UnixMs) : b.Id.CompareTo(a.Id));
        if (entries.Count > lengthMax) entries.RemoveRange(lengthMax, entries.Count - lengthMax);
        return entries;
    }

    private static void Write(Coordinator tx, List<CommandLogEntry> entries, long count)
    {
        var shown = (int)(count < 0 ? entries.Count : Math.Min(count, entries.Count));
        ReplyWriter reply = tx.Writer();
        reply.Array(shown);
        for (int i = 0; i < shown; i++)
        {
            CommandLogEntry entry = entries[i];
            reply.Array(6);
            reply.Integer(entry.Id);
            reply.Integer(entry.UnixMs / 1000);
            reply.Integer(entry.Value);
            reply.Array(entry.Arguments.Length);
            foreach (byte[] argument in entry.Arguments) reply.Bulk(argument);
            reply.Bulk(OptionBytes(entry.Peer));
            reply.Bulk(entry.ClientName);
        }
        tx.Close(ref reply);
    }

    private static byte[] OptionBytes(string text) => System.Text.Encoding.UTF8.GetBytes(text);

    private static async Co<Nothing> Length(Coordinator tx, CommandLogKind kind)
    {
        tx.Payload = KindPayload[(int)kind];
        await tx.HopAll(static (shard, ref hop) => hop.Value = shard.Loop.Logs[((Logs)hop.Payload!).Kind].Count);
        long sum = 0;
        for (int i = 0; i < tx.Shards; i++) sum += tx.ValueOf(i);
        tx.Answer(Math.Min(sum, LengthMax(tx, kind)));
        return default;
    }

    private static async Co<Nothing> Reset(Coordinator tx, CommandLogKind kind)
    {
        tx.Payload = KindPayload[(int)kind];
        await tx.HopAll(static (shard, ref hop) => shard.Loop.Logs[((Logs)hop.Payload!).Kind].Clear());
        tx.Ok();
        return default;
    }

    private static readonly Logs[] KindPayload =
        [new(CommandLogKind.Slow, []), new(CommandLogKind.LargeRequest, []), new(CommandLogKind.LargeReply, [])];

    private static int LengthMax(Coordinator tx, CommandLogKind kind) => kind switch
    {
        CommandLogKind.Slow => tx.Loop.Settings.CommandLogSlowLengthMax,
        CommandLogKind.LargeRequest => tx.Loop.Settings.CommandLogRequestLengthMax,
        _ => tx.Loop.Settings.CommandLogReplyLengthMax,
    };
}

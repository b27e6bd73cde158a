using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>COMMAND: the command table as clients see it. Everything is derived from the rows.</summary>
public static class CommandCommands
{
    private const CommandFlags Always = Loading | Stale;
    private const string AnyOrder = "nondeterministic_output_order";

    public static readonly CommandSpec[] Table =
    [
        new("COMMAND", -1, Always, AclCategory.Connection, All,
            "Returns detailed information about all commands.") { IsContainer = true, Tips = [AnyOrder] },
        new("COMMAND|COUNT", 2, Always, AclCategory.Connection, Count, "Returns a count of commands."),
        new("COMMAND|DOCS", -2, Always, AclCategory.Connection, Docs,
            "Returns documentary information about one, multiple or all commands.") { Tips = [AnyOrder] },
        new("COMMAND|GETKEYS", -3, Always, AclCategory.Connection, GetKeys,
            "Extracts the key names from an arbitrary command."),
        new("COMMAND|GETKEYSANDFLAGS", -3, Always, AclCategory.Connection, GetKeysAndFlags,
            "Extracts the key names and access flags for an arbitrary command."),
        new("COMMAND|HELP", 2, Always, AclCategory.Connection, Help,
            "Returns helpful text about the different subcommands."),
        new("COMMAND|INFO", -2, Always, AclCategory.Connection, Info,
            "Returns information about one, multiple or all commands.") { Tips = [AnyOrder] },
        new("COMMAND|LIST", -2, Always, AclCategory.Connection, List,
            "Returns a list of command names.") { Tips = [AnyOrder] },
    ];

    /// <summary>What COMMAND LIST is asked to leave in.</summary>
    private enum Filter : byte { None, Module, Category, Pattern }

    private static void All(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        CommandTable commands = connection.Loop.Commands;
        reply.Array(CountOf(commands));
        foreach (CommandSpec spec in commands.All)
            if (spec.Parent is null) CommandInfo.Write(spec, ref reply);
    }

    private static void Count(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Integer(CountOf(connection.Loop.Commands));

    private static void Info(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (args.Count == 2)
        {
            All(connection, args, ref reply);
            return;
        }
        reply.Array(args.Count - 2);
        for (int i = 2; i < args.Count; i++)
        {
            if (connection.Loop.Commands.Find(args[i]) is { } spec) CommandInfo.Write(spec, ref reply);
            else reply.Null();
        }
    }

    private static void Docs(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        CommandTable commands = connection.Loop.Commands;
        if (args.Count == 2)
        {
            reply.Map(CountOf(commands));
            foreach (CommandSpec spec in commands.All)
                if (spec.Parent is null) WriteDocs(spec, ref reply);
            return;
        }
        int known = 0;
        for (int i = 2; i < args.Count; i++)
            if (commands.Find(args[i]) is not null) known++;
        reply.Map(known);
        for (int i = 2; i < args.Count; i++)
            if (commands.Find(args[i]) is { } spec) WriteDocs(spec, ref reply);
    }

    private static void WriteDocs(CommandSpec spec, ref ReplyWriter reply)
    {
        reply.Bulk(spec.FullNameLower);
        CommandDocs.Write(spec, ref reply);
    }

    private static void List(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (!TryReadFilter(args, out Filter filter))
        {
            reply.Error(Errors.Syntax);
            return;
        }
        ReadOnlySpan<byte> wanted = filter == Filter.None ? default : args[4];
        AclCategory category = filter == Filter.Category ? CommandInfo.CategoryOf(wanted) : AclCategory.None;
        ReplyStream.DeferredHeader header = reply.Defer();
        int count = 0;
        foreach (CommandSpec spec in connection.Loop.Commands.All)
        {
            bool isIn = filter switch
            {
                Filter.None => true,
                Filter.Module => false,
                Filter.Category => (spec.Acl & category) != 0,
                _ => Glob.Matches(wanted, spec.FullNameLower, ignoreCase: true),
            };
            if (!isIn) continue;
            reply.Bulk(spec.FullNameLower);
            count++;
        }
        reply.ResolveArray(header, count);
    }

    private static bool TryReadFilter(Arguments args, out Filter filter)
    {
        filter = Filter.None;
        if (args.Count == 2) return true;
        if (args.Count != 5 || !Ascii.EqualsIgnoreCase(args[2], "FILTERBY"u8)) return false;
        if (Ascii.EqualsIgnoreCase(args[3], "MODULE"u8)) filter = Filter.Module;
        else if (Ascii.EqualsIgnoreCase(args[3], "ACLCAT"u8)) filter = Filter.Category;
        else if (Ascii.EqualsIgnoreCase(args[3], "PATTERN"u8)) filter = Filter.Pattern;
        return filter != Filter.None;
    }

    private static void GetKeys(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        WriteKeys(connection.Loop.Commands, args.From(2), withFlags: false, ref reply);

    private static void GetKeysAndFlags(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        WriteKeys(connection.Loop.Commands, args.From(2), withFlags: true, ref reply);

    private static void WriteKeys(CommandTable commands, Arguments call, bool withFlags, ref ReplyWriter reply)
    {
        CommandSpec? spec = commands.Find(call[0]);
        if (spec is { Parent: not null }) spec = null;
        if (spec is { IsContainer: true } && call.Count > 1) spec = commands.FindSubcommand(spec, call[1]);
        if (spec is null) reply.Error(Errors.InvalidCommand);
        else if (!HasKeys(spec)) reply.Error(Errors.CommandWithoutKeys);
        else if (!spec.ArityMatches(call.Count)) reply.Error(Errors.CommandArity);
        else if (CountKeys(spec, call) is var count and > 0) WriteFoundKeys(spec, call, count, withFlags, ref reply);
        else if ((spec.Flags & NoMandatoryKeys) != 0) reply.Array(0);
        else reply.Error(Errors.CommandArguments);
    }

    private static bool HasKeys(CommandSpec spec)
    {
        foreach (KeySpec keys in spec.Keys)
            if ((keys.Access & KeyAccess.NotKey) == 0) return true;
        return false;
    }

    /// <summary>0 also when the arguments do not fit the specifications.</summary>
    private static int CountKeys(CommandSpec spec, Arguments call)
    {
        int count = 0;
        foreach (KeySpec keys in spec.Keys)
        {
            if ((keys.Access & KeyAccess.NotKey) != 0 || !keys.Begins(call, out _)) continue;
            if (!keys.TryFind(call, out int first, out int last)) return 0;
            count += (last - first) / keys.Step + 1;
        }
        return count;
    }

    private static void WriteFoundKeys(CommandSpec spec, Arguments call, int count, bool withFlags, ref ReplyWriter reply)
    {
        reply.Array(count);
        foreach (KeySpec keys in spec.Keys)
        {
            if ((keys.Access & KeyAccess.NotKey) != 0 || !keys.TryFind(call, out int first, out int last)) continue;
            KeyAccess access = spec.Refine is { } refine ? refine(call) : keys.Access;
            for (int i = first; i <= last; i += keys.Step)
            {
                if (withFlags) reply.Array(2);
                reply.Bulk(call[i]);
                if (withFlags) CommandInfo.WriteAccess(access, ref reply);
            }
        }
    }

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, "COMMAND"u8,
        """
        (no subcommand)
            Return details about all commands.
        COUNT
            Return the total number of commands in this server.
        LIST
            Return a list of all commands in this server.
        INFO [<command-name> ...]
            Return details about multiple commands.
            If no command names are given, documentation details for all
            commands are returned.
        DOCS [<command-name> ...]
            Return documentation details about multiple commands.
            If no command names are given, documentation details for all
            commands are returned.
        GETKEYS <full-command>
            Return the keys from a full command.
        GETKEYSANDFLAGS <full-command>
            Return the keys and the access flags from a full command.
        """u8);

    private static int CountOf(CommandTable commands)
    {
        int count = 0;
        foreach (CommandSpec spec in commands.All)
            if (spec.Parent is null) count++;
        return count;
    }
}

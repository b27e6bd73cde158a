using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>ACL, as far as it goes with one user: who one is, which categories there are and what is in them.</summary>
public static class AclCommands
{
    private const CommandFlags Own = NoScript | Loading | Stale;

    public static readonly CommandSpec[] Table =
    [
        new("ACL",         -2, None,            AclCategory.None,
            "A container for Access List Control commands."),
        new("ACL|WHOAMI",   2, Own,             AclCategory.None, WhoAmI,
            "Returns the authenticated username of the current connection."),
        new("ACL|CAT",     -2, Own,             AclCategory.None, Categories,
            "Lists the ACL categories, or the commands inside a category."),
        new("ACL|USERS",    2, Own | Admin,     AclCategory.None, Users,
            "Lists all ACL users."),
        new("ACL|HELP",     2, Loading | Stale, AclCategory.None, Help,
            "Returns helpful text about the different subcommands."),
    ];

    /// <summary>In the order of the bits of <see cref="AclCategory"/>.</summary>
    private static readonly byte[][] Names = Array.ConvertAll(
        ("keyspace read write set sortedset list hash string bitmap hyperloglog geo stream pubsub admin "
        + "fast slow blocking dangerous connection transaction scripting").Split(' '),
        System.Text.Encoding.ASCII.GetBytes);

    private static void WhoAmI(ConnectionScope connection, Arguments args, ref ReplyWriter reply) => reply.Bulk("default"u8);

    private static void Users(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        reply.Array(1);
        reply.Bulk("default"u8);
    }

    private static void Categories(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (args.Count > 3)
        {
            reply.SubcommandSyntax("acl"u8, args[1]);
            return;
        }
        if (args.Count == 2)
        {
            reply.Array(Names.Length);
            foreach (byte[] name in Names) reply.Bulk(name);
            return;
        }
        for (int i = 0; i < Names.Length; i++)
        {
            if (!Ascii.EqualsIgnoreCase(args[2], Names[i])) continue;
            WriteMembers(connection.Loop.Commands, (AclCategory)(1 << i), ref reply);
            return;
        }
        reply.Error(Errors.UnknownCategory, args[2].Length > 128 ? args[2][..128] : args[2]);
    }

    private static void WriteMembers(CommandTable commands, AclCategory category, ref ReplyWriter reply)
    {
        ReplyStream.DeferredHeader header = reply.Defer();
        int count = 0;
        foreach (CommandSpec spec in commands.All)
        {
            if ((spec.Acl & category) == 0) continue;
            reply.Bulk(spec.FullNameLower);
            count++;
        }
        reply.ResolveArray(header, count);
    }

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, connection.Command, HelpTexts.Acl);
}

using System.Security.Cryptography;
using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>What a client says about its connection: HELLO, AUTH, SELECT, PING, QUIT and their kin.</summary>
public static class ConnectionCommands
{
    private const CommandFlags Handshake = NoScript | Loading | Stale | Fast | NoAuth | AllowBusy;

    public static readonly CommandSpec[] Table =
    [
        //  name       arity flags                            ACL                     handler  summary
        new("HELLO",     -1, Handshake | CommandFlags.Barrier,             AclCategory.Connection, Hello,
            "Handshakes with the server.") { Redacts = RedactsHello },
        new("AUTH",      -2, Handshake | CommandFlags.Barrier,             AclCategory.Connection, Auth,
            "Authenticates the connection.") { Redacts = RedactsAuth },
        new("SELECT",     2, AllowBusy | Loading | Stale | Fast | CommandFlags.Barrier, AclCategory.Connection, Select,
            "Changes the selected database."),
        new("PING",      -1, Fast | AllowsSubscriber,         AclCategory.Connection, Ping,
            "Returns the server's liveliness response.")
        { Tips = ["request_policy:all_shards", "response_policy:all_succeeded"] },
        new("ECHO",       2, Loading | Stale | Fast,          AclCategory.Connection, Echo,
            "Returns the given string."),
        new("QUIT",      -1, AllowBusy | NoScript | Loading | Stale | Fast | NoAuth | AllowsSubscriber | CommandFlags.Barrier | RunsInMulti,
            AclCategory.Connection, Quit, "Closes the connection."),
        new("RESET",      1, Handshake | AllowsSubscriber | RunsInMulti, AclCategory.Connection, Keys.None, Reset,
            "Resets the connection."),
        new("READONLY",   1, Fast | Loading | Stale,          AclCategory.Connection, ReadOnlyMode,
            "Enables read-only queries for a connection to a Valkey replica node."),
        new("READWRITE",  1, Fast | Loading | Stale,          AclCategory.Connection, ReadWriteMode,
            "Enables read-write queries for a connection to a Valkey replica node."),
        new("ASKING",     1, Fast,                            AclCategory.Connection, Asking,
            "Signals that a cluster client is following an -ASK redirect."),
    ];

    private static void Hello(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        long version = 0;
        if (args.Count >= 2)
        {
            if (!Numbers.TryParseLong(args[1], out version))
            {
                reply.Error(Errors.ProtocolVersionNotInteger);
                return;
            }
            if (version is < 2 or > 3)
            {
                reply.Error(Errors.NoProto);
                return;
            }
        }
        int user = 0, name = 0;
        for (int i = 2; i < args.Count; i++)
        {
            int left = args.Count - 1 - i;
            if (Ascii.EqualsIgnoreCase(args[i], "AUTH"u8) && left >= 2)
            {
                user = i + 1;
                i += 2;
            }
            else if (Ascii.EqualsIgnoreCase(args[i], "SETNAME"u8) && left >= 1)
            {
                name = ++i;
                if (IsPlain(args[name])) continue;
                reply.Error(Errors.ClientName);
                return;
            }
            else
            {
                reply.Error(Errors.HelloOption, args[i]);
                return;
            }
        }
        Session session = connection.Session;
        if (user != 0 && !Authenticate(connection, args[user], args[user + 1], ref reply)) return;
        if (!session.Authenticated)
        {
            reply.Error(Errors.HelloNoAuth);
            return;
        }
        if (name != 0) session.Name = args[name].ToArray();
        if (version != 0) session.Resp = reply.Version = (RespVersion)version;
        Greet(connection, ref reply);
    }

    /// <summary>Who we are. Clients choose features by server, version and mode, so these are what they know.</summary>
    private static void Greet(ConnectionScope connection, ref ReplyWriter reply)
    {
        byte[] zone = connection.Host().Settings.AvailabilityZone;
        reply.Map(zone.Length == 0 ? 7 : 8);
        reply.Bulk("server"u8);
        reply.Bulk("redis"u8);
        reply.Bulk("version"u8);
        reply.Bulk(ServerFacts.RedisVersion);
        reply.Bulk("proto"u8);
        reply.Integer((int)connection.Session.Resp);
        reply.Bulk("id"u8);
        reply.Integer(connection.Session.Id);
        reply.Bulk("mode"u8);
        reply.Bulk("standalone"u8);
        reply.Bulk("role"u8);
        reply.Bulk("master"u8);
        reply.Bulk("modules"u8);
        reply.Array(0);
        if (zone.Length == 0) return;
        reply.Bulk("availability_zone"u8);
        reply.Bulk(zone);
    }

    private static bool RedactsHello(Arguments args, int index) =>
        index >= 3 && Ascii.EqualsIgnoreCase(args[index - 1], "AUTH"u8)
        || index >= 4 && Ascii.EqualsIgnoreCase(args[index - 2], "AUTH"u8);

    private static void Auth(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (args.Count > 3)
        {
            reply.Error(Errors.Syntax);
            return;
        }
        if (args.Count == 2 && connection.Host().Settings.RequirePass is null)
        {
            reply.Error(Errors.AuthWithoutPassword);
            return;
        }
        bool isKnown = args.Count == 2
            ? Authenticate(connection, "default"u8, args[1], ref reply)
            : Authenticate(connection, args[1], args[2], ref reply);
        if (isKnown) reply.Ok();
    }

    private static bool RedactsAuth(Arguments args, int index) => index >= 1;

    private static bool Authenticate(ConnectionScope connection, ReadOnlySpan<byte> user, ReadOnlySpan<byte> password, ref ReplyWriter reply)
    {
        byte[]? wanted = connection.Host().Settings.RequirePass;
        if (!user.SequenceEqual("default"u8) || wanted is not null && !CryptographicOperations.FixedTimeEquals(wanted, password))
        {
            connection.Host().Admin.AuthFailures++;
            reply.Error(Errors.WrongPassword);
            return false;
        }
        connection.Session.Authenticated = true;
        return true;
    }

    private static void Select(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (!Numbers.TryParseLong(args[1], out long database)) reply.Error(Errors.NotInteger);
        else if (database != (int)database) reply.Error(Errors.OutOfRangeBetween, int.MinValue, int.MaxValue);
        else if (database < 0 || database >= connection.Loop.Settings.Databases) reply.Error(Errors.InvalidDb);
        else
        {
            connection.Session.Database = (int)database;
            reply.Ok();
        }
    }

    private static void Ping(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        bool isListening = connection.Session.Resp == RespVersion.Resp2 && connection.Session.IsSubscriber;
        if (args.Count > 2) reply.WrongArity(connection.Command.FullNameLower);
        else if (isListening)
        {
            // A client that reads messages tells this one apart by its shape.
            reply.Array(2);
            reply.Bulk("pong"u8);
            reply.Bulk(args.Count == 2 ? args[1] : default);
        }
        else if (args.Count == 2) reply.Bulk(args[1]);
        else reply.Simple("PONG"u8);
    }

    private static void Echo(ConnectionScope connection, Arguments args, ref ReplyWriter reply) => reply.Bulk(args[1]);

    private static void Quit(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        reply.Ok();
        connection.Session.Closing = true;
    }

    private static async Co<Nothing> Reset(Coordinator tx)
    {
        await MultiExec.Leave(tx);
        if (tx.Session.Monitoring) tx.Host().Admin.Monitors.Leave(tx.Session);
        tx.Loop.Tracker.Disable(tx.Session);
        tx.Loop.Broker.Leave(tx.Session);
        tx.Session.Reset(tx.Host().Settings.RequirePass is null);
        ReplyWriter reply = tx.Writer();
        reply.Simple("RESET"u8);
        tx.Close(ref reply);
        return default;
    }

    private static void ReadOnlyMode(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        connection.Session.ReadOnly = true;
        reply.Ok();
    }

    private static void ReadWriteMode(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        connection.Session.ReadOnly = false;
        reply.Ok();
    }

    private static void Asking(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Error(Errors.ClusterDisabled);

    /// <summary>
    /// No space, no control character, nothing beyond ASCII: what may stand in a line of CLIENT LIST. Judged up to the
    /// first zero byte, as Valkey does.
    /// </summary>
    internal static bool IsPlain(ReadOnlySpan<byte> text)
    {
        int odd = text.IndexOfAnyExceptInRange((byte)'!', (byte)'~');
        return odd < 0 || text[odd] == 0;
    }
}

using System.Buffers.Binary;
using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Server.Network;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>CLIENT: what a client says about itself, and what it asks or does about others, on all loops.</summary>
public static class ClientCommands
{
    private const CommandFlags Own = AllowBusy | NoScript | Loading | Stale;
    private const CommandFlags Administer = Admin | NoScript | Loading | Stale;
    private const AclCategory Connections = AclCategory.Connection;

    public static readonly CommandSpec[] Table =
    [
        //  name                 arity flags                          ACL          handler   summary
        new("CLIENT",               -2, None,                         AclCategory.None,
            "A container for client connection commands."),
        new("CLIENT|ID",             2, Own,                          Connections, Id,
            "Returns the unique client ID of the connection."),
        new("CLIENT|INFO",           2, NoScript | Loading | Stale,   Connections, Info,
            "Returns information about the connection.") { Tips = ["nondeterministic_output"] },
        new("CLIENT|LIST",          -2, Administer,                   Connections, Keys.None, List,
            "Lists open connections.") { Tips = ["nondeterministic_output"] },
        new("CLIENT|KILL",          -3, Administer,                   Connections, Keys.None, Kill,
            "Terminates open connections."),
        new("CLIENT|SETNAME",        3, Own,                          Connections, SetName,
            "Sets the connection name.") { Tips = ["request_policy:all_nodes", "response_policy:all_succeeded"] },
        new("CLIENT|GETNAME",        2, Own,                          Connections, GetName,
            "Returns the name of the connection."),
        new("CLIENT|SETINFO",        4, Own,                          Connections, SetInfo,
            "Sets information specific to the client or connection.")
        { Tips = ["request_policy:all_nodes", "response_policy:all_succeeded"] },
        new("CLIENT|NO-EVICT",       3, Own | Admin,                  Connections, NoEvict,
            "Sets the client eviction mode of the connection."),
        new("CLIENT|NO-TOUCH",       3, Own | CommandFlags.Barrier,                Connections, NoTouch,
            "Controls whether commands sent by the client affect the LRU/LFU of accessed keys."),
        new("CLIENT|REPLY",          3, Own | NoMulti | CommandFlags.Barrier,      Connections, Reply,
            "Instructs the server whether to reply to commands."),
        new("CLIENT|CAPA",          -3, Own,                          Connections, Capabilities,
            "A client claims its capability."),
        new("CLIENT|IMPORT-SOURCE",  3, NoScript | Loading | Stale,   Connections, ImportSource,
            "Marks this client as an import source when the server is in import mode."),
        new("CLIENT|PAUSE",         -3, Administer,                   Connections, Keys.None, Pause,
            "Suspends commands processing."),
        new("CLIENT|UNPAUSE",        2, Administer,                   Connections, Keys.None, Unpause,
            "Resumes processing commands from paused clients."),
        new("CLIENT|UNBLOCK",       -3, Administer,                   Connections, Keys.None, Unblock,
            "Unblocks a client blocked by a blocking command from a different connection."),
        new("CLIENT|HELP",           2, Loading | Stale,              Connections, Help,
            "Returns helpful text about the different subcommands."),
    ];

    // ---- about itself ----

    private static void Id(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Integer(connection.Session.Id);

    private static void Info(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        var text = new TextBuilder(stackalloc byte[768]);
        ClientLine.Write(ref text, (Connection)connection.Session.Owner, connection.Session, LengthOf(args));
        reply.Verbatim("txt"u8, text.Written);
        text.Dispose();
    }

    private static void SetName(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (!ConnectionCommands.IsPlain(args[2]))
        {
            reply.Error(Errors.ClientName);
            return;
        }
        connection.Session.Name = args[2].ToArray();
        reply.Ok();
    }

    private static void GetName(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (connection.Session.Name.Length == 0) reply.Null();
        else reply.Bulk(connection.Session.Name);
    }

    private static void SetInfo(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        bool isName = Ascii.EqualsIgnoreCase(args[2], "LIB-NAME"u8);
        if (!isName && !Ascii.EqualsIgnoreCase(args[2], "LIB-VER"u8))
        {
            reply.Error(Errors.ClientInfoOption, args[2]);
            return;
        }
        if (!ConnectionCommands.IsPlain(args[3]))
        {
            reply.Error(Errors.ClientInfoValue, args[2]);
            return;
        }
        if (isName) connection.Session.LibraryName = args[3].ToArray();
        else connection.Session.LibraryVersion = args[3].ToArray();
        reply.Ok();
    }

    private static void NoEvict(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (ReadSwitch(args[2], out bool on, ref reply)) connection.Session.NoEvict = on;
    }

    private static void NoTouch(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (ReadSwitch(args[2], out bool on, ref reply)) connection.Session.NoTouch = on;
    }

    private static void Reply(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        Session session = connection.Session;
        if (Ascii.EqualsIgnoreCase(args[2], "ON"u8))
        {
            session.ReplyMode = ReplyMode.On;
            reply.Ok();
        }
        else if (Ascii.EqualsIgnoreCase(args[2], "OFF"u8)) session.ReplyMode = ReplyMode.Off;
        else if (!Ascii.EqualsIgnoreCase(args[2], "SKIP"u8)) reply.Error(Errors.Syntax);
        else if (session.ReplyMode != ReplyMode.Off) session.ReplyMode = ReplyMode.SkipNext;
    }

    private static void Capabilities(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        // Capabilities that are not known are for servers to come.
        for (int i = 2; i < args.Count; i++)
            connection.Session.CapaRedirect |= Ascii.EqualsIgnoreCase(args[i], "REDIRECT"u8);
        reply.Ok();
    }

    private static void ImportSource(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        bool isImporting = connection.Host().Settings.Values["import-mode"].Number != 0;
        if (!isImporting && !Ascii.EqualsIgnoreCase(args[2], "OFF"u8)) reply.Error(Errors.NotImporting);
        else if (ReadSwitch(args[2], out bool on, ref reply)) connection.Session.ImportSource = on;
    }

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, connection.Command, HelpTexts.Client);

    // ---- about others ----

    private static async Co<Nothing> List(Coordinator tx)
    {
        if (tx.Args.Count == 3)
        {
            tx.Fail(Errors.Syntax);
            return default;
        }
        ClientFilter? filter = tx.Args.Count == 2 ? ClientFilter.All : ReadFilter(tx, skipsAsking: false);
        if (filter is null) return default;
        tx.Payload = new Inquiry(filter, tx.Session, LengthOf(tx.Args));
        await tx.HopAll(WriteMatching);
        JoinLines(tx);
        return default;
    }

    private sealed record Inquiry(ClientFilter Filter, Session Asking, long ArgumentBytes);

    private static ClientFilter? ReadFilter(Coordinator tx, bool skipsAsking)
    {
        ReplyWriter reply = tx.Writer();
        ClientFilter? filter = ClientFilter.Read(tx.Session, tx.Args, 2, skipsAsking, tx.Loop.Settings.Databases, ref reply);
        tx.Close(ref reply);
        return filter;
    }

    // A part is a row of lines in the order of their ids: id (8 bytes), length (8 bytes), the line.
    private const int LineHeaderBytes = 16;

    private static void WriteMatching(ShardScope shard, ref HopFrame hop)
    {
        var inquiry = (Inquiry)hop.Payload!;
        ServerLoop host = shard.Host();
        ReplyWriter part = hop.Writer();
        var text = new TextBuilder(stackalloc byte[1024]);
        Span<byte> header = stackalloc byte[LineHeaderBytes];
        foreach (Connection connection in host.Admin.ConnectionsById())
        {
            if (!inquiry.Filter.Matches(connection, host.Engine.Events.NowNs)) continue;
            text.Clear();
            ClientLine.Write(ref text, connection, inquiry.Asking, inquiry.ArgumentBytes);
            BinaryPrimitives.WriteInt64LittleEndian(header, connection.Session.Id);
            BinaryPrimitives.WriteInt64LittleEndian(header[8..], text.Length);
            part.Raw(header);
            part.Raw(text.Written);
            hop.Value += text.Length;
        }
        part.Flush();
        text.Dispose();
    }

    /// <summary>Joins the loops' lines by id, which is the order in which the clients came.</summary>
    private static void JoinLines(Coordinator tx)
    {
        long bytes = 0;
        for (int shard = 0; shard < tx.Shards; shard++) bytes += tx.ValueOf(shard);
        ReplyWriter reply = tx.Writer();
        reply.VerbatimHeader("txt"u8, bytes);
        tx.Close(ref reply);
        ChunkPool chunks = tx.Loop.Events.Chunks;
        Span<byte> header = stackalloc byte[LineHeaderBytes];
        while (true)
        {
            int next = -1;
            long lowest = long.MaxValue, length = 0;
            for (int shard = 0; shard < tx.Shards; shard++)
            {
                if (tx.PartOf(shard).CopyTo(header) < LineHeaderBytes) continue;
                long id = BinaryPrimitives.ReadInt64LittleEndian(header);
                if (id >= lowest) continue;
                lowest = id;
                length = BinaryPrimitives.ReadInt64LittleEndian(header[8..]);
                next = shard;
            }
            if (next < 0) break;
            ref ReplyStream part = ref tx.PartOf(next);
            part.Consume(chunks, LineHeaderBytes);
            part.MoveTo(ref tx.Session.Output, chunks, length);
        }
        reply = tx.Writer();
        reply.Raw("\r\n"u8);
        tx.Close(ref reply);
    }

    private static async Co<Nothing> Kill(Coordinator tx)
    {
        bool isOldForm = tx.Args.Count == 3;
        ClientFilter? filter = isOldForm ? ClientFilter.OfAddress(tx.Args[2]) : ReadFilter(tx, skipsAsking: true);
        if (filter is null) return default;
        tx.Payload = new Inquiry(filter, tx.Session, 0);
        await tx.HopAll(KillMatching);
        long killed = 0;
        for (int shard = 0; shard < tx.Shards; shard++) killed += tx.ValueOf(shard);
        if (!isOldForm) tx.Answer(killed);
        else if (killed == 0) tx.Fail(Errors.NoSuchClient);
        else tx.Ok();
        // The asking client's own end comes behind the reply.
        if (tx.StateOf<int>(tx.Loop.Index) != 0) tx.Session.Closing = true;
        return default;
    }

    private static void KillMatching(ShardScope shard, ref HopFrame hop)
    {
        var inquiry = (Inquiry)hop.Payload!;
        ServerLoop host = shard.Host();
        foreach (Connection connection in host.Admin.ConnectionsById())
        {
            // One that is on its way out already is no longer a client.
            if (connection.Session.Gone || connection.Session.Closing) continue;
            if (!inquiry.Filter.Matches(connection, host.Engine.Events.NowNs)) continue;
            hop.Value++;
            if (ReferenceEquals(connection.Session, inquiry.Asking)) hop.State<int>() = 1;
            else connection.Kill(afterReply: false);
        }
    }

    private static async Co<Nothing> Pause(Coordinator tx)
    {
        if (!ReadPause(tx, out long untilMs, out bool writesOnly)) return default;
        tx.Payload = new PauseOrder(untilMs, writesOnly);
        await tx.HopAll(static (shard, ref hop) =>
        {
            var order = (PauseOrder)hop.Payload!;
            shard.Loop.Pauses.Pause(order.UntilMs, order.WritesOnly);
        });
        tx.Ok();
        return default;
    }

    private sealed record PauseOrder(long UntilMs, bool WritesOnly);

    private static bool ReadPause(Coordinator tx, out long untilMs, out bool writesOnly)
    {
        Arguments args = tx.Args;
        writesOnly = args.Count >= 4 && Ascii.EqualsIgnoreCase(args[3], "WRITE"u8);
        untilMs = 0;
        if (args.Count == 4 && !writesOnly && !Ascii.EqualsIgnoreCase(args[3], "ALL"u8)) tx.Fail(Errors.PauseMode);
        else if (!Numbers.TryParseLong(args[2], out long timeout)) tx.Fail(Errors.TimeoutNotInteger);
        else if (timeout < 0) tx.Fail(Errors.TimeoutNegative);
        else if (timeout > long.MaxValue - tx.NowMs) tx.Fail(Errors.TimeoutOutOfRange);
        else
        {
            untilMs = timeout == 0 ? 0 : tx.NowMs + timeout;
            return true;
        }
        return false;
    }

    private static async Co<Nothing> Unpause(Coordinator tx)
    {
        await tx.HopAll(static (shard, ref hop) => shard.Loop.Pauses.Unpause());
        tx.Ok();
        return default;
    }

    /// <summary>Nothing blocks a client for a time yet, so there is nobody to unblock.</summary>
    private static async Co<Nothing> Unblock(Coordinator tx)
    {
        if (!ReadUnblock(tx)) return default;
        await tx.HopAll(UnblockHere);
        long unblocked = 0;
        for (int shard = 0; shard < tx.Shards; shard++) unblocked += tx.ValueOf(shard);
        tx.Answer(unblocked);
        return default;
    }

    private static bool ReadUnblock(Coordinator tx)
    {
        Arguments args = tx.Args;
        if (args.Count == 4 && !Ascii.EqualsIgnoreCase(args[3], "TIMEOUT"u8) && !IsError(args)) tx.Fail(Errors.UnblockReason);
        else if (!Numbers.TryParseLong(args[2], out _)) tx.Fail(Errors.NotInteger);
        else return true;
        return false;
    }

    private static bool IsError(Arguments args) => args.Count == 4 && Ascii.EqualsIgnoreCase(args[3], "ERROR"u8);

    private static void UnblockHere(ShardScope shard, ref HopFrame hop)
    {
        _ = Numbers.TryParseLong(hop.Args[2], out long id);
        foreach (Connection connection in shard.Host().Connections)
            if (connection.Session.Id == id && connection.Session.TryUnblock(IsError(hop.Args))) hop.Value = 1;
    }

    // ---- shared ----

    private static bool ReadSwitch(ReadOnlySpan<byte> text, out bool on, ref ReplyWriter reply)
    {
        on = Ascii.EqualsIgnoreCase(text, "ON"u8);
        bool isKnown = on || Ascii.EqualsIgnoreCase(text, "OFF"u8);
        if (isKnown) reply.Ok();
        else reply.Error(Errors.Syntax);
        return isKnown;
    }

    private static long LengthOf(Arguments args)
    {
        long length = 0;
        for (int i = 0; i < args.Count; i++) length += args[i].Length;
        return length;
    }
}

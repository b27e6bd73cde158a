using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Server.Options;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Server.Commands;

/// <summary>
/// The server as a whole: time, end, role, what it persists and replicates. What is not built yet answers as an
/// untouched standalone server where that is true, and refuses where it would be a lie.
/// </summary>
public static class ServerCommands
{
    private const CommandFlags Administer = Admin | NoScript | Loading | Stale;

    /// <summary>Who waits for long looks this often whether its client is still there.</summary>
    private const long WaitStepMs = 100;

    public static readonly CommandSpec[] Table =
    [
        //  name             arity flags                                     ACL               handler  summary
        new("TIME",             1, Loading | Stale | Fast,                   AclCategory.None, Time,
            "Returns the server time.") { Tips = ["nondeterministic_output"] },
        new("SHUTDOWN",        -1, Administer | NoMulti | AllowBusy | CommandFlags.Barrier, AclCategory.None, Shutdown,
            "Synchronously saves the database(s) to disk and shuts down the server."),
        new("ROLE",             1, NoScript | Loading | Stale | Fast,        AclCategory.Admin | AclCategory.Dangerous, Role,
            "Returns the replication role."),
        new("WAIT",             3, Blocking,                                 AclCategory.Connection, Keys.None, Wait,
            "Blocks until the asynchronous replication of all preceding write commands sent by the connection is completed.")
        { Tips = ["request_policy:all_shards", "response_policy:agg_min"] },
        new("WAITAOF",          4, Blocking,                                 AclCategory.Connection, WaitAof,
            "Blocks until all of the preceding write commands sent by the connection are written to the append-only "
            + "file of the primary and/or replicas.")
        { Tips = ["request_policy:all_shards", "response_policy:agg_min"] },
        new("LASTSAVE",         1, Loading | Stale | Fast,                   AclCategory.Admin | AclCategory.Dangerous, LastSave,
            "Returns the Unix timestamp of the last successful save to disk.") { Tips = ["nondeterministic_output"] },
        new("SAVE",             1, NoAsyncLoading | Admin | NoScript | NoMulti, AclCategory.None, Save,
            "Synchronously saves the database(s) to disk."),
        new("BGSAVE",          -1, NoAsyncLoading | Admin | NoScript,        AclCategory.None, Save,
            "Asynchronously saves the database(s) to disk."),
        new("BGREWRITEAOF",     1, NoAsyncLoading | Admin | NoScript,        AclCategory.None, RewriteLog,
            "Asynchronously rewrites the append-only file to disk."),
        new("REPLICAOF",        3, NoAsyncLoading | Admin | NoScript | Stale, AclCategory.None, ReplicaOf,
            "Configures a server as replica of another, or promotes it to a primary."),
        new("SLAVEOF",          3, NoAsyncLoading | Admin | NoScript | Stale, AclCategory.None, ReplicaOf,
            "Sets a server as a replica of another, or promotes it to being a primary."),
        new("FAILOVER",        -1, Admin | NoScript | Stale,                 AclCategory.None, Failover,
            "Starts a coordinated failover from a server to one of its replicas."),
        new("MODULE",          -2, None,                                     AclCategory.None,
            "A container for module commands."),
        new("MODULE|LIST",      2, Admin | NoScript,                         AclCategory.None, ModuleList,
            "Returns all loaded modules.") { Tips = ["nondeterministic_output_order"] },
        new("MODULE|LOAD",     -3, NoAsyncLoading | Admin | NoScript | Protected, AclCategory.None, ModuleLoad,
            "Loads a module.") { Gate = Gates.Module, GateOption = Gates.ModuleOption },
        new("MODULE|LOADEX",   -3, NoAsyncLoading | Admin | NoScript | Protected, AclCategory.None, ModuleLoad,
            "Loads a module using extended parameters.") { Gate = Gates.Module, GateOption = Gates.ModuleOption },
        new("MODULE|UNLOAD",    3, NoAsyncLoading | Admin | NoScript | Protected, AclCategory.None, ModuleUnload,
            "Unloads a module.") { Gate = Gates.Module, GateOption = Gates.ModuleOption },
        new("MODULE|HELP",      2, Loading | Stale,                          AclCategory.None, ModuleHelp,
            "Returns helpful text about the different subcommands."),
    ];

    private static void Time(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        long us = connection.Session.FixedTimeUs != 0 ? connection.Session.FixedTimeUs : connection.Loop.Events.WallUs();
        reply.Array(2);
        reply.Bulk(us / 1_000_000);
        reply.Bulk(us % 1_000_000);
    }

    private static void Shutdown(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        ShutdownFlags flags = ShutdownFlags.None;
        bool abort = false;
        for (int i = 1; i < args.Count; i++)
        {
            ReadOnlySpan<byte> word = args[i];
            if (Ascii.EqualsIgnoreCase(word, "NOSAVE"u8)) flags |= ShutdownFlags.NoSave;
            else if (Ascii.EqualsIgnoreCase(word, "SAVE"u8)) flags |= ShutdownFlags.Save;
            else if (Ascii.EqualsIgnoreCase(word, "NOW"u8)) flags |= ShutdownFlags.Now;
            else if (Ascii.EqualsIgnoreCase(word, "FORCE"u8)) flags |= ShutdownFlags.Force;
            else if (Ascii.EqualsIgnoreCase(word, "SAFE"u8)) flags |= ShutdownFlags.Safe;
            else if (Ascii.EqualsIgnoreCase(word, "FAILOVER"u8)) flags |= ShutdownFlags.Failover;
            else if (Ascii.EqualsIgnoreCase(word, "ABORT"u8)) abort = true;
            else
            {
                reply.Error(Errors.Syntax);
                return;
            }
        }
        const ShutdownFlags Both = ShutdownFlags.Save | ShutdownFlags.NoSave;
        if ((abort && flags != ShutdownFlags.None) || (flags & Both) == Both) reply.Error(Errors.Syntax);
        else if ((flags & ShutdownFlags.Failover) != 0) reply.Error(Errors.ShutdownFailover);
        else if (abort) reply.Error(Errors.NoShutdown);
        // A script that has written is left in the middle: only who saves nothing may want that.
        else if ((flags & ShutdownFlags.NoSave) == 0 && connection.Loop.Busy == BusyWith.Script) reply.Error(Errors.Busy);
        else if ((flags & ShutdownFlags.NoSave) == 0 && connection.Loop.Busy == BusyWith.Function) reply.Error(Errors.BusyFunction);
        // Nothing can be saved yet: whoever insists on it keeps the server, unless the force of the word says otherwise.
        else if ((flags & ShutdownFlags.Save) != 0 && (flags & ShutdownFlags.Force) == 0) reply.Error(Errors.ShutdownFailed);
        else
        {
            connection.Session.Closing = true;
            connection.Host().Server.Stop("SHUTDOWN");
        }
    }

    private static void Role(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        reply.Array(3);
        reply.Bulk("master"u8);
        reply.Integer(0);
        reply.Array(0);
    }

    /// <summary>There are no replicas: who waits for none has its answer, who waits for some gets it when the time is over.</summary>
    private static async Co<Nothing> Wait(Coordinator tx)
    {
        if (!ReadWait(tx, out long replicas, out long timeout)) return default;
        long end = tx.NowMs + timeout;
        while (replicas > 0 && tx.MayBlock && !tx.Session.Gone && (timeout == 0 || tx.Loop.Events.NowMs < end))
            await tx.Sleep(timeout == 0 ? WaitStepMs : Math.Clamp(end - tx.Loop.Events.NowMs, 1, WaitStepMs));
        tx.Answer(0);
        return default;
    }

    private static bool ReadWait(Coordinator tx, out long replicas, out long timeout)
    {
        timeout = 0;
        ReplyWriter reply = tx.Writer();
        bool isRead = Numbers.TryParseLong(tx.Args[1], out replicas);
        if (!isRead) reply.Error(Errors.NotInteger);
        else isRead = ReadTimeout(tx.NowMs, tx.Args[2], out timeout, ref reply);
        tx.Close(ref reply);
        return isRead;
    }

    private static void WaitAof(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (!Numbers.TryParseLong(args[1], out long local)) reply.Error(Errors.NotInteger);
        else if (local is < 0 or > 1) reply.Error(Errors.OutOfRangeBetween, 0, 1);
        else if (!Numbers.TryParseLong(args[2], out long replicas) || replicas < 0) reply.Error(Errors.OutOfRangePositive);
        else if (!ReadTimeout(connection.NowMs, args[3], out _, ref reply)) return;
        else if (local != 0) reply.Error(Errors.WaitAofWithoutAof);
        else
        {
            reply.Array(2);
            reply.Integer(0);
            reply.Integer(0);
        }
    }

    private static bool ReadTimeout(long nowMs, ReadOnlySpan<byte> text, out long timeout, ref ReplyWriter reply)
    {
        if (!Numbers.TryParseLong(text, out timeout)) reply.Error(Errors.TimeoutNotInteger);
        else if (timeout < 0) reply.Error(Errors.TimeoutNegative);
        else if (timeout > long.MaxValue - nowMs) reply.Error(Errors.TimeoutOutOfRange);
        else return true;
        return false;
    }

    private static void LastSave(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Integer(connection.Host().Server.StartedAt.ToUnixTimeSeconds());

    private static void Save(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Error(Errors.SavingNotBuilt);

    private static void RewriteLog(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Error(Errors.LogNotBuilt);

    private static void ReplicaOf(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (Ascii.EqualsIgnoreCase(args[1], "NO"u8) && Ascii.EqualsIgnoreCase(args[2], "ONE"u8)) reply.Ok();
        else if (!Numbers.TryParseLong(args[2], out long port) || port is < 0 or > 65_535) reply.Error(Errors.InvalidPrimaryPort);
        else reply.Error(Errors.ReplicationNotBuilt);
    }

    private static void Failover(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (args.Count == 2 && Ascii.EqualsIgnoreCase(args[1], "ABORT"u8))
        {
            reply.Error(Errors.NoFailover);
            return;
        }
        bool hasTarget = false, isForced = false;
        long timeout = 0;
        for (int i = 1; i < args.Count; i++)
        {
            int left = args.Count - 1 - i;
            if (left >= 1 && timeout == 0 && Ascii.EqualsIgnoreCase(args[i], "TIMEOUT"u8))
            {
                if (!Numbers.TryParseLong(args[++i], out timeout)) reply.Error(Errors.NotInteger);
                else if (timeout <= 0) reply.Error(Errors.FailoverTimeout);
            }
            else if (left >= 2 && !hasTarget && Ascii.EqualsIgnoreCase(args[i], "TO"u8))
            {
                hasTarget = true;
                i += 2;
                if (!Numbers.TryParseLong(args[i], out _)) reply.Error(Errors.NotInteger);
            }
            else if (!isForced && Ascii.EqualsIgnoreCase(args[i], "FORCE"u8)) isForced = true;
            else reply.Error(Errors.Syntax);
            if (reply.HasError) return;
        }
        reply.Error(Errors.FailoverNeedsReplicas);
    }

    private static void ModuleList(ConnectionScope connection, Arguments args, ref ReplyWriter reply) => reply.Array(0);

    private static void ModuleLoad(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Error(Errors.ModuleLoad);

    private static void ModuleUnload(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Error(Errors.ModuleUnload);

    private static void ModuleHelp(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, connection.Command, HelpTexts.Module);
}

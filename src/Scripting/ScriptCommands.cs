using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Scripting;

/// <summary>SCRIPT and its subcommands.</summary>
public static class ScriptCommands
{
    private static readonly string[] ToAllNodes = ["request_policy:all_nodes", "response_policy:all_succeeded"];

    public static readonly CommandSpec[] Table =
    [
        new("SCRIPT", -2, None, AclCategory.None, "A container for Lua scripts management commands."),
        new("SCRIPT|LOAD", 3, NoScript | Stale, AclCategory.Scripting, Keys.None, Load,
            "Loads a server-side Lua script to the script cache.") { Tips = ToAllNodes },
        new("SCRIPT|EXISTS", -3, NoScript | Stale, AclCategory.Scripting, Exists,
            "Determines whether server-side Lua scripts exist in the script cache.")
        {
            Tips = ["request_policy:all_shards", "response_policy:agg_logical_and"],
        },
        new("SCRIPT|FLUSH", -2, NoScript | Stale, AclCategory.Scripting, Keys.None, Flush,
            "Removes all server-side Lua scripts from the script cache.") { Tips = ToAllNodes },
        new("SCRIPT|KILL", 2, NoScript | AllowBusy, AclCategory.Scripting, Keys.None, Kill,
            "Terminates a server-side Lua script during execution.")
        {
            Tips = ["request_policy:all_shards", "response_policy:one_succeeded"],
        },
        new("SCRIPT|SHOW", 3, NoScript | Stale, AclCategory.Scripting, Show, "Show server-side Lua script in the script cache."),
        new("SCRIPT|DEBUG", -3, NoScript, AclCategory.Scripting, Debug, "Sets the debug mode of server-side Lua scripts."),
        new("SCRIPT|HELP", 2, Loading | Stale, AclCategory.Scripting, Help, "Returns helpful text about the different subcommands."),
    ];

    private static async Co<Nothing> Load(Coordinator tx)
    {
        ScriptHost host = ScriptHost.Of(tx.Loop);
        if (host.Rent() is not { } run)
        {
            tx.Fail(Errors.OutOfMemory);
            return default;
        }
        await run.Load(tx);
        host.Return(run);
        return default;
    }

    private static void Exists(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        reply.Array(args.Count - 2);
        for (int i = 2; i < args.Count; i++) reply.Integer(Find(connection, args[i]) is null ? 0 : 1);
    }

    private static void Show(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (Find(connection, args[2]) is { } script) reply.Bulk(script.Source.Body);
        else reply.Error(Errors.NoScript);
    }

    private static KnownScript? Find(ConnectionScope connection, ReadOnlySpan<byte> text) =>
        Sha1Digest.TryParse(text, out Sha1Digest digest) && ScriptHost.Of(connection.Loop).Scripts.Find(digest) is { IsUsable: true } script
            ? script
            : null;

    private sealed record FlushOrder(long Epoch);

    private static async Co<Nothing> Flush(Coordinator tx)
    {
        if (tx.Args.Count > 3 || tx.Args.Count == 3 && !IsMode(tx.Args[2]))
        {
            tx.Fail(Errors.ScriptFlushMode);
            return default;
        }
        tx.Payload = new FlushOrder(ScriptHost.Of(tx.Loop).Scripts.Epoch + 1);
        await tx.HopAll(FlushOn);
        AnswerOk(tx);
        return default;
    }

    /// <summary>Both modes cost so little that they are one.</summary>
    internal static bool IsMode(ReadOnlySpan<byte> mode) => Ascii.EqualsIgnoreCase(mode, "SYNC"u8) || Ascii.EqualsIgnoreCase(mode, "ASYNC"u8);

    internal static void AnswerOk(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.Ok();
        tx.Close(ref reply);
    }

    private static void FlushOn(ShardScope shard, ref HopFrame hop)
    {
        ScriptHost host = ScriptHost.Of(shard.Loop);
        host.Scripts.Flush(((FlushOrder)hop.Payload!).Epoch);
        host.DropStates();
    }

    private static Co<Nothing> Kill(Coordinator tx) => ScriptKill.Run(tx, isFunction: false);

    /// <summary>There is no debugger: who asks for it is told so, instead of getting scripts that never stop.</summary>
    private static void Debug(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        if (args.Count > 4) reply.SubcommandSyntax("script"u8, args[1]);
        else if (args.Count == 4 && !Ascii.EqualsIgnoreCase(args[3], "LUA"u8)) reply.Error(Errors.NoEngineToDebug, args[3]);
        else if (Ascii.EqualsIgnoreCase(args[2], "NO"u8)) reply.Ok();
        else if (Ascii.EqualsIgnoreCase(args[2], "YES"u8) || Ascii.EqualsIgnoreCase(args[2], "SYNC"u8)) reply.Error(Errors.NoScriptDebugger);
        else reply.Error(Errors.ScriptDebugMode);
    }

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) => HelpText.Write(ref reply, "script"u8,
        """
        DEBUG (YES|SYNC|NO) [<engine_name>]
            Set the debug mode for subsequent scripts executed of the specified engine.
            Default engine name: 'lua'
        EXISTS <sha1> [<sha1> ...]
            Return information about the existence of the scripts in the script cache.
        FLUSH [ASYNC|SYNC]
            Flush the Lua scripts cache. Very dangerous on replicas.
            When called without the optional mode argument, the behavior is determined
             by the lazyfree-lazy-user-flush configuration directive. Valid modes are:
            * ASYNC: Asynchronously flush the scripts cache.
            * SYNC: Synchronously flush the scripts cache.
        KILL
            Kill the currently executing Lua script.
        LOAD <script>
            Load a script into the scripts cache without executing it.
        SHOW <sha1>
            Show a script from the scripts cache.
        """u8);
}

using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Scripting;

/// <summary>FUNCTION and those of its subcommands that change libraries. They stand alone on every shard.</summary>
public static class FunctionCommands
{
    private const CommandFlags Changing = NoScript | Write | Global;
    private static readonly string[] ToAllShards = ["request_policy:all_shards", "response_policy:all_succeeded"];

    public static readonly CommandSpec[] Table =
    [
        new("FUNCTION", -2, None, AclCategory.None, "A container for function commands."),
        new("FUNCTION|LOAD", -3, Changing | DenyOom, AclCategory.Scripting, Keys.None, Load, "Creates a library.") { Tips = ToAllShards },
        new("FUNCTION|DELETE", 3, Changing, AclCategory.Scripting, Keys.None, Delete, "Deletes a library and its functions.") { Tips = ToAllShards },
        new("FUNCTION|RESTORE", -3, Changing | DenyOom, AclCategory.Scripting, Keys.None, Restore, "Restores all libraries from a payload.")
        {
            Tips = ToAllShards,
        },
        new("FUNCTION|FLUSH", -2, Changing, AclCategory.Scripting, Keys.None, Flush, "Deletes all libraries and functions.") { Tips = ToAllShards },
        new("FUNCTION|KILL", 2, NoScript | AllowBusy, AclCategory.Scripting, Keys.None, Kill, "Terminates a function during execution.")
        {
            Tips = ["request_policy:all_shards", "response_policy:one_succeeded"],
        },
        new("FUNCTION|DUMP", 2, NoScript, AclCategory.Scripting, Dump, "Dumps all libraries into a serialized binary payload."),
        new("FUNCTION|LIST", -2, NoScript, AclCategory.Scripting, FunctionReports.List, "Returns information about all libraries.")
        {
            Tips = ["nondeterministic_output_order"],
        },
        new("FUNCTION|STATS", 2, NoScript | AllowBusy, AclCategory.Scripting, Keys.None, FunctionReports.Stats,
            "Returns information about a function during execution.")
        {
            Tips = ["nondeterministic_output", "request_policy:all_shards", "response_policy:special"],
        },
        new("FUNCTION|HELP", 2, Loading | Stale, AclCategory.Scripting, Help, "Returns helpful text about the different subcommands."),
    ];

    private static async Co<Nothing> Load(Coordinator tx)
    {
        bool replaces = false;
        int at = 2;
        for (; at < tx.Args.Count - 1; at++)
        {
            if (!Ascii.EqualsIgnoreCase(tx.Args[at], "REPLACE"u8))
            {
                FailWith(tx, Errors.UnknownFunctionOption, at);
                return default;
            }
            replaces = true;
        }
        var loading = new LibraryLoad(ScriptHost.Of(tx.Loop));
        if (await loading.Run(tx, tx.Args[at].ToArray(), new FunctionChange(), replaces)) await Apply(tx, loading, replaces);
        if (loading.Error is { } error)
        {
            Fail(tx, error);
            return default;
        }
        ReplyWriter reply = tx.Writer();
        reply.Bulk(System.Text.Encoding.Latin1.GetBytes(loading.Change.Added[0].Name));
        tx.Close(ref reply);
        return default;
    }

    private static async Co<Nothing> Apply(Coordinator tx, LibraryLoad loading, bool replaces)
    {
        loading.Error = loading.Change.Fit(ScriptHost.Of(tx.Loop).Functions, replaces);
        if (loading.Error is not null) return default;
        await Spread(tx, loading.Change);
        return default;
    }

    private static async Co<Nothing> Spread(Coordinator tx, FunctionChange change)
    {
        tx.Payload = change;
        await tx.HopAll(static (shard, ref hop) => ScriptHost.Of(shard.Loop).Functions.Apply((FunctionChange)hop.Payload!));
        return default;
    }

    private static async Co<Nothing> Delete(Coordinator tx)
    {
        if (ScriptHost.Of(tx.Loop).Functions.FindLibrary(Ascii.Decode(tx.Args[2])) is not { } library)
        {
            tx.Fail(Errors.LibraryNotFound);
            return default;
        }
        var change = new FunctionChange();
        change.Removed.Add(library);
        await Spread(tx, change);
        ScriptCommands.AnswerOk(tx);
        return default;
    }

    private static async Co<Nothing> Flush(Coordinator tx)
    {
        if (tx.Args.Count > 3)
        {
            FailSyntax(tx);
            return default;
        }
        if (tx.Args.Count == 3 && !ScriptCommands.IsMode(tx.Args[2]))
        {
            tx.Fail(Errors.FunctionFlushMode);
            return default;
        }
        await Spread(tx, RemoveAll(tx));
        await tx.HopAll(static (shard, ref hop) => ScriptHost.Of(shard.Loop).DropStates());
        ScriptCommands.AnswerOk(tx);
        return default;
    }

    private static FunctionChange RemoveAll(Coordinator tx)
    {
        var change = new FunctionChange();
        change.Removed.AddRange(ScriptHost.Of(tx.Loop).Functions.Libraries);
        return change;
    }

    private static async Co<Nothing> Restore(Coordinator tx)
    {
        if (tx.Args.Count > 4)
        {
            FailSyntax(tx);
            return default;
        }
        bool flushes = tx.Args.Count == 4 && Ascii.EqualsIgnoreCase(tx.Args[3], "FLUSH"u8);
        bool replaces = tx.Args.Count == 4 && Ascii.EqualsIgnoreCase(tx.Args[3], "REPLACE"u8);
        if (tx.Args.Count == 4 && !flushes && !replaces && !Ascii.EqualsIgnoreCase(tx.Args[3], "APPEND"u8))
        {
            tx.Fail(Errors.RestorePolicy);
            return default;
        }
        if (!FunctionDump.IsValid(tx.Args[2], tx.Loop.Settings.RdbVersionsRelaxed))
        {
            tx.Fail(Errors.DumpPayload);
            return default;
        }
        var loading = new LibraryLoad(ScriptHost.Of(tx.Loop));
        FunctionChange change = flushes ? RemoveAll(tx) : new FunctionChange();
        List<byte[]> codes = FunctionDump.Read(tx.Args[2], out string? error);
        loading.Error = error;
        for (int i = 0; i < codes.Count && loading.Error is null; i++) await loading.Run(tx, codes[i], change, replaces: true);
        if (loading.Error is null) await Apply(tx, loading, replaces);
        if (loading.Error is { } failure) Fail(tx, failure);
        else ScriptCommands.AnswerOk(tx);
        return default;
    }

    private static void Dump(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        reply.Bulk(FunctionDump.Write(ScriptHost.Of(connection.Loop).Functions.Libraries));

    private static void Help(ConnectionScope connection, Arguments args, ref ReplyWriter reply) =>
        HelpText.Write(ref reply, "function"u8, FunctionReports.Help);

    private static Co<Nothing> Kill(Coordinator tx) => ScriptKill.Run(tx, isFunction: true);

    private static void Fail(Coordinator tx, string text)
    {
        ReplyWriter reply = tx.Writer();
        reply.ErrorText("ERR"u8, System.Text.Encoding.Latin1.GetBytes(text));
        tx.Close(ref reply);
    }

    private static void FailWith(Coordinator tx, ErrorTemplate error, int argument)
    {
        ReplyWriter reply = tx.Writer();
        reply.Error(error, tx.Args[argument]);
        tx.Close(ref reply);
    }

    private static void FailSyntax(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.SubcommandSyntax("function"u8, tx.Args[1]);
        tx.Close(ref reply);
    }
}

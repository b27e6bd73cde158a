using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Scripting;

/// <summary>FUNCTION LIST, STATS, DUMP and HELP.</summary>
internal static class FunctionReports
{
    /// <summary>What a loop found among its runs.</summary>
    private enum Found : byte { Nothing, Script, Function }

    internal static void List(ConnectionScope connection, Arguments args, ref ReplyWriter reply)
    {
        bool withCode = false;
        int pattern = 0;
        for (int i = 2; i < args.Count; i++)
        {
            if (!withCode && Ascii.EqualsIgnoreCase(args[i], "WITHCODE"u8)) withCode = true;
            else if (pattern == 0 && Ascii.EqualsIgnoreCase(args[i], "LIBRARYNAME"u8))
            {
                if (i == args.Count - 1)
                {
                    reply.Error(Errors.NoLibraryName);
                    return;
                }
                pattern = ++i;
            }
            else
            {
                reply.Error(Errors.UnknownArgument, args[i]);
                return;
            }
        }
        ReplyStream.DeferredHeader header = reply.Defer();
        int count = 0;
        foreach (Library library in ScriptHost.Of(connection.Loop).Functions.Libraries)
        {
            byte[] name = System.Text.Encoding.Latin1.GetBytes(library.Name);
            if (pattern != 0 && !Glob.Matches(args[pattern], name, ignoreCase: true)) continue;
            count++;
            Write(library, name, withCode, ref reply);
        }
        reply.ResolveArray(header, count);
    }

    private static void Write(Library library, byte[] name, bool withCode, ref ReplyWriter reply)
    {
        reply.Map(withCode ? 4 : 3);
        reply.Bulk("library_name"u8);
        reply.Bulk(name);
        reply.Bulk("engine"u8);
        reply.Bulk("LUA"u8);
        reply.Bulk("functions"u8);
        reply.Array(library.Functions.Length);
        foreach (LibraryFunction function in library.Functions) Write(function, ref reply);
        if (!withCode) return;
        reply.Bulk("library_code"u8);
        reply.Bulk(library.Code);
    }

    private static void Write(LibraryFunction function, ref ReplyWriter reply)
    {
        reply.Map(3);
        reply.Bulk("name"u8);
        reply.Bulk(function.NameBytes);
        reply.Bulk("description"u8);
        if (function.Description is { } description) reply.Bulk(description);
        else reply.Null();
        reply.Bulk("flags"u8);
        reply.Set(System.Numerics.BitOperations.PopCount((uint)function.Flags));
        foreach ((ScriptFlags flag, byte[] flagName) in ScriptFlagNames.All)
            if ((function.Flags & flag) != 0) reply.Simple(flagName);
    }

    internal static async Co<Nothing> Stats(Coordinator tx)
    {
        await tx.HopAll(FindOverdue);
        int running = -1;
        for (int shard = 0; shard < tx.Shards; shard++)
        {
            if (tx.ValueOf(shard) == (long)Found.Function) running = shard;
            if (tx.ValueOf(shard) != (long)Found.Script) continue;
            tx.Fail(Errors.Busy);
            return default;
        }
        ReplyWriter reply = tx.Writer();
        reply.Map(2);
        reply.Bulk("running_script"u8);
        if (running >= 0) reply.Raw(ref tx.PartOf(running));
        else reply.Null();
        WriteEngines(ScriptHost.Of(tx.Loop), ref reply);
        tx.Close(ref reply);
        return default;
    }

    private static void WriteEngines(ScriptHost host, ref ReplyWriter reply)
    {
        reply.Bulk("engines"u8);
        reply.Map(1);
        reply.Bulk("LUA"u8);
        reply.Map(2);
        reply.Bulk("libraries_count"u8);
        reply.Integer(host.LibraryCount);
        reply.Bulk("functions_count"u8);
        reply.Integer(host.Functions.Count);
    }

    private static void FindOverdue(ShardScope shard, ref HopFrame hop)
    {
        foreach (ScriptRun run in ScriptHost.Of(shard.Loop).Active)
        {
            if (!run.IsOverdue) continue;
            hop.Value = (long)(run.IsFunction ? Found.Function : Found.Script);
            if (!run.IsFunction) return;
            ReplyWriter reply = hop.Writer();
            reply.Map(3);
            reply.Bulk("name"u8);
            reply.Bulk(run.Known!.Name);
            reply.Bulk("command"u8);
            reply.Array(run.Call.Count);
            for (int i = 0; i < run.Call.Count; i++) reply.Bulk(run.Call[i]);
            reply.Bulk("duration_ms"u8);
            reply.Integer(run.DurationMs);
            reply.Flush();
            return;
        }
    }

    internal static ReadOnlySpan<byte> Help =>
        """
        LOAD [REPLACE] <FUNCTION CODE>
            Create a new library with the given library name and code.
        DELETE <LIBRARY NAME>
            Delete the given library.
        LIST [LIBRARYNAME PATTERN] [WITHCODE]
            Return general information on all the libraries:
            * Library name
            * The engine used to run the Library
            * Functions list
            * Library code (if WITHCODE is given)
            It also possible to get only function that matches a pattern using LIBRARYNAME argument.
        STATS
            Return information about the current function running:
            * Function name
            * Command used to run the function
            * Duration in MS that the function is running
            If no function is running, return nil
            In addition, returns a list of available engines.
        KILL
            Kill the current running function.
        FLUSH [ASYNC|SYNC]
            Delete all the libraries.
            When called without the optional mode argument, the behavior is determined by the
            lazyfree-lazy-user-flush configuration directive. Valid modes are:
            * ASYNC: Asynchronously flush the libraries.
            * SYNC: Synchronously flush the libraries.
        DUMP
            Return a serialized payload representing the current libraries, can be restored using FUNCTION RESTORE command
        RESTORE <PAYLOAD> [FLUSH|APPEND|REPLACE]
            Restore the libraries represented by the given payload, it is possible to give a restore policy to
            control how to handle existing libraries (default APPEND):
            * FLUSH: delete all existing libraries.
            * APPEND: appends the restored libraries to the existing libraries. On collision, abort.
            * REPLACE: appends the restored libraries to the existing libraries, On collision, replace the old
              libraries with the new libraries (notice that even on this option there is a chance of failure
              in case of functions name collision with another library).
        """u8;
}

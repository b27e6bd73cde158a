using Anax.Core.Buffers;
using Anax.Core.Text;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using Anax.Protocol;
using static Anax.Engine.Dispatch.CommandFlags;

namespace Anax.Commands;

/// <summary>
/// DEBUG: what tests need and nobody else should have, so it is off unless enable-debug-command allows it. One command with words
/// behind it, as in Valkey, not a container of subcommands.
/// </summary>
public static class DebugCommands
{
    public static readonly CommandSpec[] Table =
    [
        new("DEBUG", -2, Admin | NoScript | Loading | Stale | Protected, AclCategory.None, Keys.None, Debug,
            "A container for debugging commands."),
    ];

    private static readonly DebugWord[] Words =
    [
        new("CLIENT-ENFORCE-REPLY-LIST", 3, 3, NothingToTune),
        new("DICT-RESIZING",     3, 3, NothingToTune),
        new("DIGEST",            2, 2, DebugDigest.Digest),
        new("DIGEST-VALUE",      2, int.MaxValue, DebugDigest.DigestValues),
        new("ERROR",             3, 3, Error),
        new("HELP",              2, 2, Help),
        new("HTSTATS",           3, int.MaxValue, DebugKeys.TableFigures),
        new("HTSTATS-KEY",       3, int.MaxValue, DebugKeys.MemberFigures),
        new("LISTPACK",          3, 3, DebugKeys.DescribePacked),
        new("LOG",               3, 3, Log),
        new("OBJECT",            3, 4, DebugKeys.Object),
        new("PAUSE-CRON",        3, 3, DebugKeys.PausePeriodicWork),
        new("POPULATE",          3, 5, DebugPopulate.Populate),
        new("PROTOCOL",          3, 3, Protocol),
        new("QUICKLIST-PACKED-THRESHOLD", 3, 3, NothingToTune),
        new("REPLYBUFFER",       4, 4, NothingToTune),
        new("SDSLEN",            3, 3, DebugKeys.StringLength),
        new("SET-ACTIVE-EXPIRE", 3, 3, DebugKeys.SetActiveExpiry),
        new("SET-DISABLE-DENY-SCRIPTS", 3, 3, DebugKeys.SetScriptsRunAll),
        new("SLEEP",             3, 3, Sleep),
        new("STRINGMATCH-TEST",  2, 2, TestPatterns),
    ];

    private sealed class DebugWord(string word, int argumentsMin, int argumentsMax, CoordinatorHandler handler)
    {
        private readonly byte[] _word = System.Text.Encoding.ASCII.GetBytes(word);

        internal CoordinatorHandler Handler => handler;

        internal bool Fits(Arguments args) =>
            args.Count >= argumentsMin && args.Count <= argumentsMax && Ascii.EqualsIgnoreCase(args[1], _word);
    }

    private static Co<Nothing> Debug(Coordinator tx)
    {
        if (!IsAllowed(tx))
        {
            tx.Reject(Errors.CommandNotAllowed, "DEBUG"u8, "enable-debug-command"u8);
            return default;
        }
        foreach (DebugWord word in Words)
            if (word.Fits(tx.Args)) return word.Handler(tx);
        FailSyntax(tx);
        return default;
    }

    private static bool IsAllowed(Coordinator tx) => tx.Loop.Settings.DebugCommands switch
    {
        ActionPermission.Everybody => true,
        ActionPermission.LocalClients => IsLocal(tx.Session.Owner.PeerAddress),
        _ => false,
    };

    private static bool IsLocal(string address) =>
        address.StartsWith("127.", StringComparison.Ordinal)
        || address.StartsWith("[::1]", StringComparison.Ordinal)
        || !address.Contains(':', StringComparison.Ordinal)
        || address.StartsWith('/');

    private static void FailSyntax(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        reply.SubcommandSyntax("DEBUG"u8, tx.Args[1]);
        tx.Close(ref reply);
    }

    // --- Words that touch no data ------------------------------------------------------------------------

    /// <summary>Switches of structures that Redis has and this server has not: nothing changes, and nothing has to.</summary>
    private static Co<Nothing> NothingToTune(Coordinator tx)
    {
        tx.AnswerOk();
        return default;
    }

    private static Co<Nothing> Log(Coordinator tx)
    {
        tx.Loop.Facts?.Log(tx.Args[2]);
        tx.AnswerOk();
        return default;
    }

    private static Co<Nothing> Error(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        ReadOnlySpan<byte> text = tx.Args[2];
        int space = text.IndexOf((byte)' ');
        ReadOnlySpan<byte> code = space < 0 ? text : text[..space];
        reply.ErrorText(code, space < 0 ? default : text[(space + 1)..]);
        tx.Close(ref reply);
        return default;
    }

    /// <summary>Only the client that asks waits: other clients of a loop have done nothing to be stopped for.</summary>
    private static async Co<Nothing> Sleep(Coordinator tx)
    {
        await tx.Sleep(SleepMs(tx.Args[2]));
        tx.AnswerOk();
        return default;
    }

    private static long SleepMs(ReadOnlySpan<byte> text)
    {
        const double SecondsMax = 1e6;
        return Numbers.TryParseDouble(text, out double seconds) ? (long)(Math.Clamp(seconds, 0, SecondsMax) * 1000) : 0;
    }

    private static Co<Nothing> TestPatterns(Coordinator tx)
    {
        const int PatternMax = 32, TextMax = 32, Rounds = 1000;
        Span<byte> pattern = stackalloc byte[PatternMax], text = stackalloc byte[TextMax];
        int matches = 0;
        for (int i = 0; i < Rounds; i++)
        {
            foreach (ref byte value in pattern) value = (byte)(tx.NextRandom() % 128);
            foreach (ref byte value in text) value = (byte)(tx.NextRandom() % 128);
            if (Glob.Matches(pattern[..(int)(tx.NextRandom() % PatternMax)], text[..(int)(tx.NextRandom() % TextMax)])) matches++;
        }
        ReplyWriter reply = tx.Writer();
        reply.Simple("Apparently the server did not crash: test passed"u8);
        tx.Close(ref reply);
        return default;
    }

    private static Co<Nothing> Protocol(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        WriteExample(tx.Args[2], tx.Resp, ref reply);
        tx.Close(ref reply);
        return default;
    }

    private static void WriteExample(ReadOnlySpan<byte> type, RespVersion version, ref ReplyWriter reply)
    {
        if (Ascii.EqualsIgnoreCase(type, "string"u8)) reply.Bulk("Hello World"u8);
        else if (Ascii.EqualsIgnoreCase(type, "integer"u8)) reply.Integer(12345);
        else if (Ascii.EqualsIgnoreCase(type, "double"u8)) reply.Double(3.141);
        else if (Ascii.EqualsIgnoreCase(type, "bignum"u8)) reply.BigNumber("1234567999999999999999999999999999999"u8);
        else if (Ascii.EqualsIgnoreCase(type, "null"u8)) reply.Null();
        else if (Ascii.EqualsIgnoreCase(type, "array"u8)) WriteNumbers(isSet: false, ref reply);
        else if (Ascii.EqualsIgnoreCase(type, "set"u8)) WriteNumbers(isSet: true, ref reply);
        else if (Ascii.EqualsIgnoreCase(type, "map"u8)) WriteMap(ref reply);
        else if (Ascii.EqualsIgnoreCase(type, "attrib"u8)) WriteAttribute(ref reply);
        else if (Ascii.EqualsIgnoreCase(type, "push"u8)) WritePush(version, ref reply);
        else if (Ascii.EqualsIgnoreCase(type, "true"u8)) reply.Boolean(true);
        else if (Ascii.EqualsIgnoreCase(type, "false"u8)) reply.Boolean(false);
        else if (Ascii.EqualsIgnoreCase(type, "verbatim"u8)) reply.Verbatim("txt"u8, "This is a verbatim\nstring"u8);
        else reply.Error(Errors.DebugProtocolType);
    }

    private static void WriteNumbers(bool isSet, ref ReplyWriter reply)
    {
        if (isSet) reply.Set(3);
        else reply.Array(3);
        for (int i = 0; i < 3; i++) reply.Integer(i);
    }

    private static void WriteMap(ref ReplyWriter reply)
    {
        reply.Map(3);
        for (int i = 0; i < 3; i++)
        {
            reply.Integer(i);
            reply.Boolean(i == 1);
        }
    }

    private static void WriteAttribute(ref ReplyWriter reply)
    {
        if (reply.Attribute(1))
        {
            reply.Bulk("key-popularity"u8);
            reply.Array(2);
            reply.Bulk("key:123"u8);
            reply.Integer(90);
        }
        reply.Bulk("Some real reply following the attribute"u8);
    }

    private static void WritePush(RespVersion version, ref ReplyWriter reply)
    {
        if (version == RespVersion.Resp2)
        {
            reply.Error(Errors.DebugResp2);
            return;
        }
        reply.Push(2);
        reply.Bulk("server-cpu-usage"u8);
        reply.Integer(42);
        reply.Bulk("Some real reply following the push reply"u8);
    }

    private static Co<Nothing> Help(Coordinator tx)
    {
        ReplyWriter reply = tx.Writer();
        HelpText.Write(ref reply, "DEBUG"u8, """
            DIGEST
                Output a hex signature representing the current DB content.
            DIGEST-VALUE <key> [<key> ...]
                Output a hex signature of the values of all the specified keys.
            ERROR <string>
                Return a RESP protocol error with <string> as message. Useful for clients
                unit tests to simulate error replies.
            LOG <message>
                Write <message> to the server log.
            HTSTATS <dbid> [full]
                Return hash table statistics of the specified database.
            HTSTATS-KEY <key> [full]
                Like HTSTATS but for the hash table stored at <key>'s value.
            LISTPACK <key>
                Show low level info about the listpack encoding of <key>.
            OBJECT <key> [fast]
                Show low level info about `key` and associated value.
                Some fields of the default behavior may be time consuming to fetch,
                and `fast` can be passed to avoid fetching them.
            POPULATE <count> [<prefix>] [<size>]
                Create <count> string keys named key:<num>. If <prefix> is specified then
                it is used instead of the 'key' prefix. These are not propagated to
                replicas. Cluster slots are not respected so keys not belonging to the
                current node can be created in cluster mode.
            PROTOCOL <type>
                Reply with a test value of the specified type. <type> can be: string,
                integer, double, bignum, null, array, set, map, attrib, push, verbatim,
                true, false.
            QUICKLIST-PACKED-THRESHOLD <size>
                Accepted without effect: an element gets a node of its own where no node
                of several elements has room for it.
            SDSLEN <key>
                Show low level SDS string info representing `key` and value.
            SET-ACTIVE-EXPIRE <0|1>
                Setting it to 0 disables expiring keys in background when they are not
                accessed (otherwise the behavior). Setting it to 1 reenables back the
                default.
            SLEEP <seconds>
                Stop the client for <seconds>. Decimals allowed.
            STRINGMATCH-TEST
                Run a fuzz tester against the stringmatchlen() function.
            PAUSE-CRON <0|1>
                Stop periodic cron job processing.
            REPLYBUFFER PEAK-RESET-TIME <NEVER||RESET|time>
                Sets the time (in milliseconds) to wait between client reply buffer peak resets.
                In case NEVER is provided the last observed peak will never be reset
                In case RESET is provided the peak reset time will be restored to the default value
            REPLYBUFFER RESIZING <0|1>
                Enable or disable the reply buffer resize cron job
            DICT-RESIZING <0|1>
                Enable or disable the main dict and expire dict resizing.
            CLIENT-ENFORCE-REPLY-LIST <0|1>
                When set to 1, it enforces the use of the client reply list directly
                and avoids using the client's static buffer.
            """u8);
        tx.Close(ref reply);
        return default;
    }
}

using System.Text;
using Anax.Tests.Server.Harness;

namespace Anax.Tests.Server.Differential;

/// <summary>The few replies that differ on purpose, each with its reason.</summary>
internal static class KnownDifferences
{
    /// <summary>Why this difference is meant; null when it is not.</summary>
    public static string? Reason(byte[][] command, RespValue anax, RespValue valkey) =>
        Comparison.Name(command) switch
        {
            "SCAN" when !anax.IsError && !valkey.IsError => "a cursor other than 0 belongs to the server that gave it",
            "SSCAN" when !anax.IsError && !valkey.IsError && !IsWhole(command, anax, valkey) =>
                "how many members of a table come at a time, and from where, is each server's own affair",
            "CLIENT" when anax.Type == valkey.Type && IsAbout(command, "TRACKINGINFO") && Unordered(anax) == Unordered(valkey) =>
                "prefixes come in the order in which the client named them",
            "CLIENT" when anax.Type is '$' or '=' && valkey.Type is '$' or '=' => "CLIENT LIST shows addresses, ids and sizes",
            "CLIENT" when IsAbout(command, "ID") => "each server counts its own connections",
            "MEMORY" when IsAbout(command, "USAGE") && anax.Type == valkey.Type => "a key takes the room that it takes here",
            "TIME" when !anax.IsError && !valkey.IsError => "the clock goes on between the two",
            "GEOSEARCH" when command.Any(word => word.AsSpan().SequenceEqual("BYPOLYGON"u8)) && valkey.Items.Length < anax.Items.Length =>
                "where the middle of a polygon lies beyond the grid's end, Valkey looks at whatever cell it happens to have",
            ['Z', ..] when Unsigned(anax) == Unsigned(valkey) =>
                "packed scores have no negative zero, and a set that is stored here is packed from its first member on",
            ['P', 'F', ..] when anax.IsError && anax.Text!.StartsWith("INVALIDOBJ", StringComparison.Ordinal) && !valkey.IsError =>
                "a sparse HyperLogLog that SETRANGE has damaged is refused as a whole, where Valkey reads up to the register that it wants",
            "LOLWUT" => "the art is our own, and so are its arguments",
            "COMMAND" when IsAboutAll(command) => "there are fewer commands yet",
            "LASTSAVE" when anax.Type == valkey.Type => "it is the time of the start",
            "COMMAND" when !anax.IsError && Unordered(anax) == Unordered(valkey) => "subcommands come in the order of their rows",
            "CONFIG" when IsAbout(command, "GET") && Names(anax) == Names(valkey) => "the two were started with other ports and folders",
            "INFO" when !anax.IsError && !valkey.IsError => "it is about the server itself",
            "ROLE" when !anax.IsError && !valkey.IsError => "nothing is replicated yet, so the offset stays 0",
            "MODULE" when !anax.IsError && !valkey.IsError => "Valkey's Lua engine is a module",
            "HELLO" when !anax.IsError && !valkey.IsError => "it names the server and its version, and the client's id",
            "OBJECT" when valkey is { Type: '+' or '$', Text: "embstr" or "raw" } && anax.Text is "embstr" or "raw" =>
                "the length up to which a string is embedded depends on the key's length in Valkey",
            "HTTL" or "HPTTL" or "HEXPIRETIME" or "HPEXPIRETIME" when AreBeyond(anax, valkey) =>
                "an expiry takes six bytes: what lies beyond the year 10889 is kept as that",
            "TTL" or "PTTL" or "EXPIRETIME" or "PEXPIRETIME" when IsBeyond(anax, valkey) =>
                "an expiry takes six bytes: what lies beyond the year 10889 is kept as that",
            "FUNCTION" when IsAbout(command, "DUMP") && anax.Type == valkey.Type => "strings are not compressed in what is dumped",
            "FUNCTION" when IsAbout(command, "LIST") && Unordered(anax) == Unordered(valkey) => "in Valkey libraries and functions come in no order",
            "FUNCTION" when IsAbout(command, "LOAD") && IsAnotherFunction(anax, valkey) =>
                "in Valkey functions come in no order, and one of those that exist is named",
            "FUNCTION" when IsAbout(command, "LOAD") && AreOfRegistration(anax, valkey) =>
                "a table has no order, and one of several wrong arguments in it is named",
            "EVAL" or "EVALSHA" or "EVAL_RO" or "EVALSHA_RO" or "FCALL" or "FCALL_RO" when NameAddresses(anax, valkey) =>
                "the error is a function, which is named by its address",
            "EVAL" or "EVALSHA" or "EVAL_RO" or "EVALSHA_RO" or "FCALL" or "FCALL_RO"
                when anax.IsError && anax.Text!.Contains("pattern too long", StringComparison.Ordinal) => "a pattern of Lua may have 4,096 bytes",
            "EVAL" or "EVAL_RO" or "EVALSHA" or "EVALSHA_RO" or "FCALL" or "FCALL_RO" when MayHaveMaps(command) && Unordered(anax) == Unordered(valkey) =>
                "a map that a script got by setresp(3) is a table, which has no order",
            "SCRIPT" when IsAbout(command, "DEBUG") => "there is no debugger, so a pipeline is in nobody's way",
            "COMMAND" when IsAbout(command, "GETKEYS") && anax is { Type: '*', Items: [] } && !HasKeyCount(command) =>
                "Valkey takes what stands before the first sign that is no digit for the number of keys",
            _ => null,
        };

    /// <summary>Why a command does not come in one write, or one transaction, with those before it; null when it may.</summary>
    public static string? ReasonApart(IEnumerable<byte[][]> before, bool isQueued, byte[][] command) =>
        (Comparison.Name(command) == "RESET" || Comparison.Name(command) == "CLIENT" && IsAbout(command, "TRACKING")) && before.Any(c => MayTell(c, isQueued))
            ? "who listens when a key changes is told here, and in Valkey who listens at the end of the turn or transaction"
            : null;

    /// <summary>Commands behind which something may have to be told. In a transaction keys are read while tracking changes.</summary>
    private static bool MayTell(byte[][] command, bool isQueued) => Comparison.Name(command) is not "CLIENT"
        && !(isQueued && Comparison.Name(command) is "MULTI" or "GET" or "MGET" or "TYPE" or "STRLEN" or "LCS" or "EXISTS");

    private static bool IsAnotherFunction(RespValue anax, RespValue valkey) =>
        anax.IsError && valkey.IsError && Array.TrueForAll([anax, valkey], v => v.Text!.StartsWith("ERR Function ", StringComparison.Ordinal)
            && v.Text.EndsWith(" already exists", StringComparison.Ordinal));

    /// <summary>Of what is called by name the code is not at hand.</summary>
    private static bool MayHaveMaps(byte[][] command) => command.Length > 1
        && (Comparison.Name(command) is not ("EVAL" or "EVAL_RO") || Encoding.Latin1.GetString(command[1]).Contains("setresp(", StringComparison.Ordinal));

    private static bool NameAddresses(RespValue anax, RespValue valkey) =>
        Array.TrueForAll([anax, valkey], v => v.IsError && v.Text!.StartsWith("ERR function: 0x", StringComparison.Ordinal));

    private static bool AreOfRegistration(RespValue anax, RespValue valkey) =>
        anax.IsError && valkey.IsError
        && Array.TrueForAll([anax, valkey], v => v.Text!.StartsWith("ERR Error registering functions: ERR ", StringComparison.Ordinal))
        && Array.Exists([anax, valkey], v => v.Text!.Contains("server.register_function", StringComparison.Ordinal));

    /// <summary>COMMAND GETKEYS of a command whose number of keys is a number.</summary>
    private static bool HasKeyCount(byte[][] command) => command.Length > 4 && Encoding.Latin1.GetString(command[4]) is { Length: > 0 } count
        && count.All(char.IsAsciiDigit) && (count.Length == 1 || count[0] != '0');

    /// <summary>A scan that both begin and end with this call.</summary>
    private static bool IsWhole(byte[][] command, RespValue anax, RespValue valkey) =>
        command[2].AsSpan().SequenceEqual("0"u8) && anax.Items[0].Text == "0" && valkey.Items[0].Text == "0";

    /// <summary>COMMAND and its subcommands where they answer of every command.</summary>
    private static bool IsAboutAll(byte[][] command) => command.Length == 1
        || IsAbout(command, "COUNT") || IsAbout(command, "LIST")
        || (command.Length == 2 && (IsAbout(command, "INFO") || IsAbout(command, "DOCS")));

    private static bool IsAbout(byte[][] command, string subcommand) =>
        command.Length > 1 && Encoding.Latin1.GetString(command[1]).Equals(subcommand, StringComparison.OrdinalIgnoreCase);

    /// <summary>The names of a reply of names and values.</summary>
    private static string Names(RespValue value) => string.Join(' ', value.Items.Where((_, i) => i % 2 == 0));

    /// <summary>A reply in which the order of items does not count.</summary>
    private static string Unordered(RespValue value) => value.Items.Length == 0
        ? value.ToString()
        : $"{value.Type}[{string.Join(", ", value.Items.Select(Unordered).Order(StringComparer.Ordinal))}]";

    /// <summary>A reply whose zeros have no sign.</summary>
    private static string Unsigned(RespValue value) => value.Items.Length != 0
        ? $"{value.Type}[{string.Join(", ", value.Items.Select(Unsigned))}]"
        : (value.Text == "-0" ? value with { Text = "0" } : value).ToString();

    /// <summary>Each pair of times is near or beyond what can be kept, and one at least is.</summary>
    private static bool AreBeyond(RespValue anax, RespValue valkey)
    {
        if (anax.Items.Length != valkey.Items.Length) return false;
        var pairs = anax.Items.Zip(valkey.Items).ToList();
        return pairs.Exists(p => IsBeyond(p.First, p.Second))
            && pairs.TrueForAll(p => IsBeyond(p.First, p.Second) || Math.Abs(p.First.Integer - p.Second.Integer) <= 2000);
    }

    private static bool IsBeyond(RespValue anax, RespValue valkey)
    {
        const long LastSecond = (1L << 48) / 1000, Century = 100L * 365 * 24 * 3600;
        return anax.Type == ':' && valkey.Type == ':' && valkey.Integer > anax.Integer
            && anax.Integer > LastSecond - Century;
    }
}

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
            "CLIENT" when anax.Type == valkey.Type && IsAbout(command, "TRACKINGINFO") && Unordered(anax) == Unordered(valkey) =>
                "prefixes come in the order in which the client named them",
            "CLIENT" when anax.Type is '$' or '=' && valkey.Type is '$' or '=' => "CLIENT LIST shows addresses, ids and sizes",
            "CLIENT" when IsAbout(command, "ID") => "each server counts its own connections",
            "MEMORY" when IsAbout(command, "USAGE") && anax.Type == valkey.Type => "a key takes the room that it takes here",
            "TIME" when !anax.IsError && !valkey.IsError => "the clock goes on between the two",
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
            _ => null,
        };

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

using System.Net;
using System.Net.Sockets;

namespace Anax.Server.Options;

/// <summary>What some texts must be beyond their kind; each answers Valkey's error text, or null.</summary>
internal static class OptionChecks
{
    private const int HashSeedMax = 256;
    private const int AddressLengthMax = 46;
    private const int HostLengthMax = 256;

    private static readonly string[] TitleVariables =
        ["title", "listen-addr", "server-mode", "port", "tls-port", "unixsocket", "config-file"];

    public static string? SnapshotName(string text) => BaseName("dbfilename", "filename", text);

    public static string? LogName(string text) => BaseName("appendfilename", "filename", text);

    public static string? LogFolder(string text) => BaseName("appenddirname", "dirname", text);

    public static string? ClusterFile(string text) => text.Length == 0 ? "cluster-config-file can't be empty" : null;

    public static string? HashSeed(string text) =>
        text.Length > HashSeedMax ? "hash-seed must be less than or equal to 256 characters" : null;

    public static string? ShutdownFlags(string text)
    {
        return HasWord(text, "save") && HasWord(text, "nosave")
            ? "shutdown options SAVE and NOSAVE can't be used simultaneously"
            : null;
    }

    public static bool SavesAtShutdown(OptionValue value) =>
        HasWord(value.Text, "save") || HasWord(value.Text, "failover");

    /// <summary>Four plain numbers: .NET would also read shorter and octal forms.</summary>
    public static string? IPv4(string text) =>
        text.Length == 0 || (IPAddress.TryParse(text, out var address) && address.ToString() == text
            && address.AddressFamily == AddressFamily.InterNetwork)
            ? null
            : "Invalid IPv4 address";

    public static string? IPv6(string text) =>
        text.Length == 0 || (IPAddress.TryParse(text, out var address)
            && address.AddressFamily == AddressFamily.InterNetworkV6)
            ? null
            : "Invalid IPv6 address";

    public static string? AnnouncedAddress(string text)
    {
        if (text.Length >= AddressLengthMax)
            return "cluster-announce-ip is too long";
        return IsPlainField(text) ? null : "cluster-announce-ip contains invalid character";
    }

    public static string? AnnouncedNode(string text) =>
        IsPlainField(text) ? null : "Announced human node name contained invalid character";

    public static string? AnnouncedHost(string text)
    {
        if (text.Length >= HostLengthMax)
            return "Hostnames must be less than 256 characters";
        foreach (var character in text)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('-' or '.'))
                return "Hostnames may only contain alphanumeric characters, hyphens or dots";
        }
        return null;
    }

    /// <summary>Words in braces must be known; a doubled brace stands for itself; something must remain.</summary>
    public static string? TitleTemplate(string text)
    {
        const string Wrong = "template format is invalid or contains unknown variables";
        var shows = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '{' || (i + 1 < text.Length && text[i + 1] == '{'))
            {
                i += text[i] == '{' ? 1 : 0;
                shows |= text[i] != ' ';
                continue;
            }
            var end = text.IndexOf('}', i);
            if (end < 0 || Array.IndexOf(TitleVariables, text[(i + 1)..end]) < 0)
                return Wrong;
            // Of the variables only these always have a text.
            shows |= text[(i + 1)..end] is "listen-addr" or "port" or "tls-port" or "config-file";
            i = end;
        }
        return shows ? null : Wrong;
    }

    private static string? BaseName(string option, string what, string text)
    {
        if (text.Length == 0)
            return $"{option} can't be empty";
        return text.Contains('/') || text.Contains('\\') ? $"{option} can't be a path, just a {what}" : null;
    }

    /// <summary>Valkey writes such fields into lines whose signs these are.</summary>
    private static bool IsPlainField(string text)
    {
        foreach (var character in text)
        {
            if (character <= ',' || character == '\x7f' || ";<=>?@[]^{|}~\\".Contains(character))
                return false;
        }
        return true;
    }

    private static bool HasWord(string text, string word) => Array.IndexOf(text.Split(' '), word) >= 0;
}

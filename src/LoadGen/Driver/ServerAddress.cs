using System.Globalization;

namespace Anax.LoadGen.Driver;

/// <summary>Where a server is: a host and a port, or the path of a unix socket.</summary>
public sealed record ServerAddress(string Host, int Port, string UnixPath = "")
{
    public override string ToString() =>
        UnixPath.Length != 0 ? UnixPath : Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]:{Port}" : $"{Host}:{Port}";

    /// <summary>
    /// "host:port", perhaps with "@bus" or ",name" behind it, as clusters write it; without a host it is that of the
    /// server which said so. Null where it is none of that.
    /// </summary>
    public static ServerAddress? TryParse(string text, ServerAddress from)
    {
        int end = text.IndexOfAny(['@', ',']);
        if (end >= 0) text = text[..end];
        int colon = text.LastIndexOf(':');
        if (colon < 0 || !int.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out int port)) return null;
        if (port is 0 or > 65535) return null;
        string host = text[..colon].Trim('[', ']');
        return new ServerAddress(host is "" or "?" ? from.Host : host, port);
    }
}

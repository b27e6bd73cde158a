using System.Text;

namespace Anax.Server.Options;

/// <summary>
/// Option values are byte strings, as clients send them, held in a string with one character per byte (Latin-1), so
/// that any password or path survives unchanged. Here are the crossings to bytes and to .NET's own text.
/// </summary>
public static class OptionText
{
    public static byte[] ToBytes(string text) => Encoding.Latin1.GetBytes(text);

    public static string FromBytes(ReadOnlySpan<byte> bytes) => Encoding.Latin1.GetString(bytes);

    /// <summary>From .NET's text (arguments, paths): its UTF-8 bytes, one character each.</summary>
    public static string FromNative(string text) => Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(text));

    /// <summary>To .NET's text, for paths and messages.</summary>
    public static string ToNative(string text) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(text));
}

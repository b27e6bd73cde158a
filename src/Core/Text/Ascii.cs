using System.Runtime.CompilerServices;
using System.Text;

namespace Anax.Core.Text;

/// <summary>
/// ASCII letters in bytes, whatever the locale: commands and options are compared without regard to case.
/// </summary>
public static class Ascii
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte ToLower(byte value) => (uint)(value - 'A') <= 'Z' - 'A' ? (byte)(value | 0x20) : value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte ToUpper(byte value) =>
        (uint)(value - 'a') <= 'z' - 'a' ? (byte)(value & ~0x20) : value;

    /// <summary>The letters among eight bytes in lower case, all at once.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong ToLower(ulong eight)
    {
        const ulong Each = 0x0101_0101_0101_0101, HighBits = Each << 7;
        // Of bytes below 128: the sum's high bit says "not below 'A'", or "above 'Z'".
        ulong low = eight & ~HighBits;
        ulong isUpper = (low + Each * (128 - 'A')) & ~(low + Each * (128 - 'Z' - 1)) & ~eight & HighBits;
        return eight | isUpper >> 2;
    }

    /// <summary>
    /// What C's isspace says: space, tab, line feed, vertical tab, form feed, carriage return.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsSpace(byte value) => value == ' ' || (uint)(value - '\t') <= '\r' - '\t';

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsDigit(byte value) => (uint)(value - '0') <= 9;

    public static bool IsPrintable(byte value) => value is >= 0x20 and < 0x7F;

    /// <summary>The value of a hexadecimal digit, or -1.</summary>
    public static int HexValue(byte value)
    {
        if (IsDigit(value)) return value - '0';
        var lower = ToLower(value);
        return lower is >= (byte)'a' and <= (byte)'f' ? lower - 'a' + 10 : -1;
    }

    public static bool EqualsIgnoreCase(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        if (left.Length != right.Length) return false;
        for (var i = 0; i < left.Length; i++)
        {
            if (ToLower(left[i]) != ToLower(right[i])) return false;
        }
        return true;
    }

    public static bool StartsWithIgnoreCase(ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix) =>
        text.Length >= prefix.Length && EqualsIgnoreCase(text[..prefix.Length], prefix);

    public static void ToLowerInPlace(Span<byte> text)
    {
        foreach (ref var value in text) value = ToLower(value);
    }

    public static void ToUpperInPlace(Span<byte> text)
    {
        foreach (ref var value in text) value = ToUpper(value);
    }

    /// <summary>Bytes as text for options, logs and tests; never for data on its way.</summary>
    public static string Decode(ReadOnlySpan<byte> text) => Encoding.Latin1.GetString(text);
}

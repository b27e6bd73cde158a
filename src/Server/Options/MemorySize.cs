using System.Globalization;

namespace Anax.Server.Options;

/// <summary>Sizes in bytes as people write them: 100mb, 1g, 28GB.</summary>
internal static class MemorySize
{
    private const int DigitsMax = 127;

    /// <summary>
    /// Valkey's rule: digits and a unit; kb, mb and gb are powers of 1024, k, m and g of 1000. No digits mean zero, and
    /// a product beyond 64 bits wraps, as there.
    /// </summary>
    public static bool TryParse(string text, out ulong bytes)
    {
        // A value ends at its first zero byte, as a C string does.
        text = text.Split('\0', 2)[0];
        bytes = 0;
        var digits = 0;
        while (digits < text.Length && char.IsAsciiDigit(text[digits]))
            digits++;
        if (digits > DigitsMax || !TryUnit(text[digits..], out var unit))
            return false;
        if (digits == 0)
            return true;
        if (!ulong.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        bytes = unchecked(count * unit);
        return true;
    }

    /// <summary>Dragonfly's rule, beside Valkey's: fractions, tera- and more, and GiB for GB.</summary>
    public static bool TryParseLenient(string text, out ulong bytes)
    {
        if (TryParse(text, out bytes))
            return true;
        var end = 0;
        while (end < text.Length && (char.IsAsciiDigit(text[end]) || text[end] == '.'))
            end++;
        if (!decimal.TryParse(text.AsSpan(0, end), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture,
            out var count))
        {
            return false;
        }
        var shift = text[end..].ToLowerInvariant() switch
        {
            "" or "b" => 0,
            "k" or "kb" or "kib" => 10,
            "m" or "mb" or "mib" => 20,
            "g" or "gb" or "gib" => 30,
            "t" or "tb" or "tib" => 40,
            "p" or "pb" or "pib" => 50,
            _ => -1,
        };
        if (shift < 0 || count > ulong.MaxValue / (decimal)(1L << shift))
            return false;
        bytes = (ulong)(count * (1L << shift));
        return true;
    }

    /// <summary>As CONFIG REWRITE writes it: the largest unit that divides it.</summary>
    public static string Format(ulong bytes)
    {
        var (unit, name) = bytes switch
        {
            0 => (1UL, ""),
            _ when bytes % (1UL << 30) == 0 => (1UL << 30, "gb"),
            _ when bytes % (1UL << 20) == 0 => (1UL << 20, "mb"),
            _ when bytes % (1UL << 10) == 0 => (1UL << 10, "kb"),
            _ => (1UL, ""),
        };
        return (bytes / unit).ToString(CultureInfo.InvariantCulture) + name;
    }

    private static bool TryUnit(string name, out ulong unit)
    {
        unit = name.ToLowerInvariant() switch
        {
            "" or "b" => 1,
            "k" => 1000,
            "kb" => 1024,
            "m" => 1000 * 1000,
            "mb" => 1024 * 1024,
            "g" => 1000 * 1000 * 1000,
            "gb" => 1024 * 1024 * 1024,
            _ => 0,
        };
        return unit != 0;
    }
}

using System.Globalization;

namespace Anax.Server.Options;

/// <summary>The three ways in which Valkey's options read an integer.</summary>
internal static class NumberText
{
    /// <summary>Strict: the one way in which the number is written, so no blanks, plus sign or leading zeros.</summary>
    public static bool TryParse(string text, out long number)
    {
        if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number))
            return false;
        var first = text[0] == '-' ? 1 : 0;
        return text[0] != '+' && (text[first] != '0' || text.Length == 1);
    }

    /// <summary>The C library's reading: leading blanks, a sign and zeros are fine; nothing may follow.</summary>
    public static bool TryParsePlain(string text, out long number)
    {
        if (text.Length == 0)
        {
            number = 0;
            return true;
        }
        const NumberStyles Style = NumberStyles.AllowLeadingWhite | NumberStyles.AllowLeadingSign;
        return long.TryParse(text, Style, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>Octal digits; an empty text is zero, as the C library has it.</summary>
    public static bool TryParseOctal(string text, out long number)
    {
        number = 0;
        var digits = text.AsSpan().TrimStart();
        var isNegative = digits.Length > 1 && digits[0] == '-';
        if (digits.Length > 1 && digits[0] is '-' or '+')
            digits = digits[1..];
        foreach (var digit in digits)
        {
            if (digit is < '0' or > '7' || number > long.MaxValue >> 3)
                return false;
            number = (number << 3) | (uint)(digit - '0');
        }
        number = isNegative ? -number : number;
        return true;
    }
}

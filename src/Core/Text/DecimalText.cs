namespace Anax.Core.Text;

/// <summary>
/// The parts of a written decimal number: sign, digits with the place of their point, exponent. A view on the
/// text.
/// </summary>
public readonly ref struct DecimalText
{
    // Beyond this an exponent decides alone whether a number is zero or infinite, and must not overflow.
    private const int ExponentMax = 100_000;

    public readonly bool Negative;
    public readonly bool IsInfinity;

    /// <summary>True when every digit is 0.</summary>
    public readonly bool IsZero;

    /// <summary>The digits, with at most one point among them.</summary>
    public readonly ReadOnlySpan<byte> Mantissa;

    /// <summary>The written exponent, cut at a hundred thousand either way.</summary>
    public readonly int Exponent;

    private DecimalText(bool negative, bool infinity, ReadOnlySpan<byte> mantissa, int exponent)
    {
        Negative = negative;
        IsInfinity = infinity;
        Mantissa = mantissa;
        Exponent = exponent;
        IsZero = !infinity && mantissa.IndexOfAnyInRange((byte)'1', (byte)'9') < 0;
    }

    /// <summary>Takes a whole text apart; false when it is not exactly a number.</summary>
    public static bool TryScan(ReadOnlySpan<byte> text, out DecimalText scanned)
    {
        scanned = default;
        var rest = text;
        var negative = !rest.IsEmpty && rest[0] == '-';
        if (negative || (!rest.IsEmpty && rest[0] == '+')) rest = rest[1..];
        if (Ascii.EqualsIgnoreCase(rest, "inf"u8) || Ascii.EqualsIgnoreCase(rest, "infinity"u8))
        {
            scanned = new DecimalText(negative, true, default, 0);
            return true;
        }
        var length = ScanMantissa(rest, out var digits);
        if (digits == 0) return false;
        if (!TryScanExponent(rest[length..], out var exponent)) return false;
        scanned = new DecimalText(negative, false, rest[..length], exponent);
        return true;
    }

    private static int ScanMantissa(ReadOnlySpan<byte> text, out int digits)
    {
        digits = 0;
        var seenPoint = false;
        for (var i = 0; i < text.Length; i++)
        {
            if (Ascii.IsDigit(text[i])) digits++;
            else if (text[i] == '.' && !seenPoint) seenPoint = true;
            else return i;
        }
        return text.Length;
    }

    private static bool TryScanExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if (text.IsEmpty) return true;
        if (Ascii.ToLower(text[0]) != 'e') return false;
        text = text[1..];
        var negative = !text.IsEmpty && text[0] == '-';
        if (negative || (!text.IsEmpty && text[0] == '+')) text = text[1..];
        if (text.IsEmpty) return false;
        foreach (var character in text)
        {
            if (!Ascii.IsDigit(character)) return false;
            exponent = Math.Min(ExponentMax, (exponent * 10) + (character - '0'));
        }
        if (negative) exponent = -exponent;
        return true;
    }
}

namespace Anax.Core.Text;

/// <summary>
/// A written hexadecimal floating-point number, such as 0x1.8p3, as a rounded-down mantissa and a power of
/// two.
/// </summary>
internal readonly ref struct HexText
{
    private const int ExponentMax = 100_000;

    public readonly UInt128 Mantissa;
    public readonly int Exponent;
    public readonly bool Negative;

    /// <summary>True when digits beyond the mantissa were not all zero.</summary>
    public readonly bool Sticky;

    private HexText(UInt128 mantissa, int exponent, bool sticky, bool negative)
    {
        Mantissa = mantissa;
        Exponent = exponent;
        Sticky = sticky;
        Negative = negative;
    }

    public bool IsZero => Mantissa == 0 && !Sticky;

    public static bool TryScan(ReadOnlySpan<byte> text, out HexText scanned)
    {
        scanned = default;
        var negative = !text.IsEmpty && text[0] == '-';
        if (negative || (!text.IsEmpty && text[0] == '+')) text = text[1..];
        if (text.Length < 3 || text[0] != '0' || Ascii.ToLower(text[1]) != 'x') return false;
        text = text[2..];

        UInt128 mantissa = 0;
        var exponent = 0;
        var sticky = false;
        var digits = 0;
        var behindPoint = false;
        var i = 0;
        for (; i < text.Length; i++)
        {
            if (text[i] == '.' && !behindPoint)
            {
                behindPoint = true;
                continue;
            }
            var digit = Ascii.HexValue(text[i]);
            if (digit < 0) break;
            digits++;
            if (behindPoint) exponent -= 4;
            if (mantissa >> 120 == 0)
            {
                mantissa = (mantissa << 4) | (uint)digit;
            }
            else
            {
                sticky |= digit != 0;
                exponent += 4;
            }
        }
        if (digits == 0 || !TryScanExponent(text[i..], out var written)) return false;
        scanned = new HexText(mantissa, exponent + written, sticky, negative);
        return true;
    }

    private static bool TryScanExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        if (text.IsEmpty) return true;
        if (Ascii.ToLower(text[0]) != 'p') return false;
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

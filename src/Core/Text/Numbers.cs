using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;

namespace Anax.Core.Text;

/// <summary>Numbers as Redis reads and writes them: one spelling per integer, nothing around it.</summary>
public static class Numbers
{
    /// <summary>Longest text of a long: a sign and 19 digits.</summary>
    public const int LongTextMax = 20;

    /// <summary>
    /// Longest text of a double: sign, point, 17 digits and an exponent of three, or zeros before them.
    /// </summary>
    public const int DoubleTextMax = 32;

    /// <summary>Longest text of a double without an exponent: 309 digits before the point, 17 behind it.</summary>
    public const int PlainDoubleTextMax = 340;

    // 18 digits always fit a long; only longer texts need an overflow check.
    private const uint DigitsSafe = 18;

    /// <summary>
    /// Reads an integer in its only spelling: no plus, no leading zero, no space, no "-0".
    /// </summary>
    public static bool TryParseLong(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        var negative = text.Length > 0 && text[0] == '-';
        var digits = negative ? text[1..] : text;
        if ((uint)(digits.Length - 1) >= DigitsSafe) return TryParseLongest(digits, negative, out value);
        var first = (uint)(digits[0] - '0');
        if (first - 1 > 8) return first == 0 && digits.Length == 1 && !negative;
        ulong sum = first;
        for (var i = 1; i < digits.Length; i++)
        {
            var digit = (uint)(digits[i] - '0');
            if (digit > 9) return false;
            sum = (sum * 10) + digit;
        }
        value = negative ? -(long)sum : (long)sum;
        return true;
    }

    /// <summary>As <see cref="TryParseLong"/> for the numbers that fit an int.</summary>
    public static bool TryParseInt(ReadOnlySpan<byte> text, out int value)
    {
        var parsed = TryParseLong(text, out var wide) && wide == (int)wide;
        value = parsed ? (int)wide : 0;
        return parsed;
    }

    /// <summary>
    /// Writes an integer; the target has room for <see cref="LongTextMax"/> bytes. Returns the length.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FormatLong(long value, Span<byte> target)
    {
        if ((ulong)value < 10 && !target.IsEmpty)
        {
            target[0] = (byte)('0' + value);
            return 1;
        }
        Utf8Formatter.TryFormat(value, target, out var written);
        return written;
    }

    /// <summary>How many bytes the text of an integer has.</summary>
    public static int LongTextLength(long value)
    {
        var length = value < 0 ? 2 : 1;
        var rest = value < 0 ? (ulong)-value : (ulong)value;
        for (; rest >= 10; rest /= 10) length++;
        return length;
    }

    /// <summary>
    /// Reads a decimal floating-point number, or "inf" and "infinity" in any case with an optional sign.
    /// Refuses NaN, what overflows, what underflows to zero, and anything around the number.
    /// </summary>
    public static bool TryParseDouble(ReadOnlySpan<byte> text, out double value)
    {
        value = 0;
        if (!DecimalText.TryScan(text, out var scanned)) return false;
        if (scanned.IsInfinity)
        {
            value = scanned.Negative ? double.NegativeInfinity : double.PositiveInfinity;
            return true;
        }
        if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)) return false;
        return !double.IsInfinity(value) && (value != 0 || scanned.IsZero);
    }

    /// <summary>
    /// Writes a double as Redis does: integers without a point, "inf", "-inf", "nan", "-0". Returns the
    /// length; the target has room for <see cref="DoubleTextMax"/> bytes.
    /// </summary>
    public static int FormatDouble(double value, Span<byte> target)
    {
        // Up to here a double that is an integer is written as one.
        const double IntegerMax = long.MaxValue / 2;
        if (double.IsNaN(value)) return Put("nan"u8, target);
        if (double.IsInfinity(value)) return Put(value < 0 ? "-inf"u8 : "inf"u8, target);
        if (value == 0) return Put(double.IsNegative(value) ? "-0"u8 : "0"u8, target);
        if (Math.Abs(value) <= IntegerMax && value == Math.Truncate(value))
            return FormatLong((long)value, target);
        return ShortestDouble.Format(Math.Abs(value), value < 0, target);
    }

    /// <summary>Writes a double with 17 significant digits, as C's %.17g does, zeros at the end left out.</summary>
    public static int FormatFullDouble(double value, Span<byte> target)
    {
        if (!double.IsFinite(value)) return FormatDouble(value, target);
        value.TryFormat(target, out var written, "g17", CultureInfo.InvariantCulture);
        return written;
    }

    /// <summary>
    /// Writes a double without an exponent, with up to 17 digits behind the point; zeros at the end are left out, and so is the
    /// sign of zero. The target has room for <see cref="PlainDoubleTextMax"/> bytes.
    /// </summary>
    public static int FormatPlainDouble(double value, Span<byte> target)
    {
        if (!double.IsFinite(value)) return FormatDouble(value, target);
        value.TryFormat(target, out var written, "F17", CultureInfo.InvariantCulture);
        while (target[written - 1] == '0') written--;
        if (target[written - 1] == '.') written--;
        if (written == 2 && target[0] == '-' && target[1] == '0') return Put("0"u8, target);
        return written;
    }

    private static int Put(ReadOnlySpan<byte> text, Span<byte> target)
    {
        text.CopyTo(target);
        return text.Length;
    }

    // Empty, or 19 digits and more: only the largest 19-digit numbers overflow.
    private static bool TryParseLongest(ReadOnlySpan<byte> digits, bool negative, out long value)
    {
        const int DigitsMax = 19;
        value = 0;
        if (digits.Length != DigitsMax || digits[0] == '0') return false;
        ulong sum = 0;
        foreach (var character in digits)
        {
            var digit = (uint)(character - '0');
            if (digit > 9) return false;
            sum = (sum * 10) + digit;
        }
        if (sum > long.MaxValue + (negative ? 1UL : 0UL)) return false;
        value = negative ? (long)(0 - sum) : (long)sum;
        return true;
    }
}

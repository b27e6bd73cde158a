using System.Numerics;

namespace Anax.Core.Text;

// The x87 extended format, because that is what INCRBYFLOAT computes in and its clients see the digits:
//
//     value = (-1)^negative * mantissa * 2^exponent
//
//     normal       bit 63 of the mantissa set, ExponentMin <= exponent <= ExponentMax
//     subnormal    bit 63 clear, exponent = ExponentMin; zero is the subnormal with mantissa 0
//
// All roundings are to nearest, ties to even, once, from an exact result or from one with a sticky bit that
// says whether anything was lost below. Decimals of everyday length are converted in 128-bit integers; the
// rest goes to BigDecimal, exact and slow.

/// <summary>
/// An 80-bit extended floating-point number in software: reading, adding and writing, with the digits that
/// Valkey gives on x86. Allocates nothing.
/// </summary>
public readonly struct LongDouble
{
    /// <summary>Longest text: a sign, 4933 digits, a point and 17 digits, rounded up.</summary>
    public const int TextMax = 5 * 1024;

    internal const int ExponentMin = -16445;
    internal const int ExponentMax = 16320;

    // Digits behind the point that are written, before the zeros at the end are dropped.
    private const int FractionDigits = 17;
    private const ulong FractionScale = 100_000_000_000_000_000;

    private readonly ulong _mantissa;
    private readonly int _exponent;
    private readonly Kind _kind;

    private LongDouble(ulong mantissa, int exponent, bool negative, Kind kind = default)
    {
        _mantissa = mantissa;
        _exponent = exponent;
        _kind = kind | (negative ? Kind.Negative : 0);
    }

    [Flags]
    private enum Kind : byte
    {
        Negative = 1,
        Infinity = 2,
        NotANumber = 4,
    }

    public bool IsNaN => (_kind & Kind.NotANumber) != 0;

    public bool IsInfinity => (_kind & Kind.Infinity) != 0;

    public bool IsNegative => (_kind & Kind.Negative) != 0;

    public bool IsZero => _mantissa == 0 && (_kind & (Kind.Infinity | Kind.NotANumber)) == 0;

    public static LongDouble FromLong(long value) =>
        Round(value < 0 ? (ulong)-value : (ulong)value, 0, false, value < 0);

    /// <summary>
    /// Reads what C's strtold reads, decimal and hexadecimal, but nothing around it, no NaN, nothing that
    /// overflows or that underflows to zero, and no text as long as <see cref="TextMax"/>.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out LongDouble value)
    {
        value = default;
        if (text.Length >= TextMax) return false;
        if (HexText.TryScan(text, out var hex))
        {
            value = Round(hex.Mantissa, hex.Exponent, hex.Sticky, hex.Negative);
            return !value.IsInfinity && (!value.IsZero || hex.IsZero);
        }
        if (!DecimalText.TryScan(text, out var scanned)) return false;
        if (scanned.IsInfinity)
        {
            value = new LongDouble(0, 0, scanned.Negative, Kind.Infinity);
            return true;
        }
        value = FromDecimal(scanned);
        return !value.IsInfinity && (!value.IsZero || scanned.IsZero);
    }

    /// <summary>The nearest double, an infinity where it is beyond all of them.</summary>
    public double ToDouble()
    {
        if (IsNaN) return double.NaN;
        var size = IsInfinity ? double.PositiveInfinity : Math.ScaleB((double)_mantissa, _exponent);
        return IsNegative ? -size : size;
    }

    public static LongDouble operator +(LongDouble left, LongDouble right) => Add(left, right);

    public static LongDouble Add(LongDouble left, LongDouble right)
    {
        if (left.IsNaN || right.IsNaN) return new LongDouble(0, 0, false, Kind.NotANumber);
        if (left.IsInfinity || right.IsInfinity)
        {
            var opposed = left.IsInfinity && right.IsInfinity && left.IsNegative != right.IsNegative;
            if (opposed) return new LongDouble(0, 0, false, Kind.NotANumber);
            return left.IsInfinity ? left : right;
        }
        if (right.IsZero) return left.IsZero && left.IsNegative != right.IsNegative ? default : left;
        if (left.IsZero) return right;
        return left.Magnitude >= right.Magnitude ? AddSmaller(left, right) : AddSmaller(right, left);
    }

    /// <summary>
    /// Writes 17 digits behind the point less the zeros at the end, never an exponent; "inf", "-inf", "nan".
    /// Returns the length; the target has room for <see cref="TextMax"/> bytes.
    /// </summary>
    public int Format(Span<byte> target)
    {
        if (IsNaN) return Put("nan"u8, target);
        if (IsInfinity) return Put(IsNegative ? "-inf"u8 : "inf"u8, target);
        var start = 0;
        if (IsNegative) target[start++] = (byte)'-';
        var rest = target[start..];
        var length = start + (_exponent >= 0 ? FormatInteger(rest) : FormatFraction(rest));
        // Minus zero, also one that became zero by rounding, is written without its sign.
        if (length == 2 && IsNegative && target[1] == '0') return Put("0"u8, target);
        return length;
    }

    /// <summary>
    /// Rounds magnitude * 2^exponent, plus something smaller than one unit of it if sticky.
    /// </summary>
    internal static LongDouble Round(UInt128 magnitude, int exponent, bool sticky, bool negative)
    {
        const int MantissaBits = 64;
        const int MagnitudeBits = 128;
        if (magnitude == 0) return new LongDouble(0, ExponentMin, negative);
        var bits = MagnitudeBits - (int)UInt128.LeadingZeroCount(magnitude);
        var shift = Math.Max(bits - MantissaBits, ExponentMin - exponent);
        if (shift <= 0) return Made((ulong)(magnitude << -shift), exponent + shift, negative);
        if (shift > MagnitudeBits) return new LongDouble(0, ExponentMin, negative);

        // A shift by all 128 bits is done in two steps, because C# would take it for a shift by none.
        var kept = magnitude >> (shift - 1) >> 1;
        var half = UInt128.One << (shift - 1);
        var lost = magnitude & (half | (half - 1));
        var up = lost > half || (lost == half && (sticky || (kept & 1) == 1));
        if (up) kept++;
        if (kept >> MantissaBits == 0) return Made((ulong)kept, exponent + shift, negative);
        return Made(1UL << (MantissaBits - 1), exponent + shift + 1, negative);
    }

    private UInt128 Magnitude => new((ulong)(_exponent - ExponentMin), _mantissa);

    private static LongDouble Made(ulong mantissa, int exponent, bool negative) => exponent > ExponentMax
        ? new LongDouble(0, 0, negative, Kind.Infinity)
        : new LongDouble(mantissa, exponent, negative);

    // The larger number has 63 bits below it for the smaller one; what falls out at the end only has to be
    // remembered.
    private static LongDouble AddSmaller(LongDouble larger, LongDouble smaller)
    {
        const int Guard = 63;
        var sum = (UInt128)larger._mantissa << Guard;
        var distance = larger._exponent - smaller._exponent;
        var aligned = (UInt128)smaller._mantissa << Guard;
        var shifted = distance < 128 ? aligned >> distance : UInt128.Zero;
        var sticky = distance >= 128 || shifted << distance != aligned;
        if (larger.IsNegative == smaller.IsNegative)
        {
            sum += shifted;
        }
        else
        {
            sum -= shifted;
            // Something was lost of what is taken away: one less, and something above it.
            if (sticky) sum--;
        }
        return Round(sum, larger._exponent - Guard, sticky, larger.IsNegative && sum != 0);
    }

    private static LongDouble FromDecimal(DecimalText text)
    {
        // 5^27 is the largest power of five that fits 64 bits.
        const int PowerMax = 27;
        const int DigitsMax = 19;
        if (text.IsZero) return new LongDouble(0, ExponentMin, text.Negative);
        ulong digits = 0;
        var count = 0;
        var zeros = 0;
        var exponent = text.Exponent;
        var behindPoint = false;
        foreach (var character in text.Mantissa)
        {
            if (character == '.')
            {
                behindPoint = true;
                continue;
            }
            if (behindPoint) exponent--;
            // Zeros are held back until a digit follows: those at the end only change the exponent.
            zeros++;
            if (character == '0') continue;
            if (count > 0) count += zeros;
            else count = 1;
            if (count > DigitsMax) return BigDecimal.Convert(text);
            for (; zeros > 1; zeros--) digits *= 10;
            digits = (digits * 10) + (ulong)(character - '0');
            zeros = 0;
        }
        exponent += zeros;
        if (exponent is < -PowerMax or > PowerMax) return BigDecimal.Convert(text);
        ulong power = 1;
        for (var i = Math.Abs(exponent); i > 0; i--) power *= 5;
        return exponent >= 0
            ? Round((UInt128)digits * power, exponent, false, text.Negative)
            : Divide(digits, power, exponent, text.Negative);
    }

    // digits / power * 2^exponent, by long division in base 2^64 and 2^32: at least 95 bits of quotient and a
    // rest.
    private static LongDouble Divide(ulong digits, ulong power, int exponent, bool negative)
    {
        const int More = 32;
        var digitsShift = BitOperations.LeadingZeroCount(digits);
        var powerShift = BitOperations.LeadingZeroCount(power);
        var divisor = (UInt128)(power << powerShift);
        var (quotient, rest) = UInt128.DivRem((UInt128)(digits << digitsShift) << 64, divisor);
        var (low, last) = UInt128.DivRem(rest << More, divisor);
        quotient = (quotient << More) | low;
        return Round(quotient, exponent - 64 - More + powerShift - digitsShift, last != 0, negative);
    }

    private int FormatInteger(Span<byte> target)
    {
        if (_exponent == 0) return FormatUnsigned(_mantissa, target);
        return BigDecimal.FormatInteger(_mantissa, _exponent, target);
    }

    private int FormatFraction(Span<byte> target)
    {
        var behind = -_exponent;
        var whole = behind < 64 ? _mantissa >> behind : 0;
        var fraction = behind < 64 ? _mantissa & ((1UL << behind) - 1) : _mantissa;
        var digits = ScaledFraction(fraction, behind);
        if (digits == FractionScale)
        {
            whole++;
            digits = 0;
        }
        var length = FormatUnsigned(whole, target);
        if (digits == 0) return length;
        target[length++] = (byte)'.';
        var text = target.Slice(length, FractionDigits);
        for (var i = FractionDigits - 1; i >= 0; i--)
        {
            text[i] = (byte)('0' + (digits % 10));
            digits /= 10;
        }
        return length + text.TrimEnd((byte)'0').Length;
    }

    // fraction / 2^behind in units of the last digit that is written.
    private static ulong ScaledFraction(ulong fraction, int behind)
    {
        var scaled = (UInt128)fraction * FractionScale;
        // The product has at most 121 bits: less than half a unit from here on.
        if (behind > 122) return 0;
        var digits = (ulong)(scaled >> behind);
        var half = UInt128.One << (behind - 1);
        var lost = scaled & (half | (half - 1));
        return digits + (lost > half || (lost == half && (digits & 1) == 1) ? 1UL : 0);
    }

    private static int FormatUnsigned(ulong value, Span<byte> target)
    {
        System.Buffers.Text.Utf8Formatter.TryFormat(value, target, out var length);
        return length;
    }

    private static int Put(ReadOnlySpan<byte> text, Span<byte> target)
    {
        text.CopyTo(target);
        return text.Length;
    }
}

using System.Numerics;

namespace Anax.Core.Text;

// Grisu2 (Loitsch, "Printing floating-point numbers quickly and accurately with integers", 2010). The double
// and its two rounding boundaries are scaled by a power of ten so that the digits can be cut off in 64-bit
// integers:
//
//     lower  <  value  <  upper        all with one binary exponent between -60 and -32
//               digits are generated from upper until the rest is inside the interval,
//               then the last digit is lowered while that brings the number closer to value
//
// The result always reads back as the same double. It is nearly always the shortest such text, and one digit
// longer otherwise; those few have to be the same as Valkey's too, so no other algorithm will do.

/// <summary>The digits of a double as Valkey writes them. Safe for any thread; allocates nothing.</summary>
internal static class ShortestDouble
{
    private const int MantissaBits = 52;
    private const ulong MantissaMask = (1UL << MantissaBits) - 1;
    private const ulong HiddenBit = 1UL << MantissaBits;
    private const int ExponentBias = 1023 + MantissaBits;
    private const int ExponentMask = 0x7FF;

    private const int FirstPower = -348;
    private const int PowerStep = 8;
    private const int ScaledExponentMin = -60;
    private const int ScaledExponentMax = -32;

    // The 64 leading bits of 10^-348, 10^-340 … 10^340, rounded to nearest.
    private static readonly ulong[] Powers =
    [
        0xFA8FD5A0081C0288, 0xBAAEE17FA23EBF76, 0x8B16FB203055AC76, 0xCF42894A5DCE35EA,
        0x9A6BB0AA55653B2D, 0xE61ACF033D1A45DF, 0xAB70FE17C79AC6CA, 0xFF77B1FCBEBCDC4F,
        0xBE5691EF416BD60C, 0x8DD01FAD907FFC3C, 0xD3515C2831559A83, 0x9D71AC8FADA6C9B5,
        0xEA9C227723EE8BCB, 0xAECC49914078536D, 0x823C12795DB6CE57, 0xC21094364DFB5637,
        0x9096EA6F3848984F, 0xD77485CB25823AC7, 0xA086CFCD97BF97F4, 0xEF340A98172AACE5,
        0xB23867FB2A35B28E, 0x84C8D4DFD2C63F3B, 0xC5DD44271AD3CDBA, 0x936B9FCEBB25C996,
        0xDBAC6C247D62A584, 0xA3AB66580D5FDAF6, 0xF3E2F893DEC3F126, 0xB5B5ADA8AAFF80B8,
        0x87625F056C7C4A8B, 0xC9BCFF6034C13053, 0x964E858C91BA2655, 0xDFF9772470297EBD,
        0xA6DFBD9FB8E5B88F, 0xF8A95FCF88747D94, 0xB94470938FA89BCF, 0x8A08F0F8BF0F156B,
        0xCDB02555653131B6, 0x993FE2C6D07B7FAC, 0xE45C10C42A2B3B06, 0xAA242499697392D3,
        0xFD87B5F28300CA0E, 0xBCE5086492111AEB, 0x8CBCCC096F5088CC, 0xD1B71758E219652C,
        0x9C40000000000000, 0xE8D4A51000000000, 0xAD78EBC5AC620000, 0x813F3978F8940984,
        0xC097CE7BC90715B3, 0x8F7E32CE7BEA5C70, 0xD5D238A4ABE98068, 0x9F4F2726179A2245,
        0xED63A231D4C4FB27, 0xB0DE65388CC8ADA8, 0x83C7088E1AAB65DB, 0xC45D1DF942711D9A,
        0x924D692CA61BE758, 0xDA01EE641A708DEA, 0xA26DA3999AEF774A, 0xF209787BB47D6B85,
        0xB454E4A179DD1877, 0x865B86925B9BC5C2, 0xC83553C5C8965D3D, 0x952AB45CFA97A0B3,
        0xDE469FBD99A05FE3, 0xA59BC234DB398C25, 0xF6C69A72A3989F5C, 0xB7DCBF5354E9BECE,
        0x88FCF317F22241E2, 0xCC20CE9BD35C78A5, 0x98165AF37B2153DF, 0xE2A0B5DC971F303A,
        0xA8D9D1535CE3B396, 0xFB9B7CD9A4A7443C, 0xBB764C4CA7A44410, 0x8BAB8EEFB6409C1A,
        0xD01FEF10A657842C, 0x9B10A4E5E9913129, 0xE7109BFBA19C0C9D, 0xAC2820D9623BF429,
        0x80444B5E7AA7CF85, 0xBF21E44003ACDD2D, 0x8E679C2F5E44FF8F, 0xD433179D9C8CB841,
        0x9E19DB92B4E31BA9, 0xEB96BF6EBADF77D9, 0xAF87023B9BF0EE6B,
    ];

    private readonly struct Scaled(ulong fraction, int exponent)
    {
        public readonly ulong Fraction = fraction;
        public readonly int Exponent = exponent;
    }

    /// <summary>
    /// Writes the text of a finite, positive double that is no integer below 2^62. Returns its length; the
    /// target has room for <see cref="Numbers.DoubleTextMax"/> bytes.
    /// </summary>
    public static int Format(double value, bool negative, Span<byte> target)
    {
        const int DigitsMax = 20;
        Span<byte> digits = stackalloc byte[DigitsMax];
        var count = Digits(value, digits, out var exponent);
        return Layout(digits[..count], exponent, negative, target);
    }

    private static int Digits(double value, Span<byte> digits, out int exponent)
    {
        var bits = BitConverter.DoubleToUInt64Bits(value);
        var fraction = bits & MantissaMask;
        var binary = (int)(bits >> MantissaBits) & ExponentMask;
        if (binary != 0)
        {
            fraction += HiddenBit;
            binary -= ExponentBias;
        }
        else
        {
            binary = 1 - ExponentBias;
        }

        var upper = Normalized((fraction << 1) + 1, binary - 1);
        // The gap below a power of two is half as wide as the one above.
        var lowerShift = fraction == HiddenBit ? 2 : 1;
        var lower = new Scaled(
            ((fraction << lowerShift) - 1) << (binary - lowerShift - upper.Exponent), upper.Exponent);
        var exact = Normalized(fraction, binary);

        var power = PowerFor(upper.Exponent, out var decimalPower);
        exact = Multiply(exact, power);
        upper = Multiply(upper, power);
        lower = Multiply(lower, power);
        exponent = -decimalPower;
        var shift = -upper.Exponent;
        return Generate(exact.Fraction, upper.Fraction - 1, lower.Fraction + 1, shift, digits, ref exponent);
    }

    private static Scaled Normalized(ulong fraction, int exponent)
    {
        var shift = BitOperations.LeadingZeroCount(fraction);
        return new Scaled(fraction << shift, exponent - shift);
    }

    private static Scaled PowerFor(int exponent, out int decimalPower)
    {
        const double LogTenOfTwo = 0.30102999566398114;
        var approximate = (int)(-(exponent + Powers.Length) * LogTenOfTwo);
        var index = (approximate - FirstPower) / PowerStep;
        while (true)
        {
            decimalPower = FirstPower + (index * PowerStep);
            var power = new Scaled(Powers[index], BinaryExponentOfTenTo(decimalPower));
            var scaled = exponent + power.Exponent + 64;
            if (scaled is >= ScaledExponentMin and <= ScaledExponentMax) return power;
            index += scaled < ScaledExponentMin ? 1 : -1;
        }
    }

    // floor(power * log2(10)) - 63, exact over the table's range.
    private static int BinaryExponentOfTenTo(int power) => ((power * 1741647) >> 19) - 63;

    private static Scaled Multiply(Scaled left, Scaled right)
    {
        var high = Math.BigMul(left.Fraction, right.Fraction, out var low);
        return new Scaled(high + (low >> 63), left.Exponent + right.Exponent + 64);
    }

    private static int Generate(
        ulong exact, ulong upper, ulong lower, int shift, Span<byte> digits, ref int exponent)
    {
        var distance = upper - exact;
        var delta = upper - lower;
        var one = 1UL << shift;
        var whole = upper >> shift;
        var part = upper & (one - 1);

        var count = 0;
        var divisor = 1_000_000_000UL;
        for (var left = 9; left >= 0; left--)
        {
            var digit = whole / divisor;
            if (digit != 0 || count != 0) digits[count++] = (byte)('0' + digit);
            whole -= digit * divisor;
            var rest = (whole << shift) + part;
            if (rest <= delta)
            {
                exponent += left;
                Round(ref digits[count - 1], delta, rest, divisor << shift, distance);
                return count;
            }
            divisor /= 10;
        }

        for (var unit = 10UL; ; unit *= 10)
        {
            part *= 10;
            delta *= 10;
            exponent--;
            var digit = part >> shift;
            if (digit != 0 || count != 0) digits[count++] = (byte)('0' + digit);
            part &= one - 1;
            if (part >= delta) continue;
            Round(ref digits[count - 1], delta, part, one, distance * unit);
            return count;
        }
    }

    private static void Round(ref byte digit, ulong delta, ulong rest, ulong unit, ulong distance)
    {
        while (rest < distance && delta - rest >= unit &&
            (rest + unit < distance || distance - rest > rest + unit - distance))
        {
            digit--;
            rest += unit;
        }
    }

    // Plain where that is short, else d.ddde±x, without padding the exponent.
    private static int Layout(ReadOnlySpan<byte> digits, int exponent, bool negative, Span<byte> target)
    {
        const int ZerosAfterMax = 7;
        const int PlainExponentMin = -7;
        const int PlainMagnitudeMax = 4;
        var start = 0;
        if (negative) target[start++] = (byte)'-';
        var text = target[start..];
        var magnitude = Math.Abs(exponent + digits.Length - 1);
        if (exponent >= 0 && magnitude < digits.Length + ZerosAfterMax)
        {
            digits.CopyTo(text);
            text.Slice(digits.Length, exponent).Fill((byte)'0');
            return start + digits.Length + exponent;
        }
        if (exponent < 0 && (exponent > PlainExponentMin || magnitude < PlainMagnitudeMax))
            return start + LayoutPoint(digits, digits.Length + exponent, text);
        return start + LayoutExponent(digits, exponent + digits.Length - 1, text);
    }

    private static int LayoutPoint(ReadOnlySpan<byte> digits, int point, Span<byte> text)
    {
        if (point > 0)
        {
            digits[..point].CopyTo(text);
            text[point] = (byte)'.';
            digits[point..].CopyTo(text[(point + 1)..]);
            return digits.Length + 1;
        }
        "0."u8.CopyTo(text);
        text.Slice(2, -point).Fill((byte)'0');
        digits.CopyTo(text[(2 - point)..]);
        return digits.Length + 2 - point;
    }

    private static int LayoutExponent(ReadOnlySpan<byte> digits, int exponent, Span<byte> text)
    {
        var length = 0;
        text[length++] = digits[0];
        if (digits.Length > 1)
        {
            text[length++] = (byte)'.';
            digits[1..].CopyTo(text[length..]);
            length += digits.Length - 1;
        }
        text[length++] = (byte)'e';
        text[length++] = (byte)(exponent < 0 ? '-' : '+');
        return length + Numbers.FormatLong(Math.Abs(exponent), text[length..]);
    }
}

using System.Numerics;

namespace Anax.Core.Text;

// Numbers are little-endian spans of 32-bit words on the stack, with their length beside them. The largest is
// the power of five under a decimal of TextMax digits just above the smallest subnormal: 10^-(4951 + 5120),
// 23,400 bits.

/// <summary>
/// Exact conversion between decimals and <see cref="LongDouble"/> where 128 bits are not enough: long texts,
/// huge and tiny exponents. Tens to hundreds of microseconds, and nothing on the heap.
/// </summary>
internal static class BigDecimal
{
    private const int WordsMax = 800;
    private const int WordBits = 32;

    // Decimal exponents of the first digit beyond which the answer is infinity or zero.
    private const int LargestDecimal = 4934;
    private const int SmallestDecimal = -4970;

    private const uint FivesPerStep = 1_220_703_125;
    private const int FivesPerStepCount = 13;
    private const uint DigitsPerStep = 1_000_000_000;
    private const int DigitsPerStepCount = 9;

    public static LongDouble Convert(DecimalText text)
    {
        Span<uint> number = stackalloc uint[WordsMax];
        var exponent = text.Exponent;
        var digits = text.Mantissa.TrimStart("0."u8);
        var point = text.Mantissa.IndexOf((byte)'.');
        var whole = point < 0 ? text.Mantissa.Length : point;
        var skipped = text.Mantissa.Length - digits.Length;
        // Where the first digit other than zero stands, counted from the point.
        var leading = exponent + whole - skipped + (point >= 0 && skipped > point ? 1 : 0);
        if (leading > LargestDecimal) return LongDouble.Round(1, int.MaxValue / 2, false, text.Negative);
        if (leading < SmallestDecimal) return LongDouble.Round(0, 0, false, text.Negative);

        if (point >= 0)
        {
            exponent -= text.Mantissa.Length - point - 1;
            digits = digits.TrimEnd((byte)'0');
            exponent += text.Mantissa.Length - skipped - digits.Length;
        }
        var length = ReadDigits(digits, number);
        if (exponent >= 0)
        {
            length = MultiplyByFives(number, length, exponent);
            return RoundTop(number[..length], exponent, false, text.Negative);
        }
        Span<uint> divisor = stackalloc uint[WordsMax];
        divisor[0] = 1;
        var divisorLength = MultiplyByFives(divisor, 1, -exponent);
        return Divide(number, length, divisor, divisorLength, exponent, text.Negative);
    }

    /// <summary>Writes mantissa * 2^exponent, an integer.</summary>
    public static int FormatInteger(ulong mantissa, int exponent, Span<byte> target)
    {
        const int StepsMax = LongDouble.TextMax / DigitsPerStepCount;
        Span<uint> number = stackalloc uint[WordsMax];
        number[0] = (uint)mantissa;
        number[1] = (uint)(mantissa >> WordBits);
        var length = ShiftLeft(number, 2, exponent);
        Span<uint> steps = stackalloc uint[StepsMax];
        var count = 0;
        while (length > 0)
        {
            steps[count++] = DivideBySmall(number[..length], DigitsPerStep);
            length = Trim(number, length);
        }
        var written = Numbers.FormatLong(steps[count - 1], target);
        for (var i = count - 2; i >= 0; i--)
        {
            var value = steps[i];
            for (var digit = DigitsPerStepCount - 1; digit >= 0; digit--)
            {
                target[written + digit] = (byte)('0' + (value % 10));
                value /= 10;
            }
            written += DigitsPerStepCount;
        }
        return written;
    }

    private static int ReadDigits(ReadOnlySpan<byte> digits, Span<uint> number)
    {
        var length = 0;
        foreach (var character in digits)
        {
            if (character != '.') length = MultiplyAdd(number, length, 10, (uint)(character - '0'));
        }
        return length;
    }

    private static int MultiplyByFives(Span<uint> number, int length, int count)
    {
        for (; count >= FivesPerStepCount; count -= FivesPerStepCount)
            length = MultiplyAdd(number, length, FivesPerStep, 0);
        for (; count > 0; count--) length = MultiplyAdd(number, length, 5, 0);
        return length;
    }

    private static int MultiplyAdd(Span<uint> number, int length, uint factor, uint carry)
    {
        ulong rest = carry;
        for (var i = 0; i < length; i++)
        {
            rest += (ulong)number[i] * factor;
            number[i] = (uint)rest;
            rest >>= WordBits;
        }
        if (rest != 0) number[length++] = (uint)rest;
        return length;
    }

    // Shifts one of the two so that the quotient has 68 bits or so, then finds these bits one by one.
    private static LongDouble Divide(
        Span<uint> number, int length, Span<uint> divisor, int divisorLength, int exponent, bool negative)
    {
        const int QuotientBits = 68;
        var shift = BitLength(divisor, divisorLength) + QuotientBits - 1 - BitLength(number, length);
        if (shift > 0) length = ShiftLeft(number, length, shift);
        else divisorLength = ShiftLeft(divisor, divisorLength, -shift);

        divisorLength = ShiftLeft(divisor, divisorLength, QuotientBits);
        UInt128 quotient = 0;
        for (var bit = QuotientBits; bit >= 0; bit--)
        {
            quotient <<= 1;
            if (Compare(number, length, divisor, divisorLength) >= 0)
            {
                length = Subtract(number, length, divisor, divisorLength);
                quotient |= 1;
            }
            divisorLength = ShiftRightByOne(divisor, divisorLength);
        }
        return LongDouble.Round(quotient, exponent - shift, length > 0, negative);
    }

    private static LongDouble RoundTop(ReadOnlySpan<uint> number, int exponent, bool sticky, bool negative)
    {
        const int TopWords = 4;
        UInt128 top = 0;
        var below = Math.Max(0, number.Length - TopWords);
        for (var i = number.Length - 1; i >= below; i--) top = (top << WordBits) | number[i];
        sticky |= number[..below].ContainsAnyExcept(0u);
        return LongDouble.Round(top, exponent + (below * WordBits), sticky, negative);
    }

    private static int BitLength(ReadOnlySpan<uint> number, int length) =>
        (length * WordBits) - BitOperations.LeadingZeroCount(number[length - 1]);

    private static int ShiftLeft(Span<uint> number, int length, int bits)
    {
        var words = bits / WordBits;
        bits %= WordBits;
        if (words > 0)
        {
            number[..length].CopyTo(number[words..]);
            number[..words].Clear();
            length += words;
        }
        if (bits == 0) return length;
        number[length] = 0;
        for (var i = length; i > words; i--)
            number[i] = (number[i] << bits) | (number[i - 1] >> (WordBits - bits));
        number[words] <<= bits;
        return Trim(number, length + 1);
    }

    private static int ShiftRightByOne(Span<uint> number, int length)
    {
        for (var i = 0; i < length - 1; i++) number[i] = (number[i] >> 1) | (number[i + 1] << (WordBits - 1));
        number[length - 1] >>= 1;
        return Trim(number, length);
    }

    private static int Compare(
        ReadOnlySpan<uint> left, int leftLength, ReadOnlySpan<uint> right, int rightLength)
    {
        if (leftLength != rightLength) return leftLength - rightLength;
        for (var i = leftLength - 1; i >= 0; i--)
        {
            if (left[i] != right[i]) return left[i] > right[i] ? 1 : -1;
        }
        return 0;
    }

    private static int Subtract(Span<uint> number, int length, ReadOnlySpan<uint> other, int otherLength)
    {
        long borrow = 0;
        for (var i = 0; i < length; i++)
        {
            var value = number[i] - borrow - (i < otherLength ? other[i] : 0);
            number[i] = (uint)value;
            borrow = value < 0 ? 1 : 0;
        }
        return Trim(number, length);
    }

    private static uint DivideBySmall(Span<uint> number, uint divisor)
    {
        ulong rest = 0;
        for (var i = number.Length - 1; i >= 0; i--)
        {
            rest = (rest << WordBits) | number[i];
            number[i] = (uint)(rest / divisor);
            rest %= divisor;
        }
        return (uint)rest;
    }

    private static int Trim(ReadOnlySpan<uint> number, int length)
    {
        while (length > 0 && number[length - 1] == 0) length--;
        return length;
    }
}

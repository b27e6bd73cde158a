using System.Globalization;
using System.Text;
using Anax.Core.Text;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Text;

public class NumbersTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("7", 7)]
    [InlineData("-1", -1)]
    [InlineData("999999999999999999", 999999999999999999)]
    [InlineData("1000000000000000000", 1000000000000000000)]
    [InlineData("9223372036854775807", long.MaxValue)]
    [InlineData("-9223372036854775808", long.MinValue)]
    public void ReadsLongs(string text, long value)
    {
        Assert.True(Numbers.TryParseLong(Bytes(text), out var read));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData("01")]
    [InlineData("-0")]
    [InlineData("00")]
    [InlineData("-01")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1\0")]
    [InlineData("0x1")]
    [InlineData("1.0")]
    [InlineData("1e3")]
    [InlineData("9223372036854775808")]
    [InlineData("-9223372036854775809")]
    [InlineData("09223372036854775807")]
    [InlineData("18446744073709551616")]
    [InlineData("99999999999999999999")]
    [InlineData("100000000000000000000000000000")]
    [InlineData("922337203685477580x")]
    public void RefusesOtherSpellings(string text)
    {
        Assert.False(Numbers.TryParseLong(Bytes(text), out var read));
        Assert.Equal(0, read);
    }

    [Fact]
    public void LongsComeBackAndAreTheOnlySpelling() =>
        Gen.OneOf(Gen.Long, Gen.Int.Select(n => (long)n), Gen.Long[-100, 100]).Sample(value =>
        {
            Span<byte> text = stackalloc byte[Numbers.LongTextMax];
            var length = Numbers.FormatLong(value, text);
            var expected = value.ToString(CultureInfo.InvariantCulture);
            Assert.Equal(expected, Encoding.ASCII.GetString(text[..length]));
            Assert.Equal(length, Numbers.LongTextLength(value));
            Assert.True(Numbers.TryParseLong(text[..length], out var read));
            Assert.Equal(value, read);
        });

    [Fact]
    public void ReadsIntsInTheirRangeOnly()
    {
        Assert.True(Numbers.TryParseInt("2147483647"u8, out var largest));
        Assert.Equal(int.MaxValue, largest);
        Assert.False(Numbers.TryParseInt("2147483648"u8, out _));
        Assert.False(Numbers.TryParseInt("x"u8, out _));
    }

    [Fact]
    public void WritesDoublesAsValkeyDoes()
    {
        Span<byte> text = stackalloc byte[Numbers.DoubleTextMax];
        foreach (var fields in CaseFile.Read("double-format.txt"))
        {
            var bits = ulong.Parse(fields[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var length = Numbers.FormatDouble(BitConverter.UInt64BitsToDouble(bits), text);
            Assert.Equal(fields[1], Encoding.ASCII.GetString(text[..length]));
        }
    }

    [Fact]
    public void ReadsDoublesAsValkeyDoes()
    {
        foreach (var fields in CaseFile.Read("double-parse.txt"))
        {
            var read = Numbers.TryParseDouble(Bytes(fields[0]), out var value);
            var bits = BitConverter.DoubleToUInt64Bits(value);
            var answer = read ? bits.ToString("x16", CultureInfo.InvariantCulture) : "ERR";
            Assert.True(fields[1] == answer, $"{fields[0]} was read as {answer}, not {fields[1]}");
        }
    }

    [Fact]
    public void EveryDoubleComesBack() =>
        Gen.Double.Sample(value =>
        {
            if (double.IsNaN(value)) return;
            Span<byte> text = stackalloc byte[Numbers.DoubleTextMax];
            var length = Numbers.FormatDouble(value, text);
            Assert.True(Numbers.TryParseDouble(text[..length], out var read));
            Assert.Equal(BitConverter.DoubleToUInt64Bits(value), BitConverter.DoubleToUInt64Bits(read));
        });

    private static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);
}

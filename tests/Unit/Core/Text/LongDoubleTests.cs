using System.Text;
using Anax.Core.Text;
using Anax.Tests.Unit.Harness;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Text;

[Collection(AloneCollection.Name)]
public class LongDoubleTests
{
    [Fact]
    public void SumsAreThoseOfC()
    {
        foreach (var fields in CaseFile.Read("long-double.txt"))
        {
            var sum = Sum(fields[0], fields[1]);
            Assert.True(fields[2] == sum, $"{fields[0]} + {fields[1]} gave {sum}, not {fields[2]}");
        }
    }

    [Theory]
    [InlineData("10.50", "0.1", "10.6")]
    [InlineData("5.0e3", "200", "5200")]
    [InlineData("3.0", "1.1", "4.1")]
    [InlineData("0.1", "0.2", "0.3")]
    [InlineData("1.5", "-1.5", "0")]
    [InlineData("-0", "-0", "0")]
    [InlineData("-1e-20", "0", "0")]
    [InlineData("9223372036854775807", "1", "9223372036854775808")]
    [InlineData("17179869184", "1.5", "17179869185.5")]
    [InlineData("inf", "1", "inf")]
    [InlineData("-inf", "1", "-inf")]
    [InlineData("inf", "-inf", "nan")]
    [InlineData("1e4932", "1e4932", "inf")]
    [InlineData("0x10", "0X.8p1", "17")]
    public void Adds(string left, string right, string sum) => Assert.Equal(sum, Sum(left, right));

    [Theory]
    [InlineData("")]
    [InlineData(" 1")]
    [InlineData("1 ")]
    [InlineData("1.0.0")]
    [InlineData("nan")]
    [InlineData("abc")]
    [InlineData("1e")]
    [InlineData("0x")]
    [InlineData("0x1p")]
    [InlineData("1e4933")]
    [InlineData("1e-5000")]
    [InlineData("1\0")]
    public void RefusesWhatIsNoNumber(string text) => Assert.Equal("ERR", Sum(text, "0"));

    [Fact]
    public void TextsAreLimitedInLength()
    {
        Assert.Equal("0", Sum(new string('0', LongDouble.TextMax - 1), "0"));
        Assert.Equal("ERR", Sum(new string('0', LongDouble.TextMax), "0"));
        // The longest numbers that there are, in both directions.
        Assert.Equal("ERR", Sum(new string('9', LongDouble.TextMax - 1), "0"));
        Assert.Equal("0.1", Sum("0.1" + new string('0', LongDouble.TextMax - 6) + "1", "0"));
        Assert.Equal(4932, Sum("1" + new string('0', 4931), "0").Length);
    }

    [Fact]
    public void WhatWasWrittenIsReadAsTheSameText() =>
        Gen.Select(Gen.Long, Gen.Int[-30, 30]).Sample((digits, exponent) =>
        {
            var text = Sum($"{digits}e{exponent}", "0");
            Assert.Equal(text, Sum(text, "0"));
        });

    [Fact]
    public void LongsAreExact() =>
        Gen.Long.Sample(value =>
        {
            Span<byte> text = stackalloc byte[LongDouble.TextMax];
            var length = LongDouble.FromLong(value).Format(text);
            Assert.True(Numbers.TryParseLong(text[..length], out var read));
            Assert.Equal(value, read);
        });

    [Fact]
    public void AllocatesNothing()
    {
        Assert.Equal(0, Allocations.Of(() =>
        {
            Span<byte> text = stackalloc byte[LongDouble.TextMax];
            ReadOnlySpan<byte> huge = "123456789012345678901234567890e4000"u8;
            for (var i = 0; i < 100; i++)
            {
                Add("10.5"u8, "0.1"u8, text);
                Add(huge, "1e-4000"u8, text);
            }
        }));
    }

    private static string Sum(string left, string right)
    {
        Span<byte> text = stackalloc byte[LongDouble.TextMax];
        var length = Add(Encoding.Latin1.GetBytes(left), Encoding.Latin1.GetBytes(right), text);
        return length < 0 ? "ERR" : Encoding.ASCII.GetString(text[..length]);
    }

    private static int Add(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right, Span<byte> text)
    {
        if (!LongDouble.TryParse(left, out var first)) return -1;
        if (!LongDouble.TryParse(right, out var second)) return -1;
        return (first + second).Format(text);
    }
}

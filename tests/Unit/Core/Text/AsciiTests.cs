using Anax.Core.Text;
using Xunit;

namespace Anax.Tests.Unit.Core.Text;

public class AsciiTests
{
    [Fact]
    public void OnlyLettersHaveCase()
    {
        for (var value = 0; value < 256; value++)
        {
            var lower = value is >= 'A' and <= 'Z' ? value + 32 : value;
            var upper = value is >= 'a' and <= 'z' ? value - 32 : value;
            Assert.Equal(lower, Ascii.ToLower((byte)value));
            Assert.Equal(upper, Ascii.ToUpper((byte)value));
        }
        Assert.True(Ascii.EqualsIgnoreCase("gEt[\xC4"u8, "GET[\xC4"u8));
        Assert.False(Ascii.EqualsIgnoreCase("get"u8, "gets"u8));
        Assert.False(Ascii.EqualsIgnoreCase("@"u8, "`"u8));
        Assert.True(Ascii.StartsWithIgnoreCase("Getex"u8, "GET"u8));
    }

    [Fact]
    public void EightLettersAreLoweredAtOnce()
    {
        for (var value = 0; value < 256; value++)
        {
            // In every place, with neighbours that a carry would change.
            for (var place = 0; place < 8; place++)
            {
                byte[] bytes = [.. Enumerable.Repeat((byte)'Z', 8)];
                bytes[place] = (byte)value;
                byte[] lowered = BitConverter.GetBytes(Ascii.ToLower(BitConverter.ToUInt64(bytes)));
                Assert.Equal(bytes.Select(b => Ascii.ToLower(b)), lowered);
            }
        }
    }

    [Fact]
    public void AShortTextIsAPaddedWord()
    {
        byte[] text = [1, 2, 3, 4, 5, 6, 7];
        for (var length = 0; length <= text.Length; length++)
        {
            byte[] padded = [.. text[..length], .. new byte[8 - length]];
            Assert.Equal(BitConverter.ToUInt64(padded), PaddedWord.Of(text.AsSpan(0, length)));
        }
    }

    [Fact]
    public void SpacesAreThoseOfC()
    {
        for (var value = 0; value < 256; value++)
            Assert.Equal(value is ' ' or (>= 9 and <= 13), Ascii.IsSpace((byte)value));
    }

    [Fact]
    public void HexDigitsHaveValues()
    {
        Assert.Equal([0, 9, 10, 15, 10, 15, -1, -1], "09afAFg/"u8.ToArray().Select(Ascii.HexValue));
    }
}

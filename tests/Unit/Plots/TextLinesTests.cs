using Anax.Plots;
using Xunit;

namespace Anax.Tests.Unit.Plots;

/// <summary>Text is broken where one may break it, and nothing is lost without an ellipsis.</summary>
public sealed class TextLinesTests
{
    [Fact]
    public void LinesBreakAtSpacesAndAfterHyphens()
    {
        Assert.Equal(["MGET of", "ten keys"], TextLines.TryWrap("MGET of ten keys", 60, 12, 3)!);
        Assert.Equal(["write-", "behind"], TextLines.TryWrap("write-behind", 50, 12, 2)!);
        Assert.Equal(["short"], TextLines.TryWrap("short", 60, 12, 3)!);
    }

    [Fact]
    public void WhatDoesNotFitIsNotWrapped()
    {
        Assert.Null(TextLines.TryWrap("indivisibleness", 60, 12, 3));
        Assert.Null(TextLines.TryWrap("one two three four five", 40, 12, 3));
    }

    [Fact]
    public void EveryLineFits()
    {
        Random random = new(6);
        for (int i = 0; i < 500; i++)
        {
            string word(int i) => new((char)random.Next('a', 'z'), random.Next(1, 12));
            string text = string.Join(' ', Enumerable.Range(0, random.Next(1, 30)).Select(word));
            double width = random.Next(30, 300);
            List<string> lines = TextLines.Wrap(text, width, 13, 3);
            Assert.InRange(lines.Count, 1, 3);
            Assert.All(lines, line => Assert.True(TextWidth.Of(line, 13) <= width, $"{line} in {width}"));
            string joined = string.Join(' ', lines);
            Assert.True(joined == text || joined.Contains('…', StringComparison.Ordinal), $"{text} became {joined}");
        }
    }

    [Fact]
    public void ShorteningKeepsCharactersWhole()
    {
        for (int width = 10; width < 100; width++)
        {
            string text = TextLines.Shorten("a😀😀😀😀😀😀", width, 12);
            Assert.Equal(text.Count(char.IsHighSurrogate), text.Count(char.IsLowSurrogate));
        }
    }

    [Fact]
    public void NoTextIsNoLine() => Assert.Empty(TextLines.Wrap("", 100, 12, 3));
}

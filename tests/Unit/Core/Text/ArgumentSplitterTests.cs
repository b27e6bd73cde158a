using Anax.Core.Text;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Text;

public sealed class ArgumentSplitterTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("   \t ", "")]
    [InlineData("a b  c", "a|b|c")]
    [InlineData("  a\tb\n", "a|b")]
    [InlineData("\"a b\" 'c d'", "a b|c d")]
    [InlineData("\"\" ''", "|")]
    [InlineData("a\"b c\"d", "ab cd")]
    [InlineData("'it\\'s'", "it's")]
    [InlineData("'a\\nb'", "a\\nb")]
    [InlineData("\"a\\nb\\x41\\\\\\\"\"", "a\nbA\\\"")]
    [InlineData("\"\\r\\t\\b\\a\\q\"", "\r\t\b\aq")]
    [InlineData("\"\\xzz\"", "xzz")]
    [InlineData("a\\nb", "a\\nb")]
    public void WordsAreFound(string line, string words) =>
        Assert.Equal(words, string.Join('|', ArgumentSplitter.Split(line)!));

    [Theory]
    [InlineData("\"a")]
    [InlineData("'a")]
    [InlineData("a \"")]
    [InlineData("\"a\\\"")]
    public void AnOpenQuoteIsRefused(string line) => Assert.Null(ArgumentSplitter.Split(line));

    [Fact]
    public void QuotingIsUndoneBySplitting() =>
        Gen.Char['\0', '\xff'].Array[0, 20].Select(characters => new string(characters)).Sample(text =>
            ArgumentSplitter.Split(ArgumentSplitter.Quote(text)) is [var word] && word == text);
}

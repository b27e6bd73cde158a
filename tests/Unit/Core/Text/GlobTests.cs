using System.Diagnostics;
using System.Text;
using Anax.Core.Text;
using CsCheck;
using Xunit;

namespace Anax.Tests.Unit.Core.Text;

public class GlobTests
{
    [Theory]
    [InlineData("", "", true)]
    [InlineData("*", "", false)]
    [InlineData("*", "abc", true)]
    [InlineData("", "a", false)]
    [InlineData("h?llo", "hello", true)]
    [InlineData("h?llo", "hllo", false)]
    [InlineData("h*llo", "hllo", true)]
    [InlineData("h*llo", "heeeello", true)]
    [InlineData("h[ae]llo", "hallo", true)]
    [InlineData("h[ae]llo", "hillo", false)]
    [InlineData("h[^e]llo", "hallo", true)]
    [InlineData("h[^e]llo", "hello", false)]
    [InlineData("h[a-b]llo", "hbllo", true)]
    [InlineData("h[b-a]llo", "hallo", true)]
    // A bracket behind a dash is the range's end, not the class's.
    [InlineData("h[a-]llo", "h-llo", false)]
    [InlineData("h[a-]]llo", "h`llo", true)]
    [InlineData("[abc", "a", true)]
    [InlineData("[", "[", false)]
    [InlineData("[^", "a", true)]
    [InlineData("[]a]", "a", false)]
    [InlineData("[\\]]", "]", true)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "a", false)]
    [InlineData("a\\", "a\\", true)]
    [InlineData("**a**b**", "xaybz", true)]
    [InlineData("*a*b*c", "aXbXcX", false)]
    [InlineData("a*", "a", true)]
    [InlineData("a**", "a", true)]
    [InlineData("a?", "a", false)]
    [InlineData("[a-c-e]", "d", false)]
    [InlineData("[\\a-c]", "b", false)]
    public void MatchesAsRedisDoes(string pattern, string text, bool matches) =>
        Assert.Equal(matches, Matches(pattern, text));

    [Theory]
    [InlineData("H[A-C]LLO*", "hbllo", true)]
    [InlineData("h[^A]llo", "hallo", false)]
    [InlineData("[\\A]", "a", false)]
    [InlineData("\\A", "a", true)]
    public void IgnoresCaseWhenAsked(string pattern, string text, bool matches) =>
        Assert.Equal(matches, Matches(pattern, text, ignoreCase: true));

    [Fact]
    public void AgreesWithABacktrackingModel() =>
        Gen.Select(Gen.String[Gen.Char["ab*?[]^-\\"], 0, 12], Gen.String[Gen.Char["ab]-^"], 1, 12]).Sample(
            (pattern, text) => Assert.Equal(Model(pattern, text), Matches(pattern, text)), iter: 20_000);

    [Fact]
    public void ManyStarsAreNotExponential()
    {
        var watch = Stopwatch.StartNew();
        var pattern = string.Concat(Enumerable.Repeat("a*", 500)) + "b";
        Assert.False(Matches(pattern, new string('a', 5000)));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2));
        Assert.False(Matches(string.Concat(Enumerable.Repeat("*a", 1001)), new string('a', 5000)));
        Assert.True(Matches(string.Concat(Enumerable.Repeat("*a", 1000)), new string('a', 5000)));
    }

    private static bool Matches(string pattern, string text, bool ignoreCase = false) =>
        Glob.Matches(Encoding.Latin1.GetBytes(pattern), Encoding.Latin1.GetBytes(text), ignoreCase);

    // The rules written down as plainly as possible, one case each, exponential and recursive.
    private static bool Model(string pattern, string text)
    {
        if (pattern == "") return text == "";
        if (pattern[0] == '*')
            return Model(pattern[1..], text) || (text != "" && Model(pattern, text[1..]));
        if (text == "") return false;
        if (pattern[0] == '?') return Model(pattern[1..], text[1..]);
        if (pattern[0] == '\\' && pattern.Length > 1)
            return pattern[1] == text[0] && Model(pattern[2..], text[1..]);
        if (pattern[0] != '[') return pattern[0] == text[0] && Model(pattern[1..], text[1..]);

        var i = 1;
        var negated = i < pattern.Length && pattern[i] == '^';
        if (negated) i++;
        var found = false;
        while (i < pattern.Length && pattern[i] != ']')
        {
            if (pattern[i] == '\\' && i + 1 < pattern.Length)
            {
                found |= pattern[i + 1] == text[0];
                i += 2;
            }
            else if (i + 2 < pattern.Length && pattern[i + 1] == '-')
            {
                var (low, high) = (pattern[i], pattern[i + 2]);
                if (low > high) (low, high) = (high, low);
                found |= text[0] >= low && text[0] <= high;
                i += 3;
            }
            else
            {
                found |= pattern[i] == text[0];
                i++;
            }
        }
        return found != negated && Model(i < pattern.Length ? pattern[(i + 1)..] : "", text[1..]);
    }
}

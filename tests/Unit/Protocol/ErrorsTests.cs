using System.Runtime.CompilerServices;
using System.Text;
using System.Text.RegularExpressions;
using Anax.Protocol;
using Xunit;

namespace Anax.Tests.Unit.Protocol;

public partial class ErrorsTests
{
    [Fact]
    public void EveryTextIsAWholeReply()
    {
        var source = File.ReadAllText(SourcePath());
        var replies = 0;
        foreach (Match member in Member().Matches(source))
        {
            var literals = Literal().Matches(member.Groups["value"].Value);
            var text = string.Concat(literals.Select(literal => literal.Groups[1].Value));
            Assert.Matches("^-[A-Z]+ ", text);
            if (member.Groups["type"].Value == "Reply")
            {
                Assert.EndsWith(@"\r\n", text);
                text = text[..^4];
            }
            Assert.DoesNotContain(@"\r", text);
            Assert.DoesNotContain(@"\n", text);
            replies++;
        }
        Assert.True(replies > 130, $"found only {replies} texts");
    }

    [Fact]
    public void EveryOutcomeHasItsReply()
    {
        foreach (var outcome in Enum.GetValues<Outcome>())
        {
            var reply = Encoding.ASCII.GetString(Errors.For(outcome).Bytes);
            if (outcome is Outcome.Ok or Outcome.NotFound or Outcome.NotDone) Assert.Equal("", reply);
            else Assert.Matches("^-[A-Z]+ .*\r\n$", reply);
        }
    }

    [Fact]
    public void PartsOfAReplyAreItsCodeAndItsText()
    {
        Assert.Equal("OOM"u8, Errors.OutOfMemory.Code);
        Assert.Equal("ERR syntax error"u8, Errors.Syntax.Text);
        Assert.Equal("NOPERM"u8, Errors.NoPermissionCommand.Code);
        Assert.True(default(ErrorReply).Code.IsEmpty);
        Assert.True(default(ErrorReply).Text.IsEmpty);
    }

    private static string SourcePath([CallerFilePath] string test = "") =>
        Path.Combine(Path.GetDirectoryName(test)!, "../../../src/Protocol/Errors.cs");

    [GeneratedRegex(
        @"public static Error(?<type>Reply|Template) \w+ =>(?<value>.*?);\r?\n", RegexOptions.Singleline)]
    private static partial Regex Member();

    [GeneratedRegex("\"((?:[^\"\\\\]|\\\\.)*)\"u8")]
    private static partial Regex Literal();
}

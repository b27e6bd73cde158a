using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class DigestCommandsTests
{
    // Digests are vectors of XXH3's 64 bits without a seed.
    private const string EmptyDigest = "2d06800538d394c2";

    [Fact]
    public void ADigestIsThatOfTheTextHoweverItLies()
    {
        using var server = new TestServer();
        Assert.Equal("(nil)", server.Run("DIGEST", "none"));
        server.Run("SET", "empty", "");
        Assert.Equal(EmptyDigest, server.Run("DIGEST", "empty"));
        server.Run("SET", "number", "12345");
        server.Run("SET", "text", "1234");
        server.Run("APPEND", "text", "5");
        Assert.Equal("int", server.Run("OBJECT", "ENCODING", "number"));
        Assert.Equal("raw", server.Run("OBJECT", "ENCODING", "text"));
        Assert.Equal(server.Run("DIGEST", "number"), server.Run("DIGEST", "text"));
        Assert.Matches("^[0-9a-f]{16}$", server.Run("DIGEST", "text"));
        server.Run("SET", "large", new string('x', 100_000));
        server.Run("SETRANGE", "grown", "50000", new string('x', 50_000));
        server.Run("SETRANGE", "grown", "0", new string('x', 50_000));
        Assert.Equal(server.Run("DIGEST", "large"), server.Run("DIGEST", "grown"));
        server.Run("SADD", "s", "a");
        Assert.Equal("-WRONGTYPE Operation against a key holding the wrong kind of value", server.Run("DIGEST", "s"));
    }

    [Theory]
    [InlineData("DELEX k", true)]
    [InlineData("DELEX k IFEQ value", true)]
    [InlineData("DELEX k ifeq other", false)]
    [InlineData("DELEX k IFNE other", true)]
    [InlineData("DELEX k IFNE value", false)]
    [InlineData("DELEX k IFDEQ DIGEST", true)]
    [InlineData("DELEX k ifdeq 0000000000000000", false)]
    [InlineData("DELEX k IFDNE 0000000000000000", true)]
    [InlineData("DELEX k IFDNE DIGEST", false)]
    [InlineData("DELEX k IFDEQ zzzzzzzzzzzzzzzz", false)]
    public void AKeyIsDeletedAsItsValueCompares(string command, bool isDeleted)
    {
        using var server = new TestServer();
        server.Run("SET", "k", "value");
        string digest = server.Run("DIGEST", "k");
        foreach (string each in new[] { digest, digest.ToUpperInvariant() })
        {
            server.Run("SET", "k", "value");
            server.Events.Clear();
            Assert.Equal(isDeleted ? ":1" : ":0", server.Run(command.Replace("DIGEST", each, StringComparison.Ordinal).Split(' ')));
            Assert.Equal(isDeleted ? ["del k"] : [], server.Events);
            Assert.Equal(isDeleted ? ":0" : ":1", server.Run("EXISTS", "k"));
        }
    }

    [Theory]
    [InlineData("IFNE other", true, true)]
    [InlineData("ifne value", false, true)]
    [InlineData("IFDEQ DIGEST", true, false)]
    [InlineData("IFDEQ 0000000000000000", false, false)]
    [InlineData("ifdne 0000000000000000", true, true)]
    [InlineData("IFDNE DIGEST", false, true)]
    public void SetComparesTheSameWay(string condition, bool isSet, bool makesMissing)
    {
        using var server = new TestServer();
        server.Run("SET", "k", "value");
        string[] options = condition.Replace("DIGEST", server.Run("DIGEST", "k"), StringComparison.Ordinal).Split(' ');
        Assert.Equal("value", server.Run(["SET", "k", "value", "GET", "IFNE", "value"]));
        Assert.Equal(isSet ? "OK" : "(nil)", server.Run(["SET", "k", "new", .. options, "EX", "100"]));
        Assert.Equal(isSet ? "new" : "value", server.Run("GET", "k"));
        Assert.Equal(isSet ? ":100" : ":-1", server.Run("TTL", "k"));
        Assert.Equal(makesMissing ? "OK" : "(nil)", server.Run(["SET", "none", "v", .. options]));
        foreach (string other in new[] { "NX", "XX", "IFEQ a", "IFNE a", "IFDEQ a", "IFDNE a" })
        {
            Assert.Equal("-ERR syntax error", server.Run(["SET", "k", "v", .. options, .. other.Split(' ')]));
            Assert.Equal("-ERR syntax error", server.Run(["SET", "k", "v", .. other.Split(' '), .. options]));
        }
        Assert.Equal("-ERR syntax error", server.Run("SET", "k", "v", options[0]));
        server.Run("SADD", "s", "a");
        Assert.Equal("-WRONGTYPE Operation against a key holding the wrong kind of value", server.Run(["SET", "s", "v", .. options]));
        if (options[0].Length != 5) return;
        Assert.Equal("-ERR must be exactly 16 hexadecimal characters", server.Run("SET", "k", "v", options[0], "abc"));
        Assert.Equal("-ERR must be exactly 16 hexadecimal characters", server.Run("SET", "k", "v", options[0], "abc", "GET"));
    }

    [Fact]
    public void ConditionsAreForStrings()
    {
        using var server = new TestServer();
        const string Condition = "-ERR Invalid condition. Use IFEQ, IFNE, IFDEQ, or IFDNE";
        const string Arity = "-ERR wrong number of arguments for 'delex' command";
        server.Run("SET", "k", "5");
        server.Run("RPUSH", "l", "a");
        Assert.Equal("-ERR Key should be of string type if conditions are specified", server.Run("DELEX", "l", "IFEQ", "a"));
        Assert.Equal("-ERR Key should be of string type if conditions are specified", server.Run("DELEX", "l", "WHAT", "a"));
        Assert.Equal(":1", server.Run("DELEX", "l"));
        Assert.Equal(":0", server.Run("DELEX", "l"));
        Assert.Equal(":0", server.Run("DELEX", "none", "WHAT", "a"));
        Assert.Equal(Condition, server.Run("DELEX", "k", "WHAT", "a"));
        Assert.Equal(Arity, server.Run("DELEX", "k", "IFEQ"));
        Assert.Equal(Arity, server.Run("DELEX", "none", "IFEQ", "a", "b"));
        Assert.Equal("-ERR must be exactly 16 hexadecimal characters", server.Run("DELEX", "k", "IFDEQ", "abc"));
        Assert.Equal("-ERR must be exactly 16 hexadecimal characters", server.Run("DELEX", "k", "IFDNE", ""));
        Assert.Equal(":1", server.Run("DELEX", "k", "IFEQ", "5"));
    }
}

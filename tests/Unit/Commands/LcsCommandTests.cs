using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class LcsCommandTests
{
    private const string First = "ohmytext", Second = "mynewtext";

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void TheLongestCommonSubsequence(int shards)
    {
        using var server = new TestServer(shards);
        server.Run("MSET", "a", First, "b", Second);
        Assert.Equal("mytext", server.Run("LCS", "a", "b"));
        Assert.Equal(":6", server.Run("LCS", "a", "b", "LEN"));
        Assert.Equal("[matches, [[[:4, :7], [:5, :8]], [[:2, :3], [:0, :1]]], len, :6]", server.Run("LCS", "a", "b", "IDX"));
        Assert.Equal("[matches, [[[:4, :7], [:5, :8], :4]], len, :6]",
            server.Run("LCS", "a", "b", "IDX", "MINMATCHLEN", "4", "WITHMATCHLEN"));
        Assert.Equal("", server.Run("LCS", "a", "none"));
        Assert.Equal(":0", server.Run("LCS", "none", "none", "LEN"));
        Assert.Equal("[matches, [], len, :0]", server.Run("LCS", "none", "a", "IDX"));
    }

    [Fact]
    public void WrongArguments()
    {
        using var server = new TestServer();
        server.Run("MSET", "a", First, "b", Second);
        Assert.Equal("-ERR If you want both the length and indexes, please just use IDX.", server.Run("LCS", "a", "b", "LEN", "IDX"));
        Assert.Equal("-ERR syntax error", server.Run("LCS", "a", "b", "MINMATCHLEN"));
        Assert.Equal("-ERR syntax error", server.Run("LCS", "a", "b", "NOPE"));
        Assert.Equal("-ERR value is not an integer or out of range", server.Run("LCS", "a", "b", "MINMATCHLEN", "x"));
    }

    [Fact]
    public void TheTableIsLimitedToTheBulkLength()
    {
        using var server = new TestServer(1, "--proto-max-bulk-len", "1mb");
        server.Run("SET", "a", new string('x', 600));
        Assert.Equal("-ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len", server.Run("LCS", "a", "a"));
        server.Run("SET", "a", new string('x', 500));
        Assert.Equal(":500", server.Run("LCS", "a", "a", "LEN"));
    }

    [Fact]
    public void ALongComparisonLetsOthersThrough()
    {
        using var server = new TestServer(2);
        TestClient other = server.Connect();
        var random = new Random(7);
        string[] texts = [.. Enumerable.Range(0, 2).Select(_ => new string([.. Enumerable.Range(0, 3000).Select(_ => (char)('a' + random.Next(4)))]))];
        server.Run("MSET", "a", texts[0], "b", texts[1]);
        server.Client.Send("LCS", "a", "b");
        int between = 0;
        Reply? reply;
        while ((reply = server.Client.Next()) is null)
        {
            Assert.Equal("OK", other.Run("SET", "k", "v"));
            between++;
        }
        Assert.True(between > 2, $"{between} commands ran while LCS did");
        Assert.Equal(LengthOfLcs(texts[0], texts[1]), reply.Text.Length);
        Assert.Equal(reply.Text.Length, LengthOfLcs(reply.Text, texts[0]));
        Assert.Equal(reply.Text.Length, LengthOfLcs(reply.Text, texts[1]));
    }

    private static int LengthOfLcs(string a, string b)
    {
        var row = new int[b.Length + 1];
        foreach (char c in a)
        {
            int diagonal = 0;
            for (int j = 1; j <= b.Length; j++)
            {
                int above = row[j];
                row[j] = c == b[j - 1] ? diagonal + 1 : Math.Max(above, row[j - 1]);
                diagonal = above;
            }
        }
        return row[^1];
    }
}

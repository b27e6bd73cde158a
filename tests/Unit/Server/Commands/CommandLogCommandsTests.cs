using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Server.Commands;

public class CommandLogCommandsTests
{
    [Fact]
    public void TheLogsOfAllLoopsAreOne()
    {
        using var server = new TestServer(3, "--slowlog-log-slower-than", "0", "--slowlog-max-len", "5");
        server.Run("SLOWLOG", "RESET");
        for (int i = 0; i < 9; i++) server.Connect(i % 3).Run("SET", $"k{i}", "v");
        Assert.Equal(":5", server.Run("SLOWLOG", "LEN"));
        Reply entries = server.Ask("SLOWLOG", "GET", "-1");
        Assert.Equal(5, entries.Items.Count);
        Assert.Equal(6, entries.Items[0].Items.Count);
        Assert.Equal("OK", server.Run("SLOWLOG", "RESET"));
    }

    [Fact]
    public void LargeRequestsAndRepliesHaveLogsOfTheirOwn()
    {
        using var server = new TestServer(
            2, "--commandlog-request-larger-than", "1000", "--commandlog-reply-larger-than", "1000",
            "--slowlog-log-slower-than", "60000000");
        server.Run("SET", "k", new string('x', 5000));
        server.Run("GET", "k");
        Reply request = server.Ask("COMMANDLOG", "GET", "10", "large-request").Items[0];
        Assert.Equal("SET", request.Items[3].Items[0].Text);
        Assert.EndsWith("... (4872 more bytes)", request.Items[3].Items[2].Text, StringComparison.Ordinal);
        Assert.InRange(request.Items[2].Integer, 5000, 5100);
        Assert.Equal("[GET, k]", server.Ask("COMMANDLOG", "GET", "10", "large-reply").Items[0].Items[3].Text);
        Assert.Equal(":0", server.Run("COMMANDLOG", "LEN", "slow"));
        Assert.Equal("OK", server.Run("COMMANDLOG", "RESET", "large-reply"));
        Assert.Equal(":0", server.Run("COMMANDLOG", "LEN", "large-reply"));
        Assert.Equal(":1", server.Run("COMMANDLOG", "LEN", "large-request"));
    }

    [Fact]
    public void SecretsOfATransactionAreNotLogged()
    {
        using var server = new TestServer(2, "--slowlog-log-slower-than", "0");
        TestClient client = server.Connect(1);
        string[] replies = client.Pipeline(["MULTI"], ["CONFIG", "SET", "requirepass", "secret"], ["AUTH", "default", "secret"], ["EXEC"]);
        Assert.Equal(["OK", "QUEUED", "QUEUED", "[OK, OK]"], replies);
        string log = client.Run("SLOWLOG", "GET", "-1");
        Assert.Contains("[CONFIG, SET, requirepass, (redacted)]", log, StringComparison.Ordinal);
        Assert.Contains("[AUTH, (redacted), (redacted)]", log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log, StringComparison.Ordinal);
    }

    [Fact]
    public void SecretsAreNotLogged()
    {
        using var server = new TestServer(1, "--slowlog-log-slower-than", "0");
        server.Run("CONFIG", "SET", "requirepass", "secret", "hz", "20");
        server.Run("AUTH", "default", "secret");
        server.Run("HELLO", "2", "AUTH", "default", "secret");
        string log = server.Run("SLOWLOG", "GET");
        Assert.Contains("[CONFIG, SET, requirepass, (redacted), hz, 20]", log, StringComparison.Ordinal);
        Assert.Contains("[AUTH, (redacted), (redacted)]", log, StringComparison.Ordinal);
        Assert.Contains("[HELLO, 2, AUTH, (redacted), (redacted)]", log, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-ERR count should be greater than or equal to -1", "SLOWLOG", "GET", "x")]
    [InlineData("-ERR count should be greater than or equal to -1", "SLOWLOG", "GET", "-2")]
    [InlineData("-ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.", "SLOWLOG", "GET", "1", "2")]
    [InlineData("-ERR type should be one of the following: slow, large-request, large-reply", "COMMANDLOG", "LEN", "x")]
    [InlineData("-ERR count should be greater than or equal to -1", "COMMANDLOG", "GET", "-2", "x")]
    public void WrongRequestsAreRefusedInValkeysWords(string error, params string[] command)
    {
        using var server = new TestServer(2);
        Assert.Equal(error, server.Run(command));
    }
}

using Anax.Protocol;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Server.Commands;

public class ConnectionCommandsTests
{
    private const string SyntaxError = "-ERR syntax error";

    [Fact]
    public void HelloSaysWhatClientsChooseFeaturesBy()
    {
        using var server = new TestServer();
        Reply two = server.Ask("HELLO");
        Assert.Equal('*', two.Type);
        Assert.Equal("[server, redis, version, 7.2.4, proto, :2, id, :1, mode, standalone, role, master, modules, []]", two.Text);
        Reply three = server.Ask("HELLO", "3");
        Assert.Equal('%', three.Type);
        Assert.Equal(":3", three.Field("proto")!.Text);
        Assert.Equal("(nil)", server.Run("GET", "none"));
        Assert.Equal('*', server.Ask("HELLO", "2").Type);
    }

    [Theory]
    [InlineData("-NOPROTO unsupported protocol version", "HELLO", "4")]
    [InlineData("-NOPROTO unsupported protocol version", "HELLO", "1")]
    [InlineData("-ERR Protocol version is not an integer or out of range", "HELLO", "x")]
    [InlineData("-ERR Syntax error in HELLO option 'FOO'", "HELLO", "3", "FOO")]
    [InlineData("-ERR Syntax error in HELLO option 'AUTH'", "HELLO", "3", "AUTH", "user")]
    [InlineData("-WRONGPASS invalid username-password pair or user is disabled.", "HELLO", "3", "AUTH", "bob", "x")]
    [InlineData("-ERR Client names cannot contain spaces, newlines or special characters.", "HELLO", "3", "SETNAME", "a b")]
    [InlineData("-ERR AUTH <password> called without any password configured for the default user. "
        + "Are you sure your configuration is correct?", "AUTH", "x")]
    [InlineData(SyntaxError, "AUTH", "a", "b", "c")]
    [InlineData("-ERR DB index is out of range", "SELECT", "16")]
    [InlineData("-ERR DB index is out of range", "SELECT", "-1")]
    [InlineData("-ERR value is not an integer or out of range", "SELECT", "one")]
    [InlineData("-ERR value is out of range, value must between -2147483648 and 2147483647", "SELECT", "2147483648")]
    [InlineData("-ERR wrong number of arguments for 'ping' command", "PING", "a", "b")]
    [InlineData("-ERR This instance has cluster support disabled", "ASKING")]
    public void WrongRequestsAreRefusedInValkeysWords(string error, params string[] command)
    {
        using var server = new TestServer();
        Assert.Equal(error, server.Run(command));
        Assert.Equal("PONG", server.Run("PING"));
    }

    [Fact]
    public void AStrangerIsToldNothingButToAuthenticate()
    {
        using var server = new TestServer(1, "--requirepass", "secret");
        const string NoAuth = "-NOAUTH Authentication required.";
        Assert.Equal(NoAuth, server.Run("GET", "k"));
        Assert.Equal(NoAuth, server.Run("NOSUCHCOMMAND"));
        Assert.Equal(NoAuth, server.Run("GET"));
        Assert.Equal(NoAuth, server.Run("CLIENT", "NOSUCH"));
        Assert.StartsWith("-NOAUTH HELLO must be called", server.Run("HELLO", "3"), StringComparison.Ordinal);
        Assert.StartsWith("-WRONGPASS", server.Run("AUTH", "wrong"), StringComparison.Ordinal);
        Assert.StartsWith("-WRONGPASS", server.Run("AUTH", "other", "secret"), StringComparison.Ordinal);
        Assert.Equal("OK", server.Run("AUTH", "secret"));
        Assert.Equal("(nil)", server.Run("GET", "k"));
        Assert.Equal("RESET", server.Run("RESET"));
        Assert.Equal(NoAuth, server.Run("GET", "k"));
        Assert.Equal('%', server.Ask("HELLO", "3", "AUTH", "default", "secret", "SETNAME", "me").Type);
        Assert.Equal("me", server.Run("CLIENT", "GETNAME"));
    }

    [Fact]
    public void AClientMayDecideWhichRepliesItGets()
    {
        using var server = new TestServer(2);
        string[] replies = server.Client.Pipeline(["CLIENT", "REPLY", "ON"], ["PING", "1"]);
        Assert.Equal(["OK", "1"], replies);
        server.Client.Send("CLIENT", "REPLY", "SKIP");
        server.Client.Send("PING", "skipped");
        Assert.Equal("shown", server.Run("PING", "shown"));
        server.Client.Send("CLIENT", "REPLY", "OFF");
        for (int i = 0; i < 20; i++) server.Client.Send("SET", $"k{i}", "v");
        server.Client.Send("CLIENT", "REPLY", "SKIP");
        server.Client.Send("CLIENT", "LIST");
        Assert.Equal("OK", server.Run("CLIENT", "REPLY", "ON"));
        Assert.Equal("v", server.Run("GET", "k19"));
        Assert.Equal(SyntaxError, server.Run("CLIENT", "REPLY", "MAYBE"));
    }

    /// <summary>Commands of a pipeline are looked up ahead of their turn, whatever is wrong with those between them.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WrongCommandsWithinAPipelineAnswerInTheirPlaces(int shards)
    {
        using var server = new TestServer(shards);
        var commands = new List<string[]>();
        var expected = new List<string>();
        for (int i = 0; i < 300; i++)
        {
            (string[] command, string reply) = (i % 5) switch
            {
                0 => (new[] { "SET", $"k{i}", $"{i}" }, "OK"),
                1 => (["GET"], "-ERR wrong number of arguments for 'get' command"),
                2 => (["GET", $"k{i - 2}"], $"{i - 2}"),
                3 => (["GET", $"k{i - 3}", "more"], "-ERR wrong number of arguments for 'get' command"),
                _ => (["SET", $"k{i}"], "-ERR wrong number of arguments for 'set' command"),
            };
            commands.Add(command);
            expected.Add(reply);
        }
        Assert.Equal(expected, server.Client.Pipeline([.. commands]));
    }

    [Fact]
    public void SelectHoldsForWhatComesBehindItInThePipeline()
    {
        using var server = new TestServer(4);
        string[] replies = server.Client.Pipeline(
            ["SET", "k", "zero"], ["SELECT", "5"], ["SET", "k", "five"], ["GET", "k"], ["SELECT", "0"], ["GET", "k"]);
        Assert.Equal(["OK", "OK", "OK", "five", "OK", "zero"], replies);
    }

    [Fact]
    public void ResetMakesANewConnectionOfAnOldOne()
    {
        using var server = new TestServer();
        TestClient client = server.Connect(0, RespVersion.Resp3);
        client.Run("SELECT", "3");
        client.Run("CLIENT", "SETNAME", "me");
        client.Run("CLIENT", "SETINFO", "LIB-NAME", "mylib");
        client.Run("CLIENT", "NO-EVICT", "ON");
        Assert.Equal("RESET", client.Run("RESET"));
        Reply info = client.Ask("CLIENT", "INFO");
        Assert.Equal('$', info.Type);
        Assert.Contains(" name= ", info.Text, StringComparison.Ordinal);
        Assert.Contains(" flags=U ", info.Text, StringComparison.Ordinal);
        Assert.Contains(" db=0 ", info.Text, StringComparison.Ordinal);
        Assert.Contains(" lib-name=mylib ", info.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST / HTTP/1.1\r\nHost: localhost\r\n\r\nSET k v\r\n")]
    [InlineData("GET / HTTP/1.1\r\nhost: localhost\r\nSET k v\r\n")]
    public void WhatABrowserSendsIsNotTakenForCommands(string request)
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect();
        client.SendRaw(request);
        Assert.True(client.IsClosedSoon());
        Assert.Equal("(nil)", server.Run("GET", "k"));
    }

    [Fact]
    public void QuitAnswersAndCloses()
    {
        using var server = new TestServer();
        TestClient client = server.Connect();
        client.SendRaw("*1\r\n$4\r\nQUIT\r\n*1\r\n$4\r\nPING\r\n");
        Assert.Equal("OK", client.Receive().Text);
        Assert.True(client.IsClosedSoon());
        Assert.Null(client.Next());
    }
}

using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Server.Commands;

public class ClientCommandsTests
{
    private const string SyntaxError = "-ERR syntax error";

    [Fact]
    public void TheListHasAllClientsOfAllLoopsInTheOrderInWhichTheyCame()
    {
        using var server = new TestServer(3);
        for (int i = 0; i < 9; i++) server.Connect(i % 3);
        string[] lines = server.Run("CLIENT", "LIST").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(10, lines.Length);
        for (int i = 0; i < lines.Length; i++) Assert.StartsWith($"id={i + 1} ", lines[i], StringComparison.Ordinal);
    }

    [Fact]
    public void TheLineHasValkeysFieldsInTheirOrder()
    {
        using var server = new TestServer();
        server.Run("CLIENT", "SETNAME", "me");
        string line = server.Run("CLIENT", "INFO");
        string[] fields = [.. line.TrimEnd('\n').Split(' ').Select(field => field.Split('=')[0])];
        Assert.Equal(
            ("id addr laddr fd name age idle flags capa db sub psub ssub multi watch qbuf qbuf-free argv-mem multi-mem "
            + "rbs rbp obl oll omem tot-mem events cmd user redir resp lib-name lib-ver tot-net-in tot-net-out tot-cmds").Split(' '),
            fields);
        Assert.Contains(" name=me ", line, StringComparison.Ordinal);
        Assert.Contains(" qbuf=0 ", line, StringComparison.Ordinal);
        Assert.Contains(" cmd=client|info ", line, StringComparison.Ordinal);
        Assert.EndsWith("tot-cmds=2\n", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("1,2,3,4", "SKIPME", "NO")]
    [InlineData("2,3,4", "SKIPME", "YES")]
    [InlineData("2,4", "ID", "2", "4", "99")]
    [InlineData("1,3", "NOT-ID", "2", "4")]
    [InlineData("3", "NAME", "three")]
    [InlineData("1,2,4", "NOT-NAME", "three")]
    [InlineData("2", "DB", "7")]
    [InlineData("1,3,4", "NOT-DB", "7")]
    [InlineData("4", "FLAGS", "eT")]
    [InlineData("1,2,3", "NOT-FLAGS", "e")]
    [InlineData("2", "LIB-NAME", "mine")]
    [InlineData("1,3,4", "NOT-LIB-NAME", "mine")]
    [InlineData("3", "LIB-VER", "1.2")]
    [InlineData("2", "CAPA", "r")]
    [InlineData("1,3,4", "NOT-CAPA", "r")]
    [InlineData("1,2,3,4", "TYPE", "NORMAL")]
    [InlineData("", "TYPE", "PUBSUB")]
    [InlineData("1,2,3,4", "USER", "default")]
    [InlineData("", "NOT-USER", "default")]
    [InlineData("", "MAXAGE", "1000")]
    [InlineData("", "IDLE", "1000")]
    [InlineData("", "ADDR", "1.2.3.4:5")]
    [InlineData("", "IP", "1.2.3.4")]
    [InlineData("2", "DB", "7", "NOT-NAME", "three", "SKIPME", "YES")]
    public void FiltersPickClients(string expected, params string[] filter)
    {
        using var server = new TestServer(2);
        TestClient first = server.Client, two = server.Connect(1), three = server.Connect(0), four = server.Connect(1);
        two.Pipeline(["SELECT", "7"], ["CLIENT", "SETINFO", "LIB-NAME", "mine"], ["CLIENT", "CAPA", "FOO", "REDIRECT"]);
        three.Pipeline(["CLIENT", "SETNAME", "three"], ["CLIENT", "SETINFO", "LIB-VER", "1.2"]);
        four.Pipeline(["CLIENT", "NO-EVICT", "ON"], ["CLIENT", "NO-TOUCH", "ON"]);
        string list = first.Run(["CLIENT", "LIST", .. filter]);
        var ids = list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')[0][3..]);
        Assert.Equal(expected, string.Join(',', ids));
    }

    [Theory]
    [InlineData(SyntaxError, "LIST", "x")]
    [InlineData(SyntaxError, "LIST", "FOO", "bar")]
    [InlineData(SyntaxError, "LIST", "ID", "1", "TYPE")]
    [InlineData(SyntaxError, "LIST", "SKIPME", "MAYBE")]
    [InlineData(SyntaxError, "LIST", "NOT-SKIPME", "YES")]
    [InlineData("-ERR client-id should be greater than 0", "LIST", "ID", "0")]
    [InlineData("-ERR Unknown client type 'foo'", "LIST", "TYPE", "foo")]
    [InlineData("-ERR No such user 'bob'", "KILL", "USER", "bob")]
    [InlineData("-ERR maxage is not an integer or out of range", "KILL", "MAXAGE", "x")]
    [InlineData("-ERR maxage should be greater than 0", "KILL", "MAXAGE", "0")]
    [InlineData("-ERR idle is not an integer or out of range", "KILL", "IDLE", "x")]
    [InlineData("-ERR idle should be greater than 0", "KILL", "IDLE", "-1")]
    [InlineData("-ERR Unknown flags found in the provided filter: Q", "LIST", "FLAGS", "Q")]
    [InlineData("-ERR Unknown flags found in the NOT-FLAGS filter: Q", "LIST", "NOT-FLAGS", "Q")]
    [InlineData("-ERR Unknown capa found in the provided filter: x", "LIST", "CAPA", "x")]
    [InlineData("-ERR Unknown capa found in the NOT-CAPA filter: x", "LIST", "NOT-CAPA", "x")]
    [InlineData("-ERR DB is not an integer or out of range", "LIST", "DB", "x")]
    [InlineData("-ERR NOT-DB number should be between 0 and 15", "LIST", "NOT-DB", "16")]
    [InlineData("-ERR No such client", "KILL", "1.2.3.4:5")]
    [InlineData("-ERR Client names cannot contain spaces, newlines or special characters.", "SETNAME", "a\nb")]
    [InlineData("-ERR Unrecognized option 'foo'", "SETINFO", "foo", "bar")]
    [InlineData("-ERR lib-ver cannot contain spaces, newlines or special characters.", "SETINFO", "lib-ver", "1 2")]
    [InlineData("-ERR timeout is not an integer or out of range", "PAUSE", "x")]
    [InlineData("-ERR timeout is negative", "PAUSE", "-1")]
    [InlineData("-ERR timeout is out of range", "PAUSE", "9223372036854775807")]
    [InlineData("-ERR CLIENT PAUSE mode must be WRITE or ALL", "PAUSE", "1", "SOME")]
    [InlineData("-ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR", "UNBLOCK", "1", "x")]
    [InlineData("-ERR value is not an integer or out of range", "UNBLOCK", "x")]
    [InlineData(":0", "UNBLOCK", "1")]
    [InlineData("-ERR Server is not in import mode", "IMPORT-SOURCE", "ON")]
    [InlineData("OK", "IMPORT-SOURCE", "OFF")]
    [InlineData(":-1", "GETREDIR")]
    [InlineData("[flags, [off], redirect, :-1, prefixes, []]", "TRACKINGINFO")]
    [InlineData("-ERR unknown subcommand 'FOO'. Try CLIENT HELP.", "FOO")]
    public void WrongRequestsAreRefusedInValkeysWords(string error, params string[] command)
    {
        using var server = new TestServer(2);
        Assert.Equal(error, server.Run(["CLIENT", .. command]));
    }

    [Fact]
    public void KillEndsTheOnesThatMatchAndOthersGoOn()
    {
        using var server = new TestServer(3);
        TestClient first = server.Client, two = server.Connect(1), three = server.Connect(2);
        Assert.Equal(":2", server.Run("CLIENT", "KILL", "ID", "2", "3", "77"));
        Assert.True(two.IsClosedSoon());
        Assert.True(three.IsClosedSoon());
        Assert.Equal(":0", first.Run("CLIENT", "KILL", "ID", "1"));
        Assert.Equal(":1", first.Run("CLIENT", "KILL", "SKIPME", "NO"));
        Assert.True(first.IsClosedSoon());
        Assert.Equal("PONG", server.Connect(1).Run("PING"));
    }

    [Fact]
    public void APauseHoldsWritesBackOnEveryLoop()
    {
        using var server = new TestServer(2);
        TestClient other = server.Connect(1);
        Assert.Equal("OK", server.Run("CLIENT", "PAUSE", "100000", "WRITE"));
        Assert.Equal("(nil)", other.Run("GET", "k"));
        other.Send("SET", "k", "v");
        server.RunFor(20);
        Assert.Null(other.Next());
        string info = server.Run("INFO", "clients");
        Assert.Contains("blocked_clients:1\r\n", info, StringComparison.Ordinal);
        Assert.Contains("paused_actions:write\r\n", info, StringComparison.Ordinal);
        Assert.Contains(" flags=bU ", server.Run("CLIENT", "LIST", "ID", "1"), StringComparison.Ordinal);
        Assert.Equal("OK", server.Run("CLIENT", "UNPAUSE"));
        Assert.Equal("OK", other.Receive().Text);
        Assert.Contains("paused_actions:none\r\n", server.Run("INFO", "clients"), StringComparison.Ordinal);
    }
}

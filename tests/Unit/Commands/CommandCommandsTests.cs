using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class CommandCommandsTests
{
    [Fact]
    public void KeysOfACall()
    {
        using var server = new TestServer();
        Assert.Equal("[k]", server.Run("COMMAND", "GETKEYS", "GET", "k"));
        Assert.Equal("[a, b]", server.Run("COMMAND", "GETKEYS", "MSET", "a", "1", "b", "2"));
        Assert.Equal("[a, b]", server.Run("COMMAND", "GETKEYS", "MSETEX", "2", "a", "1", "b", "2", "EX", "10"));
        Assert.Equal("[[a, [OW, update]]]", server.Run("COMMAND", "GETKEYSANDFLAGS", "SET", "a", "1"));
        Assert.Equal("[[a, [RW, access, update]]]", server.Run("COMMAND", "GETKEYSANDFLAGS", "SET", "a", "1", "get"));
        Assert.Equal("-ERR Invalid command specified", server.Run("COMMAND", "GETKEYS", "NOPE"));
        Assert.Equal("-ERR Invalid command specified", server.Run("COMMAND", "GETKEYS", "COMMAND|INFO", "x"));
        Assert.Equal("-ERR The command has no key arguments", server.Run("COMMAND", "GETKEYS", "COMMAND", "COUNT"));
        Assert.Equal("-ERR Invalid number of arguments specified for command", server.Run("COMMAND", "GETKEYS", "GET"));
        Assert.Equal("-ERR Invalid arguments specified for command",
            server.Run("COMMAND", "GETKEYS", "MSETEX", "5", "a", "1", "b", "2"));
        Assert.Equal("-ERR Invalid arguments specified for command",
            server.Run("COMMAND", "GETKEYS", "MSETEX", "0", "a", "1", "b", "2"));
    }

    [Fact]
    public void ListsAreFiltered()
    {
        using var server = new TestServer();
        long count = server.Ask("COMMAND", "COUNT").Integer;
        Assert.Equal(count, server.Ask("COMMAND").Items.Count);
        Assert.True(server.Ask("COMMAND", "LIST").Items.Count >= count);
        Assert.Equal("[setrange, getrange]", Sorted(server.Ask("COMMAND", "LIST", "FILTERBY", "PATTERN", "?ETRANGE"), descending: true));
        Assert.Equal("[]", server.Run("COMMAND", "LIST", "FILTERBY", "ACLCAT", "nonsense"));
        Assert.Equal("[]", server.Run("COMMAND", "LIST", "FILTERBY", "MODULE", "x"));
        Assert.Contains("mget", server.Run("COMMAND", "LIST", "filterby", "aclcat", "STRING"));
        Assert.DoesNotContain("command", server.Run("COMMAND", "LIST", "FILTERBY", "ACLCAT", "string"));
        Assert.Equal("-ERR syntax error", server.Run("COMMAND", "LIST", "FILTERBY", "PATTERN"));
        Assert.Equal("-ERR syntax error", server.Run("COMMAND", "LIST", "FILTERBY", "NAME", "x"));
    }

    [Fact]
    public void UnknownCommandsAreNullInInfoAndLeftOutOfDocs()
    {
        using var server = new TestServer();
        Assert.Equal("(nil)", server.Ask("COMMAND", "INFO", "nope").Items[0].Text);
        Assert.Equal("get", server.Ask("COMMAND", "INFO", "GET").Items[0].Items[0].Text);
        Assert.Equal("command|docs", server.Ask("COMMAND", "INFO", "command|DOCS").Items[0].Items[0].Text);
        Assert.Equal(2, server.Ask("COMMAND", "DOCS", "nope", "get").Items.Count);
        Assert.Equal("-ERR unknown command 'COMMAND|INFO', with args beginning with: ", server.Run("COMMAND|INFO"));
        Assert.Equal("-ERR unknown subcommand 'NOPE'. Try COMMAND HELP.", server.Run("COMMAND", "NOPE"));
    }

    private static string Sorted(Reply list, bool descending)
    {
        IEnumerable<string> names = list.Items.Select(i => i.Text);
        return "[" + string.Join(", ", descending ? names.OrderDescending() : names.Order()) + "]";
    }
}

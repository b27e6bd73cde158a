using Anax.Protocol;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public sealed class StreamCommandsTests
{
    [Fact]
    public void EntriesAreAddedReadAndRemoved()
    {
        using var server = new TestServer();
        Assert.Equal("1-1", server.Run("XADD", "s", "1-1", "a", "1", "b", "text"));
        Assert.Equal("1-2", server.Run("XADD", "s", "1-*", "a", "2", "b", "x"));
        Assert.Equal("2-0", server.Run("XADD", "s", "2", "other", "3"));
        Assert.Equal(":3", server.Run("XLEN", "s"));
        Assert.Equal("[[1-1, [a, 1, b, text]], [1-2, [a, 2, b, x]], [2-0, [other, 3]]]", server.Run("XRANGE", "s", "-", "+"));
        Assert.Equal("[[2-0, [other, 3]], [1-2, [a, 2, b, x]]]", server.Run("XREVRANGE", "s", "+", "(1-1"));
        Assert.Equal("[[1-2, [a, 2, b, x]]]", server.Run("XRANGE", "s", "(1-1", "1"));
        Assert.Equal("[[1-1, [a, 1, b, text]]]", server.Run("XRANGE", "s", "-", "+", "COUNT", "1"));
        Assert.Equal("(nil)", server.Run("XRANGE", "s", "-", "+", "COUNT", "0"));
        Assert.Equal(":1", server.Run("XDEL", "s", "1-1", "1-1", "9-9"));
        Assert.Equal(":1", server.Run("XTRIM", "s", "MAXLEN", "1"));
        Assert.Equal(":1", server.Run("XTRIM", "s", "MINID", "3"));
        Assert.Equal(":0", server.Run("XLEN", "s"));
        Assert.Equal("stream", server.Run("TYPE", "s"));
        Assert.Equal("stream", server.Run("OBJECT", "ENCODING", "s"));
        Assert.Equal("(nil)", server.Run("XADD", "none", "NOMKSTREAM", "*", "f", "v"));
        Assert.Equal(["xadd s", "xadd s", "xadd s", "xdel s", "xtrim s", "xtrim s"], server.Events);
    }

    [Fact]
    public void AnIdOfTheServersOwnNeverGoesBack()
    {
        using var server = new TestServer();
        string first = server.Run("XADD", "s", "*", "f", "v");
        string second = server.Run("XADD", "s", "*", "f", "v");
        Assert.Equal($"[{first}, {second}]", $"[{string.Join(", ", server.Ask("XRANGE", "s", "-", "+").Items.Select(i => i.Items[0].Text))}]");
        Assert.Equal("99999999999999-7", server.Run("XADD", "s", "99999999999999-7", "f", "v"));
        Assert.Equal("99999999999999-8", server.Run("XADD", "s", "*", "f", "v"));
        Assert.Equal("18446744073709551615-18446744073709551615", server.Run("XADD", "s", "18446744073709551615-18446744073709551615", "f", "v"));
        Assert.StartsWith("-ERR The stream has exhausted", server.Run("XADD", "s", "*", "f", "v"));
    }

    [Fact]
    public void EntriesComeInOrderWhereDeletedOnesHadGreaterIds()
    {
        using var server = new TestServer();
        foreach (string id in new[] { "1-1", "2-1", "3-1", "4-1" }) server.Run("XADD", "s", id, "f", "v");
        Assert.Equal(":2", server.Run("XDEL", "s", "3-1", "4-1"));
        Assert.Equal("OK", server.Run("XSETID", "s", "4-1", "MAXDELETEDID", "0-1"));
        Assert.Equal("OK", server.Run("XSETID", "s", "2-1"));
        Assert.Equal("2-5", server.Run("XADD", "s", "2-5", "f", "v"));
        Assert.Equal("4-1", server.Run("XADD", "s", "4-1", "f", "v"));
        Assert.Equal("[[2-5, [f, v]]]", server.Run("XRANGE", "s", "2-2", "2-9"));
        Assert.Equal(":1", server.Run("XDEL", "s", "2-5"));
        Assert.Equal("[[4-1, [f, v]], [2-1, [f, v]], [1-1, [f, v]]]", server.Run("XREVRANGE", "s", "+", "-"));
    }

    [Theory]
    [InlineData("-ERR wrong number of arguments for 'xadd' command", "XADD", "s", "*", "f", "v", "g")]
    [InlineData("-ERR The ID specified in XADD must be greater than 0-0", "XADD", "none", "0-0", "f", "v")]
    [InlineData("-ERR The ID specified in XADD is equal or smaller than the target stream top item", "XADD", "s", "1-1", "f", "v")]
    [InlineData("-ERR Invalid stream ID specified as stream command argument", "XADD", "s", "-", "f", "v")]
    [InlineData("-ERR syntax error, MAXLEN and MINID options at the same time are not compatible", "XADD", "s", "MAXLEN", "1", "MINID", "1", "*", "f", "v")]
    [InlineData("-ERR syntax error, LIMIT cannot be used without the special ~ option", "XADD", "s", "MAXLEN", "1", "LIMIT", "1", "*", "f", "v")]
    [InlineData("-ERR syntax error, LIMIT cannot be used without specifying a trimming strategy", "XTRIM", "s", "LIMIT", "1")]
    [InlineData("-ERR The MAXLEN argument must be >= 0.", "XTRIM", "s", "MAXLEN", "-1")]
    [InlineData("-ERR syntax error", "XTRIM", "s", "MAXLEN", "1", "2")]
    [InlineData("-ERR value is not an integer or out of range", "XRANGE", "s", "-", "+", "COUNT", "x")]
    [InlineData("-ERR invalid start ID for the interval", "XRANGE", "s", "(18446744073709551615-18446744073709551615", "+")]
    [InlineData("-ERR invalid end ID for the interval", "XRANGE", "s", "-", "(0-0")]
    [InlineData("-ERR Invalid stream ID specified as stream command argument", "XRANGE", "s", "(-", "+")]
    [InlineData("-ERR Invalid stream ID specified as stream command argument", "XDEL", "s", "1-1", "x")]
    [InlineData("-ERR no such key", "XSETID", "none", "1-1")]
    [InlineData("-ERR The ID specified in XSETID is smaller than the target stream top item", "XSETID", "s", "0-5")]
    [InlineData("-ERR entries_added must be positive", "XSETID", "s", "5-5", "ENTRIESADDED", "-1")]
    [InlineData("-ERR The entries_added specified in XSETID is smaller than the target stream length", "XSETID", "s", "5-5", "ENTRIESADDED", "0")]
    [InlineData("-ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id", "XSETID", "s", "5-5", "MAXDELETEDID", "6")]
    [InlineData("-WRONGTYPE Operation against a key holding the wrong kind of value", "XADD", "text", "*", "f", "v")]
    [InlineData("-WRONGTYPE Operation against a key holding the wrong kind of value", "XLEN", "text")]
    [InlineData("-WRONGTYPE Operation against a key holding the wrong kind of value", "GET", "s")]
    public void BadArgumentsChangeNothing(string error, params string[] command)
    {
        using var server = new TestServer();
        server.Run("SET", "text", "v");
        server.Run("XADD", "s", "1-1", "f", "v");
        Assert.Equal(error, server.Run(command));
        Assert.Equal("[[1-1, [f, v]]]", server.Run("XRANGE", "s", "-", "+"));
        Assert.Equal(":0", server.Run("EXISTS", "none"));
    }

    /// <summary>Reading a million bytes takes several turns, in both directions, and what is written meanwhile waits.</summary>
    [Fact]
    public void LongRangesAreReadInSlices()
    {
        using var server = new TestServer();
        const int Count = 5000;
        for (int i = 1; i <= Count; i++) server.Run("XADD", "s", $"{i}-1", "f", $"{i}");
        Reply all = server.Ask("XRANGE", "s", "-", "+");
        Assert.Equal(Count, all.Items.Count);
        for (int i = 0; i < Count; i++) Assert.Equal($"[{i + 1}-1, [f, {i + 1}]]", all.Items[i].Text);
        Reply back = server.Ask("XREVRANGE", "s", "+", "-", "COUNT", "4990");
        Assert.Equal(4990, back.Items.Count);
        Assert.Equal("[11-1, [f, 11]]", back.Items[^1].Text);
        Assert.Equal($"[{Count}-1, [f, {Count}]]", back.Items[0].Text);
        Assert.Equal("[:5000, :4000, :1000]", Pipelined(server, ["MULTI"], ["XLEN", "s"], ["XTRIM", "s", "MAXLEN", "1000"], ["XLEN", "s"], ["EXEC"]));
    }

    private static string Pipelined(TestServer server, params string[][] commands) => server.Client.Pipeline(commands)[^1];

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void LongTrimsGoInSlices(int shards)
    {
        using var server = new TestServer(shards, "--stream-node-max-entries", "1");
        for (int i = 1; i <= 3000; i++) server.Run("XADD", "s", $"{i}-1", "f", "v");
        server.Events.Clear();
        Assert.Equal(":2900", server.Run("XTRIM", "s", "MAXLEN", "100"));
        Assert.Equal("[2901-1, [f, v]]", server.Ask("XRANGE", "s", "-", "+", "COUNT", "1").Items[0].Text);
        Assert.Equal(["xtrim s"], server.Events);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void StreamsAreCopiedAndMovedWithTheirGroups(int shards)
    {
        using var server = new TestServer(shards);
        server.Run("XADD", "s", "1-1", "f", "v");
        server.Run("XADD", "s", "2-1", "f", "w");
        server.Run("XGROUP", "CREATE", "s", "g", "0", "ENTRIESREAD", "5");
        server.Run("XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "s", ">");
        for (int i = 0; i < 8; i++)
        {
            Assert.Equal(":1", server.Run("COPY", "s", $"copy{i}"));
            Assert.Equal("OK", server.Run("RENAME", $"copy{i}", $"t{i}"));
            Assert.Equal(server.Run("XINFO", "STREAM", "s", "FULL"), server.Run("XINFO", "STREAM", $"t{i}", "FULL"));
            Assert.Equal(server.Run("DEBUG", "DIGEST-VALUE", "s"), server.Run("DEBUG", "DIGEST-VALUE", $"t{i}"));
        }
        Assert.Equal("[[1-1, c, :0, :1]]", Zeroed(server.Ask("XPENDING", "t3", "g", "-", "+", "9")));
        Assert.Equal(":9", server.Run("DBSIZE"));
        Assert.Equal("[0, []]", server.Run("SCAN", "0", "TYPE", "hash", "COUNT", "1000"));
        Assert.Equal("OK", server.Run("FLUSHALL"));
    }

    /// <summary>The idle times, which depend on the clock, as zeros.</summary>
    private static string Zeroed(Reply pending) =>
        $"[{string.Join(", ", pending.Items.Select(p => $"[{p.Items[0]}, {p.Items[1]}, :0, {p.Items[3]}]"))}]";

    /// <summary>Who watches or keeps a stream hears of its content, not of how far groups have read.</summary>
    [Theory]
    [InlineData("OK", "XACK", "s", "g", "1-1")]
    [InlineData("OK", "XREADGROUP", "GROUP", "g", "d", "STREAMS", "s", ">")]
    [InlineData("OK", "XGROUP", "SETID", "s", "g", "0")]
    [InlineData("OK", "XSETID", "s", "9-9")]
    [InlineData("(nil)", "XADD", "s", "9-9", "f", "v")]
    [InlineData("(nil)", "XDEL", "s", "1-1")]
    [InlineData("(nil)", "XTRIM", "s", "MAXLEN", "0")]
    public void OnlyContentIsWatched(string outcome, params string[] command)
    {
        using var server = new TestServer();
        server.Run("XADD", "s", "1-1", "f", "v");
        server.Run("XADD", "s", "1-2", "f", "v");
        server.Run("XGROUP", "CREATE", "s", "g", "0");
        server.Run("XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "s", ">");
        server.Run("WATCH", "s");
        Assert.False(server.Connect().Ask(command).IsError);
        string result = Pipelined(server, ["MULTI"], ["PING"], ["EXEC"]);
        Assert.Equal(outcome == "OK" ? "[PONG]" : outcome, result);
    }

    [Fact]
    public void InfoTellsOfNodesGroupsAndConsumers()
    {
        using var server = new TestServer();
        server.Run("XADD", "s", "1-1", "f", "v");
        server.Run("XADD", "s", "1-2", "f", "w");
        server.Run("XGROUP", "CREATE", "s", "g", "0");
        server.Run("XREADGROUP", "GROUP", "g", "c", "COUNT", "1", "STREAMS", "s", ">");
        TestClient client = server.Connect(version: RespVersion.Resp3);
        Assert.Equal("{length: :2, radix-tree-keys: :1, radix-tree-nodes: :2, last-generated-id: 1-2, max-deleted-entry-id: 0-0, entries-added: :2, "
            + "recorded-first-entry-id: 1-1, groups: :1, first-entry: [1-1, [f, v]], last-entry: [1-2, [f, w]]}", client.Run("XINFO", "STREAM", "s"));
        Assert.Equal("[{name: g, consumers: :1, pending: :1, last-delivered-id: 1-1, entries-read: :1, lag: :1}]", client.Run("XINFO", "GROUPS", "s"));
        Assert.StartsWith("[{name: c, pending: :1, idle: :", client.Run("XINFO", "CONSUMERS", "s", "g"));
        Reply full = client.Ask("XINFO", "STREAM", "s", "FULL", "COUNT", "1");
        Assert.Equal("[[1-1, [f, v]]]", full.Field("entries")!.Text);
        Assert.Equal(":1", full.Field("groups")!.Items[0].Field("pel-count")!.Text);
        Assert.Equal("-ERR no such key", server.Run("XINFO", "STREAM", "none"));
        Assert.Equal("-NOGROUP No such consumer group 'x' for key name 's'", server.Run("XINFO", "CONSUMERS", "s", "x"));
        Assert.StartsWith("-ERR unknown subcommand or wrong number of arguments for 'STREAM'", server.Run("XINFO", "STREAM", "s", "BRIEF"));
        Assert.True(server.Ask("MEMORY", "USAGE", "s").Integer is > 200 and < 1500);
    }
}

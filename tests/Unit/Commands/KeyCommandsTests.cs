using Anax.Engine.Keyspace;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public sealed class KeyCommandsTests
{
    private const string NotInteger = "-ERR value is not an integer or out of range";
    private const string WrongDatabase = "-ERR DB index is out of range";
    private const string SameObject = "-ERR source and destination objects are the same";

    public static TheoryData<string> Values => new("v", "", "12345", "-9223372036854775808", new string('x', 300), new string('y', 20_000));

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ManyKeysAreDeletedFoundAndTouched(int shards)
    {
        using var server = new TestServer(shards);
        for (int i = 0; i < 20; i++) server.Run("SET", $"k{i}", "v");
        string[] all = [.. Enumerable.Range(0, 25).Select(i => $"k{i}")];
        Assert.Equal(":20", server.Run(["EXISTS", .. all]));
        Assert.Equal(":2", server.Run("EXISTS", "k1", "k1"));
        Assert.Equal(":20", server.Run(["TOUCH", .. all]));
        server.Events.Clear();
        Assert.Equal(":3", server.Run("DEL", "k1", "k2", "k3", "none"));
        Assert.Equal(["del k1", "del k2", "del k3"], server.Events.Order());
        Assert.Equal(":17", server.Run(["UNLINK", .. all]));
        Assert.Equal(":0", server.Run(["EXISTS", .. all]));
        Assert.Equal(":0", server.Run("DBSIZE"));
    }

    [Fact]
    public void AskingAboutAKeyCountsHitsAndMisses()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v");
        server.Run("EXISTS", "k", "none");
        server.Run("TYPE", "k");
        server.Run("TYPE", "none");
        Assert.Equal((2, 2), (server.Hits, server.Misses));
        server.Run("RENAME", "k", "l");
        server.Run("DEL", "none");
        Assert.Equal((2, 2), (server.Hits, server.Misses));
    }

    [Fact]
    public void TypeNamesTheTypeOrNone()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v");
        Assert.Equal("string", server.Run("TYPE", "k"));
        Assert.Equal("none", server.Run("TYPE", "none"));
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void RenamingKeepsValueAndExpiryOnOneShardAndOverTwo(string value)
    {
        using var server = new TestServer(3);
        string from = server.KeyOf(0);
        foreach (string to in (string[])[server.KeyOf(0, 1), server.KeyOf(2)])
        {
            server.Run("SET", from, value, "PXAT", "4000000000123");
            server.Run("SET", to, "old", "EX", "10");
            server.Events.Clear();
            server.Effects.Clear();
            Assert.Equal("OK", server.Run("RENAME", from, to));
            Assert.Equal(value, server.Run("GET", to));
            Assert.Equal(":4000000000123", server.Run("PEXPIRETIME", to));
            Assert.Equal(":0", server.Run("EXISTS", from));
            Assert.Equal([$"rename_from {from}", $"rename_to {to}"], server.Events.Order());
            Assert.Equal([Effect.State, Effect.Deleted], server.Effects.Order());
        }
        Assert.Equal(":2", server.Run("DBSIZE"));
    }

    [Fact]
    public void RenamingRefusesWhatIsNotThere()
    {
        using var server = new TestServer(3);
        string here = server.KeyOf(0), other = server.KeyOf(0, 1), there = server.KeyOf(1);
        foreach (string to in (string[])[here, other, there])
        {
            Assert.Equal("-ERR no such key", server.Run("RENAME", here, to));
            Assert.Equal("-ERR no such key", server.Run("RENAMENX", here, to));
        }
        server.Run("SET", here, "v");
        Assert.Equal("OK", server.Run("RENAME", here, here));
        Assert.Equal(":0", server.Run("RENAMENX", here, here));
        Assert.Equal("v", server.Run("GET", here));
    }

    [Fact]
    public void RenamenxSparesWhatIsThere()
    {
        using var server = new TestServer(3);
        string from = server.KeyOf(0);
        foreach (string to in (string[])[server.KeyOf(0, 1), server.KeyOf(1)])
        {
            server.Run("SET", from, "new");
            server.Run("SET", to, "old");
            server.Events.Clear();
            Assert.Equal(":0", server.Run("RENAMENX", from, to));
            Assert.Equal("old", server.Run("GET", to));
            Assert.Equal("new", server.Run("GET", from));
            Assert.Empty(server.Events);
            server.Run("DEL", to);
            Assert.Equal(":1", server.Run("RENAMENX", from, to));
            Assert.Equal("new", server.Run("GET", to));
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void CopyingKeepsValueAndExpiryOnOneShardAndOverTwo(string value)
    {
        using var server = new TestServer(3);
        string from = server.KeyOf(0);
        foreach (string to in (string[])[server.KeyOf(0, 1), server.KeyOf(2)])
        {
            server.Run("SET", from, value, "PXAT", "4000000000123");
            server.Events.Clear();
            Assert.Equal(":1", server.Run("COPY", from, to));
            Assert.Equal([$"copy_to {to}"], server.Events);
            Assert.Equal(value, server.Run("GET", to));
            Assert.Equal(":4000000000123", server.Run("PEXPIRETIME", to));
            server.Run("APPEND", from, "more");
            Assert.Equal(value, server.Run("GET", to));
            Assert.Equal(value + "more", server.Run("GET", from));
            Assert.Equal(":0", server.Run("COPY", from, to));
            Assert.Equal(":1", server.Run("COPY", from, to, "replace"));
            Assert.Equal(value + "more", server.Run("GET", to));
        }
        Assert.Equal(":0", server.Run("COPY", "none", server.KeyOf(1)));
    }

    [Fact]
    public void CopyingReadsAllItsOptions()
    {
        using var server = new TestServer(3);
        string from = server.KeyOf(0);
        foreach (string to in (string[])[server.KeyOf(0, 1), server.KeyOf(1)])
        {
            server.Run("SET", from, "v");
            Assert.Equal("-ERR syntax error", server.Run("COPY", from, to, "DB"));
            Assert.Equal("-ERR syntax error", server.Run("COPY", from, to, "FOO"));
            Assert.Equal(NotInteger, server.Run("COPY", from, to, "DB", "a"));
            Assert.Equal(WrongDatabase, server.Run("COPY", from, to, "DB", "16"));
            Assert.Equal(WrongDatabase, server.Run("COPY", from, to, "DB", "-1"));
            Assert.Equal("-ERR value is out of range, value must between -2147483648 and 2147483647",
                server.Run("COPY", from, to, "DB", "2147483648"));
            Assert.Equal(":1", server.Run("COPY", from, to, "DB", "1", "REPLACE"));
            Assert.Equal(":0", server.Run("COPY", from, to, "DB", "1"));
            Assert.Equal(":0", server.Run("EXISTS", to));
        }
        Assert.Equal(SameObject, server.Run("COPY", from, from));
        Assert.Equal(SameObject, server.Run("COPY", from, from, "DB", "0"));
        Assert.Equal(":1", server.Run("COPY", from, from, "DB", "2"));
        Assert.Equal("OK", server.Run("SWAPDB", "0", "1"));
        Assert.Equal(":2", server.Run("DBSIZE"));
    }

    [Fact]
    public void MovingStaysOnItsShard()
    {
        using var server = new TestServer(3);
        server.Run("SET", "k", "v", "EX", "100");
        long asked = server.Messages;
        server.Events.Clear();
        Assert.Equal(":1", server.Run("MOVE", "k", "1"));
        Assert.Equal(["move_from k", "move_to k"], server.Events);
        Assert.True(server.Messages - asked <= 1);
        Assert.Equal(":0", server.Run("MOVE", "k", "1"));
        server.Run("SET", "k", "second");
        Assert.Equal(":0", server.Run("MOVE", "k", "1"));
        Assert.Equal(SameObject, server.Run("MOVE", "k", "0"));
        Assert.Equal(NotInteger, server.Run("MOVE", "k", "a"));
        Assert.Equal(WrongDatabase, server.Run("MOVE", "k", "99"));
        server.Run("SWAPDB", "0", "1");
        Assert.Equal("v", server.Run("GET", "k"));
        Assert.Equal(":100", server.Run("TTL", "k"));
    }

    [Fact]
    public void NoTouchLeavesTheIdleTimeAlone()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v");
        server.RunUntil(() => server.Ask("OBJECT", "IDLETIME", "k").Integer > 0, "a second's idling");
        server.Run("TTL", "k");
        server.Run("CLIENT", "NO-TOUCH", "ON");
        Assert.Equal("v", server.Run("GET", "k"));
        Assert.True(server.Ask("OBJECT", "IDLETIME", "k").Integer > 0);
        server.Run("CLIENT", "NO-TOUCH", "OFF");
        Assert.Equal(":1", server.Run("TOUCH", "k"));
        Assert.Equal(":0", server.Run("OBJECT", "IDLETIME", "k"));
    }

    [Fact]
    public void ObjectTellsHowAStringIsKept()
    {
        using var server = new TestServer();
        server.Run("SET", "i", "12");
        server.Run("SET", "s", "short");
        server.Run("SET", "l", new string('x', 200));
        server.Run("SET", "b", new string('x', 20_000));
        server.Run("SET", "a", "x");
        server.Run("APPEND", "a", "y");
        string[] encodings = [.. "i s l b a".Split(' ').Select(key => server.Run("OBJECT", "ENCODING", key))];
        Assert.Equal(["int", "embstr", "raw", "raw", "raw"], encodings);
        Assert.Equal(":1", server.Run("OBJECT", "REFCOUNT", "s"));
        Assert.Equal(":0", server.Run("OBJECT", "IDLETIME", "s"));
        Assert.StartsWith("-ERR An LFU maxmemory policy is not selected", server.Run("OBJECT", "FREQ", "s"));
        Assert.Equal("(nil)", server.Run("OBJECT", "ENCODING", "none"));
        Assert.Equal("(nil)", server.Run("OBJECT", "FREQ", "none"));
        Assert.Equal("-ERR unknown subcommand 'foo'. Try OBJECT HELP.", server.Run("OBJECT", "foo", "s"));
        Assert.Equal("-ERR wrong number of arguments for 'object|encoding' command", server.Run("OBJECT", "ENCODING"));
        Assert.Equal(15, server.Ask("OBJECT", "HELP").Items.Count);
    }
}

using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public sealed class ScanCommandsTests
{
    private const ulong CursorMax = 1UL << 53;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void RmDeletesWhatAScanWouldFind(int shards)
    {
        using var server = new TestServer(shards);
        for (int i = 0; i < 500; i++) server.Run("SET", $"a:{i}", "v");
        for (int i = 0; i < 50; i++) server.Run("SET", $"b:{i}", "v");
        for (int i = 0; i < 20; i++) server.Run("SADD", $"a:set:{i}", "m");
        Assert.Equal(20, RemoveAll(server, "MATCH", "a:*", "TYPE", "set"));
        Assert.Equal(500, RemoveAll(server, "MATCH", "a:*", "COUNT", "7"));
        Assert.Equal(":50", server.Run("DBSIZE"));
        Assert.Equal(0, RemoveAll(server, "MATCH", "none:*"));
        Assert.Equal("[0, :50]", server.Run("RM", "0", "COUNT", "100000"));
        Assert.Equal(":0", server.Run("DBSIZE"));
        Assert.Equal("[0, :0]", server.Run("RM", "0"));
        Assert.Equal(570, server.Events.Count(e => e.StartsWith("del ", StringComparison.Ordinal)));
        Assert.Equal("-ERR invalid cursor", server.Run("RM", "x"));
        Assert.Equal("-ERR syntax error", server.Run("RM", "0", "COUNT", "0"));
        Assert.Equal("-ERR syntax error", server.Run("RM", "0", "WHAT"));
        server.Run("SET", "k", "v");
        server.Run("MULTI");
        server.Run("RM", "0", "COUNT", "100000");
        Assert.Equal("[[0, :1]]", server.Run("EXEC"));
    }

    private static int RemoveAll(TestServer server, params string[] options)
    {
        int removed = 0;
        string cursor = "0";
        do
        {
            Reply reply = server.Ask(["RM", cursor, .. options]);
            cursor = reply.Items[0].Text;
            removed += int.Parse(reply.Items[1].Text.AsSpan(1), System.Globalization.CultureInfo.InvariantCulture);
        }
        while (cursor != "0");
        return removed;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void ExpiredKeysAreDeletedAtOnce(int shards)
    {
        using var server = new TestServer(shards, "--enable-debug-command", "yes");
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        for (int i = 0; i < 300; i++) server.Run("SET", $"k:{i}", "v", "PX", i < 200 ? "1" : "1000000");
        server.RunFor(5);
        server.Events.Clear();
        Assert.Equal("[:200, :300]", server.Run("EXPDELSCAN"));
        Assert.Equal(200, server.Events.Count(e => e.StartsWith("expired k:", StringComparison.Ordinal)));
        Assert.Equal("[:0, :100]", server.Run("EXPDELSCAN"));
        server.Run("SELECT", "1");
        Assert.Equal("[:0, :0]", server.Run("EXPDELSCAN"));
        Assert.Equal("[:0, :100]", server.Run("EXPDELSCAN", "0"));
        Assert.Equal("-ERR DB index is out of range", server.Run("EXPDELSCAN", "99"));
        Assert.Equal("-ERR wrong number of arguments for 'expdelscan' command", server.Run("EXPDELSCAN", "0", "0"));
    }

    [Theory]
    [InlineData(1, 1000)]
    [InlineData(3, 1000)]
    [InlineData(3, 5)]
    [InlineData(4, 0)]
    public void AScanMeetsEveryKey(int shards, int keys)
    {
        using TestServer server = Populated(shards, keys);
        foreach (string[] options in (string[][])[[], ["COUNT", "1"], ["COUNT", "7"], ["MATCH", "*"], ["TYPE", "STRING"]])
        {
            List<string> found = ScanAll(server, options);
            Assert.Equal(keys, found.Distinct().Count());
        }
    }

    [Fact]
    public void CountIsHowMuchIsLookedAt()
    {
        using TestServer server = Populated(2, 5000);
        Assert.InRange(server.Ask("SCAN", "0").Items[1].Items.Count, 10, 60);
        Assert.InRange(server.Ask("SCAN", "0", "COUNT", "1000").Items[1].Items.Count, 1000, 1100);
        Reply all = server.Ask("SCAN", "0", "COUNT", "100000");
        Assert.Equal("0", all.Items[0].Text);
        Assert.Equal(5000, all.Items[1].Items.Count);
        Reply few = server.Ask("SCAN", "0", "COUNT", "100", "MATCH", "nothing*");
        Assert.NotEqual("0", few.Items[0].Text);
        Assert.Empty(few.Items[1].Items);
    }

    [Theory]
    [InlineData(1, 11)]
    [InlineData(2, 12)]
    [InlineData(5, 13)]
    public void KeysPresentThroughoutAreMetAcrossGrowthAndDeletion(int shards, int seed)
    {
        using var server = new TestServer(shards);
        var random = new Random(seed);
        const int Present = 300;
        for (int i = 0; i < Present; i++) server.Run("SET", $"present:{i}", "v");
        var found = new HashSet<string>();
        string cursor = "0";
        int others = 0;
        do
        {
            Reply reply = server.Ask("SCAN", cursor, "COUNT", "5", "MATCH", "present:*");
            cursor = reply.Items[0].Text;
            Assert.True(ulong.Parse(cursor) < CursorMax);
            foreach (Reply key in reply.Items[1].Items) found.Add(key.Text);
            // The tables grow by splits while the scan is under way, and shrink again.
            string[] pairs = [.. Enumerable.Range(0, 40).SelectMany(_ => new[] { $"other:{others++}", "v" })];
            server.Run(["MSET", .. pairs]);
            if (random.Next(4) == 0) server.Run(["DEL", .. Enumerable.Range(0, 60).Select(_ => $"other:{random.Next(others)}")]);
        }
        while (cursor != "0");
        Assert.True(found.Count == Present, $"seed {seed}: {Present - found.Count} keys were not met");
    }

    [Fact]
    public void AnyNumberIsACursorAndNothingElse()
    {
        using TestServer server = Populated(3, 100);
        foreach (string cursor in (string[])["18446744073709551615", "9007199254740991", "4", "01", "+1", " 1", "-0", "1\0x"])
            Assert.Equal(2, server.Ask("SCAN", cursor).Items.Count);
        foreach (string cursor in (string[])["", "-1", "1 ", "a", "1.0", " ", "+", "\0", "18446744073709551616"])
            Assert.Equal("-ERR invalid cursor", server.Run("SCAN", cursor, "FOO"));
    }

    [Theory]
    [InlineData("-ERR syntax error", "COUNT", "0")]
    [InlineData("-ERR syntax error", "COUNT")]
    [InlineData("-ERR syntax error", "FOO")]
    [InlineData("-ERR value is not an integer or out of range", "COUNT", "a")]
    [InlineData("-ERR unknown type name 'string1'", "TYPE", "string1")]
    [InlineData("-ERR NOVALUES option can only be used in HSCAN", "NOVALUES")]
    [InlineData("-ERR NOSCORES option can only be used in ZSCAN", "count", "5", "noscores")]
    public void WrongOptionsAreRefused(string error, params string[] options)
    {
        using var server = new TestServer();
        Assert.Equal(error, server.Run(["SCAN", "0", .. options]));
    }

    [Fact]
    public void ScansDropWhatHasExpiredButOnlyWhatTheyLookFor()
    {
        using TestServer server = Silent();
        for (int i = 0; i < 50; i++) server.Run("SET", $"dead:{i}", "v", "PX", "1");
        server.Run("SET", "alive", "v");
        server.RunFor(5);
        Assert.Equal(["alive"], ScanAll(server, "TYPE", "list").Append("alive"));
        Assert.Equal(":51", server.Run("DBSIZE"));
        Assert.Equal("[alive]", server.Run("KEYS", "*"));
        Assert.Equal(":51", server.Run("DBSIZE"));
        Assert.Equal(["alive"], ScanAll(server, "MATCH", "*"));
        Assert.Equal(":1", server.Run("DBSIZE"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void KeysListsEachMatchOnce(int shards)
    {
        using TestServer server = Populated(shards, 20_000);
        Reply reply = server.Ask("KEYS", "*");
        Assert.Equal(20_000, reply.Items.Count);
        Assert.Equal(20_000, reply.Items.Select(item => item.Text).Distinct().Count());
        Assert.Equal(11, server.Ask("KEYS", "key:777*").Items.Count);
        Assert.Equal("[key:19999]", server.Run("KEYS", "key:1999[9a-c]"));
        Assert.Equal("[]", server.Run("KEYS", "none"));
    }

    [Fact]
    public void KeysTellsNoKeyTwiceWhileTablesGrow()
    {
        using TestServer server = Populated(2, 30_000);
        using TestClient writer = server.Connect(1);
        server.Client.Send("KEYS", "key:*");
        for (int i = 0; i < 200; i++) writer.Send(["MSET", .. Enumerable.Range(0, 50).SelectMany(n => new[] { $"x:{i}:{n}", "v" })]);
        Reply keys = server.Client.Receive();
        Assert.Equal(30_000, keys.Items.Count);
        Assert.Equal(30_000, keys.Items.Select(item => item.Text).Distinct().Count());
    }

    [Fact]
    public void RandomKeyIsAnyOfThem()
    {
        using var server = new TestServer(3);
        Assert.Equal("(nil)", server.Run("RANDOMKEY"));
        for (int i = 0; i < 10; i++) server.Run("SET", $"k{i}", "v");
        var seen = new Dictionary<string, int>();
        for (int i = 0; i < 2000; i++)
        {
            string key = server.Run("RANDOMKEY");
            seen[key] = seen.GetValueOrDefault(key) + 1;
        }
        Assert.Equal(10, seen.Count);
        Assert.All(seen.Values, count => Assert.InRange(count, 40, 800));
    }

    [Fact]
    public void RandomKeyDropsWhatHasExpired()
    {
        using TestServer server = Silent();
        for (int i = 0; i < 300; i++) server.Run("SET", $"dead:{i}", "v", "PX", "1");
        server.RunFor(5);
        Assert.Equal("(nil)", server.Run("RANDOMKEY"));
        Assert.Equal(":0", server.Run("DBSIZE"));
    }

    /// <summary>Two shards on which only access finds what has expired.</summary>
    private static TestServer Silent()
    {
        var server = new TestServer(2, "--enable-debug-command", "yes");
        Assert.Equal("OK", server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0"));
        return server;
    }

    private static TestServer Populated(int shards, int keys)
    {
        var server = new TestServer(shards, "--enable-debug-command", "yes");
        Assert.Equal("OK", server.Run("DEBUG", "POPULATE", $"{keys}"));
        return server;
    }

    private static List<string> ScanAll(TestServer server, params string[] options)
    {
        var found = new List<string>();
        string cursor = "0";
        do
        {
            Reply reply = server.Ask(["SCAN", cursor, .. options]);
            cursor = reply.Items[0].Text;
            Assert.True(ulong.Parse(cursor) < CursorMax);
            found.AddRange(reply.Items[1].Items.Select(item => item.Text));
        }
        while (cursor != "0");
        return found;
    }
}

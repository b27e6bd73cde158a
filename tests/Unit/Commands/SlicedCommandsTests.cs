using System.Globalization;
using Anax.Engine;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

/// <summary>Commands that take several turns: they answer as short ones do, others see all of it or nothing, and it ends whoever goes.</summary>
public sealed class SlicedCommandsTests
{
    private const int Count = 20_000;

    public static TheoryData<string, int> TypesAndShards
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string type in (string[])["hash", "set", "zset", "list", "stream"])
                foreach (int shards in (int[])[1, 3]) data.Add(type, shards);
            return data;
        }
    }

    private static void Fill(TestServer server, string type, string key, int count = Count)
    {
        if (type == "stream")
        {
            foreach (int[] some in Enumerable.Range(1, count / 4).Chunk(100))
                server.Client.Pipeline([.. some.Select(i => (string[])["XADD", key, $"{i}-1", "field", $"value {i}"])]);
            server.Run("XGROUP", "CREATE", key, "first", "0");
            server.Run("XGROUP", "CREATE", key, "none", "5-1");
            foreach (string consumer in (string[])["a", "b", "c"])
                server.Run("XREADGROUP", "GROUP", "first", consumer, "COUNT", $"{count / 20}", "STREAMS", key, ">");
            server.Run("XDEL", key, "7-1", $"{count / 8}-1");
            return;
        }
        foreach (int[] some in Enumerable.Range(0, count).Chunk(1000))
        {
            string[] command = type switch
            {
                "hash" => ["HSET", key, .. some.SelectMany(n => new[] { n % 2 == 0 ? $"{n}" : $"field {n}", $"value {n}" })],
                "list" => ["RPUSH", key, .. some.Select(n => $"an element that is a bit longer than it need be {n}")],
                "set" => ["SADD", key, .. some.Select(n => $"member {n}")],
                _ => ["ZADD", key, .. some.SelectMany(n => new[] { $"{n % 1000}.5", $"member {n}" })],
            };
            server.Run(command);
        }
        if (type == "hash") server.Run("HSET", key, "large", new string('x', 40_000));
        if (type == "list") server.Run("RPUSH", key, new string('x', 40_000));
    }

    /// <summary>All that is behind a key, as clients see it.</summary>
    private static string ContentOf(TestServer server, string type, string key) => type switch
    {
        "stream" => server.Run("XINFO", "STREAM", key, "FULL", "COUNT", "0"),
        "list" => server.Run("LRANGE", key, "0", "-1"),
        "zset" => server.Run("ZRANGE", key, "0", "-1", "WITHSCORES"),
        "hash" => string.Join(", ", server.Ask("HGETALL", key).Items.Select(i => i.Text).Chunk(2).Select(p => p[0] + p[1]).Order(StringComparer.Ordinal)),
        _ => string.Join(", ", server.Ask("SMEMBERS", key).Items.Select(i => i.Text).Order(StringComparer.Ordinal)),
    };

    private static string LengthOf(string type) => type switch
    {
        "hash" => "HLEN",
        "list" => "LLEN",
        "set" => "SCARD",
        "zset" => "ZCARD",
        _ => "XLEN",
    };

    private static long Hops(TestServer server)
    {
        long hops = 0;
        foreach (EngineLoop loop in server.Loops) hops += loop.Transactions.Hops;
        return hops;
    }

    private static long Parked(TestServer server)
    {
        long parked = 0;
        foreach (EngineLoop loop in server.Loops) parked += loop.Transactions.Parked;
        return parked;
    }

    [Theory]
    [MemberData(nameof(TypesAndShards))]
    public void LargeValuesAreCopiedAndRenamedInBatches(string type, int shards)
    {
        using var server = new TestServer(shards);
        string from = server.KeyOf(0);
        Fill(server, type, from);
        server.Run("PEXPIREAT", from, "4000000000123");
        string content = ContentOf(server, type, from), encoding = server.Run("OBJECT", "ENCODING", from);
        for (int shard = 0; shard < shards; shard++)
        {
            string to = server.KeyOf(shard, 1), next = server.KeyOf((shard + 1) % shards, 2);
            server.Events.Clear();
            long before = Hops(server);
            Assert.Equal(":1", server.Run("COPY", from, to));
            // No batch has more than 2048 elements, or a bit more than 128 KiB.
            Assert.InRange(Hops(server) - before, 10, 1000);
            Assert.Equal([$"copy_to {to}"], server.Events);
            Assert.Equal(content, ContentOf(server, type, to));
            Assert.Equal(encoding, server.Run("OBJECT", "ENCODING", to));
            Assert.Equal(":4000000000123", server.Run("PEXPIRETIME", to));
            Assert.Equal(":0", server.Run("COPY", from, to));
            before = Hops(server);
            Assert.Equal("OK", server.Run("RENAME", to, next));
            if (shards > 1) Assert.InRange(Hops(server) - before, 10, 1000);
            Assert.Equal(":0", server.Run("EXISTS", to));
            Assert.Equal(content, ContentOf(server, type, next));
            Assert.Equal(":4000000000123", server.Run("PEXPIRETIME", next));
            server.Run("SET", to, "old");
            Assert.Equal(":0", server.Run("RENAMENX", next, to));
            Assert.Equal(":1", server.Run("COPY", next, to, "REPLACE"));
            Assert.Equal(content, ContentOf(server, type, to));
            server.Run("DEL", to, next);
        }
        Assert.Equal(":1", server.Run("COPY", from, from, "DB", "3"));
        server.Run("SELECT", "3");
        Assert.Equal(content, ContentOf(server, type, from));
        Assert.Equal("OK", server.Run("FLUSHALL"));
        server.RunUntil(() => server.Loops.ToArray().All(loop => loop.Shard.UsedBytes < 100_000), "freeing");
    }

    [Theory]
    [MemberData(nameof(TypesAndShards))]
    public void CopiesArePartOfTransactionsAndScripts(string type, int shards)
    {
        using var server = new TestServer(shards);
        string from = server.KeyOf(0), to = server.KeyOf(shards - 1, 1), last = server.KeyOf(shards / 2, 2);
        Fill(server, type, from);
        string content = ContentOf(server, type, from);
        server.Run("MULTI");
        server.Run("COPY", from, to);
        server.Run("RENAME", to, last);
        server.Run(LengthOf(type), last);
        Assert.Equal($"[:1, OK, {server.Connect().Run(LengthOf(type), from)}]", server.Run("EXEC"));
        Assert.Equal(content, ContentOf(server, type, last));
        Assert.Equal(":1", server.Run("EVAL", "redis.call('del', KEYS[3]) return redis.call('copy', KEYS[1], KEYS[2])", "3", from, to, last));
        Assert.Equal(content, ContentOf(server, type, to));
        Assert.Equal(":2", server.Run("DBSIZE"));
    }

    [Theory]
    [MemberData(nameof(TypesAndShards))]
    public void OthersSeeACopyWholeOrNotAtAll(string type, int shards)
    {
        using var server = new TestServer(shards);
        string from = server.KeyOf(0), to = server.KeyOf(shards - 1, 1);
        Fill(server, type, from);
        string length = server.Run(LengthOf(type), from);
        using TestClient reader = server.Connect(shards - 1), writer = server.Connect();
        foreach (string command in (string[])["COPY", "RENAME"])
        {
            server.Run("DEL", to);
            server.Client.Send(command, from, to);
            server.Turn();
            // The source is locked too: what deletes it comes before all of it, or behind.
            writer.Send("DEL", from);
            List<string> seen = [];
            while (server.Client.Next() is null) seen.Add(reader.Run(LengthOf(type), to));
            Assert.All(seen, each => Assert.Contains(each, (string[])[":0", length]));
            Assert.Equal(length, reader.Run(LengthOf(type), to));
            Assert.Equal(command == "COPY" ? ":1" : ":0", writer.Receive().Text);
            if (command == "COPY") server.Run("COPY", to, from);
        }
    }

    [Theory]
    [MemberData(nameof(TypesAndShards))]
    public void AClientThatGoesLeavesAWholeCopy(string type, int shards)
    {
        using var server = new TestServer(shards);
        string from = server.KeyOf(0), to = server.KeyOf(shards - 1, 1);
        Fill(server, type, from);
        string content = ContentOf(server, type, from);
        using (TestClient gone = server.Connect())
        {
            gone.Send("COPY", from, to, "REPLACE");
            server.Turn();
        }
        server.RunUntil(() => server.Run("EXISTS", to) == ":1", "the copy");
        Assert.Equal(content, ContentOf(server, type, to));
        Assert.Equal(content, ContentOf(server, type, from));
        Assert.Equal("OK", server.Run("FLUSHALL"));
        server.RunUntil(() => server.Loops.ToArray().All(loop => loop.Shard.UsedBytes < 100_000), "freeing");
    }

    // ---- lists ----

    private static List<string> Elements(int count) => [.. Enumerable.Range(0, count).Select(i => $"an element of about forty bytes, kind {i * i % 17}")];

    private static void Push(TestServer server, List<string> elements)
    {
        server.Run("DEL", "l");
        foreach (string[] some in elements.Chunk(1000)) server.Run(["RPUSH", "l", .. some]);
    }

    private static string Text(IEnumerable<string> elements) => $"[{string.Join(", ", elements)}]";

    [Theory]
    [InlineData(300, 0)]
    [InlineData(30_000, 1)]
    public void ElementsAreRemovedFromLongListsAsFromShortOnes(int count, int parked)
    {
        using var server = new TestServer();
        foreach (int most in (int[])[0, 1, -1, 7, -7, count / 20, -(count / 20), count, -count])
        {
            List<string> model = Elements(count);
            string text = model[3];
            Push(server, model);
            List<int> places = [.. Enumerable.Range(0, count).Where(i => model[i] == text)];
            if (most < 0) places.Reverse();
            places = [.. places.Take(most == 0 ? count : Math.Abs(most)).OrderDescending()];
            foreach (int place in places) model.RemoveAt(place);
            server.Events.Clear();
            long before = Parked(server);
            Assert.Equal($":{places.Count}", server.Run("LREM", "l", $"{most}", text));
            Assert.Equal(parked, Parked(server) - before);
            Assert.Equal(["lrem l"], server.Events);
            Assert.Equal(Text(model), server.Run("LRANGE", "l", "0", "-1"));
            Assert.Equal(":0", server.Run("LREM", "l", "0", "none"));
        }
        Push(server, [.. Enumerable.Repeat(new string('e', 40), count)]);
        server.Events.Clear();
        Assert.Equal($":{count}", server.Run("LREM", "l", "-100000", new string('e', 40)));
        Assert.Equal(["lrem l", "del l"], server.Events);
        Assert.Equal(":0", server.Run("EXISTS", "l"));
    }

    [Theory]
    [InlineData(300, 0)]
    [InlineData(30_000, 1)]
    public void ElementsAreInsertedIntoLongListsAsIntoShortOnes(int count, int parked)
    {
        using var server = new TestServer();
        List<string> model = Elements(count);
        Push(server, model);
        foreach (int place in (int[])[count - 1, count / 2, 100, 0])
        {
            foreach (bool after in (bool[])[true, false])
            {
                string pivot = $"pivot {place} {after}", value = after ? "short" : new string('v', 20_000);
                model[place] = pivot;
                server.Run("LSET", "l", $"{place}", pivot);
                server.Events.Clear();
                long before = Parked(server);
                model.Insert(after ? place + 1 : place, value);
                Assert.Equal($":{model.Count}", server.Run("LINSERT", "l", after ? "AFTER" : "BEFORE", pivot, value));
                // A block that the first one made is a chunk.
                Assert.InRange(Parked(server) - before, parked, parked);
                Assert.Equal(["linsert l"], server.Events);
            }
        }
        Assert.Equal(":-1", server.Run("LINSERT", "l", "AFTER", "none", "x"));
        Assert.Equal("-ERR syntax error", server.Run("LINSERT", "l", "BESIDE", "none", "x"));
        Assert.Equal(Text(model), server.Run("LRANGE", "l", "0", "-1"));
    }

    [Theory]
    [InlineData(300, 0)]
    [InlineData(30_000, 1)]
    public void LongListsAreTrimmedAsShortOnes(int count, int parked)
    {
        using var server = new TestServer();
        foreach ((int first, int last, bool takesMuch) in ((int, int, bool)[])
            [(0, 9, true), (-10, -1, true), (count / 2, (count / 2) + 5, true), (0, -1, false), (1, -2, false), (5, 4, false)])
        {
            List<string> model = Elements(count);
            Push(server, model);
            server.Events.Clear();
            long before = Parked(server);
            Assert.Equal("OK", server.Run("LTRIM", "l", $"{first}", $"{last}"));
            Assert.Equal(takesMuch ? parked : 0, Parked(server) - before);
            int start = first < 0 ? count + first : first, end = last < 0 ? count + last : last;
            Assert.Equal(end < start ? ["ltrim l", "del l"] : ["ltrim l"], server.Events);
            Assert.Equal(end < start ? "[]" : Text(model[start..(end + 1)]), server.Run("LRANGE", "l", "0", "-1"));
        }
    }

    [Fact]
    public void LongListCommandsAreOneChangeForOthersAndInTransactions()
    {
        using var server = new TestServer(2);
        List<string> model = Elements(60_000);
        string removed = model[3], last = model[^1];
        int left = model.Count(e => e != removed);
        Push(server, model);
        using TestClient other = server.Connect(1);
        server.Client.Send("LREM", "l", "0", removed);
        server.Turn();
        List<string> seen = [];
        while (server.Client.Next() is null) seen.Add(other.Run("LLEN", "l"));
        Assert.All(seen, each => Assert.Contains(each, (string[])[":60000", $":{left}"]));
        Assert.Equal($":{left}", other.Run("LLEN", "l"));
        using (TestClient gone = server.Connect())
        {
            gone.Send("LTRIM", "l", "100", "199");
            server.Turn();
        }
        server.RunUntil(() => server.Run("LLEN", "l") == ":100", "the trim");
        Push(server, model);
        server.Run("MULTI");
        server.Run("LREM", "l", "0", removed);
        server.Run("LINSERT", "l", "AFTER", last, "behind");
        server.Run("LTRIM", "l", "-1", "-1");
        server.Run("LLEN", "l");
        server.Run("LREM", "l", "x", removed);
        server.Run("LREM", "none", "0", removed);
        server.Run("LTRIM", "none", "0", "1");
        Assert.StartsWith($"[:{60_000 - left}, :{left + 1}, OK, :1, -ERR value is not an integer or out of range, :0, OK]", server.Run("EXEC"));
    }

    // ---- streams ----

    private static void AddEntries(TestServer server, string key, int count)
    {
        foreach (int[] some in Enumerable.Range(1, count).Chunk(200))
            server.Client.Pipeline([.. some.Select(i => (string[])["XADD", key, $"{i}-1", "f", $"{i}"])]);
    }

    [Theory]
    [InlineData("MAXLEN", "=", "10")]
    [InlineData("MINID", "=", "5990-1")]
    [InlineData("MAXLEN", "~", "10", "LIMIT", "0")]
    [InlineData("MAXLEN", "~", "10", "LIMIT", "3000")]
    public void AnEntryThatTrimsMuchDoesWhatATrimDoes(params string[] trim)
    {
        using var server = new TestServer();
        server.Run("CONFIG", "SET", "stream-node-max-entries", "3");
        AddEntries(server, "s", 6000);
        server.Run("COPY", "s", "t");
        server.Events.Clear();
        long before = Parked(server);
        Assert.Equal("7000-1", server.Run(["XADD", "s", .. trim, "7000-1", "f", "v"]));
        Assert.Equal(1, Parked(server) - before);
        Assert.Equal(["xadd s", "xtrim s"], server.Events);
        server.Run("XADD", "t", "7000-1", "f", "v");
        server.Run(["XTRIM", "t", .. trim]);
        Assert.Equal(server.Run("XINFO", "STREAM", "t", "FULL", "COUNT", "0"), server.Run("XINFO", "STREAM", "s", "FULL", "COUNT", "0"));
        server.Run("MULTI");
        server.Run(["XADD", "s", .. trim, "1-1", "f", "v"]);
        server.Run(["XADD", "none", .. trim, "1-1", "f", "v"]);
        Assert.Equal("[-ERR The ID specified in XADD is equal or smaller than the target stream top item, 1-1]", server.Run("EXEC"));
    }

    [Fact]
    public void ManyEntriesAreDeletedAsFewAre()
    {
        using var server = new TestServer();
        AddEntries(server, "s", 3000);
        AddEntries(server, "t", 3000);
        string[] ids = [.. Enumerable.Range(1, 4000).Where(i => i % 3 != 0).Select(i => $"{i}-1"), "5-1", "6-2"];
        server.Events.Clear();
        Assert.Equal(":2000", server.Run(["XDEL", "s", .. ids]));
        Assert.Equal(["xdel s"], server.Events);
        int deleted = ids.Chunk(500).Sum(some => int.Parse(server.Run(["XDEL", "t", .. some])[1..], CultureInfo.InvariantCulture));
        Assert.Equal(2000, deleted);
        Assert.Equal(server.Run("XINFO", "STREAM", "t", "FULL", "COUNT", "0"), server.Run("XINFO", "STREAM", "s", "FULL", "COUNT", "0"));
        Assert.Equal("-ERR Invalid stream ID specified as stream command argument", server.Run(["XDEL", "s", "9-1", .. ids, "x"]));
        Assert.Equal(":1", server.Run("XDEL", "s", "9-1"));
        Assert.Equal(":0", server.Run(["XDEL", "none", .. ids]));
        Assert.Equal(":0", server.Run(["XDEL", "s", .. ids]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AWholeStreamIsShownInSlices(int shards)
    {
        using var server = new TestServer(shards);
        Fill(server, "stream", "s");
        long before = Parked(server);
        Reply full = server.Ask("XINFO", "STREAM", "s", "FULL", "COUNT", "0");
        Assert.Equal(1, Parked(server) - before);
        Assert.Equal(server.Run("XRANGE", "s", "-", "+"), full.Items[15].Text);
        Reply group = full.Items[17].Items[0];
        Assert.Equal("first", group.Items[1].Text);
        Assert.Equal(3000, group.Items[11].Items.Count);
        Assert.Equal([1000, 1000, 1000], group.Items[13].Items.Select(c => c.Items[9].Items.Count));
        Assert.Equal(group.Items[11].Items.Select(p => p.Items[0].Text), group.Items[13].Items.SelectMany(c => c.Items[9].Items).Select(p => p.Items[0].Text));
        server.Run("MULTI");
        server.Run("XINFO", "STREAM", "s", "FULL", "COUNT", "0");
        Assert.Equal($"[{full.Text}]", server.Run("EXEC"));
        Assert.Equal(10, server.Ask("XINFO", "STREAM", "s", "FULL").Items[15].Items.Count);
    }

    // ---- hashes ----

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void ManyDifferentFieldsAreChosenInSlices(bool someExpire)
    {
        using var server = new TestServer();
        foreach (int[] some in Enumerable.Range(0, 30_000).Chunk(1000)) server.Run(["HSET", "h", .. some.SelectMany(n => new[] { $"f{n}", $"{n}" })]);
        if (someExpire)
        {
            server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
            server.Run(["HPEXPIRE", "h", "1", "FIELDS", "1000", .. Enumerable.Range(0, 1000).Select(n => $"f{n * 30}")]);
            server.RunFor(3);
        }
        int live = someExpire ? 29_000 : 30_000;
        var counts = new int[10];
        foreach (int wanted in (int[])[10_000, 10_000, 25_000])
        {
            long before = Parked(server);
            List<string> fields = [.. server.Ask("HRANDFIELD", "h", $"{wanted}").Items.Select(i => i.Text)];
            Assert.Equal(1, Parked(server) - before);
            Assert.Equal(wanted, fields.Distinct().Count());
            Assert.Equal(wanted, fields.Count);
            foreach (string field in fields) counts[int.Parse(field[1..], CultureInfo.InvariantCulture) / 3000]++;
            Assert.All(fields, field => Assert.True(!someExpire || int.Parse(field[1..], CultureInfo.InvariantCulture) % 30 != 0));
        }
        // Each tenth has its share.
        Assert.All(counts, count => Assert.InRange(count, 4200, 4800));
        Assert.Equal(live, server.Ask("HRANDFIELD", "h", "29999").Items.Count + (someExpire ? 0 : 1));
        Reply pairs = server.Ask("HRANDFIELD", "h", "20000", "WITHVALUES");
        Assert.Equal(40_000, pairs.Items.Count);
        Assert.All(pairs.Items.Chunk(2), pair => Assert.Equal(pair[0].Text, $"f{pair[1].Text}"));
    }

    // ---- bits ----

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void BitsOfLongStringsAreCountedAndFoundInSlices(int shards)
    {
        const int Bytes = 3 << 20, Bits = 8 * Bytes;
        using var server = new TestServer(shards);
        var random = new Random(shards);
        var places = new SortedSet<int> { 5, Bits - 9 };
        while (places.Count < 200) places.Add(random.Next(Bits));
        server.Run("SETBIT", "b", $"{Bits - 1}", "0");
        foreach (int place in places) server.Run("SETBIT", "b", $"{place}", "1");
        foreach ((int first, int last) in ((int, int)[])[(0, -1), (6, -9), (Bits / 2, -1), (-9_000_000, -100), (Bits / 3, Bits - 1), (7, Bits - 9)])
        {
            int start = first < 0 ? Bits + first : first, end = last < 0 ? Bits + last : last;
            SortedSet<int> set = places.GetViewBetween(start, end);
            long before = Parked(server);
            Assert.Equal($":{set.Count}", server.Run("BITCOUNT", "b", $"{first}", $"{last}", "BIT"));
            Assert.Equal(1, Parked(server) - before);
            Assert.Equal($":{set.Min}", server.Run("BITPOS", "b", "1", $"{first}", $"{last}", "BIT"));
            Assert.Equal($":{Enumerable.Range(start, 1000).First(i => !places.Contains(i))}", server.Run("BITPOS", "b", "0", $"{first}", $"{last}", "BIT"));
        }
        Assert.Equal($":{places.Count}", server.Run("BITCOUNT", "b"));
        Assert.Equal($":{places.GetViewBetween(8, Bits - 17).Count}", server.Run("BITCOUNT", "b", "1", "-3"));
        server.Run("MULTI");
        server.Run("BITCOUNT", "b");
        server.Run("BITPOS", "b", "1", "-2");
        Assert.Equal($"[:{places.Count}, :{places.GetViewBetween(Bits - 16, Bits).Min}]", server.Run("EXEC"));
        server.Run("SET", "o", new string('\u00ff', Bytes));
        Assert.Equal($":{Bits}", server.Run("BITCOUNT", "o"));
        Assert.Equal($":{Bits}", server.Run("BITPOS", "o", "0"));
        Assert.Equal(":-1", server.Run("BITPOS", "o", "0", "0", "-1"));
        Assert.Equal(":-1", server.Run("BITPOS", "o", "1", $"{Bytes}"));
        Assert.Equal(":0", server.Run("BITCOUNT", "o", "-1", "-2"));
    }

    [Fact]
    public void WhatALongerStringGetsIsZero()
    {
        using var server = new TestServer();
        server.Run("SET", "s", "begin");
        int length = 5;
        foreach (int more in (int[])[300_000, 10, 100_000, 2_000_000, 5_000_000, 1])
        {
            length += more;
            Assert.Equal($":{length}", server.Run("SETRANGE", "s", $"{length - 1}", "x"));
            Assert.Equal("begin", server.Run("GETRANGE", "s", "0", "4"));
            int zeros = Math.Min(more - 1, 50_000);
            Assert.Equal(new string('\0', zeros), server.Run("GETRANGE", "s", $"{length - 1 - zeros}", $"{length - 2}"));
        }
        long ones = System.Numerics.BitOperations.PopCount('x') * 6 + "begin".Sum(c => System.Numerics.BitOperations.PopCount(c));
        Assert.Equal($":{ones}", server.Run("BITCOUNT", "s"));
    }
}

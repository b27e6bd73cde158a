using System.Globalization;
using System.Text;
using Anax.Core.Rdb;
using Anax.Engine.Keyspace;
using Anax.Tests.Fuzz;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

/// <summary>DUMP and RESTORE as clients see them, small and large.</summary>
public sealed class DumpCommandsTests
{
    private const string Checksum = "-ERR DUMP payload version or checksum are wrong", BadFormat = "-ERR Bad data format";

    private static string Payload(RdbBytes value, int version = RdbVersion.Written) => Encoding.Latin1.GetString(RdbBytes.Payload(value.ToArray(), version));

    [Fact]
    public void AValueComesBack()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "bar");
        string dump = server.Run("DUMP", "k");
        Assert.Equal("00036261725000299480F170349AE3", Convert.ToHexString(Encoding.Latin1.GetBytes(dump)));
        Assert.Equal("(nil)", server.Run("DUMP", "none"));
        server.Events.Clear();
        Assert.Equal("OK", server.Run("RESTORE", "c", "0", dump));
        Assert.Equal("bar", server.Run("GET", "c"));
        Assert.Equal(":-1", server.Run("TTL", "c"));
        Assert.Equal(["restore c"], server.Events);
        Assert.Equal(Effect.State, server.Effects[^1]);
    }

    [Fact]
    public void EveryMistakeHasItsError()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v");
        string dump = server.Run("DUMP", "k");
        Assert.Equal("-BUSYKEY Target key name already exists.", server.Run("RESTORE", "k", "x", "..."));
        Assert.Equal("-ERR value is not an integer or out of range", server.Run("RESTORE", "n", "x", dump));
        Assert.Equal("-ERR Invalid TTL value, must be >= 0", server.Run("RESTORE", "n", "-1", dump));
        Assert.Equal("-ERR syntax error", server.Run("RESTORE", "k", "0", dump, "NONE"));
        Assert.Equal("-ERR syntax error", server.Run("RESTORE", "k", "0", dump, "IDLETIME"));
        Assert.Equal("-ERR syntax error", server.Run("RESTORE", "k", "0", dump, "IDLETIME", "1", "FREQ", "1"));
        Assert.Equal("-ERR syntax error", server.Run("RESTORE", "k", "0", dump, "FREQ", "1", "IDLETIME", "1"));
        Assert.Equal("-ERR value is not an integer or out of range", server.Run("RESTORE", "k", "0", dump, "FREQ", "x"));
        Assert.Equal("-ERR Invalid IDLETIME value, must be >= 0", server.Run("RESTORE", "k", "0", dump, "IDLETIME", "-1"));
        Assert.Equal("-ERR Invalid FREQ value, must be >= 0 and <= 255", server.Run("RESTORE", "k", "0", dump, "FREQ", "256"));
        Assert.Equal(Checksum, server.Run("RESTORE", "n", "0", ""));
        Assert.Equal(Checksum, server.Run("RESTORE", "n", "0", dump[..^1]));
        Assert.Equal(Checksum, server.Run("RESTORE", "n", "0", dump[..1] + 'x' + dump[2..]));
        Assert.Equal(BadFormat, server.Run("RESTORE", "n", "0", Payload(new RdbBytes(15).Length(1))));
        Assert.Equal(BadFormat, server.Run("RESTORE", "n", "0", Payload(new RdbBytes(0).Text("a").Raw(0))));
        Assert.Equal(BadFormat, server.Run("RESTORE", "k", "0", Payload(new RdbBytes(2).Length(2).Text("a").Text("a")), "REPLACE"));
        Assert.Equal("v", server.Run("GET", "k"));
        Assert.Equal(":0", server.Run("EXISTS", "n"));
        Assert.Equal(["set k"], server.Events);
        Assert.Equal("OK", server.Run("RESTORE", "k", "0", dump, "replace", "freq", "3"));
        Assert.Equal("OK", server.Run("RESTORE", "k", "0", dump, "idletime", "50", "REPLACE", "absttl"));
        Assert.Equal(["set k", "restore k", "restore k"], server.Events);
    }

    [Fact]
    public void TimesAreKeptAsTheyAreGiven()
    {
        using var server = new TestServer();
        server.Run("SET", "k", "v");
        string dump = server.Run("DUMP", "k");
        server.Run("RESTORE", "a", "5000", dump);
        Assert.InRange(server.Ask("PTTL", "a").Integer, 4000, 5000);
        server.Run("RESTORE", "b", "4102444800000", dump, "ABSTTL");
        Assert.Equal(":4102444800000", server.Run("PEXPIRETIME", "b"));
        // One that is over: what it would replace goes.
        server.Events.Clear();
        Assert.Equal("OK", server.Run("RESTORE", "none", "1000", dump, "ABSTTL"));
        Assert.Equal("OK", server.Run("RESTORE", "b", "1000", dump, "ABSTTL", "REPLACE"));
        Assert.Equal(":0", server.Run("EXISTS", "none", "b"));
        Assert.Equal(["del b"], server.Events);
        // An expiry is not in the dump, nor is one kept that was there.
        Assert.Equal(dump, server.Run("DUMP", "a"));
        server.Run("RESTORE", "a", "0", dump, "REPLACE");
        Assert.Equal(":-1", server.Run("TTL", "a"));
    }

    [Fact]
    public void VersionsOfOthersAreReadWhereTheyAreKnown()
    {
        using var server = new TestServer();
        var text = new RdbBytes(0).Text("bar");
        foreach (int version in new[] { 1, 6, 11, 12, 14, 80 }) Assert.Equal("OK", server.Run("RESTORE", "k", "0", Payload(text, version), "REPLACE"));
        foreach (int version in new[] { 0, 15, 79, 81, 222 }) Assert.Equal(Checksum, server.Run("RESTORE", "k", "0", Payload(text, version), "REPLACE"));
        server.Run("CONFIG", "SET", "rdb-version-check", "relaxed");
        Assert.Equal("OK", server.Run("RESTORE", "k", "0", Payload(text, 222), "REPLACE"));
        Assert.Equal("OK", server.Run("RESTORE", "k", "0", Payload(text, 75), "REPLACE"));
        Assert.Equal(Checksum, server.Run("RESTORE", "k", "0", Payload(text, 0), "REPLACE"));
        server.Run("RESTORE", "h", "0", Payload(new RdbBytes(24).Long(4_102_444_800_000).Length(1).Length(1).Text("f").Text("v"), 12));
        Assert.Equal("[:4102444800000]", server.Run("HPEXPIRETIME", "h", "FIELDS", "1", "f"));
    }

    [Fact]
    public void CompressionIsAnOption()
    {
        using var server = new TestServer();
        server.Run("SET", "k", new string('a', 1000));
        Assert.InRange(server.Run("DUMP", "k").Length, 10, 100);
        server.Run("CONFIG", "SET", "rdbcompression", "no");
        Assert.Equal(1000 + 3 + DumpFooter.Bytes, server.Run("DUMP", "k").Length);
    }

    [Fact]
    public void FieldsAndMembersKeepTheirTimes()
    {
        using var server = new TestServer();
        server.Run("HSET", "h", "f", "1", "g", "2");
        server.Run("HPEXPIREAT", "h", "4102444800000", "FIELDS", "1", "f");
        server.Run("SADDEX", "s", "100", "a");
        server.Run("SADD", "s", "b");
        foreach (string key in new[] { "h", "s" })
        {
            string dump = server.Run("DUMP", key);
            server.Run("RESTORE", key + "2", "0", dump);
        }
        Assert.Equal("[:4102444800000, :-1]", server.Run("HPEXPIRETIME", "h2", "FIELDS", "2", "f", "g"));
        Assert.Equal(server.Run("FIELDTTL", "s", "a"), server.Run("FIELDTTL", "s2", "a"));
        Assert.Contains("keys_with_volatile_items=4", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
        server.Run("RESTORE", "h2", "0", server.Run("DUMP", "s"), "REPLACE");
        server.Run("DEL", "s2");
        Assert.Contains("keys_with_volatile_items=3", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
        server.Run("SET", "plain", "x");
        server.Run("RESTORE", "h", "0", server.Run("DUMP", "plain"), "REPLACE");
        Assert.Contains("keys_with_volatile_items=2", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
    }

    private static void Fill(TestServer server, string type, int count)
    {
        const int Batch = 1000;
        for (int i = 0; i < count; i += Batch)
        {
            IEnumerable<int> some = Enumerable.Range(i, Math.Min(Batch, count - i));
            string[] command = type switch
            {
                "hash" => ["HSET", type, .. some.SelectMany(n => new[] { $"field {n}", $"value {n}" })],
                "list" => ["RPUSH", type, .. some.Select(n => $"element {n}")],
                "set" => ["SADD", type, .. some.Select(n => $"member {n}")],
                "string" => ["APPEND", type, string.Concat(some.Select(n => n.ToString("D10", CultureInfo.InvariantCulture)))],
                _ => ["ZADD", type, .. some.SelectMany(n => new[] { $"{n}.5", $"member {n}" })],
            };
            server.Run(command);
        }
    }

    [Theory]
    [InlineData("hash", 1)]
    [InlineData("hash", 3)]
    [InlineData("list", 1)]
    [InlineData("set", 3)]
    [InlineData("zset", 1)]
    [InlineData("string", 3)]
    public void LargeValuesGoInSlices(string type, int shards)
    {
        using var server = new TestServer(shards);
        Fill(server, type, 60_000);
        string dump = server.Run("DUMP", type);
        server.Events.Clear();
        // Into several keys, on whatever shard they lie, within a transaction as well.
        Assert.Equal("OK", server.Run("RESTORE", "one", "0", dump));
        Assert.Equal("OK", server.Run("RESTORE", "two", "0", dump, "REPLACE", "ABSTTL"));
        Assert.Equal("-BUSYKEY Target key name already exists.", server.Run("RESTORE", "one", "0", dump));
        server.Run("MULTI");
        server.Run("RESTORE", "three", "100000", dump);
        server.Run("DUMP", type);
        Reply executed = server.Ask("EXEC");
        Assert.Equal(["OK", dump], executed.Items.Select(i => i.Text));
        Assert.Equal(["restore one", "restore two", "restore three"], server.Events);
        string digest = server.Run("DEBUG", "DIGEST-VALUE", type);
        if (!digest.StartsWith('-'))
            foreach (string key in new[] { "one", "two" }) Assert.Equal(digest, server.Run("DEBUG", "DIGEST-VALUE", key));
        Assert.Equal(server.Run("OBJECT", "ENCODING", type), server.Run("OBJECT", "ENCODING", "one"));
        Assert.InRange(server.Ask("PTTL", "three").Integer, 90_000, 100_000);
        // Damaged at the very end, by checksum and by structure.
        Assert.Equal(Checksum, server.Run("RESTORE", "four", "0", dump[..^20] + 'X' + dump[^19..]));
        byte[] longer = [.. Encoding.Latin1.GetBytes(dump)[..^DumpFooter.Bytes], 0];
        Assert.Equal(BadFormat, server.Run("RESTORE", "four", "0", Encoding.Latin1.GetString(RdbBytes.Payload(longer))));
        Assert.Equal(":0", server.Run("EXISTS", "four"));
    }

    [Fact]
    public void WhatBecomesLargeIsReadInSlicesAsWell()
    {
        using var server = new TestServer();
        // A small payload of very many elements.
        var nodes = new RdbBytes(18).Length(40);
        byte[] node = RdbBytes.Listpack([.. Enumerable.Repeat((object)"same", 1300)]);
        for (int i = 0; i < 40; i++) nodes.Length(2).Compressed(node);
        Assert.InRange(nodes.ToArray().Length, 100, 60_000);
        Assert.Equal("OK", server.Run("RESTORE", "l", "0", Payload(nodes)));
        Assert.Equal(":52000", server.Run("LLEN", "l"));
        Assert.Equal(["restore l"], server.Events);
    }

    [Fact]
    public void MemoryThatIsNotThereIsRefusedAsAWhole()
    {
        using var server = new TestServer(1, "--maxmemory", "20mb");
        server.Run("SET", "k", "old");
        var nodes = new RdbBytes(18).Length(4000);
        byte[] node = RdbBytes.Listpack([.. Enumerable.Repeat((object)"same again", 600)]);
        for (int i = 0; i < 4000; i++) nodes.Length(2).Compressed(node);
        Assert.InRange(nodes.ToArray().Length, 64 * 1024, 1 << 20);
        Assert.StartsWith("-OOM", server.Run("RESTORE", "k", "0", Payload(nodes), "REPLACE"), StringComparison.Ordinal);
        Assert.Equal("old", server.Run("GET", "k"));
        server.RunUntil(() => server.Run("SET", "other", "1") == "OK", "the memory comes back");
    }

    [Fact]
    public void ItRunsInScripts()
    {
        using var server = new TestServer();
        Assert.Equal("v", server.Run("EVAL", "redis.call('set', KEYS[1], 'v'); local d = redis.call('dump', KEYS[1]); " +
            "redis.call('restore', KEYS[2], 0, d); return redis.call('get', KEYS[2])", "2", "a{t}", "b{t}"));
    }
}

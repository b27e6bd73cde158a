using System.Globalization;
using Anax.Engine.Transactions;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class SortedSetExpiryCommandsTests
{
    private const string Mismatch = "-ERR nummembers should be greater than 0 and match the provided number of members";
    private const string SyntaxError = "-ERR syntax error";

    /// <summary>Of members that do not expire in a crowd.</summary>
    private const int FirstScore = 4000;

    private static readonly string[] DebugAllowed = ["--enable-debug-command", "yes"];

    [Fact]
    public void ConditionsDecide()
    {
        using var server = new TestServer();
        server.Run("ZADD", "z", "1", "a", "2", "b");
        Assert.Equal("[:0, :-2]", server.Run("ZEXPIRE", "z", "100", "XX", "MEMBERS", "2", "a", "x"));
        Assert.Equal("[:0]", server.Run("ZEXPIRE", "z", "100", "GT", "MEMBERS", "1", "a"));
        Assert.Equal("[:1]", server.Run("ZEXPIRE", "z", "100", "nx", "members", "1", "a"));
        Assert.Equal("[:0, :1]", server.Run("ZEXPIRE", "z", "200", "NX", "MEMBERS", "2", "a", "b"));
        Assert.Equal("[:1, :0]", server.Run("ZPEXPIRE", "z", "150000", "XX", "GT", "MEMBERS", "2", "a", "b"));
        Assert.Equal("[:0, :1]", server.Run("ZEXPIRE", "z", "180", "LT", "MEMBERS", "2", "a", "b"));
        Assert.Equal("[:150, :180]", server.Run("ZTTL", "z", "MEMBERS", "2", "a", "b"));
        Assert.Equal("-ERR Unsupported option foo", server.Run("ZEXPIRE", "z", "1", "foo", "MEMBERS", "1", "a"));
        Assert.Equal(Mismatch, server.Run("ZEXPIRE", "z", "1", "MEMBERS", "2", "a"));
        Assert.Equal(Mismatch, server.Run("ZEXPIRE", "z", "1", "NX", "FIELDS", "1", "a"));
        Assert.Equal("-ERR invalid expire time in 'zexpire' command", server.Run("ZEXPIRE", "z", "-1", "MEMBERS", "1", "a"));
        Assert.Equal("-ERR value is not an integer or out of range", server.Run("ZPEXPIREAT", "z", "x", "MEMBERS", "1", "a"));
        Assert.Equal(SyntaxError, server.Run("ZTTL", "z", "FIELDS", "1", "a"));
        Assert.Equal(SyntaxError, server.Run("ZTTL", "z", "MEMBERS", "2", "a"));
        Assert.Equal(Mismatch, server.Run("ZPERSIST", "z", "MEMBERS", "2", "a"));
        server.Run("SET", "s", "v");
        foreach (string call in new[] { "ZEXPIRE s 10 MEMBERS 1 a", "ZTTL s MEMBERS 1 a", "ZPERSIST s MEMBERS 1 a", "ZCOLLECT s" })
            Assert.StartsWith("-WRONGTYPE", server.Run(call.Split(' ')), StringComparison.Ordinal);
    }

    [Fact]
    public void TimesAreToldInEveryUnit()
    {
        using var server = new TestServer();
        server.Run("ZADD", "z", "1", "a", "2", "b");
        Assert.Equal("skiplist", Encoding(server, () => server.Run("ZEXPIREAT", "z", "4000000000", "MEMBERS", "1", "a")));
        Assert.Equal("[:4000000000, :-1, :-2]", server.Run("ZEXPIRETIME", "z", "MEMBERS", "3", "a", "b", "c"));
        Assert.Equal("[:1]", server.Run("ZPEXPIREAT", "z", "4000000000123", "MEMBERS", "1", "a"));
        Assert.Equal("[:4000000000123]", server.Run("ZPEXPIRETIME", "z", "MEMBERS", "1", "a"));
        Assert.Equal("[:1, :-1, :-2]", server.Run("ZPERSIST", "z", "MEMBERS", "3", "a", "b", "c"));
        Assert.Equal("[:-1]", server.Run("ZPTTL", "z", "MEMBERS", "1", "a"));
        Assert.Equal("[:-2, :-2]", server.Run("ZTTL", "none", "MEMBERS", "2", "a", "b"));
        Assert.Equal("[:-2]", server.Run("ZPERSIST", "none", "MEMBERS", "1", "a"));
        Assert.Equal("[:2, :-2]", server.Run("ZEXPIRE", "z", "0", "MEMBERS", "2", "a", "x"));
        Assert.Equal("[:2, :-2]", server.Run("ZEXPIREAT", "z", "1", "MEMBERS", "2", "b", "b"));
        Assert.Equal(":0", server.Run("EXISTS", "z"));
        Assert.Equal(["zadd z", "zexpire z", "zexpire z", "zpersist z", "zexpired z", "zexpired z", "del z"], server.Events);
        Assert.Contains("expired_fields:2", server.Run("INFO", "stats"), StringComparison.Ordinal);
    }

    private static string Encoding(TestServer server, Action change)
    {
        Assert.Equal("listpack", server.Run("OBJECT", "ENCODING", "z"));
        change();
        return server.Run("OBJECT", "ENCODING", "z");
    }

    [Fact]
    public void AnAccessRemovesWhatIsDue()
    {
        using var server = new TestServer(2, DebugAllowed);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        server.Run("ZADD", "z", "1", "a", "2", "b", "3", "c", "4", "d");
        server.Run("ZPEXPIRE", "z", "50", "MEMBERS", "2", "a", "c");
        Assert.Contains("keys_with_volatile_items=1", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
        server.RunFor(60);
        server.Events.Clear();
        Assert.Equal(":1", server.Run("ZRANK", "z", "d"));
        Assert.Equal(["zexpired z"], server.Events);
        Assert.Equal(":2", server.Run("ZCARD", "z"));
        Assert.Equal("[b, d]", server.Run("ZRANGE", "z", "0", "-1"));
        Assert.Equal(":2", server.Run("ZCOUNT", "z", "-inf", "+inf"));
        Assert.Contains("expired_fields:2", server.Run("INFO", "stats"), StringComparison.Ordinal);
        Assert.Contains("keys_with_volatile_items=0", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("EXISTS z", ":0")]
    [InlineData("ZADD z XX 1 a", ":0")]
    [InlineData("DEL z", ":0")]
    [InlineData("RENAME z y", "-ERR no such key")]
    [InlineData("EXPIRE z 100", ":0")]
    [InlineData("TYPE z", "none")]
    [InlineData("ZPOPMIN z", "[]")]
    [InlineData("ZREMRANGEBYRANK z 0 -1", ":0")]
    [InlineData("SADD z a", ":1")]
    [InlineData("COPY z y", ":0")]
    public void TheKeyGoesWithItsLastMember(string call, string reply)
    {
        using var server = new TestServer(2, DebugAllowed);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        server.Run("ZADD", "z", "1", "a", "2", "b");
        server.Run("ZPEXPIRE", "z", "20", "MEMBERS", "2", "a", "b");
        server.RunFor(30);
        server.Events.Clear();
        Assert.Equal(reply, server.Run(call.Split(' ')));
        Assert.Equal(["zexpired z", "del z"], server.Events.Take(2));
    }

    [Fact]
    public void TheSweepRemovesWhatNobodyAsksFor()
    {
        using var server = new TestServer(2);
        server.Run("ZADD", "z", "1", "a", "2", "b");
        server.Run("ZPEXPIRE", "z", "30", "MEMBERS", "2", "a", "b");
        server.RunUntil(() => server.Events.Contains("del z"), "the sweep");
        Assert.Equal(["zadd z", "zexpire z", "zexpired z", "del z"], server.Events);
        Assert.Equal(":0", server.Run("DBSIZE"));
    }

    [Fact]
    public void WhatIsDueButStillThereIsPassedOver()
    {
        using var server = new TestServer(2, DebugAllowed);
        Crowd(server, "z", 1500, 40);
        Assert.Equal(":40", server.Run("ZCARD", "z"));
        Assert.Equal("(nil)", server.Run("ZSCORE", "z", "d1"));
        Assert.Equal("(nil)", server.Run("ZRANK", "z", "d1"));
        Assert.Equal("[:-2]", server.Run("ZTTL", "z", "MEMBERS", "1", "d1"));
        Assert.Equal(":0", server.Run("ZREM", "z", "d1"));
        Assert.Equal(40, Count(server.Run("ZRANGE", "z", "0", "-1"), "l"));
        Assert.Equal(0, Count(server.Run("ZRANGE", "z", "0", "-1"), "d"));
        Assert.Equal("[l0, l1]", server.Run("ZRANGEBYSCORE", "z", "3999", "4001"));
        Assert.Equal("[]", server.Run("ZRANGE", "z", "0", "10"));
        Assert.Equal(40, Count(server.Run("ZRANDMEMBER", "z", "100"), "l"));
        Assert.Equal(7, Count(server.Run("ZRANDMEMBER", "z", "7"), "l"));
        Assert.Equal(9, Count(server.Run("ZRANDMEMBER", "z", "-9"), "l"));
        Assert.StartsWith("l", server.Run("ZRANDMEMBER", "z"), StringComparison.Ordinal);
        Assert.Equal(0, Count(server.Run("ZSCAN", "z", "0", "COUNT", "5000"), "d"));
        Assert.Equal(":40", server.Run("ZUNIONSTORE", "u", "1", "z"));
        Assert.Equal(":40", server.Run("ZRANGESTORE", "u", "z", "0", "-1"));
        Assert.Equal(":40", server.Run("ZINTERCARD", "2", "z", "u"));
        Assert.Equal(40, Count(server.Run("SORT", "z", "ALPHA"), "l"));
        Assert.Equal([], server.Events.Where(e => e.StartsWith("zexpired", StringComparison.Ordinal)));
        server.Events.Clear();
        Assert.Equal(":1", server.Run("ZADD", "z", "-5", "d1"));
        Assert.Equal("7", server.Run("ZINCRBY", "z", "7", "d2"));
        Assert.Equal(["zexpired z", "zadd z", "zexpired z", "zincr z"], server.Events);
        Assert.Equal("[:-1, :-1]", server.Run("ZTTL", "z", "MEMBERS", "2", "d1", "d2"));
        Assert.Equal("[d1, -5, d2, 7]", server.Run("ZPOPMIN", "z", "2"));
        Assert.Equal(":40", server.Run("ZCARD", "z"));
        Assert.Contains("expired_fields:1500", server.Run("INFO", "stats"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ZPOPMIN z", "[l0, 4000]")]
    [InlineData("ZMPOP 1 z MAX COUNT 1", "[z, [[l2, 4002]]]")]
    [InlineData("BZPOPMIN z 0", "[z, l0, 4000]")]
    [InlineData("ZREMRANGEBYRANK z 0 0", ":1")]
    [InlineData("ZREMRANGEBYSCORE z 0 4001", ":2")]
    public void WhoTakesMembersByRankMeetsNoneThatIsDue(string call, string reply)
    {
        using var server = new TestServer(2, DebugAllowed);
        Crowd(server, "z", 3500, 3);
        Assert.Equal(reply, server.Run(call.Split(' ')));
        Assert.Equal("[]", server.Run("ZRANGEBYSCORE", "z", "0", "3999"));
        Assert.Contains("expired_fields:3500", server.Run("INFO", "stats"), StringComparison.Ordinal);
    }

    /// <summary>Members d… that are due, more than an access removes, and l… behind them, with higher scores.</summary>
    private static void Crowd(TestServer server, string key, int due, int live)
    {
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        for (int i = 0; i < due; i += 500)
        {
            string[] names = [.. Enumerable.Range(i, 500).Select(n => $"d{n}")];
            server.Run(["ZADD", key, .. names.SelectMany((name, n) => new[] { (i + n).ToString(CultureInfo.InvariantCulture), name })]);
            server.Run(["ZPEXPIRE", key, "1000", "MEMBERS", "500", .. names]);
        }
        if (live != 0) server.Run(["ZADD", key, .. Enumerable.Range(0, live).SelectMany(n => new[] { $"{FirstScore + n}", $"l{n}" })]);
        server.RunFor(1100);
    }

    private static int Count(string reply, string letter) => reply.Trim('[', ']').Split([", ", "["], StringSplitOptions.None)
        .Count(word => word.StartsWith(letter, StringComparison.Ordinal));

    [Fact]
    public void AKeyIsVolatileForAsLongAsMembersExpire()
    {
        using var server = new TestServer(2);
        for (int i = 0; i < 5000; i += 500)
            server.Run(["ZADD", "z", .. Enumerable.Range(i, 500).SelectMany(n => new[] { $"{n}", $"m{n}" })]);
        server.Run("ZEXPIRE", "z", "1000", "MEMBERS", "2", "m1", "m70");
        Assert.Contains("keys_with_volatile_items=1", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
        server.Run("ZPOPMIN", "z", "4000");
        Assert.Contains("keys_with_volatile_items=0", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
        server.Run("ZEXPIRE", "z", "1000", "MEMBERS", "1", "m4500");
        server.Run("ZREMRANGEBYRANK", "z", "0", "900");
        Assert.Contains("keys_with_volatile_items=0", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
    }

    [Fact]
    public void LockedSetsKeepTheirMembers()
    {
        using var server = new TestServer();
        server.Run("ZADD", "z", "1", "a", "2", "b");
        server.Run("ZPEXPIRE", "z", "20", "MEMBERS", "1", "a");
        LockTable locks = server.Loops[0].Shard.Locks;
        int request = locks.Open(1, new LockOwner(LockOwnerKind.Coordinator, 0, 0));
        Assert.True(locks.TryAddShard(request, LockMode.Shared));
        Assert.True(locks.TryAdd(request, server.Loops[0].Settings.HashKey.Hash("z"u8), LockMode.Shared));
        server.RunFor(300);
        Assert.Equal("[b]", server.Run("ZRANGE", "z", "0", "-1"));
        Assert.Equal(":1", server.Run("ZRANK", "z", "b"));
        Assert.DoesNotContain("zexpired z", server.Events);
        locks.Close(request);
        Assert.Equal(":0", server.Run("ZRANK", "z", "b"));
        Assert.Contains("zexpired z", server.Events);
    }

    [Fact]
    public void AKeyAndItsMembersMayExpireAtOnce()
    {
        using var server = new TestServer(1, DebugAllowed);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        server.Run("ZADD", "z", "1", "a", "2", "b");
        server.Run("ZPEXPIREAT", "z", "4000000000000", "MEMBERS", "1", "a");
        server.Run("ZPEXPIRE", "z", "20", "MEMBERS", "1", "b");
        server.Run("PEXPIRE", "z", "20");
        server.RunFor(30);
        server.Events.Clear();
        Assert.Equal(":1", server.Run("ZADD", "z", "3", "c"));
        Assert.Equal(["expired z", "zadd z"], server.Events);
        Assert.Contains("keys_with_volatile_items=0", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void TransactionsAndScriptsMeetNoneThatIsDue(int threads)
    {
        using var server = new TestServer(threads, DebugAllowed);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        foreach (string key in new[] { "x", "y", "z" })
        {
            server.Run("ZADD", key, "1", "a", "2", "b", "3", "c");
            server.Run("ZPEXPIRE", key, "20", "MEMBERS", "2", "a", "c");
        }
        server.RunFor(30);
        server.Run("MULTI");
        server.Run("ZRANK", "x", "b");
        server.Run("ZREVRANK", "y", "b");
        server.Run("ZADD", "y", "0", "d");
        Assert.Equal("[:0, :0, :1]", server.Run("EXEC"));
        Assert.Equal(":1", server.Run("EVAL", "return redis.call('ZCOUNT', KEYS[1], 0, 9)", "1", "z"));
        foreach (string key in new[] { "x", "y", "z" }) Assert.Contains($"zexpired {key}", server.Events);
    }

    [Fact]
    public void SettingAScoreEndsATimeToLiveAndAddingToItDoesNot()
    {
        using var server = new TestServer();
        server.Run("ZADD", "z", "1", "a", "2", "b", "3", "c", "4", "d", "5", "e", "6", "f");
        server.Run("ZEXPIRE", "z", "100", "MEMBERS", "6", "a", "b", "c", "d", "e", "f");
        server.Events.Clear();
        Assert.Equal(":0", server.Run("ZADD", "z", "1", "a"));
        Assert.Equal(["zadd z"], server.Events);
        Assert.Equal("3", server.Run("ZADD", "z", "INCR", "1", "b"));
        Assert.Equal(":0", server.Run("ZADD", "z", "GT", "1", "c"));
        Assert.Equal("5", server.Run("ZINCRBY", "z", "1", "d"));
        Assert.Equal(":0", server.Run("GEOADD", "z", "13.3", "38.1", "e"));
        Assert.Equal(":0", server.Run("ZADD", "z", "NX", "9", "f"));
        Assert.Equal("[:-1, :-1, :100, :100, :100, :100]", server.Run("ZTTL", "z", "MEMBERS", "6", "a", "b", "c", "d", "e", "f"));
    }

    [Fact]
    public void CopiesKeepTimesAndResultsHaveNone()
    {
        using var server = new TestServer(3);
        server.Run("ZADD", "z", "1", "a", "2", "b", "3", "c");
        server.Run("ZPEXPIREAT", "z", "4000000000123", "MEMBERS", "2", "a", "c");
        const string Times = "[:4000000000123, :-1, :4000000000123]";
        for (int i = 0; i < 6; i++)
        {
            server.Run("COPY", "z", $"copy{i}");
            Assert.Equal(Times, server.Run("ZPEXPIRETIME", $"copy{i}", "MEMBERS", "3", "a", "b", "c"));
            server.Run("RENAME", $"copy{i}", $"renamed{i}");
            Assert.Equal(Times, server.Run("ZPEXPIRETIME", $"renamed{i}", "MEMBERS", "3", "a", "b", "c"));
            server.Run("RESTORE", $"restored{i}", "0", server.Run("DUMP", $"renamed{i}"));
            Assert.Equal(Times, server.Run("ZPEXPIRETIME", $"restored{i}", "MEMBERS", "3", "a", "b", "c"));
        }
        Assert.Contains("keys_with_volatile_items=13", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
        Assert.Equal(":1", server.Run("MOVE", "renamed0", "1"));
        server.Run("ZUNIONSTORE", "u", "1", "z");
        server.Run("ZRANGESTORE", "r", "z", "0", "-1");
        foreach (string key in new[] { "u", "r" }) Assert.Equal("[:-1, :-1]", server.Run("ZTTL", key, "MEMBERS", "2", "a", "c"));
        Assert.Contains("keys_with_volatile_items=12", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("z1", "z2")]
    [InlineData("*")]
    public void ZCollectRemovesWhatHasExpired(params string[] keys)
    {
        using var server = new TestServer(3, DebugAllowed);
        Crowd(server, "z1", 2000, 1);
        Crowd(server, "z2", 1500, 0);
        Assert.Equal("OK", server.Run(["ZCOLLECT", .. keys]));
        Assert.Contains("expired_fields:3500", server.Run("INFO", "stats"), StringComparison.Ordinal);
        Assert.Equal(":1", server.Run("ZCOUNT", "z1", "-inf", "+inf"));
        Assert.Equal(":0", server.Run("EXISTS", "z2"));
    }
}

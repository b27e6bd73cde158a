using Anax.Engine.Transactions;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class HashExpiryCommandsTests
{
    private const string Mismatch = "-ERR numfields should be greater than 0 and match the provided number of fields";
    private const string SyntaxError = "-ERR syntax error";

    private static readonly string[] DebugAllowed = ["--enable-debug-command", "yes"];

    [Fact]
    public void ExpiredFieldsAreNotThereAndTheSweepRemovesThem()
    {
        using var server = new TestServer(2, DebugAllowed);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        server.Run("HSET", "h", "a", "1", "b", "2", "c", "3");
        Assert.Equal("[:1, :1, :-2]", server.Run("HPEXPIRE", "h", "50", "FIELDS", "3", "a", "b", "x"));
        Assert.Contains("keys_with_volatile_items=1", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
        server.RunFor(60);
        Assert.Equal("(nil)", server.Run("HGET", "h", "a"));
        Assert.Equal("[c, 3]", server.Run("HGETALL", "h"));
        Assert.Equal("[0, [c, 3]]", server.Run("HSCAN", "h", "0"));
        Assert.Equal(":0", server.Run("HEXISTS", "h", "a"));
        Assert.Equal(":0", server.Run("HSTRLEN", "h", "a"));
        Assert.Equal(":0", server.Run("HDEL", "h", "a"));
        Assert.Equal("[:-2]", server.Run("HTTL", "h", "FIELDS", "1", "a"));
        Assert.Equal("[c]", server.Run("HRANDFIELD", "h", "5"));
        Assert.Equal(":3", server.Run("HLEN", "h"));
        server.Events.Clear();
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "1");
        server.RunUntil(() => server.Events.Count != 0, "the sweep");
        Assert.Equal(["hexpired h"], server.Events);
        Assert.Equal(":1", server.Run("HLEN", "h"));
        Assert.Contains("expired_fields:2", server.Run("INFO", "stats"), StringComparison.Ordinal);
        Assert.Contains("keys_with_volatile_items=0", server.Run("INFO", "keyspace"), StringComparison.Ordinal);
    }

    [Fact]
    public void TheKeyGoesWithItsLastField()
    {
        using var server = new TestServer(2);
        server.Run("HSETEX", "h", "PX", "30", "FIELDS", "2", "a", "1", "b", "2");
        server.RunUntil(() => server.Events.Contains("del h"), "the sweep");
        Assert.Equal(["hset h", "hexpire h", "hexpired h", "del h"], server.Events);
        Assert.Equal(":0", server.Run("DBSIZE"));
    }

    [Fact]
    public void LockedKeysKeepTheirFields()
    {
        using var server = new TestServer();
        server.Run("HSETEX", "locked", "PX", "20", "FIELDS", "1", "f", "v");
        server.Run("HSETEX", "free", "PX", "20", "FIELDS", "1", "f", "v");
        LockTable locks = server.Loops[0].Shard.Locks;
        int request = locks.Open(1, new LockOwner(LockOwnerKind.Coordinator, 0, 0));
        Assert.True(locks.TryAddShard(request, LockMode.Shared));
        Assert.True(locks.TryAdd(request, server.Loops[0].Settings.HashKey.Hash("locked"u8), LockMode.Shared));
        server.RunUntil(() => server.Events.Contains("del free"), "the sweep");
        server.RunFor(300);
        Assert.DoesNotContain("del locked", server.Events);
        locks.Close(request);
        server.RunUntil(() => server.Events.Contains("del locked"), "the sweep");
    }

    [Fact]
    public void ConditionsDecide()
    {
        using var server = new TestServer();
        server.Run("HSET", "h", "a", "1", "b", "2");
        Assert.Equal("[:0]", server.Run("HEXPIRE", "h", "100", "XX", "FIELDS", "1", "a"));
        Assert.Equal("[:0]", server.Run("HEXPIRE", "h", "100", "GT", "FIELDS", "1", "a"));
        Assert.Equal("[:1]", server.Run("HEXPIRE", "h", "100", "NX", "FIELDS", "1", "a"));
        Assert.Equal("[:0, :1]", server.Run("HEXPIRE", "h", "200", "NX", "FIELDS", "2", "a", "b"));
        Assert.Equal("[:1, :0]", server.Run("HEXPIRE", "h", "150", "XX", "GT", "FIELDS", "2", "a", "b"));
        Assert.Equal("[:0, :1]", server.Run("HEXPIRE", "h", "180", "LT", "FIELDS", "2", "a", "b"));
        Assert.Equal("[:150, :180]", server.Run("HTTL", "h", "FIELDS", "2", "a", "b"));
        Assert.Equal("-ERR Unsupported option foo", server.Run("HEXPIRE", "h", "1", "foo", "FIELDS", "1", "a"));
        Assert.Equal(Mismatch, server.Run("HEXPIRE", "h", "1", "FIELDS", "2", "a"));
        Assert.Equal(Mismatch, server.Run("HEXPIRE", "h", "1", "NX", "FIELD", "1", "a"));
        Assert.Equal("-ERR invalid expire time in 'hexpire' command", server.Run("HEXPIRE", "h", "-1", "FIELDS", "1", "a"));
        Assert.Equal("-ERR invalid expire time in 'hpexpire' command", server.Run("HPEXPIRE", "h", "9223372036854775807", "FIELDS", "1", "a"));
        Assert.Equal("-ERR value is not an integer or out of range", server.Run("HPEXPIREAT", "h", "x", "FIELDS", "1", "a"));
    }

    [Fact]
    public void TimesAreToldInEveryUnit()
    {
        using var server = new TestServer();
        server.Run("HSET", "h", "a", "1", "b", "2");
        Assert.Equal("[:1]", server.Run("HEXPIREAT", "h", "4000000000", "FIELDS", "1", "a"));
        Assert.Equal("[:4000000000, :-1, :-2]", server.Run("HEXPIRETIME", "h", "FIELDS", "3", "a", "b", "c"));
        Assert.Equal("[:4000000000000]", server.Run("HPEXPIRETIME", "h", "FIELDS", "1", "a"));
        Assert.Equal("[:1]", server.Run("HPEXPIREAT", "h", "4000000000123", "FIELDS", "1", "a"));
        Assert.Equal("[:4000000000123]", server.Run("HPEXPIRETIME", "h", "FIELDS", "1", "a"));
        Assert.Equal("[:1, :-1, :-2]", server.Run("HPERSIST", "h", "FIELDS", "3", "a", "b", "c"));
        Assert.Equal("[:-1]", server.Run("HTTL", "h", "FIELDS", "1", "a"));
        Assert.Equal("[:-2]", server.Run("HPTTL", "none", "FIELDS", "1", "a"));
        Assert.Equal(SyntaxError, server.Run("HTTL", "h", "FIELDS", "2", "a"));
        Assert.Equal(["hset h", "hexpire h", "hexpire h", "hpersist h"], server.Events);
    }

    [Theory]
    [InlineData("HTTL")]
    [InlineData("HPTTL")]
    [InlineData("HEXPIRETIME")]
    [InlineData("HPEXPIRETIME")]
    [InlineData("HPERSIST")]
    public void TheWordFieldsMayNotBeLeftOut(string command)
    {
        using var server = new TestServer();
        server.Run("HSETEX", "h", "EX", "100", "FIELDS", "1", "a", "1");
        Assert.Equal(SyntaxError, server.Run(command, "h", "FIELD", "1", "a"));
        Assert.Equal(SyntaxError, server.Run(command, "h", "1", "a", "b"));
        Assert.Equal("[:100]", server.Run("HTTL", "h", "FIELDS", "1", "a"));
    }

    [Fact]
    public void ATimeInThePastDeletesAtOnce()
    {
        using var server = new TestServer();
        server.Run("HSET", "h", "a", "1", "b", "2", "c", "3", "d", "4");
        Assert.Equal("[:2, :-2]", server.Run("HEXPIRE", "h", "0", "FIELDS", "2", "a", "x"));
        Assert.Equal("[2]", server.Run("HGETEX", "h", "EXAT", "1", "FIELDS", "1", "b"));
        Assert.Equal(":1", server.Run("HSETEX", "h", "PXAT", "1", "FIELDS", "2", "c", "3", "new", "v"));
        Assert.Equal("[:2]", server.Run("HPEXPIREAT", "h", "1", "FIELDS", "1", "d"));
        Assert.Equal(":0", server.Run("EXISTS", "h"));
        Assert.Equal(
            ["hset h", "hexpired h", "hexpired h", "hset h", "hexpire h", "hexpired h", "hexpired h", "del h"], server.Events);
    }

    [Fact]
    public void HSetExSetsUnderItsConditions()
    {
        using var server = new TestServer();
        Assert.Equal(":0", server.Run("HSETEX", "h", "XX", "EX", "100", "FIELDS", "1", "a", "1"));
        Assert.Equal(":0", server.Run("HSETEX", "h", "FXX", "FIELDS", "1", "a", "1"));
        Assert.Equal(":1", server.Run("HSETEX", "h", "NX", "EX", "100", "FIELDS", "1", "a", "1"));
        Assert.Equal(":0", server.Run("HSETEX", "h", "FNX", "FIELDS", "2", "b", "1", "a", "2"));
        Assert.Equal(":1", server.Run("HSETEX", "h", "FXX", "KEEPTTL", "FIELDS", "1", "a", "2"));
        Assert.Equal("[:100]", server.Run("HTTL", "h", "FIELDS", "1", "a"));
        Assert.Equal(":1", server.Run("HSETEX", "h", "FIELDS", "1", "a", "3"));
        Assert.Equal("[:-1]", server.Run("HTTL", "h", "FIELDS", "1", "a"));
        Assert.Equal(SyntaxError, server.Run("HSETEX", "h", "FNX", "FXX", "FIELDS", "1", "a", "1"));
        Assert.Equal(SyntaxError, server.Run("HSETEX", "h", "KEEPTTL", "EX", "1", "FIELDS", "1", "a", "1"));
        Assert.Equal(SyntaxError, server.Run("HSETEX", "h", "PERSIST", "FIELDS", "1", "a", "1"));
        Assert.Equal(Mismatch, server.Run("HSETEX", "h", "FIELDS", "2", "a", "1", "b"));
        Assert.Equal(Mismatch, server.Run("HSETEX", "h", "EX", "100", "a", "1"));
        Assert.Equal("-ERR invalid expire time in 'hsetex' command", server.Run("HSETEX", "h", "EX", "-1", "FIELDS", "1", "a", "1"));
    }

    [Fact]
    public void HGetExReadsAndSetsTimes()
    {
        using var server = new TestServer();
        server.Run("HSET", "h", "a", "1", "b", "2");
        Assert.Equal("[1, (nil)]", server.Run("HGETEX", "h", "FIELDS", "2", "a", "x"));
        Assert.Equal("[1, 1]", server.Run("HGETEX", "h", "EX", "100", "FIELDS", "2", "a", "a"));
        Assert.Equal("[:100, :-1]", server.Run("HTTL", "h", "FIELDS", "2", "a", "b"));
        Assert.Equal("[1, 2]", server.Run("HGETEX", "h", "PERSIST", "FIELDS", "2", "a", "b"));
        Assert.Equal("[:-1]", server.Run("HTTL", "h", "FIELDS", "1", "a"));
        Assert.Equal("[(nil)]", server.Run("HGETEX", "none", "EX", "100", "FIELDS", "1", "a"));
        Assert.Equal(SyntaxError, server.Run("HGETEX", "h", "NX", "FIELDS", "1", "a"));
        Assert.Equal(Mismatch, server.Run("HGETEX", "h", "EX", "100", "a", "b"));
        Assert.Equal(["hset h", "hexpire h", "hpersist h"], server.Events);
    }

    [Fact]
    public void OverwritingAnExpiredFieldIsWhenItExpires()
    {
        using var server = new TestServer(1, DebugAllowed);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        server.Run("HSETEX", "h", "PX", "20", "FIELDS", "3", "a", "1", "b", "2", "c", "3");
        server.RunFor(30);
        server.Events.Clear();
        Assert.Equal(":1", server.Run("HSET", "h", "a", "5"));
        Assert.Equal(":7", server.Run("HINCRBY", "h", "b", "7"));
        Assert.Equal(":1", server.Run("HSETNX", "h", "c", "9"));
        Assert.Equal(["hexpired h", "hset h", "hexpired h", "hincrby h", "hexpired h", "hset h"], server.Events);
        Assert.Equal("[:-1, :-1, :-1]", server.Run("HTTL", "h", "FIELDS", "3", "a", "b", "c"));
        Assert.Contains("expired_fields:3", server.Run("INFO", "stats"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("h1", "h2")]
    [InlineData("*")]
    public void HCollectRemovesWhatHasExpired(params string[] keys)
    {
        using var server = new TestServer(3, DebugAllowed);
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        for (int key = 1; key <= 2; key++)
            for (int field = 0; field < 2000; field++)
                server.Run("HSETEX", $"h{key}", "PX", field == 0 && key == 1 ? "1000000" : "1", "FIELDS", "1", $"f{field}", "v");
        server.RunFor(10);
        Assert.Equal(":2000", server.Run("HLEN", "h1"));
        Assert.Equal("OK", server.Run(["HCOLLECT", .. keys]));
        Assert.Equal(":1", server.Run("HLEN", "h1"));
        Assert.Equal(":0", server.Run("EXISTS", "h2"));
        Assert.Contains("expired_fields:3999", server.Run("INFO", "stats"), StringComparison.Ordinal);
    }

    [Fact]
    public void DragonflysNamesAreKnown()
    {
        using var server = new TestServer();
        server.Run("HSET", "h", "a", "1", "b", "2");
        Assert.Equal("[:1, :-2]", server.Run("FIELDEXPIRE", "h", "100", "a", "x"));
        Assert.Equal(":100", server.Run("FIELDTTL", "h", "a"));
        Assert.Equal(":-1", server.Run("FIELDTTL", "h", "b"));
        Assert.Equal(":-3", server.Run("FIELDTTL", "h", "x"));
        Assert.Equal(":-2", server.Run("FIELDTTL", "none", "x"));
        Assert.Equal("[:2]", server.Run("FIELDEXPIRE", "h", "0", "a"));
    }
}

using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

/// <summary>What is compared with digests here is what Valkey 9.1 stores after the same commands.</summary>
public class HyperLogLogCommandsTests
{
    private const string NoSketch = "-WRONGTYPE Key is not a valid HyperLogLog string value.";
    private const string Corrupt = "-INVALIDOBJ Corrupted HLL object detected";

    private static string[] Numbers(int first, int count) => [.. Enumerable.Range(first, count).Select(i => $"{i}")];

    private static string Digest(TestServer server, string key) =>
        server.Run("EVAL", "return redis.sha1hex(redis.call('GET', KEYS[1]))", "1", key);

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ValuesAreThoseOfValkey(int shards)
    {
        using var server = new TestServer(shards);
        Assert.Equal(":1", server.Run("PFADD", "h", "a", "b", "c"));
        Assert.Equal("Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603", server.Run("PFDEBUG", "DECODE", "h"));
        Assert.Equal(":3", server.Run("PFCOUNT", "h"));
        Assert.Equal(":1", server.Run(["PFADD", "small", .. Numbers(1, 300)]));
        Assert.Equal((":302", ":698"), (server.Run("PFCOUNT", "small"), server.Run("STRLEN", "small")));
        Assert.Equal("a3f46066c44771dfd7d56b78402458be31113c3d", Digest(server, "small"));
        for (int i = 1; i <= 20; i++) server.Run(["PFADD", "g", .. Numbers(i * 100, 100)]);
        Assert.Equal((":2009", "dense", ":12304"), (server.Run("PFCOUNT", "g"), server.Run("PFDEBUG", "encoding", "g"), server.Run("STRLEN", "g")));
        Assert.Equal("7e612c3b47b41ebe621ae10ec876b7c1f6d8c3ab", Digest(server, "g"));
        Assert.Equal("OK", server.Run("PFMERGE", "m", "small", "h"));
        Assert.Equal(":305", server.Run("PFCOUNT", "m"));
        Assert.Equal("d20c2ad59f0111aa62703b3c55060cbddd7fce5f", Digest(server, "m"));
        Assert.Equal("OK", server.Run("PFMERGE", "m", "g"));
        Assert.Equal(":2112", server.Run("PFCOUNT", "m"));
        Assert.Equal("c4230b6708214f13a804584668e80d658fadf570", Digest(server, "m"));
        Assert.Equal(":2112", server.Run("PFCOUNT", "small", "none", "h", "g"));
    }

    [Fact]
    public void OnlyWhatRaisesARegisterIsAChange()
    {
        using var server = new TestServer();
        Assert.Equal(":1", server.Run("PFADD", "h"));
        Assert.Equal(":0", server.Run("PFADD", "h"));
        Assert.Equal(":1", server.Run("PFADD", "h", "a"));
        Assert.Equal(":0", server.Run("PFADD", "h", "a", "a"));
        Assert.Equal(["pfadd h", "pfadd h"], server.Events);
        Assert.Equal(":1", server.Run("PFCOUNT", "h"));
        Assert.Equal(":1", server.Run("PFCOUNT", "h"));
        // The estimate is kept in the value.
        Assert.Equal(["pfadd h", "pfadd h", "pfcount h"], server.Events);
        Assert.Equal(":0", server.Run("PFCOUNT", "none"));
        Assert.Equal(":0", server.Run("PFCOUNT", "none", "nothing"));
    }

    [Fact]
    public void ExpiryStays()
    {
        using var server = new TestServer();
        server.Run("PFADD", "h", "a");
        server.Run("EXPIRE", "h", "1000");
        server.Run("PFADD", "h", "b");
        server.Run("PFCOUNT", "h");
        server.Run("PFMERGE", "h", "h");
        server.Run("PFDEBUG", "TODENSE", "h");
        Assert.Equal((":1000", ":2"), (server.Run("TTL", "h"), server.Run("PFCOUNT", "h")));
    }

    [Fact]
    public void TheOptionSaysWhenASparseOneBecomesDense()
    {
        using var server = new TestServer(1, "--hll-sparse-max-bytes", "30");
        server.Run(["PFADD", "h", .. Numbers(1, 3)]);
        Assert.Equal("sparse", server.Run("PFDEBUG", "ENCODING", "h"));
        server.Run("PFADD", "h", "4", "5", "6");
        Assert.Equal("dense", server.Run("PFDEBUG", "ENCODING", "h"));
        Assert.Equal("OK", server.Run("CONFIG", "SET", "hll-sparse-max-bytes", "100000"));
        for (int i = 0; i < 30; i++) server.Run(["PFADD", "large", .. Numbers(i * 1000, 1000)]);
        Assert.Equal("dense", server.Run("PFDEBUG", "ENCODING", "h"));
        Assert.Equal("sparse", server.Run("PFDEBUG", "ENCODING", "large"));
        string before = server.Run("PFCOUNT", "large");
        Assert.Equal(":1", server.Run("PFDEBUG", "TODENSE", "large"));
        Assert.Equal(":0", server.Run("PFDEBUG", "TODENSE", "large"));
        server.Run("PFADD", "large", "one more");
        Assert.InRange(server.Ask("PFCOUNT", "large").Integer, long.Parse(before.AsSpan(1)), long.Parse(before.AsSpan(1)) + 3);
        Assert.Equal("-ERR HLL encoding is not sparse", server.Run("PFDEBUG", "DECODE", "large"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatIsNoHyperLogLogIsRefused(int shards)
    {
        using var server = new TestServer(shards);
        server.Run("PFADD", "good", "a");
        string good = server.Run("GET", "good");
        server.Run("SET", "text", "hello");
        server.Run("SET", "number", "12");
        server.Run("SET", "short", good[..^2]);
        server.Run("SET", "dense", good[..4] + "\0" + good[5..]);
        server.Run("SET", "unknown", good[..4] + "\x02" + good[5..]);
        server.Events.Clear();
        foreach (string key in (string[])["text", "number", "dense", "unknown"])
            foreach (string[] command in (string[][])[["PFADD", key, "a"], ["PFADD", key], ["PFCOUNT", key], ["PFCOUNT", "good", key], ["PFMERGE", key],
                ["PFMERGE", "good", key], ["PFDEBUG", "GETREG", key]])
                Assert.Equal(NoSketch, server.Run(command));
        Assert.Equal(Corrupt, server.Run("PFCOUNT", "short"));
        Assert.Equal(Corrupt, server.Run("PFCOUNT", "good", "short"));
        Assert.Equal(Corrupt, server.Run("PFMERGE", "new", "good", "short"));
        Assert.Equal(Corrupt, server.Run("PFDEBUG", "TODENSE", "short"));
        Assert.Equal("-ERR The specified key does not exist", server.Run("PFDEBUG", "GETREG", "none"));
        Assert.Equal("-ERR Unknown PFDEBUG subcommand 'foo'", server.Run("PFDEBUG", "foo", "good"));
        Assert.Equal("-ERR Argument must be ON or OFF", server.Run("PFDEBUG", "SIMD", "maybe"));
        Assert.Empty(server.Events);
        Assert.Equal(":0", server.Run("EXISTS", "new"));
        // The first argument's failure is the answer, wherever its shard is.
        for (int i = 0; i < 8; i++)
        {
            server.Run("SET", $"short{i}", good[..^2]);
            Assert.Equal(NoSketch, server.Run("PFCOUNT", "good", "text", $"short{i}"));
            Assert.Equal(Corrupt, server.Run("PFCOUNT", "good", $"short{i}", "text"));
        }
    }

    [Fact]
    public void RegistersAreShown()
    {
        using var server = new TestServer(2);
        server.Run("PFADD", "h", "a", "b", "c");
        long[] registers = [.. server.Ask("PFDEBUG", "GETREG", "h").Items.Select(i => i.Integer)];
        Assert.Equal(16384, registers.Length);
        Assert.Equal((3, 1, 2, 1), (registers.Count(r => r != 0), registers[8436], registers[8436 + 1 + 4274], registers[8436 + 1 + 4274 + 1 + 3068]));
        Assert.Equal("dense", server.Run("PFDEBUG", "ENCODING", "h"));
    }

    [Fact]
    public void MergingIsTheSameWithoutVectors()
    {
        using var server = new TestServer(4);
        for (int i = 0; i < 6; i++)
        {
            server.Run(["PFADD", $"h{i}", .. Numbers(i * 3000, 4000)]);
            server.Run("PFDEBUG", "TODENSE", $"h{i}");
        }
        string[] keys = [.. Enumerable.Range(0, 6).Select(i => $"h{i}")];
        string counted = server.Run(["PFCOUNT", .. keys]);
        server.Run(["PFMERGE", "fast", .. keys]);
        Assert.Equal("disabled", server.Run("PFDEBUG", "SIMD", "OFF"));
        Assert.Equal(counted, server.Run(["PFCOUNT", .. keys]));
        server.Run(["PFMERGE", "slow", .. keys]);
        Assert.Equal(server.Run("GET", "fast"), server.Run("GET", "slow"));
        Assert.Equal("enabled", server.Run("PFDEBUG", "SIMD", "ON"));
    }

    [Fact]
    public void TheSelfTestPassesWhileOthersAreServed()
    {
        using var server = new TestServer();
        TestClient other = server.Connect();
        server.Client.Send("PFSELFTEST");
        Reply? reply;
        int answered = 0;
        for (; (reply = server.Client.Next()) is null; answered++) Assert.Equal("PONG", other.Run("PING"));
        Assert.Equal("OK", reply.Text);
        Assert.True(answered > 1000, $"{answered} commands were answered meanwhile");
        Assert.Equal(0, server.Changes);
    }
}

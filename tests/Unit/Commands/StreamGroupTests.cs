using Anax.Engine.Keyspace;
using Anax.Protocol;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

/// <summary>Consumer groups, and commands that read streams, at once or waiting.</summary>
public sealed class StreamGroupTests : IDisposable
{
    private TestServer _server = new();

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void SeveralStreamsAreReadInTheOrderOfTheCall(int shards)
    {
        Use(shards);
        for (int i = 0; i < 6; i++) _server.Run("XADD", $"s{i}", $"{i + 1}-1", "f", $"v{i}");
        Assert.Equal("[[s3, [[4-1, [f, v3]]]], [s0, [[1-1, [f, v0]]]], [s5, [[6-1, [f, v5]]]]]",
            _server.Run("XREAD", "STREAMS", "s3", "s1", "s0", "none", "s5", "0", "2-1", "0", "0", "0"));
        TestClient client = _server.Connect(version: RespVersion.Resp3);
        Assert.Equal("{s2: [[3-1, [f, v2]]], s4: [[5-1, [f, v4]]]}", client.Run("XREAD", "COUNT", "2", "STREAMS", "s2", "s4", "0", "+"));
        Assert.Equal("(nil)", _server.Run("XREAD", "STREAMS", "s2", "s4", "$", "$"));
        Assert.Equal("[[s2, [[3-1, [f, v2]]]]]", _server.Run("XREAD", "BLOCK", "0", "STREAMS", "s2", "s4", "0", "$"));
        _server.Run("SET", "text", "v");
        Assert.StartsWith("-WRONGTYPE", _server.Run("XREAD", "STREAMS", "s1", "text", "0", "x"));
        Assert.StartsWith("-ERR Invalid stream ID", _server.Run("XREAD", "BLOCK", "1", "STREAMS", "s1", "text", "x", "0"));
        Assert.Equal("-ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.",
            _server.Run("XREAD", "STREAMS", "s1", "s2", "0"));
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void LongReadsGoInSlices(int shards)
    {
        Use(shards);
        const int Count = 6000;
        for (int i = 1; i <= Count; i++) _server.Run("XADD", "long", $"{i}-1", "f", $"{i}");
        _server.Run("XADD", "short", "1-1", "f", "v");
        _server.Run("XGROUP", "CREATE", "long", "g", "10-1", "ENTRIESREAD", "10");
        _server.Run("XGROUP", "CREATE", "short", "g", "0");
        foreach (string[] way in (string[][])[[], ["BLOCK", "0"]])
        {
            Reply all = _server.Ask(["XREAD", .. way, "STREAMS", "short", "long", "0", "7-1"]);
            Assert.Equal("[short, [[1-1, [f, v]]]]", all.Items[0].Text);
            Assert.Equal(Count - 7, all.Items[1].Items[1].Items.Count);
            Assert.Equal($"[{Count}-1, [f, {Count}]]", all.Items[1].Items[1].Items[^1].Text);
        }
        Reply read = _server.Ask("XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "long", "short", ">", ">");
        Assert.Equal(Count - 10, read.Items[0].Items[1].Items.Count);
        Assert.Equal($"[:{Count - 10}, 11-1, {Count}-1, [[c, {Count - 10}]]]", _server.Run("XPENDING", "long", "g"));
        Reply history = _server.Ask("XREADGROUP", "GROUP", "g", "c", "STREAMS", "long", "0");
        Assert.Equal(Count - 10, history.Items[0].Items[1].Items.Count);
        Assert.Equal(Count - 10, _server.Ask("XPENDING", "long", "g", "-", "+", "100000").Items.Count);
        Assert.Equal(4000, _server.Ask("XPENDING", "long", "g", "(1000-1", "+", "4000", "c").Items.Count);
        Assert.Equal($"[[name, g, consumers, :1, pending, :{Count - 10}, last-delivered-id, {Count}-1, entries-read, :{Count}, lag, :0]]",
            _server.Run("XINFO", "GROUPS", "long"));
        _server.Events.Clear();
        Assert.Equal($":{Count - 10}", _server.Run("XGROUP", "DELCONSUMER", "long", "g", "c"));
        Assert.Equal(["xgroup-delconsumer long"], _server.Events);
        Assert.Equal("[:0, (nil), (nil), (nil)]", _server.Run("XPENDING", "long", "g"));
        AssertNobodyWaits();
    }

    [Fact]
    public void WhatWasDeliveredIsPendingUntilItIsAcknowledged()
    {
        for (int i = 1; i <= 3; i++) _server.Run("XADD", "s", $"{i}-1", "f", $"{i}");
        Assert.Equal("OK", _server.Run("XGROUP", "CREATE", "s", "g", "0"));
        Assert.Equal("-BUSYGROUP Consumer Group name already exists", _server.Run("XGROUP", "CREATE", "s", "g", "0"));
        Assert.Equal("[[s, [[1-1, [f, 1]], [2-1, [f, 2]]]]]", _server.Run("XREADGROUP", "GROUP", "g", "a", "COUNT", "2", "STREAMS", "s", ">"));
        Assert.Equal("[[s, [[3-1, [f, 3]]]]]", _server.Run("XREADGROUP", "GROUP", "g", "b", "STREAMS", "s", ">"));
        Assert.Equal("(nil)", _server.Run("XREADGROUP", "GROUP", "g", "b", "STREAMS", "s", ">"));
        Assert.Equal("[:3, 1-1, 3-1, [[a, 2], [b, 1]]]", _server.Run("XPENDING", "s", "g"));
        Assert.Equal(":1", _server.Run("XDEL", "s", "2-1"));
        Assert.Equal("[[s, [[1-1, [f, 1]], [2-1, (nil)]]]]", _server.Run("XREADGROUP", "GROUP", "g", "a", "STREAMS", "s", "0"));
        Assert.Equal("[[s, []]]", _server.Run("XREADGROUP", "GROUP", "g", "new", "STREAMS", "s", "0"));
        Assert.Equal("[:2, :1]", Deliveries("a"));
        Assert.Equal(":2", _server.Run("XACK", "s", "g", "1-1", "2-1", "9-9"));
        Assert.Equal(":0", _server.Run("XACK", "s", "none", "1-1"));
        Assert.Equal("-ERR Invalid stream ID specified as stream command argument", _server.Run("XACK", "s", "g", "3-1", "x"));
        Assert.Equal(":1", _server.Run("XGROUP", "DELCONSUMER", "s", "g", "b"));
        Assert.Equal(":1", _server.Run("XGROUP", "CREATECONSUMER", "s", "g", "b"));
        Assert.Equal(":0", _server.Run("XGROUP", "CREATECONSUMER", "s", "g", "b"));
        Assert.Equal("OK", _server.Run("XGROUP", "SETID", "s", "g", "0"));
        Assert.Equal("[[s, [[1-1, [f, 1]]]]]", _server.Run("XREADGROUP", "GROUP", "g", "b", "NOACK", "COUNT", "1", "STREAMS", "s", ">"));
        Assert.Equal("[:0, (nil), (nil), (nil)]", _server.Run("XPENDING", "s", "g"));
        Assert.Equal(":1", _server.Run("XGROUP", "DESTROY", "s", "g"));
        Assert.Equal(":0", _server.Run("XGROUP", "DESTROY", "s", "g"));
        Assert.Equal("-NOGROUP No such key 's' or consumer group 'g' in XREADGROUP with GROUP option",
            _server.Run("XREADGROUP", "GROUP", "g", "a", "STREAMS", "s", ">"));
        string[] events = [.. _server.Events.Where(e => e.StartsWith("xgroup", StringComparison.Ordinal))];
        Assert.Equal(["xgroup-create s", "xgroup-createconsumer s", "xgroup-createconsumer s", "xgroup-createconsumer s", "xgroup-delconsumer s",
            "xgroup-createconsumer s", "xgroup-setid s", "xgroup-destroy s"], events);
    }

    private string Deliveries(string consumer) =>
        $"[{string.Join(", ", _server.Ask("XPENDING", "s", "g", "-", "+", "10", consumer).Items.Select(i => i.Items[3]))}]";

    [Fact]
    public void PendingEntriesAreClaimed()
    {
        for (int i = 1; i <= 5; i++) _server.Run("XADD", "s", $"{i}-1", "f", $"{i}");
        _server.Run("XGROUP", "CREATE", "s", "g", "0");
        _server.Run("XREADGROUP", "GROUP", "g", "a", "COUNT", "4", "STREAMS", "s", ">");
        _server.Run("XDEL", "s", "2-1");
        Assert.Equal("[]", _server.Run("XCLAIM", "s", "g", "b", "100000", "1-1"));
        Assert.Equal("[[1-1, [f, 1]]]", _server.Run("XCLAIM", "s", "g", "b", "0", "1-1", "2-1", "5-1"));
        Assert.Equal("[5-1]", _server.Run("XCLAIM", "s", "g", "b", "0", "5-1", "FORCE", "JUSTID", "RETRYCOUNT", "7", "LASTID", "5-1"));
        Assert.Equal("[:2, :7]", Deliveries("b"));
        Assert.Equal("[:1, :1]", Deliveries("a"));
        Assert.Equal("[4-1, [[1-1, [f, 1]], [3-1, [f, 3]]], []]", _server.Run("XAUTOCLAIM", "s", "g", "c", "0", "-", "COUNT", "2"));
        _server.Run("XDEL", "s", "3-1");
        Assert.Equal("[0-0, [4-1, 5-1], [3-1]]", _server.Run("XAUTOCLAIM", "s", "g", "c", "0", "(1-1", "JUSTID"));
        Assert.Equal("[0-0, [], []]", _server.Run("XAUTOCLAIM", "s", "g", "c", "100000", "0"));
        Assert.Equal("[:3, :1, :7]", Deliveries("c"));
        Assert.Equal("-ERR Unrecognized XCLAIM option 'x'", _server.Run("XCLAIM", "s", "g", "b", "0", "1-1", "x"));
        Assert.Equal("-ERR COUNT must be > 0", _server.Run("XAUTOCLAIM", "s", "g", "b", "0", "0", "COUNT", "0"));
        Assert.Equal("-NOGROUP No such key 's' or consumer group 'h'", _server.Run("XCLAIM", "s", "h", "b", "0", "1-1"));
    }

    // ---- waiting ----

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void EverybodyWhoWaitsGetsWhatIsNew(int shards)
    {
        Use(shards);
        _server.Run("XADD", "a", "1-1", "f", "old");
        TestClient[] readers = [.. Enumerable.Range(0, 3).Select(i => _server.Connect(i % shards))];
        Wait(readers[0], "XREAD", "BLOCK", "0", "STREAMS", "a", "b", "$", "$");
        Wait(readers[1], "XREAD", "BLOCK", "0", "STREAMS", "b", "a", "0", "1-1");
        Wait(readers[2], "XREAD", "BLOCK", "0", "STREAMS", "a", "5-1");
        Assert.Equal("2-1", _server.Run("XADD", "a", "2-1", "f", "new"));
        Assert.Equal("[[a, [[2-1, [f, new]]]]]", readers[0].Receive().Text);
        Assert.Equal("[[a, [[2-1, [f, new]]]]]", readers[1].Receive().Text);
        Assert.Null(readers[2].Next());
        _server.Run("XADD", "a", "6-1", "f", "newer");
        Assert.Equal("[[a, [[6-1, [f, newer]]]]]", readers[2].Receive().Text);
        Assert.Equal("(nil)", _server.Run("XREAD", "BLOCK", "1", "STREAMS", "a", "b", "$", "$"));
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatIsWrittenTogetherIsReadTogether(int shards)
    {
        Use(shards);
        TestClient reader = _server.Connect(shards - 1);
        Wait(reader, "XREAD", "BLOCK", "0", "STREAMS", "a", "b", "c", "$", "$", "$");
        _ = _server.Client.Pipeline(["MULTI"], ["XADD", "c", "1-1", "f", "1"], ["XADD", "a", "1-2", "f", "2"], ["XADD", "a", "1-3", "f", "3"], ["EXEC"]);
        Assert.Equal("[[a, [[1-2, [f, 2]], [1-3, [f, 3]]]], [c, [[1-1, [f, 1]]]]]", reader.Receive().Text);
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatComesAndGoesWakesNobody(int shards)
    {
        Use(shards);
        TestClient reader = _server.Connect(shards - 1);
        Wait(reader, "XREAD", "BLOCK", "0", "STREAMS", "a", "b", "$", "$");
        _ = _server.Client.Pipeline(["MULTI"], ["XADD", "a", "1-1", "f", "1"], ["DEL", "a"], ["LPUSH", "a", "x"], ["EXEC"]);
        _server.Run("DEL", "a");
        _server.Run("SET", "b", "text");
        _server.Run("DEL", "b");
        Assert.Null(reader.Next());
        _server.Run("XADD", "b", "1-1", "f", "1");
        Assert.Equal("[[b, [[1-1, [f, 1]]]]]", reader.Receive().Text);
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void EachEntryGoesToOneConsumer(int shards)
    {
        Use(shards);
        _server.Run("XGROUP", "CREATE", "s", "g", "$", "MKSTREAM");
        TestClient[] consumers = [.. Enumerable.Range(0, 3).Select(i => _server.Connect(i % shards))];
        for (int i = 0; i < 3; i++) Wait(consumers[i], "XREADGROUP", "GROUP", "g", $"c{i}", "BLOCK", "0", "STREAMS", "s", ">");
        for (int i = 0; i < 3; i++)
        {
            _server.Run("XADD", "s", $"{i + 1}-1", "f", $"{i}");
            Assert.Equal($"[[s, [[{i + 1}-1, [f, {i}]]]]]", consumers[i].Receive().Text);
        }
        Assert.Equal("[:3, 1-1, 3-1, [[c0, 1], [c1, 1], [c2, 1]]]", _server.Run("XPENDING", "s", "g"));
        AssertNobodyWaits();
    }

    /// <summary>The group is gone, in one way or another, and who waits as part of it learns so; behind others in the line as well.</summary>
    [Theory]
    [InlineData("NOGROUP", "DEL", "s")]
    [InlineData("NOGROUP", "XGROUP", "DESTROY", "s", "g")]
    [InlineData("WRONGTYPE", "SET", "s", "text")]
    [InlineData("NOGROUP", "FLUSHALL")]
    [InlineData("NOGROUP", "RENAME", "s", "away")]
    [InlineData("NOGROUP", "RENAME", "other", "s")]
    [InlineData("WRONGTYPE", "RENAME", "text", "s")]
    [InlineData("NOGROUP", "PEXPIRE", "s", "1")]
    public void WhoReadsForAGroupLearnsThatItIsGone(string error, params string[] command)
    {
        foreach (int shards in (int[])[1, 4])
        {
            Use(shards);
            TestClient popper = _server.Connect(), plain = _server.Connect(shards - 1), consumer = _server.Connect(shards / 2);
            Wait(popper, "BLPOP", "s", "0");
            _server.Run("XADD", "s", "1-1", "f", "v");
            _server.Run("XADD", "other", "1-1", "f", "v");
            _server.Run("XGROUP", "CREATE", "s", "g", "$");
            _server.Run("SET", "text", "v");
            Wait(plain, "XREAD", "BLOCK", "0", "STREAMS", "s", "s2", "$", "$");
            Wait(consumer, "XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "s", ">");
            Assert.Equal(1, Sum(loop => loop.Counters.LossWaitedKeys));
            Assert.False(_server.Ask(command).IsError);
            if (command[0] == "PEXPIRE") _server.RunFor(150);
            Assert.StartsWith("-" + error, consumer.Receive().Text);
            Assert.Null(popper.Next());
            Assert.Null(plain.Next());
            Assert.Equal(0, Sum(loop => loop.Counters.LossWaitedKeys));
            _server.Run("FLUSHALL");
            _server.Run("XADD", "s2", "5-1", "f", "v");
            Assert.Equal("[[s2, [[5-1, [f, v]]]]]", plain.Receive().Text);
            _server.Run("RPUSH", "s", "v");
            Assert.Equal("[s, v]", popper.Receive().Text);
            AssertNobodyWaits();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void NothingWaitsInTransactionsAndScripts(int shards)
    {
        Use(shards);
        _server.Run("XADD", "a", "1-1", "f", "v");
        _server.Run("XGROUP", "CREATE", "a", "g", "$");
        Assert.Equal(["OK", "QUEUED", "QUEUED", "QUEUED", "[(nil), [[a, [[1-1, [f, v]]]]], (nil)]"], _server.Client.Pipeline(["MULTI"],
            ["XREAD", "BLOCK", "0", "STREAMS", "a", "b", "$", "$"], ["XREAD", "BLOCK", "0", "STREAMS", "b", "a", "0", "0"],
            ["XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "a", ">"], ["EXEC"]));
        Assert.Equal("(nil)", _server.Run("EVAL", "return redis.call('xread', 'BLOCK', 0, 'STREAMS', KEYS[1], '$')", "1", "a"));
        Assert.Equal("[[a, [[1-1, [f, v]]]]]", _server.Run("EVAL", "return redis.call('xread', 'BLOCK', 0, 'STREAMS', KEYS[1], 0)", "1", "a"));
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ClientsAreUnblocked(int shards)
    {
        Use(shards);
        _server.Run("XGROUP", "CREATE", "a", "g", "$", "MKSTREAM");
        TestClient reader = _server.Connect(shards - 1);
        long id = reader.Ask("CLIENT", "ID").Integer;
        string[][] commands =
            [["XREAD", "BLOCK", "0", "STREAMS", "a", "b", "$", "$"], ["XREADGROUP", "GROUP", "g", "c", "BLOCK", "0", "STREAMS", "a", ">"]];
        foreach (string[] command in commands)
        {
            Wait(reader, command);
            Assert.Equal(":1", _server.Run("CLIENT", "UNBLOCK", $"{id}", "ERROR"));
            Assert.Equal("-UNBLOCKED client unblocked via CLIENT UNBLOCK", reader.Receive().Text);
            Wait(reader, command);
            Assert.Equal(":1", _server.Run("CLIENT", "UNBLOCK", $"{id}"));
            Assert.Equal("(nil)", reader.Receive().Text);
        }
        AssertNobodyWaits();
    }

    /// <summary>The word STREAMS may name a group, a consumer or a key.</summary>
    [Fact]
    public void KeysAreFoundBehindTheOptions()
    {
        Assert.Equal("[STREAMS, k]", _server.Run("COMMAND", "GETKEYS",
            "XREADGROUP", "GROUP", "STREAMS", "STREAMS", "COUNT", "1", "STREAMS", "STREAMS", "k", ">", ">"));
        Assert.Equal("-ERR Invalid arguments specified for command", _server.Run("COMMAND", "GETKEYS", "XREAD", "STREAMS", "a", "b", "0"));
        Assert.Equal("[k]", _server.Run("COMMAND", "GETKEYS", "XGROUP", "CREATE", "k", "g", "$"));
    }

    /// <summary>What clocks decide passes on the state.</summary>
    [Fact]
    public void EffectsSayWhatCanBeRepeated()
    {
        _server.Run("XADD", "s", "1-1", "f", "v");
        _server.Run("XADD", "s", "*", "f", "v");
        _server.Run("XGROUP", "CREATE", "s", "g", "0");
        _server.Run("XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">");
        _server.Run("XACK", "s", "g", "1-1");
        Assert.Equal([Effect.Command, Effect.State, Effect.Command, Effect.State, Effect.State, Effect.Command], _server.Effects);
    }

    // ---- help ----

    private void Use(int shards)
    {
        _server.Dispose();
        _server = new TestServer(shards);
    }

    private void Wait(TestClient client, params string[] command)
    {
        long before = Sum(loop => loop.Transactions.Blocked);
        client.Send(command);
        _server.RunUntil(() => Sum(loop => loop.Transactions.Blocked) > before, "the wait");
        for (int i = 0; i < 4; i++) _server.Turn();
    }

    private long Sum(Func<Anax.Engine.EngineLoop, long> figure)
    {
        long sum = 0;
        foreach (var loop in _server.Loops) sum += figure(loop);
        return sum;
    }

    private void AssertNobodyWaits()
    {
        _server.RunUntil(() => Sum(loop => loop.Shard.Waits.Count) == 0 && Sum(loop => loop.Transactions.Blocked) == 0, "the end of all waits");
        foreach (var loop in _server.Loops) Assert.Equal((0, 0L), (loop.Shard.Locks.Count, loop.Counters.WaitedKeys));
    }
}

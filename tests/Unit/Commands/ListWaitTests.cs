using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

/// <summary>Commands that wait for elements.</summary>
public sealed class ListWaitTests : IDisposable
{
    private TestServer _server = new();

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void TheFirstKeyThatHasSomethingServes(int shards)
    {
        Use(shards);
        _server.Run("RPUSH", "b", "1", "2");
        _server.Run("RPUSH", "c", "3");
        Assert.Equal("[b, 2]", _server.Run("BRPOP", "a", "b", "c", "0"));
        Assert.Equal("[c, 3]", _server.Run("BLPOP", "a", "c", "b", "0"));
        Assert.Equal("[b, [1]]", _server.Run("BLMPOP", "0", "3", "a", "b", "c", "LEFT", "COUNT", "5"));
        Assert.Equal("(nil)", _server.Run("BLPOP", "a", "b", "c", "0.01"));
        Assert.Equal("(nil)", _server.Run("BLMOVE", "a", "b", "LEFT", "LEFT", "0.01"));
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhoCameFirstIsServedFirst(int shards)
    {
        Use(shards);
        TestClient[] waiting = [.. Enumerable.Range(0, 6).Select(i => _server.Connect(i % shards))];
        foreach (TestClient client in waiting) Wait(client, "BLPOP", "a", "b", "0");
        Assert.Equal(":3", _server.Run("RPUSH", "a", "0", "1", "2"));
        Assert.Equal(":3", _server.Run("LPUSH", "b", "5", "4", "3"));
        for (int i = 0; i < waiting.Length; i++) Assert.Equal($"[{(i < 3 ? "a" : "b")}, {i}]", waiting[i].Receive().Text);
        Assert.Equal(":0", _server.Run("EXISTS", "a", "b"));
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatMakesAListServes(int shards)
    {
        string[][] makers =
        [
            ["LPUSH", "k", "v"], ["RENAME", "s", "k"], ["COPY", "s", "k"], ["SWAPDB", "0", "1"], ["LMOVE", "s", "k", "LEFT", "LEFT"],
            ["RPOPLPUSH", "s", "k"], ["SORT", "s", "ALPHA", "STORE", "k"], ["EVAL", "return redis.call('rpush', KEYS[1], 'v')", "1", "k"],
            ["BLMOVE", "s", "k", "LEFT", "RIGHT", "0"],
        ];
        foreach (string[] maker in makers)
        {
            Use(shards);
            TestClient waiting = _server.Connect(shards - 1);
            _server.Run("RPUSH", "s", "v");
            _server.Run("SELECT", "1");
            _server.Run("RPUSH", "k", "v");
            _server.Run("SELECT", "0");
            Wait(waiting, "BLPOP", "k", "0");
            Assert.True(_server.Run(maker)[0] != '-', maker[0]);
            Assert.Equal("[k, v]", waiting.Receive().Text);
            AssertNobodyWaits();
        }
    }

    /// <summary>An element goes on from list to list through all who wait, over shards as well.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AnElementGoesThroughAChainOfMoves(int shards)
    {
        Use(shards);
        const int Links = 8;
        TestClient[] waiting = [.. Enumerable.Range(0, Links).Select(i => _server.Connect(i % shards))];
        for (int i = Links - 1; i >= 0; i--) Wait(waiting[i], "BLMOVE", $"l{i}", $"l{i + 1}", "LEFT", "RIGHT", "0");
        TestClient last = _server.Connect(shards - 1);
        Wait(last, "BRPOP", $"l{Links}", "0");
        Assert.Equal(":1", _server.Run("RPUSH", "l0", "element"));
        foreach (TestClient client in waiting) Assert.Equal("element", client.Receive().Text);
        Assert.Equal($"[l{Links}, element]", last.Receive().Text);
        AssertNobodyWaits();
        Assert.Equal(":0", _server.Run("DBSIZE"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AMoveToSomethingElseLeavesTheElement(int shards)
    {
        for (int target = 0; target < 6; target++)
        {
            Use(shards);
            TestClient mover = _server.Connect(shards - 1), behind = _server.Connect();
            _server.Run("SET", $"to{target}", "text");
            Wait(mover, "BLMOVE", "from", $"to{target}", "LEFT", "RIGHT", "0");
            Wait(behind, "BLPOP", "from", "0");
            _server.Run("RPUSH", "from", "1");
            Assert.StartsWith("-WRONGTYPE", mover.Receive().Text);
            Assert.Equal("[from, 1]", behind.Receive().Text);
            AssertNobodyWaits();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void SomethingElseUnderTheKeyIsWaitedOut(int shards)
    {
        Use(shards);
        TestClient popper = _server.Connect(shards - 1), mover = _server.Connect();
        Wait(popper, "BLPOP", "k", "0");
        Wait(mover, "BLMOVE", "k", "to", "LEFT", "LEFT", "0");
        _server.Run("SET", "k", "text");
        _server.Run("DEL", "k");
        Assert.Equal(["OK", "QUEUED", "QUEUED", "QUEUED", "[:1, :1, :1]"],
            _server.Client.Pipeline(["MULTI"], ["RPUSH", "k", "gone"], ["DEL", "k"], ["RPUSH", "k", "1"], ["EXEC"]));
        Assert.Equal("[k, 1]", popper.Receive().Text);
        Assert.Null(mover.Next());
        _server.Run("RPUSH", "k", "2");
        Assert.Equal("2", mover.Receive().Text);
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void NothingWaitsInTransactionsAndScripts(int shards)
    {
        Use(shards);
        _server.Run("RPUSH", "c", "1", "2");
        Assert.Equal(["OK", "QUEUED", "QUEUED", "QUEUED", "[(nil), [c, 1], (nil)]"], _server.Client.Pipeline(["MULTI"],
            ["BLPOP", "a", "b", "0"], ["BLPOP", "a", "c", "0"], ["BLMOVE", "a", "c", "LEFT", "LEFT", "0"], ["EXEC"]));
        Assert.Equal("(nil)", _server.Run("EVAL", "return redis.call('blpop', KEYS[1], 0)", "1", "a"));
        Assert.Equal("2", _server.Run("EVAL", "return redis.call('brpoplpush', KEYS[1], KEYS[2], 0)", "2", "c", "a"));
        AssertNobodyWaits();
    }

    /// <summary>A waiting client's next commands wait behind it, complete or not; one that goes leaves its place.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void PipelinesWaitBehindAndTheDeadLeave(int shards)
    {
        Use(shards);
        TestClient going = _server.Connect(shards - 1), waiting = _server.Connect();
        Wait(going, "BLPOP", "k", "l", "0");
        Wait(waiting, "BLPOP", "k", "0");
        waiting.SendRaw("*1\r\n$4\r\nPING\r\n*2\r\n$4\r\nLL");
        going.Dispose();
        _server.RunUntil(() => Places() == 1, "the place is left");
        _server.Run("RPUSH", "k", "1");
        Assert.Equal("[k, 1]", waiting.Receive().Text);
        Assert.Equal("PONG", waiting.Receive().Text);
        waiting.SendRaw("EN\r\n$1\r\nk\r\n");
        Assert.Equal(":0", waiting.Receive().Text);
        AssertNobodyWaits();
    }

    /// <summary>Pushes, timeouts and moves meet at random: each element is taken once.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void NoElementIsLostWhenATimeoutMeetsAPush(int shards)
    {
        Use(shards);
        var random = new Random(shards);
        TestClient[] takers = [.. Enumerable.Range(0, 8).Select(i => _server.Connect(i % shards))];
        bool[] isWaiting = new bool[takers.Length];
        var taken = new List<string>();
        for (int pushed = 0; pushed < 300; pushed++)
        {
            for (int i = 0; i < takers.Length; i++)
            {
                if (!isWaiting[i]) takers[i].Send(CallOf(i));
                isWaiting[i] = true;
                if (takers[i].Next() is not { } reply) continue;
                isWaiting[i] = false;
                Note(reply, taken, i);
            }
            Assert.StartsWith(":", _server.Run(random.Next(2) == 0 ? "LPUSH" : "RPUSH", random.Next(3) == 0 ? "b" : "a", $"{pushed}"));
        }
        for (int i = 0; i < takers.Length; i++)
            if (isWaiting[i]) Note(takers[i].Receive(), taken, i);
        AssertNobodyWaits();
        foreach (string key in (string[])["a", "b", "c"]) taken.AddRange(_server.Ask("LRANGE", key, "0", "-1").Items.Select(item => item.Text));
        Assert.Equal(Enumerable.Range(0, 300).Select(i => $"{i}").Order(), taken.Order());
    }

    private static string[] CallOf(int taker) => (taker % 4) switch
    {
        0 => ["BLPOP", "a", "0.001"],
        1 => ["BRPOP", "b", "a", "0.002"],
        2 => ["BLMOVE", "a", "c", "LEFT", "LEFT", "0.001"],
        _ => ["BLPOP", "c", "0.002"],
    };

    private static void Note(Reply reply, List<string> taken, int taker)
    {
        if (reply.Text != "(nil)" && taker % 4 != 2) taken.Add(reply.Items[1].Text);
    }

    private void Use(int shards)
    {
        _server.Dispose();
        _server = new TestServer(shards) { Recording = false };
    }

    /// <summary>Sends a command and lets it come to stand in its lines.</summary>
    private void Wait(TestClient client, params string[] command)
    {
        long before = Blocked();
        client.Send(command);
        _server.RunUntil(() => Blocked() > before, "the wait");
        for (int i = 0; i < 4; i++) _server.Turn();
    }

    private long Blocked() => Sum(loop => loop.Transactions.Blocked);

    private long Places() => Sum(loop => loop.Shard.Waits.Count);

    private long Sum(Func<Anax.Engine.EngineLoop, long> figure)
    {
        long sum = 0;
        foreach (var loop in _server.Loops) sum += figure(loop);
        return sum;
    }

    private void AssertNobodyWaits()
    {
        _server.RunUntil(() => Places() == 0 && Blocked() == 0, "the end of all waits");
        foreach (var loop in _server.Loops) Assert.Equal((0, 0L), (loop.Shard.Locks.Count, loop.Counters.WaitedKeys));
    }
}

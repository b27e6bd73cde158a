using System.Diagnostics;
using System.Text;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Engine;
using Anax.Engine.Dispatch;
using Anax.Engine.Keyspace;
using Anax.Engine.Transactions;
using Anax.Protocol;
using Anax.Tests.Unit.Commands;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Engine;

/// <summary>Commands that wait for keys, shown with two of the test's own: strings that appear are taken, or renamed.</summary>
public sealed class KeyWaitTests : IDisposable
{
    private static readonly CommandSpec[] Rows =
    [
        new("BTAKE", -3, CommandFlags.Write | CommandFlags.Blocking, AclCategory.String,
            [new(KeyAccess.ReadWrite, KeySearch.Range) { LastKey = -2 }], TakeBlocking, "Takes the first of some strings that is there."),
        new("BRENAME", 4, CommandFlags.Write | CommandFlags.Blocking, AclCategory.String,
            Keys.Pair(KeyAccess.ReadWrite, KeyAccess.ReadWrite), RenameBlocking, "Renames a string as soon as it is there."),
    ];

    private TestServer _server = new(Rows, 1);

    public void Dispose() => _server.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatIsThereIsTakenAtOnce(int shards)
    {
        Use(shards);
        _server.Run("MSET", "b", "2", "c", "3");
        Assert.Equal("[b, 2]", _server.Run("BTAKE", "a", "b", "c", "0"));
        Assert.Equal("[c, 3]", _server.Run("BTAKE", "a", "b", "c", "0"));
        Assert.Equal(":0", _server.Run("EXISTS", "a", "b", "c"));
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void WhoHasMetAStrayingScriptHoldsNothingWhileItWaits(int shard)
    {
        Use(2);
        string key = _server.KeyOf(shard);
        ulong hash = _server.Loops[0].Settings.HashKey.Hash(Encoding.Latin1.GetBytes(key));
        // What a script that strays holds: the token, and a key.
        LockTable tokens = _server.Loops[0].Shard.Locks, keys = _server.Loops[shard].Shard.Locks;
        var owner = new LockOwner(LockOwnerKind.Coordinator, 0, 0);
        int token = tokens.Open(1, owner, isDynamic: true), held = keys.Open(1, owner, isDynamic: true);
        Assert.True(tokens.TryAdd(token, LockTable.Token, LockMode.Exclusive));
        keys.AddShardAhead(held, LockMode.Shared);
        keys.AddAhead(held, hash, LockMode.Exclusive);

        TestClient waiting = _server.Connect(1);
        waiting.Send("BTAKE", key, "0");
        _server.RunUntil(() => _server.Loops[1].Transactions.Redrawn != 0, "the refusal");
        _server.RunFor(5);
        _server.Loops[shard].Grants.Release(held);
        _server.Loops[0].Grants.Release(token);
        _server.RunUntil(() => _server.Loops[shard].Shard.Waits.Count == 1, "the waiting");
        _server.RunFor(5);
        foreach (EngineLoop loop in _server.Loops) Assert.Equal(0, loop.Shard.Locks.Count);

        Assert.Equal("OK", _server.Run("SET", key, "1"));
        Assert.Equal($"[{key}, 1]", waiting.Receive().Text);
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void TheOneThatCameFirstIsServedFirst(int shards)
    {
        Use(shards);
        TestClient[] waiting = [.. Enumerable.Range(0, 6).Select(i => _server.Connect(i % shards))];
        foreach (TestClient client in waiting) Wait(client, "BTAKE", "a", "b", "0");
        for (int i = 0; i < waiting.Length; i++)
        {
            string key = i % 2 == 0 ? "a" : "b";
            Assert.Equal("OK", _server.Run("SET", key, $"{i}"));
            Assert.Equal($"[{key}, {i}]", waiting[i].Receive().Text);
            for (int j = i + 1; j < waiting.Length; j++) Assert.Null(waiting[j].Next());
        }
        Assert.Equal(":0", _server.Run("EXISTS", "a", "b"));
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AnyChangeThatMakesTheKeyServes(int shards)
    {
        string[][] makers =
        [
            ["SET", "k", "v"], ["MSET", "x", "v", "k", "v"], ["RENAME", "s", "k"], ["COPY", "s", "k"], ["SWAPDB", "0", "1"], ["MSETNX", "k", "v", "y", "v"],
        ];
        foreach (string[] maker in makers)
        {
            Use(shards);
            TestClient waiting = _server.Connect(shards - 1);
            _server.Run("SET", "s", "v");
            _server.Run("SELECT", "1");
            _server.Run("SET", "k", "v");
            _server.Run("SELECT", "0");
            Wait(waiting, "BTAKE", "k", "0");
            Assert.True(_server.Run(maker)[0] != '-');
            Assert.Equal("[k, v]", waiting.Receive().Text);
            AssertNobodyWaits();
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ATransactionServesWhenItIsOver(int shards)
    {
        Use(shards);
        TestClient waiting = _server.Connect(shards - 1), second = _server.Connect();
        Wait(waiting, "BTAKE", "k", "0");
        Wait(second, "BTAKE", "k", "l", "0");
        Assert.Equal(["OK", "QUEUED", "QUEUED", "QUEUED", "QUEUED", "QUEUED", "[OK, :1, OK, OK, OK]"], _server.Client.Pipeline(["MULTI"],
            ["SET", "k", "1"], ["DEL", "k"], ["SET", "l", "x"], ["SET", "k", "2"], ["SET", "k", "3"], ["EXEC"]));
        Assert.Equal("[k, 3]", waiting.Receive().Text);
        Assert.Equal("[l, x]", second.Receive().Text);
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void TheTimeIsUpToTheMillisecond(int shards)
    {
        Use(shards);
        var clock = Stopwatch.StartNew();
        Assert.Equal("(nil)", _server.Run("BTAKE", "a", "b", "c", "0.05"));
        Assert.InRange(clock.ElapsedMilliseconds, 49, 4000);
        Assert.Equal("-ERR timeout is negative", _server.Run("BTAKE", "a", "-1"));
        AssertNobodyWaits();
        Assert.Equal("OK", _server.Run("SET", "a", "1"));
        Assert.Equal("1", _server.Run("GET", "a"));
    }

    /// <summary>The other shard is slow to try for the first time: what is there is taken, and the wait ends once.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ATimeoutBeforeTheFirstAttemptLosesNothing(bool isThere)
    {
        Use(2);
        string key = _server.KeyOf(1);
        TestClient client = _server.Connect(0);
        for (int i = 0; i < 5; i++)
        {
            if (isThere) _server.Run("SET", key, $"{i}");
            client.Send("BTAKE", key, "0.001");
            _server.Loops[0].Events.RunTurn(mayBlock: false);
            Thread.Sleep(5);
            _server.Loops[0].Events.RunTurn(mayBlock: false);
            Assert.Equal(isThere ? $"[{key}, {i}]" : "(nil)", client.Receive().Text);
        }
        Assert.Equal(":0", _server.Run("EXISTS", key));
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void NothingWaitsInsideATransaction(int shards)
    {
        Use(shards);
        _server.Run("SET", "c", "1");
        Assert.Equal(["OK", "QUEUED", "QUEUED", "QUEUED", "[(nil), [c, 1], -ERR no such key]"],
            _server.Client.Pipeline(["MULTI"], ["BTAKE", "a", "b", "0"], ["BTAKE", "a", "c", "0"], ["RENAME", "none", "x"], ["EXEC"]));
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ClientUnblockEndsTheWait(int shards)
    {
        Use(shards);
        TestClient waiting = _server.Connect(shards - 1);
        string id = waiting.Run("CLIENT", "ID")[1..];
        Assert.Equal(":0", _server.Run("CLIENT", "UNBLOCK", id));
        Wait(waiting, "BTAKE", "a", "b", "0");
        Assert.Contains("blocked_clients:1", _server.Run("INFO", "clients"));
        Assert.Contains("total_blocking_keys:2", _server.Run("INFO", "clients"));
        Assert.Contains("flags=bU", _server.Run("CLIENT", "LIST", "ID", id));
        Assert.Equal(":1", _server.Run("CLIENT", "UNBLOCK", id));
        Assert.Equal("(nil)", waiting.Receive().Text);
        Wait(waiting, "BTAKE", "a", "0");
        Assert.Equal(":1", _server.Run("CLIENT", "UNBLOCK", id, "ERROR"));
        Assert.Equal("-UNBLOCKED client unblocked via CLIENT UNBLOCK", waiting.Receive().Text);
        Assert.Equal(":0", _server.Run("CLIENT", "UNBLOCK", id, "TIMEOUT"));
        Assert.Equal(":0", _server.Run("CLIENT", "UNBLOCK", "999"));
        AssertNobodyWaits();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AClientThatGoesLeavesItsPlace(int shards)
    {
        Use(shards);
        TestClient going = _server.Connect(shards - 1), staying = _server.Connect();
        Wait(going, "BTAKE", "k", "l", "0");
        Wait(staying, "BTAKE", "k", "0");
        going.Dispose();
        _server.RunUntil(() => Places() == 1, "the place is left");
        _server.Run("SET", "k", "1");
        Assert.Equal("[k, 1]", staying.Receive().Text);
        AssertNobodyWaits();
    }

    /// <summary>One of several who wait goes in the transaction that makes the key.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AClientThatIsKilledWhileTheKeyIsServedLeavesItToTheNext(int shards)
    {
        Use(shards);
        TestClient killed = _server.Connect(shards - 1), next = _server.Connect();
        string id = killed.Run("CLIENT", "ID").TrimStart(':');
        Wait(killed, "BTAKE", "k", "0");
        Wait(next, "BTAKE", "k", "0");
        _server.Run("MULTI");
        _server.Run("SET", "k", "1");
        _server.Run("CLIENT", "KILL", "ID", id);
        _server.Run("SET", "k", "2");
        Assert.Equal("[OK, :1, OK]", _server.Run("EXEC"));
        Assert.Equal("[k, 2]", next.Receive().Text);
        AssertNobodyWaits();
    }

    /// <summary>A waiting client's next commands wait behind, complete or not, and run when it has been served.</summary>
    [Fact]
    public void HalfAPipelineBehindABlockedCommandIsNoDeadlock()
    {
        Use(2);
        TestClient waiting = _server.Connect(1);
        Wait(waiting, "BTAKE", "k", "0");
        waiting.SendRaw("*1\r\n$4\r\nPING\r\n*2\r\n$3\r\nGE");
        for (int i = 0; i < 5; i++) _server.Turn();
        Assert.Null(waiting.Next());
        _server.Run("SET", "k", "1");
        Assert.Equal("[k, 1]", waiting.Receive().Text);
        Assert.Equal("PONG", waiting.Receive().Text);
        waiting.SendRaw("T\r\n$1\r\nk\r\n");
        Assert.Equal("(nil)", waiting.Receive().Text);
    }

    [Fact]
    public void PushesReachABlockedClientAtOnce()
    {
        Use(2);
        TestClient waiting = _server.Connect(1, RespVersion.Resp3);
        waiting.Run("SUBSCRIBE", "news");
        Wait(waiting, "BTAKE", "k", "0");
        _server.Run("PUBLISH", "news", "hello");
        Assert.Contains("hello", waiting.Receive().Text);
        _server.Run("SET", "k", "1");
        Assert.Equal("[k, 1]", waiting.Receive().Text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void OneThatNeedsTwoShardsKeepsItsPlace(int shards)
    {
        Use(shards);
        (string from, string to) = (_server.KeyOf(0), _server.KeyOf(shards - 1, 1));
        TestClient mover = _server.Connect(shards / 2), behind = _server.Connect();
        Wait(mover, "BRENAME", from, to, "0");
        Wait(behind, "BTAKE", from, "0");
        _server.Run("SET", from, "1");
        Assert.Equal("OK", mover.Receive().Text);
        Assert.Null(behind.Next());
        Assert.Equal("1", _server.Run("GET", to));
        _server.Run("SET", from, "2");
        Assert.Equal($"[{from}, 2]", behind.Receive().Text);
        AssertNobodyWaits();
    }

    /// <summary>Pushes and timeouts meet at random: each element is taken once, by one that got it.</summary>
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
        int pushed = 0;
        while (pushed < 300)
        {
            for (int i = 0; i < takers.Length; i++)
            {
                if (!isWaiting[i]) takers[i].Send(i % 2 == 0 ? ["BTAKE", "a", "0.001"] : ["BTAKE", "b", "a", "0.002"]);
                isWaiting[i] = true;
                if (takers[i].Next() is not { } reply) continue;
                isWaiting[i] = false;
                if (reply.Text != "(nil)") taken.Add(reply.Items[1].Text);
            }
            string key = random.Next(3) == 0 ? "b" : "a";
            if (_server.Run("SETNX", key, $"{pushed}") == ":1") pushed++;
        }
        string[] left = [.. _server.Ask("MGET", "a", "b").Items.Select(item => item.Text).Where(text => text != "(nil)")];
        for (int i = 0; i < takers.Length; i++)
            if (isWaiting[i] && takers[i].Receive() is { Text: not "(nil)" } reply) taken.Add(reply.Items[1].Text);
        left = [.. _server.Ask("MGET", "a", "b").Items.Select(item => item.Text).Where(text => text != "(nil)")];
        Assert.Equal(Enumerable.Range(0, pushed).Select(i => $"{i}").Order(), taken.Concat(left).Order());
        AssertNobodyWaits();
    }

    // ---- the commands ----

    private static async Co<Nothing> TakeBlocking(Coordinator tx)
    {
        if (!TryReadTimeout(tx, out long ns)) return default;
        WaitEnd end = await tx.WaitForKeys(TakeOne, ns);
        Answer(tx, end);
        return default;
    }

    private static void TakeOne(ShardScope shard, ref HopFrame hop)
    {
        Entry entry = shard.Find(hop.Args.Key(hop.Argument));
        if (!entry.Exists) return;
        if (hop.IsLook)
        {
            hop.Value = (long)WaitResult.Claimed;
            return;
        }
        ReplyWriter reply = hop.Writer();
        reply.Array(2);
        reply.Bulk(hop.Args[hop.Argument]);
        if (entry.TryGetInteger(out long number)) reply.Bulk(System.Text.Encoding.ASCII.GetBytes($"{number}"));
        else reply.Bulk(entry.Bytes);
        reply.Flush();
        _ = shard.Delete(hop.Args.Key(hop.Argument));
        hop.Value = (long)WaitResult.Served;
    }

    private static async Co<Nothing> RenameBlocking(Coordinator tx)
    {
        if (!TryReadTimeout(tx, out long ns)) return default;
        WaitEnd end = await tx.WaitForKeys(LookForRename, ns);
        while (end == WaitEnd.Claimed)
        {
            await tx.LockKeys();
            await tx.Hop(tx.ShardOf(1), TakeToRename);
            if (tx.ValueOf(tx.ShardOf(1)) == 0)
            {
                end = await tx.WaitAgain();
                continue;
            }
            tx.StateOf<LooseValue>(tx.ShardOf(2)) = tx.StateOf<LooseValue>(tx.ShardOf(1));
            await tx.Hop(tx.ShardOf(2), PutRenamed);
            await tx.LeaveLines();
            ReplyWriter reply = tx.Writer();
            reply.Ok();
            tx.Close(ref reply);
            return default;
        }
        Answer(tx, end);
        return default;
    }

    private static void LookForRename(ShardScope shard, ref HopFrame hop)
    {
        if (hop.Argument != 1) hop.Value = (long)WaitResult.NotForThis;
        else if (shard.Peek(hop.Args.Key(1)).Exists) hop.Value = (long)WaitResult.Claimed;
    }

    private static void TakeToRename(ShardScope shard, ref HopFrame hop)
    {
        hop.Value = LooseValue.Take(shard, shard.Peek(hop.Args.Key(1)), out hop.State<LooseValue>()) == Outcome.Ok ? 1 : 0;
        if (hop.Value != 0) _ = shard.Delete(hop.Args.Key(1));
    }

    private static void PutRenamed(ShardScope shard, ref HopFrame hop)
    {
        var edit = new Edit(shard, hop.Args.Key(2));
        Draft none = default;
        Assert.Equal(Outcome.Ok, hop.State<LooseValue>().Put(ref edit, ref none));
        hop.State<LooseValue>().Release();
        edit.Commit(EventClass.Generic, "rename_to"u8, Effect.State);
    }

    private static bool TryReadTimeout(Coordinator tx, out long ns)
    {
        bool isNumber = Numbers.TryParseDouble(tx.Args[tx.Args.Count - 1], out double seconds);
        ns = (long)(seconds * 1e9);
        if (!isNumber) tx.Fail(Errors.TimeoutNotFloat);
        else if (seconds < 0) tx.Fail(Errors.TimeoutNegative);
        return isNumber && seconds >= 0;
    }

    private static void Answer(Coordinator tx, WaitEnd end)
    {
        ReplyWriter reply = tx.Writer();
        if (end == WaitEnd.Served) reply.Raw(ref tx.PartOf(tx.ShardOf(tx.WokenArgument)));
        else if (end == WaitEnd.Unblocked) reply.Error(Errors.Unblocked);
        else reply.NullArray();
        tx.Close(ref reply);
    }

    // ---- help ----

    private void Use(int shards)
    {
        _server.Dispose();
        _server = new TestServer(Rows, shards) { Recording = false };
    }

    /// <summary>Sends a command and lets it come to stand in its lines.</summary>
    private void Wait(TestClient client, params string[] command)
    {
        long before = Blocked();
        client.Send(command);
        _server.RunUntil(() => Blocked() > before, "the wait");
        for (int i = 0; i < 4; i++) _server.Turn();
    }

    private long Blocked()
    {
        long sum = 0;
        foreach (var loop in _server.Loops) sum += loop.Transactions.Blocked;
        return sum;
    }

    private int Places()
    {
        int sum = 0;
        foreach (var loop in _server.Loops) sum += loop.Shard.Waits.Count;
        return sum;
    }

    private void AssertNobodyWaits()
    {
        _server.RunUntil(() => Places() == 0 && Blocked() == 0, "the end of all waits");
        foreach (var loop in _server.Loops) Assert.Equal((0, 0L), (loop.Shard.Locks.Count, loop.Counters.WaitedKeys));
    }
}

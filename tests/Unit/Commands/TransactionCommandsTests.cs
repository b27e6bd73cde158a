using Anax.Protocol;
using Anax.Tests.Unit.Engine;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public class TransactionCommandsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ExecRunsTheQueueInOrder(int shards)
    {
        using var server = new TestServer(shards);
        Assert.Equal("OK", server.Run("MULTI"));
        for (int i = 0; i < 20; i++) Assert.Equal("QUEUED", server.Run("INCRBY", $"k{i % 5}", $"{i}"));
        Assert.Equal("QUEUED", server.Run("MGET", "k0", "k1", "k2", "k3", "k4"));
        Assert.Equal("QUEUED", server.Run("PING"));
        Assert.Equal("QUEUED", server.Run("MSET", "k0", "x", "k1", "y", "k2", "z"));
        Assert.Equal("QUEUED", server.Run("GET", "k1"));
        Assert.Equal("[:0, :1, :2, :3, :4, :5, :7, :9, :11, :13, :15, :18, :21, :24, :27, :30, :34, :38, :42, :46, "
            + "[30, 34, 38, 42, 46], PONG, OK, y]", server.Run("EXEC"));
        Assert.Equal("z", server.Run("GET", "k2"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void NothingRunsBeforeExecAndNothingAfterDiscard(int shards)
    {
        using var server = new TestServer(shards);
        TestClient other = server.Connect(shards - 1);
        server.Run("MULTI");
        server.Run("SET", "a", "1");
        server.Run("SET", "b", "1");
        Assert.Equal("[(nil), (nil)]", other.Run("MGET", "a", "b"));
        Assert.Equal("OK", server.Run("DISCARD"));
        Assert.Equal("[(nil), (nil)]", other.Run("MGET", "a", "b"));
        Assert.Equal("-ERR DISCARD without MULTI", server.Run("DISCARD"));
        Assert.Equal("-ERR EXEC without MULTI", server.Run("EXEC"));
    }

    [Fact]
    public void AnEmptyTransactionAnswersAnEmptyArray()
    {
        using var server = new TestServer(4);
        Assert.Equal(["OK", "[]"], server.Client.Pipeline(["MULTI"], ["EXEC"]));
        Assert.Equal(0, server.Loops[0].Transactions.Scheduled);
    }

    [Theory]
    [InlineData("-ERR unknown command 'NONE', with args beginning with: ", "NONE")]
    [InlineData("-ERR wrong number of arguments for 'get' command", "GET")]
    [InlineData("-ERR Command 'multi' not allowed inside a transaction", "MULTI")]
    [InlineData("-ERR Command 'watch' not allowed inside a transaction", "WATCH", "a")]
    [InlineData("-ERR Command 'client|reply' not allowed inside a transaction", "CLIENT", "REPLY", "OFF")]
    [InlineData("-ERR Command 'shutdown' not allowed inside a transaction", "SHUTDOWN", "ABORT")]
    public void AnErrorWhileQueueingAbortsExec(string error, params string[] bad)
    {
        using var server = new TestServer(2);
        server.Run("MULTI");
        Assert.Equal("QUEUED", server.Run("SET", "a", "1"));
        Assert.Equal(error, server.Run(bad));
        Assert.Equal("QUEUED", server.Run("SET", "b", "1"));
        Assert.Equal("-EXECABORT Transaction discarded because of previous errors.", server.Run("EXEC"));
        Assert.Equal(":0", server.Run("EXISTS", "a", "b"));
        Assert.Equal(["OK", "QUEUED", "[OK]"], server.Client.Pipeline(["MULTI"], ["SET", "a", "1"], ["EXEC"]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AnErrorWhileRunningStopsNothing(int shards)
    {
        using var server = new TestServer(shards);
        Assert.Equal(["OK", "QUEUED", "QUEUED", "QUEUED", "QUEUED", "[OK, -ERR value is not an integer or out of range, OK, "
            + "-ERR source and destination objects are the same]"],
            server.Client.Pipeline(["MULTI"], ["SET", "a", "x"], ["INCR", "a"], ["SET", "b", "y"], ["COPY", "a", "a"], ["EXEC"]));
        Assert.Equal("[x, y]", server.Run("MGET", "a", "b"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void ConnectionCommandsInsideCountForWhatFollows(int shards)
    {
        using var server = new TestServer(shards);
        Assert.Equal(["OK", "QUEUED", "QUEUED", "QUEUED", "QUEUED", "QUEUED", "[OK, OK, OK, 1, :1]"],
            server.Client.Pipeline(["MULTI"], ["SET", "a", "0"], ["SELECT", "3"], ["SET", "a", "1"], ["GET", "a"], ["DBSIZE"], ["EXEC"]));
        Assert.Equal("1", server.Run("GET", "a"));
        server.Run("SELECT", "0");
        Assert.Equal("0", server.Run("GET", "a"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void AWatchedKeyThatChangesStopsExec(int shards)
    {
        string[][] changes =
        [
            ["SET", "k", "2"], ["APPEND", "k", "x"], ["DEL", "k"], ["EXPIRE", "k", "100"], ["RENAME", "k", "other"], ["RENAME", "other", "k"],
            ["COPY", "other", "k", "REPLACE"], ["MSET", "x", "1", "k", "1"], ["FLUSHALL"], ["FLUSHDB"], ["MOVE", "k", "1"],
            ["SWAPDB", "0", "1"], ["SWAPDB", "5", "0"], ["GETDEL", "k"],
        ];
        foreach (string[] change in changes)
        {
            using var server = new TestServer(shards);
            TestClient other = server.Connect(shards - 1);
            server.Run("MSET", "k", "1", "other", "1");
            Assert.Equal("OK", server.Run("WATCH", "k", "z"));
            Assert.True(other.Run(change)[0] != '-', string.Join(' ', change));
            Assert.Equal(["OK", "QUEUED", "(nil)"], server.Client.Pipeline(["MULTI"], ["SET", "done", "1"], ["EXEC"]));
            Assert.Equal(":0", server.Run("EXISTS", "done"));
            Assert.Equal(["OK", "QUEUED", "[OK]"], server.Client.Pipeline(["MULTI"], ["SET", "done", "1"], ["EXEC"]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhatDoesNotTouchAWatchedKeyStopsNothing(int shards)
    {
        string[][] others =
        [
            ["SET", "j", "2"], ["GET", "k"], ["TOUCH", "k"], ["COPY", "k", "j"], ["DEL", "none"], ["EXPIRE", "none", "1"], ["SWAPDB", "5", "6"],
            ["MSETNX", "k", "1", "l", "1"], ["PERSIST", "k"], ["EXISTS", "k", "l", "m"],
        ];
        foreach (string[] command in others)
        {
            using var server = new TestServer(shards);
            TestClient other = server.Connect(shards - 1);
            server.Run("SET", "k", "1");
            server.Run("WATCH", "k", "none");
            other.Run(command);
            Assert.Equal(["OK", "QUEUED", "[OK]"], server.Client.Pipeline(["MULTI"], ["SET", "done", "1"], ["EXEC"]));
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void UnwatchForgets(int shards)
    {
        using var server = new TestServer(shards);
        TestClient other = server.Connect();
        foreach (string[] forget in (string[][])[["UNWATCH"], ["RESET"]])
        {
            server.Run("WATCH", "a", "b", "c", "a");
            server.Run(forget);
            other.Run("MSET", "a", "1", "b", "1");
            Assert.Equal(["OK", "QUEUED", "[OK]"], server.Client.Pipeline(["MULTI"], ["SET", "d", "1"], ["EXEC"]));
            Assert.Equal(0, Watches(server));
        }
    }

    [Fact]
    public void ExpiryIsAChangeOfAWatchedKey()
    {
        using var server = new SimulatedServer(seed: 1, shards: 2, "--enable-debug-command", "yes");
        server.Run("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        server.Run("SET", "k", "1", "PX", "2000");
        server.Run("WATCH", "k");
        server.RunForMs(3000);
        server.Run("MULTI");
        server.Run("SET", "d", "1");
        Assert.Equal("(nil)", server.Run("EXEC"));
        server.Run("SET", "k", "1", "PX", "2000");
        server.RunForMs(3000);
        server.Run("WATCH", "k");
        server.Run("GET", "k");
        server.Run("MULTI");
        server.Run("SET", "d", "1");
        Assert.Equal("[OK]", server.Run("EXEC"));
    }

    [Fact]
    public void AClientThatGoesWatchesNothingAnyMore()
    {
        using var server = new TestServer(4);
        TestClient going = server.Connect(1);
        going.Run("WATCH", "a", "b", "c", "d", "e");
        going.Run("MULTI");
        going.Run("SET", "a", "1");
        Assert.Equal(5, Watches(server));
        going.Dispose();
        server.RunUntil(() => Watches(server) == 0, "the end of the watches");
        for (int i = 0; i < 3; i++) server.Turn();
        foreach (var loop in server.Loops) Assert.Equal(0, loop.Multis.InUse);
    }

    [Fact]
    public void HelloInTheQueueChangesTheProtocolForWhatFollowsIt()
    {
        using var server = new TestServer(2);
        server.Run("HSET", "h", "f", "v");
        server.Run("MULTI");
        foreach (string[] command in new string[][] { ["HGETALL", "h"], ["HELLO", "3"], ["HGETALL", "h"], ["HELLO", "2"], ["HGETALL", "h"] })
            Assert.Equal("QUEUED", server.Run(command));
        Reply replies = server.Ask("EXEC");
        Assert.Equal("*%%**", string.Concat(replies.Items.Select(reply => reply.Type)));
    }

    [Fact]
    public void AnExecThatIsRefusedEndsTheTransaction()
    {
        using var server = new TestServer(2);
        server.Run("MULTI");
        server.Run("SET", "a", "1");
        Assert.Equal("-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command", server.Run("EXEC", "now"));
        Assert.Equal("-ERR EXEC without MULTI", server.Run("EXEC"));
        Assert.Equal("(nil)", server.Run("GET", "a"));
    }

    [Fact]
    public void AnExecThatIsRefusedWithoutATransactionForgetsWatches()
    {
        using var server = new TestServer(2);
        server.Run("WATCH", "a", "b", "c");
        Assert.Equal("-EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command", server.Run("EXEC", "now"));
        Assert.Equal(0, Watches(server));
        server.RunUntil(() => MultisInUse(server) == 0, "the end of the state");
        Assert.Equal("-ERR EXEC without MULTI", server.Run("EXEC"));
        Assert.Equal("-ERR wrong number of arguments for 'get' command", server.Run("GET"));
    }

    [Fact]
    public void ChannelsInATransactionAreNoKeys()
    {
        using var server = new TestServer(2);
        server.Run("WATCH", "channel");
        Assert.Equal(["OK", "QUEUED", "QUEUED", "QUEUED", "[:0, :0, OK]"],
            server.Client.Pipeline(["MULTI"], ["SPUBLISH", "channel", "m"], ["PUBLISH", "channel", "m"], ["SET", "channel", "v"], ["EXEC"]));
        Assert.Equal("OK", server.Run("MULTI"));
        Assert.Equal("QUEUED", server.Run("SPUBLISH", "channel", "m"));
        Assert.Equal("[:0]", server.Run("EXEC"));
    }

    [Theory]
    [InlineData(1, RespVersion.Resp2)]
    [InlineData(4, RespVersion.Resp2)]
    [InlineData(4, RespVersion.Resp3)]
    public void ConfirmationsInsideStandInTheirPlacesAndMessagesBehindTheWhole(int shards, RespVersion resp)
    {
        using var server = new TestServer(shards);
        TestClient client = server.Connect(shards - 1, resp);
        string push = resp == RespVersion.Resp3 ? ">" : "";
        Assert.Equal(["OK", "QUEUED", "QUEUED", "QUEUED", "QUEUED", "QUEUED", "QUEUED",
                $"[OK, {push}[subscribe, a, :1], :1, {push}[psubscribe, b*, :2], {push}[unsubscribe, a, :1], 1]"],
            client.Pipeline(["MULTI"], ["SET", "k", "1"], ["SUBSCRIBE", "a"], ["PUBLISH", "a", "m"], ["PSUBSCRIBE", "b*"],
                ["UNSUBSCRIBE"], ["GET", "k"], ["EXEC"]));
        Assert.Equal($"{push}[message, a, m]", client.Receive().Text);
        server.Run("PUBLISH", "bc", "m");
        Assert.Equal($"{push}[pmessage, b*, bc, m]", client.Receive().Text);
    }

    [Fact]
    public void EachNameOfASubscriptionInsideIsAFrame()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1);
        Assert.Equal(["OK", "QUEUED", "QUEUED", "[[subscribe, a, :1], [subscribe, b, :2]]"],
            client.Pipeline(["MULTI"], ["SUBSCRIBE", "a", "b"], ["GET", "k"], ["EXEC"]));
        Assert.Equal("(nil)", client.Receive().Text);
    }

    [Theory]
    [InlineData(RespVersion.Resp2)]
    [InlineData(RespVersion.Resp3)]
    public void ShardChannelsAreNotSubscribedToInside(RespVersion resp)
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1, resp);
        string left = resp == RespVersion.Resp3 ? ">[sunsubscribe, a, :0]" : "[sunsubscribe, a, :0]";
        Assert.Equal(["OK", "QUEUED", "QUEUED", $"[-ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client, {left}]"],
            client.Pipeline(["MULTI"], ["SSUBSCRIBE", "a"], ["SUNSUBSCRIBE", "a"], ["EXEC"]));
        Assert.Equal("[a, :0]", client.Run("PUBSUB", "SHARDNUMSUB", "a"));
    }

    [Fact]
    public void AnExecWithoutRepliesStillConfirms()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1, RespVersion.Resp3);
        client.Send("CLIENT", "REPLY", "OFF");
        client.Send("MULTI");
        client.Send("SET", "k", "v");
        client.Send("SUBSCRIBE", "a");
        client.Send("EXEC");
        Assert.Equal(">[subscribe, a, :1]", client.Receive().Text);
        Assert.Equal("OK", client.Run("CLIENT", "REPLY", "ON"));
    }

    [Fact]
    public void ASubscribersExecSaysWhyItIsRefused()
    {
        using var server = new TestServer(2);
        server.Run("SUBSCRIBE", "a");
        Assert.Equal("-EXECABORT Transaction discarded because of: Can't execute 'exec': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / "
            + "RESET are allowed in this context", server.Run("EXEC"));
    }

    [Fact]
    public void ResetLeavesTheTransaction()
    {
        using var server = new TestServer(2);
        server.Run("MULTI");
        server.Run("SET", "a", "1");
        Assert.Equal("RESET", server.Run("RESET"));
        Assert.Equal("-ERR EXEC without MULTI", server.Run("EXEC"));
        server.Run("MULTI");
        Assert.Equal("OK", server.Run("QUIT"));
    }

    [Fact]
    public void ClientListTellsOfQueueAndWatches()
    {
        using var server = new TestServer(2);
        Assert.Contains(" multi=-1 watch=0", server.Run("CLIENT", "INFO"));
        server.Run("SET", "k", "1");
        server.Run("WATCH", "k", "j", "k");
        server.Run("WATCH", "j");
        Assert.Contains(" multi=-1 watch=2", server.Run("CLIENT", "INFO"));
        TestClient other = server.Connect();
        other.Run("SET", "k", "2");
        Assert.Contains("flags=dU", server.Run("CLIENT", "INFO"));
        server.Run("UNWATCH");
        server.Run("MULTI");
        server.Run("GET", "k");
        Assert.Contains(" multi=1 watch=0", other.Run("CLIENT", "LIST", "ID", "1"));
        Assert.Contains("flags=xU", other.Run("CLIENT", "LIST", "ID", "1"));
    }

    [Fact]
    public void ACommandOnOneShardTakesNoLock()
    {
        using var server = new TestServer(4);
        server.Run("SET", "a", "1");
        for (int i = 0; i < 10; i++)
        {
            server.Run("GET", "a");
            server.Run("MSET", "{t}a", "1");
            Assert.Equal(["OK", "QUEUED", "QUEUED", "[1, 1]"], server.Client.Pipeline(["MULTI"], ["GET", "a"], ["GET", "a"], ["EXEC"]));
        }
        AssertNothingWasLocked(server);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void CommandsOnOneShardTakeNoIdAndNoHop(int shard)
    {
        using var server = new TestServer(4);
        string key = server.KeyOf(shard), other = server.KeyOf(shard, 1);
        long id = server.Loops[0].NextTransactionId();
        for (int i = 0; i < 10; i++)
        {
            long messages = server.Messages;
            Assert.Equal("OK", server.Run("SET", key, "1"));
            Assert.Equal("1", server.Run("GET", key));
            Assert.Equal("OK", server.Run("MSET", key, "1", other, "2"));
            Assert.Equal("[1, 2]", server.Run("MGET", key, other));
            Assert.Equal(":2", server.Run("DEL", key, other));
            // As batches: one message each where the shard is another loop's.
            Assert.Equal(shard == 0 ? 0 : 5, server.Messages - messages);
        }
        Assert.Equal(id + 1, server.Loops[0].NextTransactionId());
        AssertNothingWasLocked(server);
        foreach (var loop in server.Loops) Assert.Equal(0, loop.Transactions.Hops);
    }

    [Fact]
    public void ACommandOnThisShardAndOneOtherTakesOneRound()
    {
        using var server = new TestServer(2);
        (string near, string far) = (server.KeyOf(0), server.KeyOf(1));
        long hops = server.Loops[0].Transactions.Hops, messages = server.Messages;
        Assert.Equal("OK", server.Run("MSET", near, "1", far, "2"));
        Assert.Equal((1, 1), (server.Loops[0].Transactions.Hops - hops, server.Messages - messages));
        Assert.Equal("[1, 2]", server.Run("MGET", near, far));
        Assert.Equal((2, 2), (server.Loops[0].Transactions.Hops - hops, server.Messages - messages));
        Assert.Equal(["OK", "QUEUED", "QUEUED", "[:3, :4]"], server.Client.Pipeline(["MULTI"], ["INCRBY", near, "2"], ["INCRBY", far, "2"], ["EXEC"]));
        Assert.Equal((3, 3), (server.Loops[0].Transactions.Hops - hops, server.Messages - messages));
        Assert.Equal((3, 0), (server.Loops[0].Transactions.Scheduled, server.Loops[0].Transactions.Redrawn));
        foreach (var loop in server.Loops) Assert.Equal(0, loop.Counters.LockedKeys);
    }

    [Fact]
    public void ACommandOnTwoOtherShardsTakesTwoRounds()
    {
        using var server = new TestServer(3);
        (string one, string two) = (server.KeyOf(1), server.KeyOf(2));
        long hops = server.Loops[0].Transactions.Hops;
        Assert.Equal("OK", server.Run("MSET", one, "1", two, "2"));
        Assert.Equal("[1, 2]", server.Run("MGET", one, two));
        Assert.Equal(4, server.Loops[0].Transactions.Hops - hops);
        foreach (var loop in server.Loops) Assert.Equal(0, loop.Counters.LockedKeys);
    }

    /// <summary>Both begin at one time, each with its own shard's key locked: neither may run at once on the other's shard.</summary>
    [Fact]
    public void TransactionsThatMeetCrosswiseBothEnd()
    {
        using var server = new TestServer(2);
        TestClient other = server.Connect(1);
        (string a, string b) = (server.KeyOf(0), server.KeyOf(1));
        for (int i = 0; i < 50; i++)
        {
            server.Client.Send("MSET", a, "1", b, "1");
            other.Send("MSET", a, "2", b, "2");
            Assert.Equal(("OK", "OK"), (server.Client.Receive().Text, other.Receive().Text));
            Assert.Contains(server.Run("MGET", a, b), (string[])["[1, 1]", "[2, 2]"]);
        }
        foreach (var loop in server.Loops) Assert.Equal(0, loop.Counters.LockedKeys);
    }

    private static void AssertNothingWasLocked(TestServer server)
    {
        foreach (var loop in server.Loops)
            Assert.Equal((0, 0, 0, 0), (loop.Transactions.Scheduled, loop.Transactions.Parked, loop.Transactions.Waits, loop.Counters.LockedKeys));
    }

    [Theory]
    [InlineData("slow")]
    [InlineData("all")]
    public void CommandLogAndMonitorSeeTheCommandsInside(string which)
    {
        using var server = new TestServer(2, "--commandlog-execution-slower-than", "0");
        TestClient monitor = server.Connect();
        if (which == "all") monitor.Run("MONITOR");
        server.Run("COMMANDLOG", "RESET", "slow");
        server.Client.Pipeline(["MULTI"], ["SET", "a", "1"], ["SET", "b", "1"], ["PING"], ["EXEC"]);
        if (which == "slow")
        {
            string log = server.Run("COMMANDLOG", "GET", "-1", "slow");
            Assert.Contains("[SET, a, 1]", log);
            Assert.Contains("[SET, b, 1]", log);
            Assert.DoesNotContain("EXEC", log);
            return;
        }
        string seen = string.Concat(Enumerable.Range(0, 5).Select(_ => monitor.Receive().Text.Split(']')[1]));
        Assert.Equal(" \"MULTI\" \"SET\" \"a\" \"1\" \"SET\" \"b\" \"1\" \"PING\" \"EXEC\"", seen);
    }

    [Fact]
    public void PauseHoldsAnExecThatWrites()
    {
        using var server = new TestServer(2);
        TestClient other = server.Connect(1);
        server.Run("MULTI");
        server.Run("SET", "a", "1");
        other.Run("CLIENT", "PAUSE", "10000", "WRITE");
        Assert.Equal(["OK", "QUEUED", "[(nil)]"], other.Pipeline(["MULTI"], ["GET", "a"], ["EXEC"]));
        server.Client.Send("EXEC");
        for (int i = 0; i < 5; i++) server.Turn();
        Assert.Null(server.Client.Next());
        other.Run("CLIENT", "UNPAUSE");
        Assert.Equal("[OK]", server.Client.Receive().Text);
    }

    private static int Watches(TestServer server)
    {
        int sum = 0;
        foreach (var loop in server.Loops) sum += loop.Shard.Watches.Count;
        return sum;
    }

    private static int MultisInUse(TestServer server)
    {
        int sum = 0;
        foreach (var loop in server.Loops) sum += loop.Multis.InUse;
        return sum;
    }
}

using Anax.Engine.PubSub;
using Anax.Protocol;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Commands;

public sealed class PubSubCommandsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void AMessageReachesSubscribersOnEveryLoopAndIsCounted(int shards)
    {
        using var server = new TestServer(shards);
        var subscribers = new List<TestClient>();
        for (int i = 0; i < 6; i++) subscribers.Add(server.Connect(i % shards, i < 3 ? RespVersion.Resp2 : RespVersion.Resp3));
        foreach (TestClient subscriber in subscribers) Assert.EndsWith("[subscribe, news, :1]", subscriber.Run("SUBSCRIBE", "news"));
        Assert.EndsWith("[psubscribe, n*s, :2]", subscribers[0].Run("PSUBSCRIBE", "n*s"));

        for (int i = 0; i < shards; i++) Assert.Equal(":7", server.Connect(i).Run("PUBLISH", "news", $"from {i}"));
        Assert.Equal(":0", server.Run("PUBLISH", "newsletter", "x"));

        for (int i = 0; i < shards; i++)
            foreach (TestClient subscriber in subscribers)
            {
                Assert.Contains(", news, from ", subscriber.Receive().Text, StringComparison.Ordinal);
                if (subscriber == subscribers[0]) Assert.StartsWith("[pmessage, n*s, news, from ", subscriber.Receive().Text, StringComparison.Ordinal);
            }
        Assert.All(subscribers, subscriber => Assert.Null(subscriber.Next()));
        Assert.Equal("[news, :6]", server.Run("PUBSUB", "NUMSUB", "news"));
        Assert.Equal(":1", server.Run("PUBSUB", "NUMPAT"));
    }

    [Fact]
    public void ConfirmationsCountChannelsAndPatternsTogetherAndShardChannelsApart()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1);
        client.Send("SUBSCRIBE", "a", "b", "a");
        Assert.Equal(["[subscribe, a, :1]", "[subscribe, b, :2]", "[subscribe, a, :2]"], Receive(client, 3));
        Assert.Equal("[psubscribe, p*, :3]", client.Run("PSUBSCRIBE", "p*"));
        Assert.Equal("[ssubscribe, s, :1]", client.Run("SSUBSCRIBE", "s"));
        client.Send("UNSUBSCRIBE", "a", "a", "none");
        Assert.Equal(["[unsubscribe, a, :2]", "[unsubscribe, a, :2]", "[unsubscribe, none, :2]"], Receive(client, 3));
        Assert.Equal("[unsubscribe, b, :1]", client.Run("UNSUBSCRIBE"));
        Assert.Equal("[punsubscribe, p*, :0]", client.Run("PUNSUBSCRIBE"));
        Assert.Equal("[punsubscribe, (nil), :0]", client.Run("PUNSUBSCRIBE"));
        Assert.Equal("[sunsubscribe, s, :0]", client.Run("SUNSUBSCRIBE"));
        Assert.Equal("OK", client.Run("SET", "k", "v"));
        Assert.Equal("[]", server.Run("PUBSUB", "CHANNELS"));
        Assert.Equal("[]", server.Run("PUBSUB", "SHARDCHANNELS"));
    }

    [Fact]
    public void ASubscriberOfResp2MayDoLittleAndOneOfResp3Anything()
    {
        using var server = new TestServer(2);
        TestClient old = server.Connect(1);
        old.Run("SUBSCRIBE", "c");
        Assert.Equal("-ERR Can't execute 'get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context", old.Run("GET", "k"));
        Assert.Equal("-ERR Can't execute 'config|get': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context",
            old.Run("CONFIG", "GET", "hz"));
        Assert.Equal("[pong, ]", old.Run("PING"));
        Assert.Equal("[pong, hi]", old.Run("PING", "hi"));
        Assert.Equal("RESET", old.Run("RESET"));
        Assert.Equal("(nil)", old.Run("GET", "k"));
        Assert.Equal(":0", server.Run("PUBLISH", "c", "m"));

        TestClient current = server.Connect(1, RespVersion.Resp3);
        current.Run("SUBSCRIBE", "c");
        Assert.Equal("PONG", current.Run("PING"));
        Assert.Equal("OK", current.Run("SET", "k", "v"));
    }

    [Fact]
    public void WhoPublishesToItselfGetsTheReplyFirstAndWholeFrames()
    {
        using var server = new TestServer(3);
        for (int loop = 0; loop < 3; loop++)
        {
            TestClient client = server.Connect(loop, RespVersion.Resp3);
            client.Run("SUBSCRIBE", "self");
            string large = new('x', 100_000);
            client.Pipeline(["SET", "a", large], ["SET", "b", "2"], ["SET", "c", "3"]);
            client.SendRaw(string.Concat(
                Encode("GET", "a"), Encode("PUBLISH", "self", "one"), Encode("MGET", "a", "b", "c"), Encode("PUBLISH", "self", large), Encode("GET", "b")));
            Assert.Equal(
                [large, ":1", ">[message, self, one]", $"[{large}, 2, 3]", ":1", $">[message, self, {large}]", "2"], Receive(client, 7));
            client.Run("UNSUBSCRIBE");
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    public void FramesStayWholeAndRepliesInOrderWhateverMeets(int shards)
    {
        int seed = Environment.TickCount;
        var random = new Random(seed);
        using var server = new TestServer(shards, "--notify-keyspace-events", "KEA");
        var clients = new List<TestClient>();
        for (int i = 0; i < 6; i++)
        {
            clients.Add(server.Connect(i % shards, RespVersion.Resp3));
            clients[i].Run("PSUBSCRIBE", "*");
            Await(clients[i], "OK", "CLIENT", "TRACKING", "ON");
        }
        var expected = clients.ConvertAll(_ => new Queue<string>());
        for (int step = 0; step < 400; step++)
        {
            int one = random.Next(clients.Count);
            string text = $"{seed}:{step}:{new string('x', random.Next(3) == 0 ? random.Next(40_000) : random.Next(40))}";
            for (int i = random.Next(1, 8); i > 0; i--)
            {
                clients[one].Send(random.Next(3) switch { 0 => ["PUBLISH", $"c{i}", text], 1 => ["SET", $"k{i}", text], _ => ["MGET", "k1", "k2", "k3"] });
                clients[one].Send("ECHO", text);
                expected[one].Enqueue(text);
            }
            if (random.Next(4) == 0) server.Turn();
        }
        for (int i = 0; i < clients.Count; i++)
        {
            while (expected[i].TryDequeue(out string? text))
            {
                // A command's own reply, with pushes around it, then the echo.
                while (clients[i].Receive() is var reply && reply.Text != text)
                    Assert.True(reply.Type is '>' or ':' or '*' or '+', $"seed {seed}: {reply.Type}{reply.Text[..Math.Min(80, reply.Text.Length)]}");
            }
        }
    }

    private static void Await(TestClient client, string reply, params string[] command)
    {
        client.Send(command);
        while (client.Receive().Text != reply) { }
    }

    [Fact]
    public void APauseHoldsCommandsBackButNoMessages()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1, RespVersion.Resp3), publisher = server.Connect(0);
        client.Run("SUBSCRIBE", "c");
        server.Run("CLIENT", "PAUSE", "100000", "WRITE");
        client.Send("SET", "k", "v");
        server.RunFor(5);
        publisher.Send("PUBLISH", "c", "late");
        Assert.Equal(1, server.Loops[0].Broker.Publish(TopicKind.Channel, "c"u8, "early"u8));
        Assert.Equal(">[message, c, early]", client.Receive().Text);
        server.RunFor(5);
        Assert.Null(client.Next());
        server.Run("CLIENT", "UNPAUSE");
        Assert.Equal([">[message, c, late]", "OK"], new[] { client.Receive().Text, client.Receive().Text }.Order());
    }

    [Fact]
    public void OnePublishersMessagesKeepTheirOrderAcrossChannelsAndPipelines()
    {
        const int Messages = 3000;
        using var server = new TestServer(4);
        TestClient subscriber = server.Connect(2, RespVersion.Resp3), publisher = server.Connect(1);
        subscriber.Send("SUBSCRIBE", "c0", "c1", "c2", "c3", "c4");
        Receive(subscriber, 5);
        var commands = new string[Messages * 2][];
        for (int i = 0; i < Messages; i++)
        {
            commands[i * 2] = ["SET", $"k{i}", "v"];
            commands[i * 2 + 1] = ["PUBLISH", $"c{i % 5}", $"{i}"];
        }
        string[] replies = publisher.Pipeline(commands);
        Assert.All(replies, (reply, i) => Assert.Equal(i % 2 == 0 ? "OK" : ":1", reply));
        for (int i = 0; i < Messages; i++) Assert.Equal($">[message, c{i % 5}, {i}]", subscriber.Receive().Text);
    }

    [Fact]
    public void MessagesOfAPublishersScriptsKeepTheirOrderOnWhateverShardsTheyRun()
    {
        const int Rounds = 200;
        const string Script = "return redis.call(ARGV[3] or 'PUBLISH', ARGV[1], ARGV[2])";
        using var server = new TestServer(4);
        TestClient publisher = server.Connect(1);
        TestClient[] subscribers = [.. Enumerable.Range(0, 4).Select(loop => server.Connect(loop, RespVersion.Resp3))];
        foreach (TestClient subscriber in subscribers)
        {
            subscriber.Run("SUBSCRIBE", "c");
            subscriber.Run("SSUBSCRIBE", "c");
        }
        // A script that is not known to keep to its keys runs where the client is.
        for (int shard = 0; shard < 4; shard++) publisher.Run("EVAL", Script, "1", server.KeyOf(shard), "nobody", "m");
        var commands = new List<string[]>();
        for (int i = 0; i < Rounds * 8; i++)
        {
            string sent = i % 5 == 0 ? "SPUBLISH" : "PUBLISH";
            if (i % 3 == 0) commands.Add([sent, "c", $"{i}"]);
            else commands.Add(["EVAL", Script, "1", server.KeyOf(i * 7 / 3 % 4), "c", $"{i}", sent]);
        }
        Assert.All(publisher.Pipeline([.. commands]), reply => Assert.Equal(":4", reply));
        foreach (TestClient subscriber in subscribers)
            for (int i = 0; i < commands.Count; i++) Assert.Equal($">[{(i % 5 == 0 ? "smessage" : "message")}, c, {i}]", subscriber.Receive().Text);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void WhoListensHearsWhatItsScriptPublishesBehindTheScriptsReply(int shards)
    {
        const string Script = "return redis.call('PUBLISH', 'c', ARGV[1])";
        using var server = new TestServer(shards);
        TestClient client = server.Connect(shards - 1, RespVersion.Resp3);
        client.Run("SUBSCRIBE", "c");
        for (int i = 0; i < 20; i++)
        {
            client.Send("GET", $"a{i}");
            client.SendRaw(Encode("GET", $"b{i}") + Encode("EVAL", Script, "1", $"k{i}", $"{i}") + Encode("GET", $"c{i}") + Encode("GET", $"d{i}"));
            string[] seen = [.. Enumerable.Range(0, 6).Select(_ => client.Receive().Text)];
            Assert.Equal(["(nil)", "(nil)", ":1", $">[message, c, {i}]", "(nil)", "(nil)"], seen);
        }
    }

    [Fact]
    public void AMessageThatIsReceivedShowsTheWritesBeforeItInThePipeline()
    {
        using var server = new TestServer(4);
        TestClient subscriber = server.Connect(3, RespVersion.Resp3), publisher = server.Connect(0);
        subscriber.Run("SUBSCRIBE", "ready");
        for (int i = 0; i < 100; i++)
        {
            publisher.SendRaw(string.Concat(Enumerable.Range(0, 8).Select(k => Encode("SET", $"key:{k}", $"{i}"))) + Encode("PUBLISH", "ready", $"{i}"));
            Assert.Equal($">[message, ready, {i}]", subscriber.Receive().Text);
            for (int k = 0; k < 8; k++) Assert.Equal($"{i}", subscriber.Run("GET", $"key:{k}"));
            Receive(publisher, 9);
        }
    }

    [Fact]
    public void WhatIsPublishedBeforeAnotherClientsNextCommandIsSeenBeforeItsReply()
    {
        using var server = new TestServer(4);
        TestClient subscriber = server.Connect(2, RespVersion.Resp3), publisher = server.Connect(1);
        subscriber.Run("SUBSCRIBE", "c");
        for (int i = 0; i < 200; i++)
        {
            Assert.Equal(":1", publisher.Run("PUBLISH", "c", $"{i}"));
            subscriber.Send("PING");
            Assert.Equal([$">[message, c, {i}]", "PONG"], Receive(subscriber, 2));
        }
    }

    [Fact]
    public void NoMessageComesBehindTheEndOfItsSubscription()
    {
        using var server = new TestServer(4);
        TestClient subscriber = server.Connect(2, RespVersion.Resp3), publisher = server.Connect(1);
        for (int i = 0; i < 100; i++)
        {
            subscriber.Run("SUBSCRIBE", "c");
            publisher.SendRaw(string.Concat(Enumerable.Repeat(Encode("PUBLISH", "c", "m"), 20)));
            subscriber.Send("UNSUBSCRIBE", "c");
            long counted = Receive(publisher, 20).Count(reply => reply == ":1");
            int received = 0;
            for (string text = subscriber.Receive().Text; text != ">[unsubscribe, c, :0]"; text = subscriber.Receive().Text) received++;
            Assert.Equal(counted, received);
            Assert.Equal("PONG", subscriber.Run("PING"));
        }
    }

    [Fact]
    public void AClientThatGoesLeavesAllItsTopics()
    {
        using var server = new TestServer(3);
        TestClient client = server.Connect(1);
        client.Send("SUBSCRIBE", "a", "b");
        client.Send("PSUBSCRIBE", "*");
        client.Send("SSUBSCRIBE", "s");
        Receive(client, 4);
        Assert.Equal(":2", server.Run("PUBLISH", "a", "x"));
        client.Dispose();
        server.RunUntil(() => server.Loops[0].Broker.CountTopics(TopicKind.Channel) == 0);
        Assert.Equal(":0", server.Run("PUBLISH", "a", "x"));
        Assert.Equal(":0", server.Run("SPUBLISH", "s", "x"));
        Assert.Equal(":0", server.Run("PUBSUB", "NUMPAT"));
    }

    [Fact]
    public void RepliesThatAreOffDoNotStopMessages()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1, RespVersion.Resp3);
        client.Send("CLIENT", "REPLY", "OFF");
        client.Send("SUBSCRIBE", "c");
        Assert.Equal(">[subscribe, c, :1]", client.Receive().Text);
        server.Run("PUBLISH", "c", "m");
        Assert.Equal(">[message, c, m]", client.Receive().Text);
        client.Send("PING");
        server.RunFor(5);
        Assert.Null(client.Next());
    }

    [Fact]
    public void ASubscriberThatDoesNotReadIsCutOffAtItsLimit()
    {
        using var server = new TestServer(2, "--client-output-buffer-limit", "pubsub 1mb 0 0");
        TestClient slow = server.Connect(1), publisher = server.Connect(0);
        slow.Run("SUBSCRIBE", "c");
        string message = new('m', 64 * 1024);
        for (int i = 0; i < 200 && server.Server.Loops[1].Connections.Count != 0; i++)
        {
            publisher.Run("PUBLISH", "c", message);
            server.Turn();
        }
        server.RunUntil(() => server.Server.Loops[1].Connections.Count == 0, "the end of the slow one");
        Assert.Equal(":0", publisher.Run("PUBLISH", "c", message));
    }

    [Fact]
    public void ClientListShowsSubscriptionsAndTheirClass()
    {
        using var server = new TestServer(2);
        TestClient client = server.Connect(1);
        client.Run("SUBSCRIBE", "c");
        client.Run("PSUBSCRIBE", "p");
        client.Run("SSUBSCRIBE", "s");
        string line = server.Run("CLIENT", "LIST", "TYPE", "pubsub");
        Assert.Contains("flags=PU ", line, StringComparison.Ordinal);
        Assert.Contains(" sub=1 psub=1 ssub=1 ", line, StringComparison.Ordinal);
        string info = server.Run("INFO");
        Assert.Contains("pubsub_clients:1\r\n", info, StringComparison.Ordinal);
        Assert.Contains("pubsub_channels:1\r\npubsub_patterns:1\r\npubsubshard_channels:1\r\n", info, StringComparison.Ordinal);
        Assert.Equal(":1", server.Run("CLIENT", "KILL", "TYPE", "pubsub"));
        Assert.True(client.IsClosedSoon());
    }

    internal static string Encode(params string[] arguments) =>
        $"*{arguments.Length}\r\n" + string.Concat(arguments.Select(a => $"${a.Length}\r\n{a}\r\n"));

    internal static string[] Receive(TestClient client, int count) => [.. Enumerable.Range(0, count).Select(_ => client.Receive().Text)];
}

using Anax.Protocol;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Engine.PubSub;

public sealed class KeyspaceNotifierTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void EventsReachSubscribersOnAllLoopsInTheOrderOfTheKeysChanges(int shards)
    {
        using var server = new TestServer(shards, "--notify-keyspace-events", "KEA");
        TestClient listener = server.Connect(shards - 1, RespVersion.Resp3);
        listener.Run("PSUBSCRIBE", "__key*__:*");
        server.Run("SETEX", "k", "100", "v");
        server.Run("SELECT", "3");
        server.Run("INCR", "n");
        server.Run("DEL", "n");
        Assert.Equal(
        [
            "__keyspace@0__:k, set", "__keyevent@0__:set, k", "__keyspace@0__:k, expire", "__keyevent@0__:expire, k",
        ], Receive(listener, 4));
        Assert.Equal(
        [
            "__keyspace@3__:n, incrby", "__keyevent@3__:incrby, n", "__keyspace@3__:n, del", "__keyevent@3__:del, n",
        ], Receive(listener, 4));
    }

    [Fact]
    public void OnlyTheClassesThatWereAskedForArePublished()
    {
        using var server = new TestServer(2);
        TestClient listener = server.Connect(1, RespVersion.Resp3);
        listener.Run("PSUBSCRIBE", "*");
        server.Run("SET", "quiet", "v");
        server.Run("CONFIG", "SET", "notify-keyspace-events", "Emn");
        server.Run("GET", "none");
        server.Run("SET", "k", "v");
        server.Run("SET", "k", "w");
        server.Run("CONFIG", "SET", "notify-keyspace-events", "Kx");
        server.Run("SET", "k", "v", "PX", "10");
        Assert.Equal(["__keyevent@0__:keymiss, none", "__keyevent@0__:new, k", "__keyspace@0__:k, expired"], Receive(listener, 3));
        server.Run("CONFIG", "SET", "notify-keyspace-events", "");
        server.Run("SET", "k", "v");
        Assert.Equal("PONG", listener.Run("PING"));
    }

    [Fact]
    public void AClientHearsOfItsOwnChangeBehindTheReply()
    {
        using var server = new TestServer(4, "--notify-keyspace-events", "Eg$");
        TestClient client = server.Connect(1, RespVersion.Resp3);
        client.Run("PSUBSCRIBE", "*");
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal("OK", client.Run("SET", $"key:{i}", "v"));
            Assert.Equal([$"__keyevent@0__:set, key:{i}"], Receive(client, 1));
        }
    }

    private static string[] Receive(TestClient client, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => client.Receive()).Select(message => $"{message.Items[2]}, {message.Items[3]}")];
}

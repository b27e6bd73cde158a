using System.Diagnostics;
using System.Text;
using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>Limits of clients that a server is started with, each at the limit and one past it.</summary>
public sealed class ClientLimitTests
{
    private const long LongestString = 512L << 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ClientsThatLeaveMakeRoomForOthers(bool epoll)
    {
        const int ClientsMax = 20;
        using ServerProcess server = Start(epoll, "--maxclients", $"{ClientsMax}");
        using RespClient admin = server.Connect();
        for (int round = 0; round < 3; round++)
        {
            Assert.True(BadInputTests.WaitUntil(() => BadInputTests.Info(admin, "connected_clients") == 1));
            RespClient[] clients = [.. Enumerable.Range(1, ClientsMax - 1).Select(_ => server.Connect())];
            foreach (RespClient client in clients) Assert.Equal("+PONG", client.Call("PING").ToString());
            using (RespClient tooMany = server.Connect())
                Assert.Equal("-ERR max number of clients reached", tooMany.Read().ToString());
            foreach (RespClient client in clients) client.Dispose();
        }
        Assert.Equal(3, BadInputTests.Info(admin, "rejected_connections"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void IdleClientsAreClosed(bool epoll)
    {
        using ServerProcess server = Start(epoll, "--timeout", "1");
        using RespClient idle = server.Connect(), busy = server.Connect();
        Assert.Equal("+PONG", idle.Call("PING").ToString());
        var clock = Stopwatch.StartNew();
        while (clock.ElapsedMilliseconds < 3000)
        {
            Assert.Equal("+PONG", busy.Call("PING").ToString());
            Thread.Sleep(100);
        }
        Assert.True(idle.IsClosed());
        Assert.Equal(1, BadInputTests.Info(busy, "connected_clients"));
        Assert.Equal("+OK", busy.Call("CONFIG", "SET", "timeout", "0").ToString());
        Thread.Sleep(2500);
        Assert.Equal("+PONG", busy.Call("PING").ToString());
    }

    [Fact]
    public void StrangersHaveNarrowerLimits()
    {
        using ServerProcess server = Start(false, "--requirepass", "secret");
        Refused("*11\r\n", "unauthenticated multibulk length");
        Refused("*2\r\n$16385\r\n", "unauthenticated bulk length");
        using RespClient stranger = server.Connect();
        stranger.SendRaw(RespClient.Encode("GET", new string('x', 16_384)));
        Assert.Equal("-NOAUTH Authentication required.", stranger.Read().ToString());
        stranger.SendRaw(RespClient.Encode("1", "2", "3", "4", "5", "6", "7", "8", "9", "10"));
        Assert.Equal("-NOAUTH Authentication required.", stranger.Read().ToString());
        // The limits are lifted within one write.
        stranger.SendRaw([.. RespClient.Encode("AUTH", "secret"), .. RespClient.Encode("ECHO", new string('x', 16_385))]);
        Assert.Equal("+OK", stranger.Read().ToString());
        Assert.Equal(16_385, stranger.Read().Text!.Length);
        // Who comes after one that knew the password does not.
        stranger.Dispose();
        for (int i = 0; i < 10; i++)
        {
            using RespClient next = server.Connect();
            Assert.Equal("-NOAUTH Authentication required.", next.Call("GET", "a").ToString());
        }

        void Refused(string request, string reason)
        {
            using RespClient client = server.Connect();
            client.SendRaw(Encoding.ASCII.GetBytes(request));
            Assert.Equal($"-ERR Protocol error: {reason}", client.Read().ToString());
            Assert.True(client.IsClosed());
        }
    }

    [Fact]
    public void TheLongestStringIsStoredAndItsMemoryComesBack()
    {
        using ServerProcess server = Start(false);
        using RespClient client = server.Connect(), other = server.Connect();
        long before = BadInputTests.Info(other, "used_memory_rss");
        byte[] piece = new byte[1 << 20];
        client.SendRaw(Encoding.ASCII.GetBytes($"*3\r\n$3\r\nSET\r\n$4\r\nlong\r\n${LongestString}\r\n"));
        for (long sent = 0; sent < LongestString; sent += piece.Length) client.SendRaw(piece);
        client.SendRaw("\r\n"u8);
        Assert.Equal("+OK", client.Read().ToString());
        Assert.Equal($":{LongestString}", other.Call("STRLEN", "long").ToString());
        Assert.Equal("-ERR string exceeds maximum allowed size (proto-max-bulk-len)", other.Call("APPEND", "long", "x").ToString());
        Assert.Equal("-ERR string exceeds maximum allowed size (proto-max-bulk-len)",
            other.Call("SETRANGE", "long", $"{LongestString}", "x").ToString());
        Assert.Equal("+PONG", other.Call("PING").ToString());
        Assert.Equal(LongestString, ReadBulk(client));
        Assert.InRange(BadInputTests.Info(other, "used_memory_rss") - before, LongestString / 2, LongestString + (64 << 20));
        Assert.Equal(":1", other.Call("DEL", "long").ToString());
        Assert.True(BadInputTests.WaitUntil(() => BadInputTests.Info(other, "used_memory_rss") - before < 8 << 20));
    }

    /// <summary>Asks for the long value and counts its bytes without keeping them.</summary>
    private static long ReadBulk(RespClient client)
    {
        client.Send("GET", "long");
        string header = $"${LongestString}\r\n";
        long left = header.Length + LongestString + 2;
        byte[] buffer = new byte[1 << 20];
        while (left > 0)
        {
            int received = client.Socket.Receive(buffer);
            if (received == 0) break;
            left -= received;
        }
        return LongestString - left;
    }

    private static ServerProcess Start(bool epoll, params string[] options) => ServerProcess.Anax(
        [.. options, "--proactor_threads", "2", $"--force_epoll={(epoll ? "true" : "false")}"]);
}

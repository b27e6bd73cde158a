using System.Net;
using System.Net.Sockets;
using System.Text;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Running;
using Xunit;

namespace Anax.Tests.Unit.HeadToHead;

/// <summary>Answers are read whole however they come, and what is no answer is a complaint.</summary>
public sealed class RespConnectionTests : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public RespConnectionTests() => _listener.Start();

    private int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task LinesAndBulksFollowEachOther()
    {
        Task<string> asked = Answer("+PONG\r\n$6\r\na\r\nb\r\n\r\n$-1\r\n:7\r\n");
        using (RespConnection connection = new(Port))
        {
            Assert.Equal("+PONG", connection.Ask("PING"));
            Assert.Equal("a\r\nb\r\n", connection.Ask("INFO", "threads"));
            Assert.Equal("", connection.Ask("GET", "nothing"));
            Assert.Equal(":7", connection.Ask("DBSIZE"));
        }

        Assert.StartsWith("*1\r\n$4\r\nPING\r\n", await asked, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALargeValueIsSkippedWhole()
    {
        string value = new('x', 3_000_000);
        Task<string> asked = Answer($"${value.Length}\r\n{value}\r\n+OK\r\n");
        using (RespConnection connection = new(Port))
        {
            connection.Send("*1\r\n"u8);
            Assert.Equal(value.Length, connection.SkipBulk());
            Assert.Equal("+OK", connection.ReadLine());
        }

        await asked;
    }

    [Fact]
    public async Task RepliesOfEveryShapeArePassedOver()
    {
        string value = new('x', 3_000_000);
        Task<string> asked = Answer($"*3\r\n$1\r\na\r\n*2\r\n:-7\r\n$-1\r\n${value.Length}\r\n{value}\r\n*0\r\n+QUEUED\r\n*-1\r\n:1\r\n-ERR no\r\n");
        using (RespConnection connection = new(Port))
        {
            connection.Send("*1\r\n"u8);
            Assert.Equal([3, 0, 1, -1, 1], Enumerable.Range(0, 5).Select(_ => connection.SkipReply()));
            Assert.Equal("an error: ERR no", Assert.Throws<IOException>(() => connection.SkipReply()).Message);
        }

        await asked;
    }

    [Fact]
    public async Task ACollectionIsWrittenByOneCommand()
    {
        Task<string> asked = Answer(":3\r\n");
        using (RespConnection connection = new(Port))
            new CollectionWriter(connection, new Random(1), CancellationToken.None).AddSmall(Collection.Hash, 7, 1, elements: 3);
        string text = await asked;
        Assert.StartsWith("*8\r\n$4\r\nHSET\r\n$10\r\nk000000007\r\n$2\r\nf0\r\n$8\r\n", text, StringComparison.Ordinal);
        Assert.Equal("*8\r\n$4\r\nHSET\r\n$10\r\nk000000007\r\n".Length + 3 * "$2\r\nf0\r\n$8\r\n12345678\r\n".Length, text.Length);
    }

    [Fact]
    public async Task ElementsAreSharedOutAmongCommands()
    {
        Task<string> asked = Answer(":2\r\n:1\r\n");
        using (RespConnection connection = new(Port))
            new CollectionWriter(connection, new Random(1), CancellationToken.None).AddElements(Collection.List, "list", 3, each: 2);
        string text = await asked;
        string element = "$32\r\n" + new string('?', 32) + "\r\n";
        Assert.StartsWith("*4\r\n$5\r\nRPUSH\r\n$4\r\nlist\r\n$32\r\n", text, StringComparison.Ordinal);
        Assert.Equal(2 * "*4\r\n$5\r\nRPUSH\r\n$4\r\nlist\r\n".Length + 3 * element.Length, text.Length);
    }

    [Theory]
    [InlineData("-ERR too large\r\n", "instead of a value: -ERR too large")]
    [InlineData("$x\r\n", "no length: $x")]
    [InlineData("$10\r\nabc", "the server hung up")]
    public async Task WhatIsNoValueIsTold(string answer, string expected)
    {
        Task<string> asked = Answer(answer);
        using (RespConnection connection = new(Port))
        {
            connection.Send("*1\r\n"u8);
            IOException e = Assert.Throws<IOException>(() => connection.SkipBulk());
            Assert.Equal(expected, e.Message);
        }

        await asked;
    }

    /// <summary>To the first client, whatever it asks; then it is gone. What the client asked first is returned.</summary>
    private Task<string> Answer(string answer) => Task.Run(() =>
    {
        using Socket client = _listener.AcceptSocket();
        byte[] question = new byte[1000];
        int length = client.Receive(question);
        client.Send(Encoding.ASCII.GetBytes(answer));
        client.Shutdown(SocketShutdown.Send);
        try
        {
            // To close before the client does would drop what it has not read.
            while (client.Receive(new byte[1000]) != 0) continue;
        }
        catch (SocketException)
        {
            // The client closes with a reset.
        }

        return Encoding.ASCII.GetString(question, 0, length);
    });
}

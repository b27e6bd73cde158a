using System.Net;
using System.Net.Sockets;
using System.Text;
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

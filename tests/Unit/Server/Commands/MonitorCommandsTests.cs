using System.Text.RegularExpressions;
using Anax.Tests.Unit.Harness;
using Xunit;

namespace Anax.Tests.Unit.Server.Commands;

public class MonitorCommandsTests
{
    [Fact]
    public void AMonitorSeesTheCommandsOfAllLoopsInTheirOrder()
    {
        using var server = new TestServer(3);
        TestClient monitor = server.Connect(2);
        TestClient[] clients = [server.Connect(0), server.Connect(1), server.Connect(2)];
        Assert.Equal("OK", monitor.Run("MONITOR"));
        foreach (TestClient client in clients)
        {
            client.Pipeline(["SELECT", "3"], ["SET", "k", "a\"\\\r\n\t\u0001\u00ff"], ["GET", "k"]);
            Assert.Matches(@"^\d{10}\.\d{6} \[0 unix:.*\] ""SELECT"" ""3""$", monitor.Receive().Text);
            Assert.EndsWith(@" ""SET"" ""k"" ""a\""\\\r\n\t\x01\xff""", monitor.Receive().Text, StringComparison.Ordinal);
            Assert.Matches(@"^\d{10}\.\d{6} \[3 unix:.*\] ""GET"" ""k""$", monitor.Receive().Text);
        }
    }

    [Fact]
    public void SecretsAreNotShownAndAdministrationNeither()
    {
        using var server = new TestServer(2, "--requirepass", "secret");
        TestClient monitor = server.Connect(1), client = server.Connect();
        monitor.Run("AUTH", "secret");
        monitor.Run("MONITOR");
        client.Run("AUTH", "secret");
        client.Run("HELLO", "2", "AUTH", "default", "secret");
        client.Run("CONFIG", "GET", "requirepass");
        client.Run("PING");
        Assert.EndsWith("\"AUTH\" \"(redacted)\"", monitor.Receive().Text, StringComparison.Ordinal);
        Assert.EndsWith("\"HELLO\" \"2\" \"AUTH\" \"(redacted)\" \"(redacted)\"", monitor.Receive().Text, StringComparison.Ordinal);
        Assert.EndsWith("] \"PING\"", monitor.Receive().Text, StringComparison.Ordinal);
    }

    [Fact]
    public void LinesNeverTearAReply()
    {
        using var server = new TestServer(2);
        TestClient monitor = server.Connect(0), client = server.Connect(1);
        monitor.Run("MONITOR");
        for (int i = 0; i < 50; i++)
        {
            client.Send("PING", $"{i}");
            monitor.Send("CLIENT", "LIST");
        }
        int lists = 0, lines = 0;
        while (lists < 50 || lines < 50)
        {
            Reply reply = monitor.Receive();
            if (reply.Type == '$') lists++;
            else if (Regex.IsMatch(reply.Text, @"\] ""PING"" ""\d+""$")) lines++;
            else Assert.Fail(reply.Text);
        }
    }

    [Fact]
    public void WhoMonitorsTouchesNoKeysUntilItIsReset()
    {
        using var server = new TestServer(2);
        TestClient monitor = server.Connect(1);
        monitor.Run("MONITOR");
        Assert.Equal("-ERR Replica can't interact with the keyspace", monitor.Run("GET", "k"));
        Assert.Contains("flags=OU ", server.Run("CLIENT", "LIST", "ID", "1"), StringComparison.Ordinal);
        Assert.Equal("RESET", NextReply(monitor, "RESET"));
        server.Run("PING");
        Assert.Equal("(nil)", monitor.Run("GET", "k"));
        server.RunUntil(() => server.Loops[0].Dispatcher.Observer is null, "the end of observing");
    }

    [Fact]
    public void AMonitorThatLeavesCostsNothingAnyMore()
    {
        using var server = new TestServer(2);
        TestClient monitor = server.Connect(1);
        server.Client.Run("PING");
        monitor.Run("MONITOR");
        Assert.NotNull(server.Loops[0].Dispatcher.Observer);
        monitor.Dispose();
        server.RunUntil(() => server.Loops[0].Dispatcher.Observer is null, "the end of observing");
    }

    /// <summary>A command's own reply, behind the lines that show it.</summary>
    private static string NextReply(TestClient client, params string[] command)
    {
        client.Send(command);
        Reply reply = client.Receive();
        while (reply.Text.Contains('[', StringComparison.Ordinal)) reply = client.Receive();
        return reply.Text;
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server;

/// <summary>Starting, refusing to start, and ending.</summary>
public sealed class StartTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    [Fact]
    public void DragonflysCommandLineStartsAsItStands() =>
        StartsWith("--conn_use_incoming_cpu", "--dbfilename=", "--logtostderr", "--maxmemory=28GB");

    [Fact]
    public void ValkeysCommandLineStartsAsItStands() =>
        StartsWith("--save", "", "--appendonly", "no", "--io-threads", "8", "--protected-mode", "no");

    [Fact]
    public void TheStartIsLogged()
    {
        using ServerProcess server = ServerProcess.Anax("--proactor_threads", "2");
        Assert.Contains("Ready to accept connections", server.Output, StringComparison.Ordinal);
        Assert.Contains($":{server.Port}", server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--no-such-option", "no-such-option")]
    [InlineData("--maxmemori=1", "maxmemory")]
    public void AnUnknownOptionEndsTheStart(string option, string named)
    {
        using ServerProcess server = ServerProcess.AnaxAsGiven(0, option);
        Assert.NotEqual(0, server.WaitForExit(Limit));
        Assert.Contains(named, server.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--appendonly", "yes")]
    [InlineData("--save", "900 1")]
    [InlineData("--dbfilename", "dump.rdb")]
    [InlineData("--cluster-enabled", "yes")]
    [InlineData("--maxmemory-policy", "allkeys-lru")]
    [InlineData("--replicaof", "127.0.0.1 6379")]
    [InlineData("--tls-port", "6390")]
    public void AnOptionThatPromisesWhatIsNotBuiltEndsTheStart(string name, string value)
    {
        using ServerProcess server = ServerProcess.AnaxAsGiven(0, "--port", $"{TestEnvironment.FreePort()}", name, value);
        Assert.NotEqual(0, server.WaitForExit(Limit));
        Assert.Contains(name.TrimStart('-'), server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void ATakenPortIsRefused()
    {
        using ServerProcess first = ServerProcess.Anax();
        using ServerProcess second = ServerProcess.AnaxAsGiven(first.Port, "--port", $"{first.Port}");
        Assert.NotEqual(0, second.WaitForExit(Limit));
        Assert.Contains("Address already in use", second.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void AUnixSocketIsServedReplacedAndRemoved()
    {
        using ServerProcess folder = ServerProcess.Anax();
        string path = Path.Combine(folder.Folder, "anax.sock");
        using (ServerProcess first = ServerProcess.Anax("--unixsocket", path, "--unixsocketperm", "700"))
        {
            PingOver(path);
            using ServerProcess second = ServerProcess.AnaxAsGiven(0, "--port", "0", "--unixsocket", path);
            Assert.NotEqual(0, second.WaitForExit(Limit));
            Assert.Contains("Address already in use", second.Output, StringComparison.Ordinal);
        }
        Assert.True(File.Exists(path), "a killed server leaves its file");
        using ServerProcess third = ServerProcess.Anax("--unixsocket", path);
        PingOver(path);
        third.Signal("TERM");
        Assert.Equal(0, third.WaitForExit(Limit));
        Assert.False(File.Exists(path));
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public void ASignalEndsTheServerInOrder(string signal)
    {
        using ServerProcess server = ServerProcess.Anax("--proactor_threads", "3");
        using RespClient client = server.Connect();
        client.Call("SET", "a", "b");
        var clock = Stopwatch.StartNew();
        server.Signal(signal);
        Assert.Equal(0, server.WaitForExit(Limit));
        Assert.InRange(clock.ElapsedMilliseconds, 0, 3000);
        Assert.True(client.IsClosed());
    }

    [Fact]
    public void ShutdownEndsTheServer()
    {
        using ServerProcess server = ServerProcess.Anax("--proactor_threads", "2");
        using RespClient client = server.Connect();
        client.Send("SHUTDOWN", "NOSAVE");
        Assert.Equal(0, server.WaitForExit(Limit));
    }

    [Fact]
    public void EpollIsTakenWhereTheKernelRefusesIoUring()
    {
        using ServerProcess compiler = ServerProcess.Anax();
        string refuse = Path.Combine(compiler.Folder, "refuse_uring");
        string source = Path.Combine(TestEnvironment.Root, "tests", "Server", "Harness", "refuse_uring.c");
        using (Process cc = Process.Start("cc", ["-o", refuse, source])) cc.WaitForExit();
        int port = TestEnvironment.FreePort();
        using ServerProcess server = ServerProcess.Wrapped(refuse, port, "--port", $"{port}", "--proactor_threads", "2");
        server.WaitUntilReady();
        Assert.Contains("epoll", server.Output, StringComparison.OrdinalIgnoreCase);
        using RespClient client = server.Connect();
        Assert.Equal("+OK", client.Call("MSET", "a", "1", "b", "2", "c", "3").ToString());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(64)]
    public void AnyNumberOfThreadsServes(int threads)
    {
        using ServerProcess server = ServerProcess.Anax("--proactor_threads", $"{threads}");
        using RespClient client = server.Connect();
        for (int i = 0; i < 200; i++) Assert.Equal("+OK", client.Call("SET", $"k{i}", $"{i}").ToString());
        for (int i = 0; i < 200; i++) Assert.Equal($"$\"{i}\"", client.Call("GET", $"k{i}").ToString());
        Assert.Equal(200, client.Call("DBSIZE").Integer);
    }

    [Fact]
    public void LessAddressSpaceThanWantedIsEnough()
    {
        int port = TestEnvironment.FreePort();
        using ServerProcess server = ServerProcess.Wrapped("sh", port, "-c",
            $"ulimit -v 6000000; exec {TestEnvironment.Anax} --port {port} --proactor_threads 2");
        server.WaitUntilReady();
        using RespClient client = server.Connect();
        Assert.Equal("+OK", client.Call("SET", "a", "b").ToString());
    }

    [Fact]
    public void ClientsBeyondTheLimitAreTurnedAway()
    {
        using ServerProcess server = ServerProcess.Anax("--maxclients", "3", "--proactor_threads", "2");
        using RespClient one = server.Connect(), two = server.Connect(), three = server.Connect();
        foreach (RespClient client in new[] { one, two, three }) Assert.Equal("+PONG", client.Call("PING").ToString());
        using RespClient four = server.Connect();
        Assert.Equal("-ERR max number of clients reached", four.Read().ToString());
        Assert.True(four.IsClosed());
        Assert.Equal("+PONG", one.Call("PING").ToString());
    }

    [Fact]
    public void APasswordIsAskedFor()
    {
        using ServerProcess server = ServerProcess.Anax("--requirepass", "secret");
        using RespClient client = server.Connect();
        Assert.Equal("-NOAUTH Authentication required.", client.Call("GET", "a").ToString());
        Assert.StartsWith("-WRONGPASS", client.Call("AUTH", "wrong").ToString(), StringComparison.Ordinal);
        Assert.Equal("+OK", client.Call("AUTH", "secret").ToString());
        Assert.Equal("$null", client.Call("GET", "a").ToString());
    }

    [Fact]
    public void MemoryHasALimit()
    {
        using ServerProcess server = ServerProcess.Anax("--maxmemory", "20mb", "--proactor_threads", "2");
        using RespClient client = server.Connect();
        string value = new('x', 10_000), last = "";
        for (int i = 0; i < 5000 && !last.StartsWith('-'); i++) last = client.Call("SET", $"k{i}", value).ToString();
        Assert.Equal("-OOM command not allowed when used memory > 'maxmemory'.", last);
        Assert.Equal(value, client.Call("GET", "k0").Text);
        Assert.Equal(":1", client.Call("DEL", "k0").ToString());
    }

    private static void StartsWith(params string[] options)
    {
        using ServerProcess server = ServerProcess.Anax(options);
        using RespClient client = server.Connect();
        Assert.Equal("+PONG", client.Call("PING").ToString());
    }

    private static void PingOver(string path)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(path));
        socket.Send("PING\r\n"u8);
        var reply = new byte[16];
        Assert.Equal(7, socket.Receive(reply));
    }
}

using System.Diagnostics;
using System.Net.Sockets;
using System.Text.RegularExpressions;
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
        // It answers before its last line has come through the pipe.
        SpinWait.SpinUntil(() => server.Output.Contains("Ready", StringComparison.Ordinal), 5000);
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
        using RespClient one = server.Connect();
        // The client that waited for the start has to be gone from the count.
        Assert.True(BadInputTests.WaitUntil(() => BadInputTests.Info(one, "connected_clients") == 1));
        using RespClient two = server.Connect(), three = server.Connect();
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

    [Fact]
    public void MemoryThatOnlyUnreadRepliesHoldCountsToo()
    {
        const int ValueBytes = 8 << 20, Limit = 200 << 20;
        using ServerProcess server = ServerProcess.Anax("--maxmemory", $"{Limit}", "--proactor_threads", "2");
        using RespClient deaf = server.Connect(), other = server.Connect();
        byte[] pair =
        [
            .. RespClient.Encode("SET", "k", new string('x', ValueBytes)), .. RespClient.Encode("GET", "k"),
        ];
        for (int i = 0; i < 100; i++) deaf.SendRaw(pair);
        Assert.Equal(ValueBytes, other.Call("STRLEN", "k").Integer);
        Assert.InRange(BadInputTests.Info(other, "used_memory_rss"), 0, Limit + (64L << 20));
        // Some 25 of the hundred fit; a command is refused once the limit is reached, so each thread may pass it by one value.
        Assert.InRange(BadInputTests.Info(other, "total_error_replies"), 60, 90);
        deaf.Dispose();
        Assert.True(BadInputTests.WaitUntil(() => BadInputTests.Info(other, "used_memory") < 4 * ValueBytes));
        Assert.Equal("+OK", other.Call("SET", "other", "y").ToString());
    }

    [Theory]
    [InlineData(2, 30)]
    [InlineData(7, 31)]
    public void ConnectionsPerThreadDifferByAtMostOne(int threads, int connections)
    {
        using ServerProcess server = ServerProcess.Anax("--proactor_threads", $"{threads}");
        // The client that waited for the start has to be gone from the count.
        using RespClient first = server.Connect();
        Assert.True(BadInputTests.WaitUntil(() => BadInputTests.Info(first, "connected_clients") == 1));
        RespClient[] others = [.. Enumerable.Range(1, connections - 1).Select(_ => server.Connect())];
        foreach (RespClient client in others) client.Call("PING");
        int[] counts = [.. Regex.Matches(first.Call("INFO", "threads").Text!, @"connections=(\d+)").Select(m => int.Parse(m.Groups[1].Value))];
        Assert.Equal(threads, counts.Length);
        Assert.Equal(connections, counts.Sum());
        Assert.InRange(counts.Max() - counts.Min(), 0, 1);
        foreach (RespClient client in others) client.Dispose();
    }

    [Fact]
    public void ThreadsAreMadeForTheAffinityMaskOnly()
    {
        int port = TestEnvironment.FreePort();
        using ServerProcess server = ServerProcess.Wrapped("sh", port, "-c", $"exec taskset -c 0 {TestEnvironment.Anax} --port {port}");
        server.WaitUntilReady();
        using RespClient client = server.Connect();
        Assert.Equal(1, BadInputTests.Info(client, "threads"));
    }

    [Fact]
    public void SeveralAddressesAreListenedOn()
    {
        using ServerProcess server = ServerProcess.Anax("--bind", "127.0.0.1 127.0.0.2 -::1");
        foreach (string address in new[] { "127.0.0.1", "127.0.0.2", "::1" })
        {
            if (address == "::1" && !Socket.OSSupportsIPv6) continue;
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(address, server.Port);
            socket.Send("PING\r\n"u8);
            Assert.Equal(7, socket.Receive(new byte[16]));
        }
        using var elsewhere = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Assert.Throws<SocketException>(() => elsewhere.Connect("127.0.0.3", server.Port));
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

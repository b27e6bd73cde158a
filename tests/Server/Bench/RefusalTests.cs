using System.Net;
using System.Net.Sockets;
using System.Text;
using Anax.Tests.Server.Harness;
using Anax.Tests.Stub;
using Xunit;

namespace Anax.Tests.Server.Bench;

/// <summary>What cannot be done is said in one line on standard error, at once, and the exit code tells.</summary>
public sealed class RefusalTests
{
    [Fact]
    public void AnUnknownHostIsNamed() => BenchRun.RunLine("-h no-such-host.invalid -n 1").RefusedWith("no-such-host.invalid: ");

    [Theory]
    [InlineData("")]
    [InlineData("--resp3")]
    [InlineData("--nogreet")]
    [InlineData("--connect_only")]
    [InlineData("-P memcache_text")]
    [InlineData("--force_epoll --threads 2")]
    public void APortWithoutAServerIsNamed(string options)
    {
        int port = TestEnvironment.FreePort();
        BenchRun.RunLine($"-p {port} -n 1 {options}").RefusedWith($"localhost:{port}: connect: Connection refused");
    }

    [Fact]
    public void AUnixSocketThatDoesNotExistIsNamed()
    {
        string path = Path.Combine(Path.GetTempPath(), "no-such.sock");
        BenchRun.RunLine($"--unix-socket {path}").RefusedWith($"{path}: connect: No such file or directory");
        BenchRun.RunLine($"--unix-socket /{new string('x', 200)}").RefusedWith("/xxx");
    }

    [Theory]
    [InlineData("--qps=0")]
    [InlineData("--qps=0 --pipeline 10 --force_epoll")]
    [InlineData("--qps=1000")]
    public void AServerThatHangsUpMidwayEndsTheRun(string options)
    {
        using StubServer stub = new(new StubOptions { CloseAtRequest = 200 });
        BenchResult result = BenchRun.RunLine($"-p {stub.Port} --threads 2 -c 2 -n 1000 {options}");
        result.RefusedWith($"localhost:{stub.Port} closed the connection with ");
        // What came before is in the file.
        Assert.InRange(result.Replies, 100, 3999);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--connect_only")]
    [InlineData("-P memcache_text")]
    public void AServerThatHangsUpAtOnceEndsTheRun(string options)
    {
        using RawServer server = new("", closes: true);
        BenchRun.RunLine($"-p {server.Port} -n 1 {options}").RefusedWith($"localhost:{server.Port}");
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.2\r\n")]
    [InlineData("HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n")]
    [InlineData("\u0015\u0003\u0001\u0000\u0002\u0002\n")]
    public void AServerThatSpeaksSomethingElseIsQuoted(string greeting)
    {
        using RawServer server = new(greeting, closes: false);
        BenchResult result = BenchRun.RunLine($"-p {server.Port} -n 1");
        result.RefusedWith($"localhost:{server.Port} does not answer in RESP: '");
        Assert.All(result.Errors.TrimEnd(), letter => Assert.InRange(letter, ' ', '~'));
        BenchRun.RunLine($"-p {server.Port} -n 1 -P memcache_text").RefusedWith($"localhost:{server.Port} sent what is no answer: '");
    }

    [Fact]
    public void AServerThatTakesNobodyIsQuoted()
    {
        const string Full = "-ERR max number of clients reached\r\n";
        using RawServer server = new(Full, closes: true);
        BenchRun.RunLine($"-p {server.Port} -n 1").RefusedWith($"localhost:{server.Port}: ERR max number of clients reached");
    }

    [Fact]
    public void AWrongPasswordAndNoneAreToldApart()
    {
        using ServerProcess server = ServerProcess.Anax("--proactor_threads", "1", "--requirepass", "secret");
        string common = $"-p {server.Port} -n 10 --qps=0";
        BenchRun.RunLine($"{common} --password wrong").RefusedWith($"localhost:{server.Port}: AUTH: WRONGPASS");
        BenchRun.RunLine($"{common} --user nobody --password secret").RefusedWith($"localhost:{server.Port}: AUTH: WRONGPASS");
        BenchRun.RunLine($"{common} --password wrong --resp3").RefusedWith($"localhost:{server.Port}: AUTH: WRONGPASS");
        BenchRun.RunLine(common).RefusedWith($"localhost:{server.Port}: NOAUTH");
        BenchRun.RunLine($"{common} --resp3").RefusedWith($"localhost:{server.Port}: NOAUTH");
        BenchRun.RunLine($"{common} --connect_only --password wrong").RefusedWith($"localhost:{server.Port}: AUTH: WRONGPASS");
        BenchRun.RunLine($"{common} --password secret").Good();
        BenchRun.RunLine($"{common} --user default --password secret --resp3").Good();
    }

    [Theory]
    [InlineData("--pipelne 3", "unknown option '--pipelne'; did you mean --pipeline?")]
    [InlineData("--keymaximum=3", "unknown option '--keymaximum'; did you mean --key_maximum?")]
    [InlineData("--frobnicate", "unknown option '--frobnicate'; see --help")]
    [InlineData("get", "'get' is not an option")]
    [InlineData("-c", "-c needs a value")]
    [InlineData("-n x", "-n 'x': ")]
    [InlineData("--unix-socket /x -h y", "--unix-socket contradicts -h")]
    [InlineData("--unix-socket /x -p 1", "--unix-socket contradicts -p")]
    [InlineData("-n 5 --test_time 1", "-n contradicts --test_time")]
    [InlineData("--window 3 --qps 5", "--window contradicts --qps")]
    [InlineData("--window 3 --pipeline 5", "--window contradicts --pipeline")]
    [InlineData("--window 3 --rate-steps 5", "--window contradicts --rate-steps")]
    [InlineData("--rate-steps 5 --qps 0", "--rate-steps contradicts --qps")]
    [InlineData("--command ping --ratio 1:1", "--command contradicts --ratio")]
    [InlineData("--command ping --verify", "--command contradicts --verify")]
    [InlineData("--command ping -P memcache_text", "--command contradicts -P memcache_text")]
    [InlineData("--verify --random_data=false", "--verify contradicts --random_data")]
    [InlineData("--noreply", "--noreply needs -P memcache_text")]
    [InlineData("-P memcache_text --password x", "--password contradicts -P memcache_text")]
    [InlineData("-P memcache_text --probe_cluster", "--probe_cluster contradicts -P memcache_text")]
    [InlineData("-P memcache_text --resp3", "--resp3 contradicts -P memcache_text")]
    [InlineData("--user x", "--user needs --password")]
    [InlineData("--key_stddev 5", "--key_stddev needs --key_dist N")]
    [InlineData("--zipf_alpha 2", "--zipf_alpha needs --key_dist Z")]
    [InlineData("-c 1000001", "-c 1000001: ")]
    [InlineData("-c 1000000 --threads 1024", "1024000064 files must be open at one time, the system allows ")]
    [InlineData("--command x__data____data__", "--command 'x__data____data__': ")]
    public void ALineThatCannotBeFollowedIsSaidSo(string line, string expected)
    {
        BenchResult result = BenchRun.RunLine(line);
        Assert.Equal(2, result.ExitCode);
        result.RefusedWith(expected);
    }

    [Fact]
    public void ARequestBeyondAllMeasureIsRefused()
    {
        BenchResult result = BenchRun.Run("-d", "536870912", "--command", "set __key__ __data__ __data__ __data__ __data__ __data__");
        result.RefusedWith("--command 'set __key__ __data__ __data__ __data__ __data__ __data__': a request of up to ");
    }

    [Theory]
    [InlineData("-p {0} --pipeline 1000000 -n 1000", "-p {0} --pipeline 1000001")]
    [InlineData("-p {0} --window 1000000 -n 1000", "-p {0} --window 1000001")]
    [InlineData("-p {0} --key_maximum 9223372036854775807 -n 100", "-p {0} --key_maximum 9223372036854775808")]
    [InlineData("-p {0} --key_dist Z --zipf_alpha 100 -n 100", "-p {0} --key_dist Z --zipf_alpha 100.1")]
    [InlineData("-p {0} --key_minimum 7 --key_maximum 7 -n 100", "-p {0} --key_minimum 8 --key_maximum 7")]
    [InlineData("-p {0} --rate-steps 1000000000,-1000000000 -n 100", "-p {0} --rate-steps 1000000000.1")]
    [InlineData("-p {0} -d 0:20000000 -n 3 --ratio 1:0 -c 1", "-p {0} -d 0:536870913")]
    public void EachLimitWorksAndOnePastItIsRefused(string atLimit, string beyond)
    {
        using StubServer stub = new(new StubOptions());
        string qps = atLimit.Contains("rate", StringComparison.Ordinal) ? "" : "--qps=0";
        BenchRun.RunLine($"{string.Format(null, atLimit, stub.Port)} --threads 1 {qps}").Good();
        Assert.Null(stub.Failure);
        BenchResult result = BenchRun.RunLine(string.Format(null, beyond, stub.Port));
        Assert.Equal(2, result.ExitCode);
        result.RefusedWith("-");
    }

    [Fact]
    public void TheLongestKeyTextWorksAndOneByteMoreIsRefused()
    {
        using StubServer stub = new(new StubOptions());
        string common = $"-p {stub.Port} -n 10 --qps=0 --key_prefix ";
        BenchRun.RunLine(common + new string('k', 1000)).Good();
        BenchRun.RunLine(common + new string('k', 1001)).RefusedWith("a key has 1001 bytes");
    }

    /// <summary>Greets whoever comes with the same text, and hangs up or waits.</summary>
    private sealed class RawServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly List<Socket> _open = [];
        private readonly Thread _thread;

        public RawServer(string greeting, bool closes)
        {
            _listener.Start();
            _thread = new Thread(() => Serve(Encoding.Latin1.GetBytes(greeting), closes)) { IsBackground = true };
            _thread.Start();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public void Dispose()
        {
            _listener.Stop();
            _thread.Join();
            foreach (Socket socket in _open) socket.Dispose();
        }

        private void Serve(byte[] greeting, bool closes)
        {
            while (true)
            {
                try
                {
                    Socket socket = _listener.AcceptSocket();
                    _open.Add(socket);
                    socket.Send(greeting);
                    if (closes) socket.Shutdown(SocketShutdown.Both);
                }
                catch (Exception e) when (e is SocketException or InvalidOperationException)
                {
                    return;
                }
            }
        }
    }
}

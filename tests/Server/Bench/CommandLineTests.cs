using System.Globalization;
using System.Text.Json;
using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server.Bench;

/// <summary>Lines that people run against the server, as they stand, and what the server then holds and has counted.</summary>
public sealed class CommandLineTests(Uring2 fixture) : IClassFixture<Uring2>
{
    private int Port => fixture.Server.Port;

    [Theory]
    [InlineData("")]
    [InlineData("--force_epoll")]
    public void ThePublishedComparisonRuns(string options)
    {
        using RespClient client = Clear();
        string[] common = ["-n", "2000", "-p", $"{Port}", "--qps=0", "-d", "64", "--key_maximum=499", "-c", "5", "--threads", "2"];
        string[] more = options.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        BenchResult writes = BenchRun.Run([.. common, .. more, "--command", "setex __key__ 10000 __data__"]).Good();
        Assert.Equal(20_000, writes.Replies);
        Assert.Equal(500, client.Call("DBSIZE").Integer);
        Assert.InRange(client.Call("TTL", "key:499").Integer, 9900, 10_000);
        Assert.Equal(64, client.Call("STRLEN", "key:0").Integer);

        BenchResult reads = BenchRun.Run([.. common, .. more, "--ratio", "0:1"]).Good();
        Assert.Equal((20_000, 20_000, 20_000), (reads.Replies, reads.Reads, reads.Hits));
        if (options.Length != 0) Assert.Equal("Epoll", reads.Own.GetProperty("event loop").GetString());
    }

    [Theory]
    [InlineData("--resp3 --qps=0")]
    [InlineData("--window 30")]
    [InlineData("--window 30 --force_epoll")]
    [InlineData("--qps=0 --pipeline 50")]
    [InlineData("--qps=0 --pipeline 50 --force_epoll")]
    [InlineData("--qps=0 --tcp_nodelay --nogreet --noprobe_cluster")]
    [InlineData("--qps=500 --pipeline 4")]
    [InlineData("--qps=-500 --pipeline 4")]
    [InlineData("--qps=0 -d 1000:60000 --verify --key_maximum 100")]
    [InlineData("--qps=0 --key_dist N")]
    [InlineData("--qps=0 --key_dist Z")]
    [InlineData("--qps=0 --key_dist S")]
    public void EachWayToSendSendsAllOfIt(string options)
    {
        using RespClient client = Clear();
        (long sets, long gets) = (Calls(client, "set"), Calls(client, "get"));
        BenchResult result = BenchRun.RunLine($"-p {Port} -n 800 -c 3 --threads 2 --ratio 1:2 {options}").Good();
        Assert.Equal(4800, result.Replies);
        Assert.Equal(result.Reads, Calls(client, "get") - gets);
        Assert.Equal(4800 - result.Reads, Calls(client, "set") - sets);
        Assert.InRange(4800 - result.Reads, 1400, 1800);
    }

    [Theory]
    [InlineData("")]
    [InlineData("--force_epoll")]
    public void LongValuesTakeNoLongerThanTheirBytes(string options)
    {
        using RespClient client = Clear();
        string common = $"-p {Port} -n 12 -c 1 --threads 1 --qps=0 --key_maximum 0 -d 20000000 {options}";
        // On either side a loop that slept over the rest of a write would be woken by a timer, ten times a second.
        foreach (string ratio in (string[])["1:0", "0:1"])
            Assert.InRange(BenchRun.RunLine($"{common} --ratio {ratio}").Good().LatencyUs("p50"), 500, 150_000);
    }

    [Fact]
    public void DistributionsDifferInHowManyKeysTheyTouch()
    {
        Dictionary<string, long> keys = [];
        foreach (string distribution in (string[])["U", "N", "Z", "S"])
        {
            using RespClient client = Clear();
            string common = $"-p {Port} -n 500 -c 2 --threads 2 --qps=0 --ratio 1:0 --key_maximum 1999";
            BenchRun.RunLine($"{common} --key_dist {distribution}").Good();
            keys[distribution] = client.Call("DBSIZE").Integer;
        }

        // All once; two of three by chance; fewer where the middle is preferred; fewest where the first are.
        Assert.Equal(2000, keys["S"]);
        Assert.InRange(keys["U"], 1200, 1330);
        Assert.InRange(keys["N"], 800, keys["U"] - 50);
        Assert.InRange(keys["Z"], 300, keys["N"] - 50);
    }

    [Fact]
    public void CommandsComeInProportionToTheirWeights()
    {
        using RespClient client = Clear();
        string[] names = ["set", "get", "incr", "zadd", "ping"];
        Dictionary<string, long> before = names.ToDictionary(name => name, name => Calls(client, name));
        BenchResult result = BenchRun.Run(
            "-p", $"{Port}", "-n", "10000", "-c", "2", "--threads", "1", "--qps=0", "--pipeline", "20",
            "--command", "set __key__ __data__", "--command_weight", "6", "--command", "get __key__", "--command_weight=3",
            "--command", "INCR counter:__key__");
        result.Good();
        long Sent(string name) => Calls(client, name) - before[name];
        Assert.Equal(20_000, Sent("set") + Sent("get") + Sent("incr"));
        Assert.InRange(Sent("set"), 11_700, 12_300);
        Assert.InRange(Sent("get"), 5_750, 6_250);
        Assert.InRange(Sent("incr"), 1_850, 2_150);
    }

    [Fact]
    public void AUnixSocketIsAsGoodAsAPort()
    {
        string path = Path.Combine(Path.GetTempPath(), $"anax-bench-{Environment.ProcessId}.sock");
        try
        {
            using ServerProcess server = ServerProcess.Anax("--proactor_threads", "2", "--unixsocket", path);
            foreach (string options in (string[])["", "--force_epoll"])
            {
                BenchResult result = BenchRun.RunLine($"--unix-socket {path} -n 500 -c 10 --threads 2 --qps=0 {options}").Good();
                Assert.Equal(10_000, result.Replies);
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void ConnectOnlyConnectsAndSendsNothing()
    {
        using RespClient client = Clear();
        long connections = BadInputTests.Info(client, "total_connections_received");
        BenchResult result = BenchRun.RunLine($"-p {Port} -c 40 --threads 2 --connect_only");
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(result.Steps);
        Assert.Equal(connections + 80, BadInputTests.Info(client, "total_connections_received"));
        Assert.Equal(0, client.Call("DBSIZE").Integer);
    }

    [Fact]
    public void TimesAreKept()
    {
        using RespClient client = Clear();
        long gets = Calls(client, "get");
        BenchResult result = BenchRun.RunLine($"-p {Port} -c 2 --threads 1 --qps=200 --ratio 0:1 --warmup 0.4 --test_time 0.6").Good();
        Assert.InRange(result.Step.GetProperty("seconds").GetDouble(), 0.58, 0.75);
        Assert.InRange(result.Replies, 235, 241);
        // The warm-up was sent, and is not counted.
        Assert.InRange(Calls(client, "get") - gets, 390, 402);
    }

    [Fact]
    public void RateStepsAreMeasuredOneByOne()
    {
        BenchResult result = BenchRun.RunLine($"-p {Port} -c 2 --threads 2 --rate-steps 50,100,-200 --test_time 0.4").Good();
        Assert.Equal([50, 100, -200], result.Steps.Select(step => step.GetProperty("qps").GetDouble()));
        foreach ((JsonElement step, long expected) in result.Steps.Zip((long[])[80, 160, 320]))
            Assert.InRange(step.GetProperty("replies").GetInt64(), expected - 4, expected + 4);
        Assert.Equal(
            result.Steps.Sum(step => step.GetProperty("replies").GetInt64()),
            result.AllStats.GetProperty("Totals").GetProperty("Count").GetInt64());
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public void ASignalEndsARunThatKeepsWhatItMeasured(string signal)
    {
        using BenchRun run = BenchRun.Start("-p", $"{Port}", "--test_time", "25", "--qps=100", "-c", "5", "--threads", "2");
        Thread.Sleep(700);
        run.Signal(signal);
        BenchResult result = run.Wait();
        Assert.Equal(1, result.ExitCode);
        result.RefusedWith($"ended by SIG{signal}");
        Assert.InRange(result.Replies, 100, 1000);
        Assert.Equal(10, result.Step.GetProperty("connections").GetInt32());
        Assert.InRange(result.Step.GetProperty("seconds").GetDouble(), 0.2, 3);
        Assert.Equal($"ended by SIG{signal}", result.Own.GetProperty("failure").GetString());
        Assert.Contains("99", result.Output, StringComparison.Ordinal);
    }

    private RespClient Clear()
    {
        RespClient client = fixture.Connect();
        client.Call("FLUSHALL");
        return client;
    }

    /// <summary>How often the server has been called so.</summary>
    private static long Calls(RespClient client, string command)
    {
        string name = $"cmdstat_{command}:calls=";
        string stats = client.Call("INFO", "commandstats").Text!;
        int at = stats.IndexOf(name, StringComparison.Ordinal);
        return at < 0 ? 0 : long.Parse(stats[(at + name.Length)..].Split(',')[0], CultureInfo.InvariantCulture);
    }
}

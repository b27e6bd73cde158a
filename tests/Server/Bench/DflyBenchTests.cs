using Anax.Tests.Stub;
using Xunit;

namespace Anax.Tests.Server.Bench;

/// <summary>Options mean what they mean to dfly_bench, so that a line written for it makes the same load.</summary>
public sealed class DflyBenchTests
{
    private const long MillisecondNs = 1_000_000;

    [Fact]
    public void ConnectionsCountPerThreadAndRequestsPerConnection()
    {
        using StubServer stub = new(new StubOptions());
        BenchResult result = BenchRun.RunLine($"-p {stub.Port} -c 5 --proactor_threads 3 -n 70 --qps=0").Good();
        Assert.Equal((15 * 70, 15 * 70), (stub.Record.Count, result.Replies));
        // One more asks who the server is.
        Assert.Equal(15 + 1, stub.Record.Connections);
        Assert.All(
            Enumerable.Range(0, stub.Record.Kept).GroupBy(stub.Record.ConnectionOf), requests => Assert.Equal(70, requests.Count()));
    }

    [Fact]
    public void ARateCountsBatchesPerConnection()
    {
        using StubServer stub = new(new StubOptions());
        BenchResult result = BenchRun.RunLine($"-p {stub.Port} -c 3 --threads 2 --qps=40 --pipeline 5 --test_time 1").Good();
        Assert.InRange(result.Replies, 3 * 2 * 40 * 5 - 30, 3 * 2 * 40 * 5 + 30);
        // Neighbours are a sixth of the period apart: connections do not send all at one time.
        long[] batches = [.. Enumerable.Range(0, stub.Record.Kept).Where(i => i % 5 == 0).Select(stub.Record.ArrivalNs)];
        double[] gapsMs = [.. batches.Zip(batches.Skip(1), (a, b) => (b - a) / 1e6).Order()];
        Assert.InRange(gapsMs[gapsMs.Length / 2], 25.0 / 6 * 0.8, 25.0 / 6 * 1.2);
    }

    [Fact]
    public void ARateWaitsForASlowServerAndANegativeOneDoesNot()
    {
        StubOptions slow = new() { Delay = new ConstantDelay(300 * MillisecondNs) };
        using StubServer waiting = new(slow), pressing = new(slow);
        BenchRun.RunLine($"-p {waiting.Port} -c 1 --threads 1 --qps=100 --pipeline 2 --test_time 1").Good();
        BenchRun.RunLine($"-p {pressing.Port} -c 1 --threads 1 --qps=-100 --pipeline 2 --test_time 1").Good();
        // Up to twice the pipeline waits when another batch is sent.
        Assert.Equal(3 * 2, waiting.Record.PendingPeak);
        Assert.InRange(pressing.Record.PendingPeak, 50, 200);
        Assert.InRange(pressing.Record.Count, 190, 200);
        Assert.InRange(waiting.Record.Count, 15, 35);
    }

    [Fact]
    public void RateZeroSendsABatchWhenTheLastIsAnsweredAsAWhole()
    {
        using StubServer stub = new(new StubOptions { Delay = new ConstantDelay(5 * MillisecondNs) });
        BenchRun.RunLine($"-p {stub.Port} -c 1 --threads 1 --qps=0 --pipeline 4 -n 40").Good();
        Assert.Equal(4, stub.Record.PendingPeak);
        for (int i = 4; i < 40; i += 4) Assert.True(stub.Record.ArrivalNs(i) >= stub.Record.ReplyNs(i - 1));
    }

    [Fact]
    public void KeysAndValuesAreThoseOfTheOptions()
    {
        string[][] requests = Requests("--ratio 1:0 -n 400 --key_minimum 10 --key_maximum 29 --key_prefix pre: -d 20");
        Assert.All(requests, request => Assert.Equal("SET", request[0]));
        Assert.Equal(
            Enumerable.Range(10, 20).Select(number => $"pre:{number}"),
            requests.Select(request => request[1]).Distinct().Order(StringComparer.Ordinal));
        Assert.All(requests, request => Assert.Equal(20, request[2].Length));
        Assert.Equal(400, requests.Select(request => request[2]).Distinct().Count());
        Assert.All(requests, request => Assert.All(request[2], letter => Assert.InRange(letter, ' ', '~')));
        Assert.Single(Requests("--ratio 1:0 -n 100 -d 20 --random_data=false").Select(request => request[2]).Distinct());
        Assert.Equal([3, 4, 5], Requests("--ratio 1:0 -n 100 -d 3:5").Select(request => request[2].Length).Distinct().Order());
        Assert.Contains(Requests("--ratio 1:0 -n 100 --ascii=false"), request => request[2].Any(letter => letter > 127));
    }

    [Fact]
    public void TheRatioIsOneToTenWhereNoneIsGiven()
    {
        string[][] requests = Requests("-n 5500");
        Assert.InRange(requests.Count(request => request[0] == "SET"), 400, 600);
        Assert.All(requests.Where(request => request[0] == "GET"), request => Assert.Equal(2, request.Length));
    }

    [Fact]
    public void AnOwnCommandIsFilledIn()
    {
        using StubServer stub = new(new StubOptions { KeepsRequests = true });
        BenchRun.Run("-p", $"{stub.Port}", "-n", "50", "-c", "1", "--threads", "1", "--qps=0", "-d", "7",
            "--command", "ZADD board:__key__ __score__ \"a b\" __data__").Good();
        Assert.All(stub.Record.Requests, request =>
        {
            Assert.Equal(["ZADD", "a b"], [request[0], request[3]]);
            Assert.StartsWith("board:key:", request[1], StringComparison.Ordinal);
            Assert.InRange(double.Parse(request[2], System.Globalization.CultureInfo.InvariantCulture), 0, 1);
            Assert.Equal(7, request[4].Length);
        });
    }

    [Fact]
    public void TheSeedDecidesWhatIsSent()
    {
        string[] first = Texts("--seed 5"), again = Texts("--seed 5"), other = Texts("--seed 6");
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);

        string[] Texts(string options) => [.. Requests($"-n 100 --ratio 1:1 {options}").Select(request => string.Join(' ', request))];
    }

    [Fact]
    public void AGreetingIsSentOnEachConnectionUnlessItIsRefused()
    {
        using StubServer greeted = new(new StubOptions()), plain = new(new StubOptions());
        BenchRun.RunLine($"-p {greeted.Port} -c 3 --threads 2 -n 1 --qps=0").Good();
        BenchRun.RunLine($"-p {plain.Port} -c 3 --threads 2 -n 1 --qps=0 --nogreet").Good();
        // Two questions who it is, before that.
        Assert.Equal(6 + 2, greeted.Record.Greetings);
        Assert.Equal(2, plain.Record.Greetings);
    }

    private static string[][] Requests(string options)
    {
        using StubServer stub = new(new StubOptions { KeepsRequests = true });
        BenchRun.RunLine($"-p {stub.Port} -c 1 --threads 1 --qps=0 {options}").Good();
        return [.. stub.Record.Requests];
    }
}

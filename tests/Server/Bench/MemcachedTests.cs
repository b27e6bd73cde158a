using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server.Bench;

/// <summary>memcached's text protocol, against memcached: what it counted and holds is what was to be sent.</summary>
public sealed partial class MemcachedTests : IDisposable
{
    private readonly ServerProcess _server = ServerProcess.Memcached();

    public void Dispose() => _server.Dispose();

    [Fact]
    public void SetsAndGetsComeInTheirRatio()
    {
        BenchResult result = Run("-n 1000 -c 4 --threads 2 --ratio 1:3").Good();
        Assert.Equal(8000, result.Replies);
        Assert.Equal(result.Reads, Stat("cmd_get"));
        Assert.Equal(8000, Stat("cmd_set") + Stat("cmd_get"));
        Assert.InRange(Stat("cmd_set"), 1800, 2200);
        Assert.Equal(result.Hits, Stat("get_hits"));
    }

    [Fact]
    public void HitsAreWhatWasWritten()
    {
        Run("-n 50 -c 2 --threads 1 --ratio 1:0 --key_dist S --key_maximum 99").Good();
        Assert.Equal(100, Stat("curr_items"));
        BenchResult result = Run("-n 1000 -c 2 --threads 1 --ratio 0:1 --key_dist S --key_maximum 199").Good();
        Assert.Equal((2000, 1000), (result.Reads, result.Hits));
    }

    [Theory]
    [InlineData("")]
    [InlineData("--pipeline 20")]
    [InlineData("--window 20")]
    [InlineData("--noreply")]
    [InlineData("--noreply --pipeline 20")]
    [InlineData("--nogreet")]
    public void EveryValueArrivesWhole(string options)
    {
        BenchResult result = Run($"-n 100 -c 2 --threads 1 --ratio 1:0 --key_dist S --key_maximum 199 -d 100 {options}").Good();
        Assert.Equal(200, result.Replies);
        Assert.True(BadInputTests.WaitUntil(() => Stat("cmd_set") == 200));
        Assert.Equal(200, Stat("curr_items"));
        string[] values = [.. Enumerable.Range(0, 200).Select(Read)];
        Assert.All(values, value => Assert.Equal(100, value.Length));
        Assert.Equal(200, values.Distinct().Count());
        Assert.All(values, value => Assert.All(value, letter => Assert.InRange(letter, '0', 'o')));
    }

    [Fact]
    public void WithoutRepliesReadsAreStillAnswered()
    {
        Run("-n 100 -c 2 --threads 1 --ratio 1:0 --key_dist S --key_maximum 199").Good();
        BenchResult result = Run("-n 3000 -c 2 --threads 2 --ratio 1:1 --key_maximum 199 --noreply").Good();
        Assert.Equal(12_000, result.Replies);
        Assert.Equal(result.Reads, result.Hits);
        Assert.Equal(result.Reads, Stat("cmd_get"));
    }

    [Fact]
    public void ValuesHaveAllSizesOfTheirRange()
    {
        Run("-n 2000 -c 1 --threads 1 --ratio 1:0 --key_dist S --key_maximum 1999 -d 5:9").Good();
        int[] lengths = [.. Enumerable.Range(0, 2000).Select(key => Read(key).Length)];
        Assert.Equal([5, 6, 7, 8, 9], lengths.Distinct().Order());
        Assert.All(lengths.GroupBy(length => length), group => Assert.InRange(group.Count(), 300, 500));
    }

    [Theory]
    [InlineData("-d 0:5000 --ascii=false")]
    [InlineData("-d 300000:400000")]
    public void ValuesAreVerified(string options)
    {
        const string Common = "-c 2 --threads 1 --verify --key_maximum 99";
        Run($"{Common} -n 50 --ratio 1:0 --key_dist S {options}").Good();
        BenchResult result = Run($"{Common} -n 200 --ratio 0:1 {options}").Good();
        Assert.Equal((400, 400), (result.Reads, result.Hits));
        using RespClient client = _server.Connect();
        client.SendRaw("set key:7 0 0 3\r\nbad\r\n"u8);
        Assert.Equal("STORED", client.ReadLine());
        result = Run($"{Common} -n 200 --ratio 0:1 {options}");
        Assert.Equal(1, result.ExitCode);
        const string Expected = "VERIFY the value of key:7 has 3 bytes";
        Assert.Contains(result.ErrorTexts.Keys, text => text.StartsWith(Expected, StringComparison.Ordinal));
        Assert.All(result.ErrorTexts.Keys, text => Assert.Contains(" key:7 ", text, StringComparison.Ordinal));
    }

    [Fact]
    public void ErrorsAreCountedByTheirText()
    {
        BenchResult result = Run($"-n 10 -c 1 --threads 1 --ratio 0:1 --key_prefix {new string('x', 300)}");
        Assert.Equal(1, result.ExitCode);
        (string text, long count) = Assert.Single(result.ErrorTexts);
        Assert.Equal(10, count);
        Assert.StartsWith("CLIENT_ERROR", text, StringComparison.Ordinal);
    }

    private BenchResult Run(string options) => BenchRun.RunLine($"-P memcache_text -p {_server.Port} --qps=0 {options}");

    /// <summary>The value of a key, by a plain socket.</summary>
    private string Read(int key)
    {
        using RespClient client = _server.Connect();
        client.SendRaw(Encoding.ASCII.GetBytes($"get key:{key}\r\n"));
        string header = client.ReadLine();
        Match match = ValueHeader().Match(header);
        Assert.True(match.Success, $"key:{key}: '{header}'");
        int length = int.Parse(match.Groups["length"].ValueSpan, CultureInfo.InvariantCulture);
        string value = client.ReadLine();
        Assert.Equal(length, value.Length);
        Assert.Equal("END", client.ReadLine());
        return value;
    }

    private long Stat(string name)
    {
        using RespClient client = _server.Connect();
        client.SendRaw("stats\r\n"u8);
        long found = -1;
        for (string line = client.ReadLine(); line != "END"; line = client.ReadLine())
        {
            if (line.StartsWith($"STAT {name} ", StringComparison.Ordinal))
                found = long.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture);
        }

        return found;
    }

    [GeneratedRegex(@"^VALUE key:\d+ 0 (?<length>\d+)$")]
    private static partial Regex ValueHeader();
}

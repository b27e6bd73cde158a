using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server.Differential;

/// <summary>
/// Every reply equals Valkey's, errors included: random commands, right and wrong ones, sent to both. The number per
/// family and protocol is ANAX_DIFFERENTIAL, short by default.
/// </summary>
public sealed class DifferentialTests
{
    private static int Commands { get; } = DifferentialRuns.Commands(4000);

    public static TheoryData<string, int, int> Runs() => DifferentialRuns.Of(
        nameof(Families.Strings), nameof(Families.Bitmap), nameof(Families.HyperLogLog), nameof(Families.Keys), nameof(Families.Hashes),
        nameof(Families.Sets), nameof(Families.SortedSets), nameof(Families.LargeSortedSets), nameof(Families.Geo), nameof(Families.Lists),
        nameof(Families.Sorts), nameof(Families.Streams), nameof(Families.Connection), nameof(Families.Server), nameof(Families.PubSub));

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Runs))]
    public void EveryReplyEqualsValkeys(string family, int shards, int resp)
    {
        using ServerProcess anax = ServerProcess.Anax("--proactor_threads", $"{shards}");
        using ServerProcess valkey = ServerProcess.Valkey();
        using RespClient left = anax.Connect(), right = valkey.Connect();
        left.Call("HELLO", $"{resp}");
        right.Call("HELLO", $"{resp}");

        var comparison = new Comparison(left, right, TemplatesOf(family), TestEnvironment.Seed);
        comparison.Run(Commands);

        Assert.True(comparison.Differences.Count == 0, $"{comparison.Differences.Count} differences\n{string.Join('\n', comparison.Differences)}");
    }

    [Theory]
    [InlineData(nameof(Families.Strings), 1)]
    [InlineData(nameof(Families.Strings), 4)]
    [InlineData(nameof(Families.Bitmap), 1)]
    [InlineData(nameof(Families.Bitmap), 4)]
    [InlineData(nameof(Families.HyperLogLog), 1)]
    [InlineData(nameof(Families.HyperLogLog), 4)]
    [InlineData(nameof(Families.Lists), 1)]
    [InlineData(nameof(Families.Lists), 4)]
    [InlineData(nameof(Families.Keys), 1)]
    [InlineData(nameof(Families.Keys), 4)]
    [InlineData(nameof(Families.Hashes), 1)]
    [InlineData(nameof(Families.Hashes), 4)]
    [InlineData(nameof(Families.SortedSets), 1)]
    [InlineData(nameof(Families.SortedSets), 4)]
    [InlineData(nameof(Families.Sets), 1)]
    [InlineData(nameof(Families.Sets), 4)]
    [InlineData(nameof(Families.Streams), 1)]
    [InlineData(nameof(Families.Streams), 4)]
    public void EveryKeyspaceEventEqualsValkeys(string family, int shards)
    {
        using ServerProcess anax = ServerProcess.Anax("--proactor_threads", $"{shards}", "--enable-debug-command", "yes");
        using ServerProcess valkey = ServerProcess.Valkey("--enable-debug-command", "yes");
        using RespClient left = anax.Connect(), right = valkey.Connect();

        // The events of one command over several shards come in no order.
        var comparison = new EventComparison(left, right, inOrder: shards == 1, TestEnvironment.Seed);
        comparison.Run(TemplatesOf(family), Commands / 2);

        Assert.True(comparison.Differences.Count == 0, $"{comparison.Differences.Count} differences\n{string.Join('\n', comparison.Differences)}");
        Assert.True(comparison.Messages > Commands / 4, $"only {comparison.Messages} messages");
    }

    [Fact]
    public void APlantedWrongErrorTextIsReported()
    {
        using ServerProcess anax = ServerProcess.Anax("--proactor_threads", "1");
        using ServerProcess valkey = ServerProcess.Valkey();
        using var planted = new RewritingProxy(anax.Port, "value is not an integer", "value is no whole number");
        using RespClient left = new(planted.Port), right = valkey.Connect();

        var comparison = new Comparison(left, right, Families.Strings, TestEnvironment.Seed);
        comparison.Run(2000);

        Assert.Contains(comparison.Differences, d => d.Contains("value is no whole number", StringComparison.Ordinal));
    }

    private static string[] TemplatesOf(string family) => family switch
    {
        nameof(Families.Strings) => Families.Strings,
        nameof(Families.Bitmap) => Families.Bitmap,
        nameof(Families.HyperLogLog) => Families.HyperLogLog,
        nameof(Families.Keys) => Families.Keys,
        nameof(Families.Hashes) => Families.Hashes,
        nameof(Families.SortedSets) => Families.SortedSets,
        nameof(Families.LargeSortedSets) => Families.LargeSortedSets,
        nameof(Families.Geo) => Families.Geo,
        nameof(Families.Sets) => Families.Sets,
        nameof(Families.Connection) => Families.Connection,
        nameof(Families.PubSub) => Families.PubSub,
        nameof(Families.Lists) => Families.Lists,
        nameof(Families.Sorts) => Families.Sorts,
        nameof(Families.Streams) => Families.Streams,
        _ => Families.Server,
    };
}

using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server.Differential;

/// <summary>Both ways: what one server dumps the other one restores, and both dump the same.</summary>
public sealed class DumpDifferentialTests
{
    public static TheoryData<string, int, int> Runs() => DifferentialRuns.Of("Dumps");

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Runs))]
    public void DumpsAreTheSameAndAreRestoredByBoth(string family, int shards, int resp)
    {
        _ = family;
        int commands = DifferentialRuns.Commands(4000);
        using ServerProcess anax = ServerProcess.Anax("--proactor_threads", $"{shards}", "--enable-debug-command", "yes");
        using ServerProcess valkey = ServerProcess.Valkey("--enable-debug-command", "yes");
        using RespClient left = anax.Connect(), right = valkey.Connect();
        left.Call("HELLO", $"{resp}");
        right.Call("HELLO", $"{resp}");
        // When the sweep meets what has expired is each server's own affair.
        left.Call("DEBUG", "SET-ACTIVE-EXPIRE", "0");
        right.Call("DEBUG", "SET-ACTIVE-EXPIRE", "0");

        var comparison = new DumpComparison(left, right, TestEnvironment.Seed);
        comparison.Run(commands);

        Assert.True(comparison.Differences.Count == 0, $"{comparison.Differences.Count} differences\n{string.Join('\n', comparison.Differences)}");
        Assert.True(comparison.Dumped > commands / 100, $"only {comparison.Dumped} dumps were compared");
        Assert.True(comparison.Restored > commands / 100, $"only {comparison.Restored} values were restored");
    }
}

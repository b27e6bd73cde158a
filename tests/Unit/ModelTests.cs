using System.Globalization;
using Anax.Tests.Fuzz;
using Xunit;

namespace Anax.Tests.Unit;

/// <summary>
/// A million commands, family by family, against the naive models of tests/Fuzz/Models. A failure names its round's seed: ANAX_SEED
/// repeats it, and ./build fuzz models goes on for longer.
/// </summary>
public sealed class ModelTests
{
    private const int Operations = 1_000_000, RoundOperations = 2500;

    private static readonly int[] Shards = [1, 3];

    public static TheoryData<string, int> Runs()
    {
        var runs = new TheoryData<string, int>();
        foreach (string family in ModelFuzzer.Families)
            foreach (int shards in Shards)
                runs.Add(family, shards);
        return runs;
    }

    [Theory]
    [MemberData(nameof(Runs))]
    public void CommandsDoWhatTheModelDoes(string family, int shards)
    {
        bool isGiven = int.TryParse(Environment.GetEnvironmentVariable("ANAX_SEED"), NumberStyles.Integer, CultureInfo.InvariantCulture, out int seed);
        int share = Operations / (ModelFuzzer.Families.Count * Shards.Length);
        int rounds = isGiven ? 1 : (share + RoundOperations - 1) / RoundOperations;
        if (!isGiven) seed = Random.Shared.Next();
        ModelFuzzer.Play(family, shards, seed, rounds, RoundOperations);
    }
}

using Anax.Tests.Fuzz.Models;

namespace Anax.Tests.Fuzz;

/// <summary>Commands of every family against naive models, on one shard and on three.</summary>
public sealed class ModelFuzzer : IFuzzRounds
{
    private const int Operations = 2500;

    private readonly Dictionary<(string, int), ModelRun> _runs = [];

    /// <summary>The families of commands that have a model.</summary>
    public static IReadOnlyCollection<string> Families => [.. ModelRun.Families.Keys];

    /// <summary>So many rounds of one family on a server of so many shards, from seeds that follow each other.</summary>
    public static void Play(string family, int shards, int seed, int rounds, int operations)
    {
        using var run = new ModelRun(family, shards);
        for (int round = 0; round < rounds; round++) run.Round(unchecked(seed + round), operations);
    }

    public void Round(Random random)
    {
        string name = ModelRun.Families.Keys.ElementAt(random.Next(ModelRun.Families.Count));
        int shards = random.Next(2) == 0 ? 1 : 3;
        if (!_runs.TryGetValue((name, shards), out ModelRun? run)) _runs.Add((name, shards), run = new ModelRun(name, shards));
        run.Round(random.Next(), Operations);
    }

    public void Dispose()
    {
        foreach (ModelRun run in _runs.Values) run.Dispose();
    }
}

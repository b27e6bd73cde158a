using System.Globalization;
using Anax.Tests.Server.Harness;
using Xunit;

namespace Anax.Tests.Server.Differential;

/// <summary>
/// What a comparison runs over: ANAX_DIFFERENTIAL is the number of commands per family, shards and protocol; ANAX_FAMILY
/// leaves out all other families.
/// </summary>
internal static class DifferentialRuns
{
    private static string? Family { get; } = Environment.GetEnvironmentVariable("ANAX_FAMILY");

    public static int Commands(int byDefault) => Environment.GetEnvironmentVariable("ANAX_DIFFERENTIAL") is { Length: > 0 } given
        ? int.Parse(given, CultureInfo.InvariantCulture)
        : byDefault;

    /// <summary>
    /// The seed of short runs over several clients, unless one is given: some scripts end Valkey itself. Long runs take another
    /// one each time.
    /// </summary>
    public static int SessionSeed { get; } = IsLong || Environment.GetEnvironmentVariable("ANAX_SEED") is { Length: > 0 } ? TestEnvironment.Seed : 1001;

    private static bool IsLong => Environment.GetEnvironmentVariable("ANAX_DIFFERENTIAL") is { Length: > 0 };

    public static TheoryData<string, int, int> Of(params string[] families)
    {
        var runs = new TheoryData<string, int, int>();
        foreach (string family in families.Where(family => string.IsNullOrEmpty(Family) || family == Family))
            foreach (int shards in new[] { 1, 4 })
                foreach (int resp in new[] { 2, 3 })
                    runs.Add(family, shards, resp);
        return runs;
    }
}

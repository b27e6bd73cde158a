using System.Globalization;
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

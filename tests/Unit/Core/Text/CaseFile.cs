using System.Runtime.CompilerServices;

namespace Anax.Tests.Unit.Core.Text;

/// <summary>
/// Files of cases beside the tests, one per line with bars between the fields; the answers were given by C's
/// long double and by the functions that Valkey 9.1 uses.
/// </summary>
internal static class CaseFile
{
    public static IEnumerable<string[]> Read(string name, [CallerFilePath] string test = "") =>
        File.ReadLines(Path.Combine(Path.GetDirectoryName(test)!, "Cases", name))
            .Select(line => line.Split('|'));
}

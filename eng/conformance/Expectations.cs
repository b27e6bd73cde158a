namespace Anax.Conformance;

/// <summary>
/// The two lists in the repository: what passes (and may not fail again), and what fails because something is
/// not built yet, with the reason. A test of a listed unit that is in neither file must pass.
/// </summary>
internal sealed class Expectations
{
    private readonly string _passingPath;
    private readonly Dictionary<(string Unit, string Test), string> _failures = [];
    private readonly HashSet<(string Unit, string Test)> _passing = [];

    public Expectations(string folder)
    {
        _passingPath = Path.Combine(folder, "passing.tsv");
        foreach (string[] row in Rows(_passingPath))
            _passing.Add((row[0], row[1]));
        foreach (string[] row in Rows(Path.Combine(folder, "expected-failures.tsv")))
            _failures.Add((row[0], row[1]), row[2]);
    }

    public IEnumerable<string> Passing(string unit) =>
        _passing.Where(t => t.Unit == unit).Select(t => t.Test);

    public IEnumerable<string> Failing(string unit) =>
        _failures.Keys.Where(t => t.Unit == unit).Select(t => t.Test);

    /// <summary>What the daily run leaves out: all that fails, but for what later tests build on ("kept").</summary>
    public IEnumerable<string> LeftOut(string unit) => Failing(unit).Where(t => !IsKept(unit, t));

    public bool IsKept(string unit, string test) =>
        Reason(unit, test)?.StartsWith("kept: ", StringComparison.Ordinal) ?? false;

    public bool IsPassing(string unit, string test) => _passing.Contains((unit, test));

    public string? Reason(string unit, string test) => _failures.GetValueOrDefault((unit, test));

    /// <summary>
    /// Writes down that exactly these tests of these units pass; other units keep their rows.
    /// </summary>
    public void Accept(IReadOnlyCollection<UnitReport> reports)
    {
        _passing.RemoveWhere(t => reports.Any(r => r.Unit.Name == t.Unit));
        foreach (var report in reports)
        {
            foreach (var test in report.Tests.Where(t => t.State == TestState.Passed))
                _passing.Add((report.Unit.Name, test.Name));
        }
        var rows = _passing.Select(t => $"{t.Unit}\t{t.Test}").Order(StringComparer.Ordinal);
        const string Header = "# What passes of Valkey 9.1's suite; ./build conformance --accept writes it.";
        File.WriteAllLines(_passingPath, [Header, .. rows]);
    }

    private static IEnumerable<string[]> Rows(string path) =>
        File.Exists(path)
            ? File.ReadLines(path).Where(l => l.Length > 0 && l[0] != '#').Select(l => l.Split('\t'))
            : [];
}

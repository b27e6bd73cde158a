using System.Text.RegularExpressions;

namespace Anax.Conformance;

internal enum TestState { Passed, Failed, Skipped }

internal sealed record TestResult(string Name, TestState State, string Detail);

/// <summary>
/// Reads what the suite prints. A test whose name occurs again gets " (2)", " (3)" … behind it, so every one
/// is counted.
/// </summary>
internal sealed partial class SuiteOutput
{
    private readonly Dictionary<string, int> _occurrences = [];
    private readonly List<string> _failure = [];

    public List<TestResult> Tests { get; } = [];

    /// <summary>What broke outside of a test, and took the tests behind it along.</summary>
    public List<string> Breaks { get; } = [];

    /// <summary>The test that ran when the suite gave up waiting.</summary>
    public string? Stuck { get; private set; }

    public bool IsComplete { get; private set; }

    public static SuiteOutput Parse(IEnumerable<string> lines)
    {
        var output = new SuiteOutput();
        foreach (string line in lines)
            output.Read(line);
        output.EndFailure();
        return output;
    }

    private void Read(string line)
    {
        var status = Status().Match(line);
        if (!status.Success)
        {
            if (InProgress().Match(line) is { Success: true } stuck)
                Stuck = stuck.Groups[1].Value;
            else if (_failure.Count > 0)
                _failure.Add(line);
            return;
        }

        EndFailure();
        string text = status.Groups[2].Value;
        switch (status.Groups[1].Value)
        {
            case "ok":
                Add(Elapsed().Replace(text, ""), TestState.Passed, "");
                break;
            case "skip":
                Add(Place().Split(text)[0], TestState.Skipped, "skipped");
                break;
            case "ignore":
                Ignore(text);
                break;
            case "err" or "exception":
                _failure.Add(text);
                break;
            case "done":
                IsComplete = true;
                break;
        }
    }

    /// <summary>
    /// A test with a refused tag is named; for a whole block of tests there is only the reason.
    /// </summary>
    private void Ignore(string text)
    {
        var named = Ignored().Match(text);
        if (named.Success)
            Add(named.Groups[1].Value, TestState.Skipped, named.Groups[2].Value);
    }

    private void EndFailure()
    {
        if (_failure.Count == 0)
            return;
        string[] parts = Place().Split(_failure[0], 2);
        string detail = string.Join('\n', _failure.Skip(1).TakeWhile(l => l.Length > 0)).Trim();
        if (parts.Length == 2)
            Add(parts[0], TestState.Failed, detail);
        else
            Breaks.Add((_failure[0] + "\n" + detail).Trim());
        _failure.Clear();
    }

    private void Add(string name, TestState state, string detail)
    {
        int count = _occurrences[name] = _occurrences.GetValueOrDefault(name) + 1;
        Tests.Add(new TestResult(count == 1 ? name : $"{name} ({count})", state, detail));
    }

    [GeneratedRegex(@"^\[(?:\d+/\d+ )?(ok|err|skip|ignore|exception|done|TIMEOUT|ready)\]: (.*)$")]
    private static partial Regex Status();

    [GeneratedRegex(@" \(\d+ ms\)$")]
    private static partial Regex Elapsed();

    [GeneratedRegex(@" in tests/\S+\.tcl\b")]
    private static partial Regex Place();

    [GeneratedRegex(@"^(.+): (Tag: .*|.* flag not provided|Not supported .*|.* not available .*)$")]
    private static partial Regex Ignored();

    [GeneratedRegex(@"=> \(IN PROGRESS\) (.*)$")]
    private static partial Regex InProgress();
}

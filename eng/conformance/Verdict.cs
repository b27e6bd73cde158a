namespace Anax.Conformance;

/// <summary>
/// What a run means against the lists: passed, failed as expected, skipped by the suite itself, or a failure.
/// </summary>
internal sealed class Verdict
{
    public int Passed { get; private set; }
    public int Expected { get; private set; }
    public int Skipped { get; private set; }
    public List<string> Failures { get; } = [];

    /// <summary>Tests that are listed as failing and pass: their rows can go.</summary>
    public List<string> Surprises { get; } = [];

    public static Verdict Of(UnitReport report, Expectations expectations, bool isCi)
    {
        var verdict = new Verdict();
        string unit = report.Unit.Name;
        var seen = new HashSet<string>();
        foreach (var test in report.Tests)
        {
            seen.Add(test.Name);
            string? reason = expectations.Reason(unit, test.Name);
            if (test.State == TestState.Passed)
            {
                verdict.Passed++;
                if (reason is not null && !expectations.IsKept(unit, test.Name))
                    verdict.Surprises.Add(test.Name);
            }
            else if (reason is not null)
            {
                verdict.Expected++;
            }
            else if (test.State == TestState.Skipped && !expectations.IsPassing(unit, test.Name))
            {
                verdict.Skipped++;
            }
            else
            {
                verdict.Failures.Add($"{test.Name}\n{test.Detail}");
            }
        }
        foreach (string name in expectations.Passing(unit).Where(n => !seen.Contains(n)))
            verdict.Failures.Add($"{name}\ndid not run");
        if (!isCi)
            verdict.Expected += expectations.Failing(unit).Count(n => !seen.Contains(n));
        if (report.Tests.Count == 0)
            verdict.Failures.Add("(no test ran)");
        return verdict;
    }

    public void Add(Verdict other)
    {
        Passed += other.Passed;
        Expected += other.Expected;
        Skipped += other.Skipped;
        Failures.AddRange(other.Failures);
    }

    public void Print(UnitReport report, bool isVerbose)
    {
        Console.WriteLine(
            $"{report.Unit.Name,-24}{Passed,4} passed{Failures.Count,4} failed{Expected,4} expected to fail"
            + $"{Skipped,4} skipped  {report.Elapsed.TotalSeconds,4:F0} s");
        foreach (string failure in Failures)
            Console.WriteLine($"  FAILED  {Indented(failure, isVerbose)}");
        foreach (string name in Surprises)
            Console.WriteLine($"  passes now, though listed as failing: {name}");
        foreach (string text in report.Breaks)
            Console.WriteLine($"  outside of a test: {Indented(text, isVerbose)}");
        Console.Out.Flush();
    }

    public int PrintTotal()
    {
        Console.WriteLine($"{Expected} expected to fail, {Skipped} skipped by the suite");
        Console.WriteLine($"{Passed} passed, {Failures.Count} failed");
        return Failures.Count == 0 && Passed > 0 ? 0 : 1;
    }

    private static string Indented(string text, bool isVerbose)
    {
        string[] lines = text.Split('\n');
        return string.Join("\n          ", isVerbose ? lines : lines.Take(3));
    }
}

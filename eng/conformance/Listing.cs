namespace Anax.Conformance;

/// <summary>Prints the two lists for a reader: how much of each unit passes, and why the rest does not.</summary>
internal static class Listing
{
    public static int Print(Expectations expectations)
    {
        foreach (var unit in SuiteUnit.All)
        {
            string[] failing = [.. expectations.Failing(unit.Name)];
            Console.WriteLine($"{unit.Name,-24}{expectations.Passing(unit.Name).Count(),4} pass{failing.Length,4} fail");
            var reasons = failing.GroupBy(t => expectations.Reason(unit.Name, t)).OrderByDescending(g => g.Count());
            foreach (var reason in reasons)
                Console.WriteLine($"  {reason.Count(),4}  {reason.Key}");
        }
        return 0;
    }
}

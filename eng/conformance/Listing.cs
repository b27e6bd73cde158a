namespace Anax.Conformance;

/// <summary>
/// Prints the two lists for a reader: how much of each unit passes, and why the rest does not.
/// </summary>
internal static class Listing
{
    public static int Print(Expectations expectations)
    {
        foreach (var unit in SuiteUnit.All)
        {
            string[] failing = [.. expectations.Failing(unit.Name)];
            int passing = expectations.Passing(unit.Name).Count();
            Console.WriteLine($"{unit.Name,-24}{passing,4} pass{failing.Length,4} fail");
            var reasons = failing.GroupBy(t => expectations.Reason(unit.Name, t));
            foreach (var reason in reasons.OrderByDescending(g => g.Count()))
                Console.WriteLine($"  {reason.Count(),4}  {reason.Key}");
        }
        return 0;
    }
}

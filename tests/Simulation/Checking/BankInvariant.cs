using System.Globalization;

namespace Anax.Tests.Simulation.Checking;

/// <summary>Transfers move money and make none: whoever reads all accounts at once finds the total.</summary>
public static class BankInvariant
{
    public static Verdict Check(IReadOnlyList<Operation> history, IReadOnlyCollection<string> accounts, long total)
    {
        int full = 0;
        foreach (Operation operation in history.Where(operation => operation.Outcome == Outcome.Happened))
        {
            Dictionary<string, long> found = [];
            foreach (Step step in operation.Steps.Where(step => step.Verb is Verb.Get or Verb.MGet))
                for (int i = 0; i < step.Keys.Length; i++)
                    found[step.Keys[i]] = long.Parse(step.Result![i] ?? "0", CultureInfo.InvariantCulture);
            if (!accounts.All(found.ContainsKey)) continue;
            full++;
            long sum = accounts.Sum(account => found[account]);
            if (sum != total) return Verdict.Rejected($"{sum} in all accounts instead of {total}\n  {operation}");
        }
        return full > 0 ? Verdict.Accepted : Verdict.Undecided("nobody read all accounts");
    }
}

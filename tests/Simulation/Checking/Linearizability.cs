using System.Diagnostics;

namespace Anax.Tests.Simulation.Checking;

/// <summary>
/// Decides whether a history is linearizable: whether each operation can be given an instant within its interval such
/// that, executed in that order, all answers come out as recorded. Groups of keys that no operation spans are judged
/// one by one (Herlihy and Wing: linearizability is local), each by a <see cref="LinearizationSearch"/>.
/// </summary>
public static class Linearizability
{
    public static Verdict Check(IReadOnlyList<Operation> history, TimeSpan bound)
    {
        Stopwatch clock = Stopwatch.StartNew();
        foreach (Operation[] group in History.Split([.. history.Where(operation => operation.Outcome != Outcome.Aborted)]))
        {
            Verdict verdict = new LinearizationSearch(group).Run(bound - clock.Elapsed);
            if (!verdict.IsAccepted) return verdict;
        }
        return Verdict.Accepted;
    }
}

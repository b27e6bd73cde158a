using Anax.Tests.Simulation.Checking;

namespace Anax.Tests.Simulation.CheckingTests;

/// <summary>
/// Tries every order that real time and the clients' own order allow, over all keys at once. It shares nothing with the
/// checkers but the store, and is good for a handful of operations.
/// </summary>
internal sealed class BruteForce
{
    private readonly Operation[] _operations;
    private readonly Store _store;

    private BruteForce(IEnumerable<Operation> history)
    {
        _operations = [.. history.Where(operation => operation.Outcome != Outcome.Aborted)];
        _store = new Store(_operations.SelectMany(operation => operation.Keys));
    }

    internal static bool Accepts(IEnumerable<Operation> history)
    {
        BruteForce search = new(history);
        return search.CanFinish([.. search._operations], search._store.Empty());
    }

    private bool CanFinish(List<Operation> left, string?[] state)
    {
        if (left.TrueForAll(operation => operation.Outcome == Outcome.Unknown)) return true;
        foreach (Operation next in left)
        {
            if (left.Exists(other => MustComeBefore(other, next))) continue;
            string?[] after = (string?[])state.Clone();
            if (Answers(after, next) && CanFinish([.. left.Where(other => other != next)], after)) return true;
        }
        return false;
    }

    private static bool MustComeBefore(Operation one, Operation other) =>
        one != other && (one.Returned < other.Invoked
            || one.Client == other.Client && one.Sequence < other.Sequence && one.Keys.Intersect(other.Keys).Any());

    private bool Answers(string?[] state, Operation operation)
    {
        foreach (Step step in operation.Steps)
        {
            string?[] answer = _store.Execute(state, step);
            if (step.Result is { } result && !answer.SequenceEqual(result)) return false;
        }
        return true;
    }
}

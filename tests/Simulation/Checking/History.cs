namespace Anax.Tests.Simulation.Checking;

/// <summary>What all clients did, cut into the parts that have no key in common; and how much of it was concurrent.</summary>
public static class History
{
    /// <summary>
    /// Groups of operations such that no operation spans two. Each can be judged alone: a history is linearizable when
    /// its parts on distinct objects are. Where every operation has one key, a group is what happened to that key.
    /// </summary>
    public static IReadOnlyList<Operation[]> Split(IReadOnlyList<Operation> history)
    {
        Dictionary<string, string> parents = [];
        foreach (Operation operation in history)
        {
            string? first = null;
            foreach (string key in operation.Keys)
            {
                parents.TryAdd(key, key);
                if (first is not null) parents[Root(key)] = Root(first);
                first = key;
            }
        }
        return [.. history.GroupBy(operation => Root(operation.Keys.First())).Select(group => group.ToArray())];

        string Root(string key)
        {
            while (parents[key] != key) key = parents[key] = parents[parents[key]];
            return key;
        }
    }

    /// <summary>The share of operations that overlap another client's operation on a key of theirs.</summary>
    public static double Overlap(IReadOnlyList<Operation> history)
    {
        HashSet<Operation> overlapping = new(ReferenceEqualityComparer.Instance);
        var byKey = history.SelectMany(operation => operation.Keys.Select(key => (key, operation))).GroupBy(pair => pair.key, pair => pair.operation);
        foreach (IEnumerable<Operation> onKey in byKey) MarkOverlapping([.. onKey.OrderBy(operation => operation.Invoked)], overlapping);
        return history.Count == 0 ? 0 : (double)overlapping.Count / history.Count;
    }

    private static void MarkOverlapping(Operation[] byInvocation, HashSet<Operation> overlapping)
    {
        List<Operation> open = [];
        foreach (Operation operation in byInvocation)
        {
            open.RemoveAll(other => other.Returned < operation.Invoked);
            foreach (Operation other in open)
            {
                if (other.Client == operation.Client) continue;
                overlapping.Add(other);
                overlapping.Add(operation);
            }
            open.Add(operation);
        }
    }
}

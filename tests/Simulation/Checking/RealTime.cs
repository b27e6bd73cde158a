namespace Anax.Tests.Simulation.Checking;

/// <summary>
/// Who had returned before who began. Of that order, which is quadratic in size, only the edges that follow from no
/// others: from each transaction to those that began after it, but before one that began after it had returned.
/// </summary>
internal static class RealTime
{
    /// <summary>Adds them, in a sweep that keeps the last to return that are concurrent with each other.</summary>
    internal static void AddTo(TransactionGraph graph, IReadOnlyList<Operation> operations, IReadOnlySet<int> nodes)
    {
        List<(long Time, bool IsReturn, int Node)> events = [];
        foreach (int node in nodes)
        {
            events.Add((operations[node].Invoked, false, node));
            if (operations[node].Returned != Operation.Never) events.Add((operations[node].Returned, true, node));
        }
        // What begins as another ends is concurrent with it, so beginnings stand first.
        events.Sort();
        List<int> frontier = [];
        foreach ((_, bool isReturn, int node) in events)
        {
            if (isReturn)
            {
                frontier.RemoveAll(other => operations[other].Returned < operations[node].Invoked);
                frontier.Add(node);
                continue;
            }
            foreach (int other in frontier) graph.Add(other, node, EdgeKinds.RealTime);
        }
    }
}

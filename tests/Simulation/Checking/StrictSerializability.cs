namespace Anax.Tests.Simulation.Checking;

/// <summary>
/// Decides whether a history of transactions over any keys is strictly serializable, after the manner of Elle
/// (Kingsbury and Alvaro, VLDB 2020): who read what whom wrote, whose version replaced whose, and who had returned before who
/// began make a graph, and a cycle in it is a proof that no serial order explains the history. What it rejects is wrong;
/// a history that is wrong without such a cycle, which takes several unordered blind writes, may pass.
/// </summary>
public static class StrictSerializability
{
    private const EdgeKinds Data = EdgeKinds.WriteWrite | EdgeKinds.WriteRead | EdgeKinds.ReadWrite | EdgeKinds.Inferred;
    private const EdgeKinds Order = EdgeKinds.RealTime | EdgeKinds.ClientOrder;
    private const int ProblemsMax = 3;

    /// <summary>From the plainest to the subtlest: the first that has a cycle names the anomaly.</summary>
    private static readonly EdgeKinds[] Sets =
    [
        EdgeKinds.WriteWrite, EdgeKinds.WriteWrite | EdgeKinds.WriteRead, Data & ~EdgeKinds.Inferred, Data,
        EdgeKinds.WriteWrite | Order, EdgeKinds.WriteWrite | EdgeKinds.WriteRead | Order, Data | Order,
    ];

    public static Verdict Check(IReadOnlyList<Operation> operations)
    {
        TransactionReader history = new(operations);
        if (history.Problems.Count != 0) return Verdict.Rejected(string.Join('\n', history.Problems.Take(ProblemsMax)));
        TransactionGraph graph = new(operations.Count);
        AddReads(graph, history);
        foreach (ListKey list in history.Lists.Values) AddList(graph, history, list);
        VersionInference inference = new(graph, history);

        // Without real time first: what has a cycle then is not even serializable.
        Verdict verdict = Decide(graph, inference, history, isInTime: false);
        if (!verdict.IsAccepted) return verdict;
        RealTime.AddTo(graph, operations, history.Happened);
        AddClientOrder(graph, history);
        return Decide(graph, inference, history, isInTime: true);
    }

    private static Verdict Decide(TransactionGraph graph, VersionInference inference, TransactionReader history, bool isInTime)
    {
        do
        {
            if (FindCycle() is { } words) return Verdict.Rejected(words);
            if (inference.TryInferLater() && FindCycle() is { } later) return Verdict.Rejected(later);
        }
        while (inference.TryInferEarlier());
        return Verdict.Accepted;

        string? FindCycle()
        {
            foreach (EdgeKinds kinds in Sets)
                if (graph.FindCycle(kinds) is { } cycle) return new CycleStory(cycle, graph, history).Words(isInTime);
            return null;
        }
    }

    private static void AddReads(TransactionGraph graph, TransactionReader history)
    {
        foreach (int reader in history.Happened)
        {
            foreach (Access access in history.Accesses[reader].Values.Where(access => access.HasRead))
            {
                int writer = history.WriterOf(access.Key, access.Read);
                if (writer >= 0) graph.Add(writer, reader, EdgeKinds.WriteRead, access.Key);
            }
        }
    }

    /// <summary>A list's versions have an order that all can see: each replaces the one before, and comes after its readers.</summary>
    private static void AddList(TransactionGraph graph, TransactionReader history, ListKey list)
    {
        string[] order = [.. list.Order];
        Dictionary<string, int> places = [];
        for (int i = 0; i < order.Length; i++)
        {
            places[order[i]] = i;
            if (i > 0) graph.Add(history.WriterOf(list.Name, order[i - 1]), history.WriterOf(list.Name, order[i]), EdgeKinds.WriteWrite, list.Name);
        }
        foreach (int reader in history.Happened)
        {
            if (!history.Accesses[reader].TryGetValue(list.Name, out Access? access) || !access.HasRead) continue;
            int next = access.Read is null ? 0 : places[access.Read] + 1;
            if (next < order.Length) graph.Add(reader, history.WriterOf(list.Name, order[next]), EdgeKinds.ReadWrite, list.Name);
        }
    }

    private static void AddClientOrder(TransactionGraph graph, TransactionReader history)
    {
        Dictionary<(int Client, string Key), int> last = [];
        foreach (int i in history.Happened.OrderBy(i => history.Operations[i].Sequence))
        {
            foreach (string key in history.Accesses[i].Keys)
            {
                var place = (history.Operations[i].Client, key);
                if (last.TryGetValue(place, out int before)) graph.Add(before, i, EdgeKinds.ClientOrder, key);
                last[place] = i;
            }
        }
    }
}

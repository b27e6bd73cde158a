using System.Numerics;

namespace Anax.Tests.Simulation.Checking;

/// <summary>Why one transaction comes before another.</summary>
[Flags]
public enum EdgeKinds
{
    WriteWrite = 1,
    WriteRead = 2,

    /// <summary>An anti-dependency: it read what the other one then replaced.</summary>
    ReadWrite = 4,
    RealTime = 8,

    /// <summary>The same client sent it before, and both are about one key.</summary>
    ClientOrder = 16,

    /// <summary>A write before another one, because a third transaction, which came after the first, read the second.</summary>
    Inferred = 32,
}

/// <summary>
/// One transaction comes before another, because of what they did to a key (empty for real time). <see cref="Via"/> is
/// the third from which that was inferred, or -1; edges with lower numbers are what it was inferred from.
/// </summary>
internal readonly record struct Edge(int Number, int From, int To, EdgeKinds Kind, string Key, int Via);

/// <summary>Transactions and their order. A cycle says that no serial order explains the history.</summary>
internal sealed class TransactionGraph(int count)
{
    private const int StartsMax = 400;

    private readonly List<Edge>[] _out = [.. Enumerable.Range(0, count).Select(_ => new List<Edge>())];

    internal int Edges { get; private set; }

    internal void Add(int from, int to, EdgeKinds kind, string key = "", int via = -1)
    {
        if (from == to) return;
        _out[from].Add(new Edge(Edges, from, to, kind, key, via));
        Edges++;
    }

    /// <summary>The shortest cycle of edges of these kinds, or null.</summary>
    internal IReadOnlyList<Edge>? FindCycle(EdgeKinds kinds)
    {
        var (component, sizes) = Components(kinds);
        List<Edge>? best = null;
        int starts = 0;
        for (int node = 0; node < count && starts < StartsMax && best?.Count != 2; node++)
        {
            if (sizes[component[node]] == 1) continue;
            starts++;
            List<Edge> cycle = ShortestCycleFrom(node, kinds, component);
            if (best is null || cycle.Count < best.Count) best = cycle;
        }
        return best;
    }

    /// <summary>The shortest way along edges that are older than one: why that was inferred.</summary>
    internal IReadOnlyList<Edge> PathBefore(Edge inferred, int from, int to) => ShortestPath(from, to, edge => edge.Number < inferred.Number);

    /// <summary>An order in which every edge goes forward. There must be no cycle.</summary>
    internal int[] TopologicalOrder()
    {
        // Tarjan's algorithm numbers the last components first.
        var (component, _) = Components((EdgeKinds)~0);
        return [.. Enumerable.Range(0, count).OrderByDescending(node => component[node])];
    }

    /// <summary>For each node the set of those that come after it. There must be no cycle.</summary>
    internal ulong[][] Closure(int[] order)
    {
        int words = (count + 63) / 64;
        var after = new ulong[count][];
        for (int i = count - 1; i >= 0; i--)
        {
            int node = order[i];
            after[node] = new ulong[words];
            foreach (Edge edge in _out[node])
                if (!Has(after[node], edge.To)) Include(after, node, edge.To);
        }
        return after;
    }

    internal static bool Has(ulong[] set, int node) => (set[node >> 6] >> node & 1) != 0;

    /// <summary>Notes in a closure that a node, and all that comes after it, comes after another.</summary>
    internal static void Include(ulong[][] after, int node, int next)
    {
        ulong[] mine = after[node], theirs = after[next];
        int i = 0;
        for (; i <= mine.Length - Vector<ulong>.Count; i += Vector<ulong>.Count)
            (new Vector<ulong>(mine, i) | new Vector<ulong>(theirs, i)).CopyTo(mine, i);
        for (; i < mine.Length; i++) mine[i] |= theirs[i];
        mine[next >> 6] |= 1UL << next;
    }

    /// <summary>Tarjan's strongly connected components: each node's number, and how many nodes each has.</summary>
    private (int[] Component, List<int> Sizes) Components(EdgeKinds kinds)
    {
        var component = new int[count];
        var index = new int[count];
        var low = new int[count];
        var position = new int[count];
        Array.Fill(component, -1);
        List<int> sizes = [];
        Stack<int> open = [], path = [];
        int visited = 0;
        for (int root = 0; root < count; root++)
        {
            if (index[root] != 0) continue;
            Enter(root);
            while (path.TryPeek(out int node))
            {
                if (position[node] < _out[node].Count)
                {
                    Edge edge = _out[node][position[node]++];
                    if ((edge.Kind & kinds) == 0) continue;
                    if (index[edge.To] == 0) Enter(edge.To);
                    else if (component[edge.To] < 0) low[node] = Math.Min(low[node], index[edge.To]);
                    continue;
                }
                path.Pop();
                if (path.TryPeek(out int parent)) low[parent] = Math.Min(low[parent], low[node]);
                if (low[node] == index[node]) Close(node);
            }
        }
        return (component, sizes);

        void Enter(int node)
        {
            index[node] = low[node] = ++visited;
            open.Push(node);
            path.Push(node);
        }

        void Close(int node)
        {
            int size = 0, member;
            do
            {
                member = open.Pop();
                component[member] = sizes.Count;
                size++;
            }
            while (member != node);
            sizes.Add(size);
        }
    }

    private List<Edge> ShortestCycleFrom(int start, EdgeKinds kinds, int[] component)
    {
        return ShortestPath(start, start, edge => (edge.Kind & kinds) != 0 && component[edge.To] == component[start]);
    }

    private List<Edge> ShortestPath(int start, int end, Predicate<Edge> mayTake)
    {
        Dictionary<int, Edge> cameBy = [];
        Queue<int> queue = new([start]);
        while (queue.TryDequeue(out int node))
        {
            foreach (Edge edge in _out[node])
            {
                if (!mayTake(edge) || !cameBy.TryAdd(edge.To, edge)) continue;
                if (edge.To == end) return Unwind(start, end, cameBy);
                queue.Enqueue(edge.To);
            }
        }
        throw new InvalidOperationException("there is no such path");
    }

    private static List<Edge> Unwind(int start, int end, Dictionary<int, Edge> cameBy)
    {
        List<Edge> path = [];
        int node = end;
        do
        {
            path.Add(cameBy[node]);
            node = cameBy[node].From;
        }
        while (node != start);
        path.Reverse();
        return path;
    }
}

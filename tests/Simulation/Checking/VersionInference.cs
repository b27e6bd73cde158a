namespace Anax.Tests.Simulation.Checking;

/// <summary>
/// The order of versions of keys that are simply overwritten: nobody says it, but reads imply it. Let R have read what
/// W wrote, and let V have written the same key. V came before W or after R, never between. So if V comes before R it
/// comes before W, and if V comes after W it comes after R. What follows of that is added to the graph until
/// nothing does.
/// </summary>
internal sealed class VersionInference
{
    private readonly TransactionGraph _graph;
    private readonly List<(string Key, int[] Writers, (int Reader, int Writer)[] Reads)> _keys = [];

    internal VersionInference(TransactionGraph graph, TransactionReader history)
    {
        _graph = graph;
        var accesses = history.Happened.SelectMany(i => history.Accesses[i].Values.Select(access => (Operation: i, Access: access)));
        foreach (var onKey in accesses.Where(a => !history.Lists.ContainsKey(a.Access.Key)).GroupBy(a => a.Access.Key))
        {
            int[] writers = [.. onKey.Where(a => a.Access.HasWritten).Select(a => a.Operation)];
            // A version whose writer cannot be known says nothing.
            var reads = onKey.Where(a => a.Access.HasRead).Select(a => (a.Operation, a.Access.Read, Writer: history.WriterOf(onKey.Key, a.Access.Read)))
                .Where(r => r.Writer >= 0 || r.Read is null).Select(r => (r.Operation, r.Writer));
            _keys.Add((onKey.Key, writers, [.. reads]));
        }
    }

    /// <summary>Adds what comes later than readers; false when nothing new follows. There must be no cycle.</summary>
    internal bool TryInferLater() => TryInfer((after, key, writers, read) => InferLater(after, key, writers, read.Reader, read.Writer));

    /// <summary>Adds what came earlier than the read versions; false when nothing new follows. There must be no cycle.</summary>
    internal bool TryInferEarlier() => TryInfer((after, key, writers, read) => InferEarlier(after, key, writers, read.Reader, read.Writer));

    private bool TryInfer(Action<ulong[][], string, int[], (int Reader, int Writer)> infer)
    {
        int before = _graph.Edges;
        int[] order = _graph.TopologicalOrder();
        var rank = new int[order.Length];
        for (int i = 0; i < order.Length; i++) rank[order[i]] = i;
        ulong[][] after = _graph.Closure(order);
        foreach ((string key, int[] writers, var reads) in _keys)
        {
            Array.Sort(writers, (a, b) => rank[a].CompareTo(rank[b]));
            foreach (var read in reads) infer(after, key, writers, read);
        }
        return _graph.Edges > before;
    }

    /// <summary>Those that wrote after what was read come after the reader; the first ones first, the others follow.</summary>
    private void InferLater(ulong[][] after, string key, int[] writers, int reader, int writer)
    {
        foreach (int other in writers)
        {
            if (other == writer || other == reader || TransactionGraph.Has(after[reader], other)) continue;
            if (writer >= 0 && !TransactionGraph.Has(after[writer], other)) continue;
            _graph.Add(reader, other, EdgeKinds.ReadWrite, key, writer);
            TransactionGraph.Include(after, reader, other);
        }
    }

    /// <summary>Those that wrote before the reader came before the one it read from; the last ones first.</summary>
    private void InferEarlier(ulong[][] after, string key, int[] writers, int reader, int writer)
    {
        if (writer < 0) return;
        for (int i = writers.Length - 1; i >= 0; i--)
        {
            int other = writers[i];
            if (other == writer || other == reader || !TransactionGraph.Has(after[other], reader) || TransactionGraph.Has(after[other], writer)) continue;
            _graph.Add(other, writer, EdgeKinds.Inferred, key, reader);
            TransactionGraph.Include(after, other, writer);
        }
    }
}

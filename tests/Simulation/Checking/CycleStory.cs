using System.Text;

namespace Anax.Tests.Simulation.Checking;

/// <summary>A cycle of transactions in words: what it is called, who is on it, and why each comes before the next.</summary>
internal sealed class CycleStory
{
    private const EdgeKinds Order = EdgeKinds.RealTime | EdgeKinds.ClientOrder;

    private readonly IReadOnlyList<Edge> _cycle;
    private readonly TransactionReader _history;
    private readonly Dictionary<int, string> _names = [];
    private readonly List<Edge> _told = [];

    internal CycleStory(IReadOnlyList<Edge> cycle, TransactionGraph graph, TransactionReader history)
    {
        (_cycle, _history) = (cycle, history);
        _told.AddRange(cycle);
        // What was inferred is told with what it was inferred from; numbers fall, so that ends.
        for (int i = 0; i < _told.Count; i++)
        {
            Edge edge = _told[i];
            if (edge.Via < 0) continue;
            var reasons = edge.Kind == EdgeKinds.Inferred ? graph.PathBefore(edge, edge.From, edge.Via) : graph.PathBefore(edge, edge.Via, edge.To);
            _told.AddRange(reasons.Where(reason => !_told.Contains(reason)));
        }
        foreach (Edge edge in _told)
        {
            _names.TryAdd(edge.From, $"T{_names.Count + 1}");
            if (edge.Via >= 0) _names.TryAdd(edge.Via, $"T{_names.Count + 1}");
        }
    }

    internal string Words(bool isInTime)
    {
        StringBuilder words = new($"{Name()}{(isInTime ? ", against real time" : "")}: {_cycle.Count} transactions in a circle");
        foreach ((int node, string name) in _names) words.Append($"\n  {name} = {_history.Operations[node]}");
        for (int i = 0; i < _told.Count; i++) words.Append(i == _cycle.Count ? "\n  where" : "").Append("\n  ").Append(WordsOf(_told[i]));
        return words.ToString();
    }

    private string Name()
    {
        if (_cycle.Any(edge => edge.Kind == EdgeKinds.Inferred)) return "reads that fit no order of the writes";
        bool hasReads = _cycle.Any(edge => edge.Kind == EdgeKinds.WriteRead);
        return _cycle.Count(edge => edge.Kind == EdgeKinds.ReadWrite) switch
        {
            0 when _cycle.All(edge => (edge.Kind & Order) != 0) => "time runs backwards",
            0 => hasReads ? "G1c, circular information flow" : "G0, dirty write",
            1 => "G-single",
            2 when _cycle.Count == 2 && _cycle[0].Key == _cycle[1].Key => "G2, lost update",
            _ => "G2, write skew or longer",
        };
    }

    private string WordsOf(Edge edge)
    {
        (string from, string to) = (_names[edge.From], _names[edge.To]);
        string via = edge.Via >= 0 ? _names[edge.Via] : "";
        return $"{from} before {to}: " + edge.Kind switch
        {
            EdgeKinds.WriteRead => $"{to} read {edge.Key} = {Found(edge.To)}, which {from} wrote",
            EdgeKinds.WriteWrite => $"{from} wrote {edge.Key} = {Left(edge.From)}, which {to} replaced by {Left(edge.To)}",
            EdgeKinds.ReadWrite when via != "" => $"{from} read {edge.Key} = {Found(edge.From)} of {via}, which came before {to} wrote {Left(edge.To)}",
            EdgeKinds.ReadWrite => $"{from} read {edge.Key} = {Found(edge.From)}, before {to} wrote {Left(edge.To)}",
            EdgeKinds.Inferred => $"both wrote {edge.Key}, and {via}, which came after {from}, read {to}'s {Left(edge.To)}",
            EdgeKinds.RealTime => $"{from} had returned when {to} began",
            _ => $"sent by the same client, both about {edge.Key}",
        };

        string Found(int node) => _history.Accesses[node][edge.Key].Read ?? "nil";
        string? Left(int node) => _history.Accesses[node][edge.Key].Written;
    }
}

using System.Text;

namespace Anax.Tests.Simulation.Simulated;

internal enum Verdict { Possible, Impossible, Undecided }

/// <summary>
/// Looks for an order in which the operations of a group of keys, each at one instant between request and reply, give
/// exactly the replies that were given (Wing and Gong, with the states that were seen remembered, as Lowe proposes).
/// </summary>
/// <remarks>
/// A session's operations keep their order. One whose reply was lost may have happened at any time since its request, or
/// not at all, and then nothing that its session sent behind it has happened either.
/// </remarks>
internal sealed class SerialOrder
{
    private const int StatesMax = 200_000;

    /// <summary>Operations before the failure that an account shows.</summary>
    private const int ToldMax = 30;

    private readonly KeyModel _model;
    private readonly Entry[][] _sessions;
    private readonly int[] _done;
    private readonly HashSet<string> _seen = [];
    private readonly StringBuilder _key = new();
    private int _left;
    private int _leastLeft = int.MaxValue;
    private int[] _furthest = [];
    private Cell[] _furthestState = [];

    public SerialOrder(History history, KeyGroup group)
    {
        _model = new KeyModel(group.Keys);
        _sessions =
        [
            .. history.Operations
                .Select(operation => new Entry(operation, group.Cut(operation), history.WindowOf(operation)))
                .Where(entry => entry.Steps.Count != 0)
                .GroupBy(entry => entry.Operation.Session)
                .Select(session => session.ToArray()),
        ];
        _done = new int[_sessions.Length];
        _left = _sessions.Sum(session => session.Count(entry => entry.Operation.IsAnswered));
    }

    public Verdict Search()
    {
        bool isPossible = Search(_model.Empty);
        if (isPossible) return Verdict.Possible;
        return _seen.Count >= StatesMax ? Verdict.Undecided : Verdict.Impossible;
    }

    /// <summary>Where no order was found: how far the best one came.</summary>
    public string Account()
    {
        var next = _sessions.Select((entries, i) => entries.ElementAtOrDefault(_furthest[i])).OfType<Entry>()
            .OrderBy(entry => entry.Operation.InvokeNs).Select(entry => $"  {entry.Operation}");
        var past = _sessions.SelectMany((entries, i) => entries.Take(_furthest[i]))
            .OrderBy(entry => entry.Operation.InvokeNs).Select(entry => $"  {entry.Operation}");
        return $"with {_leastLeft} operations left the keys hold [{string.Join(", ", _furthestState)}] and one of these must come next:\n"
            + string.Join('\n', next) + "\nbefore them:\n" + string.Join('\n', past.TakeLast(ToldMax));
    }

    private bool Search(Cell[] state)
    {
        if (_left == 0) return true;
        long firstReturnNs = Operation.Never;
        for (int i = 0; i < _sessions.Length; i++)
            if (Next(i) is { } entry) firstReturnNs = Math.Min(firstReturnNs, entry.Operation.ReturnNs);
        if (_left < _leastLeft) (_leastLeft, _furthest, _furthestState) = (_left, [.. _done], state);

        // Those that return first most likely came first; those that never did, last.
        int[] candidates =
        [
            .. Enumerable.Range(0, _sessions.Length)
                .Where(i => Next(i) is { } entry && entry.Operation.InvokeNs <= firstReturnNs)
                .OrderBy(i => Next(i)!.Operation.ReturnNs),
        ];
        return Array.Exists(candidates, i => TryNext(i, state));
    }

    private bool TryNext(int session, Cell[] state)
    {
        Entry entry = Next(session)!;
        int weight = entry.Operation.IsAnswered ? 1 : 0;
        _done[session]++;
        _left -= weight;
        foreach (Cell[] after in After(entry, 0, state))
            if (_seen.Count < StatesMax && _seen.Add(KeyOf(after)) && Search(after)) return true;
        _done[session]--;
        _left += weight;
        return false;
    }

    private IEnumerable<Cell[]> After(Entry entry, int step, Cell[] state)
    {
        if (step == entry.Steps.Count) return [state];
        (Command command, var reply) = entry.Steps[step];
        return _model.After(state, command, reply, entry.Window).SelectMany(after => After(entry, step + 1, after));
    }

    private Entry? Next(int session) => _done[session] < _sessions[session].Length ? _sessions[session][_done[session]] : null;

    private string KeyOf(Cell[] state)
    {
        _key.Clear().AppendJoin(',', _done);
        foreach (Cell cell in state)
            _key.Append('|').Append(cell.Exists ? '=' : '-').Append(cell.Value).Append('|').Append(cell.ExpiresFromMs).Append('|').Append(cell.ExpiresToMs);
        return _key.ToString();
    }

    private sealed record Entry(Operation Operation, List<Step> Steps, TimeWindow Window);
}

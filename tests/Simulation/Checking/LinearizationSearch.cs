using System.Diagnostics;
using System.Text;

namespace Anax.Tests.Simulation.Checking;

/// <summary>
/// Wing and Gong's search for a linearization with Lowe's cache, as in Porcupine. Invocations and returns stand in one
/// doubly linked list by time. The search takes the first invocation whose operation answers as recorded, lifts it
/// with its return out of the list, and begins again at the front; where it meets a return first, that operation comes
/// too late, and the last choice is undone. A set of linearized operations is tried once with each state.
/// </summary>
internal sealed class LinearizationSearch
{
    private const int Head = 0, End = -1;
    private const int LooksPerClock = 1024;

    private readonly Operation[] _operations;
    private readonly Store _store;
    private readonly int[][] _before;
    private readonly int[] _next, _previous;
    private readonly LinearizedSet _done;
    private readonly HashSet<LinearizedState> _seen = [];
    private readonly Stack<(int Operation, string?[] State)> _choices = [];
    private string?[] _state;
    private int _toGo;
    private string _farthest = "";
    private int _farthestCount = -1;

    internal LinearizationSearch(IEnumerable<Operation> group)
    {
        // Those without a known end first: their places in the set do not grow out of its window.
        _operations = [.. group.OrderBy(operation => operation.Outcome != Outcome.Unknown).ThenBy(operation => operation.Invoked)
            .ThenBy(operation => operation.Sequence)];
        _store = new Store(_operations.SelectMany(operation => operation.Keys));
        _state = _store.Empty();
        int unknown = _operations.Count(operation => operation.Outcome == Outcome.Unknown);
        _done = new LinearizedSet(_operations.Length, unknown);
        _toGo = _operations.Length - unknown;
        _before = Predecessors();
        _next = new int[2 * _operations.Length + 1];
        _previous = new int[_next.Length];
        Link();
    }

    internal Verdict Run(TimeSpan bound)
    {
        Stopwatch clock = Stopwatch.StartNew();
        int entry = _next[Head];
        for (long looks = 1; _toGo > 0; looks++)
        {
            if (looks % LooksPerClock == 0 && clock.Elapsed > bound)
                return Verdict.Undecided($"{_operations.Length} operations on {string.Join(", ", _store.Keys)} after {looks} steps. {_farthest}");
            int operation = (entry - 1) / 2;
            if (IsCall(entry))
            {
                entry = TryLinearize(operation) ? _next[Head] : _next[entry];
                continue;
            }
            NoteFarthest(operation);
            if (!_choices.TryPop(out var choice)) return Verdict.Rejected(_farthest);
            entry = _next[Undo(choice.Operation, choice.State)];
        }
        return Verdict.Accepted;
    }

    private static int CallOf(int operation) => 2 * operation + 1;
    private static int ReturnOf(int operation) => 2 * operation + 2;
    private static bool IsCall(int entry) => entry % 2 == 1;

    private bool TryLinearize(int operation)
    {
        foreach (int before in _before[operation])
            if (!_done[before]) return false;
        string?[] state = (string?[])_state.Clone();
        foreach (Step step in _operations[operation].Steps)
        {
            string?[] answer = _store.Execute(state, step);
            if (step.Result is not null && !answer.AsSpan().SequenceEqual(step.Result)) return false;
        }
        _done[operation] = true;
        if (!_seen.Add(new LinearizedState(_done.Snapshot(), state)))
        {
            _done[operation] = false;
            return false;
        }
        _choices.Push((operation, _state));
        _state = state;
        Lift(operation);
        return true;
    }

    private int Undo(int operation, string?[] state)
    {
        _state = state;
        _done[operation] = false;
        Unlift(operation);
        return CallOf(operation);
    }

    private void Lift(int operation)
    {
        Unlink(CallOf(operation));
        if (!HasReturn(operation)) return;
        Unlink(ReturnOf(operation));
        _toGo--;
    }

    private void Unlift(int operation)
    {
        if (HasReturn(operation))
        {
            Relink(ReturnOf(operation));
            _toGo++;
        }
        Relink(CallOf(operation));
    }

    private void Unlink(int entry)
    {
        _next[_previous[entry]] = _next[entry];
        if (_next[entry] != End) _previous[_next[entry]] = _previous[entry];
    }

    private void Relink(int entry)
    {
        _next[_previous[entry]] = entry;
        if (_next[entry] != End) _previous[_next[entry]] = entry;
    }

    private bool HasReturn(int operation) => _operations[operation].Outcome != Outcome.Unknown;

    private void Link()
    {
        List<(long Time, int Entry)> entries = [];
        for (int i = 0; i < _operations.Length; i++)
        {
            entries.Add((_operations[i].Invoked, CallOf(i)));
            if (HasReturn(i)) entries.Add((_operations[i].Returned, ReturnOf(i)));
        }
        // What begins as another ends is concurrent with it, so calls stand first.
        int last = Head;
        foreach ((_, int entry) in entries.OrderBy(e => e.Time).ThenBy(e => !IsCall(e.Entry)).ThenBy(e => e.Entry))
        {
            (_next[last], _previous[entry]) = (entry, last);
            last = entry;
        }
        _next[last] = End;
    }

    /// <summary>For each operation those that its client sent before to a key of its own.</summary>
    private int[][] Predecessors()
    {
        var before = new int[_operations.Length][];
        Dictionary<(int Client, string Key), int> last = [];
        foreach (int i in Enumerable.Range(0, before.Length).OrderBy(i => _operations[i].Sequence))
        {
            HashSet<int> found = [];
            foreach (string key in _operations[i].Keys)
            {
                if (last.TryGetValue((_operations[i].Client, key), out int other)) found.Add(other);
                last[(_operations[i].Client, key)] = i;
            }
            before[i] = [.. found];
        }
        return before;
    }

    private void NoteFarthest(int stuck)
    {
        if (_choices.Count <= _farthestCount) return;
        _farthestCount = _choices.Count;
        StringBuilder words = new();
        words.Append($"no order of the operations on {string.Join(", ", _store.Keys)} explains their answers; ");
        string state = string.Join(", ", _store.Keys.Zip(_state, (key, value) => $"{key} = {value ?? "nil"}"));
        words.Append($"{_choices.Count} of {_operations.Length} can be ordered, then there is {state}, and none fits:");
        for (int entry = _next[Head]; entry != End && entry != ReturnOf(stuck); entry = _next[entry])
            if (IsCall(entry)) words.Append("\n  ").Append(_operations[(entry - 1) / 2]);
        _farthest = words.ToString();
    }
}

using System.Numerics;
using System.Text;
using Anax.Core;

namespace Anax.Tests.Simulation.Simulated;

internal enum Verdict { Possible, Impossible, Undecided }

/// <summary>
/// Looks for an order in which the operations of a group of keys, each at one instant between request and reply, give
/// exactly the replies that were given (Wing and Gong, with the states that were seen remembered, as Lowe proposes).
/// </summary>
/// <remarks>
/// <para>What a session sends after a reply happens after what was answered. Commands of one pipeline keep their order where
/// they have a key in common, and with one shard always; on several shards they count as concurrent.</para>
/// <para>One whose reply was lost may have happened at any time since its request, or not at all, and then nothing that had
/// to wait for it has happened either.</para>
/// </remarks>
internal sealed class SerialOrder
{
    private const int StatesMax = 200_000;

    /// <summary>Operations before the failure that an account shows.</summary>
    private const int ToldMax = 30;

    private readonly KeyModel _model;
    private readonly Course[] _courses;
    private readonly bool _keepsPipelines;
    private readonly HashSet<string> _seen = [];
    private readonly StringBuilder _key = new();
    private readonly List<Entry> _order = [];
    private int _left;
    private int _leastLeft = int.MaxValue;
    private Entry[] _longest = [];
    private Entry[] _stuck = [];
    private Cell[] _stuckState = [];

    public SerialOrder(History history, KeyGroup group)
    {
        _model = new KeyModel(group.Keys);
        _keepsPipelines = history.KeepsPipelines;
        _courses =
        [
            .. history.Operations
                .Select(operation => new Entry(operation, group.Cut(operation), history.WindowOf(operation)))
                .Where(entry => entry.Steps.Count != 0)
                .GroupBy(entry => entry.Operation.Session)
                .Select(session => new Course(session.GroupBy(entry => entry.Operation.InvokeNs).Select(pipeline => pipeline.ToArray()))),
        ];
        _left = _courses.Sum(course => course.Answered);
    }

    public Verdict Search()
    {
        bool isPossible = Search(_model.Empty);
        if (isPossible) return Verdict.Possible;
        return _seen.Count >= StatesMax ? Verdict.Undecided : Verdict.Impossible;
    }

    /// <summary>Where no order was found: how far the longest one came.</summary>
    public string Account() =>
        $"with {_leastLeft} operations left the keys hold [{string.Join(", ", _stuckState)}] and one of these must come next:\n"
        + Lines(_stuck) + "\nbefore them, in this order:\n" + Lines(_longest.TakeLast(ToldMax));

    private static string Lines(IEnumerable<Entry> entries) => string.Join('\n', entries.Select(entry => $"  {entry.Operation}"));

    private bool Search(Cell[] state)
    {
        if (_left == 0) return true;
        long firstReturnNs = _courses.Min(course => course.FirstReturnNs);
        // Those that return first most likely came first; those that never did, last.
        (Course Course, int Place)[] candidates =
        [
            .. _courses.Where(course => course.InvokeNs <= firstReturnNs)
                .SelectMany(course => course.Candidates(_keepsPipelines), (course, place) => (course, place))
                .OrderBy(candidate => candidate.course[candidate.place].Operation.ReturnNs),
        ];
        if (_left < _leastLeft)
            (_leastLeft, _longest, _stuck, _stuckState) = (_left, [.. _order], [.. candidates.Select(c => c.Course[c.Place])], state);
        return Array.Exists(candidates, candidate => TryNext(candidate.Course, candidate.Place, state));
    }

    private bool TryNext(Course course, int place, Cell[] state)
    {
        Entry entry = course[place];
        int weight = entry.Operation.IsAnswered ? 1 : 0;
        (int, ulong) before = course.Take(place);
        _left -= weight;
        _order.Add(entry);
        foreach (Cell[] after in After(entry, 0, state))
            if (_seen.Count < StatesMax && _seen.Add(KeyOf(after)) && Search(after)) return true;
        _order.RemoveAt(_order.Count - 1);
        _left += weight;
        course.GoBack(before);
        return false;
    }

    private IEnumerable<Cell[]> After(Entry entry, int step, Cell[] state)
    {
        if (step == entry.Steps.Count) return [state];
        (Command command, var reply) = entry.Steps[step];
        return _model.After(state, command, reply, entry.Window).SelectMany(after => After(entry, step + 1, after));
    }

    private string KeyOf(Cell[] state)
    {
        _key.Clear();
        foreach (Course course in _courses) _key.Append(course.Pipeline).Append('.').Append(course.Taken).Append(',');
        foreach (Cell cell in state)
            _key.Append('|').Append(cell.Exists ? '=' : '-').Append(cell.Value).Append('|').Append(cell.ExpiresFromMs).Append('|').Append(cell.ExpiresToMs);
        return _key.ToString();
    }

    private sealed record Entry(Operation Operation, List<Step> Steps, TimeWindow Window)
    {
        public bool SharesKeyWith(Entry other) => Steps.Exists(step => other.Steps.Exists(theirs =>
            step.Command.Database == theirs.Command.Database && step.Command.Keys.Intersect(theirs.Command.Keys).Any()));
    }

    /// <summary>One session's operations, pipeline by pipeline, and which of them stand in the order already.</summary>
    private sealed class Course
    {
        private readonly Entry[][] _pipelines;

        /// <summary>For each operation of a pipeline those before it that it must wait for, one bit each.</summary>
        private readonly ulong[][] _waits;

        public Course(IEnumerable<Entry[]> pipelines)
        {
            _pipelines = [.. pipelines];
            _waits = [.. _pipelines.Select(pipeline => pipeline.Select((_, place) => WaitsOf(pipeline, place)).ToArray())];
            Answered = _pipelines.Sum(pipeline => pipeline.Count(entry => entry.Operation.IsAnswered));
        }

        public int Answered { get; }
        public int Pipeline { get; private set; }
        public ulong Taken { get; private set; }

        public long InvokeNs => IsOver ? Operation.Never : _pipelines[Pipeline][0].Operation.InvokeNs;

        public long FirstReturnNs
        {
            get
            {
                // Replies come in order.
                for (int i = 0; !IsOver && i < _pipelines[Pipeline].Length; i++)
                    if ((Taken >> i & 1) == 0) return this[i].Operation.ReturnNs;
                return Operation.Never;
            }
        }

        private bool IsOver => Pipeline == _pipelines.Length;

        public Entry this[int place] => _pipelines[Pipeline][place];

        public IEnumerable<int> Candidates(bool keepsOrder)
        {
            for (int i = 0; !IsOver && i < _pipelines[Pipeline].Length; i++)
            {
                if ((Taken >> i & 1) != 0) continue;
                ulong waits = keepsOrder ? (1UL << i) - 1 : _waits[Pipeline][i];
                if ((waits & ~Taken) == 0) yield return i;
            }
        }

        /// <summary>Puts an operation into the order; returns what <see cref="GoBack"/> needs to take it out again.</summary>
        public (int, ulong) Take(int place)
        {
            (int, ulong) before = (Pipeline, Taken);
            Taken |= 1UL << place;
            if (BitOperations.PopCount(Taken) == _pipelines[Pipeline].Length) (Pipeline, Taken) = (Pipeline + 1, 0);
            return before;
        }

        public void GoBack((int Pipeline, ulong Taken) before) => (Pipeline, Taken) = before;

        private static ulong WaitsOf(Entry[] pipeline, int place)
        {
            Invariant.Holds(pipeline.Length <= 64, "a pipeline's share of a group fits a word of bits");
            ulong waits = 0;
            for (int i = 0; i < place; i++)
                if (pipeline[i].SharesKeyWith(pipeline[place])) waits |= 1UL << i;
            return waits;
        }
    }
}

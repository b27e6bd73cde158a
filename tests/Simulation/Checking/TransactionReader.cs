using System.Globalization;

namespace Anax.Tests.Simulation.Checking;

/// <summary>
/// Takes from a history of transactions what each found and left on each key, and who wrote each version. That needs
/// values that are written once per key; DEL, RENAME and others that make no new value are not for this checker.
/// </summary>
internal sealed class TransactionReader
{
    private readonly Dictionary<(string Key, string Version), (int Operation, bool IsFinal)> _writers = [];
    private readonly HashSet<string> _hiddenWrites = [];
    private readonly List<string> _problems = [];

    internal TransactionReader(IReadOnlyList<Operation> operations)
    {
        Operations = operations;
        FindLists();
        Accesses = [.. operations.Select(ReadOf)];
        FindWriters();
        FindObserved();
    }

    internal IReadOnlyList<Operation> Operations { get; }

    /// <summary>Per operation, by key.</summary>
    internal Dictionary<string, Access>[] Accesses { get; }
    internal Dictionary<string, ListKey> Lists { get; } = [];

    /// <summary>Operations that took effect: those that said so, and of the lost ones those whose writes were seen.</summary>
    internal HashSet<int> Happened { get; } = [];

    /// <summary>What needs no graph to be wrong: dirty, intermediate and impossible reads.</summary>
    internal IReadOnlyList<string> Problems => _problems;

    /// <summary>The operation that wrote a version; -1 for the initial one, or where it cannot be known.</summary>
    internal int WriterOf(string key, string? version) =>
        version is not null && _writers.TryGetValue((key, version), out var writer) ? writer.Operation : -1;

    private void FindLists()
    {
        foreach (Step step in Operations.SelectMany(operation => operation.Steps).Where(step => step.Verb == Verb.Append))
            Lists.TryAdd(step.Keys[0], new ListKey(step.Keys[0], step.Values[0].Length));
    }

    private Dictionary<string, Access> ReadOf(Operation operation)
    {
        Dictionary<string, Access> accesses = [];
        // What was aborted has found nothing; what it would have written is noted, to be recognised where it shows.
        bool isAborted = operation.Outcome == Outcome.Aborted;
        foreach (Step step in operation.Steps)
            if (!isAborted || step.Verb != Verb.Incr) Note(accesses, isAborted ? step.Unanswered() : step);
        return accesses;
    }

    private void Note(Dictionary<string, Access> accesses, Step step)
    {
        string?[]? result = step.Result;
        switch (step.Verb)
        {
            case Verb.Get or Verb.MGet:
                for (int i = 0; i < step.Keys.Length && result is not null; i++) Observe(AccessOf(step.Keys[i]), result[i]);
                break;
            case Verb.Set or Verb.MSet:
                for (int i = 0; i < step.Keys.Length; i++) AccessOf(step.Keys[i]).Write(step.Values[i]);
                break;
            case Verb.GetSet:
                if (result is not null) Observe(AccessOf(step.Keys[0]), result[0]);
                AccessOf(step.Keys[0]).Write(step.Values[0]);
                break;
            case Verb.Incr:
                NoteIncrement(AccessOf(step.Keys[0]), result);
                break;
            case Verb.Append:
                AccessOf(step.Keys[0]).Write(step.Values[0]);
                if (result is not null) Lists[step.Keys[0]].NoteAppend(step.Values[0], int.Parse(result[0]!, CultureInfo.InvariantCulture));
                break;
            default:
                throw new ArgumentException($"{step.Verb} makes no version of its own", nameof(step));
        }

        Access AccessOf(string key)
        {
            if (!accesses.TryGetValue(key, out Access? access)) accesses.Add(key, access = new Access(key));
            return access;
        }
    }

    private void Observe(Access access, string? value)
    {
        if (Lists.TryGetValue(access.Key, out ListKey? list))
        {
            list.NoteRead(value);
            value = list.VersionOf(value);
        }
        access.Observe(value);
    }

    private void NoteIncrement(Access access, string?[]? result)
    {
        if (result is null)
        {
            _hiddenWrites.Add(access.Key);
            return;
        }
        long after = long.Parse(result[0]!, CultureInfo.InvariantCulture);
        access.Observe(after == 1 ? null : (after - 1).ToString(CultureInfo.InvariantCulture));
        access.Write(result[0]!);
    }

    private void FindWriters()
    {
        for (int i = 0; i < Accesses.Length; i++)
        {
            foreach (Access access in Accesses[i].Values.Where(access => access.HasWritten))
            {
                AddWriter(i, access.Key, access.Written!, isFinal: true);
                foreach (string version in access.Intermediate) AddWriter(i, access.Key, version, isFinal: false);
            }
        }
    }

    private void AddWriter(int operation, string key, string version, bool isFinal)
    {
        if (_writers.TryAdd((key, version), (operation, isFinal))) return;
        Operation other = Operations[_writers[(key, version)].Operation];
        _problems.Add($"lost update: {key} = {version} was written twice\n  {other}\n  {Operations[operation]}");
    }

    /// <summary>Judges each read by who wrote what it found; a lost operation of which something was found did happen.</summary>
    private void FindObserved()
    {
        _problems.AddRange(Lists.Values.Where(list => list.Contradiction is not null).Select(list => list.Contradiction!));
        for (int i = 0; i < Operations.Count; i++)
        {
            if (Operations[i].Outcome != Outcome.Happened) continue;
            Happened.Add(i);
            foreach (Access access in Accesses[i].Values)
            {
                if (access.Contradiction is { } words) _problems.Add($"a transaction contradicts itself: {words}\n  {Operations[i]}");
                if (access.HasRead && access.Read is not null) Judge(i, access.Key, access.Read);
            }
        }
        foreach (ListKey list in Lists.Values)
            foreach (string element in list.Order) JudgeElement(list.Name, element);
    }

    private void JudgeElement(string key, string element)
    {
        int writer = WriterOf(key, element);
        bool isAborted = writer >= 0 && Operations[writer].Outcome == Outcome.Aborted;
        if (writer < 0) _problems.Add($"nobody appended {element}, which is in {key}");
        else if (isAborted) _problems.Add($"G1a, dirty read: {element} in {key} was never committed\n  {Operations[writer]}");
        else NoteFound(writer);
    }

    private void Judge(int reader, string key, string version)
    {
        if (!_writers.TryGetValue((key, version), out var writer))
        {
            if (!_hiddenWrites.Contains(key)) _problems.Add($"nobody wrote {key} = {version}, which was read\n  {Operations[reader]}");
            return;
        }
        string both = $"\n  {Operations[writer.Operation]}\n  {Operations[reader]}";
        bool isAborted = Operations[writer.Operation].Outcome == Outcome.Aborted;
        if (isAborted) _problems.Add($"G1a, dirty read: {key} = {version} was never committed{both}");
        else if (!writer.IsFinal && writer.Operation != reader) _problems.Add($"G1b, intermediate read: {key} = {version}{both}");
        NoteFound(writer.Operation);
    }

    private void NoteFound(int writer)
    {
        if (writer >= 0 && Operations[writer].Outcome == Outcome.Unknown) Happened.Add(writer);
    }
}

using Anax.Tests.Simulation.Checking;

namespace Anax.Tests.Simulation.CheckingTests;

/// <summary>
/// Makes histories that are right by construction: operations are executed one after another, and each gets an interval
/// around its instant. And spoils them.
/// </summary>
internal sealed class HistoryGenerator(int seed)
{
    private const int Tick = 10;

    private readonly Random _random = new(seed);
    private readonly List<long> _busyUntil = [];
    private int _values;

    /// <summary>Keys that the operations are about.</summary>
    internal int Keys { get; init; } = 3;

    /// <summary>How many instants of others an operation's interval reaches to either side.</summary>
    internal int Reach { get; init; } = 6;

    /// <summary>One operation in so many loses its answer; 0: none.</summary>
    internal int LostEvery { get; init; }

    /// <summary>Operations over any keys, of commands that make versions (for the graph), instead of on one key each.</summary>
    internal bool AreTransactions { get; init; }

    internal List<Operation> Make(int count)
    {
        List<Operation> history = [];
        Store store = new(Enumerable.Range(0, Keys).SelectMany(i => new[] { Plain(i), List(i), Counter(i) }));
        string?[] state = store.Empty();
        for (int i = 0; i < count; i++)
        {
            long instant = (long)(i + 1) * Tick * 2;
            Step[] asked = AreTransactions ? Transaction() : [Single(Plain(_random.Next(Keys)))];
            if (LostEvery > 0 && _random.Next(LostEvery) == 0)
            {
                // It happens, or never does; its client's connection is dead.
                if (_random.Next(2) == 0) Execute(store, state, asked);
                _busyUntil.Add(long.MaxValue);
                history.Add(Operation.Lost(_busyUntil.Count - 1, i, instant - _random.Next(Reach * Tick), asked));
                continue;
            }
            int client = FreeClient(instant);
            long invoked = Math.Max(_busyUntil[client] + 1, instant - _random.Next(Reach * Tick));
            long returned = instant + _random.Next(Reach * Tick);
            _busyUntil[client] = returned;
            history.Add(Operation.Done(client, i, invoked, returned, Execute(store, state, asked)));
        }
        return history;
    }

    /// <summary>Gives one operation another answer; a history that has none to change stays as it is.</summary>
    internal List<Operation> Spoil(List<Operation> history)
    {
        List<Operation> spoilt = [.. history];
        for (int attempt = 0; attempt < 100; attempt++)
        {
            int place = _random.Next(spoilt.Count);
            Step[] steps = [.. spoilt[place].Steps];
            int which = _random.Next(steps.Length);
            if (steps[which].Result is not { } result) continue;
            string?[] other = [.. result];
            other[_random.Next(other.Length)] = OtherAnswer(history, steps[which]);
            if (other.SequenceEqual(result)) continue;
            steps[which] = steps[which].AnsweredAll(other);
            spoilt[place] = spoilt[place] with { Steps = steps };
            break;
        }
        return spoilt;
    }

    /// <summary>What the same command answered elsewhere, or for reads also nil or a value that was written.</summary>
    private string? OtherAnswer(List<Operation> history, Step step)
    {
        var steps = history.SelectMany(operation => operation.Steps);
        var answers = steps.Where(other => other.Verb == step.Verb && other.Result is not null).SelectMany(other => other.Result!);
        if (step.Verb is Verb.Get or Verb.MGet or Verb.GetSet) answers = [.. answers, null, .. steps.SelectMany(other => other.Values)];
        string?[] choice = [.. answers];
        return choice[_random.Next(choice.Length)];
    }

    private static Step[] Execute(Store store, string?[] state, Step[] asked) =>
        [.. asked.Select(step => step.AnsweredAll(store.Execute(state, step)))];

    private int FreeClient(long instant)
    {
        int client = _busyUntil.FindIndex(until => until < instant);
        if (client >= 0) return client;
        _busyUntil.Add(0);
        return _busyUntil.Count - 1;
    }

    private Step Single(string key) => _random.Next(10) switch
    {
        0 or 1 or 2 => Step.Get(key),
        3 or 4 => Step.Set(key, Value()),
        5 => Step.SetNx(key, Value()),
        6 => Step.GetSet(key, Value()),
        7 => Step.GetDel(key),
        8 => Step.Del(key),
        _ => Step.Append(key, "+"),
    };

    private Step[] Transaction() => [.. Enumerable.Range(0, _random.Next(1, 4)).Select(_ => TransactionStep())];

    private Step TransactionStep()
    {
        int key = _random.Next(Keys), other = (key + 1) % Keys;
        return _random.Next(8) switch
        {
            0 => Step.Get(Plain(key)),
            1 => Step.Set(Plain(key), Value()),
            2 => Step.MGet(Plain(key), Plain(other)),
            3 => Step.MSet([Plain(key), Plain(other)], [Value(), Value()]),
            4 => Step.GetSet(Plain(key), Value()),
            5 => Step.Append(List(key), Value()),
            6 => Step.Get(List(key)),
            _ => Step.Incr(Counter(key)),
        };
    }

    private string Value() => $"v{_values++:00000}";

    private static string Plain(int i) => $"k{i}";
    private static string List(int i) => $"list{i}";
    private static string Counter(int i) => $"count{i}";
}

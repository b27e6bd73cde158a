using System.Globalization;

namespace Anax.Tests.Simulation.Checking;

/// <summary>
/// What one client alone would see: the commands on a handful of keys, one after another. The state is one text per
/// key (null where there is none), so that searches can copy and compare it.
/// </summary>
public sealed class Store
{
    private const string NotInteger = "ERR value is not an integer or out of range";
    private const string NoSuchKey = "ERR no such key";

    private readonly Dictionary<string, int> _places = [];

    public Store(IEnumerable<string> keys)
    {
        foreach (string key in keys) _places.TryAdd(key, _places.Count);
    }

    /// <summary>Names of the keys, in the order of a state.</summary>
    public IEnumerable<string> Keys => _places.Keys;

    public string?[] Empty() => new string?[_places.Count];

    /// <summary>Executes a step on the state, in place, and says what it answers.</summary>
    public string?[] Execute(string?[] state, Step step)
    {
        int first = _places[step.Keys[0]];
        string? held = state[first];
        switch (step.Verb)
        {
            case Verb.Get: return [held];
            case Verb.Set: state[first] = step.Values[0]; return ["OK"];
            case Verb.SetNx: state[first] ??= step.Values[0]; return [held is null ? "1" : "0"];
            case Verb.GetSet: state[first] = step.Values[0]; return [held];
            case Verb.GetDel: state[first] = null; return [held];
            case Verb.Append: state[first] = held + step.Values[0]; return [Text(state[first]!.Length)];
            case Verb.Incr: return Add(ref state[first], 1);
            case Verb.IncrBy: return Add(ref state[first], long.Parse(step.Values[0], CultureInfo.InvariantCulture));
            case Verb.MGet: return [.. step.Keys.Select(key => state[_places[key]])];
            case Verb.Exists: return [Text(step.Keys.Count(key => state[_places[key]] is not null))];
            case Verb.Del: return Delete(state, step);
            case Verb.MSet: return StoreAll(state, step, "OK");
            case Verb.MSetNx: return step.Keys.All(key => state[_places[key]] is null) ? StoreAll(state, step, "1") : ["0"];
            case Verb.Rename: return Rename(state, first, _places[step.Keys[1]]);
            case Verb.Copy: return Copy(state, first, _places[step.Keys[1]]);
            default: throw new ArgumentOutOfRangeException(nameof(step));
        }
    }

    private static string?[] Add(ref string? held, long by)
    {
        long number = 0;
        if (held is not null && !long.TryParse(held, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)) return [NotInteger];
        held = Text(number + by);
        return [held];
    }

    private string?[] Delete(string?[] state, Step step)
    {
        int deleted = 0;
        foreach (string key in step.Keys)
        {
            if (state[_places[key]] is not null) deleted++;
            state[_places[key]] = null;
        }
        return [Text(deleted)];
    }

    private string?[] StoreAll(string?[] state, Step step, string answer)
    {
        for (int i = 0; i < step.Keys.Length; i++) state[_places[step.Keys[i]]] = step.Values[i];
        return [answer];
    }

    private static string?[] Rename(string?[] state, int from, int to)
    {
        string? moved = state[from];
        if (moved is null) return [NoSuchKey];
        state[from] = null;
        state[to] = moved;
        return ["OK"];
    }

    private static string?[] Copy(string?[] state, int from, int to)
    {
        if (state[from] is null) return ["0"];
        state[to] = state[from];
        return ["1"];
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

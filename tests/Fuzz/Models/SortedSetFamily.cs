using System.Globalization;

namespace Anax.Tests.Fuzz.Models;

/// <summary>Sorted sets, packed and as trees. Scores are halves, whose text is short.</summary>
internal sealed class SortedSetFamily : ModelFamily
{
    public override string[] Limits() => ["zset-max-listpack-entries", One("3", "8", "64"), "zset-max-listpack-value", One("6", "20", "64")];

    public override string[][] Shows(string key) => [["ZRANGE", key, "0", "-1", "WITHSCORES"], ["ZCARD", key]];

    protected override IEnumerable<ModelCommand> Commands() =>
    [
        new("ZADD", 10, Effect.Grows, () => [Key(), .. Maybe(3, () => [One("NX", "XX", "GT", "LT")]), .. Maybe(3, () => ["CH"]), .. Scored()], Add),
        new("ZINCRBY", 3, Effect.Grows, () => [Key(), Score(), Name()], Increment),
        new("ZREM", 5, Effect.Shrinks, () => [Key(), .. Some(1, 5, Name)], a => Is(a.Skip(2).Count(m => Remove(a[1], m)))),
        new("ZSCORE", 2, Effect.Reads, () => [Key(), Name()], a => Is(ScoreOf(a[1], a[2]))),
        new("ZMSCORE", 2, Effect.Reads, () => [Key(), .. Some(1, 4, Name)], a => Items(a.Skip(2).Select(m => ScoreOf(a[1], m)))),
        new("ZCARD", 2, Effect.Reads, () => [Key()], a => Is(Get(a[1]).Count)),
        new("ZCOUNT", 3, Effect.Reads, () => [Key(), Bound(), Bound()], a => Is(InScores(a[1], a[2], a[3]).Count())),
        new("ZRANK", 3, Effect.Reads, () => [Key(), Name()], Rank),
        new("ZREVRANK", 2, Effect.Reads, () => [Key(), Name()], Rank),
        new("ZRANGE", 5, Effect.Reads, () => [Key(), .. RangeWords(), .. Maybe(2, () => ["WITHSCORES"])],
            a => Shown(InRange(a[1], a[2..]), a.Contains("WITHSCORES"))),
        new("ZRANGESTORE", 2, Effect.Changes, () => [Key(), Key(), .. RangeWords()], a => Store(a[1], InRange(a[2], a[3..]).ToList())),
        new("ZREMRANGEBYRANK", 1, Effect.Shrinks, () => [Key(), $"{Random.Next(-9, 9)}", $"{Random.Next(-9, 9)}"],
            a => RemoveAll(a[1], InRange(a[1], a[2..4]))),
        new("ZREMRANGEBYSCORE", 2, Effect.Shrinks, () => [Key(), Bound(), Bound()], a => RemoveAll(a[1], InScores(a[1], a[2], a[3]))),
        new("ZPOPMIN", 3, Effect.Shrinks, () => [Key(), $"{Random.Next(0, 7)}"], a => Shown(Pop(a[1], isLeast: true, (int)Long(a[2])), withScores: true)),
        new("ZPOPMAX", 3, Effect.Shrinks, () => [Key(), $"{Random.Next(0, 7)}"], a => Shown(Pop(a[1], isLeast: false, (int)Long(a[2])), withScores: true)),
        new("ZMPOP", 2, Effect.Shrinks, () => ["2", Key(), Key(), One("MIN", "MAX"), "COUNT", $"{Random.Next(1, 7)}"], PopMany),
        new("ZRANDMEMBER", 2, Effect.Reads, () => [Key(), $"{Random.Next(-6, 9)}"], Draw),
        new("ZUNION", 2, Effect.Reads, () => Combined(), a => Shown(Combine(a[0], a[1..]), withScores: true)),
        new("ZINTER", 2, Effect.Reads, () => Combined(), a => Shown(Combine(a[0], a[1..]), withScores: true)),
        new("ZDIFF", 2, Effect.Reads, () => ["3", Key(), Key(), Key(), "WITHSCORES"], a => Shown(Combine(a[0], a[1..]), withScores: true)),
        new("ZINTERCARD", 1, Effect.Reads, () => ["2", Key(), Key()], a => Is(Combine("ZINTER", a[1..]).Count)),
        new("ZUNIONSTORE", 2, Effect.Changes, () => [Key(), .. Combined()[..^1]], a => Store(a[1], Combine(a[0], a[2..]))),
        new("ZINTERSTORE", 2, Effect.Changes, () => [Key(), .. Combined()[..^1]], a => Store(a[1], Combine(a[0], a[2..]))),
        new("ZDIFFSTORE", 2, Effect.Changes, () => [Key(), "2", Key(), Key()], a => Store(a[1], Combine(a[0], a[2..]))),
        new("ZRANGEBYLEX", 2, Effect.Reads, () => [Key(), $"{One("[", "(")}m1", $"{One("[", "(")}m{Random.Next(1, 10)}"], ByLex),
    ];

    private string Name() => Random.Next(8) == 0 ? Text() : $"m{Random.Next(Random.Next(3) == 0 ? 300 : 12)}";

    private string Score() => Show(Random.Next(-6, 7) / 2.0 * (Random.Next(20) == 0 ? 1e6 : 1));

    private string[] Scored() => [.. Enumerable.Range(0, Random.Next(1, 7)).SelectMany(_ => new[] { Score(), Name() })];

    private string Bound() => Random.Next(8) == 0 ? One("-inf", "+inf") : $"{(Random.Next(3) == 0 ? "(" : "")}{Score()}";

    private string[] RangeWords() => Random.Next(2) == 0
        ? [$"{Random.Next(-12, 12)}", $"{Random.Next(-12, 12)}", .. Maybe(2, () => ["REV"])]
        : [Bound(), Bound(), "BYSCORE", .. Maybe(2, () => ["REV"]), .. Maybe(3, () => ["LIMIT", $"{Random.Next(4)}", $"{Random.Next(-1, 6)}"])];

    private string[] Combined() =>
        ["2", Key(), Key(), "WEIGHTS", One("1", "2"), One("1", "3"), "AGGREGATE", One("SUM", "MIN", "MAX"), "WITHSCORES"];

    private static string Show(double score) =>
        score == Math.Floor(score) ? ((long)score).ToString(CultureInfo.InvariantCulture) : score.ToString("R", CultureInfo.InvariantCulture);

    private static double Value(string text) => text switch
    {
        "-inf" => double.NegativeInfinity,
        "+inf" => double.PositiveInfinity,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };

    private Dictionary<string, double> Get(string key) => Db.Get<Dictionary<string, double>>(key) ?? [];

    /// <summary>By score, then by the bytes of the member.</summary>
    private static List<KeyValuePair<string, double>> Sorted(IEnumerable<KeyValuePair<string, double>> from) =>
        [.. from.OrderBy(m => m.Value).ThenBy(m => m.Key, StringComparer.Ordinal)];

    private static Answer Shown(IEnumerable<KeyValuePair<string, double>> members, bool withScores) =>
        Items(members.SelectMany(m => withScores ? [m.Key, Show(m.Value)] : new[] { m.Key }));

    private string ScoreOf(string key, string name) => Get(key).TryGetValue(name, out double score) ? Show(score) : Nil;

    private bool Remove(string key, string name)
    {
        bool isThere = Get(key).Remove(name);
        if (Get(key).Count == 0) Db.Delete(key);
        return isThere;
    }

    private Answer RemoveAll(string key, IEnumerable<KeyValuePair<string, double>> members) => Is(members.ToList().Count(m => Remove(key, m.Key)));

    private Answer Add(string[] a)
    {
        int at = 2, added = 0, changed = 0;
        string condition = a[at] is "NX" or "XX" or "GT" or "LT" ? a[at++] : "";
        bool countsChanged = a[at] == "CH";
        if (countsChanged) at++;
        _ = Get(a[1]);
        for (; at < a.Length; at += 2)
        {
            double score = Value(a[at]);
            bool isThere = Get(a[1]).TryGetValue(a[at + 1], out double before);
            bool isAllowed = condition switch
            {
                "NX" => !isThere,
                "XX" => isThere,
                "GT" => !isThere || score > before,
                "LT" => !isThere || score < before,
                _ => true,
            };
            if (!isAllowed || (isThere && score == before)) continue;
            Db.GetOrAdd<Dictionary<string, double>>(a[1], () => [])[a[at + 1]] = score;
            if (isThere) changed++;
            else added++;
        }
        return Is(countsChanged ? added + changed : added);
    }

    private Answer Increment(string[] a)
    {
        double sum = Value(a[2]) + Get(a[1]).GetValueOrDefault(a[3]);
        Db.GetOrAdd<Dictionary<string, double>>(a[1], () => [])[a[3]] = sum;
        return Is(Show(sum));
    }

    private Answer Rank(string[] a)
    {
        List<KeyValuePair<string, double>> all = Sorted(Get(a[1]));
        if (a[0] == "ZREVRANK") all.Reverse();
        int at = all.FindIndex(m => m.Key == a[2]);
        return at < 0 ? Is(Nil) : Is(at);
    }

    private IEnumerable<KeyValuePair<string, double>> InScores(string key, string least, string most) => Sorted(Get(key)).Where(m =>
        (least[0] == '(' ? m.Value > Value(least[1..]) : m.Value >= Value(least)) && (most[0] == '(' ? m.Value < Value(most[1..]) : m.Value <= Value(most)));

    /// <summary>What ZRANGE takes behind its key: from, to, and options.</summary>
    private IEnumerable<KeyValuePair<string, double>> InRange(string key, string[] words)
    {
        bool isReversed = words.Contains("REV");
        if (!words.Contains("BYSCORE"))
        {
            List<KeyValuePair<string, double>> all = Sorted(Get(key));
            if (isReversed) all.Reverse();
            (int from, int to) = Range(words[0], words[1], all.Count);
            return all.GetRange(from, to - from + 1);
        }
        IEnumerable<KeyValuePair<string, double>> members = isReversed ? InScores(key, words[1], words[0]).Reverse() : InScores(key, words[0], words[1]);
        int limit = Array.IndexOf(words, "LIMIT");
        if (limit < 0) return members;
        int count = (int)Long(words[limit + 2]);
        return members.Skip((int)Long(words[limit + 1])).Take(count < 0 ? int.MaxValue : count);
    }

    private Answer Store(string key, List<KeyValuePair<string, double>> members)
    {
        Db.Delete(key);
        if (members.Count != 0) Db.Set(key, new Dictionary<string, double>(members));
        return Is(members.Count);
    }

    private List<KeyValuePair<string, double>> Pop(string key, bool isLeast, int count)
    {
        List<KeyValuePair<string, double>> all = Sorted(Get(key));
        if (!isLeast) all.Reverse();
        all = [.. all.Take(count)];
        foreach ((string name, _) in all) Remove(key, name);
        return all;
    }

    private Answer PopMany(string[] a)
    {
        foreach (string key in a[2..4])
        {
            if (Get(key).Count == 0) continue;
            IEnumerable<string> popped = Pop(key, a[4] == "MIN", (int)Long(a[6])).Select(m => $"[{m.Key}, {Show(m.Value)}]");
            return Is($"[{key}, [{string.Join(", ", popped)}]]");
        }
        return Is(Nil);
    }

    private Answer Draw(string[] a)
    {
        Dictionary<string, double> all = new(Get(a[1]));
        long count = Long(a[2]);
        int expected = all.Count == 0 ? 0 : count < 0 ? (int)-count : (int)Math.Min(count, all.Count);
        return reply => reply.Items.Count == expected && reply.Items.All(i => all.ContainsKey(i.Text))
            && (count < 0 || reply.Items.Select(i => i.Text).Distinct().Count() == expected)
            ? null : $"{expected} of {all.Count} members";
    }

    private List<KeyValuePair<string, double>> Combine(string name, string[] words)
    {
        int count = (int)Long(words[0]), weights = Array.IndexOf(words, "WEIGHTS");
        Dictionary<string, double>[] sets = [.. words[1..(count + 1)].Select((key, i) =>
            Get(key).ToDictionary(m => m.Key, m => weights < 0 ? m.Value : m.Value * Value(words[weights + 1 + i])))];
        string how = words.Contains("MIN") ? "MIN" : words.Contains("MAX") ? "MAX" : "SUM";
        Dictionary<string, double> result = new(sets[0]);
        foreach (Dictionary<string, double> other in sets[1..])
        {
            foreach (string member in result.Keys.Union(other.Keys).ToList())
            {
                bool isIn = result.TryGetValue(member, out double x), isOther = other.TryGetValue(member, out double y);
                bool goes = name[..3] switch
                {
                    "ZDI" => isOther,
                    "ZIN" => !(isIn && isOther),
                    _ => false,
                };
                if (goes) result.Remove(member);
                else if (isOther) result[member] = !isIn ? y : how == "MIN" ? Math.Min(x, y) : how == "MAX" ? Math.Max(x, y) : x + y;
            }
        }
        return Sorted(result);
    }

    /// <summary>A range of members says something only where all scores are the same.</summary>
    private Answer ByLex(string[] a)
    {
        Dictionary<string, double> all = Get(a[1]);
        if (all.Values.Distinct().Count() > 1) return Any;
        return Items(Sorted(all).Select(m => m.Key).Where(m =>
            string.CompareOrdinal(m, a[2][1..]) is var least && (least > 0 || (least == 0 && a[2][0] == '['))
            && string.CompareOrdinal(m, a[3][1..]) is var most && (most < 0 || (most == 0 && a[3][0] == '['))));
    }
}

namespace Anax.Tests.Fuzz.Models;

/// <summary>Lists, packed and in chunks.</summary>
internal sealed class ListFamily : ModelFamily
{
    public override string[] Limits() => ["list-max-listpack-size", One("2", "5", "20", "-1", "-2")];

    public override string[][] Shows(string key) => [["LRANGE", key, "0", "-1"], ["LLEN", key]];

    protected override IEnumerable<ModelCommand> Commands() =>
    [
        new("LPUSH", 8, Effect.Grows, () => [Key(), .. Some(1, 6, Text)], a => Push(a, isLeft: true)),
        new("RPUSH", 8, Effect.Grows, () => [Key(), .. Some(1, 6, Text)], a => Push(a, isLeft: false)),
        new("LPUSHX", 2, Effect.Grows, () => [Key(), .. Some(1, 3, Text)], a => Push(a, isLeft: true)),
        new("RPUSHX", 2, Effect.Grows, () => [Key(), .. Some(1, 3, Text)], a => Push(a, isLeft: false)),
        new("LPOP", 4, Effect.Shrinks, () => [Key(), .. Maybe(3, () => [$"{Random.Next(0, 12)}"])], Pop),
        new("RPOP", 4, Effect.Shrinks, () => [Key(), .. Maybe(3, () => [$"{Random.Next(0, 12)}"])], Pop),
        new("LLEN", 2, Effect.Reads, () => [Key()], a => Is(Get(a[1]).Count)),
        new("LRANGE", 4, Effect.Reads, () => [Key(), $"{Index()}", $"{Index()}"], a => Items(Slice(Get(a[1]), a[2], a[3]))),
        new("LINDEX", 4, Effect.Reads, () => [Key(), $"{Index()}"], a => Is(Place(Get(a[1]), a[2]) is var at && at < 0 ? Nil : Get(a[1])[at])),
        new("LSET", 4, Effect.Changes, () => [Key(), $"{Index()}", Text()], Set),
        new("LINSERT", 4, Effect.Grows, () => [Key(), One("BEFORE", "AFTER"), Text(), Text()], Insert),
        new("LREM", 3, Effect.Shrinks, () => [Key(), $"{Random.Next(-3, 4)}", Text()], Remove),
        new("LTRIM", 2, Effect.Shrinks, () => [Key(), $"{Index()}", $"{Index()}"], Trim),
        new("LPOS", 4, Effect.Reads, () => [Key(), Text(), "RANK", One("1", "2", "-1", "-3"), .. Maybe(2, () => ["COUNT", $"{Random.Next(4)}"])], Positions),
        new("LMOVE", 4, Effect.Changes, () => [Key(), Key(), One("LEFT", "RIGHT"), One("LEFT", "RIGHT")], a => Move(a[1], a[2], a[3], a[4])),
        new("RPOPLPUSH", 2, Effect.Changes, () => [Key(), Key()], a => Move(a[1], a[2], "RIGHT", "LEFT")),
        new("LMPOP", 3, Effect.Shrinks, () => ["2", Key(), Key(), One("LEFT", "RIGHT"), "COUNT", $"{Random.Next(1, 8)}"], PopMany),
    ];

    private int Index() => Random.Next(3) == 0 ? Random.Next(-200, 200) : Random.Next(-8, 8);

    private List<string> Get(string key) => Db.Get<List<string>>(key) ?? [];

    private void Drop(string key)
    {
        if (Get(key).Count == 0) Db.Delete(key);
    }

    private static List<string> Slice(List<string> list, string from, string to)
    {
        (int first, int last) = Range(from, to, list.Count);
        return list.GetRange(first, last - first + 1);
    }

    /// <summary>The place that an index names, -1 where there is none.</summary>
    private static int Place(List<string> list, string index)
    {
        long at = Long(index);
        if (at < 0) at += list.Count;
        return at >= 0 && at < list.Count ? (int)at : -1;
    }

    private Answer Push(string[] a, bool isLeft)
    {
        if (a[0].EndsWith('X') && Db.Get<List<string>>(a[1]) is null) return Is(0);
        List<string> list = Db.GetOrAdd<List<string>>(a[1], () => []);
        foreach (string element in a.Skip(2)) list.Insert(isLeft ? 0 : list.Count, element);
        return Is(list.Count);
    }

    private List<string> Take(string key, bool isLeft, int count)
    {
        List<string> list = Get(key), taken = [];
        for (; count > 0 && list.Count > 0; count--)
        {
            int at = isLeft ? 0 : list.Count - 1;
            taken.Add(list[at]);
            list.RemoveAt(at);
        }
        Drop(key);
        return taken;
    }

    private Answer Pop(string[] a)
    {
        if (Get(a[1]).Count == 0) return Is(Nil);
        List<string> taken = Take(a[1], a[0] == "LPOP", a.Length > 2 ? (int)Long(a[2]) : 1);
        return a.Length > 2 ? Items(taken) : Is(taken[0]);
    }

    private Answer Set(string[] a)
    {
        List<string> list = Get(a[1]);
        if (list.Count == 0) return Is("-ERR no such key");
        int at = Place(list, a[2]);
        if (at < 0) return Is("-ERR index out of range");
        list[at] = a[3];
        return Is(Ok);
    }

    private Answer Insert(string[] a)
    {
        List<string> list = Get(a[1]);
        if (list.Count == 0) return Is(0);
        int at = list.IndexOf(a[3]);
        if (at < 0) return Is(-1);
        list.Insert(a[2] == "BEFORE" ? at : at + 1, a[4]);
        return Is(list.Count);
    }

    private Answer Remove(string[] a)
    {
        List<string> list = Get(a[1]);
        long count = Long(a[2]), removed = 0;
        while (count == 0 || removed < Math.Abs(count))
        {
            int at = count < 0 ? list.LastIndexOf(a[3]) : list.IndexOf(a[3]);
            if (at < 0) break;
            list.RemoveAt(at);
            removed++;
        }
        Drop(a[1]);
        return Is(removed);
    }

    private Answer Trim(string[] a)
    {
        if (Db.Get<List<string>>(a[1]) is not { } list) return Is(Ok);
        List<string> kept = Slice(list, a[2], a[3]);
        Db.Replace(a[1], kept);
        Drop(a[1]);
        return Is(Ok);
    }

    private Answer Positions(string[] a)
    {
        long rank = Long(a[4]);
        List<string> list = Get(a[1]);
        int[] places = [.. Enumerable.Range(0, list.Count).Where(i => list[i] == a[2])];
        if (rank < 0) Array.Reverse(places);
        IEnumerable<int> found = places.Skip((int)Math.Abs(rank) - 1);
        if (a.Length < 6) return found.Any() ? Is(found.First()) : Is(Nil);
        return Items(found.Take(a[6] == "0" ? int.MaxValue : (int)Long(a[6])).Select(i => Number(i)));
    }

    private Answer Move(string from, string to, string fromEnd, string toEnd)
    {
        if (Get(from).Count == 0) return Is(Nil);
        _ = Get(to);
        string moved = Get(from)[fromEnd == "LEFT" ? 0 : ^1];
        Get(from).RemoveAt(fromEnd == "LEFT" ? 0 : Get(from).Count - 1);
        // A list that goes round keeps its time to live, even one of a single element.
        if (from != to) Drop(from);
        List<string> target = Db.GetOrAdd<List<string>>(to, () => []);
        target.Insert(toEnd == "LEFT" ? 0 : target.Count, moved);
        return Is(moved);
    }

    private Answer PopMany(string[] a)
    {
        foreach (string key in a[2..4])
        {
            if (Get(key).Count == 0) continue;
            return Is($"[{key}, [{string.Join(", ", Take(key, a[4] == "LEFT", (int)Long(a[6])))}]]");
        }
        return Is(Nil);
    }
}

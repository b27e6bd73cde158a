namespace Anax.Tests.Fuzz.Models;

/// <summary>Sets of numbers, packed and as tables, with members that expire.</summary>
internal sealed class SetFamily : ModelFamily
{
    public override string[] Limits() =>
        ["set-max-intset-entries", One("3", "8", "60"), "set-max-listpack-entries", One("3", "8", "60"), "set-max-listpack-value", One("6", "20")];

    public override string[][] Shows(string key) => [["SMEMBERS", key], ["SCARD", key], .. Live(key).Take(30).Select(m => (string[])["FIELDTTL", key, m.Key])];

    protected override IEnumerable<ModelCommand> Commands() =>
    [
        new("SADD", 10, Effect.Grows, () => [Key(), .. Some(1, 8, Name)], a => Is(a.Skip(2).Count(m => Add(a[1], m)))),
        new("SADDEX", 3, Effect.Grows, () => [Key(), $"{Random.Next(1, 5)}", .. Some(1, 4, Name)], AddExpiring),
        new("SREM", 6, Effect.Shrinks, () => [Key(), .. Some(1, 6, Name)], a => Is(a.Skip(2).Count(m => Remove(a[1], m)))),
        new("SISMEMBER", 3, Effect.Reads, () => [Key(), Name()], a => Is(Has(a[1], a[2]) ? 1 : 0)),
        new("SMISMEMBER", 3, Effect.Reads, () => [Key(), .. Some(1, 5, Name)], a => Items(a.Skip(2).Select(m => Has(a[1], m) ? ":1" : ":0"))),
        new("SCARD", 3, Effect.Reads, () => [Key()], a => Between(Live(a[1]).Count(), Get(a[1]).Count)),
        new("SMEMBERS", 2, Effect.Reads, () => [Key()], a => Unordered(Names(a[1]))),
        new("SPOP", 3, Effect.Shrinks, () => [Key(), .. Maybe(2, () => [$"{Random.Next(0, 9)}"])], a => Draw(a, takes: true)),
        new("SRANDMEMBER", 3, Effect.Reads, () => [Key(), .. Maybe(2, () => [$"{Random.Next(-6, 9)}"])], a => Draw(a, takes: false)),
        new("FIELDEXPIRE", 3, Effect.Changes, () => [Key(), $"{Random.Next(1, 5)}", .. Some(1, 3, Name)], Expire),
        new("FIELDTTL", 2, Effect.Reads, () => [Key(), Name()], TimeOf),
        new("SINTER", 2, Effect.Reads, () => Some(1, 4, Key), a => Unordered(Combine(a[0], a[1..]))),
        new("SUNION", 2, Effect.Reads, () => Some(1, 4, Key), a => Unordered(Combine(a[0], a[1..]))),
        new("SDIFF", 2, Effect.Reads, () => Some(1, 4, Key), a => Unordered(Combine(a[0], a[1..]))),
        new("SINTERCARD", 2, Effect.Reads, () => ["2", Key(), Key(), .. Maybe(2, () => ["LIMIT", $"{Random.Next(5)}"])], InterCard),
        new("SINTERSTORE", 2, Effect.Changes, () => [Key(), .. Some(1, 3, Key)], Store),
        new("SUNIONSTORE", 2, Effect.Changes, () => [Key(), .. Some(1, 3, Key)], Store),
        new("SDIFFSTORE", 2, Effect.Changes, () => [Key(), .. Some(1, 3, Key)], Store),
    ];

    private string Name() => Random.Next(5) switch
    {
        0 => Text(),
        1 => $"{Random.Next(-70_000, 70_000)}",
        _ => $"{Random.Next(Random.Next(3) == 0 ? 300 : 16)}",
    };

    private Members Get(string key) => Db.Get<Members>(key) ?? new Members(isHash: false);

    private IEnumerable<KeyValuePair<string, Member>> Live(string key) => Get(key).Live(Db.NowMs);

    private HashSet<string> Names(string key) => [.. Live(key).Select(m => m.Key)];

    private bool Has(string key, string name) => Get(key).TryGetLive(name, Db.NowMs, out _);

    private bool Add(string key, string name, long expireAtMs = 0)
    {
        Members set = Db.GetOrAdd(key, () => new Members(isHash: false));
        if (set.TryGetLive(name, Db.NowMs, out _)) return false;
        set[name] = new Member("", expireAtMs);
        return true;
    }

    private bool Remove(string key, string name)
    {
        bool isThere = Has(key, name);
        if (isThere) Get(key).Remove(name);
        if (Get(key).Count == 0) Db.Delete(key);
        return isThere;
    }

    private Answer AddExpiring(string[] a)
    {
        long at = Db.NowMs + 1000 * Long(a[2]);
        int added = 0;
        foreach (string name in a.Skip(3))
        {
            if (Add(a[1], name, at)) added++;
            else Get(a[1])[name] = new Member("", at);
        }
        return Is(added);
    }

    private Answer Expire(string[] a)
    {
        long at = Db.NowMs + 1000 * Long(a[2]);
        _ = Get(a[1]);
        return Items([.. a.Skip(3).Select(name =>
        {
            if (!Has(a[1], name)) return ":-2";
            Get(a[1])[name] = new Member("", at);
            return ":1";
        })]);
    }

    private Answer TimeOf(string[] a)
    {
        if (Db.Get<Members>(a[1]) is null) return Is(-2);
        if (!Get(a[1]).TryGetLive(a[2], Db.NowMs, out Member member)) return Is(-3);
        return Is(member.ExpireAtMs == 0 ? -1 : (member.ExpireAtMs - Db.NowMs + 500) / 1000);
    }

    /// <summary>Some by chance: which, the reply says.</summary>
    private Answer Draw(string[] a, bool takes)
    {
        HashSet<string> live = Names(a[1]);
        long count = a.Length > 2 ? Long(a[2]) : 1;
        int expected = live.Count == 0 ? 0 : count < 0 ? (int)-count : (int)Math.Min(count, live.Count);
        return reply =>
        {
            string[] drawn = a.Length > 2 ? [.. reply.Items.Select(i => i.Text)] : reply.IsNull ? [] : [reply.Text];
            bool isRight = drawn.Length == expected && drawn.All(live.Contains) && (count < 0 || drawn.Distinct().Count() == expected);
            if (!isRight) return $"{expected} of [{string.Join(", ", live)}]";
            if (takes) foreach (string name in drawn) Remove(a[1], name);
            return null;
        };
    }

    private HashSet<string> Combine(string name, string[] keys)
    {
        HashSet<string> result = Names(keys[0]);
        // The type of every key is looked at, whatever the others hold.
        foreach (HashSet<string> other in keys[1..].Select(Names).ToList())
        {
            if (name.StartsWith("SINTER", StringComparison.Ordinal)) result.IntersectWith(other);
            else if (name.StartsWith("SUNION", StringComparison.Ordinal)) result.UnionWith(other);
            else result.ExceptWith(other);
        }
        return result;
    }

    private Answer InterCard(string[] a)
    {
        int count = Combine("SINTER", a[2..4]).Count;
        return Is(a.Length > 5 && a[5] != "0" ? Math.Min(count, Long(a[5])) : count);
    }

    private Answer Store(string[] a)
    {
        HashSet<string> result = Combine(a[0], a[2..]);
        Db.Delete(a[1]);
        foreach (string name in result) Add(a[1], name);
        return Is(result.Count);
    }
}

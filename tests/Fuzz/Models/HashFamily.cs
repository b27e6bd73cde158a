using System.Numerics;

namespace Anax.Tests.Fuzz.Models;

/// <summary>Hashes, packed and as tables, with fields that expire.</summary>
internal sealed class HashFamily : ModelFamily
{
    private static readonly string[] Conditions = ["NX", "XX", "GT", "LT"];

    public override string[] Limits() => ["hash-max-listpack-entries", One("3", "8", "64"), "hash-max-listpack-value", One("6", "20", "64")];

    public override string[][] Shows(string key) => [["HGETALL", key], ["HLEN", key], .. Fields(key)];

    protected override IEnumerable<ModelCommand> Commands() =>
    [
        new("HSET", 10, Effect.Grows, () => [Key(), .. PairsOfMany()], a => Is(SetAll(a[1], a[2..]))),
        new("HSETNX", 2, Effect.Grows, () => [Key(), Field(), Text()], SetNew),
        new("HGET", 3, Effect.Reads, () => [Key(), Field()], a => Is(TextOf(a[1], a[2]) ?? Nil)),
        new("HMGET", 3, Effect.Reads, () => [Key(), .. Some(1, 4, Field)], a => Items(a.Skip(2).Select(f => TextOf(a[1], f) ?? Nil))),
        new("HGETALL", 2, Effect.Reads, () => [Key()], a => Pairs(Live(a[1]).Select(m => (m.Key, m.Value.Text)))),
        new("HKEYS", 1, Effect.Reads, () => [Key()], a => Unordered(Live(a[1]).Select(m => m.Key))),
        new("HVALS", 1, Effect.Reads, () => [Key()], a => Unordered(Live(a[1]).Select(m => m.Value.Text))),
        new("HLEN", 3, Effect.Reads, () => [Key()], a => Between(Live(a[1]).Count(), Get(a[1]).Count)),
        new("HSTRLEN", 2, Effect.Reads, () => [Key(), Field()], a => Is(TextOf(a[1], a[2])?.Length ?? 0)),
        new("HEXISTS", 2, Effect.Reads, () => [Key(), Field()], a => Is(TextOf(a[1], a[2]) is null ? 0 : 1)),
        new("HDEL", 6, Effect.Shrinks, () => [Key(), .. Some(1, 5, Field)], a => Is(a.Skip(2).Count(f => Remove(a[1], f)))),
        new("HINCRBY", 3, Effect.Grows, () => [Key(), Field(), One("1", "-1", "9223372036854775807")], Increment),
        new("HRANDFIELD", 2, Effect.Reads, () => [Key(), $"{Random.Next(-6, 7)}"], RandomFields),
        new("HPEXPIRE", 6, Effect.Changes, () => [Key(), $"{Ttl() & int.MaxValue}", .. Maybe(3, () => [Conditions[Random.Next(4)]]), .. Named()], Expire),
        new("HPERSIST", 2, Effect.Changes, () => [Key(), .. Named()], a => Items(NamedIn(a).Select(f => Number(Persist(a[1], f))))),
        new("HPTTL", 2, Effect.Reads, () => [Key(), .. Named()], a => Items(NamedIn(a).Select(f => Number(Time(a[1], f, Db.NowMs))))),
        new("HPEXPIRETIME", 2, Effect.Reads, () => [Key(), .. Named()], a => Items(NamedIn(a).Select(f => Number(Time(a[1], f, 0))))),
        new("HGETEX", 3, Effect.Changes, () => [Key(), .. Maybe(2, () => Expiry("PERSIST")), .. Named()], GetEx),
        new("HSETEX", 4, Effect.Grows, () => [Key(), .. Maybe(4, () => [One("FNX", "FXX")]), .. Maybe(2, () => Expiry("KEEPTTL")), .. Given()], SetEx),
        new("HGETDEL", 2, Effect.Shrinks, () => [Key(), .. Named()], GetDel),
    ];

    private string Field() => Random.Next(6) == 0 ? Text() : $"f{Random.Next(Random.Next(3) == 0 ? 300 : 8)}";

    private string[] Expiry(string otherwise) => Random.Next(2) == 0 ? ["PX", $"{Random.Next(1, 4000)}"] : [otherwise];

    private string[] PairsOfMany() => [.. Enumerable.Range(0, Random.Next(1, 6)).SelectMany(_ => new[] { Field(), Text() })];

    private string[] Named() => Some(1, 4, Field) is var fields ? ["FIELDS", $"{fields.Length}", .. fields] : [];

    private string[] Given() => PairsOfMany() is var pairs ? ["FIELDS", $"{pairs.Length / 2}", .. pairs] : [];

    /// <summary>What stands behind FIELDS and the number.</summary>
    private static string[] NamedIn(string[] a) => a[(Array.IndexOf(a, "FIELDS", 2) + 2)..];

    private string[][] Fields(string key) => Live(key).Chunk(50).Select(some =>
        (string[])["HPEXPIRETIME", key, "FIELDS", $"{some.Length}", .. some.Select(m => m.Key)]).ToArray();

    private Members Get(string key) => Db.Get<Members>(key) ?? new Members(isHash: true);

    private IEnumerable<KeyValuePair<string, Member>> Live(string key) => Get(key).Live(Db.NowMs);

    private string? TextOf(string key, string field) => Get(key).TryGetLive(field, Db.NowMs, out Member member) ? member.Text : null;

    private bool SetOne(string key, string field, string text, long expireAtMs)
    {
        Members hash = Db.GetOrAdd(key, () => new Members(isHash: true));
        bool isNew = !hash.TryGetLive(field, Db.NowMs, out _);
        hash[field] = new Member(text, expireAtMs);
        return isNew;
    }

    private int SetAll(string key, string[] pairs) => Enumerable.Range(0, pairs.Length / 2).Count(i => SetOne(key, pairs[2 * i], pairs[2 * i + 1], 0));

    private bool Remove(string key, string field)
    {
        bool isThere = TextOf(key, field) is not null;
        if (isThere) Get(key).Remove(field);
        if (Get(key).Count == 0) Db.Delete(key);
        return isThere;
    }

    private Answer SetNew(string[] a)
    {
        if (TextOf(a[1], a[2]) is not null) return Is(0);
        SetOne(a[1], a[2], a[3], 0);
        return Is(1);
    }

    private Answer Increment(string[] a)
    {
        bool isThere = Get(a[1]).TryGetLive(a[2], Db.NowMs, out Member member);
        if (!IsInteger(isThere ? member.Text : "0", out long number)) return Is("-ERR hash value is not an integer");
        BigInteger sum = number + (BigInteger)Long(a[3]);
        if (sum < long.MinValue || sum > long.MaxValue) return Is("-ERR increment or decrement would overflow");
        SetOne(a[1], a[2], $"{sum}", isThere ? member.ExpireAtMs : 0);
        return Is((long)sum);
    }

    private Answer RandomFields(string[] a)
    {
        HashSet<string> live = [.. Live(a[1]).Select(m => m.Key)];
        long count = Long(a[2]);
        int expected = live.Count == 0 ? 0 : count < 0 ? (int)-count : (int)Math.Min(count, live.Count);
        return reply => reply.Items.Count == expected && reply.Items.All(i => live.Contains(i.Text))
            && (count < 0 || reply.Items.Select(i => i.Text).Distinct().Count() == expected)
            ? null : $"{expected} of [{string.Join(", ", live)}]";
    }

    private Answer Expire(string[] a)
    {
        string condition = a[3] == "FIELDS" ? "" : a[3];
        long at = Db.NowMs + Long(a[2]);
        _ = Get(a[1]);
        return Items([.. NamedIn(a).Select(field =>
        {
            if (!Get(a[1]).TryGetLive(field, Db.NowMs, out Member member)) return ":-2";
            if (!Allows(condition, member.ExpireAtMs, at)) return ":0";
            if (at <= Db.NowMs)
            {
                Remove(a[1], field);
                return ":2";
            }
            Get(a[1])[field] = member with { ExpireAtMs = at };
            return ":1";
        })]);
    }

    private long Persist(string key, string field)
    {
        if (!Get(key).TryGetLive(field, Db.NowMs, out Member member)) return -2;
        Get(key)[field] = member with { ExpireAtMs = 0 };
        return member.ExpireAtMs == 0 ? -1 : 1;
    }

    private long Time(string key, string field, long sinceMs) =>
        !Get(key).TryGetLive(field, Db.NowMs, out Member member) ? -2 : member.ExpireAtMs == 0 ? -1 : member.ExpireAtMs - sinceMs;

    private Answer GetEx(string[] a)
    {
        string[] fields = NamedIn(a);
        string[] texts = [.. fields.Select(f => TextOf(a[1], f) ?? Nil)];
        if (a[2] == "FIELDS") return Items(texts);
        long at = a[2] == "PX" ? Db.NowMs + Long(a[3]) : 0;
        foreach (string field in fields)
            if (Get(a[1]).TryGetLive(field, Db.NowMs, out Member member)) Get(a[1])[field] = member with { ExpireAtMs = at };
        return Items(texts);
    }

    private Answer SetEx(string[] a)
    {
        string[] options = a[2..Array.IndexOf(a, "FIELDS", 2)], pairs = NamedIn(a);
        string[] fields = [.. pairs.Where((_, i) => i % 2 == 0)];
        _ = Get(a[1]);
        if (options.Contains("FNX") && fields.Any(f => TextOf(a[1], f) is not null)) return Is(0);
        if (options.Contains("FXX") && fields.Any(f => TextOf(a[1], f) is null)) return Is(0);
        for (int i = 0; i < pairs.Length; i += 2)
        {
            long kept = options.Contains("KEEPTTL") && Get(a[1]).TryGetLive(pairs[i], Db.NowMs, out Member member) ? member.ExpireAtMs : 0;
            SetOne(a[1], pairs[i], pairs[i + 1], options.Contains("PX") ? Db.NowMs + Long(options[^1]) : kept);
        }
        return Is(1);
    }

    private Answer GetDel(string[] a)
    {
        _ = Get(a[1]);
        return Items([.. NamedIn(a).Select(field =>
        {
            string text = TextOf(a[1], field) ?? Nil;
            Remove(a[1], field);
            return text;
        })]);
    }
}

using System.Globalization;

namespace Anax.Tests.Fuzz.Models;

/// <summary>What a command does to the size of values: the model is in moods in which one kind is more frequent.</summary>
internal enum Effect
{
    Reads,
    Grows,
    Shrinks,
    Changes,
}

/// <summary>A command of a family: how often it comes, its random arguments behind the name, and what it does to the model.</summary>
internal sealed record ModelCommand(string Name, int Weight, Effect Effect, Func<string[]> Arguments, Func<string[], Answer> Run);

/// <summary>The commands of one type beside a naive model of it, and those on keys of any type.</summary>
internal abstract class ModelFamily
{
    protected const string Nil = "(nil)", Ok = "OK", SyntaxError = "-ERR syntax error", NotAnInteger = "-ERR value is not an integer or out of range";

    private static readonly string[] Odd = ["", "0", "-0", "007", "+1", "9223372036854775807", "-9223372036854775808", "9223372036854775808", "\0\r\n", "\xFF"];
    private static readonly string[] Conditions = ["NX", "XX", "GT", "LT"];

    protected ModelKeyspace Db { get; } = new();
    protected Random Random { get; private set; } = new(0);

    /// <summary>Options under which values change their form early, drawn anew for each round: name, value, name, value.</summary>
    public abstract string[] Limits();

    /// <summary>The commands that together show all of a key's value.</summary>
    public abstract string[][] Shows(string key);

    protected abstract IEnumerable<ModelCommand> Commands();

    public ModelKeyspace Keyspace => Db;

    public void Draw(Random random) => Random = random;

    public ModelCommand[] All() =>
    [
        .. Commands(),
        new("DEL", 2, Effect.Shrinks, () => Some(1, 2, Key), a => Count(a, Db.Delete)),
        new("UNLINK", 1, Effect.Shrinks, () => [Key()], a => Count(a, Db.Delete)),
        new("EXISTS", 1, Effect.Reads, () => Some(1, 4, Key), a => Count(a, Db.Exists)),
        new("TYPE", 1, Effect.Reads, () => [Key()], a => Is(TypeOf(a[1]))),
        new("PEXPIRE", 3, Effect.Changes, () => [Key(), $"{Ttl()}", .. Maybe(3, () => [Conditions[Random.Next(4)]])], PExpire),
        new("PERSIST", 1, Effect.Changes, () => [Key()], Persist),
        new("PTTL", 1, Effect.Reads, () => [Key()], a => Time(a[1], Db.NowMs)),
        new("PEXPIRETIME", 2, Effect.Reads, () => [Key()], a => Time(a[1], 0)),
        new("RENAME", 1, Effect.Changes, () => [Key(), Key()], Rename),
        new("RENAMENX", 1, Effect.Changes, () => [Key(), Key()], Rename),
        new("COPY", 2, Effect.Grows, () => [Key(), Key(), .. Maybe(2, () => ["REPLACE"])], Copy),
        new("SET", 1, Effect.Changes, () => [$"k{Random.Next(40)}", "of another type"], a =>
        {
            Db.Set(a[1], a[2]);
            return Is(Ok);
        }),
    ];

    // ---- answers ----

    protected static Answer Is(string text) => reply => reply.Text == text ? null : text;

    protected static Answer Is(long number) => Is(Number(number));

    protected static Answer Any => _ => null;

    protected static Answer Items(IEnumerable<string> items) => Is($"[{string.Join(", ", items)}]");

    /// <summary>An array of these in any order.</summary>
    protected static Answer Unordered(IEnumerable<string> items) => reply =>
    {
        string expected = string.Join(", ", items.Order(StringComparer.Ordinal));
        return string.Join(", ", reply.Items.Select(i => i.Text).Order(StringComparer.Ordinal)) == expected ? null : expected;
    };

    /// <summary>An array of names and values, the pairs in any order.</summary>
    protected static Answer Pairs(IEnumerable<(string Name, string Value)> pairs) => reply =>
    {
        string expected = string.Join(", ", pairs.Select(p => $"{p.Name} = {p.Value}").Order(StringComparer.Ordinal));
        string actual = string.Join(", ", reply.Items.Chunk(2).Select(p => $"{p[0]} = {p[^1]}").Order(StringComparer.Ordinal));
        return actual == expected ? null : expected;
    };

    protected static Answer Between(long least, long most) => reply =>
        reply.Type == ':' && reply.Integer >= least && reply.Integer <= most ? null : $"{least} to {most}";

    protected static string Number(long number) => ":" + number.ToString(CultureInfo.InvariantCulture);

    // ---- arguments ----

    protected string Key() => $"k{(Random.Next(3) == 0 ? Random.Next(40) : Random.Next(6))}";

    protected string[] Some(int least, int most, Func<string> one) => [.. Enumerable.Range(0, Random.Next(least, most + 1)).Select(_ => one())];

    protected string[] Maybe(int oneIn, Func<string[]> words) => Random.Next(oneIn) == 0 ? words() : [];

    protected string One(params string[] words) => words[Random.Next(words.Length)];

    /// <summary>A time to live in milliseconds: most of them are over before the round is.</summary>
    protected int Ttl() => Random.Next(12) == 0 ? Random.Next(-1, 2) : Random.Next(1, Random.Next(4) == 0 ? 100_000 : 4000);

    protected string Text() => Random.Next(400) switch
    {
        0 => new string((char)('a' + Random.Next(26)), Random.Next(16_000, 40_000)),
        < 4 => new string((char)('a' + Random.Next(26)), Random.Next(100, 3000)),
        < 10 => Odd[Random.Next(Odd.Length)],
        < 60 => new string((char)('a' + Random.Next(3)), Random.Next(6, 24)),
        < 200 => $"{Random.Next(-300, 300)}",
        _ => $"v{Random.Next(100)}",
    };

    protected static long Long(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    /// <summary>A number in its only spelling.</summary>
    protected static bool IsInteger(string text, out long number) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number) && number.ToString(CultureInfo.InvariantCulture) == text;

    /// <summary>The bounds of a range: from the end where negative, cut to what there is; 0 and -1 where it is empty.</summary>
    protected static (int From, int To) Range(string from, string to, int count)
    {
        long first = Long(from), last = Long(to);
        if (first < 0) first = Math.Max(0, first + count);
        if (last < 0) last += count;
        last = Math.Min(last, count - 1);
        return first > last ? (0, -1) : ((int)first, (int)last);
    }

    protected static Answer Count(string[] arguments, Func<string, bool> holds) => Is(arguments.Skip(1).Count(holds));

    // ---- keys ----

    private string TypeOf(string key) => Db.Find(key) switch
    {
        null => "none",
        string => "string",
        List<string> => "list",
        Members { IsHash: true } => "hash",
        Members => "set",
        ModelStream => "stream",
        _ => "zset",
    };

    private Answer Time(string key, long sinceMs) => Is(!Db.Exists(key) ? -2 : Db.ExpiryOf(key) == 0 ? -1 : Db.ExpiryOf(key) - sinceMs);

    private Answer PExpire(string[] a)
    {
        if (!Db.Exists(a[1])) return Is(0);
        long at = Db.NowMs + Long(a[2]);
        if (!Allows(a.Length > 3 ? a[3] : "", Db.ExpiryOf(a[1]), at)) return Is(0);
        if (at <= Db.NowMs) Db.Delete(a[1]);
        else Db.Expire(a[1], at);
        return Is(1);
    }

    protected static bool Allows(string condition, long beforeMs, long atMs) => condition switch
    {
        "NX" => beforeMs == 0,
        "XX" => beforeMs != 0,
        "GT" => beforeMs != 0 && atMs > beforeMs,
        "LT" => beforeMs == 0 || atMs < beforeMs,
        _ => true,
    };

    private Answer Persist(string[] a)
    {
        if (Db.ExpiryOf(a[1]) == 0) return Is(0);
        Db.Expire(a[1], 0);
        return Is(1);
    }

    private Answer Rename(string[] a)
    {
        if (Db.Find(a[1]) is not { } value) return Is("-ERR no such key");
        bool onlyNew = a[0] == "RENAMENX";
        if (onlyNew && Db.Exists(a[2])) return Is(0);
        long expireAtMs = Db.ExpiryOf(a[1]);
        Db.Delete(a[1]);
        Db.Set(a[2], value, expireAtMs);
        return onlyNew ? Is(1) : Is(Ok);
    }

    private Answer Copy(string[] a)
    {
        if (a[1] == a[2]) return Is("-ERR source and destination objects are the same");
        if (Db.Find(a[1]) is not { } value || (Db.Exists(a[2]) && a.Length < 4)) return Is(0);
        Db.Set(a[2], ModelKeyspace.Clone(value), Db.ExpiryOf(a[1]));
        return Is(1);
    }
}

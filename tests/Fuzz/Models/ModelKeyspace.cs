using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Fuzz.Models;

/// <summary>What a reply should be: null where it is so, else what was expected. Where the server draws by chance, the model follows it here.</summary>
internal delegate string? Answer(Reply reply);

/// <summary>The command is refused with this error.</summary>
internal sealed class Refusal(string reply) : Exception(reply);

/// <summary>What may expire within a value: a field's text or nothing, and when it goes (0: never).</summary>
internal readonly record struct Member(string Text, long ExpireAtMs);

/// <summary>A hash or a set: its members may expire one by one, and those that have may still be counted.</summary>
internal sealed class Members(bool isHash) : Dictionary<string, Member>
{
    public bool IsHash => isHash;

    public IEnumerable<KeyValuePair<string, Member>> Live(long nowMs) => this.Where(m => m.Value.ExpireAtMs == 0 || m.Value.ExpireAtMs > nowMs);

    public bool TryGetLive(string name, long nowMs, out Member member) =>
        TryGetValue(name, out member) && (member.ExpireAtMs == 0 || member.ExpireAtMs > nowMs);
}

/// <summary>
/// What a database holds, as plainly as it can be said: strings of Latin-1, List, <see cref="Members"/>, Dictionary of scores,
/// <see cref="ModelStream"/>; each with the time at which it expires (0: never).
/// </summary>
internal sealed class ModelKeyspace
{
    public const string WrongType = "-WRONGTYPE Operation against a key holding the wrong kind of value";

    private sealed record Cell(object Value, long ExpireAtMs);

    private readonly Dictionary<string, Cell> _cells = [];

    public long NowMs { get; set; }

    public IEnumerable<string> Names => [.. _cells.Keys.Where(Exists)];

    public bool Exists(string key) => Find(key) is not null;

    public object? Find(string key)
    {
        if (!_cells.TryGetValue(key, out Cell? cell)) return null;
        if (cell.ExpireAtMs == 0 || cell.ExpireAtMs > NowMs) return cell.Value;
        _cells.Remove(key);
        return null;
    }

    /// <summary>The value, which must be of this type; null where there is none.</summary>
    public T? Get<T>(string key)
        where T : class => Find(key) switch
        {
            null => null,
            T value => value,
            _ => throw new Refusal(WrongType),
        };

    /// <summary>The value, or a new one in its place.</summary>
    public T GetOrAdd<T>(string key, Func<T> make)
        where T : class
    {
        if (Get<T>(key) is { } value) return value;
        value = make();
        Set(key, value);
        return value;
    }

    public void Set(string key, object value, long expireAtMs = 0) => _cells[key] = new Cell(value, expireAtMs);

    /// <summary>Another value, which expires when the one before would have.</summary>
    public void Replace(string key, object value) => Set(key, value, ExpiryOf(key));

    public bool Delete(string key) => Find(key) is not null && _cells.Remove(key);

    public long ExpiryOf(string key) => Find(key) is null ? 0 : _cells[key].ExpireAtMs;

    public void Expire(string key, long expireAtMs) => _cells[key] = _cells[key] with { ExpireAtMs = expireAtMs };

    public void Clear() => _cells.Clear();

    public static object Clone(object value) => value switch
    {
        List<string> list => new List<string>(list),
        Members members => CloneMembers(members),
        Dictionary<string, double> scores => new Dictionary<string, double>(scores),
        ModelStream stream => stream.Clone(),
        _ => value,
    };

    private static Members CloneMembers(Members from)
    {
        var members = new Members(from.IsHash);
        foreach ((string name, Member member) in from) members.Add(name, member);
        return members;
    }
}

using System.Globalization;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// What has happened in runs, by name, in the order of first mention. A simulation in which something never happens does
/// not test it, so <see cref="Demanded"/> says what must have.
/// </summary>
internal sealed class Counters
{
    private readonly Dictionary<string, long> _counts = [];
    private readonly List<string> _names = [];

    public const string MailboxesFull = "full mailboxes";
    public const string ShortWrites = "short writes";
    public const string ShortReads = "short reads";
    public const string Resets = "resets";
    public const string Visits = "visits";
    public const string Hops = "hops";
    public const string Timers = "timers";
    public const string Vanished = "vanished clients";
    public const string Lost = "lost replies";
    public const string Expired = "expired keys";
    public const string Scheduled = "transactions";
    public const string Redrawn = "redrawn ids";
    public const string LockWaits = "waits for locks";
    public const string Parked = "parked batches";
    public const string Scripts = "scripts";
    public const string ScriptsSuspended = "suspended scripts";
    public const string ScriptRests = "ends of scripts' slices";
    public const string Ordered = "ordered groups";
    public const string Undecided = "undecided groups";

    /// <summary>What a few dozen seeds must bring about, or they test too little.</summary>
    public static IReadOnlyList<string> Demanded { get; } =
        [MailboxesFull, ShortWrites, ShortReads, Resets, Visits, Hops, Timers, Vanished, Lost, Expired,
        Scheduled, Redrawn, LockWaits, Parked, Scripts, ScriptsSuspended, ScriptRests];

    public long this[string name] => _counts.GetValueOrDefault(name);

    public IEnumerable<string> Missing => Demanded.Where(name => this[name] == 0);

    public void Add(string name, long count)
    {
        if (_counts.TryAdd(name, count)) _names.Add(name);
        else _counts[name] += count;
    }

    public void Add(Counters other)
    {
        foreach (string name in other._names) Add(name, other[name]);
    }

    public override string ToString() =>
        string.Join(", ", _names.Select(name => string.Create(CultureInfo.InvariantCulture, $"{_counts[name]} {name}")));
}

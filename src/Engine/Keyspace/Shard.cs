using Anax.Core;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;

namespace Anax.Engine.Keyspace;

/// <summary>Counters of one shard, in native memory: written by the owner, summed by whoever asks, hence approximate.</summary>
public struct ShardCounters
{
    public long Hits;
    public long Misses;
    public long Expired;

    /// <summary>Members of values whose time had come and that were removed.</summary>
    public long ExpiredMembers;

    /// <summary>Periods in which the sweep's time ended before its round.</summary>
    public long SweepTimeouts;

    /// <summary>Of the keys that expire, the share that was found expired in a round, as a moving average.</summary>
    public double StalePercent;
    public long Changes;
    public long UsedBytes;
    public long LockedKeys;

    /// <summary>Keys that somebody waits for.</summary>
    public long WaitedKeys;

    /// <summary>Those of them for which somebody waits who hears of their loss.</summary>
    public long LossWaitedKeys;

    /// <summary>The owner's own notes, beside what it counts.</summary>
    internal ShardCare Care;
    public long SweepNs;

    /// <summary>Keys of this shard that clients who track may keep.</summary>
    public long TrackedKeys;
}

/// <summary>
/// A slice of the keyspace: the databases' tables and their arena, owned by one loop. Reached only through a
/// <see cref="ShardScope"/>, which only the owning loop makes.
/// </summary>
public sealed class Shard : IDisposable
{
    private readonly NativeArray<ShardCounters> _counters = new(1);
    private readonly KeyTable?[] _tables;
    private readonly List<KeyTable> _detached = [];
    private IChangeListener[] _listeners = [];
    private KeyTable? _drafts;
    private ulong _lastDraft;
    private int _openEdits;

    internal Shard(ShardId id, EngineSettings settings)
    {
        Id = id;
        Settings = settings;
        Locks = new LockTable(_counters);
        Waits = new WaitTable(_counters);
        Watches = new WatchTable(_counters);
        Arena = new Arena(new ArenaOptions
        {
            ReserveBytes = settings.ArenaReserveBytes,
            GranuleBytes = settings.ArenaGranuleBytes,
            HugePages = settings.HugePages,
        });
        _tables = new KeyTable?[settings.Databases];
    }

    public ShardId Id { get; }
    public ref ShardCounters Counters => ref _counters[0];

    /// <summary>Bytes of everything that this shard stores: records, tables, blocks and their slack.</summary>
    public long UsedBytes => Arena.UsedBytes;

    internal Arena Arena { get; }
    internal LockTable Locks { get; }
    internal WatchTable Watches { get; }
    internal WaitTable Waits { get; }
    internal EngineSettings Settings { get; set; }
    internal int Databases => _tables.Length;

    /// <summary>The shard's clock in Unix milliseconds: never goes back, whatever the system's clock does.</summary>
    internal long NowMs { get; private set; }

    /// <summary>Events that are no changes (a miss, a new key) and that somebody wants to hear of.</summary>
    internal EventClass Noted { get; set; }

    /// <summary>Flushed databases, and large values, that wait to be freed.</summary>
    internal long FreePending => _detached.Count + Arena.DoomedValues;

    internal bool HasDetached => _detached.Count != 0 || Arena.HasDoomed;
    internal bool ActiveExpiry { get; set; } = true;
    internal bool SweepPaused { get; set; }

    /// <summary>
    /// Brings the clock forward to what a command carries, or the command's to the clock's; a transaction keeps the one
    /// "now" that it got with its locks.
    /// </summary>
    internal void Advance(ref CommandContext context)
    {
        if (context.NowMs > NowMs) NowMs = context.NowMs;
        else if ((context.Traits & ClientTraits.HoldsLocks) == 0) context.NowMs = NowMs;
    }

    internal KeyTable? Table(int database) => _tables[database];

    /// <summary>The database's table, made with its first key; null when the arena has no room even for an empty one.</summary>
    internal KeyTable? TableFor(int database) => _tables[database] ?? MakeTable(database);

    private KeyTable? MakeTable(int database)
    {
        try
        {
            return _tables[database] = new KeyTable(Arena, Settings.HashKey);
        }
        catch (InsufficientMemoryException)
        {
            return null;
        }
    }

    /// <summary>The table of values in the making; null when the arena has no room even for an empty one.</summary>
    internal KeyTable? Drafts()
    {
        try
        {
            return _drafts ??= new KeyTable(Arena, Settings.HashKey);
        }
        catch (InsufficientMemoryException)
        {
            return null;
        }
    }

    internal ulong NextDraft() => ++_lastDraft;

    internal void Swap(int first, int second) => (_tables[first], _tables[second]) = (_tables[second], _tables[first]);

    /// <summary>Takes a database's table away; its memory is given back in slices by <see cref="FreeDetached"/>.</summary>
    internal void Detach(int database)
    {
        if (_tables[database] is not { } table) return;
        _tables[database] = null;
        _detached.Add(table);
    }

    /// <summary>One bounded step of freeing what was flushed; false when nothing is left.</summary>
    internal bool FreeDetached(int budget)
    {
        if (_detached.Count == 0) return Arena.FreeDoomed(Settings.HashKey, budget);
        if (_detached[^1].FreeStep(budget)) _detached.RemoveAt(_detached.Count - 1);
        return _detached.Count != 0 || Arena.HasDoomed;
    }

    internal void Listen(IChangeListener listener) => SetListeners([.. _listeners, listener]);

    internal void Unlisten(IChangeListener listener) => SetListeners(Array.FindAll(_listeners, l => l != listener));

    private void SetListeners(IChangeListener[] listeners)
    {
        _listeners = listeners;
        Note(ref Counters, ShardCare.Listeners, listeners.Length != 0);
    }

    internal ReadOnlySpan<IChangeListener> Listeners => _listeners;

    /// <summary>A key has changed: whoever watches it or waits for it must know.</summary>
    internal void Touch(int database, ulong hash, EventClass eventClass)
    {
        bool isBlind = eventClass == EventClass.Expired && (Settings.PlantedBugs & PlantedBugs.WatchBlindToExpiry) != 0;
        if (!isBlind) Watches.Touch(database, hash, eventClass);
        Waits.Signal(hash, database);
    }

    /// <summary>Notes that there is something to look after, or that there is not.</summary>
    internal static void Note(ref ShardCounters counters, ShardCare care, bool isThere) =>
        counters.Care = isThere ? counters.Care | care : counters.Care & ~care;

    internal void EditOpened() => _openEdits++;

    internal void EditClosed() => _openEdits--;

    /// <summary>Between two commands nothing is half changed: every edit has been committed or abandoned.</summary>
    internal void AssertNoOpenEdit() => Invariant.Holds(_openEdits == 0, "a command ended with an open edit");

    public void Dispose()
    {
        foreach (KeyTable? table in _tables) table?.Dispose();
        foreach (KeyTable table in _detached) table.Dispose();
        _drafts?.Dispose();
        while (Arena.FreeDoomed(Settings.HashKey, int.MaxValue)) { }
        Arena.Dispose();
        Locks.Dispose();
        Watches.Dispose();
        Waits.Dispose();
        _counters.Dispose();
    }
}

using System.Runtime.CompilerServices;
using Anax.Core;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Structures;
using Anax.Engine.Dispatch;
using Anax.Engine.Transactions;
using Anax.Protocol;

namespace Anax.Engine.Keyspace;

/// <summary>
/// Proof that the caller runs on the shard's own loop, within one command: the only way to the shard's data.
/// Made only by the engine's loop; being a ref struct it can be neither stored, captured nor carried away.
/// </summary>
public readonly ref struct ShardScope
{
    /// <summary>Members that are removed from a sorted set within a turn because their time has come.</summary>
    private const long DueMax = 1000;

    private readonly EngineLoop _loop;
    private readonly ref readonly CommandContext _context;

    internal ShardScope(EngineLoop loop, ref readonly CommandContext context)
    {
        _loop = loop;
        _context = ref context;
    }

    internal Shard Shard => _loop.Shard;

    /// <summary>The loop that owns this shard.</summary>
    public EngineLoop Loop => _loop;
    public ShardId Id => _loop.Shard.Id;
    public EngineSettings Settings => _loop.Settings;

    /// <summary>The one "now" of the command, Unix milliseconds.</summary>
    public long NowMs => _context.NowMs;
    public int Database => _context.Database;
    public RespVersion Resp => _context.Resp;
    public ref ShardCounters Counters => ref _loop.Shard.Counters;

    /// <summary>The same scope in another database.</summary>
    internal ref readonly CommandContext Context => ref _context;

    /// <summary>Looks a key up to read it: an expired key is deleted, hits and misses are counted, the access is noted.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry Find(Key key) => FindIn(_context.Database, key);

    /// <summary>As <see cref="Find"/>, in a given database.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry FindIn(int database, Key key)
    {
        Entry entry = PeekIn(database, key, isFound: true);
        if (!entry.Exists)
        {
            Missed(database, key);
            return entry;
        }
        _loop.Shard.Counters.Hits++;
        if ((_context.Traits & ClientTraits.NoTouch) == 0) _loop.Shard.Table(database)!.Entries.Touch(ref entry);
        return entry;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Missed(int database, scoped Key key)
    {
        _loop.Shard.Counters.Misses++;
        Note(database, key, EventClass.KeyMiss, "keymiss"u8);
    }

    /// <summary>As <see cref="Find"/>, but the access is not noted: for commands that ask about a key, not for its value.</summary>
    public Entry Look(Key key)
    {
        Entry entry = Inspect(key);
        if (!entry.Exists) Note(Database, key, EventClass.KeyMiss, "keymiss"u8);
        return entry;
    }

    /// <summary>As <see cref="Look"/>, but a miss is no event: for commands about how a key is stored.</summary>
    public Entry Inspect(Key key)
    {
        Entry entry = Peek(key);
        if (entry.Exists) _loop.Shard.Counters.Hits++;
        else _loop.Shard.Counters.Misses++;
        return entry;
    }

    /// <summary>Looks a key up without a trace: neither hit nor miss nor access. An expired key is deleted all the same.</summary>
    public Entry Peek(Key key) => PeekIn(_context.Database, key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Entry PeekIn(int database, Key key) => PeekIn(database, key, isFound: false);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Entry PeekIn(int database, Key key, bool isFound)
    {
        if (_loop.Shard.Table(database) is not { } table) return default;
        Entry entry = table.Entries.Find(key.Hash, key.Bytes);
        if (entry.Exists && entry.ExpireAtMs != 0 && entry.ExpireAtMs <= _context.NowMs)
        {
            ExpireUnlessLocked(database, table, ref entry, key);
            return default;
        }
        if (entry.Exists && entry.HasRoot && table.Entries.HasDueMembers(in entry, _context.NowMs))
        {
            DropDue(database, key, isFound);
            entry = table.Entries.Find(key.Hash, key.Bytes);
        }
        return entry;
    }

    /// <summary>The value of an entry of the command's database, to be read by the view of its type.</summary>
    public ValueView View(scoped in Entry entry) => new(entry, entry.Exists ? TableIn(Database)!.Entries : default);

    /// <summary>Deletes a key if it exists; true if it did.</summary>
    public bool Delete(Key key)
    {
        if (!Peek(key).Exists) return false;
        var edit = new Edit(this, key);
        edit.Delete();
        edit.Commit(EventClass.Generic, "del"u8, Effect.Deleted);
        return true;
    }

    /// <summary>The command cannot end within this turn: it has written no reply, and the rest of it does.</summary>
    internal void Suspend(CommandContinuation rest) => _loop.Parked.Suspended = rest;

    /// <summary>
    /// The call is long: the row's coordinator runs it from its begin, in slices, under the locks of its keys. The handler has
    /// written and changed nothing, and returns at once. Only for rows that <see cref="CommandFlags.MayBeLong"/>, or for those that
    /// are seldom long and <see cref="MayLeave"/>.
    /// </summary>
    public void LeaveToCoordinator() => _loop.Parked.Suspended = _loop.Parked.Long;

    /// <summary>Takes a command back that was left to its coordinator; false where none was.</summary>
    internal bool TryTakeBack()
    {
        if (_loop.Parked.Suspended is null) return false;
        _loop.Parked.Suspended = null;
        return true;
    }

    /// <summary>A value in the making, to be read, by its number.</summary>
    public ValueView ViewDraft(ulong number)
    {
        if (_loop.Shard.Drafts() is not { } table) return default;
        EntryTable entries = table.Entries;
        return new ValueView(entries.FindDraft(NativeCast.BytesOf(in number)), entries);
    }

    /// <summary>Opens a value in the making by its number; 0 gets one, of a value that does not exist yet.</summary>
    public Draft Draft(ref ulong number)
    {
        if (number == 0) number = _loop.Shard.NextDraft();
        return new Draft(_loop.Shard.Drafts(), NativeCast.BytesOf(in number));
    }

    /// <summary>
    /// Removes members whose time has come from the value of an entry of the command's database, in bounded steps from a
    /// position on, 0 at first; true at the end. The key goes with its last member.
    /// </summary>
    public bool RemoveExpired(scoped in Entry entry, ref ulong position)
    {
        EntryTable keys = TableIn(Database)!.Entries;
        if (!keys.HasExpiringMembers(in entry)) return true;
        var visitor = new ExpiredMembers(this, removes: true);
        return keys.LargeValueOf(in entry).Sweep(ref position, NowMs, Keyspace.Sweeper.FreeBudget, ref visitor);
    }

    /// <summary>
    /// Removes members whose time has come from the sorted set at a key that the command may change, a bounded number at a time;
    /// true when none is left. For commands that go on in slices, before they begin with ranks.
    /// </summary>
    public bool RemoveDue(Key key)
    {
        Entry entry = Peek(key);
        if (!entry.Exists || !entry.HasRoot || !TableIn(Database)!.Entries.HasDueMembers(in entry, NowMs)) return true;
        return RemoveDue(Database, key);
    }

    /// <summary>
    /// Removes all members whose time has come from a sorted set, unless there are too many for a turn, or somebody holds its lock.
    /// So whatever a command looks at, before or after, has the same members. Who reads under a shared lock may be on its way with
    /// ranks, but for its first look.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal void DropDue(int database, Key key, bool isFound)
    {
        LockTable locks = _loop.Shard.Locks;
        if (locks.IsLocked(key.Hash))
        {
            bool isHolder = (_context.Traits & ClientTraits.HoldsLocks) != 0;
            if (!isHolder || !(isFound ? locks.IsHeldAlone(key.Hash) : locks.IsOwned(key.Hash))) return;
        }
        EntryTable keys = _loop.Shard.Table(database)!.Entries;
        if (new SortedSetView(new ValueView(keys.Find(key.Hash, key.Bytes), keys), NowMs).DueCount <= DueMax) RemoveDue(database, key);
    }

    private bool RemoveDue(int database, Key key)
    {
        var edit = new Edit(this, database, key, dropsDue: false);
        var set = new SortedSetEditor(edit.Slot, Settings.SortedSetLimits, NowMs);
        long removed = set.RemoveDue(DueMax);
        bool isDone = !set.View.HasDue;
        edit.CommitExpired("zexpired"u8, removed, isEmpty: set.View.Count == 0);
        return isDone;
    }

    /// <summary>Is there memory left for more of a reply?</summary>
    public bool AllowsMemory => _loop.AllowsMemory();

    /// <summary>A random number of the loop's own sequence; not for secrets.</summary>
    public ulong NextRandom() => _loop.Events.NextRandom();

    /// <summary>May the command go on beyond its turn? One within a transaction or a script may not.</summary>
    public bool MaySuspend => (_context.Traits & ClientTraits.Inner) == 0;

    /// <summary>May a command that is seldom long be left to its coordinator?</summary>
    public bool MayLeave => MaySuspend && !_loop.Events.IsVisited;

    /// <summary>
    /// Goes on with a command that reads one key only, in slices beyond this turn; it must have written nothing yet.
    /// </summary>
    public void ReadLong(Arguments args, int mode, LongReadStep step, LongReadHeader header, int key = 1)
    {
        LongRead read = _loop.LongReads.Rent();
        read.Begin(args, key, mode, step, header);
        Suspend(read);
    }

    /// <summary>Number of keys of a database on this shard, those not yet found expired included.</summary>
    public long CountKeys(int database) => _loop.Shard.Table(database)?.Entries.Count ?? 0;

    public long CountExpiring(int database) => _loop.Shard.Table(database)?.Entries.ExpiringCount ?? 0;

    /// <summary>Number of keys of a database on this shard whose values have members that expire.</summary>
    public long CountVolatile(int database) => _loop.Shard.Table(database)?.VolatileCount ?? 0;

    /// <summary>
    /// Opens the key that names a large value, so that expired members may be removed from it. False when somebody holds its
    /// lock, its own time has come, or its database was flushed.
    /// </summary>
    internal bool TryEditOwner(scoped in LargeValue value, out Edit edit)
    {
        edit = default;
        int database = 0;
        while (database < _loop.Shard.Databases && !(_loop.Shard.Table(database) is { } each && value.IsIn(each.Entries))) database++;
        if (database == _loop.Shard.Databases || !MayExpire(value.KeyHash)) return false;
        KeyTable table = _loop.Shard.Table(database)!;
        Entry entry = value.FindKey(table.Entries);
        Invariant.Holds(entry.Exists, "a live root is named by a key");
        if (entry.ExpireAtMs != 0 && entry.ExpireAtMs <= NowMs) return false;
        edit = new Edit(this, database, new Key(entry.Key, value.KeyHash), dropsDue: false);
        return true;
    }

    /// <summary>The database's table for walks; null when it has no keys.</summary>
    public KeyTable? TableIn(int database) => _loop.Shard.Table(database);

    /// <summary>
    /// Any key of the database, all about equally likely. What it meets that has expired is deleted; false when it met
    /// nothing else, which need not mean that there is nothing else.
    /// </summary>
    public bool TryRandom(out Entry entry)
    {
        const int TriesMax = 64;
        entry = default;
        if (TableIn(Database) is not { } table) return false;
        for (int i = 0; i < TriesMax; i++)
        {
            if (!table.Entries.TryRandom(_loop.Events.NextRandom(), out entry)) return false;
            if (!DropIfExpired(ref entry)) return true;
        }
        return false;
    }

    /// <summary>
    /// For visitors of a walk over the command's database: true when the entry's time has come. Then it is deleted, unless
    /// somebody holds its lock.
    /// </summary>
    public bool DropIfExpired(scoped ref Entry entry) => DropIfExpired(Database, ref entry);

    /// <summary>As above, for a walk over a given database.</summary>
    public bool DropIfExpired(int database, scoped ref Entry entry)
    {
        if (entry.ExpireAtMs == 0 || entry.ExpireAtMs > NowMs) return false;
        var key = new Key(entry.Key, Settings.HashKey.Hash(entry.Key));
        ExpireUnlessLocked(database, TableIn(database)!, ref entry, key);
        return true;
    }

    /// <summary>Does this shard own the key?</summary>
    public bool Owns(scoped Key key) =>
        ShardId.Of(key.Bytes, key.Hash, Settings, _loop.Loops.Length) == Id;

    /// <summary>Empties a database, -1 for all. Memory is given back in the background; <see cref="FreeFlushed"/> does it now.</summary>
    public void Flush(int database)
    {
        int first = database < 0 ? 0 : database, last = database < 0 ? _loop.Shard.Databases - 1 : database;
        for (int i = first; i <= last; i++)
        {
            _loop.Shard.Counters.Changes += CountKeys(i);
            _loop.Shard.Watches.TouchAll(i, null, NowMs);
            _loop.Shard.Detach(i);
        }
        for (int i = first; i <= last && _loop.Shard.Waits.Count != 0; i++) _loop.Shard.Waits.SignalAll(i);
        foreach (IChangeListener listener in _loop.Shard.Listeners) listener.Flushed(this, database);
        _loop.WakeSweeper();
    }

    /// <summary>One bounded step of giving back what was flushed; false when nothing is left.</summary>
    public bool FreeFlushed() => _loop.Shard.FreeDetached(Keyspace.Sweeper.FreeBudget);

    /// <summary>Bytes of everything that this shard stores.</summary>
    public long UsedBytes => _loop.Shard.UsedBytes;

    /// <summary>Gives one free extent back to the system, which happens a few at a time anyway; false when there is none.</summary>
    public bool ReleaseMemory() => _loop.Shard.Arena.ReleaseFreeExtents(1) != 0;

    public void SwapDatabases(int first, int second)
    {
        _loop.Shard.Watches.TouchAll(first, _loop.Shard.Table(second), NowMs);
        _loop.Shard.Watches.TouchAll(second, _loop.Shard.Table(first), NowMs);
        _loop.Shard.Swap(first, second);
        _loop.Shard.Waits.SignalAll(first);
        _loop.Shard.Waits.SignalAll(second);
        foreach (IChangeListener listener in _loop.Shard.Listeners)
        {
            listener.Flushed(this, first);
            listener.Flushed(this, second);
        }
    }

    /// <summary>Turns the sweep for expired keys on or off (DEBUG SET-ACTIVE-EXPIRE).</summary>
    public void SetActiveExpiry(bool on) => _loop.Shard.ActiveExpiry = on;

    /// <summary>Holds all periodic work back (DEBUG PAUSE-CRON).</summary>
    public void PauseSweep(bool on) => _loop.Shard.SweepPaused = on;

    /// <summary>Somebody who has locked it may have read it and still need it; then it is dropped later.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ExpireUnlessLocked(int database, KeyTable table, scoped ref Entry entry, scoped Key key)
    {
        if (MayExpire(key.Hash)) Expire(database, table, ref entry, key);
    }

    private bool MayExpire(ulong keyHash)
    {
        LockTable locks = _loop.Shard.Locks;
        bool isOwn = (_context.Traits & ClientTraits.HoldsLocks) != 0 && locks.IsHeldAlone(keyHash);
        return isOwn || !locks.IsLocked(keyHash);
    }

    internal void Expire(int database, KeyTable table, scoped ref Entry entry, scoped Key key)
    {
        if (table.Entries.HasExpiringMembers(in entry)) table.VolatileCount--;
        table.Entries.Delete(ref entry);
        _loop.Shard.Counters.Expired++;
        Announce(database, key, EventClass.Expired, "expired"u8, Effect.Deleted, ChangeReach.Nobodys);
    }

    /// <summary>Tells who wants to hear of it what is no change: a key was missed, or is new.</summary>
    internal void Note(int database, scoped Key key, EventClass eventClass, ReadOnlySpan<byte> name)
    {
        if ((_loop.Shard.Noted & eventClass) != 0) _loop.Notifier.Notify(database, key, eventClass, name);
    }

    internal void Announce(int database, scoped Key key, EventClass eventClass, ReadOnlySpan<byte> name, Effect effect,
        ChangeReach reach = ChangeReach.Everybody)
    {
        if ((_loop.Shard.Counters.Care & ShardCare.Changes) != 0) Tell(database, key, eventClass, name, effect, reach);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Tell(int database, scoped Key key, EventClass eventClass, ReadOnlySpan<byte> name, Effect effect, ChangeReach reach)
    {
        if (reach != ChangeReach.Beside) _loop.Shard.Touch(database, key.Hash, eventClass);
        if (_loop.Shard.Listeners.IsEmpty) return;
        long stamp = _loop.Events.NextStamp();
        CommandContext context = _context;
        context.Database = database;
        var scope = new ShardScope(_loop, in context);
        var change = new Change(key, eventClass, name, effect, stamp, reach);
        foreach (IChangeListener listener in _loop.Shard.Listeners) listener.Changed(scope, in change);
    }
}

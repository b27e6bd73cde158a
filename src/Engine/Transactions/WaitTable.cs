using Anax.Core.Memory;
using Anax.Engine.Keyspace;

namespace Anax.Engine.Transactions;

/// <summary>How a waiting command stands, in the one word that decides who ends its waiting.</summary>
internal enum WaitState { Waiting, Claimed, Served, TimedOut, Killed }

/// <summary>
/// Commands that wait on this shard for keys, in one line per key in the order of their coming. A change of a key with
/// waiters makes it *ready*; ready keys are served when the command that changed them is over.
/// </summary>
internal sealed class WaitTable : IDisposable
{
    internal const int None = 0;

    /// <summary>The line of a key.</summary>
    private struct Line : IChained
    {
        internal ulong Fingerprint;
        internal int Database;
        internal int First, Last;

        /// <summary>Who has just looked, under locks, and found nothing: not to be tried again before the key changes.</summary>
        internal int Skipped;
        internal bool IsReady;

        /// <summary>How many in it hear also of a key that is gone.</summary>
        internal int LossHearers;

        readonly ulong IChained.Hash => Fingerprint;
        int IChained.Link { get; set; }
    }

    /// <summary>A place in the line of a key.</summary>
    internal struct Waiter
    {
        internal NativeState State;

        /// <summary>The coordinator that waits, and the argument that names the key to it.</summary>
        internal int Loop, Coordinator, Argument;
        internal int Line, Next, Previous;

        /// <summary>It is tried also when the key has nothing for those before it: see <see cref="Dispatch.CommandSpec.HearsLoss"/>.</summary>
        internal bool HearsLoss;

        /// <summary>Claimed for a transaction, which decides whether others behind it are tried.</summary>
        internal bool IsPending;

        /// <summary>The key has changed since the transaction may have looked.</summary>
        internal bool IsMissed;

        /// <summary>In which of its rounds this shard has claimed it; 0 where another one has.</summary>
        internal int Round;
    }

    private readonly NativeArray<ShardCounters> _counters;
    private readonly NativeChains<Line> _lines = new();
    private readonly NativeList<Waiter> _waiters = new();
    private readonly NativeList<int> _ready = new();
    private int _free;

    internal WaitTable(NativeArray<ShardCounters> counters)
    {
        _counters = counters;
        _ = _waiters.Resize(1);
    }

    /// <summary>Places in lines.</summary>
    internal int Count { get; private set; }

    internal ref Waiter this[int waiter] => ref _waiters[waiter];

    /// <summary>Stands at the end of a key's line.</summary>
    internal void Add(ulong fingerprint, int database, Waiter waiter)
    {
        int at = Find(fingerprint, database);
        if (at == None) at = _lines.Add(new Line { Fingerprint = fingerprint, Database = database });
        _counters[0].WaitedKeys = _lines.Count;
        int place = _free;
        if (place != None) _free = _waiters[place].Next;
        else _ = _waiters.Add(default);
        if (place == None) place = _waiters.Count - 1;
        ref Line line = ref _lines[at];
        waiter.Line = at;
        waiter.Previous = line.Last;
        _waiters[place] = waiter;
        if (line.Last == None) line.First = place;
        else _waiters[line.Last].Next = place;
        line.Last = place;
        if (waiter.HearsLoss && ++line.LossHearers == 1) _counters[0].LossWaitedKeys++;
        Count++;
        Shard.Note(ref _counters[0], ShardCare.Waits, true);
    }

    /// <summary>Leaves a key's line, wherever it stands there. Those behind one that was pending are tried again.</summary>
    internal void Remove(ulong fingerprint, int database, NativeState state)
    {
        int place = Find(fingerprint, database, state);
        if (place == None) return;
        if (_waiters[place].IsPending) MakeReady(_waiters[place].Line);
        Unlink(place);
    }

    /// <summary>
    /// The transaction for which a waiter was claimed has found nothing, and it begins another round: those behind it are tried,
    /// and it itself where the key has changed since. It may have been claimed in that round already.
    /// </summary>
    internal void Release(ulong fingerprint, int database, NativeState state, int round)
    {
        int place = Find(fingerprint, database, state);
        ref Waiter waiter = ref _waiters[place];
        if (!waiter.IsPending || waiter.Round == round) return;
        ref Line line = ref _lines[waiter.Line];
        if (!line.IsReady) line.Skipped = waiter.IsMissed ? None : place;
        waiter.IsPending = waiter.IsMissed = false;
        MakeReady(waiter.Line);
    }

    /// <summary>A key has changed: those who wait for it are served when the command is over.</summary>
    internal void Signal(ulong fingerprint, int database)
    {
        int at = Find(fingerprint, database);
        if (at != None) Change(at);
    }

    /// <summary>A whole database has changed.</summary>
    internal void SignalAll(int database)
    {
        for (int at = 1; at < _lines.Bound; at++)
            if (_lines.IsLive(at) && _lines[at].Database == database) Change(at);
    }

    private void Change(int at)
    {
        _lines[at].Skipped = None;
        MakeReady(at);
    }

    /// <summary>The first in the line of a key; None where nobody waits.</summary>
    internal int FirstOf(ulong fingerprint, int database)
    {
        int at = Find(fingerprint, database);
        return at == None ? None : _lines[at].First;
    }

    internal int ReadyCount => _ready.Count;

    /// <summary>The first in the line of a ready key, which may be None: its waiters have left.</summary>
    internal int FirstOf(int ready, out ulong fingerprint)
    {
        ref Line line = ref _lines[_ready[ready]];
        fingerprint = line.Fingerprint;
        return line.First;
    }

    /// <summary>A key is ready no longer; the others keep their order. Returns who is not to be tried.</summary>
    internal int TakeReady(int ready)
    {
        int at = _ready[ready];
        int skipped = _lines[at].Skipped;
        _lines[at].Skipped = None;
        _ready.Span[(ready + 1)..].CopyTo(_ready.Span[ready..]);
        _ = _ready.Resize(_ready.Count - 1);
        Shard.Note(ref _counters[0], ShardCare.ReadyKeys, _ready.Count != 0);
        _lines[at].IsReady = false;
        if (_lines[at].First == None) RemoveLine(at);
        return skipped;
    }

    public void Dispose()
    {
        _lines.Dispose();
        _waiters.Dispose();
        _ready.Dispose();
    }

    /// <summary>Does anybody in this line hear of a key that is gone?</summary>
    internal bool HearsLoss(int line) => _lines[line].LossHearers != 0;

    private void MakeReady(int at)
    {
        if (_lines[at].IsReady) return;
        _lines[at].IsReady = true;
        _ready.Add(at);
        Shard.Note(ref _counters[0], ShardCare.ReadyKeys, true);
    }

    private void Unlink(int place)
    {
        ref Waiter waiter = ref _waiters[place];
        int at = waiter.Line;
        ref Line line = ref _lines[at];
        if (line.Skipped == place) line.Skipped = None;
        if (waiter.Previous == None) line.First = waiter.Next;
        else _waiters[waiter.Previous].Next = waiter.Next;
        if (waiter.Next == None) line.Last = waiter.Previous;
        else _waiters[waiter.Next].Previous = waiter.Previous;
        if (waiter.HearsLoss && --line.LossHearers == 0) _counters[0].LossWaitedKeys--;
        waiter = new Waiter { Next = _free };
        _free = place;
        Count--;
        Shard.Note(ref _counters[0], ShardCare.Waits, Count != 0);
        if (line.First == None && !line.IsReady) RemoveLine(at);
    }

    private void RemoveLine(int at)
    {
        _lines.Remove(at);
        _counters[0].WaitedKeys = _lines.Count;
    }

    private int Find(ulong fingerprint, int database, NativeState state)
    {
        int at = Find(fingerprint, database);
        int place = at == None ? None : _lines[at].First;
        while (place != None && _waiters[place].State != state) place = _waiters[place].Next;
        return place;
    }

    private int Find(ulong fingerprint, int database)
    {
        int at = _lines.First(fingerprint);
        while (at != None && _lines[at].Database != database) at = _lines.Next(at);
        return at;
    }
}

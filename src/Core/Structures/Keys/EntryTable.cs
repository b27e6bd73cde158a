using System.Runtime.CompilerServices;
using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>
/// Records with their values and expiry times, by hash: the keys of a database, the fields of a hash, the members of a
/// set. A view over a header in the arena, made anew at each use; owned by the shard's thread. Records move only in
/// <see cref="Sweep"/>; what a change frees keeps its content until the arena's next Settle.
/// </summary>
public readonly unsafe partial struct EntryTable
{
    /// <summary>Values from this length on lie in blocks of their own.</summary>
    public const int InlineBytesMax = 16 * 1024 - 1;

    private const int HitsMax = 3;
    private const int IntegerTextBytesMax = 20;

    private readonly DashTable<KeyRecord> _table;

    internal EntryTable(Arena arena, uint header, HashKey hashKey) => _table = new DashTable<KeyRecord>(arena, header, hashKey);

    /// <summary>The default: no table, and no memory for one.</summary>
    internal bool IsNull => _table.Arena is null;

    internal Arena Arena => _table.Arena;

    internal uint HeaderHandle => _table.HeaderHandle;

    public long Count => _table.Header->Count;

    public long ExpiringCount => _table.Header->Expiring;

    /// <summary>Bytes of segments and directory, without the records.</summary>
    public long UsedBytes => _table.Header->IndexBytes;

    /// <summary>
    /// Brings the buckets and then the records of keys that will be looked up soon into the cache, and for those who may
    /// write expiries the lanes as well.
    /// </summary>
    public void Prefetch(ReadOnlySpan<ulong> hashes, bool writes) => _table.Prefetch(hashes, writes);

    /// <summary>Brings the bucket alone of a member to the cache, for who comes back to it later.</summary>
    internal void PrefetchHome(scoped ReadOnlySpan<byte> key) => _table.PrefetchHome(_table.HashOf(key));

    /// <summary>As below, for members, whose hashes nobody has computed yet.</summary>
    internal Entry Find(scoped ReadOnlySpan<byte> key) => Find(_table.HashOf(key), key);

    internal ulong HashOf(scoped ReadOnlySpan<byte> key) => _table.HashOf(key);

    /// <summary>As below, for names that are none of clients' keys.</summary>
    public Entry FindDraft(scoped ReadOnlySpan<byte> name) => Find(name);

    public Entry Find(ulong hash, scoped ReadOnlySpan<byte> key)
    {
        var entry = new Entry { Hash = hash };
        if (_table.Find(hash, key, out entry.Place)) Load(ref entry);
        return entry;
    }

    /// <summary>Counts a hit: what IDLETIME, FREQ and eviction go by.</summary>
    public void Touch(scoped ref Entry entry)
    {
        if (entry.Record.Hits < HitsMax) *entry.Record.Start += 1 << KeyRecord.HitShift;
        if (!entry.Place.Entry.HasAges) return;
        var age = _table.AgeOf(entry.Place);
        if (age != null) *age = 0;
    }

    // ---- values ----

    /// <summary>
    /// Inserts, or replaces whatever was there. False when the arena refused; nothing has changed then.
    /// </summary>
    public bool SetString(
        scoped ref Entry entry, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value, long expireAtMs,
        bool raw = false)
    {
        if (value.Length <= InlineBytesMax)
        {
            var encoding = raw ? ValueEncoding.Raw : ValueEncoding.Inline;
            return Set(ref entry, key, ValueType.String, encoding, value.Length, value, expireAtMs);
        }
        var block = NativeBlock.Allocate(value.Length);
        if (block.IsNull) return false;
        value.CopyTo(block.Bytes);
        if (SetBlock(ref entry, key, block, value.Length, expireAtMs)) return true;
        block.Release();
        return false;
    }

    public bool SetInteger(scoped ref Entry entry, scoped ReadOnlySpan<byte> key, long value, long expireAtMs)
    {
        var width = value == (sbyte)value ? 1 : value == (short)value ? 2 : value == (int)value ? 4 : 8;
        // Little endian: the low bytes come first.
        var bytes = new ReadOnlySpan<byte>(&value, width);
        return Set(ref entry, key, ValueType.String, ValueEncoding.Integer, width, bytes, expireAtMs);
    }

    /// <summary>Takes over one reference to the block, unless refused.</summary>
    public bool SetBlock(
        scoped ref Entry entry, scoped ReadOnlySpan<byte> key, NativeBlock block, int length, long expireAtMs) =>
        SetBlock(ref entry, key, ValueType.String, block, length, expireAtMs);

    /// <summary>Takes over one reference to the block, unless refused; it may hold packed elements.</summary>
    public bool SetBlock(
        scoped ref Entry entry, scoped ReadOnlySpan<byte> key, ValueType type, NativeBlock block, int length, long expireAtMs)
    {
        Invariant.Holds((uint)length <= (uint)block.Capacity, "a value does not fit its block");
        var address = (long)block.Address;
        var bytes = new ReadOnlySpan<byte>(&address, sizeof(long));
        if (!Set(ref entry, key, type, ValueEncoding.Block, length, bytes, expireAtMs)) return false;
        _table.Arena.AddExternal(block);
        return true;
    }

    /// <summary>
    /// Inserts a packed value, or replaces whatever was there. False when the arena refused; nothing has changed then.
    /// </summary>
    public bool SetPacked(
        scoped ref Entry entry, scoped ReadOnlySpan<byte> key, ValueType type, scoped ReadOnlySpan<byte> packed, long expireAtMs)
    {
        if (packed.Length <= InlineBytesMax)
            return Set(ref entry, key, type, ValueEncoding.Inline, packed.Length, packed, expireAtMs);
        var block = NativeBlock.Allocate(packed.Length);
        if (block.IsNull) return false;
        packed.CopyTo(block.Bytes);
        if (SetBlock(ref entry, key, type, block, packed.Length, expireAtMs)) return true;
        block.Release();
        return false;
    }

    /// <summary>
    /// Names the root of a value in place of whatever was there, and chains it to the live ones. False when the arena
    /// refused; the root is the caller's then.
    /// </summary>
    internal bool SetRoot(
        scoped ref Entry entry, scoped ReadOnlySpan<byte> key, ValueType type, uint root, long expireAtMs)
    {
        var bytes = new ReadOnlySpan<byte>(&root, sizeof(uint));
        if (!Set(ref entry, key, type, KeyRecord.RootEncoding, sizeof(uint), bytes, expireAtMs)) return false;
        ValueRoots.Link(_table.Arena, root, _table.HeaderHandle, _table.HashOf(key));
        return true;
    }

    /// <summary>
    /// Sets what another record of the same arena holds, which is not behind a root, with its expiry. A block is shared, not
    /// copied. False when the arena refused; nothing has changed then.
    /// </summary>
    internal bool SetCopy(scoped ref Entry entry, scoped ReadOnlySpan<byte> key, KeyRecord source)
    {
        var stored = new ReadOnlySpan<byte>(source.Value, source.StoredBytes);
        if (source.Encoding != ValueEncoding.Block)
            return Set(ref entry, key, source.Type, source.Encoding, source.ValueLength, stored, source.Expiry);
        source.Block.AddReference();
        if (SetBlock(ref entry, key, source.Type, source.Block, source.ValueLength, source.Expiry)) return true;
        source.Block.Release();
        return false;
    }

    /// <summary>
    /// Replaces bytes within a packed value by undefined ones, to be written by the caller, and returns the whole value.
    /// False when the arena refused; nothing has changed then.
    /// </summary>
    internal bool Splice(scoped ref Entry entry, int at, int removed, int added, out Span<byte> packed)
    {
        packed = default;
        Refresh(ref entry);
        Announce(entry);
        var oldLength = entry.Record.ValueLength;
        var length = oldLength - removed + added;
        if (added < removed)
        {
            // The rest moves before the value gets shorter, which is never refused.
            if (!ResizePacked(ref entry, oldLength, out packed)) return false;
            packed[(at + removed)..].CopyTo(packed[(at + added)..]);
        }
        if (!ResizePacked(ref entry, length, out packed)) return false;
        if (added > removed) packed[(at + removed)..oldLength].CopyTo(packed[(at + added)..]);
        return true;
    }

    /// <summary>Gives a packed value another length, in memory that nobody shares; new bytes are undefined.</summary>
    private bool ResizePacked(scoped ref Entry entry, int length, out Span<byte> packed)
    {
        packed = default;
        if (entry.Encoding == ValueEncoding.Block) return ResizeBlock(ref entry, length, out packed);
        if (length > InlineBytesMax) return MoveToBlock(ref entry, entry.Bytes, length, Slack(length), out packed);
        if (!Rewrite(ref entry, entry.Record.Flags, length, length, entry.ExpireAtMs)) return false;
        packed = new Span<byte>(entry.Record.Value, length);
        return true;
    }

    /// <summary>
    /// Gives an existing string another length, for changes in place: content and expiry stay, new bytes are
    /// zero, an integer becomes text first. The encoding is Raw or Block afterwards.
    /// </summary>
    public bool Resize(scoped ref Entry entry, int newLength, out Span<byte> bytes)
    {
        bytes = default;
        Refresh(ref entry);
        Announce(entry);
        if (entry.Encoding == ValueEncoding.Integer && !TurnIntoText(ref entry)) return false;
        if (entry.Encoding == ValueEncoding.Block) return ResizeBlock(ref entry, newLength, out bytes);
        var oldLength = entry.ValueLength;
        if (newLength > InlineBytesMax)
        {
            // A value that was modified before is likely to be modified again.
            var room = entry.Encoding == ValueEncoding.Raw ? Slack(newLength) : newLength;
            return MoveToBlock(ref entry, entry.Bytes, newLength, room, out bytes);
        }
        var flags = KeyRecord.FlagsOf(ValueType.String, ValueEncoding.Raw, entry.ExpireAtMs != 0);
        flags |= (byte)(entry.Record.Flags & KeyRecord.HitsBits);
        if (!Rewrite(ref entry, flags, newLength, newLength, entry.ExpireAtMs)) return false;
        bytes = new Span<byte>(entry.Record.Value, newLength);
        if (newLength > oldLength) bytes[oldLength..].Clear();
        return true;
    }

    /// <summary>Replaces the 8 bytes of a string that has just those, where they lie.</summary>
    internal void SetNumber(scoped ref Entry entry, long number)
    {
        Refresh(ref entry);
        Announce(entry);
        Invariant.Holds(entry.Encoding == ValueEncoding.Inline && entry.Record.ValueLength == sizeof(long), "a value of 8 bytes");
        Unsafe.WriteUnaligned(entry.Record.Value, number);
    }

    /// <summary>0 removes the expiry. False when the arena refused.</summary>
    public bool SetExpiry(scoped ref Entry entry, long expireAtMs)
    {
        var old = entry.ExpireAtMs;
        if (old == expireAtMs) return true;
        Refresh(ref entry);
        Announce(entry);
        var flags = (byte)(entry.Record.Flags & ~KeyRecord.ExpiresBit | (expireAtMs != 0 ? KeyRecord.ExpiresBit : 0));
        if (!Rewrite(ref entry, flags, entry.Record.ValueLength, entry.Record.StoredBytes, expireAtMs)) return false;
        if (expireAtMs != 0) _table.NoteExpiry(entry.Place, expireAtMs);
        CountExpiry(old, expireAtMs);
        return true;
    }

    /// <summary>Exempts the key from eviction for as long as it exists, whatever it holds. False when the arena refused.</summary>
    public bool SetSticky(scoped ref Entry entry)
    {
        Refresh(ref entry);
        Announce(entry);
        entry.StickAs(true);
        return Rewrite(ref entry, entry.Record.Flags, entry.Record.ValueLength, entry.Record.StoredBytes, entry.ExpireAtMs);
    }

    public void Delete(scoped ref Entry entry) => Delete(ref entry, dropsValue: true);

    private void Delete(scoped ref Entry entry, bool dropsValue)
    {
        Refresh(ref entry);
        Announce(entry);
        CountExpiry(entry.ExpireAtMs, 0);
        var cell = entry.Place.Handle;
        _table.Remove(ref entry.Place);
        if (dropsValue) KeyRecord.Drop(_table.Arena, _table.Arena.At(cell));
        else if (KeyRecord.IsExternal(_table.Arena.At(cell))) KeyRecord.Release(_table.Arena, KeyRecord.ExternalBlock(_table.Arena.At(cell)));
        _table.Arena.Free(cell);
        entry.Record = default;
    }

    // ---- figures ----

    /// <summary>
    /// Bytes of the entry's record and value, and of a slot of the index, which are the same however full the table is. Of
    /// members behind a root so many are looked at, for a mean; 0: all.
    /// </summary>
    public long MemoryUsage(in Entry entry, long samples)
    {
        var bytes = RecordBytes(entry.Place.Handle) + UsedBytes / _table.Header->Capacity;
        if (entry.Encoding == ValueEncoding.Block) bytes += entry.Block.FootprintBytes;
        return entry.HasRoot ? bytes + ValueRoots.MemoryUsage(_table.Arena, entry.Root, _table.HashKey, samples) : bytes;
    }

    /// <summary>Bytes of a record, wherever it lies, without a value outside.</summary>
    private long RecordBytes(uint cell)
    {
        long bytes = _table.Arena.CellBytesOf(cell);
        return KeyRecord.IsExternal(_table.Arena.At(cell)) ? bytes + KeyRecord.ExternalBlock(_table.Arena.At(cell)).FootprintBytes : bytes;
    }

    /// <summary>
    /// Seconds since the entry was last touched, by the sweep's coarse ages. A large table has none before
    /// the first call, which makes the next sweep begin with them.
    /// </summary>
    public int IdleSeconds(in Entry entry, long nowMs)
    {
        _table.Header->AgesWanted = true;
        var age = _table.AgeOf(entry.Place);
        if (age == null || *age == 0) return 0;
        long agedAt = _table.AgedAtSeconds(entry.Place);
        var sinceSweep = agedAt == 0 ? 0 : Math.Clamp(nowMs / 1000 - agedAt, 0, 3600);
        return Ages.SecondsOf(*age) + (int)sinceSweep;
    }

    /// <summary>
    /// Says that the entry was last touched so many seconds ago, as coarsely as ages are kept. Without effect in a table that has
    /// none yet.
    /// </summary>
    public void SetIdleSeconds(in Entry entry, int seconds)
    {
        _table.Header->AgesWanted = true;
        var age = _table.AgeOf(entry.Place);
        if (age != null) *age = Ages.Older(0, (uint)seconds, 0, 0);
    }

    // ---- walks ----

    /// <summary>
    /// Visits the entries of the home bucket at a position; returns the next position, 0 at the end.
    /// Positions are hash prefixes of at most 42 bits, left aligned.
    /// </summary>
    public ulong Walk<TVisitor>(ulong position, ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor, allows ref struct
    {
        var adapter = new WalkAdapter<TVisitor>(_table.Arena) { Visitor = visitor };
        var next = _table.Walk(position, ref adapter);
        visitor = adapter.Visitor;
        return next;
    }

    /// <summary>Some entry, by this random number; false when the table is empty.</summary>
    public bool TryRandom(ulong random, out Entry entry)
    {
        entry = new Entry();
        if (!_table.TryRandom(random, out entry.Place)) return false;
        Load(ref entry);
        return true;
    }

    /// <summary>
    /// Some entry, each with the same chance, by random numbers that go on from this one; false when the table is empty.
    /// </summary>
    internal bool TryFairRandom(scoped ref ulong random, out Entry entry)
    {
        entry = new Entry();
        if (!_table.TryFairRandom(ref random, out entry.Place)) return false;
        Load(ref entry);
        return true;
    }

    /// <summary>
    /// One step of the sweep over at most so many home buckets (one whose records are read counts for eight):
    /// hands what has expired to the visitor, ages entries, moves records off extents under evacuation, makes
    /// sparse segments smaller. True at the end of a round.
    /// </summary>
    public bool Sweep<TVisitor>(ref SweepState state, long nowMs, int bucketBudget, ref TVisitor visitor)
        where TVisitor : struct, IExpiryVisitor, allows ref struct
    {
        _table.Arena.Settle();
        var adapter = new SweepAdapter<TVisitor>(_table.Arena) { Visitor = visitor };
        var done = _table.Sweep(ref state, nowMs, bucketBudget, ref adapter);
        visitor = adapter.Visitor;
        return done;
    }

    // ---- the end ----

    /// <summary>
    /// Gives records and segments of a table that nobody looks at any more back to the arena, in steps of so many buckets
    /// from a position on, 0 at first; true when nothing but the header is left.
    /// </summary>
    internal bool FreeStep(ref ulong position, int bucketBudget)
    {
        _table.Arena.Settle();
        return _table.FreeStep(ref position, bucketBudget);
    }

    /// <summary>Checks the whole structure; for tests.</summary>
    internal void Verify(long nowMs) => _table.Verify(nowMs);

    internal TableHeader Shape => *_table.Header;

    // ---- records ----

    private void Load(scoped ref Entry entry) => entry.Record = KeyRecord.At(_table.Arena.At(entry.Place.Handle));

    private void CountExpiry(long oldExpireAtMs, long newExpireAtMs) =>
        _table.Header->Expiring += (newExpireAtMs != 0 ? 1 : 0) - (oldExpireAtMs != 0 ? 1 : 0);

    /// <summary>Finds the place again, if the table has changed since through another entry. Records do not move.</summary>
    private void Refresh(scoped ref Entry entry)
    {
        if (entry.Place.Version == _table.Header->Version) return;
        _ = _table.Find(_table.HashOf(entry.Key), entry.Key, out entry.Place);
    }

    private void Announce(in Entry entry)
    {
        if (_table.Arena.UnitListener is not { } listener) return;
        // Before its first segment a table has one unit, at 0.
        var hasHome = entry.Place.Entry.Homes != 0;
        listener.Before(_table.HeaderHandle, hasHome ? _table.PositionOf(entry.Place.Entry, entry.Place.Home) : 0);
    }

    /// <summary>
    /// Writes a whole record, into the cell that is there where it fits and the value does not overlap it.
    /// </summary>
    private bool Set(
        scoped ref Entry entry, scoped ReadOnlySpan<byte> key, ValueType type, ValueEncoding encoding, int valueLength,
        scoped ReadOnlySpan<byte> stored, long expireAtMs)
    {
        // The table has changed since the entry was found, through another one.
        if (entry.Place.Version != _table.Header->Version)
        {
            var stick = entry.Place.Stick;
            entry = Find(_table.HashOf(key), key);
            entry.Place.Stick = stick;
        }
        Announce(entry);
        var flags = KeyRecord.FlagsOf(type, encoding, expireAtMs != 0);
        var oldExpireAtMs = entry.ExpireAtMs;
        if (!entry.Exists)
        {
            var added = NewRecord(flags, key, valueLength, stored, expireAtMs, entry.StaysSticky);
            if (added == 0) return false;
            if (!_table.Insert(entry.Hash, added, expireAtMs, out entry.Place))
            {
                DiscardUnused(added);
                return false;
            }
        }
        else
        {
            // Hits are the key's, whatever it holds.
            flags |= (byte)(entry.Record.Flags & KeyRecord.HitsBits);
            if (!Overwrite(ref entry, flags, key, valueLength, stored, expireAtMs)) return false;
            if (expireAtMs != 0) _table.NoteExpiry(entry.Place, expireAtMs);
        }
        CountExpiry(oldExpireAtMs, expireAtMs);
        Load(ref entry);
        return true;
    }

    private bool Overwrite(
        scoped ref Entry entry, byte flags, scoped ReadOnlySpan<byte> key, int valueLength,
        scoped ReadOnlySpan<byte> stored, long expireAtMs)
    {
        var cell = entry.Place.Handle;
        var old = entry.Record;
        var oldValue = old.Outside;
        var sticky = entry.StaysSticky;
        var header = KeyRecord.HeaderBytes(key.Length, valueLength, expireAtMs != 0, sticky);
        var isInPlace = old.Start == _table.Arena.At(cell) && !stored.Overlaps(new Span<byte>(old.Start, old.SizeBytes))
            && FitsCell(cell, (long)header + key.Length + stored.Length);
        if (isInPlace)
        {
            _table.Check(entry.Place);
            // The key given may be the record's own: it is moved from where it lies.
            Buffer.MemoryCopy(old.Key, old.Start + header, key.Length, key.Length);
            KeyRecord.WriteHeader(old.Start, flags, key.Length, valueLength, expireAtMs, sticky);
            stored.CopyTo(new Span<byte>(old.Start + header + key.Length, stored.Length));
        }
        else
        {
            var added = NewRecord(flags, key, valueLength, stored, expireAtMs, sticky);
            if (added == 0) return false;
            _table.Replace(entry.Place, added);
            FreeCell(cell);
        }
        oldValue.Drop(_table.Arena);
        return true;
    }

    /// <summary>
    /// Changes header and length of a record, keeping key and value as far as it goes. New bytes are
    /// undefined.
    /// </summary>
    private bool Rewrite(scoped ref Entry entry, byte flags, int valueLength, int storedLength, long expireAtMs)
    {
        var cell = entry.Place.Handle;
        var old = entry.Record;
        var sticky = entry.StaysSticky;
        var header = KeyRecord.HeaderBytes(old.KeyLength, valueLength, expireAtMs != 0, sticky);
        var body = old.KeyLength + Math.Min(storedLength, old.StoredBytes);
        var size = (long)header + old.KeyLength + storedLength;
        var added = 0u;
        var start = old.Start == _table.Arena.At(cell) && FitsCell(cell, size) ? null : NewCell(size, out added);
        if (start == null)
        {
            // What does not grow stays where it is rather than be refused.
            if (size > RoomOf(cell)) return false;
            _table.Check(entry.Place);
            if (old.Key != old.Start + header) Buffer.MemoryCopy(old.Key, old.Start + header, body, body);
            KeyRecord.WriteHeader(old.Start, flags, old.KeyLength, valueLength, expireAtMs, sticky);
        }
        else
        {
            var target = KeyRecord.WriteHeader(start, flags, old.KeyLength, valueLength, expireAtMs, sticky);
            Buffer.MemoryCopy(old.Key, target, body, body);
            _table.Replace(entry.Place, added);
            FreeCell(cell);
        }
        Load(ref entry);
        return true;
    }

    /// <summary>Bytes that a record may take where it lies.</summary>
    private long RoomOf(uint cell)
    {
        var start = _table.Arena.At(cell);
        return KeyRecord.IsExternal(start) ? KeyRecord.ExternalBlock(start).Capacity : _table.Arena.CellBytesOf(cell);
    }

    private bool FitsCell(uint cell, long size) =>
        size <= Arena.CellBytesMax && _table.Arena.CellBytes((int)size) == _table.Arena.CellBytesOf(cell);

    private uint NewRecord(
        byte flags, scoped ReadOnlySpan<byte> key, int valueLength, scoped ReadOnlySpan<byte> stored, long expireAtMs, bool sticky)
    {
        var header = KeyRecord.HeaderBytes(key.Length, valueLength, expireAtMs != 0, sticky);
        var start = NewCell((long)header + key.Length + stored.Length, out var cell);
        if (start == null) return 0;
        var at = KeyRecord.WriteHeader(start, flags, key.Length, valueLength, expireAtMs, sticky);
        key.CopyTo(new Span<byte>(at, key.Length));
        stored.CopyTo(new Span<byte>(at + key.Length, stored.Length));
        return cell;
    }

    /// <summary>
    /// Room for a record: a cell, or a stub with a block behind it. Null when memory is refused.
    /// </summary>
    private byte* NewCell(long size, out uint cell)
    {
        cell = 0;
        if (size <= Arena.CellBytesMax)
        {
            cell = _table.Arena.Allocate((int)size);
            return cell == 0 ? null : _table.Arena.At(cell);
        }
        if (size > NativeBlock.CapacityMax) return null;
        var block = NativeBlock.Allocate((int)size);
        if (block.IsNull) return null;
        cell = _table.Arena.Allocate(KeyRecord.StubBytes);
        if (cell == 0)
        {
            block.Release();
            return null;
        }
        KeyRecord.WriteStub(_table.Arena.At(cell), block);
        _table.Arena.AddExternal(block);
        return block.Start;
    }

    /// <summary>
    /// Frees a record that has been replaced; its value, if that is a block, lives on or is the caller's.
    /// </summary>
    private void FreeCell(uint cell)
    {
        if (KeyRecord.IsExternal(_table.Arena.At(cell))) KeyRecord.Release(_table.Arena, KeyRecord.ExternalBlock(_table.Arena.At(cell)));
        _table.Arena.Free(cell);
    }

    private void DiscardUnused(uint cell)
    {
        if (KeyRecord.IsExternal(_table.Arena.At(cell))) KeyRecord.Release(_table.Arena, KeyRecord.ExternalBlock(_table.Arena.At(cell)));
        _table.Arena.FreeNow(cell);
    }

    // ---- changes in place ----

    private bool TurnIntoText(scoped ref Entry entry)
    {
        Span<byte> text = stackalloc byte[IntegerTextBytesMax];
        var length = Numbers.FormatLong(entry.Integer, text);
        return Set(ref entry, entry.Key, ValueType.String, ValueEncoding.Raw, length, text[..length], entry.ExpireAtMs);
    }

    private bool ResizeBlock(scoped ref Entry entry, int newLength, out Span<byte> bytes)
    {
        bytes = default;
        var block = entry.Block;
        var oldLength = entry.ValueLength;
        if (newLength > block.Capacity || block.IsShared)
        {
            var room = newLength > block.Capacity ? Slack(newLength) : newLength;
            return MoveToBlock(ref entry, entry.Bytes, newLength, room, out bytes);
        }
        if (!Rewrite(ref entry, entry.Record.Flags, newLength, sizeof(long), entry.ExpireAtMs)) return false;
        bytes = block.Bytes[..newLength];
        if (newLength > oldLength) bytes[oldLength..].Clear();
        return true;
    }

    /// <summary>Half as much again, so that many small appends copy each byte only a few times.</summary>
    private static int Slack(int length) => (int)Math.Min(length + length / 2L, NativeBlock.CapacityMax);

    private bool MoveToBlock(
        scoped ref Entry entry, scoped ReadOnlySpan<byte> content, int length, int capacity, out Span<byte> bytes)
    {
        // As many zeros the system gives faster than they are written.
        const int ZerosMin = 256 * 1024;
        bytes = default;
        var kept = Math.Min(content.Length, length);
        var isZeroed = length - kept >= ZerosMin;
        var block = isZeroed ? NativeBlock.AllocateZeroed(capacity) : NativeBlock.Allocate(capacity);
        if (block.IsNull) return false;
        content[..kept].CopyTo(block.Bytes);
        if (!isZeroed) block.Bytes[kept..length].Clear();
        if (!SetBlock(ref entry, entry.Key, entry.Type, block, length, entry.ExpireAtMs))
        {
            block.Release();
            return false;
        }
        bytes = block.Bytes[..length];
        return true;
    }

    private ref struct WalkAdapter<TVisitor>(Arena arena) : ISlotVisitor
        where TVisitor : struct, IEntryVisitor, allows ref struct
    {
        public TVisitor Visitor;

        public void Visit(in SlotPlace place)
        {
            var entry = new Entry { Place = place, Record = KeyRecord.At(arena.At(place.Handle)) };
            Visitor.Visit(ref entry);
        }
    }

    private ref struct SweepAdapter<TVisitor>(Arena arena) : ISweepVisitor
        where TVisitor : struct, IExpiryVisitor, allows ref struct
    {
        public TVisitor Visitor;

        /// <summary>Behind which the records are members; 0 for keys.</summary>
        public uint Root;

        public readonly void Moving(uint from, uint to)
        {
            if (Root != 0) ValueRoots.Moving(arena, Root, from, to);
        }

        public void Visit(in SlotPlace place)
        {
            var entry = new Entry { Place = place, Record = KeyRecord.At(arena.At(place.Handle)) };
            Visitor.Expired(ref entry);
        }
    }
}

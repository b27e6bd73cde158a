using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>
/// The keys of one database of one shard: keys with their values and expiry times, by hash. Owned by the
/// shard's thread. Records move only in <see cref="Sweep"/>; what a change frees keeps its content until the
/// arena's next Settle.
/// </summary>
public sealed unsafe class KeyTable : IDisposable
{
    /// <summary>Values from this length on lie in blocks of their own.</summary>
    public const int InlineBytesMax = 16 * 1024 - 1;

    private const int HitsMax = 3;
    private const int IntegerTextBytesMax = 20;

    private readonly Arena _arena;
    private readonly HashKey _hashKey;
    private readonly DashTable<KeyRecord> _table;
    private readonly TableHeader* _header;
    private readonly uint _headerHandle;
    private ulong _freePosition;
    private bool _freed;

    /// <summary>An empty table; it takes 64 bytes of the arena.</summary>
    /// <exception cref="InsufficientMemoryException">The arena is full.</exception>
    public KeyTable(Arena arena, HashKey hashKey)
    {
        _arena = arena;
        _hashKey = hashKey;
        _headerHandle = DashTable<KeyRecord>.MakeHeader(arena);
        if (_headerHandle == 0) throw new InsufficientMemoryException("the arena is full");
        _table = new DashTable<KeyRecord>(arena, _headerHandle, hashKey);
        _header = _table.Header;
    }

    /// <summary>Hears of every home bucket before it changes; null when nobody listens.</summary>
    public IUnitListener? UnitListener { get; set; }

    public long Count => _header->Count;

    public long ExpiringCount => _header->Expiring;

    /// <summary>Bytes of segments and directory, without the records.</summary>
    public long UsedBytes => _header->IndexBytes;

    /// <summary>
    /// Brings the buckets and then the records of keys that will be looked up soon into the cache, and for those who may
    /// write expiries the lanes as well.
    /// </summary>
    public void Prefetch(ReadOnlySpan<ulong> hashes, bool writes) => _table.Prefetch(hashes, writes);

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
            return Set(ref entry, key, raw ? ValueEncoding.Raw : ValueEncoding.Inline, value.Length, value, expireAtMs);
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
        return Set(ref entry, key, ValueEncoding.Integer, width, bytes, expireAtMs);
    }

    /// <summary>Takes over one reference to the block, unless refused.</summary>
    public bool SetBlock(
        scoped ref Entry entry, scoped ReadOnlySpan<byte> key, NativeBlock block, int length, long expireAtMs)
    {
        Invariant.Holds((uint)length <= (uint)block.Capacity, "a value does not fit its block");
        var address = (long)block.Address;
        var bytes = new ReadOnlySpan<byte>(&address, sizeof(long));
        if (!Set(ref entry, key, ValueEncoding.Block, length, bytes, expireAtMs)) return false;
        _arena.AddExternal(block);
        return true;
    }

    /// <summary>
    /// Gives an existing string another length, for changes in place: content and expiry stay, new bytes are
    /// zero, an integer becomes text first. The encoding is Raw or Block afterwards.
    /// </summary>
    public bool Resize(scoped ref Entry entry, int newLength, out Span<byte> bytes)
    {
        bytes = default;
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

    /// <summary>0 removes the expiry. False when the arena refused.</summary>
    public bool SetExpiry(scoped ref Entry entry, long expireAtMs)
    {
        var old = entry.ExpireAtMs;
        if (old == expireAtMs) return true;
        Announce(entry);
        var flags = (byte)(entry.Record.Flags & ~KeyRecord.ExpiresBit | (expireAtMs != 0 ? KeyRecord.ExpiresBit : 0));
        if (!Rewrite(ref entry, flags, entry.Record.ValueLength, entry.Record.StoredBytes, expireAtMs)) return false;
        if (expireAtMs != 0) _table.NoteExpiry(entry.Place, expireAtMs);
        CountExpiry(old, expireAtMs);
        return true;
    }

    public void Delete(scoped ref Entry entry)
    {
        Announce(entry);
        CountExpiry(entry.ExpireAtMs, 0);
        var cell = entry.Place.Handle;
        _table.Remove(ref entry.Place);
        KeyRecord.Drop(_arena, _arena.At(cell));
        _arena.Free(cell);
        entry.Record = default;
    }

    // ---- figures ----

    /// <summary>Bytes of the entry's record and value, and its share of the index.</summary>
    public long MemoryUsage(in Entry entry)
    {
        var cell = entry.Place.Handle;
        var bytes = _arena.CellBytesOf(cell) + UsedBytes / Math.Max(1, Count);
        if (KeyRecord.IsExternal(_arena.At(cell))) bytes += KeyRecord.ExternalBlock(_arena.At(cell)).FootprintBytes;
        if (entry.Encoding == ValueEncoding.Block) bytes += entry.Block.FootprintBytes;
        return bytes;
    }

    /// <summary>
    /// Seconds since the entry was last touched, by the sweep's coarse ages. A large table has none before
    /// the first call, which makes the next sweep begin with them.
    /// </summary>
    public int IdleSeconds(in Entry entry, long nowMs)
    {
        _header->AgesWanted = true;
        var age = _table.AgeOf(entry.Place);
        if (age == null || *age == 0) return 0;
        long agedAt = _table.AgedAtSeconds(entry.Place);
        var sinceSweep = agedAt == 0 ? 0 : Math.Clamp(nowMs / 1000 - agedAt, 0, 3600);
        return Ages.SecondsOf(*age) + (int)sinceSweep;
    }

    // ---- walks ----

    /// <summary>
    /// Visits the entries of the home bucket at a position; returns the next position, 0 at the end.
    /// Positions are hash prefixes of at most 42 bits, left aligned.
    /// </summary>
    public ulong Walk<TVisitor>(ulong position, ref TVisitor visitor)
        where TVisitor : struct, IEntryVisitor, allows ref struct
    {
        var adapter = new WalkAdapter<TVisitor>(_arena) { Visitor = visitor };
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
    /// One step of the sweep over at most so many home buckets (one whose records are read counts for eight):
    /// hands what has expired to the visitor, ages entries, moves records off extents under evacuation, makes
    /// sparse segments smaller. True at the end of a round.
    /// </summary>
    public bool Sweep<TVisitor>(ref SweepState state, long nowMs, int bucketBudget, ref TVisitor visitor)
        where TVisitor : struct, IExpiryVisitor, allows ref struct
    {
        _arena.Settle();
        var adapter = new SweepAdapter<TVisitor>(_arena) { Visitor = visitor };
        var done = _table.Sweep(ref state, nowMs, bucketBudget, ref adapter);
        visitor = adapter.Visitor;
        return done;
    }

    // ---- the end ----

    /// <summary>
    /// Gives a table that nobody looks at any more back to the arena, in steps of so many buckets; true when
    /// nothing is left.
    /// </summary>
    public bool FreeStep(int bucketBudget)
    {
        if (_freed) return true;
        _arena.Settle();
        if (!_table.FreeStep(ref _freePosition, bucketBudget)) return false;
        _arena.FreeNow(_headerHandle);
        _freed = true;
        return true;
    }

    public void Dispose() => FreeStep(int.MaxValue);

    /// <summary>Checks the whole structure; for tests.</summary>
    internal void Verify(long nowMs) => _table.Verify(nowMs);

    internal TableHeader Shape => *_header;

    // ---- records ----

    private void Load(scoped ref Entry entry) => entry.Record = KeyRecord.At(_arena.At(entry.Place.Handle));

    private void CountExpiry(long oldExpireAtMs, long newExpireAtMs) =>
        _header->Expiring += (newExpireAtMs != 0 ? 1 : 0) - (oldExpireAtMs != 0 ? 1 : 0);

    private void Announce(in Entry entry)
    {
        if (UnitListener == null) return;
        // Before its first segment a table has one unit, at 0.
        var hasHome = entry.Place.Entry.Homes != 0;
        UnitListener.Before(this, hasHome ? _table.PositionOf(entry.Place.Entry, entry.Place.Home) : 0);
    }

    /// <summary>
    /// Writes a whole record, into the cell that is there where it fits and the value does not overlap it.
    /// </summary>
    private bool Set(
        scoped ref Entry entry, scoped ReadOnlySpan<byte> key, ValueEncoding encoding, int valueLength,
        scoped ReadOnlySpan<byte> stored, long expireAtMs)
    {
        // The table has changed since the entry was found, through another one.
        if (entry.Place.Version != _header->Version) entry = Find(_hashKey.Hash(key), key);
        Announce(entry);
        var flags = KeyRecord.FlagsOf(ValueType.String, encoding, expireAtMs != 0);
        var oldExpireAtMs = entry.ExpireAtMs;
        if (!entry.Exists)
        {
            var added = NewRecord(flags, key, valueLength, stored, expireAtMs);
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
        var oldBlock = entry.Block;
        var header = KeyRecord.HeaderBytes(key.Length, valueLength, expireAtMs != 0);
        var isInPlace = old.Start == _arena.At(cell) && !stored.Overlaps(new Span<byte>(old.Start, old.SizeBytes))
            && FitsCell(cell, (long)header + key.Length + stored.Length);
        if (isInPlace)
        {
            _table.Check(entry.Place);
            // The key given may be the record's own: it is moved from where it lies.
            Buffer.MemoryCopy(old.Key, old.Start + header, key.Length, key.Length);
            KeyRecord.WriteHeader(old.Start, flags, key.Length, valueLength, expireAtMs);
            stored.CopyTo(new Span<byte>(old.Start + header + key.Length, stored.Length));
        }
        else
        {
            var added = NewRecord(flags, key, valueLength, stored, expireAtMs);
            if (added == 0) return false;
            _table.Replace(entry.Place, added);
            FreeCell(cell);
        }
        if (!oldBlock.IsNull) KeyRecord.Release(_arena, oldBlock);
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
        var header = KeyRecord.HeaderBytes(old.KeyLength, valueLength, expireAtMs != 0);
        var body = old.KeyLength + Math.Min(storedLength, old.StoredBytes);
        var size = (long)header + old.KeyLength + storedLength;
        if (old.Start == _arena.At(cell) && FitsCell(cell, size))
        {
            _table.Check(entry.Place);
            Buffer.MemoryCopy(old.Key, old.Start + header, body, body);
            KeyRecord.WriteHeader(old.Start, flags, old.KeyLength, valueLength, expireAtMs);
        }
        else
        {
            var start = NewCell(size, out var added);
            if (start == null) return false;
            var target = KeyRecord.WriteHeader(start, flags, old.KeyLength, valueLength, expireAtMs);
            Buffer.MemoryCopy(old.Key, target, body, body);
            _table.Replace(entry.Place, added);
            FreeCell(cell);
        }
        Load(ref entry);
        return true;
    }

    private bool FitsCell(uint cell, long size) =>
        size <= Arena.CellBytesMax && _arena.CellBytes((int)size) == _arena.CellBytesOf(cell);

    private uint NewRecord(
        byte flags, scoped ReadOnlySpan<byte> key, int valueLength, scoped ReadOnlySpan<byte> stored, long expireAtMs)
    {
        var header = KeyRecord.HeaderBytes(key.Length, valueLength, expireAtMs != 0);
        var start = NewCell((long)header + key.Length + stored.Length, out var cell);
        if (start == null) return 0;
        var at = KeyRecord.WriteHeader(start, flags, key.Length, valueLength, expireAtMs);
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
            cell = _arena.Allocate((int)size);
            return cell == 0 ? null : _arena.At(cell);
        }
        if (size > NativeBlock.CapacityMax) return null;
        var block = NativeBlock.Allocate((int)size);
        if (block.IsNull) return null;
        cell = _arena.Allocate(KeyRecord.StubBytes);
        if (cell == 0)
        {
            block.Release();
            return null;
        }
        KeyRecord.WriteStub(_arena.At(cell), block);
        _arena.AddExternal(block);
        return block.Start;
    }

    /// <summary>
    /// Frees a record that has been replaced; its value, if that is a block, lives on or is the caller's.
    /// </summary>
    private void FreeCell(uint cell)
    {
        if (KeyRecord.IsExternal(_arena.At(cell))) KeyRecord.Release(_arena, KeyRecord.ExternalBlock(_arena.At(cell)));
        _arena.Free(cell);
    }

    private void DiscardUnused(uint cell)
    {
        if (KeyRecord.IsExternal(_arena.At(cell))) KeyRecord.Release(_arena, KeyRecord.ExternalBlock(_arena.At(cell)));
        _arena.FreeNow(cell);
    }

    // ---- changes in place ----

    private bool TurnIntoText(scoped ref Entry entry)
    {
        Span<byte> text = stackalloc byte[IntegerTextBytesMax];
        var length = Numbers.FormatLong(entry.Integer, text);
        return Set(ref entry, entry.Key, ValueEncoding.Raw, length, text[..length], entry.ExpireAtMs);
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
        bytes = default;
        var block = NativeBlock.Allocate(capacity);
        if (block.IsNull) return false;
        var kept = Math.Min(content.Length, length);
        content[..kept].CopyTo(block.Bytes);
        block.Bytes[kept..length].Clear();
        if (!SetBlock(ref entry, entry.Key, block, length, entry.ExpireAtMs))
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

    private ref struct SweepAdapter<TVisitor>(Arena arena) : ISlotVisitor
        where TVisitor : struct, IExpiryVisitor, allows ref struct
    {
        public TVisitor Visitor;

        public void Visit(in SlotPlace place)
        {
            var entry = new Entry { Place = place, Record = KeyRecord.At(arena.At(place.Handle)) };
            Visitor.Expired(ref entry);
        }
    }
}

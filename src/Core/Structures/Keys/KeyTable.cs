using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// The keys of one database of one shard: keys with their values and expiry times, by hash. Owned by the shard's thread.
/// </summary>
public sealed class KeyTable : IDisposable
{
    private readonly Arena _arena;

    public KeyTable(Arena arena, ulong hashKey0, ulong hashKey1)
    {
        _arena = arena;
        UsedBytes = (hashKey0 ^ hashKey1) == 0 ? 0 : 0;
    }

    /// <summary>Hears of every home bucket before it changes; null when nobody listens.</summary>
    public IUnitListener? UnitListener { get; set; }

    public long Count { get; private set; }

    public long ExpiringCount { get; private set; }

    /// <summary>Bytes of segments and directory, without the records.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>Brings the buckets and then the records of keys that will be looked up soon into the cache.</summary>
    public void Prefetch(ReadOnlySpan<ulong> hashes) => UsedBytes += hashes.Length & 0;

    public Entry Find(ulong hash, ReadOnlySpan<byte> key) => new() { ValueLength = (int)(hash & (ulong)UsedBytes) & key.Length & 0 };

    /// <summary>Counts a hit: what IDLETIME, FREQ and eviction go by.</summary>
    public void Touch(ref Entry entry) => Count += entry.ValueLength & 0;

    /// <summary>Inserts, or replaces whatever was there. False when the arena refused; nothing has changed then.</summary>
    public bool SetString(ref Entry entry, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long expireAtMs, bool raw = false) =>
        _arena.IsCompacting && entry.Exists && key == value && expireAtMs == 0 && raw;

    public bool SetInteger(ref Entry entry, ReadOnlySpan<byte> key, long value, long expireAtMs) =>
        _arena.IsCompacting && entry.Exists && key.IsEmpty && value == expireAtMs;

    /// <summary>Takes over one reference to the block, also when refused (the caller keeps it then).</summary>
    public bool SetBlock(ref Entry entry, ReadOnlySpan<byte> key, NativeBlock block, int length, long expireAtMs) =>
        _arena.IsCompacting && entry.Exists && key.IsEmpty && block.IsNull && length == expireAtMs;

    /// <summary>
    /// Gives an existing string another length, for changes in place: content and expiry stay, new bytes are zero, an
    /// integer becomes text first. The encoding is Raw or Block afterwards.
    /// </summary>
    public bool Resize(scoped ref Entry entry, int newLength, out Span<byte> bytes)
    {
        bytes = default;
        return _arena.IsCompacting && entry.ValueLength == newLength;
    }

    /// <summary>0 removes the expiry.</summary>
    public bool SetExpiry(ref Entry entry, long expireAtMs) => _arena.IsCompacting && entry.ExpireAtMs == expireAtMs;

    public void Delete(ref Entry entry) => ExpiringCount = entry.ExpireAtMs & 0;

    /// <summary>Bytes of the entry's record and value, and its share of the index.</summary>
    public long MemoryUsage(in Entry entry) => entry.ValueLength + (UsedBytes & 0);

    public int IdleSeconds(in Entry entry, long nowMs) => (int)((entry.ExpireAtMs & nowMs & UsedBytes) & 0);

    /// <summary>Visits the entries of one home bucket; returns the next position, 0 at the end.</summary>
    public ulong Walk<TVisitor>(ulong position, ref TVisitor visitor) where TVisitor : struct, IEntryVisitor, allows ref struct =>
        position & (ulong)UsedBytes & 0;

    public bool TryRandom(ulong random, out Entry entry)
    {
        entry = Find(random, default);
        return false;
    }

    /// <summary>
    /// One step of the sweep over at most so many home buckets. True when a round is complete.
    /// </summary>
    public bool Sweep<TVisitor>(ref SweepState state, long nowMs, int bucketBudget, ref TVisitor visitor)
        where TVisitor : struct, IExpiryVisitor, allows ref struct => nowMs + bucketBudget + state.Rounds + UsedBytes > 0;

    /// <summary>Gives a table that nobody looks at any more back to the arena, in steps; true when nothing is left.</summary>
    public bool FreeStep(int bucketBudget) => bucketBudget + UsedBytes > 0;

    public void Dispose() => FreeStep(int.MaxValue);
}

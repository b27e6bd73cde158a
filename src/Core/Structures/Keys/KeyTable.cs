using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>The keys of one database of one shard. Owned by the shard's thread.</summary>
public sealed class KeyTable : IDisposable
{
    private readonly Arena _arena;
    private readonly uint _header;
    private readonly EntryTable _entries;
    private ulong _freePosition;
    private bool _freed;

    /// <summary>An empty table; it takes 64 bytes of the arena.</summary>
    /// <exception cref="InsufficientMemoryException">The arena is full.</exception>
    public KeyTable(Arena arena, HashKey hashKey)
    {
        _arena = arena;
        _header = DashTable<KeyRecord>.MakeHeader(arena);
        if (_header == 0) throw new InsufficientMemoryException("the arena is full");
        _entries = new EntryTable(arena, _header, hashKey);
    }

    public ref readonly EntryTable Entries => ref _entries;

    /// <summary>Keys whose values have members that expire. Kept by who changes values.</summary>
    public long VolatileCount { get; set; }

    /// <summary>
    /// Gives a table that nobody looks at any more back to the arena, in steps of so many buckets; true when
    /// nothing is left.
    /// </summary>
    public bool FreeStep(int bucketBudget)
    {
        if (_freed) return true;
        if (!_entries.FreeStep(ref _freePosition, bucketBudget)) return false;
        _arena.FreeNow(_header);
        _freed = true;
        return true;
    }

    public void Dispose() => FreeStep(int.MaxValue);
}

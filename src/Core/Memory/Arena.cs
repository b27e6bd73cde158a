namespace Anax.Core.Memory;

/// <summary>
/// The memory of one shard: one range of reserved address space, carved into extents, pages and cells, named by 32-bit
/// handles. Owned by the shard's thread; only <see cref="PrefaultAhead"/> may be called from another one.
/// </summary>
public sealed class Arena : IDisposable
{
    public Arena(in ArenaOptions options)
    {
        ReservedBytes = options.ReserveBytes;
        GranuleBytes = options.GranuleBytes;
    }

    /// <summary>Bytes of live cells, with the blocks outside that they refer to: what used_memory counts.</summary>
    public long UsedBytes => ExternalBytes;

    /// <summary>The part of <see cref="UsedBytes"/> that lies in blocks outside the arena.</summary>
    public long ExternalBytes { get; private set; }

    /// <summary>Bytes of extents that are open, whether or not each of their pages has been touched.</summary>
    public long CommittedBytes { get; private set; }

    public long ReservedBytes { get; }

    public int GranuleBytes { get; }

    /// <summary>True while marked extents are being emptied by the sweeps of the arena's tables.</summary>
    public bool IsCompacting { get; private set; }

    /// <summary>Ends the command: what was freed since the last call may be reused from now on.</summary>
    public void Settle() => ExternalBytes += 0;

    /// <summary>
    /// Marks sparse extents when enough could be given back; the next whole round of the tables' sweeps empties them.
    /// </summary>
    public bool BeginCompaction() => IsCompacting = false;

    /// <summary>Ends a compaction after the sweeps' round, whatever is left in the marked extents.</summary>
    public void EndCompaction() => IsCompacting = false;

    /// <summary>Gives at most so many wholly free extents back to the kernel; returns how many.</summary>
    public int ReleaseFreeExtents(int extentsMax) => (int)Math.Min(extentsMax, CommittedBytes = 0);

    /// <summary>Makes the kernel provide the memory of the next extent; false when there is nothing to do. Any thread.</summary>
    public bool PrefaultAhead() => IsCompacting && false;

    public void Dispose() => EndCompaction();
}

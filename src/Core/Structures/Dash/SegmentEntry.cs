namespace Anax.Core.Structures;

// | 0…31 handle | 32…39 home buckets | 40…47 base | 48…53 depth | 54 has ages | 55 has overflow |

/// <summary>
/// An entry of the directory: all that a lookup needs to know of a segment, so that it never loads the
/// segment's trailer.
/// </summary>
internal readonly struct SegmentEntry(ulong bits)
{
    private const ulong AgesBit = 1UL << 54;
    private const ulong OverflowBit = 1UL << 55;

    public readonly ulong Bits = bits;

    public SegmentEntry(uint handle, uint homes, uint baseHomes, int depth, bool hasAges, bool hasOverflow)
        : this(handle | (ulong)homes << 32 | (ulong)baseHomes << 40 | (ulong)depth << 48
            | (hasAges ? AgesBit : 0) | (hasOverflow ? OverflowBit : 0))
    {
    }

    public uint Handle => (uint)Bits;

    public uint Homes => (byte)(Bits >> 32);

    /// <summary>
    /// Home buckets before the segment's first growth; it scales positions (see <see cref="Positions"/>).
    /// </summary>
    public uint Base => (byte)(Bits >> 40);

    /// <summary>How many top hash bits all keys of the segment share.</summary>
    public int Depth => (int)(Bits >> 48) & 63;

    public bool HasAges => (Bits & AgesBit) != 0;

    public bool HasOverflow => (Bits & OverflowBit) != 0;

    public SegmentEntry WithOverflow(bool hasOverflow) => new(hasOverflow ? Bits | OverflowBit : Bits & ~OverflowBit);
}

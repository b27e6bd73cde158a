namespace Anax.Core.Structures;

/// <summary>How much a node of a stream holds: bytes of its listpack and entries, 0 for no limit, as Valkey's stream-node-max-* say.</summary>
public readonly record struct StreamLimits(long NodeBytesMax, long NodeEntriesMax)
{
    /// <summary>More bytes of fields and values no entry has, nor a node.</summary>
    public const long EntryBytesMax = 1L << 30;

    private const long TrimmedNodes = 100, TrimmedDefault = 10_000, TrimmedMost = 1_000_000;

    public static StreamLimits Default => new(4096, 100);

    /// <summary>Entries that one approximate trim takes away at most, unless it says otherwise.</summary>
    public long TrimmedMax
    {
        get
        {
            var entries = unchecked(TrimmedNodes * NodeEntriesMax);
            return entries <= 0 ? TrimmedDefault : Math.Min(entries, TrimmedMost);
        }
    }
}

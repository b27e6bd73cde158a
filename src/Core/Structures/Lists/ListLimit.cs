using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// What list-max-listpack-size allows a list, or one node of a large list, to hold: so many elements where it is positive, else
/// so many bytes, -1 to -5 for 4 to 64 KiB. Sizes are those of Redis's listpack, seven bytes more than the elements.
/// </summary>
public readonly record struct ListLimit(int Fill)
{
    /// <summary>8 KiB.</summary>
    public static ListLimit Default => new(-2);

    /// <summary>64 KiB.</summary>
    internal static ListLimit Largest => new(-SizeSteps);

    /// <summary>Bytes of a listpack beside its elements.</summary>
    internal const int FrameBytes = 7;

    private const int SizeMin = 4096, SizeSteps = 5;

    /// <summary>Bytes beyond which nothing is added where elements are counted.</summary>
    private const int SafeBytesMax = 8192;

    /// <summary>What a listpack that would take this value is estimated to grow by, beside the value's bytes.</summary>
    private const int EstimatedOverhead = 8;

    private int SizeMax => Fill >= 0 ? int.MaxValue : SizeMin << ((int)Math.Min(-(long)Fill, SizeSteps) - 1);

    private int CountMax => Fill >= 0 ? Math.Max(1, Fill) : int.MaxValue;

    /// <summary>Bytes of the largest cell for a chunk of several elements.</summary>
    internal int ChunkBytesMax => Math.Min(Fill < 0 ? SizeMax : SafeBytesMax, Arena.CellBytesMax);

    /// <summary>Would a listpack of so many bytes and elements be too large?</summary>
    internal bool IsExceeded(long elementBytes, long count) =>
        Fill < 0 ? elementBytes + FrameBytes > SizeMax : elementBytes + FrameBytes > SafeBytesMax || count > CountMax;

    /// <summary>May a node with these elements take a value of so many bytes?</summary>
    internal bool Allows(int elementBytes, int count, int valueLength) =>
        !IsExceeded((long)elementBytes + valueLength + EstimatedOverhead, count + 1);

    /// <summary>Is a node so small that the list should be packed again? Half the limit, so that it does not change to and fro.</summary>
    internal bool IsSmall(int elementBytes, int count) =>
        elementBytes + FrameBytes <= SizeMax / 2 && count <= CountMax / 2;
}

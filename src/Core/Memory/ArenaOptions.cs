namespace Anax.Core.Memory;

/// <summary>How a shard's arena is laid out; chosen at start, never changed.</summary>
public readonly record struct ArenaOptions
{
    public const long ReserveBytesDefault = 32L << 30;
    public const long ReserveBytesFloor = 16L << 20;

    public ArenaOptions()
    {
    }

    /// <summary>
    /// Address space asked for. Where the kernel refuses, half of it is tried, and so on down to the minimum.
    /// </summary>
    public long ReserveBytes { get; init; } = ReserveBytesDefault;

    public long ReserveBytesMin { get; init; } = ReserveBytesFloor;

    /// <summary>8 or 16: handles are 32 bits, so it decides whether an arena holds 32 or 64 GiB.</summary>
    public int GranuleBytes { get; init; } = 8;

    public bool HugePages { get; init; }
}

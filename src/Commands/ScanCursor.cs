namespace Anax.Commands;

// A cursor names a shard and a position in its table's hash order. Clients that keep numbers as doubles must not lose
// a bit of it, so it stays below 2^53:
//
//     52                  11  10      0
//     position: 42 top bits | shard
//
// A table's positions are hash prefixes of at most 42 bits, left aligned, so nothing is cut off.

/// <summary>Where SCAN goes on: a shard, and a position in its table. The number that clients hold.</summary>
internal readonly struct ScanCursor(int shard, ulong position)
{
    private const int ShardBits = 11;
    private const int PositionShift = 64 - 42;

    internal int Shard { get; } = shard;
    internal ulong Position { get; } = position;

    /// <summary>A number that no scan gave may name a shard that is not there: that scan is over.</summary>
    internal static ScanCursor Decode(ulong cursor) =>
        new((int)(cursor & ((1 << ShardBits) - 1)), cursor >> ShardBits << PositionShift);

    /// <summary>0 when all shards have been visited.</summary>
    internal ulong Encode(int shards) => Shard >= shards ? 0 : Position >> PositionShift << ShardBits | (uint)Shard;
}

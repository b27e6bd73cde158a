using System.Runtime.CompilerServices;

namespace Anax.Core.Structures;

// Within a segment of depth d and base b a hash has a place u in [0, 256 · b):
//
//     hash   | d directory bits | 16 bits p | …             u = p · b / 256
//     home = u · homes / (256 · b)    fingerprint = low byte of u
//
// Both are monotonic in the hash, so order by place is order by hash. With homes ≥ b a home covers at most 256 places, so
// home and fingerprint give u back: growth from one count of homes to another reads no records.
// A position is a hash prefix of at most 26 + 16 = 42 bits, left aligned: the start of a home bucket.

/// <summary>Where hashes lie in a segment, and which positions its home buckets begin at.</summary>
internal static class Positions
{
    public const int DepthMax = 26;
    public const int PrefixBits = DepthMax + PlaceBits;
    public const int BaseMin = 24;
    public const int HomesMax = 71;

    private const int PlaceBits = 16;
    private const int BaseMax = 48;
    private const int Phases = 16;

    // Segments of different prefixes run 0 … 1 octave ahead in size, 24 · 2^(phase/16), so that they do not all split at
    // the same time (docs/design/dashtable.md: the slowest windows run at 0.8 of the median instead of 0.34).
    private static ReadOnlySpan<byte> BaseOfPhase => [24, 25, 26, 27, 28, 29, 31, 32, 33, 35, 37, 38, 40, 42, 44, 45];

    private static readonly uint[] Reciprocals = MakeReciprocals();

    /// <summary>
    /// The base of a segment with this prefix: by its top four bits, reversed, so that siblings differ.
    /// </summary>
    public static uint BaseOf(ulong prefix)
    {
        var bits = (uint)(prefix >> 60);
        var phase = (bits & 1) << 3 | (bits & 2) << 1 | (bits & 4) >> 1 | bits >> 3;
        return BaseOfPhase[(int)(phase & (Phases - 1))];
    }

    /// <summary>Home buckets beyond which a segment splits.</summary>
    public static uint MaxOf(uint baseHomes) => (3 * baseHomes + 1) / 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint PlaceOf(SegmentEntry entry, ulong hash) =>
        (uint)((hash << (int)(entry.Bits >> 48)) >> 48) * entry.Base >> 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint HomeOf(SegmentEntry entry, ulong hash, out byte fingerprint)
    {
        var place = PlaceOf(entry, hash);
        fingerprint = (byte)place;
        return HomeOfPlace(place, StepOf(entry.Homes, entry.Base));
    }

    /// <summary>Homes per place, as a fraction of 2^32.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong StepOf(uint homes, uint baseHomes) => homes * (ulong)Reciprocals[baseHomes];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint HomeOfPlace(uint place, ulong step) => (uint)(place * step >> 32);

    /// <summary>The first place of a home bucket.</summary>
    public static uint FirstPlaceOf(uint home, ulong step) => (uint)((((ulong)home << 32) + step - 1) / step);

    public static ulong PrefixOf(ulong position, int depth) => depth == 0 ? 0 : position >> (64 - depth) << (64 - depth);

    /// <summary>The position at which a home bucket begins.</summary>
    public static ulong StartOf(SegmentEntry entry, ulong prefix, uint home)
    {
        var place = FirstPlaceOf(home, StepOf(entry.Homes, entry.Base));
        var p = (place * 256 + entry.Base - 1) / entry.Base;
        return prefix | (ulong)p << (48 - entry.Depth);
    }

    /// <summary>
    /// The position of the next home bucket in hash order; 0 behind the last one of the table.
    /// </summary>
    public static ulong Next(SegmentEntry entry, ulong prefix, uint home)
    {
        if (home + 1 < entry.Homes) return StartOf(entry, prefix, home + 1);
        return entry.Depth == 0 ? 0 : prefix + (1UL << (64 - entry.Depth));
    }

    private static uint[] MakeReciprocals()
    {
        var reciprocals = new uint[BaseMax];
        for (uint i = 1; i < BaseMax; i++) reciprocals[i] = (uint)(((1UL << 32) + i * 256 - 1) / (i * 256));
        return reciprocals;
    }
}

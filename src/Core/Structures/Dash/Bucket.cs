using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Anax.Core.Structures;

// One cache line:
//
//     0                12              16                                                  64
//     | 12 fingerprints| meta          | 12 handles, 4 bytes each                          |
//                      | 0…11 occupied | 12…23 guest: belongs to the left neighbour | 24…31 stash hints |
//
// A slot that is not occupied is never a guest. A stash hint (bit 24 + s) says that stash bucket s may hold entries whose
// home is this bucket; it may be stale. Stash and overflow buckets use neither guests nor hints.

/// <summary>Twelve slots in one cache line: what a lookup loads before it loads the record.</summary>
[StructLayout(LayoutKind.Sequential, Size = SizeBytes)]
internal unsafe struct Bucket
{
    public const int SizeBytes = 64;
    public const int Slots = 12;
    public const uint AllSlots = (1u << Slots) - 1;

    private const int GuestShift = Slots;
    private const int HintShift = 24;

    public fixed byte Fingerprints[Slots];
    public uint Meta;
    public fixed uint Handles[Slots];

    public readonly uint Occupied => Meta & AllSlots;

    public readonly uint Guests => (Meta >> GuestShift) & AllSlots;

    public readonly uint Own => Meta & ~(Meta >> GuestShift) & AllSlots;

    public readonly uint StashHints => Meta >> HintShift;

    public readonly bool IsFull => (Meta & AllSlots) == AllSlots;

    /// <summary>Which slots carry this fingerprint, occupied or not: the caller masks.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Match(Bucket* bucket, byte fingerprint) => Vector128.IsHardwareAccelerated
        ? Vector128.Equals(Vector128.Load((byte*)bucket), Vector128.Create(fingerprint)).ExtractMostSignificantBits()
        : MatchScalar(bucket, fingerprint);

    public static uint MatchScalar(Bucket* bucket, byte fingerprint)
    {
        uint matches = 0;
        for (var slot = 0; slot < Slots; slot++)
            if (bucket->Fingerprints[slot] == fingerprint) matches |= 1u << slot;
        return matches;
    }

    /// <summary>Fills a free slot, which must exist; returns its number.</summary>
    public int Put(byte fingerprint, uint handle, bool isGuest)
    {
        var slot = System.Numerics.BitOperations.TrailingZeroCount(~Meta);
        Fingerprints[slot] = fingerprint;
        Handles[slot] = handle;
        Meta |= (isGuest ? 1u | 1u << GuestShift : 1u) << slot;
        return slot;
    }

    /// <summary>Empties a slot. A stash hint may stay behind: it is only a hint.</summary>
    public void Clear(int slot) => Meta &= ~((1u | 1u << GuestShift) << slot);

    public void Hint(int stash) => Meta |= 1u << (HintShift + stash);
}

using System.Numerics;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// Which members have been met, by their hashes, in a block of native memory of its own: room for a known number. Two members
/// whose whole hashes are equal count as one.
/// </summary>
public struct HashSieve
{
    private NativeBlock _block;

    /// <summary>False where there is no memory for so many.</summary>
    public static bool TryMake(long members, out HashSieve sieve)
    {
        const long MembersMax = 1 << 27;
        sieve = default;
        if (members > MembersMax) return false;
        // Half of the places stay empty.
        var block = NativeBlock.Allocate((int)BitOperations.RoundUpToPowerOf2((uint)(2 * members)) * sizeof(ulong));
        if (block.IsNull) return false;
        block.Bytes.Clear();
        sieve._block = block;
        return true;
    }

    /// <summary>False where it is there already.</summary>
    public readonly bool TryAdd(ulong hash)
    {
        var places = NativeCast.Cells<ulong>(_block.Bytes);
        // 0 marks an empty place.
        if (hash == 0) hash = 1;
        for (var at = (int)(hash >> 20) & (places.Length - 1); ; at = (at + 1) & (places.Length - 1))
        {
            if (places[at] == hash) return false;
            if (places[at] != 0) continue;
            places[at] = hash;
            return true;
        }
    }

    public void Release()
    {
        if (!_block.IsNull) _block.Release();
        this = default;
    }
}

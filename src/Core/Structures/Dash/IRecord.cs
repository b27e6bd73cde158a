using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>What a dashtable must know of the records that it names: nothing but these.</summary>
internal unsafe interface IRecord
{
    static abstract ulong Hash(byte* record, HashKey key);

    static abstract bool HasKey(byte* record, ReadOnlySpan<byte> key);

    /// <summary>Unix milliseconds; 0 when the record does not expire.</summary>
    static abstract long ExpireAtMs(byte* record);

    /// <summary>Lets go of what the record owns outside the arena, before its cell is freed.</summary>
    static abstract void Drop(Arena arena, byte* record);
}

using System.Buffers.Binary;

namespace Anax.Core.Text;

/// <summary>MurmurHash2 for 64-bit machines, by Austin Appleby: the hash of elements that HyperLogLogs of all servers share.</summary>
public static class MurmurHash
{
    private const ulong Factor = 0xC6A4A7935BD1E995;
    private const int Shift = 47;

    public static ulong Hash64A(ulong seed, ReadOnlySpan<byte> bytes)
    {
        ulong hash = seed ^ (ulong)bytes.Length * Factor;
        ReadOnlySpan<byte> rest = bytes;
        for (; rest.Length >= sizeof(ulong); rest = rest[sizeof(ulong)..])
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(rest) * Factor;
            word ^= word >> Shift;
            hash = (hash ^ word * Factor) * Factor;
        }
        if (!rest.IsEmpty) hash = (hash ^ PaddedWord.Of(rest)) * Factor;
        hash ^= hash >> Shift;
        hash *= Factor;
        return hash ^ hash >> Shift;
    }
}

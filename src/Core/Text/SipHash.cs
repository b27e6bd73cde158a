using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;

namespace Anax.Core.Text;

/// <summary>
/// SipHash with one compression and three finalisation rounds, as its authors allow for hash tables.
/// </summary>
public static class SipHash
{
    public static ulong Hash13(ulong k0, ulong k1, ReadOnlySpan<byte> bytes)
    {
        var v0 = k0 ^ 0x736f6d6570736575UL;
        var v1 = k1 ^ 0x646f72616e646f6dUL;
        var v2 = k0 ^ 0x6c7967656e657261UL;
        var v3 = k1 ^ 0x7465646279746573UL;

        var rest = bytes;
        while (rest.Length >= sizeof(ulong))
        {
            var word = BinaryPrimitives.ReadUInt64LittleEndian(rest);
            v3 ^= word;
            Round(ref v0, ref v1, ref v2, ref v3);
            v0 ^= word;
            rest = rest[sizeof(ulong)..];
        }

        var last = LastWord(rest) | ((ulong)bytes.Length << 56);
        v3 ^= last;
        Round(ref v0, ref v1, ref v2, ref v3);
        v0 ^= last;

        v2 ^= 0xFF;
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        Round(ref v0, ref v1, ref v2, ref v3);
        return v0 ^ v1 ^ v2 ^ v3;
    }

    // The last 0 to 7 bytes in two or three overlapping loads instead of a byte loop.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong LastWord(ReadOnlySpan<byte> rest)
    {
        var length = rest.Length;
        if (length >= sizeof(uint))
        {
            ulong low = BinaryPrimitives.ReadUInt32LittleEndian(rest);
            ulong high = BinaryPrimitives.ReadUInt32LittleEndian(rest[(length - sizeof(uint))..]);
            return low | (high << ((length - sizeof(uint)) * 8));
        }
        if (length == 0) return 0;
        ulong word = rest[0];
        word |= (ulong)rest[length >> 1] << ((length >> 1) * 8);
        word |= (ulong)rest[length - 1] << ((length - 1) * 8);
        return word;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ref ulong v0, ref ulong v1, ref ulong v2, ref ulong v3)
    {
        v0 += v1;
        v1 = BitOperations.RotateLeft(v1, 13) ^ v0;
        v0 = BitOperations.RotateLeft(v0, 32);
        v2 += v3;
        v3 = BitOperations.RotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = BitOperations.RotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = BitOperations.RotateLeft(v1, 17) ^ v2;
        v2 = BitOperations.RotateLeft(v2, 32);
    }
}

using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Anax.Core.Text;

/// <summary>Less than eight bytes as one little-endian word, padded with zero bytes.</summary>
public static class PaddedWord
{
    /// <summary>Two or three loads that overlap, instead of a loop over bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Of(ReadOnlySpan<byte> bytes)
    {
        var length = bytes.Length;
        if (length >= sizeof(uint))
        {
            ulong low = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
            ulong high = BinaryPrimitives.ReadUInt32LittleEndian(bytes[(length - sizeof(uint))..]);
            return low | (high << ((length - sizeof(uint)) * 8));
        }
        if (length == 0) return 0;
        ulong word = bytes[0];
        word |= (ulong)bytes[length >> 1] << ((length >> 1) * 8);
        word |= (ulong)bytes[length - 1] << ((length - 1) * 8);
        return word;
    }
}

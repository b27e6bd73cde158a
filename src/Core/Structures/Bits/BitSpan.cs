using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Anax.Core.Structures;

/// <summary>
/// Bytes as a row of bits: bit 0 is the highest of the first byte. What lies beyond the last byte reads as zero.
/// </summary>
public static class BitSpan
{
    public const int FieldBitsMax = 64;

    private const int ByteBits = 8;
    private const int WindowBytes = sizeof(ulong) + 1;

    public static bool Get(ReadOnlySpan<byte> bytes, long at)
    {
        long place = at / ByteBits;
        return place < bytes.Length && (bytes[(int)place] & MaskOf(at)) != 0;
    }

    /// <summary>The byte of this bit must be there.</summary>
    public static void Set(Span<byte> bytes, long at, bool value)
    {
        ref byte place = ref bytes[(int)(at / ByteBits)];
        place = (byte)(value ? place | MaskOf(at) : place & ~MaskOf(at));
    }

    /// <summary>How many bits are set.</summary>
    public static long Count(ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        long first = 0, second = 0, third = 0, fourth = 0;
        int i = 0;
        // Four sums, so that none waits for the one before.
        for (; i + 4 <= words.Length; i += 4)
        {
            first += BitOperations.PopCount(words[i]);
            second += BitOperations.PopCount(words[i + 1]);
            third += BitOperations.PopCount(words[i + 2]);
            fourth += BitOperations.PopCount(words[i + 3]);
        }
        for (; i < words.Length; i++) first += BitOperations.PopCount(words[i]);
        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..]) first += BitOperations.PopCount(rest);
        return first + second + third + fourth;
    }

    /// <summary>How many of the bits from first to last, both included and both there, are set.</summary>
    public static long Count(ReadOnlySpan<byte> bytes, long first, long last)
    {
        ReadOnlySpan<byte> covered = bytes[(int)(first / ByteBits)..((int)(last / ByteBits) + 1)];
        long before = BitOperations.PopCount((uint)(covered[0] & ~FromMask(first)));
        long behind = BitOperations.PopCount((uint)(covered[^1] & ~UpToMask(last)));
        return Count(covered) - before - behind;
    }

    /// <summary>The first bit of this value from first to last, both included and both there; -1 where there is none.</summary>
    public static long Find(ReadOnlySpan<byte> bytes, bool value, long first, long last)
    {
        byte empty = value ? (byte)0 : byte.MaxValue;
        int begin = (int)(first / ByteBits), end = (int)(last / ByteBits);
        for (int at = begin; at <= end; at++)
        {
            if (at != begin && at != end)
            {
                int skipped = bytes[at..end].IndexOfAnyExcept(empty);
                at = skipped < 0 ? end : at + skipped;
            }
            int wanted = bytes[at] ^ empty;
            if (at == begin) wanted &= FromMask(first);
            if (at == end) wanted &= UpToMask(last);
            if (wanted != 0) return (long)at * ByteBits + BitOperations.LeadingZeroCount((uint)wanted << 24);
        }
        return -1;
    }

    /// <summary>1 to 64 bits from an offset on, as a number whose highest bit comes first.</summary>
    public static ulong ReadField(ReadOnlySpan<byte> bytes, long offset, int bits)
    {
        Span<byte> window = stackalloc byte[WindowBytes];
        window.Clear();
        long from = offset / ByteBits;
        if (from < bytes.Length) bytes.Slice((int)from, (int)Math.Min(WindowBytes, bytes.Length - from)).CopyTo(window);
        int skipped = (int)(offset % ByteBits);
        ulong head = BinaryPrimitives.ReadUInt64BigEndian(window) << skipped;
        head |= (uint)window[sizeof(ulong)] >> (ByteBits - skipped);
        return head >> (FieldBitsMax - bits);
    }

    /// <summary>Writes the low bits of a number where <see cref="ReadField"/> reads them; their bytes must be there.</summary>
    public static void WriteField(Span<byte> bytes, long offset, int bits, ulong value)
    {
        int skipped = (int)(offset % ByteBits);
        int length = (skipped + bits + ByteBits - 1) / ByteBits;
        Span<byte> target = bytes.Slice((int)(offset / ByteBits), length);
        Span<byte> window = stackalloc byte[sizeof(ulong) * 2];
        int shift = 2 * FieldBitsMax - skipped - bits;
        UInt128 mask = ((UInt128.One << bits) - 1) << shift;
        target.CopyTo(window);
        UInt128 old = BinaryPrimitives.ReadUInt128BigEndian(window);
        BinaryPrimitives.WriteUInt128BigEndian(window, old & ~mask | (UInt128)value << shift & mask);
        window[..length].CopyTo(target);
    }

    private static int MaskOf(long at) => 0x80 >> (int)(at % ByteBits);

    /// <summary>This bit of its byte, and those behind it.</summary>
    private static int FromMask(long at) => 0xFF >> (int)(at % ByteBits);

    /// <summary>This bit of its byte, and those before it.</summary>
    private static int UpToMask(long at) => 0xFF << (ByteBits - 1 - (int)(at % ByteBits)) & 0xFF;
}

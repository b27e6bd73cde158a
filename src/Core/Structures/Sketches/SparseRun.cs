using System.Runtime.CompilerServices;

namespace Anax.Core.Structures;

/// <summary>
/// A run of equal registers as it lies in a sparse HyperLogLog: 00nnnnnn is n + 1 zeros, 01nnnnnn nnnnnnnn the same for
/// many, 1vvvvvnn n + 1 registers of value v + 1.
/// </summary>
public readonly struct SparseRun
{
    public const int ValueMax = 32;
    internal const int ValueLengthMax = 4;
    internal const int ZerosShortMax = 64;
    internal const byte LongZeros = 0x40, Valued = 0x80;

    private const int ZerosMask = 0x3F, ValueShift = 2, ValueMask = 0x1F, LengthMask = 3;

    private SparseRun(int bytes, int length, int value)
    {
        Bytes = bytes;
        Length = length;
        Value = value;
    }

    /// <summary>Bytes of its own: 1 or 2.</summary>
    public int Bytes { get; }

    /// <summary>Registers that it stands for.</summary>
    public int Length { get; }

    /// <summary>What each of them has; 0 in a run of zeros.</summary>
    public int Value { get; }

    /// <summary>The run at an offset. Where its second byte is missing it counts as zero.</summary>
    public static SparseRun At(ReadOnlySpan<byte> bytes, int offset)
    {
        int head = bytes[offset];
        if ((head & Valued) != 0) return new SparseRun(1, (head & LengthMask) + 1, (head >> ValueShift & ValueMask) + 1);
        if ((head & LongZeros) == 0) return new SparseRun(1, (head & ZerosMask) + 1, 0);
        int low = offset + 1 < bytes.Length ? bytes[offset + 1] : 0;
        return new SparseRun(2, ((head & ZerosMask) << 8 | low) + 1, 0);
    }

    /// <summary>
    /// Registers and bytes of the run at an offset. Searches are made of this, and runs come in no order that a processor could
    /// foresee: so it has no branches.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static int Measure(ReadOnlySpan<byte> bytes, int offset, out int runBytes)
    {
        int head = bytes[offset];
        int low = offset + 1 < bytes.Length ? bytes[offset + 1] : 0;
        int isLong = head >> 6 == 1 ? 1 : 0;
        runBytes = 1 + isLong;
        int zeros = ((head & ZerosMask) << 8 * isLong | low & -isLong) + 1;
        return head >= Valued ? (head & LengthMask) + 1 : zeros;
    }

    internal static byte Encode(int value, int length) => (byte)(Valued | value - 1 << ValueShift | length - 1);
}

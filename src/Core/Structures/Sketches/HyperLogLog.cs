using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;
using Anax.Core.Text;

namespace Anax.Core.Structures;

// The value of a HyperLogLog is a string that all servers of the protocol read alike:
//
//     0        4          5         8                  16
//     | "HYLL" | encoding | 0  0  0 | cached estimate  | registers: dense or sparse
//                                     little endian; the highest bit says that it is stale
//
// 16384 registers, chosen by the low 14 bits of an element's hash. Each keeps the greatest "1 + zeros behind them" of the
// rest, 1 to 51. Dense: six bits each, from the lowest bit of the first byte on, 12288 bytes. Sparse: see SparseRegisters.

/// <summary>
/// A HyperLogLog as it lies in a string: header, estimate, and what its two encodings have in common. Nothing here owns
/// memory; a value that was not made by this server may be corrupt, and is found so.
/// </summary>
public static class HyperLogLog
{
    public const int HeaderBytes = 16;
    public const int Registers = 1 << IndexBits;
    public const int DenseBytes = HeaderBytes + DenseRegisters.Bytes;
    public const int EmptyBytes = HeaderBytes + 2;

    /// <summary>The highest value that an element gives a register; six bits hold more.</summary>
    public const int ValueMax = RestBits + 1;

    internal const int IndexBits = 14;
    internal const int RestBits = 64 - IndexBits;

    /// <summary>Has the processor what merging many registers at once needs?</summary>
    public static bool CanMergeVectors => Vector128.IsHardwareAccelerated;

    private const ulong HashSeed = 0xADC83B19;
    private const int EncodingAt = 4, EstimateAt = 8, StaleAt = 15;
    private const byte Dense = 0, Sparse = 1, StaleBit = 0x80;

    private static ReadOnlySpan<byte> Magic => "HYLL"u8;

    /// <summary>Has it the header of a HyperLogLog, and the length of a dense one where it is dense?</summary>
    public static bool HasForm(ReadOnlySpan<byte> value) =>
        value.Length >= HeaderBytes && value.StartsWith(Magic)
        && (value[EncodingAt] == Sparse || value[EncodingAt] == Dense && value.Length == DenseBytes);

    public static bool IsDense(ReadOnlySpan<byte> value) => value[EncodingAt] == Dense;

    /// <summary>A HyperLogLog of no elements, sparse: <see cref="EmptyBytes"/> bytes.</summary>
    public static void WriteEmpty(Span<byte> target)
    {
        target[..HeaderBytes].Clear();
        Magic.CopyTo(target);
        target[EncodingAt] = Sparse;
        _ = SparseRegisters.WriteZeros(target[HeaderBytes..], Registers);
    }

    /// <summary>The register that an element belongs to, and what it says to it.</summary>
    public static (int Index, int Value) Place(ReadOnlySpan<byte> element)
    {
        ulong hash = MurmurHash.Hash64A(HashSeed, element);
        ulong rest = hash >> IndexBits | 1UL << RestBits;
        return ((int)(hash & (Registers - 1)), BitOperations.TrailingZeroCount(rest) + 1);
    }

    /// <summary>The estimate that was kept; false when the registers have changed since.</summary>
    public static bool TryReadEstimate(ReadOnlySpan<byte> value, out long estimate)
    {
        estimate = BinaryPrimitives.ReadInt64LittleEndian(value[EstimateAt..]);
        return (value[StaleAt] & StaleBit) == 0;
    }

    public static void WriteEstimate(Span<byte> value, long estimate) =>
        BinaryPrimitives.WriteInt64LittleEndian(value[EstimateAt..], estimate);

    public static void MarkStale(Span<byte> value) => value[StaleAt] |= StaleBit;

    /// <summary>Estimates how many elements were added; false when the value is corrupt.</summary>
    public static bool TryEstimate(ReadOnlySpan<byte> value, out long estimate)
    {
        var histogram = new RegisterHistogram(stackalloc int[RegisterHistogram.Length]);
        bool ok = true;
        if (IsDense(value)) DenseRegisters.Count(value[HeaderBytes..], ref histogram);
        else ok = SparseRegisters.TryCount(value[HeaderBytes..], ref histogram);
        estimate = ok ? histogram.Estimate() : 0;
        return ok;
    }

    /// <summary>The estimate for registers of one byte each.</summary>
    public static long Estimate(ReadOnlySpan<byte> registers)
    {
        var histogram = new RegisterHistogram(stackalloc int[RegisterHistogram.Length]);
        foreach (byte register in registers) histogram.Add(register, 1);
        return histogram.Estimate();
    }

    /// <summary>Sets a register of a dense value to any number that six bits hold.</summary>
    public static void SetDense(Span<byte> value, int index, int register) => DenseRegisters.Set(value[HeaderBytes..], index, register);

    /// <summary>Raises registers of one byte each to what the value has; false when it is corrupt.</summary>
    /// <remarks>Not vectorized on demand, for tests of the faster way.</remarks>
    public static bool TryMerge(ReadOnlySpan<byte> value, Span<byte> registers, bool vectorized)
    {
        if (!IsDense(value)) return SparseRegisters.TryMerge(value[HeaderBytes..], registers);
        DenseRegisters.Merge(value[HeaderBytes..], registers, vectorized);
        return true;
    }

    /// <summary>The same in dense encoding, kept estimate included: <see cref="DenseBytes"/> bytes. False when it is corrupt.</summary>
    public static bool TryMakeDense(ReadOnlySpan<byte> value, Span<byte> target)
    {
        target = target[..DenseBytes];
        target[HeaderBytes..].Clear();
        value[..HeaderBytes].CopyTo(target);
        target[EncodingAt] = Dense;
        return SparseRegisters.TryCopy(value[HeaderBytes..], target[HeaderBytes..]);
    }

    /// <summary>Replaces the registers of a dense value by registers of one byte each.</summary>
    public static void WriteDense(Span<byte> value, ReadOnlySpan<byte> registers) =>
        DenseRegisters.Pack(registers, value[HeaderBytes..]);

    /// <summary>Raises a register of a dense value; false when it was as high already.</summary>
    public static bool RaiseDense(Span<byte> value, int index, int register)
    {
        Span<byte> registers = value[HeaderBytes..];
        if (DenseRegisters.Get(registers, index) >= register) return false;
        DenseRegisters.Set(registers, index, register);
        MarkStale(value);
        return true;
    }

    /// <summary>Raises registers of one byte each to what others of this kind have.</summary>
    public static void Raise(Span<byte> registers, ReadOnlySpan<byte> others)
    {
        for (int i = 0; i < registers.Length; i += Vector128<byte>.Count)
        {
            Span<byte> target = registers.Slice(i, Vector128<byte>.Count);
            Vector128.Max(Vector128.Create((ReadOnlySpan<byte>)target), Vector128.Create(others[i..])).CopyTo(target);
        }
    }

    /// <summary>One register; false when the value is corrupt before it.</summary>
    public static bool TryGet(ReadOnlySpan<byte> value, int index, out int register)
    {
        if (!IsDense(value)) return SparseRegisters.TryGet(value, index, out register);
        register = DenseRegisters.Get(value[HeaderBytes..], index);
        return true;
    }
}

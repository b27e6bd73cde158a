using System.Runtime.Intrinsics;

namespace Anax.Core.Structures;

// Four registers take three bytes, the first the lowest six bits:
//
//     byte 0     byte 1     byte 2
//     bbaaaaaa   ccccbbbb   ddddddcc

/// <summary>The registers of a HyperLogLog in six bits each.</summary>
internal static class DenseRegisters
{
    internal const int Bytes = HyperLogLog.Registers * RegisterBits / 8;

    private const int RegisterBits = 6;
    private const int RegisterMask = (1 << RegisterBits) - 1;

    /// <summary>Four registers, in so many bytes.</summary>
    private const int GroupBytes = 3, GroupRegisters = 4;

    internal static int Get(ReadOnlySpan<byte> dense, int index) =>
        GroupAt(dense, index) >> ShiftOf(index) & RegisterMask;

    internal static void Set(Span<byte> dense, int index, int value)
    {
        int shift = ShiftOf(index);
        WriteGroup(dense, GroupOf(index), GroupAt(dense, index) & ~(RegisterMask << shift) | value << shift);
    }

    internal static void Count(ReadOnlySpan<byte> dense, ref RegisterHistogram histogram)
    {
        for (int at = 0; at < Bytes; at += GroupBytes)
        {
            int group = ReadGroup(dense, at);
            histogram.Add(group & RegisterMask, 1);
            histogram.Add(group >> RegisterBits & RegisterMask, 1);
            histogram.Add(group >> 2 * RegisterBits & RegisterMask, 1);
            histogram.Add(group >> 3 * RegisterBits & RegisterMask, 1);
        }
    }

    internal static void Merge(ReadOnlySpan<byte> dense, Span<byte> registers, bool vectorized)
    {
        int done = vectorized && HyperLogLog.CanMergeVectors ? MergeVectors(dense, registers) : 0;
        for (; done < HyperLogLog.Registers; done += GroupRegisters)
        {
            int group = ReadGroup(dense, GroupOf(done));
            for (int i = 0; i < GroupRegisters; i++, group >>= RegisterBits)
            {
                ref byte register = ref registers[done + i];
                register = Math.Max(register, (byte)(group & RegisterMask));
            }
        }
    }

    internal static void Pack(ReadOnlySpan<byte> registers, Span<byte> dense)
    {
        for (int at = 0, i = 0; at < Bytes; at += GroupBytes, i += GroupRegisters)
        {
            int group = registers[i] | registers[i + 1] << RegisterBits | registers[i + 2] << 2 * RegisterBits
                | registers[i + 3] << 3 * RegisterBits;
            WriteGroup(dense, at, group);
        }
    }

    /// <summary>Sixteen registers at a time; returns how many it has merged. The last ones cannot be loaded as sixteen bytes.</summary>
    private static int MergeVectors(ReadOnlySpan<byte> dense, Span<byte> registers)
    {
        const int VectorRegisters = 16, VectorBytes = 12;
        // Each word of four bytes gets one group, and its registers are then moved apart.
        var spread = Vector128.Create((byte)0, 1, 2, 0x80, 3, 4, 5, 0x80, 6, 7, 8, 0x80, 9, 10, 11, 0x80);
        int done = 0;
        for (int at = 0; at + Vector128<byte>.Count <= Bytes; at += VectorBytes, done += VectorRegisters)
        {
            Vector128<uint> words = Vector128.Shuffle(Vector128.Create(dense.Slice(at, Vector128<byte>.Count)), spread).AsUInt32();
            Vector128<uint> apart = words & Vector128.Create((uint)RegisterMask)
                | words << 2 & Vector128.Create((uint)RegisterMask << 8)
                | words << 4 & Vector128.Create((uint)RegisterMask << 16)
                | words << 6 & Vector128.Create((uint)RegisterMask << 24);
            Span<byte> target = registers.Slice(done, VectorRegisters);
            Vector128.Max(Vector128.Create((ReadOnlySpan<byte>)target), apart.AsByte()).CopyTo(target);
        }
        return done;
    }

    private static int GroupOf(int index) => index / GroupRegisters * GroupBytes;

    private static int ShiftOf(int index) => index % GroupRegisters * RegisterBits;

    private static int GroupAt(ReadOnlySpan<byte> dense, int index) => ReadGroup(dense, GroupOf(index));

    private static int ReadGroup(ReadOnlySpan<byte> dense, int at)
    {
        ReadOnlySpan<byte> bytes = dense.Slice(at, GroupBytes);
        return bytes[0] | bytes[1] << 8 | bytes[2] << 16;
    }

    private static void WriteGroup(Span<byte> dense, int at, int group)
    {
        Span<byte> bytes = dense.Slice(at, GroupBytes);
        bytes[0] = (byte)group;
        bytes[1] = (byte)(group >> 8);
        bytes[2] = (byte)(group >> 16);
    }
}

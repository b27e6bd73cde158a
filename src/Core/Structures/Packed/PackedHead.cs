using System.Buffers.Binary;

namespace Anax.Core.Structures;

/// <summary>What the bytes behind the head of a packed value are.</summary>
public enum PackedKind
{
    /// <summary>Elements, see <see cref="Packed"/>.</summary>
    Elements = 0,

    /// <summary>Whole numbers in ascending order, 2, 4 or 8 bytes each, little endian: a set of integers.</summary>
    Integers16 = 1,
    Integers32 = 2,
    Integers64 = 3,
}

/// <summary>
/// The two bytes that a packed value begins with: 14 bits count its elements, two tell of what kind they are. A count that
/// does not fit is kept as the largest one, and counted when asked for.
/// </summary>
public static class PackedHead
{
    public const int Bytes = 2;

    private const int KindShift = 14;
    private const int CountMax = (1 << KindShift) - 1;

    public static void Write(Span<byte> packed, PackedKind kind, int count) =>
        BinaryPrimitives.WriteUInt16LittleEndian(packed, (ushort)((int)kind << KindShift | Math.Min(count, CountMax)));

    public static PackedKind KindOf(ReadOnlySpan<byte> packed) =>
        (PackedKind)(BinaryPrimitives.ReadUInt16LittleEndian(packed) >> KindShift);

    /// <summary>Elements of a packed value; none of an empty span, the value of a key that is not there.</summary>
    public static int CountOf(ReadOnlySpan<byte> packed)
    {
        if (packed.IsEmpty) return 0;
        var kind = KindOf(packed);
        if (kind != PackedKind.Elements) return (packed.Length - Bytes) >> (int)kind;
        var count = BinaryPrimitives.ReadUInt16LittleEndian(packed) & CountMax;
        return count < CountMax ? count : Packed.Count(packed, Bytes);
    }
}

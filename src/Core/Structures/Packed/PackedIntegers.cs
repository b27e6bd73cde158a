using System.Buffers.Binary;

namespace Anax.Core.Structures;

/// <summary>
/// A packed value of whole numbers in ascending order, each in 2, 4 or 8 bytes behind the head: how sets of integers lie.
/// </summary>
internal static class PackedIntegers
{
    public static int WidthOf(PackedKind kind) => 1 << (int)kind;

    /// <summary>The narrowest kind that holds a number.</summary>
    public static PackedKind KindFor(long number) =>
        number == (short)number ? PackedKind.Integers16 : number == (int)number ? PackedKind.Integers32 : PackedKind.Integers64;

    public static long At(ReadOnlySpan<byte> packed, int index)
    {
        var kind = PackedHead.KindOf(packed);
        return Read(packed[(PackedHead.Bytes + (index << (int)kind))..], kind);
    }

    /// <summary>The index of a number, or the one where it would stand.</summary>
    public static bool TryFind(ReadOnlySpan<byte> packed, long number, out int index)
    {
        var kind = PackedHead.KindOf(packed);
        var numbers = packed[PackedHead.Bytes..];
        int low = 0, high = numbers.Length >> (int)kind;
        while (low < high)
        {
            var middle = (int)((uint)(low + high) >> 1);
            if (Read(numbers[(middle << (int)kind)..], kind) < number) low = middle + 1;
            else high = middle;
        }
        index = low;
        return low << (int)kind < numbers.Length && Read(numbers[(low << (int)kind)..], kind) == number;
    }

    public static long Read(ReadOnlySpan<byte> source, PackedKind kind) => kind switch
    {
        PackedKind.Integers16 => BinaryPrimitives.ReadInt16LittleEndian(source),
        PackedKind.Integers32 => BinaryPrimitives.ReadInt32LittleEndian(source),
        _ => BinaryPrimitives.ReadInt64LittleEndian(source),
    };

    public static void Write(Span<byte> target, PackedKind kind, long number)
    {
        switch (kind)
        {
            case PackedKind.Integers16:
                BinaryPrimitives.WriteInt16LittleEndian(target, (short)number);
                break;
            case PackedKind.Integers32:
                BinaryPrimitives.WriteInt32LittleEndian(target, (int)number);
                break;
            default:
                BinaryPrimitives.WriteInt64LittleEndian(target, number);
                break;
        }
    }

    /// <summary>
    /// Gives numbers more bytes each, in place: so many of one kind stand at the front of the room, and stand in another
    /// kind behind so many empty places afterwards.
    /// </summary>
    public static void Widen(Span<byte> room, int count, PackedKind from, PackedKind to, int placesBefore)
    {
        for (var i = count - 1; i >= 0; i--)
            Write(room[((i + placesBefore) << (int)to)..], to, Read(room[(i << (int)from)..], from));
    }
}

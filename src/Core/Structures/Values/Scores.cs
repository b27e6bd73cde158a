using System.Runtime.CompilerServices;
using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>Scores as they lie in packed pairs, in records, and as whole numbers in their order.</summary>
internal static unsafe class Scores
{
    /// <summary>Bytes of a score in a record, as the processor has it.</summary>
    public const int Bytes = sizeof(double);

    /// <summary>A number for each score, in the same order; 0 and -0 have the same.</summary>
    public static ulong OrderOf(double score)
    {
        const ulong Sign = 1UL << 63;
        // Adding 0 makes 0 of -0.
        var bits = BitConverter.DoubleToUInt64Bits(score + 0.0);
        return (bits & Sign) != 0 ? ~bits : bits | Sign;
    }

    public static TreeSlot SlotOf(double score, uint record) => new((uint)(OrderOf(score) >> 32), record);

    public static double Of(in KeyRecord record) => Unsafe.ReadUnaligned<double>(record.Value);

    public static double Of(in Entry entry) => Of(in entry.Record);

    public static KeyRecord RecordOf(Arena arena, TreeSlot slot) => KeyRecord.At(arena.At(slot.Handle));

    public static ReadOnlySpan<byte> MemberOf(in KeyRecord record) => new(record.Key, record.KeyLength);

    // ---- packed: a whole number as one, anything else as its shortest text ----

    public static int SizeOf(double score)
    {
        if (IsWhole(score, out var whole)) return Packed.SizeOf(whole);
        Span<byte> text = stackalloc byte[Numbers.DoubleTextMax];
        return Packed.SizeOf(text[..Numbers.FormatDouble(score, text)]);
    }

    public static int Write(Span<byte> target, double score)
    {
        if (IsWhole(score, out var whole)) return Packed.Write(target, whole);
        Span<byte> text = stackalloc byte[Numbers.DoubleTextMax];
        return Packed.Write(target, text[..Numbers.FormatDouble(score, text)]);
    }

    public static double Read(PackedItem item)
    {
        if (item.IsInteger) return item.Number;
        var isNumber = Numbers.TryParseDouble(item.Bytes, out var score);
        Invariant.Holds(isNumber, "a packed score is a number");
        return score;
    }

    private static bool IsWhole(double score, out long whole)
    {
        const double WholeMax = long.MaxValue / 2;
        whole = 0;
        if (!(Math.Abs(score) <= WholeMax) || score != Math.Truncate(score)) return false;
        whole = (long)score;
        return true;
    }
}

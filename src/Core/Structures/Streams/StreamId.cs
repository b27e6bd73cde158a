using System.Buffers.Text;
using System.Numerics;

namespace Anax.Core.Structures;

/// <summary>The identity of a stream's entry: Unix milliseconds and a number within them. Ordered; all zero is no entry's.</summary>
public readonly record struct StreamId(ulong Ms, ulong Sequence) : IComparable<StreamId>
{
    /// <summary>Longest text: two numbers of 20 digits, and a dash.</summary>
    public const int TextMax = 41;

    private const int Key32Mantissa = 26;

    public static StreamId Max => new(ulong.MaxValue, ulong.MaxValue);

    public bool IsZero => Ms == 0 && Sequence == 0;

    /// <summary>
    /// 32 bits in the same order: times up to 2^26 as they are, later ones as an exponent and the 26 bits behind the first one.
    /// </summary>
    internal uint Key32
    {
        get
        {
            if (Ms < 1UL << Key32Mantissa) return (uint)Ms;
            var shift = BitOperations.Log2(Ms) - Key32Mantissa;
            return (uint)(shift + 1) << Key32Mantissa | (uint)(Ms >> shift) & ((1U << Key32Mantissa) - 1);
        }
    }

    public static bool operator <(StreamId left, StreamId right) => left.CompareTo(right) < 0;

    public static bool operator >(StreamId left, StreamId right) => left.CompareTo(right) > 0;

    public static bool operator <=(StreamId left, StreamId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(StreamId left, StreamId right) => left.CompareTo(right) >= 0;

    public int CompareTo(StreamId other) => Ms != other.Ms ? Ms.CompareTo(other.Ms) : Sequence.CompareTo(other.Sequence);

    /// <summary>The id behind this one; false, and zero, for the last of all.</summary>
    public bool TryNext(out StreamId next)
    {
        next = Sequence != ulong.MaxValue ? new StreamId(Ms, Sequence + 1) : new StreamId(Ms + 1, 0);
        return !next.IsZero;
    }

    /// <summary>The id before this one; false, and the last of all, for zero.</summary>
    public bool TryPrevious(out StreamId previous)
    {
        // It may be written over this one.
        var isFirst = IsZero;
        previous = Sequence != 0 ? new StreamId(Ms, Sequence - 1) : new StreamId(Ms - 1, ulong.MaxValue);
        return !isFirst;
    }

    /// <summary>Writes it as clients see it; the target has room for <see cref="TextMax"/> bytes. Returns the length.</summary>
    public int Format(Span<byte> target)
    {
        _ = Utf8Formatter.TryFormat(Ms, target, out var length);
        target[length++] = (byte)'-';
        _ = Utf8Formatter.TryFormat(Sequence, target[length..], out var rest);
        return length + rest;
    }
}

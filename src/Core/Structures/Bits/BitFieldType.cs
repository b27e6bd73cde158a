namespace Anax.Core.Structures;

/// <summary>The type of a field in a row of bits: a signed number of 1 to 64 bits, or an unsigned one of 1 to 63.</summary>
public readonly struct BitFieldType(bool isSigned, int bits)
{
    public int Bits { get; } = bits;

    private Int128 Least => isSigned ? -(Int128.One << (Bits - 1)) : 0;
    private Int128 Greatest => (Int128.One << (isSigned ? Bits - 1 : Bits)) - 1;

    public long Read(ReadOnlySpan<byte> bytes, long offset)
    {
        ulong field = BitSpan.ReadField(bytes, offset, Bits);
        return isSigned ? SignExtend(field) : (long)field;
    }

    public void Write(Span<byte> bytes, long offset, long value) => BitSpan.WriteField(bytes, offset, Bits, (ulong)value);

    /// <summary>The number as this field can hold it; false where it does not fit and must not be made to.</summary>
    /// <remarks>
    /// An unsigned field takes a negative number for the large one with the same bits. And as in Valkey, which computes the
    /// distance to the greatest number in 64 bits, what is so far below that it wraps is taken for too great.
    /// </remarks>
    public bool TryFit(long value, BitFieldOverflow overflow, out long result)
    {
        bool isTakenForGreat = isSigned && value < Least && Greatest - value > long.MaxValue && overflow == BitFieldOverflow.Saturate;
        if (isTakenForGreat) value = long.MaxValue;
        return TryFit(isSigned ? value : (Int128)(ulong)value, overflow, out result);
    }

    /// <summary>As <see cref="TryFit(long, BitFieldOverflow, out long)"/>, for a number of the field and what is added to it.</summary>
    public bool TryAdd(long value, long increment, BitFieldOverflow overflow, out long result) =>
        TryFit((Int128)value + increment, overflow, out result);

    private bool TryFit(Int128 value, BitFieldOverflow overflow, out long result)
    {
        bool fits = value >= Least && value <= Greatest;
        if (!fits && overflow == BitFieldOverflow.Saturate) value = value < Least ? Least : Greatest;
        ulong low = (ulong)(value & ((Int128.One << Bits) - 1));
        result = isSigned ? SignExtend(low) : (long)low;
        return fits || overflow != BitFieldOverflow.Fail;
    }

    private long SignExtend(ulong field) => (long)(field << (BitSpan.FieldBitsMax - Bits)) >> (BitSpan.FieldBitsMax - Bits);
}

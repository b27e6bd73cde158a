using Anax.Core.Text;

namespace Anax.Core.Structures;

/// <summary>One element of a packed sequence as it lies there: a whole number, or bytes. Valid as long as they stay.</summary>
public readonly ref struct PackedItem
{
    private PackedItem(bool isInteger, long number, ReadOnlySpan<byte> bytes)
    {
        IsInteger = isInteger;
        Number = number;
        Bytes = bytes;
    }

    public PackedItem(long number) : this(true, number, default) { }

    public PackedItem(ReadOnlySpan<byte> bytes) : this(false, 0, bytes) { }

    public bool IsInteger { get; }

    /// <summary>Of an integer.</summary>
    public long Number { get; }

    /// <summary>Of an element that is no integer.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Bytes of the element's text.</summary>
    public int TextLength => IsInteger ? Numbers.LongTextLength(Number) : Bytes.Length;

    /// <summary>The element's text; one of an integer is written to the scratch, at least <see cref="Numbers.LongTextMax"/> bytes.</summary>
    public ReadOnlySpan<byte> Text(Span<byte> scratch) =>
        IsInteger ? scratch[..Numbers.FormatLong(Number, scratch)] : Bytes;

    /// <summary>The number that the element's text is; false when it is none in its only spelling.</summary>
    public bool TryGetInteger(out long number)
    {
        number = Number;
        return IsInteger || Numbers.TryParseLong(Bytes, out number);
    }

    /// <summary>Has the element this text?</summary>
    public bool Is(ReadOnlySpan<byte> text)
    {
        if (!IsInteger) return Bytes.SequenceEqual(text);
        return text.Length <= Numbers.LongTextMax && Numbers.TryParseLong(text, out var number) && number == Number;
    }
}

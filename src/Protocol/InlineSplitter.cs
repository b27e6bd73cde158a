using System.Buffers;
using Anax.Core.Buffers;
using Anax.Core.Memory;
using Anax.Core.Text;

namespace Anax.Protocol;

/// <summary>
/// Splits an inline command into arguments: blanks separate, double quotes allow escapes, single quotes only
/// \'. Plain arguments stay slices of the line; those with quotes are decoded into a block of the list's.
/// </summary>
internal static class InlineSplitter
{
    // What ends a plain argument, or makes it one that must be decoded.
    private static readonly SearchValues<byte> PlainEnds = SearchValues.Create(" \t\r\n\"'"u8);

    internal enum Result
    {
        Done,
        UnbalancedQuotes,
        OutOfMemory,
    }

    /// <summary>
    /// Appends the arguments of a line without its line end. What it appended before a failure stays.
    /// </summary>
    public static Result Split(ReadOnlySpan<byte> line, ArgumentList arguments)
    {
        Span<byte> decoded = default;
        while (true)
        {
            while (!line.IsEmpty && Ascii.IsSpace(line[0])) line = line[1..];
            if (line.IsEmpty) return Result.Done;

            var plain = line.IndexOfAny(PlainEnds);
            if (plain < 0) plain = line.Length;
            if (plain == line.Length || line[plain] is not ((byte)'"' or (byte)'\''))
            {
                arguments.Add(ArgumentSlice.From(line[..plain]));
                line = line[plain..];
                continue;
            }

            if (decoded.IsEmpty)
            {
                // What is decoded is never longer than what is left of the line.
                var block = NativeBlock.Allocate(line.Length);
                if (block.IsNull) return Result.OutOfMemory;
                arguments.Attach(block);
                decoded = block.Bytes;
            }
            var used = Decode(line, decoded, out var length);
            if (used < 0) return Result.UnbalancedQuotes;
            arguments.Add(ArgumentSlice.From(decoded[..length]));
            decoded = decoded[length..];
            line = line[used..];
        }
    }

    // Decodes one argument; returns how much of the line it took, or -1 when a quote is not closed.
    private static int Decode(ReadOnlySpan<byte> line, Span<byte> target, out int length)
    {
        length = 0;
        byte quote = 0;
        var i = 0;
        while (i < line.Length)
        {
            var value = line[i];
            if (quote == 0)
            {
                if (value is (byte)' ' or (byte)'\t' or (byte)'\r' or (byte)'\n') return i;
                i++;
                if (value is (byte)'"' or (byte)'\'') quote = value;
                else target[length++] = value;
            }
            else if (value == quote)
            {
                quote = 0;
                i++;
            }
            else if (value == '\\')
            {
                i += DecodeEscape(line[i..], quote, out target[length++]);
            }
            else
            {
                target[length++] = value;
                i++;
            }
        }
        return quote == 0 ? i : -1;
    }

    // Returns how many bytes the escape took; a backslash that starts none stands for itself. As in Redis an
    // escape must not reach the line's end: there the backslash is plain, and a quote behind it closes.
    private static int DecodeEscape(ReadOnlySpan<byte> text, byte quote, out byte value)
    {
        value = text[0];
        if (text.Length <= 2) return 1;
        if (quote == '\'')
        {
            if (text[1] != '\'') return 1;
            value = (byte)'\'';
            return 2;
        }
        if (text.Length > 4 && text[1] == 'x' && Ascii.HexValue(text[2]) >= 0 && Ascii.HexValue(text[3]) >= 0)
        {
            value = (byte)((Ascii.HexValue(text[2]) << 4) | Ascii.HexValue(text[3]));
            return 4;
        }
        value = text[1] switch
        {
            (byte)'n' => (byte)'\n',
            (byte)'r' => (byte)'\r',
            (byte)'t' => (byte)'\t',
            (byte)'b' => (byte)'\b',
            (byte)'a' => (byte)'\a',
            _ => text[1],
        };
        return 2;
    }
}

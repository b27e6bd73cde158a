using System.Text;

namespace Anax.LoadGen.Workload;

/// <summary>What one step of a request's composition writes.</summary>
internal enum StepKind : byte
{
    /// <summary>Bytes of the template as they stand.</summary>
    Literal,

    /// <summary>A key: its prefix and number.</summary>
    Key,

    /// <summary>A key as a RESP argument, header before it; the header depends on the number's digits alone.</summary>
    KeyArgument,

    /// <summary>The length of the value that follows, plus what else is in its argument, in digits.</summary>
    ValueLength,

    Value,

    /// <summary>A decimal fraction from 0 to below 1, of a fixed length.</summary>
    Score,
}

/// <summary>
/// One step: of a literal its place in the template's bytes, of a key argument its number among them (start), of a value's
/// length what is added to it (length).
/// </summary>
internal readonly record struct Step(StepKind Kind, int Start, int Length);

/// <summary>What an argument with a key has around the key's number.</summary>
internal sealed class KeyArgument(byte[] prefix, byte[] suffix)
{
    private readonly byte[][] _headers = MakeHeaders(prefix, suffix);

    public ReadOnlySpan<byte> Prefix => prefix;

    public ReadOnlySpan<byte> Suffix => suffix;

    /// <summary>The argument's RESP header and its prefix, for a number of so many digits.</summary>
    public ReadOnlySpan<byte> Header(int digits) => _headers[digits];

    private static byte[][] MakeHeaders(byte[] prefix, byte[] suffix)
    {
        byte[][] headers = new byte[Digits.CountMax + 1][];
        for (int digits = 0; digits <= Digits.CountMax; digits++)
            headers[digits] = [.. Encoding.ASCII.GetBytes($"${prefix.Length + digits + suffix.Length}\r\n"), .. prefix];
        return headers;
    }
}

/// <summary>
/// A command cut into steps beforehand, so that composing a request copies literals and fills in digits and values.
/// Immutable, shared by all connections.
/// </summary>
internal sealed class CommandTemplate
{
    /// <summary>What was written on the command line, or which of the two built-in commands it is.</summary>
    public required string Text { get; init; }

    public required Step[] Steps { get; init; }

    public required byte[] Literals { get; init; }

    public required KeyArgument[] Keys { get; init; }

    /// <summary>Room that a request may take, with slack for values that are written eight bytes at a time.</summary>
    public required int BytesMax { get; init; }

    /// <summary>How many commands it is, which go as one request: so many replies come, and the last one is its answer.</summary>
    public int Replies { get; init; } = 1;

    /// <summary>The server does not answer it.</summary>
    public bool IsNoReply { get; init; }
}

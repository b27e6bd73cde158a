namespace Anax.Protocol;

/// <summary>A whole error reply, from its minus sign to its line end, as it goes to the client.</summary>
public readonly ref struct ErrorReply(ReadOnlySpan<byte> bytes)
{
    public readonly ReadOnlySpan<byte> Bytes = bytes;

    public bool IsEmpty => Bytes.IsEmpty;

    /// <summary>The first word, by which errors are counted and clients tell them apart.</summary>
    public ReadOnlySpan<byte> Code => CodeOf(Bytes);

    /// <summary>
    /// The text without the minus sign and the line end, as it stands inside another error.
    /// </summary>
    public ReadOnlySpan<byte> Text => Bytes.Length < 3 ? default : Bytes[1..^2];

    internal static ReadOnlySpan<byte> CodeOf(ReadOnlySpan<byte> reply)
    {
        if (reply.IsEmpty) return default;
        var end = reply.IndexOfAny((byte)' ', (byte)'\r');
        return end < 0 ? reply[1..] : reply[1..end];
    }
}

/// <summary>
/// An error whose text has holes for one or two parts that are known only when it happens. It starts like a
/// reply and ends before the line end, which the writer adds.
/// </summary>
public readonly ref struct ErrorTemplate
{
    public readonly ReadOnlySpan<byte> Before;
    public readonly ReadOnlySpan<byte> Between;
    public readonly ReadOnlySpan<byte> After;

    public ErrorTemplate(ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        Before = before;
        After = after;
    }

    public ErrorTemplate(ReadOnlySpan<byte> before, ReadOnlySpan<byte> between, ReadOnlySpan<byte> after)
    {
        Before = before;
        Between = between;
        After = after;
    }

    public ReadOnlySpan<byte> Code => ErrorReply.CodeOf(Before);
}

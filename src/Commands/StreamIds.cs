using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>Ids of stream entries as clients write them: milliseconds, perhaps a dash and a number; - and + for the ends.</summary>
internal static class StreamIds
{
    private const int TextMax = 127;

    /// <summary>An id of an entry; false, with the error written, when it is none.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> text, ref ReplyWriter reply, out StreamId id, ulong missing = 0)
    {
        if (TryParse(text, missing, out id)) return true;
        reply.Error(Errors.StreamId);
        return false;
    }

    /// <summary>As above, where the ends of a stream may be meant.</summary>
    internal static bool TryReadOrEnd(ReadOnlySpan<byte> text, ref ReplyWriter reply, out StreamId id, ulong missing = 0)
    {
        if (IsSign(text, '-') || IsSign(text, '+'))
        {
            id = IsSign(text, '-') ? default : StreamId.Max;
            return true;
        }
        return TryRead(text, ref reply, out id, missing);
    }

    /// <summary>The begin of a range; behind an open parenthesis what follows the id.</summary>
    internal static bool TryReadStart(ReadOnlySpan<byte> text, ref ReplyWriter reply, out StreamId id)
    {
        if (text.Length < 2 || text[0] != '(') return TryReadOrEnd(text, ref reply, out id);
        if (!TryRead(text[1..], ref reply, out id)) return false;
        if (id.TryNext(out id)) return true;
        reply.Error(Errors.StreamIntervalStart);
        return false;
    }

    /// <summary>The end of a range; behind an open parenthesis what comes before the id.</summary>
    internal static bool TryReadEnd(ReadOnlySpan<byte> text, ref ReplyWriter reply, out StreamId id)
    {
        if (text.Length < 2 || text[0] != '(') return TryReadOrEnd(text, ref reply, out id, ulong.MaxValue);
        if (!TryRead(text[1..], ref reply, out id, ulong.MaxValue)) return false;
        if (id.TryPrevious(out id)) return true;
        reply.Error(Errors.StreamIntervalEnd);
        return false;
    }

    internal static bool IsSign(ReadOnlySpan<byte> text, char sign) => UpToNul(text) is [var only] && only == sign;

    internal static bool TryParse(ReadOnlySpan<byte> text, ulong missing, out StreamId id) => TryParse(text, missing, out id, out bool isOpen) && !isOpen;

    /// <summary>As above, where the number may be left to the stream by a star.</summary>
    internal static bool TryParse(ReadOnlySpan<byte> text, ulong missing, out StreamId id, out bool isOpen)
    {
        id = default;
        isOpen = false;
        if (text.Length > TextMax) return false;
        text = UpToNul(text);
        int dash = text.IndexOf((byte)'-');
        // A sign alone is an end of the stream, which is no entry's id.
        if (dash == 0 && text.Length == 1 || !TryParseNumber(dash < 0 ? text : text[..dash], out ulong ms)) return false;
        ulong sequence = missing;
        if (dash >= 0)
        {
            ReadOnlySpan<byte> rest = text[(dash + 1)..];
            isOpen = rest is [(byte)'*'];
            sequence = 0;
            if (!isOpen && !TryParseNumber(rest, out sequence)) return false;
        }
        id = new StreamId(ms, sequence);
        return true;
    }

    internal static void Write(StreamId id, ref ReplyWriter reply)
    {
        Span<byte> text = stackalloc byte[StreamId.TextMax];
        reply.Bulk(text[..id.Format(text)]);
    }

    /// <summary>
    /// As Valkey does: a number in its only spelling must not be negative; others are read as C's strtoull reads them, with spaces
    /// and a sign before them, and a negative one wraps.
    /// </summary>
    private static bool TryParseNumber(ReadOnlySpan<byte> text, out ulong number)
    {
        number = 0;
        if (Numbers.TryParseLong(text, out long plain))
        {
            number = (ulong)plain;
            return plain >= 0;
        }
        text = text[CountSpaces(text)..];
        bool isNegative = text is [(byte)'-', ..];
        if (text is [(byte)'-' or (byte)'+', ..]) text = text[1..];
        if (text.IsEmpty) return false;
        foreach (byte digit in text)
        {
            if (digit is < (byte)'0' or > (byte)'9') return false;
            if (number > (ulong.MaxValue - (ulong)(digit - '0')) / 10) return false;
            number = number * 10 + (ulong)(digit - '0');
        }
        if (isNegative) number = 0 - number;
        return true;
    }

    private static int CountSpaces(ReadOnlySpan<byte> text)
    {
        int count = 0;
        while (count < text.Length && text[count] is (byte)' ' or >= (byte)'\t' and <= (byte)'\r') count++;
        return count;
    }

    private static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }
}

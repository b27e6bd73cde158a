using System.Globalization;
using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Core.Text;
using Anax.Protocol;

namespace Anax.Commands;

/// <summary>What the two ends of a range are.</summary>
internal enum RangeKind : byte { Rank, Score, Lex }

/// <summary>Reads ranges of sorted sets. Where an end is wrong, that is answered.</summary>
internal static class RangeArguments
{
    internal static bool TryReadRanks(Arguments args, int at, ref ReplyWriter reply, out long first, out long last)
    {
        last = 0;
        if (Numbers.TryParseLong(args[at], out first) && Numbers.TryParseLong(args[at + 1], out last)) return true;
        reply.Error(Errors.NotInteger);
        return false;
    }

    /// <summary>Ranks, of which negative ones count from the end, as those that are there.</summary>
    internal static RankRange Clamp(long first, long last, long count)
    {
        if (first < 0) first = Math.Max(0, first + count);
        if (last < 0) last += count;
        return first > last || first >= count ? default : new RankRange(first, Math.Min(last, count - 1) + 1);
    }

    internal static bool TryReadScores(Arguments args, int min, int max, ref ReplyWriter reply, out ScoreRange range)
    {
        range = default;
        if (TryReadScore(args[min], out double low, out bool isLowOpen) && TryReadScore(args[max], out double high, out bool isHighOpen))
        {
            range = new ScoreRange(low, isLowOpen, high, isHighOpen);
            return true;
        }
        reply.Error(Errors.RangeNotFloat);
        return false;
    }

    internal static bool TryReadMembers(Arguments args, int min, int max, ref ReplyWriter reply, out LexRange range)
    {
        range = default;
        if (TryReadMember(args[min], out LexEnd minEnd) && TryReadMember(args[max], out LexEnd maxEnd))
        {
            range = new LexRange { Min = Text(args[min], minEnd), MinEnd = minEnd, Max = Text(args[max], maxEnd), MaxEnd = maxEnd };
            return true;
        }
        reply.Error(Errors.RangeNotMembers);
        return false;
    }

    private static bool TryReadScore(ReadOnlySpan<byte> text, out double score, out bool isOpen)
    {
        isOpen = !text.IsEmpty && text[0] == '(';
        if (isOpen) text = text[1..];
        // Other than elsewhere, what is empty, overflows or underflows is a number here, which ends at a zero byte.
        text = ClientText.Printed(text);
        score = 0;
        if (text.IsEmpty || Numbers.TryParseDouble(text, out score)) return true;
        return DecimalText.TryScan(text, out DecimalText _) && double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out score);
    }

    private static bool TryReadMember(ReadOnlySpan<byte> text, out LexEnd end)
    {
        end = LexEnd.Closed;
        if (text.IsEmpty) return false;
        switch (text[0])
        {
            case (byte)'+':
                end = LexEnd.AfterAll;
                return text.Length == 1 || text[1] == 0;
            case (byte)'-':
                end = LexEnd.BeforeAll;
                return text.Length == 1 || text[1] == 0;
            case (byte)'(':
                end = LexEnd.Open;
                return true;
            default:
                return text[0] == '[';
        }
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> argument, LexEnd end) =>
        end is LexEnd.Open or LexEnd.Closed ? argument[1..] : default;
}

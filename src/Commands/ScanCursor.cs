using Anax.Core.Text;

namespace Anax.Commands;

// A cursor names a shard and a position in its table's hash order. Clients that keep numbers as doubles must not lose
// a bit of it, so it stays below 2^53:
//
//     52                  11  10      0
//     position: 42 top bits | shard
//
// A table's positions are hash prefixes of at most 42 bits, left aligned, so nothing is cut off.

/// <summary>Where SCAN goes on: a shard, and a position in its table. The number that clients hold.</summary>
internal readonly struct ScanCursor(int shard, ulong position)
{
    private const int ShardBits = 11;
    private const int PositionShift = 64 - 42;

    internal int Shard { get; } = shard;
    internal ulong Position { get; } = position;

    /// <summary>
    /// As Redis reads cursors: negative numbers are refused, but what C's strtoull takes is taken (blanks and a sign in
    /// front, leading zeros, an end at a zero byte).
    /// </summary>
    internal static bool TryRead(ReadOnlySpan<byte> text, out ulong cursor)
    {
        cursor = 0;
        if (Numbers.TryParseLong(text, out long usual))
        {
            cursor = (ulong)Math.Max(usual, 0);
            return usual >= 0;
        }
        text = ClientText.Printed(text);
        while (!text.IsEmpty && Ascii.IsSpace(text[0])) text = text[1..];
        bool isNegative = !text.IsEmpty && text[0] == '-';
        if (!text.IsEmpty && (text[0] == '-' || text[0] == '+')) text = text[1..];
        if (text.IsEmpty) return false;
        foreach (byte digit in text)
        {
            if (!Ascii.IsDigit(digit) || cursor > (ulong.MaxValue - (ulong)(digit - '0')) / 10) return false;
            cursor = cursor * 10 + (ulong)(digit - '0');
        }
        if (isNegative) cursor = 0 - cursor;
        return true;
    }

    /// <summary>A number that no scan gave may name a shard that is not there: that scan is over.</summary>
    internal static ScanCursor Decode(ulong cursor) =>
        new((int)(cursor & ((1 << ShardBits) - 1)), cursor >> ShardBits << PositionShift);

    /// <summary>The position in the table of one value's members that a cursor names, and back.</summary>
    internal static ulong DecodeMember(ulong cursor) => cursor << PositionShift;

    internal static ulong EncodeMember(ulong position) => position >> PositionShift;

    /// <summary>0 when all shards have been visited.</summary>
    internal ulong Encode(int shards) => Shard >= shards ? 0 : Position >> PositionShift << ShardBits | (uint)Shard;
}

using System.Buffers;

namespace Anax.LoadGen.Replies;

/// <summary>Replies of memcached's text protocol: lines, and values between VALUE and END.</summary>
internal sealed class MemcacheReplyReader : ReplyReader
{
    private const int ValueFieldsMin = 4;

    private static readonly SearchValues<byte> StatusLetters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ_"u8);

    private bool _hasValue;

    public override ReplyKind Next(ReadOnlySpan<byte> input, ref int at)
    {
        while (true)
        {
            if (Remaining != 0)
            {
                if (!TryPassValue(input, ref at, HandsOutValues, out bool hasPiece))
                    return hasPiece ? ReplyKind.Piece : ReplyKind.Incomplete;
            }

            if (!TryLine(input, ref at, out ReadOnlySpan<byte> line)) return ReplyKind.Incomplete;
            if (line.SequenceEqual("STORED"u8)) return ReplyKind.Simple;
            if (line.SequenceEqual("END"u8))
            {
                ReplyKind found = _hasValue ? ReplyKind.Value : ReplyKind.Null;
                _hasValue = false;
                return found;
            }

            if (line.StartsWith("VALUE "u8))
            {
                if (!TryOpenValue(line)) return Fail(line, ReplyKind.Broken);
                continue;
            }

            bool isError = line.SequenceEqual("ERROR"u8) || line.StartsWith("CLIENT_ERROR"u8) || line.StartsWith("SERVER_ERROR"u8);
            if (isError) return Fail(line, ReplyKind.Error);
            return IsStatus(line) ? ReplyKind.Simple : Fail(line, ReplyKind.Broken);
        }
    }

    /// <summary>"VALUE key flags bytes", perhaps with more behind it.</summary>
    private bool TryOpenValue(ReadOnlySpan<byte> line)
    {
        int field = 0;
        foreach (Range range in line.Split((byte)' '))
        {
            if (++field < ValueFieldsMin) continue;
            if (!TryLength(line[range], out long length) || length is < 0 or > int.MaxValue - 2) return false;
            Remaining = length + 2;
            ValueLength = (int)length;
            _hasValue = true;
            return true;
        }

        return false;
    }

    /// <summary>One word of capitals, as all are but the version's.</summary>
    private static bool IsStatus(ReadOnlySpan<byte> line) =>
        line.StartsWith("VERSION "u8) || (!line.IsEmpty && line.IndexOfAnyExcept(StatusLetters) < 0);

    private ReplyKind Fail(ReadOnlySpan<byte> line, ReplyKind kind)
    {
        SetText(line);
        _hasValue = false;
        return kind;
    }
}

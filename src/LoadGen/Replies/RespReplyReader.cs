using System.Buffers.Binary;

namespace Anax.LoadGen.Replies;

/// <summary>
/// Replies of RESP2 and RESP3. Aggregates are counted, not nested: what is open is one number of elements to come,
/// because nothing but the outermost type matters.
/// </summary>
internal sealed class RespReplyReader : ReplyReader
{
    private const long LengthMax = 1L << 40;

    // "+OK\r" as four bytes of the machine's order, the reply that most requests get.
    private static readonly uint Okay = BinaryPrimitives.ReadUInt32LittleEndian("+OK\r"u8);

    private long _open;
    private bool _isNested;
    private bool _isAttribute;
    private ReplyKind _kind;

    public override ReplyKind Next(ReadOnlySpan<byte> input, ref int at)
    {
        while (true)
        {
            if (Remaining != 0)
            {
                if (!TryPassValue(input, ref at, HandsOutValues && !_isNested, out bool hasPiece))
                    return hasPiece ? ReplyKind.Piece : ReplyKind.Incomplete;
                if (Close()) return _kind;
                continue;
            }

            if (at == input.Length) return ReplyKind.Incomplete;
            if (!_isNested && IsAtLineStart && input.Length - at >= 5
                && BinaryPrimitives.ReadUInt32LittleEndian(input[at..]) == Okay)
            {
                at += 5;
                return ReplyKind.Simple;
            }

            if (!TryLine(input, ref at, out ReadOnlySpan<byte> line)) return ReplyKind.Incomplete;
            if (!TryOpen(line, out bool isOver))
            {
                SetText(line);
                return ReplyKind.Broken;
            }

            if (isOver && Close()) return _kind;
        }
    }

    /// <summary>Takes a line that begins an element; false where it is none.</summary>
    private bool TryOpen(ReadOnlySpan<byte> line, out bool isOver)
    {
        isOver = true;
        if (line.IsEmpty) return false;
        byte type = line[0];
        ReadOnlySpan<byte> rest = line[1..];
        switch (type)
        {
            case (byte)'+' or (byte)':' or (byte)',' or (byte)'#' or (byte)'(':
                Become(ReplyKind.Simple);
                if (type == '+' && !_isNested) SetText(rest);
                return true;
            case (byte)'-':
                Become(ReplyKind.Error);
                if (!_isNested) SetText(rest);
                return true;
            case (byte)'_':
                Become(ReplyKind.Null);
                return true;
            case (byte)'$' or (byte)'=' or (byte)'!':
                return TryOpenValue(type, rest, out isOver);
            case (byte)'*' or (byte)'~' or (byte)'%' or (byte)'>' or (byte)'|':
                return TryOpenAggregate(type, rest, out isOver);
            default:
                return false;
        }
    }

    private bool TryOpenValue(byte type, ReadOnlySpan<byte> text, out bool isOver)
    {
        isOver = false;
        if (!TryLength(text, out long length) || length is < -1 or > LengthMax) return false;
        if (length < 0)
        {
            Become(ReplyKind.Null);
            isOver = true;
            return true;
        }

        Become(type == '!' ? ReplyKind.Error : ReplyKind.Value);
        if (type == '!' && !_isNested) SetText("an error in a bulk string"u8);
        Remaining = length + 2;
        if (!_isNested) ValueLength = (int)Math.Min(length, int.MaxValue);
        return true;
    }

    private bool TryOpenAggregate(byte type, ReadOnlySpan<byte> text, out bool isOver)
    {
        isOver = false;
        if (!TryLength(text, out long count) || count is < -1 or > LengthMax) return false;
        if (count < 0)
        {
            Become(ReplyKind.Null);
            isOver = true;
            return true;
        }

        long elements = type is (byte)'%' or (byte)'|' ? count * 2 : count;
        if (!_isNested)
        {
            // An attribute stands before the reply that it belongs to, and is passed over.
            _isAttribute = type == '|';
            _kind = type == '>' ? ReplyKind.Push : ReplyKind.Value;
            _open = elements + 1;
            _isNested = true;
        }
        else
        {
            _open += type == '|' ? elements + 1 : elements;
        }

        isOver = true;
        return true;
    }

    /// <summary>The outermost element decides what the reply is.</summary>
    private void Become(ReplyKind kind)
    {
        if (!_isNested) _kind = kind;
    }

    /// <summary>An element is over; true where the reply is.</summary>
    private bool Close()
    {
        if (!_isNested) return true;
        if (--_open != 0) return false;
        _isNested = false;
        bool isReply = !_isAttribute;
        _isAttribute = false;
        return isReply;
    }
}

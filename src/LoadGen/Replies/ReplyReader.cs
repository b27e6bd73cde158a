using Anax.Core.Text;

namespace Anax.LoadGen.Replies;

/// <summary>
/// Cuts what a server sends into replies, without copying what it skips: only a line that is split over two reads is
/// kept, and of a long one its beginning. One per connection.
/// </summary>
internal abstract class ReplyReader
{
    /// <summary>Longest line that is kept; of a longer one the rest is dropped.</summary>
    protected const int LineBytesMax = 512;

    private readonly byte[] _line = new byte[LineBytesMax];
    private readonly byte[] _text = new byte[LineBytesMax];
    private int _lineLength;
    private int _textLength;
    private int _pieceStart;
    private int _pieceLength;

    /// <summary>Values of the outermost level are handed out in pieces before they are over.</summary>
    public bool HandsOutValues { get; init; }

    /// <summary>An error's text, or a status, without its type; valid until the next reply.</summary>
    public ReadOnlySpan<byte> Text => _text.AsSpan(0, _textLength);

    /// <summary>The text for a message of one line: what cannot be shown is a question mark.</summary>
    public string ShownText => string.Create(_textLength, _text, static (shown, text) =>
    {
        for (int i = 0; i < shown.Length; i++) shown[i] = text[i] is >= (byte)' ' and < 0x7f ? (char)text[i] : '?';
    });

    /// <summary>The length of the value that the last piece belongs to.</summary>
    public int ValueLength { get; protected set; }

    /// <summary>Where the last piece lies in the input that was given.</summary>
    public Range Piece => new(_pieceStart, _pieceStart + _pieceLength);

    /// <summary>Bytes of a value, its line end included, that are still to come.</summary>
    protected long Remaining { get; set; }

    /// <summary>The next reply in the input, from the place on; moves the place behind what was read.</summary>
    public abstract ReplyKind Next(ReadOnlySpan<byte> input, ref int at);

    /// <summary>A line without its end; false where it is not there as a whole yet.</summary>
    protected bool TryLine(ReadOnlySpan<byte> input, ref int at, out ReadOnlySpan<byte> line)
    {
        ReadOnlySpan<byte> rest = input[at..];
        int end = rest.IndexOf((byte)'\n');
        if (end < 0)
        {
            Keep(rest);
            at = input.Length;
            line = default;
            return false;
        }

        at += end + 1;
        if (_lineLength == 0)
        {
            line = rest[..end];
        }
        else
        {
            Keep(rest[..end]);
            line = _line.AsSpan(0, _lineLength);
            _lineLength = 0;
        }

        if (!line.IsEmpty && line[^1] == '\r') line = line[..^1];
        return true;
    }

    /// <summary>No part of a line is kept.</summary>
    protected bool IsAtLineStart => _lineLength == 0;

    protected void SetText(ReadOnlySpan<byte> text)
    {
        _textLength = Math.Min(text.Length, LineBytesMax);
        text[.._textLength].CopyTo(_text);
    }

    /// <summary>
    /// Goes on in a value: true where its end was reached. A piece was found where <see cref="Piece"/> is not empty.
    /// </summary>
    protected bool TryPassValue(ReadOnlySpan<byte> input, ref int at, bool handsOut, out bool hasPiece)
    {
        const int LineEnd = 2;
        hasPiece = handsOut && Remaining > LineEnd && at < input.Length;
        if (hasPiece)
        {
            _pieceStart = at;
            _pieceLength = (int)Math.Min(Remaining - LineEnd, input.Length - at);
            at += _pieceLength;
            Remaining -= _pieceLength;
            return false;
        }

        int passed = (int)Math.Min(Remaining, input.Length - at);
        at += passed;
        Remaining -= passed;
        return Remaining == 0;
    }

    protected static bool TryLength(ReadOnlySpan<byte> text, out long length) => Numbers.TryParseLong(text, out length);

    private void Keep(ReadOnlySpan<byte> part)
    {
        part = part[..Math.Min(part.Length, LineBytesMax - _lineLength)];
        part.CopyTo(_line.AsSpan(_lineLength));
        _lineLength += part.Length;
    }
}

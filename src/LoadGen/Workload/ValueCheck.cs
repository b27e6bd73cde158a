namespace Anax.LoadGen.Workload;

/// <summary>Compares a value that arrives in pieces with what its key implies.</summary>
internal sealed class ValueCheck(ValueSource source)
{
    private const int BlockBytes = 256;

    private readonly byte[] _block = new byte[BlockBytes];
    private FastRandom _expected;
    private int _blockUsed;
    private int _position;

    /// <summary>Begins with another key; false where its value should have another length.</summary>
    public bool Begin(ulong key, int length)
    {
        _expected = source.Derive(key);
        _blockUsed = BlockBytes;
        _position = 0;
        return length == source.LengthOf(key);
    }

    /// <summary>The place in the value of the first wrong byte of this piece; -1 where all are right.</summary>
    public int FindWrong(ReadOnlySpan<byte> piece)
    {
        int wrong = -1;
        while (!piece.IsEmpty)
        {
            if (_blockUsed == BlockBytes)
            {
                _expected.Fill(_block, source.IsAscii);
                _blockUsed = 0;
            }

            int count = Math.Min(piece.Length, BlockBytes - _blockUsed);
            int same = piece[..count].CommonPrefixLength(_block.AsSpan(_blockUsed, count));
            if (same != count && wrong < 0) wrong = _position + same;
            _blockUsed += count;
            _position += count;
            piece = piece[count..];
        }

        return wrong;
    }
}

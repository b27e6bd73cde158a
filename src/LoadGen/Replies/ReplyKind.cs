namespace Anax.LoadGen.Replies;

/// <summary>What a reader of replies found next.</summary>
internal enum ReplyKind : byte
{
    /// <summary>The input is used up.</summary>
    Incomplete,

    /// <summary>A status, a number, anything that is neither a value nor the lack of one.</summary>
    Simple,

    /// <summary>Nothing was found.</summary>
    Null,

    /// <summary>A value, or several.</summary>
    Value,

    /// <summary>An error; its text is in <see cref="ReplyReader.Text"/>.</summary>
    Error,

    /// <summary>A message that no request asked for.</summary>
    Push,

    /// <summary>A piece of a value that is not over, where that was asked for: <see cref="ReplyReader.Piece"/>.</summary>
    Piece,

    /// <summary>What came is no reply; the line is in <see cref="ReplyReader.Text"/>.</summary>
    Broken,
}

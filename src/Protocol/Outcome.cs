namespace Anax.Protocol;

/// <summary>
/// What became of an operation on data, in one byte: shard code returns it instead of a text, and never
/// throws for a client's mistake. <see cref="Errors.For"/> gives the reply; there a forgotten member does not
/// compile.
/// </summary>
public enum Outcome : byte
{
    Ok = 0,

    /// <summary>
    /// Not an error: the key or element does not exist, and the command has an answer for that.
    /// </summary>
    NotFound,

    /// <summary>
    /// Not an error: a condition of the command (NX, XX, GT …) did not hold, so nothing was done.
    /// </summary>
    NotDone,

    WrongType,
    NotInteger,
    NotFloat,
    OutOfRange,
    IndexOutOfRange,
    OffsetOutOfRange,
    Overflow,
    DecrementOverflow,
    NanOrInfinity,
    StringTooLong,
    OutOfMemory,
    Syntax,
    NoSuchKey,
    SameObject,
    BusyKey,
    InvalidDb,
    InvalidCursor,

    /// <summary>What a value's digest is to be compared with cannot be one.</summary>
    DigestLength,

    /// <summary>A string that is no HyperLogLog.</summary>
    NotHyperLogLog,

    /// <summary>A HyperLogLog whose registers cannot be read.</summary>
    CorruptHyperLogLog,
}

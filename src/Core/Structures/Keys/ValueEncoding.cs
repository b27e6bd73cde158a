namespace Anax.Core.Structures;

/// <summary>How a value lies in memory.</summary>
public enum ValueEncoding : byte
{
    /// <summary>Bytes in the record: a string, or the elements of a small value, packed.</summary>
    Inline = 0,

    /// <summary>A string that is a whole number, in 1, 2, 4 or 8 bytes of the record.</summary>
    Integer = 1,

    /// <summary>A string in the record that was modified in place; of what is no string, the handle of its root.</summary>
    Raw = 2,

    /// <summary>As Inline, in a block of its own outside the arena.</summary>
    Block = 3,
}

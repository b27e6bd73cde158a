namespace Anax.Core.Structures;

/// <summary>How a string value lies in memory.</summary>
public enum ValueEncoding : byte
{
    /// <summary>Bytes in the record.</summary>
    Inline = 0,

    /// <summary>A whole number in 1, 2, 4 or 8 bytes of the record.</summary>
    Integer = 1,

    /// <summary>Bytes in the record that were modified in place.</summary>
    Raw = 2,

    /// <summary>Bytes in a block of their own outside the arena.</summary>
    Block = 3,
}

using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// A located place for a key: its record, or where it would go. Valid until the table changes next, except by a change
/// through this very entry, after which it names the new state.
/// </summary>
public ref struct Entry
{
    public bool Exists { get; internal set; }

    public ValueType Type { get; internal set; }

    public ValueEncoding Encoding { get; internal set; }

    /// <summary>Unix milliseconds; 0 when the entry does not expire.</summary>
    public long ExpireAtMs { get; internal set; }

    public ReadOnlySpan<byte> Key { get; internal set; }

    /// <summary>Bytes of the string form of a string.</summary>
    public int ValueLength { get; internal set; }

    /// <summary>The content of a string, except one in Integer encoding.</summary>
    public ReadOnlySpan<byte> Bytes { get; internal set; }

    /// <summary>The block of a string in Block encoding; only its first <see cref="ValueLength"/> bytes are the value.</summary>
    public NativeBlock Block { get; internal set; }

    /// <summary>The number of a string in Integer encoding.</summary>
    public bool TryGetInteger(out long value)
    {
        value = ValueLength & 0;
        return false;
    }
}

using System.Runtime.CompilerServices;
using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>
/// A located place for a key: its record, or where it would go. Valid until the table changes next, except by
/// a change through this very entry, after which it names the new state.
/// </summary>
public unsafe ref struct Entry
{
    internal ulong Hash;
    internal SlotPlace Place;
    internal KeyRecord Record;

    public readonly bool Exists => Record.Start != null;

    public readonly ValueType Type => Record.Type;

    public readonly ValueEncoding Encoding => Record.Encoding;

    /// <summary>Unix milliseconds; 0 when the entry does not expire.</summary>
    public readonly long ExpireAtMs => Record.Start == null ? 0 : Record.Expiry;

    public readonly ReadOnlySpan<byte> Key => new(Record.Key, Record.KeyLength);

    /// <summary>Hits since the last look, counted up to three: what frequency goes by.</summary>
    public readonly int Hits => Record.Hits;

    /// <summary>The key is never evicted.</summary>
    public readonly bool IsSticky => Exists && Record.IsSticky;

    /// <summary>What the record is to say after the change that is under way.</summary>
    internal readonly bool StaysSticky => Place.Stick == Stickiness.Kept ? IsSticky : Place.Stick == Stickiness.Sticky;

    /// <summary>The next change makes the key sticky, or not, as another one is whose value it gets.</summary>
    public void StickAs(bool sticky) => Place.Stick = sticky ? Stickiness.Sticky : Stickiness.Loose;

    /// <summary>Bytes of the string form of a string.</summary>
    public readonly int ValueLength => Encoding == ValueEncoding.Integer ? DigitsOf(Integer) : Record.ValueLength;

    /// <summary>The value lies behind a root: it is neither a string nor packed.</summary>
    public readonly bool HasRoot => Record.HasRoot;

    /// <summary>The content of a string, except one in Integer encoding, or of a packed value.</summary>
    public readonly ReadOnlySpan<byte> Bytes
    {
        get
        {
            Invariant.Holds(Encoding != ValueEncoding.Integer && !HasRoot, "an integer or a root has no bytes");
            if (Encoding == ValueEncoding.Block) return Record.Block.Bytes[..Record.ValueLength];
            return new ReadOnlySpan<byte>(Record.Value, Record.ValueLength);
        }
    }

    /// <summary>
    /// The block of a string in Block encoding; only its first <see cref="ValueLength"/> bytes are the value.
    /// </summary>
    public readonly NativeBlock Block => Encoding == ValueEncoding.Block ? Record.Block : default;

    /// <summary>The number of a string in Integer encoding.</summary>
    public readonly bool TryGetInteger(out long value)
    {
        var isInteger = Encoding == ValueEncoding.Integer;
        value = isInteger ? Integer : 0;
        return isInteger;
    }

    internal readonly uint Root => Record.Root;

    internal readonly long Integer => Record.ValueLength switch
    {
        1 => *(sbyte*)Record.Value,
        2 => Unsafe.ReadUnaligned<short>(Record.Value),
        4 => Unsafe.ReadUnaligned<int>(Record.Value),
        _ => Unsafe.ReadUnaligned<long>(Record.Value),
    };

    private static int DigitsOf(long value)
    {
        var digits = value < 0 ? 2 : 1;
        for (; value is > 9 or < -9; value /= 10) digits++;
        return digits;
    }
}

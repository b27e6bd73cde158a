using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>The value of a hash's field as it lies there. Valid until the shard's data change.</summary>
public readonly ref struct FieldValue
{
    internal FieldValue(PackedItem item) => Item = item;

    internal FieldValue(scoped in Entry entry)
    {
        Item = entry.TryGetInteger(out var number) ? new PackedItem(number) : new PackedItem(entry.Bytes);
        Block = entry.Block;
        ExpireAtMs = entry.ExpireAtMs;
    }

    public PackedItem Item { get; }

    /// <summary>What holds the bytes, where they are many; null otherwise.</summary>
    public NativeBlock Block { get; }

    /// <summary>Unix milliseconds; 0 when the field does not expire.</summary>
    public long ExpireAtMs { get; }
}

/// <summary>What was there where a field is written.</summary>
public enum FieldState : byte
{
    Missing,

    /// <summary>A field whose time had come, and that nobody had removed yet.</summary>
    Expired,
    Live,
}

/// <summary>Sees the fields of a hash.</summary>
public interface IFieldVisitor
{
    void Visit(scoped PackedItem field, scoped in FieldValue value);
}

using Anax.Core.Memory;

namespace Anax.Core.Structures;

/// <summary>An element of a list as it lies there. Valid until the shard's data change.</summary>
public readonly ref struct ListItem
{
    internal ListItem(PackedItem item) => Item = item;

    internal ListItem(ReadOnlySpan<byte> bytes, NativeBlock block)
    {
        Item = new PackedItem(bytes);
        Block = block;
    }

    public PackedItem Item { get; }

    /// <summary>What holds the bytes, where they are many; null otherwise.</summary>
    public NativeBlock Block { get; }
}

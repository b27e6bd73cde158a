using Anax.Core.Buffers;
using Anax.Core.Structures;
using Anax.Engine.Keyspace;
using ValueType = Anax.Core.Structures.ValueType;

namespace Anax.Commands;

/// <summary>
/// A pattern of BY or GET. An element stands in for the first star; behind it, "->" may be followed by the name of a field of
/// the hash under that key. The pattern "#" is the element itself.
/// </summary>
internal readonly ref struct SortPattern
{
    private readonly ReadOnlySpan<byte> _before;
    private readonly ReadOnlySpan<byte> _after;
    private readonly ReadOnlySpan<byte> _field;

    internal SortPattern(ReadOnlySpan<byte> text)
    {
        IsElement = text.SequenceEqual("#"u8);
        // As in C, a pattern ends at its first zero byte where something is looked for in it.
        int star = UpToNul(text).IndexOf((byte)'*');
        HasKey = star >= 0;
        if (!HasKey) return;
        _before = text[..star];
        _after = text[(star + 1)..];
        int arrow = UpToNul(_after).IndexOf("->"u8);
        if (arrow < 0 || arrow + 2 == UpToNul(_after).Length) return;
        _field = _after[(arrow + 2)..];
        _after = _after[..arrow];
    }

    internal bool IsElement { get; }

    /// <summary>It has a star; without one it names nothing.</summary>
    internal bool HasKey { get; }

    internal static bool HasStar(ReadOnlySpan<byte> text) => UpToNul(text).Contains((byte)'*');

    internal int KeyLength(ReadOnlySpan<byte> element) => _before.Length + element.Length + _after.Length;

    internal void WriteKey(ReadOnlySpan<byte> element, Span<byte> target)
    {
        _before.CopyTo(target);
        element.CopyTo(target[_before.Length..]);
        _after.CopyTo(target[(_before.Length + element.Length)..]);
    }

    /// <summary>What lies under a key: a string, or the pattern's field of a hash. False where there is no such.</summary>
    internal bool TryGet(ShardScope shard, Key key, out PackedItem item)
    {
        item = default;
        Entry entry = shard.Find(key);
        if (!entry.Exists) return false;
        if (_field.IsEmpty)
        {
            if (entry.Type != ValueType.String) return false;
            item = entry.TryGetInteger(out long number) ? new PackedItem(number) : new PackedItem(entry.Bytes);
            return true;
        }
        if (entry.Type != ValueType.Hash || !new HashView(shard.View(entry)).TryGet(_field, shard.NowMs, out FieldValue value)) return false;
        item = value.Item;
        return true;
    }

    private static ReadOnlySpan<byte> UpToNul(ReadOnlySpan<byte> text)
    {
        int end = text.IndexOf((byte)0);
        return end < 0 ? text : text[..end];
    }
}

namespace Anax.Core.Buffers;

/// <summary>
/// A key as commands see it: its bytes and their keyed hash, computed once when the command was routed.
/// </summary>
public readonly ref struct Key(ReadOnlySpan<byte> bytes, ulong hash)
{
    public readonly ReadOnlySpan<byte> Bytes = bytes;
    public readonly ulong Hash = hash;
}

namespace Anax.Commands;

/// <summary>Words of clients inside error texts.</summary>
internal static class ClientText
{
    /// <summary>A word as Redis prints it, whose strings end at a zero byte.</summary>
    internal static ReadOnlySpan<byte> Printed(ReadOnlySpan<byte> word)
    {
        int end = word.IndexOf((byte)0);
        return end < 0 ? word : word[..end];
    }
}

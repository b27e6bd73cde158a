namespace Anax.Runtime.Simulated;

/// <summary>
/// One direction of a simulated connection: bytes in order, some of them still on their way.
/// </summary>
internal sealed class SimulatedPipe(int capacity)
{
    private byte[] _bytes = new byte[Math.Min(capacity, 4096)];
    private int _start;

    /// <summary>Written and not yet read.</summary>
    public int Count { get; private set; }

    public int Room => capacity - Count;

    /// <summary>When the last bytes written have arrived.</summary>
    public long ArrivesNs { get; set; }

    public bool IsEnded { get; set; }

    public bool IsReset { get; set; }

    /// <summary>There is something to see at this moment: bytes, the end, or a reset.</summary>
    public bool HasNews(long nowNs) => IsReset || ((Count != 0 || IsEnded) && ArrivesNs <= nowNs);

    public int Write(ReadOnlySpan<byte> bytes)
    {
        int count = Math.Min(bytes.Length, Room);
        if (Count + count > _bytes.Length) Grow(Count + count);
        for (int i = 0; i < count; i++) _bytes[(_start + Count + i) % _bytes.Length] = bytes[i];
        Count += count;
        return count;
    }

    public int Read(Span<byte> target)
    {
        int count = Math.Min(target.Length, Count);
        for (int i = 0; i < count; i++) target[i] = _bytes[(_start + i) % _bytes.Length];
        _start = (_start + count) % _bytes.Length;
        Count -= count;
        return count;
    }

    private void Grow(int atLeast)
    {
        byte[] grown = new byte[Math.Max(atLeast, Math.Min(capacity, _bytes.Length * 2))];
        for (int i = 0; i < Count; i++) grown[i] = _bytes[(_start + i) % _bytes.Length];
        (_bytes, _start) = (grown, 0);
    }
}

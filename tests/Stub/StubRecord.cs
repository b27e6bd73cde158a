namespace Anax.Tests.Stub;

/// <summary>
/// The stub's own account of what came and went, in arrays that were made beforehand: the truth that a client's
/// figures are compared with. Read it when the stub has been disposed or the client has ended.
/// </summary>
/// <remarks>
/// Requests are numbered in the order of arrival, those that only prepare a connection (PING, AUTH, INFO ...) not
/// among them.
/// </remarks>
public sealed class StubRecord(int capacity)
{
    private readonly long[] _arrivals = new long[capacity];
    private readonly long[] _replies = new long[capacity];
    private readonly int[] _connections = new int[capacity];
    private readonly bool[] _writes = new bool[capacity];
    private long _count;

    /// <summary>Requests that came, also beyond what is kept.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Requests whose times are kept.</summary>
    public int Kept => (int)Math.Min(Count, capacity);

    public int Connections { get; internal set; }

    public int OpenConnections { get; internal set; }

    /// <summary>The most connections that were open at one time.</summary>
    public int ConnectionsPeak { get; internal set; }

    /// <summary>The most unanswered requests that one connection ever had.</summary>
    public int PendingPeak { get; internal set; }

    /// <summary>The unanswered requests of its connection, itself included, summed over every request as it came.</summary>
    public long PendingSum { get; internal set; }

    public long Corrupted => Corruptions.Count;

    /// <summary>Which values were given out with a wrong byte, and where it was.</summary>
    public List<(string Key, int Byte)> Corruptions { get; } = [];

    public long Greetings { get; internal set; }

    /// <summary>The arguments of each request, where the stub keeps them.</summary>
    public List<string[]> Requests { get; } = [];

    public long ArrivalNs(int number) => _arrivals[number];

    /// <summary>When the reply was handed to the kernel; 0 while there was none.</summary>
    public long ReplyNs(int number) => _replies[number];

    public int ConnectionOf(int number) => _connections[number];

    public bool IsWrite(int number) => _writes[number];

    /// <summary>From arrival to reply, ascending, of requests that were answered.</summary>
    public long[] ServiceNs(int skip = 0)
    {
        List<long> times = [];
        for (int i = skip; i < Kept; i++)
        {
            if (_replies[i] != 0) times.Add(_replies[i] - _arrivals[i]);
        }

        times.Sort();
        return [.. times];
    }

    /// <summary>The value below which so many percent of the sorted times lie, by the nearest rank.</summary>
    public static long Percentile(long[] sorted, double percent) =>
        sorted[Math.Clamp((int)Math.Ceiling(percent / 100 * sorted.Length) - 1, 0, sorted.Length - 1)];

    internal long Arrived(int connection, bool isWrite, long nowNs)
    {
        long number = _count;
        if (number < capacity)
        {
            _arrivals[number] = nowNs;
            _connections[number] = connection;
            _writes[number] = isWrite;
        }

        Volatile.Write(ref _count, number + 1);
        return number;
    }

    internal void Replied(long number, long nowNs)
    {
        if (number < capacity) _replies[number] = nowNs;
    }
}

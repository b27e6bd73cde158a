namespace Anax.Runtime;

/// <summary>
/// One moment that its owner waits for. The timer itself is the entry of the loop's heap, so scheduling
/// allocates nothing; it belongs to the loop on which it was scheduled.
/// </summary>
public abstract class LoopTimer
{
    internal const int NotScheduled = -1;

    internal int HeapIndex = NotScheduled;
    internal ulong Order;

    /// <summary>When it falls due, on the loop's monotonic clock; meaningful while it is scheduled.</summary>
    public long DueNs { get; internal set; }

    public bool IsScheduled => HeapIndex != NotScheduled;

    /// <summary>It is due and no longer scheduled; it may schedule itself again.</summary>
    public abstract void OnTimer();
}

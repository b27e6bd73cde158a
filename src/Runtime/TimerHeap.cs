namespace Anax.Runtime;

/// <summary>
/// The loop's timers: a binary heap by due time, ties in the order of scheduling. The timers know their
/// place, so cancelling is one move; the array grows and is never given back.
/// </summary>
internal sealed class TimerHeap
{
    private LoopTimer?[] _heap = new LoopTimer?[16];
    private int _count;
    private ulong _order;

    public int Count => _count;

    /// <summary>When the first falls due; long.MaxValue where none waits.</summary>
    public long FirstDueNs => _count == 0 ? long.MaxValue : _heap[0]!.DueNs;

    /// <summary>Puts the timer at a new due time, whether it waited already or not.</summary>
    public void Schedule(LoopTimer timer, long dueNs)
    {
        if (timer.IsScheduled) Cancel(timer);
        if (_count == _heap.Length) Array.Resize(ref _heap, _count * 2);
        timer.DueNs = dueNs;
        timer.Order = _order++;
        Place(timer, _count++);
        Rise(timer.HeapIndex);
    }

    public void Cancel(LoopTimer timer)
    {
        if (!timer.IsScheduled) return;
        int index = timer.HeapIndex;
        LoopTimer last = _heap[--_count]!;
        _heap[_count] = null;
        timer.HeapIndex = LoopTimer.NotScheduled;
        if (ReferenceEquals(last, timer)) return;
        Place(last, index);
        Rise(index);
        Sink(last.HeapIndex);
    }

    /// <summary>Takes the first timer if it is due by now.</summary>
    public LoopTimer? TakeDue(long nowNs)
    {
        if (_count == 0 || _heap[0]!.DueNs > nowNs) return null;
        LoopTimer timer = _heap[0]!;
        Cancel(timer);
        return timer;
    }

    private void Place(LoopTimer timer, int index)
    {
        _heap[index] = timer;
        timer.HeapIndex = index;
    }

    private void Rise(int index)
    {
        LoopTimer timer = _heap[index]!;
        while (index > 0)
        {
            int parent = (index - 1) / 2;
            if (!Before(timer, _heap[parent]!)) break;
            Place(_heap[parent]!, index);
            index = parent;
        }

        Place(timer, index);
    }

    private void Sink(int index)
    {
        LoopTimer timer = _heap[index]!;
        while (true)
        {
            int child = 2 * index + 1;
            if (child >= _count) break;
            if (child + 1 < _count && Before(_heap[child + 1]!, _heap[child]!)) child++;
            if (!Before(_heap[child]!, timer)) break;
            Place(_heap[child]!, index);
            index = child;
        }

        Place(timer, index);
    }

    private static bool Before(LoopTimer a, LoopTimer b) =>
        a.DueNs < b.DueNs || (a.DueNs == b.DueNs && a.Order < b.Order);
}

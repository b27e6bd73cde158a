using Anax.Core.Memory;

namespace Anax.Engine;

/// <summary>
/// The process's memory limit, lent to loops in leases. A loop compares its own use with its lease, locally; only when
/// it outgrows the lease does it touch the shared word, in steps of max(1 MiB, limit/1024). So the sum stays within
/// the limit by at most one step per loop.
/// </summary>
public sealed class MemoryBudget : IDisposable
{
    private const long StepBytesMin = 1 << 20;

    private readonly NativeArray<long> _lent = new(8);
    private long _limit;

    public MemoryBudget(long limit) => Limit = limit;

    /// <summary>Bytes; 0: none. Takes effect at each loop's next comparison.</summary>
    public long Limit
    {
        get => Volatile.Read(ref _limit);
        set => Volatile.Write(ref _limit, value);
    }

    public long LentBytes => Volatile.Read(ref _lent[0]);

    private long StepBytes => Math.Max(StepBytesMin, Limit / 1024);

    /// <summary>Grows a lease to hold <paramref name="used"/>; false when the limit does not allow it.</summary>
    public bool TryExtend(ref long lease, long used)
    {
        long limit = Limit;
        if (limit == 0) return true;
        long want = used - lease + Math.Min(StepBytes, Math.Max(0, (limit - LentBytes) / 8));
        if (want <= 0) want = 1;
        while (true)
        {
            long lent = LentBytes;
            if (lent + (used - lease) > limit) return false;
            long take = Math.Min(want, limit - lent);
            if (take <= 0) return false;
            if (Interlocked.CompareExchange(ref _lent[0], lent + take, lent) != lent) continue;
            lease += take;
            return true;
        }
    }

    /// <summary>Makes a lease exactly what is used, even beyond the limit; false when the sum of all is beyond it.</summary>
    public bool TrySettle(ref long lease, long used)
    {
        long lent = Interlocked.Add(ref _lent[0], used - lease);
        lease = used;
        long limit = Limit;
        return limit == 0 || lent <= limit;
    }

    /// <summary>Gives back what a loop no longer uses, but for one step.</summary>
    public void Trim(ref long lease, long used)
    {
        long keep = used + StepBytes;
        if (lease <= keep) return;
        Interlocked.Add(ref _lent[0], keep - lease);
        lease = keep;
    }

    public void Dispose() => _lent.Dispose();
}

namespace Anax.Bench.Shards;

/// <summary>What one loop does for a while, as the measuring thread orders it.</summary>
/// <param name="Kind">What is sent.</param>
/// <param name="Shard">Whose keys the commands have: the loop's own shard's, or another's.</param>
/// <param name="Ns">How long it goes on, in nanoseconds; a fill ends with its last key instead.</param>
/// <param name="Commands">Commands of a batch, a divisor of <see cref="RequestBatch.Window"/>.</param>
/// <param name="PerTurn">Batches of one turn.</param>
internal sealed record Stretch(
    RequestKind Kind, int Shard, long Ns = 0, int Commands = RequestBatch.Window, int PerTurn = Stretch.PerTurnDefault)
{
    public const int PerTurnDefault = 8;

    /// <summary>The time from each command to its answer is kept, and there is a pause before the next.</summary>
    public bool HasPauses => Kind is RequestKind.BriefReads or RequestKind.LongReads;
}

/// <summary>What the commands of a stretch are.</summary>
internal enum RequestKind
{
    /// <summary>SETEX and GET in turn.</summary>
    Mixed,

    /// <summary>SETEX of every key.</summary>
    Fill,

    /// <summary>One GET at a time, which an asker may run for a shard whose loop sleeps.</summary>
    BriefReads,

    /// <summary>One command at a time that counts as long, and so wakes the other loop.</summary>
    LongReads,
}

/// <summary>What one loop's thread did in a stretch, or several did at the same time.</summary>
/// <param name="Own">Commands that the own shard answered.</param>
/// <param name="Other">Commands that another shard answered.</param>
/// <param name="CpuNs">The threads' time on a processor, in user mode and in the kernel.</param>
internal readonly record struct Work(long Own, long Other, long CpuNs)
{
    public double CpuUsPerCommand => CpuNs / 1000.0 / (Own + Other);

    public static Work operator +(Work left, Work right) =>
        new(left.Own + right.Own, left.Other + right.Other, left.CpuNs + right.CpuNs);
}

/// <summary>What came of a stretch.</summary>
/// <param name="Work">What was done, and what it cost.</param>
/// <param name="LatenciesNs">From each command to its answer, ascending; empty where none are kept.</param>
internal sealed record StretchResult(Work Work, long[] LatenciesNs)
{
    /// <summary>The latency in microseconds that so many of a thousand commands do not exceed.</summary>
    public double LatencyUs(int ofThousand) => LatenciesNs[(int)((LatenciesNs.Length - 1L) * ofThousand / 1000)] / 1000.0;
}

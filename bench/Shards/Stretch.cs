namespace Anax.Bench.Shards;

/// <summary>What one loop does for a while, as the measuring thread orders it.</summary>
/// <param name="Kind">What is sent.</param>
/// <param name="Shard">Whose keys the commands have: the loop's own shard's, or another's.</param>
/// <param name="Ns">How long it goes on, in nanoseconds; a fill ends with its last key instead.</param>
/// <param name="Commands">Commands of a batch, a divisor of <see cref="RequestBatch.Window"/>.</param>
/// <param name="Sessions">Sessions that get a batch per turn, and wait for it where another shard has the keys.</param>
internal sealed record Stretch(
    RequestKind Kind, int Shard, long Ns = 0, int Commands = RequestBatch.Window, int Sessions = Stretch.SessionsMax)
{
    public const int SessionsMax = 32;

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

/// <summary>What one loop's thread did in a stretch.</summary>
/// <param name="Commands">Commands that were answered.</param>
/// <param name="CpuNs">The thread's time on a processor, in user mode and in the kernel.</param>
/// <param name="LatenciesNs">From each command to its answer, ascending; empty where none are kept.</param>
internal sealed record StretchResult(long Commands, long CpuNs, long[] LatenciesNs)
{
    /// <summary>Microseconds of the processors' time per command, of all that ran together.</summary>
    public static double CpuUsPerCommand(StretchResult[] together) =>
        together.Sum(result => result.CpuNs) / 1000.0 / together.Sum(result => result.Commands);

    /// <summary>The latency in microseconds that so many of a thousand commands do not exceed.</summary>
    public double LatencyUs(int ofThousand) => LatenciesNs[(int)((LatenciesNs.Length - 1L) * ofThousand / 1000)] / 1000.0;
}

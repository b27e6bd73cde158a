using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>What the calling thread has used of the processor, and how exactly its sleeps end.</summary>
public static class ThreadClock
{
    private const long SecondNs = 1_000_000_000;
    private const long MicrosecondNs = 1000;

    /// <summary>Time in user mode and in the kernel since the thread began; the kernel counts in microseconds or worse.</summary>
    public static (long UserNs, long SystemNs) Read() =>
        LibC.ThreadUsage(out ResourceUsage usage) < 0
            ? (0, 0)
            : (usage.UserSeconds * SecondNs + usage.UserMicroseconds * MicrosecondNs,
                usage.SystemSeconds * SecondNs + usage.SystemMicroseconds * MicrosecondNs);

    /// <summary>The clock of all loops, for who is none.</summary>
    public static long MonotonicNs() => LibC.MonotonicNs();

    /// <summary>Sleeps end when they are due, not within the 50 microseconds that the kernel takes for itself otherwise.</summary>
    public static void SleepExactly() => _ = LibC.SetTimerSlack(1);
}

using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>RLIMIT_NOFILE: how many descriptors, hence clients, the process may have.</summary>
public static class ProcessLimits
{
    /// <summary>
    /// Asks for so many descriptors and returns how many there are: more than asked for, as many, or fewer
    /// where the system refuses; then as many as it grants.
    /// </summary>
    public static long RaiseOpenFiles(long wanted)
    {
        if (LibC.GetLimit(Constants.LimitOpenFiles, out ulong soft, out ulong hard) < 0) return wanted;
        ulong goal = (ulong)wanted;
        if (soft >= goal) return Clamp(soft);
        if (LibC.SetLimit(Constants.LimitOpenFiles, goal, Math.Max(goal, hard)) >= 0) return wanted;
        // Only a privileged process may raise the hard limit.
        return hard > soft && LibC.SetLimit(Constants.LimitOpenFiles, Math.Min(goal, hard), hard) >= 0
            ? Clamp(Math.Min(goal, hard))
            : Clamp(soft);
    }

    public static long OpenFiles() =>
        LibC.GetLimit(Constants.LimitOpenFiles, out ulong soft, out _) < 0 ? long.MaxValue : Clamp(soft);

    private static long Clamp(ulong limit) => (long)Math.Min(limit, long.MaxValue);
}

using System.Globalization;
using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>
/// Which processors this process may use: the affinity mask it was started with, and its cgroup's quota.
/// </summary>
public sealed class CpuTopology
{
    private const int MaskBytes = 1024;

    private CpuTopology(int[] cpus, double quota) => (Cpus, Quota) = (cpus, quota);

    /// <summary>The processors of the affinity mask, ascending.</summary>
    public IReadOnlyList<int> Cpus { get; }

    /// <summary>How many processors' time the cgroup grants; infinity without a quota.</summary>
    public double Quota { get; }

    /// <summary>Threads that can run at once: as many as processors, no more than the quota feeds.</summary>
    public int ThreadCount => Math.Max(1, (int)Math.Min(Cpus.Count, Math.Ceiling(Quota)));

    /// <summary>
    /// Whether threads should be pinned by default: under a quota smaller than the mask the scheduler knows
    /// better which processors are free.
    /// </summary>
    public bool ShouldPin => Quota >= Cpus.Count;

    /// <summary>Asks the system, for the calling thread: call it before any thread is pinned.</summary>
    public static CpuTopology Detect(string root = "/")
    {
        Span<byte> mask = stackalloc byte[MaskBytes];
        mask.Clear();
        List<int> cpus = [];
        if (LibC.GetAffinity(mask) >= 0)
        {
            for (int cpu = 0; cpu < MaskBytes * 8; cpu++)
            {
                if ((mask[cpu >> 3] & (1 << (cpu & 7))) != 0) cpus.Add(cpu);
            }
        }

        for (int cpu = 0; cpus.Count == 0 && cpu < Environment.ProcessorCount; cpu++) cpus.Add(cpu);
        return new CpuTopology([.. cpus], QuotaOf(Cgroup.Detect(root)));
    }

    /// <summary>Pins the calling thread; false where the system refuses.</summary>
    public static bool PinCurrentThread(int cpu)
    {
        Span<byte> mask = stackalloc byte[MaskBytes];
        mask.Clear();
        if ((uint)cpu >= MaskBytes * 8) return false;
        mask[cpu >> 3] = (byte)(1 << (cpu & 7));
        return LibC.SetAffinity(mask) >= 0;
    }

    private static double QuotaOf(Cgroup cgroup)
    {
        double quota = double.PositiveInfinity;
        foreach (string text in cgroup.ReadUpwards("cpu.max"))
        {
            string[] parts = text.Split(' ');
            if (parts.Length == 2) quota = Math.Min(quota, Share(parts[0], parts[1]));
        }

        foreach (string folder in cgroup.LegacyFolders("cpu"))
        {
            quota = Math.Min(quota, Share(
                Cgroup.TryRead(Path.Combine(folder, "cpu.cfs_quota_us")) ?? "",
                Cgroup.TryRead(Path.Combine(folder, "cpu.cfs_period_us")) ?? ""));
        }

        return quota;
    }

    /// <summary>"max" and -1 mean no quota.</summary>
    private static double Share(string quota, string period) =>
        long.TryParse(quota, NumberStyles.None, CultureInfo.InvariantCulture, out long granted)
        && long.TryParse(period, NumberStyles.None, CultureInfo.InvariantCulture, out long of)
        && granted > 0 && of > 0
            ? (double)granted / of
            : double.PositiveInfinity;
}

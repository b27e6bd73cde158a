using System.Globalization;
using System.Runtime.InteropServices;

namespace Anax.Bench.HeadToHead.Settings;

/// <summary>What the figures were taken on: they stand beside it.</summary>
internal sealed record Machine(string Processor, int Cpus, double MemoryGibibytes, string System, string Kernel)
{
    public static Machine Detect() => new(
        Find("/proc/cpuinfo", "model name"),
        AllowedCpus().Count,
        Math.Round(Kibibytes("MemTotal") / 1048576.0, 1),
        RuntimeInformation.OSDescription,
        $"{Read("/proc/sys/kernel/ostype")} {Read("/proc/sys/kernel/osrelease")}");

    /// <summary>The CPUs on which this process, and so what it starts, may run.</summary>
    public static CpuList AllowedCpus() =>
        CpuList.TryParse(Find("/proc/self/status", "Cpus_allowed_list")) ?? CpuList.Of(0);

    public static long AvailableBytes() => Kibibytes("MemAvailable") * 1024;

    private static long Kibibytes(string name) =>
        long.TryParse(Find("/proc/meminfo", name).Split(' ')[0], CultureInfo.InvariantCulture, out long size) ? size : 0;

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : "unknown";

    private static string Find(string path, string name)
    {
        if (!File.Exists(path)) return "unknown";
        foreach (string line in File.ReadLines(path))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && line.AsSpan(0, colon).Trim().SequenceEqual(name)) return line[(colon + 1)..].Trim();
        }

        return "unknown";
    }
}

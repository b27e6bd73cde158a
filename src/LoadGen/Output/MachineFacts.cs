using System.Globalization;
using System.Runtime.InteropServices;

namespace Anax.LoadGen.Output;

/// <summary>What a figure was taken on: to stand beside it.</summary>
/// <param name="Processor">Its model.</param>
/// <param name="Processors">Of the machine.</param>
/// <param name="AllowedProcessors">Those that this program may use.</param>
/// <param name="System">Name and release.</param>
/// <param name="Memory">Of the machine.</param>
internal sealed record MachineFacts(string Processor, int Processors, int AllowedProcessors, string System, string Memory)
{
    public static MachineFacts Detect() => new(
        Find("/proc/cpuinfo", "model name"),
        CpuCount(),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        Gibibytes(Find("/proc/meminfo", "MemTotal")));

    public override string ToString()
    {
        string allowed = AllowedProcessors == Processors ? "" : $" (the client may use {AllowedProcessors})";
        return string.Create(CultureInfo.InvariantCulture, $"{Processor}, processors: {Processors}{allowed}, {Memory}, {System}");
    }

    private static int CpuCount()
    {
        const string CpuFolder = "/sys/devices/system/cpu";
        return Directory.Exists(CpuFolder)
            ? Directory.EnumerateDirectories(CpuFolder, "cpu*").Count(path => int.TryParse(Path.GetFileName(path).AsSpan(3), out _))
            : Environment.ProcessorCount;
    }

    private static string Gibibytes(string kibibytes) =>
        long.TryParse(kibibytes.Split(' ')[0], out long size)
            ? string.Create(CultureInfo.InvariantCulture, $"{size / 1048576.0:F1} GiB")
            : "unknown memory";

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

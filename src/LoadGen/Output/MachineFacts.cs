using System.Globalization;
using System.Runtime.InteropServices;

namespace Anax.LoadGen.Output;

/// <summary>What a figure was taken on: to stand beside it.</summary>
internal sealed record MachineFacts(string Processor, int Processors, string System, string Memory)
{
    public static MachineFacts Detect() => new(
        Find("/proc/cpuinfo", "model name"),
        Environment.ProcessorCount,
        RuntimeInformation.OSDescription,
        Gibibytes(Find("/proc/meminfo", "MemTotal")));

    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Processor}, {Processors} processors, {Memory}, {System}");

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

using System.Buffers.Text;
using System.Globalization;
using Anax.Runtime.Native;

namespace Anax.Runtime;

/// <summary>How much memory the process may have and has: machine, cgroup, resident set.</summary>
public static class SystemMemory
{
    /// <summary>The smaller of the machine's memory and every cgroup limit above this process.</summary>
    public static long LimitBytes(string root = "/")
    {
        long limit = MachineBytes(root);
        Cgroup cgroup = Cgroup.Detect(root);
        foreach (string text in cgroup.ReadUpwards("memory.max"))
            limit = Smaller(limit, text);
        foreach (string folder in cgroup.LegacyFolders("memory"))
            limit = Smaller(limit, Cgroup.TryRead(Path.Combine(folder, "memory.limit_in_bytes")) ?? "");
        return limit;
    }

    public static long MachineBytes(string root = "/")
    {
        string text = Cgroup.TryRead(Path.Combine(root, "proc/meminfo")) ?? "";
        foreach (string line in text.Split('\n'))
        {
            if (!line.StartsWith("MemTotal:", StringComparison.Ordinal)) continue;
            string kilobytes = line["MemTotal:".Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
            if (long.TryParse(kilobytes, NumberStyles.None, CultureInfo.InvariantCulture, out long count))
                return count * 1024;
        }

        return long.MaxValue;
    }

    /// <summary>The resident set, without allocating; 0 where the system does not say.</summary>
    public static long ResidentBytes()
    {
        Span<byte> text = stackalloc byte[256];
        text = text[..Read("/proc/self/statm", text)];
        int space = text.IndexOf((byte)' ');
        if (space < 0 || !Utf8Parser.TryParse(text[(space + 1)..], out long pages, out _)) return 0;
        return pages * Environment.SystemPageSize;
    }

    /// <summary>The largest resident set so far.</summary>
    public static long ResidentPeakBytes()
    {
        Span<byte> text = stackalloc byte[4096];
        text = text[..Read("/proc/self/status", text)];
        int at = text.IndexOf("VmHWM:"u8);
        if (at < 0) return 0;
        text = text[(at + 6)..].TrimStart(" \t"u8);
        return Utf8Parser.TryParse(text, out long kilobytes, out _) ? kilobytes * 1024 : 0;
    }

    private static int Read(string path, Span<byte> text)
    {
        int descriptor = LibC.Open(path, 0);
        if (descriptor < 0) return 0;
        int length = (int)LibC.ReadAt(descriptor, text, 0);
        _ = LibC.Close(descriptor);
        return Math.Max(0, length);
    }

    private static long Smaller(long limit, string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long own)
            ? Math.Min(limit, own)
            : limit;
}

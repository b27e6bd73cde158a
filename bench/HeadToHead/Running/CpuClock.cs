using System.Diagnostics;
using System.Globalization;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// Processor time and resident memory of a process, and of the whole machine, as /proc tells them. The time is in
/// ticks of the kernel, usually of 10 ms: so what is measured lasts for seconds.
/// </summary>
internal static class CpuClock
{
    private const int UsualTicksPerSecond = 100;

    /// <summary>Fields of /proc/PID/stat behind the name: the state is the first.</summary>
    private const int UserField = 11, SystemField = 12;

    /// <summary>Columns of /proc/stat: user nice system idle iowait irq softirq steal.</summary>
    private const int IdleColumn = 3, IoWaitColumn = 4, Columns = 8;

    public static double TickNs { get; } = 1e9 / TicksPerSecond();

    /// <summary>Of all its threads, in nanoseconds; zero where it is gone.</summary>
    public static CpuTimes OfProcess(int pid)
    {
        try
        {
            return ParseStat(File.ReadAllText($"/proc/{pid}/stat"), TickNs);
        }
        catch (IOException)
        {
            return default;
        }
    }

    /// <summary>0 where it is gone.</summary>
    public static long ResidentBytes(int pid) => StatusBytes(pid, "VmRSS");

    /// <summary>The largest resident memory since the start or <see cref="ResetPeak"/>; 0 where it is gone.</summary>
    public static long PeakBytes(int pid) => StatusBytes(pid, "VmHWM");

    /// <summary>Throws <see cref="IOException"/> where the kernel does not allow it.</summary>
    public static void ResetPeak(int pid) => File.WriteAllText($"/proc/{pid}/clear_refs", "5");

    /// <summary>Of the machine, whether this process may use them or not.</summary>
    public static int MachineCpus() =>
        File.ReadLines("/proc/stat").Count(line => line.StartsWith("cpu", StringComparison.Ordinal) && line[3] != ' ');

    /// <summary>Time in which CPUs of the machine did something, for whomever, in nanoseconds.</summary>
    public static double OfMachine() => ParseBusy(File.ReadLines("/proc/stat").First(), TickNs);

    /// <summary>The name may hold blanks and brackets, so the fields are counted from its last bracket.</summary>
    internal static CpuTimes ParseStat(string stat, double tickNs)
    {
        string[] fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new CpuTimes(Number(fields[UserField]) * tickNs, Number(fields[SystemField]) * tickNs);
    }

    /// <summary>From /proc/PID/status; 0 where the name is not in it.</summary>
    internal static long ParseBytes(IEnumerable<string> status, string name)
    {
        string? line = status.FirstOrDefault(text => text.StartsWith($"{name}:", StringComparison.Ordinal));
        if (line is null) return 0;
        string kibibytes = line[(name.Length + 1)..].Replace("kB", "", StringComparison.Ordinal);
        return (long)Number(kibibytes.Trim()) * 1024;
    }

    /// <summary>From the first line of /proc/stat. What a hypervisor stole counts: it was not ours.</summary>
    internal static double ParseBusy(string line, double tickNs)
    {
        string[] columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
        double ticks = 0;
        for (int i = 0; i < Math.Min(Columns, columns.Length); i++)
        {
            if (i is not IdleColumn and not IoWaitColumn) ticks += Number(columns[i]);
        }

        return ticks * tickNs;
    }

    private static long StatusBytes(int pid, string name)
    {
        try
        {
            return ParseBytes(File.ReadLines($"/proc/{pid}/status"), name);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static int TicksPerSecond()
    {
        try
        {
            ProcessStartInfo start = new("getconf", ["CLK_TCK"]) { RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            string text = process.StandardOutput.ReadToEnd().Trim();
            bool isKnown = int.TryParse(text, CultureInfo.InvariantCulture, out int ticks) && ticks > 0;
            return isKnown ? ticks : UsualTicksPerSecond;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return UsualTicksPerSecond;
        }
    }
}

/// <summary>Processor time in nanoseconds, in user mode and in the kernel.</summary>
internal readonly record struct CpuTimes(double UserNs, double SystemNs)
{
    public double TotalNs => UserNs + SystemNs;

    public static CpuTimes operator -(CpuTimes later, CpuTimes earlier) =>
        new(later.UserNs - earlier.UserNs, later.SystemNs - earlier.SystemNs);
}

using System.Diagnostics;
using System.Globalization;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// Keeps this process's first thread, which measures, on some CPUs until the object is gone: where the harness is the
/// client itself it runs where anax-bench would.
/// </summary>
internal sealed class PinnedThread : IDisposable
{
    private readonly CpuList _before = Machine.AllowedCpus();

    public PinnedThread(CpuList cpus) => Pin(cpus);

    public void Dispose() => Pin(_before);

    private static void Pin(CpuList cpus)
    {
        string thread = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        ProcessStartInfo start = new("taskset", ["-cp", cpus.ToString(), thread]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
    }
}

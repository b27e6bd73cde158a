using System.Diagnostics;

namespace Anax.Tests.Server.Bench;

/// <summary>
/// Makes a client and a server that run for it wake up as fast as they can, also on a machine that does other work:
/// they go first where that is allowed, and their processors do not fall asleep.
/// </summary>
/// <remarks>
/// A processor of a virtual machine that has nothing to do is given back to the host, and takes 100 µs and more to come
/// back. A task of the idle class keeps it busy and gives way to any other at once.
/// </remarks>
internal sealed class Undisturbed : IDisposable
{
    private const string RealTime = "-f", Idle = "-i";

    private readonly List<Process> _idlers = [];

    public Undisturbed(params IReadOnlyList<int> cpus)
    {
        foreach (int cpu in cpus)
        {
            // It also ends when this process has ended without a chance to say so.
            const string Loop = "while kill -0 $PPID; do :; done";
            var start = new ProcessStartInfo("taskset", ["-c", $"{cpu}", "chrt", Idle, "0", "sh", "-c", Loop]);
            _idlers.Add(Process.Start(start)!);
        }
    }

    /// <summary>Whether threads may go before all ordinary ones here.</summary>
    public bool CanGoFirst { get; } = Call("chrt", RealTime, "1", "true");

    /// <summary>What to write before a program that is to run on one processor.</summary>
    public string[] Before(int cpu) => CanGoFirst ? ["chrt", RealTime, "1", "taskset", "-c", $"{cpu}"] : ["taskset", "-c", $"{cpu}"];

    /// <summary>Lets this process's thread with the name go first.</summary>
    public void Prefer(string thread)
    {
        if (!CanGoFirst) return;
        foreach (string task in Directory.GetDirectories("/proc/self/task"))
        {
            if (File.ReadAllText(Path.Combine(task, "comm")).Trim() == thread)
                Call("chrt", RealTime, "-p", "1", Path.GetFileName(task));
        }
    }

    public void Dispose()
    {
        foreach (Process idler in _idlers)
        {
            idler.Kill();
            idler.WaitForExit();
            idler.Dispose();
        }
    }

    private static bool Call(string program, params string[] arguments)
    {
        using Process process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode == 0;
    }
}

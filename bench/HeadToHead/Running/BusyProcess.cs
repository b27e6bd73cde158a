using System.Diagnostics;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>A process that counts nothing as fast as it can on some CPUs, as long as this object is there.</summary>
internal sealed class BusyProcess : IDisposable
{
    private readonly Process _process;

    public BusyProcess(CpuList cpus)
    {
        List<string> words = ["taskset", "-c", cpus.ToString(), "sh", "-c", "while :; do :; done"];
        if (Tools.Has("setpriv")) words.InsertRange(0, ["setpriv", "--pdeathsig", "KILL"]);
        _process = Process.Start(new ProcessStartInfo(words[0], words[1..]))!;
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
    }
}

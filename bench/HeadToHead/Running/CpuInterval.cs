using System.Diagnostics;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>Processor time between two moments: the server's, and what others took of the machine.</summary>
internal sealed class CpuInterval
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private readonly int _pid;
    private readonly double _machineNs;
    private readonly CpuTimes _server;

    private CpuInterval(int pid)
    {
        _pid = pid;
        _machineNs = CpuClock.OfMachine();
        _server = CpuClock.OfProcess(pid);
    }

    public static CpuInterval Start(int pid) => new(pid);

    /// <summary>The client's own time is known only to itself.</summary>
    public CpuShares End(CpuTimes client)
    {
        CpuTimes server = CpuClock.OfProcess(_pid) - _server;
        double machineNs = CpuClock.OfMachine() - _machineNs;
        double allNs = _clock.Elapsed.TotalNanoseconds * CpuClock.MachineCpus();
        double otherNs = machineNs - server.TotalNs - client.TotalNs;
        return new CpuShares(server, Math.Clamp(otherNs / allNs, 0, 1));
    }
}

/// <summary>The server's time, and the share of the machine's that neither it nor the client took.</summary>
internal readonly record struct CpuShares(CpuTimes Server, double OtherShare);

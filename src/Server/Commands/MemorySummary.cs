using Anax.Runtime;
using Anax.Server.Network;

namespace Anax.Server.Commands;

/// <summary>Where the process's memory is, summed over the loops' figures of a moment ago.</summary>
internal readonly record struct MemorySummary(
    long Used, long Peak, long Startup, long Resident, long Machine, long Index, long Clients, long FreePending, long FreedInSteps)
{
    internal long Overhead => Startup + Index + Clients;
    internal long Dataset => Math.Max(0, Used - Overhead);
    internal double ResidentRatio => Used == 0 ? 0 : (double)Resident / Used;

    internal static MemorySummary Of(ServerLoop host)
    {
        long used = 0, index = 0, clients = 0, pending = 0, freed = 0;
        foreach (ServerLoop loop in host.Server.Loops)
        {
            LoopFigures figures = loop.Admin.Figures;
            used += figures.UsedBytes;
            index += figures.IndexBytes;
            clients += figures.ClientBytes;
            pending += figures.FreePending;
            freed += figures.FreedInSteps;
        }
        MemoryPeak peak = host.Server.Peak;
        peak.See(used);
        return new MemorySummary(
            used, peak.Bytes, peak.StartupBytes, SystemMemory.ResidentBytes(), peak.MachineBytes, index, clients, pending, freed);
    }
}

/// <summary>The most memory ever used, and what was used when the server was ready. Seen by any loop; approximate.</summary>
public sealed class MemoryPeak
{
    private long _bytes;

    public long Bytes => Volatile.Read(ref _bytes);
    public long StartupBytes { get; set; }
    public long MachineBytes { get; } = SystemMemory.MachineBytes();

    public void See(long bytes)
    {
        if (bytes > Bytes) Volatile.Write(ref _bytes, bytes);
    }

    public void Reset(long bytes) => Volatile.Write(ref _bytes, bytes);
}

using System.Diagnostics;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>
/// Takes a fresh server from empty to its last entry, and meanwhile samples its memory and asks it, by a client with
/// one connection, for a key that it has. How many entries there are at a sample comes from the client's replies: a
/// server need not be asked, which costs some much.
/// </summary>
internal sealed class FillMeasurer(RunSettings settings, RunFolder folder, CancellationToken stop)
{
    private const int SampleMs = 100;
    private const double WarmUpSeconds = 0.3;

    /// <summary>After the first keys, before memory is looked at; and of the probe alone, before the fill begins.</summary>
    private const int SettleMs = 300;

    private readonly ClientRunner _clients = new(settings, Layout.Split, folder, stop);

    public FillFigures Measure(PlannedMeasurement step, Peer peer)
    {
        using ServerProcess server = ServerProcess.Start(peer, settings.ServerCpus, new ServerOptions(), folder.OfServer(peer.Name), stop);
        // The keys of the probe, which the fill writes again. Connecting, writing and reading are compiled after it.
        _clients.Run(server.Port, ClientArguments.Fill(ClientArguments.ProbeKeys, step.Round, _clients.Cpus.Count));
        _clients.Run(server.Port, ClientArguments.Probe(step.Round, WarmUpSeconds));
        Thread.Sleep(SettleMs);
        long startBytes = CpuClock.ResidentBytes(server.Pid);

        using ClientProcess probe = _clients.StartProbe(server.Port, ClientArguments.Probe(step.Round, ClientArguments.ProbeSecondsMax));
        Thread.Sleep(SettleMs);
        CpuInterval interval = CpuInterval.Start(server.Pid);
        using ClientProcess fill = _clients.Start(
            server.Port, ClientArguments.Fill(settings.FillEntries, step.Round, _clients.Cpus.Count));
        List<(long UnixMs, long Bytes)> samples = Sample(server, fill);
        probe.Stop();
        if (server.End() is { Length: > 0 } end) throw new ServerException(end);
        ClientReport report = fill.Report();
        CpuShares cpu = interval.End(report.Cpu);
        ClientReport probed = probe.Report(wasStopped: true);
        double longestTurnUs = ServerConnection.CountLoops(server.Port).LongestTurnUs;
        long entriesFound = ServerConnection.CountKeys(server.Port);
        ClientReport overwritten = _clients.Run(
            server.Port, ClientArguments.Overwrite(settings.FillEntries, step.Round, _clients.Cpus.Count));

        return new FillFigures
        {
            Entries = settings.FillEntries,
            EntriesFound = entriesFound,
            Seconds = report.Seconds,
            UserNs = Math.Round(cpu.Server.UserNs / report.Replies, 3),
            SystemNs = Math.Round(cpu.Server.SystemNs / report.Replies, 3),
            ClientUserNs = Math.Round(report.Cpu.UserNs / report.Replies, 3),
            ClientSystemNs = Math.Round(report.Cpu.SystemNs / report.Replies, 3),
            ClientIsLimit = report.IsLimit,
            OtherCpuShare = Math.Round(cpu.OtherShare, 3),
            Series = report.Series,
            StartBytes = startBytes,
            ResidentMs = [.. samples.Select(sample => (double)(sample.UnixMs - report.StartMs))],
            ResidentBytes = [.. samples.Select(sample => sample.Bytes)],
            Probe = probed.Latency,
            ProbeMaxUs = During(probed, report),
            LongestTurnUs = longestTurnUs,
            OverwriteSeries = overwritten.Series,
        };
    }

    /// <summary>Every 100 ms until the client has ended, and once more then.</summary>
    private List<(long UnixMs, long Bytes)> Sample(ServerProcess server, ClientProcess fill)
    {
        List<(long UnixMs, long Bytes)> samples = [];
        Stopwatch clock = Stopwatch.StartNew();
        bool isOver = false;
        for (long next = SampleMs; !isOver; next += SampleMs)
        {
            stop.ThrowIfCancellationRequested();
            isOver = fill.WaitForExit(TimeSpan.FromMilliseconds(Math.Max(1, next - clock.ElapsedMilliseconds)));
            samples.Add((DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), CpuClock.ResidentBytes(server.Pid)));
        }

        return samples;
    }

    /// <summary>The probe began before the fill and ended after it.</summary>
    private static IReadOnlyList<double> During(ClientReport probe, ClientReport fill)
    {
        int before = (int)Math.Max(0, (fill.StartMs - probe.StartMs) / SampleMs);
        return [.. probe.SeriesMaxUs.Skip(before).Take(fill.Series.Count + 1)];
    }
}

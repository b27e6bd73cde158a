using System.Globalization;
using System.Net.Sockets;
using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Running;

/// <summary>Makes the measurements of a plan that are not made yet, and writes each down at once.</summary>
internal sealed class HeadToHeadRun : IDisposable
{
    /// <summary>A signal of the terminal reaches server and client too; its own handler comes a moment later.</summary>
    private const int SignalMs = 200;

    private readonly RunSettings _settings;
    private readonly IReadOnlyList<Peer> _peers;
    private readonly ResultDocument _document;
    private readonly ResultFile _file;
    private readonly RunFolder _folder;
    private readonly CancellationToken _stop;
    private readonly LoadMeasurer _loads;
    private readonly FillMeasurer _fills;
    private readonly FootprintMeasurer _footprints;
    private readonly LongCommandMeasurer _longCommands;
    private ServerGroup? _group;

    public HeadToHeadRun(
        RunSettings settings, IReadOnlyList<Peer> peers, ResultDocument document, ResultFile file, RunFolder folder,
        CancellationToken stop)
    {
        (_settings, _peers, _document, _file, _folder, _stop) = (settings, peers, document, file, folder, stop);
        _loads = new LoadMeasurer(settings, _folder, stop);
        _fills = new FillMeasurer(settings, _folder, stop);
        _footprints = new FootprintMeasurer(settings, _folder, stop);
        _longCommands = new LongCommandMeasurer(settings, _folder, stop);
    }

    /// <summary>Throws <see cref="OperationCanceledException"/> when it is stopped.</summary>
    public void Run(IReadOnlyList<PlannedMeasurement> remaining)
    {
        Progress progress = new(remaining, _settings);
        for (int i = 0; i < remaining.Count; i++)
        {
            PlannedMeasurement step = remaining[i];
            UseServers(step, remaining.Skip(i));
            Measurement measurement = Measure(step);
            _document.Measurements.Add(measurement);
            _file.Save(_document);
            progress.Show(i, measurement);
        }
    }

    public void Dispose() => _group?.Dispose();

    /// <summary>Servers of one group run at a time, and none beside a fresh one.</summary>
    private void UseServers(PlannedMeasurement step, IEnumerable<PlannedMeasurement> following)
    {
        if (_group is not null && _group.Name != step.Group)
        {
            _group.Dispose();
            _group = null;
        }

        if (step.Group.Length == 0 || _group is not null) return;
        _group = new ServerGroup(step.Group, _settings, _folder, _stop);
        foreach (PlannedMeasurement first in
            following.Where(other => other.Group == step.Group).DistinctBy(other => (other.Server, other.Cell.Threads)))
        {
            string threads = first.Cell.Threads < 2 ? "" : $" with {first.Cell.Threads} threads";
            Console.WriteLine($"{step.Group}: starting and filling {ServerNames.Title(first.Server)}{threads}");
            if (_group.Add(PeerOf(first), first.Cell) is { } preparation) _document.Preparations.Add(preparation);
            _stop.ThrowIfCancellationRequested();
        }
    }

    private Peer PeerOf(PlannedMeasurement step) => _peers.First(peer => peer.Name == step.Server);

    private Measurement Measure(PlannedMeasurement step)
    {
        Measurement measurement = new()
        {
            Cell = step.Cell.Id,
            Server = step.Server,
            Round = step.Round,
            Time = DateTimeOffset.Now,
        };
        try
        {
            _stop.ThrowIfCancellationRequested();
            return step.Cell.Kind switch
            {
                CellKind.Fill => MeasureFill(step, measurement),
                CellKind.SmallEntries => measurement with { SmallEntries = _footprints.MeasureSmallEntries(step, PeerOf(step)) },
                CellKind.IdleConnections =>
                    measurement with { IdleConnections = _footprints.MeasureIdleConnections(PeerOf(step)) },
                CellKind.LargeCollection or CellKind.SmallCollections =>
                    measurement with { Collections = _footprints.MeasureCollections(step, PeerOf(step)) },
                CellKind.LongCommand => measurement with { LongCommand = _longCommands.Measure(step, _group!.Find(step)) },
                CellKind.LargeValue => measurement with { LargeValue = _footprints.MeasureLargeValue(step, PeerOf(step)) },
                _ => measurement with { Load = MeasureLoad(step) },
            };
        }
        catch (Exception e) when (e is ServerException or ClientException or SocketException or IOException)
        {
            Thread.Sleep(SignalMs);
            _stop.ThrowIfCancellationRequested();
            return measurement with { Failure = Reason(step, e) };
        }
    }

    private Measurement MeasureFill(PlannedMeasurement step, Measurement measurement)
    {
        FillFigures fill = _fills.Measure(step, PeerOf(step));
        return fill.EntriesFound == fill.Entries
            ? measurement with { Fill = fill }
            : measurement with { Failure = $"{fill.Entries} entries were written, {fill.EntriesFound} are there" };
    }

    private LoadFigures MeasureLoad(PlannedMeasurement step)
    {
        double perSecond = 0;
        if (step.Cell.Kind == CellKind.Rate)
        {
            ResultSummary summary = new(_document);
            Spread maximum = summary.Load(step.Cell.Reference, ServerNames.Valkey, load => load.PerSecond)
                ?? throw new ServerException("the rate is a share of Valkey's maximum, and Valkey has none");
            perSecond = Math.Round(maximum.Median * step.Cell.RatePercent / 100);
        }

        return _loads.Measure(step, _group!.Find(step), perSecond);
    }

    /// <summary>What the client complains of is often that its server has ended.</summary>
    private string Reason(PlannedMeasurement step, Exception e)
    {
        if (e is not ClientException || step.Group.Length == 0) return e.Message;
        try
        {
            _ = _group!.Find(step);
            return e.Message;
        }
        catch (ServerException end)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{e.Message}; {end.Message}");
        }
    }
}

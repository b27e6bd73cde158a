using System.Globalization;
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
    private ServerGroup? _group;

    public HeadToHeadRun(
        RunSettings settings, IReadOnlyList<Peer> peers, ResultDocument document, ResultFile file, RunFolder folder,
        CancellationToken stop)
    {
        (_settings, _peers, _document, _file, _folder, _stop) = (settings, peers, document, file, folder, stop);
        _loads = new LoadMeasurer(settings, _folder, stop);
        _fills = new FillMeasurer(settings, _folder, stop);
    }

    /// <summary>Throws <see cref="OperationCanceledException"/> when it is stopped.</summary>
    public void Run(IReadOnlyList<PlannedMeasurement> remaining)
    {
        Progress progress = new(remaining, _settings);
        for (int i = 0; i < remaining.Count; i++)
        {
            PlannedMeasurement step = remaining[i];
            UseLayout(step.Cell, remaining, i);
            Measurement measurement = Measure(step);
            _document.Measurements.Add(measurement);
            _file.Save(_document);
            progress.Show(i, measurement);
        }
    }

    public void Dispose() => _group?.Dispose();

    /// <summary>Servers of one layout run at a time, and none beside the one that is filled.</summary>
    private void UseLayout(Cell cell, IReadOnlyList<PlannedMeasurement> remaining, int from)
    {
        bool isFill = cell.Kind == CellKind.Fill;
        if (_group is not null && (isFill || _group.Layout != cell.Layout))
        {
            _group.Dispose();
            _group = null;
        }

        if (isFill || _group is not null) return;
        _group = new ServerGroup(cell.Layout, _settings, _folder, _stop);
        HashSet<string> wanted =
            [.. remaining.Skip(from).Where(step => step.Cell.Layout == cell.Layout).Select(step => step.Server)];
        foreach (Peer peer in _peers.Where(peer => wanted.Contains(peer.Name)))
        {
            Console.WriteLine($"{cell.LayoutName} layout: starting and filling {ServerNames.Title(peer.Name)}");
            if (_group.Add(peer) is { } preparation) _document.Preparations.Add(preparation);
            _stop.ThrowIfCancellationRequested();
        }
    }

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
            if (step.Cell.Kind != CellKind.Fill) return measurement with { Load = MeasureLoad(step) };
            FillFigures fill = _fills.Measure(step, _peers.First(peer => peer.Name == step.Server));
            return fill.EntriesFound == fill.Entries
                ? measurement with { Fill = fill }
                : measurement with { Failure = $"{fill.Entries} entries were written, {fill.EntriesFound} are there" };
        }
        catch (Exception e) when (e is ServerException or ClientException)
        {
            Thread.Sleep(SignalMs);
            _stop.ThrowIfCancellationRequested();
            return measurement with { Failure = Reason(step, e) };
        }
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

        return _loads.Measure(step, _group!.Find(step.Server), perSecond);
    }

    /// <summary>What the client complains of is often that its server has ended.</summary>
    private string Reason(PlannedMeasurement step, Exception e)
    {
        if (e is not ClientException || step.Cell.Kind == CellKind.Fill) return e.Message;
        try
        {
            _ = _group!.Find(step.Server);
            return e.Message;
        }
        catch (ServerException end)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{e.Message}; {end.Message}");
        }
    }
}

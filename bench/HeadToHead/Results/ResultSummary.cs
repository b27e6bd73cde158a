using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;

namespace Anax.Bench.HeadToHead.Results;

/// <summary>
/// Medians over the rounds, and ratios to another server, mostly Valkey: each of the same cell in the same round, and then their median. What
/// failed is in neither, and is counted.
/// </summary>
internal sealed class ResultSummary
{
    private readonly Dictionary<(string Cell, string Server), List<Measurement>> _measurements = [];

    public ResultSummary(ResultDocument document)
    {
        Document = document;
        foreach (Measurement measurement in document.Measurements)
        {
            (string, string) key = (measurement.Cell, measurement.Server);
            if (!_measurements.TryGetValue(key, out List<Measurement>? list)) _measurements.Add(key, list = []);
            list.Add(measurement);
        }
    }

    public ResultDocument Document { get; }

    /// <summary>Those that are there, in their order.</summary>
    public IReadOnlyList<string> Servers =>
        [.. Document.Servers.Where(server => server.Missing.Length == 0).Select(server => server.Name)];

    public IReadOnlyList<ResultServer> MissingServers => [.. Document.Servers.Where(server => server.Missing.Length != 0)];

    public IReadOnlyList<Measurement> Failures =>
        [.. Document.Measurements.Where(measurement => measurement.Failure.Length != 0)];

    /// <summary>All of a cell and a server, by round, failed ones too.</summary>
    public IReadOnlyList<Measurement> Of(Cell cell, string server) =>
        _measurements.TryGetValue((cell.Id, server), out List<Measurement>? list) ? list : [];

    /// <summary>Of whatever was measured; null from the figure where it is not there.</summary>
    public Spread? Figure(Cell cell, string server, Func<Measurement, double?> figure) =>
        Spread.Of(Good(cell, server).Select(figure).OfType<double>());

    public Spread? Load(Cell cell, string server, Func<LoadFigures, double> figure) =>
        Figure(cell, server, measurement => measurement.Load is { } load ? figure(load) : null);

    public Spread? Fill(Cell cell, string server, Func<FillFigures, double> figure) =>
        Spread.Of(Fills(cell, server).Select(figure));

    public IReadOnlyList<FillFigures> Fills(Cell cell, string server) =>
        [.. Good(cell, server).Select(measurement => measurement.Fill).OfType<FillFigures>()];

    public Spread? LoadRatio(
        Cell cell, string server, Func<LoadFigures, double> figure, string reference = ServerNames.Valkey) =>
        FigureRatio(cell, server, measurement => measurement.Load is { } load ? figure(load) : null, reference);

    public Spread? FillRatio(Cell cell, string server, Func<FillFigures, double> figure) =>
        FigureRatio(cell, server, measurement => measurement.Fill is { } fill ? figure(fill) : null);

    /// <summary>In most rounds the client could not have made more load.</summary>
    public bool IsClientLimit(Cell cell, string server)
    {
        IReadOnlyList<Measurement> good = Good(cell, server);
        int limited = good.Count(measurement => measurement.Load?.ClientIsLimit ?? measurement.Fill?.ClientIsLimit ?? false);
        return limited * 2 > good.Count;
    }

    /// <summary>How many rounds have figures.</summary>
    public int CountGood(Cell cell, string server) => Good(cell, server).Count;

    public Spread? FigureRatio(
        Cell cell, string server, Func<Measurement, double?> figure, string reference = ServerNames.Valkey)
    {
        List<double> ratios = [];
        foreach (Measurement own in Good(cell, server))
        {
            Measurement? other = Good(cell, reference).FirstOrDefault(other => other.Round == own.Round);
            if (other is null || figure(own) is not { } value || figure(other) is not { } one || one <= 0) continue;
            ratios.Add(value / one);
        }

        return Spread.Of(ratios);
    }

    private IReadOnlyList<Measurement> Good(Cell cell, string server) =>
        [.. Of(cell, server).Where(measurement => measurement.Failure.Length == 0)];
}

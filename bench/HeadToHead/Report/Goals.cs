using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;

namespace Anax.Bench.HeadToHead.Report;

/// <summary>
/// The goals of the project, each against the results. Medians are judged, where nothing else is said; a ratio is of the
/// same cell and round.
/// </summary>
internal sealed class Goals(ResultSummary summary)
{
    /// <summary>A control outside of these says that the ratio beside it is uncertain.</summary>
    private const double ControlMin = 0.95, ControlMax = 1.05;

    /// <summary>Units of figures: of times in µs, of bytes, and of shares.</summary>
    private const double Milliseconds = 1000, One = 1, MebibyteBytes = 1 << 20;

    /// <summary>What the goal says, where other numbers were not asked for.</summary>
    private const long GoalKeys = 20_000_000;

    private const double EvennessMin = 0.85, EvennessToOverwriteMin = 0.95;

    private static readonly Workload[] Workloads = [Workload.Setex, Workload.Get];

    private readonly long _manyKeys = summary.Document.Settings.ManyKeys;

    public ReportTable Table() => new(
        ["goal", "wanted", "reached", "met", "control", "remark"],
        [.. All().Select(goal => (IReadOnlyList<string>)
            [goal.Subject, goal.Bound.Text, goal.ReachedText, goal.Verdict, FigureText.Ratio(goal.Control), goal.Remark])])
    {
        WordColumns = 2,
    };

    public IReadOnlyList<Goal> All() =>
    [
        .. Workloads.SelectMany(Plain), .. Workloads.SelectMany(Piped), .. ManyKeys(), .. Throughput(), .. Latency(),
        .. Transactions(), .. Fill(), .. Footprint(), .. Memory(), .. TypeSpeed(16, 1, 1.3), .. TypeSpeed(1, 0.95, 1), .. LongCommands(),
    ];

    private IEnumerable<Goal> Plain(Workload workload)
    {
        Cell cell = Cell.Maximum(Layout.Split, workload, 1, MeasurementPlan.Connections);
        yield return Ratio("CPU time", cell, ServerNames.Floor, load => load.CpuNs, GoalBound.AtMost(1.15));
        yield return Ratio("user time", cell, ServerNames.Valkey, load => load.UserNs, GoalBound.AtMost(0.4));
        yield return Ratio("CPU time", cell, ServerNames.Valkey, load => load.CpuNs, GoalBound.AlwaysBelowOne);
    }

    private IEnumerable<Goal> Piped(Workload workload)
    {
        Cell cell = Cell.Maximum(Layout.Split, workload, 30, MeasurementPlan.Connections);
        double toValkey = workload == Workload.Setex ? 0.5 : 0.6;
        yield return Ratio("CPU time", cell, ServerNames.Valkey, load => load.CpuNs, GoalBound.AtMost(toValkey));
        yield return Ratio("CPU time", cell, ServerNames.Dragonfly, load => load.CpuNs, GoalBound.AtMost(0.35));
        yield return Ratio("CPU time", cell, ServerNames.Garnet, load => load.CpuNs, GoalBound.AtMost(0.4));
    }

    private IEnumerable<Goal> ManyKeys() =>
        from workload in Workloads
        let cell = Cell.ManyKeys(workload, _manyKeys == 0 ? GoalKeys : _manyKeys)
        select Ratio("CPU time", cell, ServerNames.Valkey, load => load.CpuNs, GoalBound.AtMost(0.5));

    private IEnumerable<Goal> Throughput() =>
        from pipeline in (int[])[1, 30]
        from workload in Workloads
        let cell = Cell.Maximum(Layout.Shared, workload, pipeline, MeasurementPlan.Connections)
        let bound = GoalBound.AtLeast(workload == Workload.Setex ? 1.5 : 1.3)
        select Ratio("throughput", cell, ServerNames.ValkeyIo, load => load.PerSecond, bound);

    private IEnumerable<Goal> Transactions() =>
        from workload in (Workload[])[Workload.Mset, Workload.Multi, Workload.Eval]
        from goal in (Goal[])
        [
            Ratio("throughput", Cell.Transaction(workload, 16), ServerNames.Valkey, load => load.PerSecond, GoalBound.AtLeast(1.2)),
            Ratio("operations per CPU second", Cell.Transaction(workload, 16), ServerNames.Valkey, load => load.PerCpuSecond, GoalBound.AtLeast(1.2)),
            Ratio("throughput", Cell.Transaction(workload, 1), ServerNames.Valkey, load => load.PerSecond, GoalBound.AtLeast(1)),
        ]
        select goal;

    private IEnumerable<Goal> Latency() =>
        from layout in (Layout[])[Layout.Split, Layout.Shared]
        from workload in Workloads
        from percentile in ((string Name, Func<LoadFigures, double> Of)[])
            [("P99", load => load.Latency.P99Us), ("P99.9", load => load.Latency.P999Us)]
        from goal in (Goal[])
        [
            Ratio(percentile.Name, Cell.Rate(layout, workload, 90), ServerNames.Valkey, percentile.Of, GoalBound.AtMost(0.5)),
            Ratio(percentile.Name, Cell.Rate(layout, workload, 50), ServerNames.Floor, percentile.Of, GoalBound.AtMost(1.2)),
            Ratio(percentile.Name, Cell.Rate(layout, workload, 50), ServerNames.Valkey, percentile.Of, GoalBound.NeverAboveOne),
        ]
        select goal;

    private IEnumerable<Goal> Fill()
    {
        Cell cell = Cell.Fill();
        yield return Ratio("entries per second, median of 100 ms,", cell, ServerNames.Valkey, FillOf(FillMath.MedianWindow), GoalBound.AtLeast(2));
        Spread? toOverwrite = summary.Figure(
            cell, ServerNames.Anax, one => one.Fill is { OverwriteSeries.Count: > 0 } fill ? FillMath.EvennessToOverwrite(fill) : null);
        bool isAsEven = toOverwrite is { Median: >= EvennessToOverwriteMin };
        GoalBound even = new(
            $"≥ {EvennessMin}, or {EvennessToOverwriteMin} of the overwriting run's", rounds => rounds.Median >= EvennessMin || isAsEven);
        yield return new Goal("fill: P5 / median of 100 ms", even, summary.Figure(cell, ServerNames.Anax, FillOf(FillMath.Evenness)))
        {
            Remark = toOverwrite is null ? "" : $"{FigureText.Ratio(toOverwrite)} of the overwriting run's",
        };
        yield return Figure(
            "fill: longest turn of an event loop, ms", cell,
            one => one.Fill is { LongestTurnUs: > 0 } fill ? fill.LongestTurnUs : null,
            GoalBound.AtMost(10 * Milliseconds, Milliseconds, "ms"), Milliseconds);
        yield return Figure(
            "fill: probe's P99.9, ms", cell, FillOf(fill => fill.Probe.P999Us),
            GoalBound.AtMost(10 * Milliseconds, Milliseconds, "ms"), Milliseconds);
    }

    private IEnumerable<Goal> Footprint()
    {
        Cell small = Cell.Footprint(CellKind.SmallEntries), idle = Cell.Footprint(CellKind.IdleConnections);
        yield return Figure("small entries: bytes each, mean", small, one => one.SmallEntries?.MeanBytes, GoalBound.AtMost(32), One);
        yield return Figure("small entries: bytes each at worst", small, one => one.SmallEntries?.WorstBytes, GoalBound.AtMost(33), One);
        yield return Figure("idle connections: bytes each", idle, one => one.IdleConnections?.BytesEach, GoalBound.AtMost(2048), One);

        Cell large = Cell.Footprint(CellKind.LargeValue);
        yield return Ratio("SET throughput", large, ServerNames.Valkey, one => one.LargeValue?.SetBytesPerSecond, GoalBound.AtLeast(1));
        yield return Ratio("GET throughput", large, ServerNames.Valkey, one => one.LargeValue?.GetBytesPerSecond, GoalBound.AtLeast(1));
        yield return Figure(
            "a large value: peak RSS during SET / its size", large, one => one.LargeValue?.SetPeakShare, GoalBound.AtMost(1.1), One);
        yield return Figure(
            "a large value: growth of RSS during GET, MiB", large, one => one.LargeValue?.GetGrowthBytes,
            GoalBound.AtMost(16 * MebibyteBytes, MebibyteBytes, "MiB"), MebibyteBytes);
    }

    private IEnumerable<Goal> Memory() =>
        from goal in ((CellKind Kind, Collection Type, double Limit)[])
        [
            (CellKind.LargeCollection, Collection.Set, 0.7), (CellKind.LargeCollection, Collection.Hash, 0.8),
            (CellKind.LargeCollection, Collection.SortedSet, 0.7), (CellKind.LargeCollection, Collection.List, 1),
            (CellKind.LargeCollection, Collection.Stream, 1), (CellKind.SmallCollections, Collection.Hash, 0.85),
            (CellKind.SmallCollections, Collection.Set, 0.85), (CellKind.SmallCollections, Collection.SortedSet, 0.9),
        ]
        let cell = Cell.Memory(goal.Kind, goal.Type)
        select Ratio("bytes each", cell, ServerNames.Valkey, one => one.Collections?.MeanBytes, GoalBound.AtMost(goal.Limit));

    /// <summary>Of the rows' medians the least, and the one in the middle.</summary>
    private IEnumerable<Goal> TypeSpeed(int pipeline, double leastMin, double medianMin)
    {
        (TypeRow Row, Spread Ratio)[] rows =
        [
            .. from row in TypeRow.All
            let ratio = summary.LoadRatio(Cell.TypeSpeed(row, pipeline), ServerNames.Anax, load => load.PerCpuSecond)
            where ratio is not null
            orderby ratio.Value.Median
            select (row, ratio.Value),
        ];
        string subject = $"types, pipeline {pipeline}: operations per CPU second to Valkey's";
        yield return new Goal($"{subject}, the least row", GoalBound.AtLeast(leastMin), rows.Length == 0 ? null : rows[0].Ratio)
        {
            Remark = string.Join(", ", rows.TakeWhile(row => row.Ratio.Median < leastMin).DefaultIfEmpty(rows.FirstOrDefault()).Select(row => row.Row?.Title)),
        };
        yield return new Goal($"{subject}, the median row", GoalBound.AtLeast(medianMin), Spread.Of(rows.Select(row => row.Ratio.Median)))
        {
            Remark = rows.Length == 0 ? "" : $"of {rows.Length} rows, from the least to the greatest",
        };
    }

    private IEnumerable<Goal> LongCommands() =>
        from command in Plan.LongCommands.All
        let cell = Cell.Long(command, isSameShard: false)
        from goal in (Goal[])
        [
            Figure($"{cell.Title}: P99.9 to that beside a busy process", cell, one => one.LongCommand?.P999Ratio, GoalBound.AtMost(2), 0),
            Figure($"{cell.Title}: the other loop's longest turn to the same", cell, one => one.LongCommand?.TurnRatio, GoalBound.AtMost(2), 0),
        ]
        select goal;

    private Goal Figure(string subject, Cell cell, Func<Measurement, double?> figure, GoalBound bound, double unit) =>
        new(subject, bound, summary.Figure(cell, ServerNames.Anax, figure)) { Unit = unit };

    private Goal Ratio(string what, Cell cell, string reference, Func<LoadFigures, double> figure, GoalBound bound) =>
        Ratio(what, cell, reference, one => one.Load is { } load ? figure(load) : null, bound);

    private Goal Ratio(string what, Cell cell, string reference, Func<Measurement, double?> figure, GoalBound bound)
    {
        string subject = $"{cell.LayoutName}: {cell.Title}: {what} to {ServerNames.ShortTitle(reference)}'s";
        Spread? reached = summary.FigureRatio(cell, ServerNames.Anax, figure, reference);
        Spread? control = summary.FigureRatio(cell, ServerNames.Control, figure, ServerNames.Valkey);
        List<string> remarks = [];
        if (control is { Median: < ControlMin or > ControlMax }) remarks.Add("noisy: the control is not within 0.95…1.05");
        if (summary.IsClientLimit(cell, ServerNames.Anax) || summary.IsClientLimit(cell, reference))
            remarks.Add($"{ReportTables.LimitMark.Trim()} the client was the limit");
        return new Goal(subject, bound, reached) { Control = control, Remark = string.Join("; ", remarks) };
    }

    private static Func<Measurement, double?> FillOf(Func<FillFigures, double> figure) =>
        one => one.Fill is { } fill ? figure(fill) : null;
}

using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Report;

/// <summary>Puts the report together, in the order in which it is read.</summary>
internal sealed class ReportBuilder(ResultSummary summary)
{
    private readonly ReportTables _tables = new(summary);
    private readonly ReportCharts _charts = new(summary);
    private readonly ReportTexts _texts = new(summary);

    private readonly RunSettings _plan = PlanOf(summary.Document.Settings);

    private ResultSettings Settings => summary.Document.Settings;

    public ReportParts Build()
    {
        List<ReportSection> sections = [Overview(), Goals()];
        foreach (Layout layout in Settings.Layouts) sections.AddRange(LayoutSections(layout));
        IReadOnlyList<Cell> keys = MeasurementPlan.ManyKeysCells(_plan), threads = MeasurementPlan.ManyThreadsCells(_plan);
        IReadOnlyList<Cell> transactions = MeasurementPlan.TransactionCells(_plan);
        IReadOnlyList<Cell> footprints = MeasurementPlan.FootprintCells(_plan);
        if (AreMeasured(keys)) sections.Add(ManyKeys(keys));
        if (AreMeasured(threads)) sections.Add(ManyThreads(threads));
        if (AreMeasured(transactions)) sections.Add(Transactions(transactions));
        bool hasFill = Settings.FillEntries != 0 && Settings.Layouts.Contains(Layout.Split);
        if (hasFill && IsExpected([Cell.Fill()])) sections.Add(Fill());
        if (AreMeasured(footprints)) sections.Add(Footprint());
        IReadOnlyList<Cell> memory = MeasurementPlan.MemoryCells(_plan), speed = MeasurementPlan.TypeSpeedCells(_plan);
        IReadOnlyList<Cell> commands = MeasurementPlan.LongCommandCells(_plan);
        if (AreMeasured(memory)) sections.Add(Memory(memory));
        if (AreMeasured(speed)) sections.Add(TypeSpeed(speed));
        if (AreMeasured(commands)) sections.Add(LongCommands(commands));
        if (summary.Failures.Count != 0)
        {
            sections.Add(new ReportSection("What failed")
            {
                Paragraphs = ["In no median and no ratio above."],
                Tables = [_tables.Failures()],
            });
        }

        sections.Add(Method());
        return new ReportParts("Anax, Valkey, Garnet and Dragonfly on one machine", sections);
    }

    private ReportSection Overview() => new("Overview")
    {
        Paragraphs = Given(_texts.Machine(), _texts.Reading(), _texts.Noise(), ReportTexts.Unfinished(MissingCount())),
        Tables = [_tables.Servers()],
    };

    private ReportSection Goals() => new("Goals")
    {
        Paragraphs = [ReportTexts.Goals],
        Tables = [new Goals(summary).Table()],
    };

    private int MissingCount() =>
        MeasurementPlan.Remaining(MeasurementPlan.Make(_plan, summary.Servers), summary.Document.Measurements).Count;

    private bool AreMeasured(IReadOnlyList<Cell> cells) =>
        cells.Any(cell => summary.Servers.Any(server => summary.Of(cell, server).Count != 0));

    /// <summary>Also before anything of it was measured, but not where other cells were asked for.</summary>
    private bool IsExpected(IReadOnlyList<Cell> cells) => Settings.Cells.Count == 0 || AreMeasured(cells);

    /// <summary>What of the settings the plan is made of.</summary>
    private static RunSettings PlanOf(ResultSettings kept)
    {
        RunSettings settings = new()
        {
            IsQuick = kept.IsQuick,
            Rounds = kept.Rounds,
            FillEntries = kept.FillEntries,
            ManyKeys = kept.ManyKeys,
            Cells = kept.Cells,
            Layouts = kept.Layouts,
        };
        return settings with
        {
            ServerCpus = CpuList.TryParse(kept.ServerCpus) ?? settings.ServerCpus,
            SharedCpus = CpuList.TryParse(kept.SharedCpus) ?? settings.SharedCpus,
        };
    }

    private IEnumerable<ReportSection> LayoutSections(Layout layout)
    {
        IReadOnlyList<Cell> cells = MeasurementPlan.MaximumCells(layout, Settings.IsQuick);
        string name = cells[0].LayoutName;
        // The pictures that a README shows are those of the split layout; the others have their layout in their name.
        string suffix = layout == Layout.Split ? "" : "-shared";
        if (IsExpected(cells))
        {
            yield return Cpu(layout, cells, name, suffix);
            yield return Throughput(cells, name, suffix);
        }

        IReadOnlyList<Cell> rates = MeasurementPlan.RateCells(layout, Settings.IsQuick);
        if (rates.Count != 0 && IsExpected(rates)) yield return Rates(rates, name, suffix);
    }

    private ReportSection Cpu(Layout layout, IReadOnlyList<Cell> cells, string name, string suffix)
    {
        List<ReportChart> charts =
        [
            _charts.CpuRatio($"cpu-per-operation{suffix}.svg", name, ByPipeline(cells)),
            _charts.Cpu(
                $"cpu-per-operation-piped{suffix}.svg", $"CPU time per operation with a pipeline, {name} layout",
                [.. cells.Where(cell => cell.Pipeline > 1)]),
        ];
        if (ByConnections(cells) is { Length: > 0 } plain)
        {
            charts.Add(_charts.Cpu(
                $"cpu-per-operation-plain{suffix}.svg", $"CPU time per operation without a pipeline, {name} layout", plain));
        }

        return new ReportSection($"CPU time per operation, {name} layout")
        {
            Paragraphs = [_texts.Place(layout)],
            Charts = charts,
            Tables = [_tables.Cpu(cells)],
        };
    }

    private ReportSection Throughput(IReadOnlyList<Cell> cells, string name, string suffix)
    {
        List<ReportChart> charts =
            [_charts.Throughput($"throughput{suffix}.svg", $"Throughput by pipeline, {name} layout", ByPipeline(cells))];
        if (ByConnections(cells) is { Length: > 0 } plain)
        {
            charts.Add(_charts.Throughput(
                $"throughput-plain{suffix}.svg", $"Throughput without a pipeline, {name} layout", plain));
        }

        return new ReportSection($"Throughput and latency in a closed loop, {name} layout")
        {
            Paragraphs = [ReportTexts.ClosedLoop],
            Charts = charts,
            Tables = [_tables.Throughput(cells)],
        };
    }

    private ReportSection Rates(IReadOnlyList<Cell> rates, string name, string suffix) =>
        new($"Latency at fixed rates, {name} layout")
        {
            Paragraphs = [ReportTexts.Rates],
            Charts = [.. rates.Select(cell => _charts.Latency(NameOfLatency(cell, suffix), name, cell))],
            Tables = [_tables.Rates(rates)],
        };

    private ReportSection Fill()
    {
        Cell cell = Cell.Fill();
        return new ReportSection("A table that grows")
        {
            Paragraphs = Given(_texts.Fill(), _texts.FixedCosts()),
            Charts =
            [
                _charts.BytesPerEntry("bytes-per-entry.svg", cell),
                _charts.BytesBySize("bytes-by-size.svg", cell),
                _charts.FillThroughput("fill-throughput.svg", cell),
                _charts.FillProbe("fill-probe.svg", cell),
            ],
            Tables = [_tables.FillMemory(cell), _tables.FillSpeed(cell)],
        };
    }

    private ReportSection ManyKeys(IReadOnlyList<Cell> cells) => new($"{cells[0].KeysName} keys")
    {
        Paragraphs = [ReportTexts.ManyKeys],
        Tables = [_tables.Cpu(cells), _tables.Throughput(cells)],
    };

    private ReportSection ManyThreads(IReadOnlyList<Cell> cells) => new("More threads than CPUs")
    {
        Paragraphs = [_texts.ManyThreads()],
        Tables = [_tables.ManyThreads(cells)],
    };

    private ReportSection Transactions(IReadOnlyList<Cell> cells) => new("Transactions and scripts")
    {
        Paragraphs = [_texts.Transactions()],
        Tables = [_tables.Transactions(cells)],
    };

    private ReportSection Footprint() => new("Small entries, idle connections, a large value")
    {
        Paragraphs = [ReportTexts.Footprint],
        Tables =
        [
            _tables.SmallEntries(Cell.Footprint(CellKind.SmallEntries)),
            _tables.IdleConnections(Cell.Footprint(CellKind.IdleConnections)),
            _tables.LargeValue(Cell.Footprint(CellKind.LargeValue)),
        ],
    };

    private ReportSection Memory(IReadOnlyList<Cell> cells) => new("Memory of collections")
    {
        Paragraphs = [ReportTexts.Memory],
        Tables = [_tables.Memory(cells)],
    };

    private ReportSection TypeSpeed(IReadOnlyList<Cell> cells) => new("Commands of all types")
    {
        Paragraphs = [ReportTexts.TypeSpeed],
        Tables = [.. cells.GroupBy(cell => cell.Pipeline).Select(group => _tables.TypeSpeed([.. group]))],
    };

    private ReportSection LongCommands(IReadOnlyList<Cell> cells) => new("Beside long commands")
    {
        Paragraphs = [_texts.LongCommands()],
        Tables = [_tables.LongCommands(cells)],
    };

    private ReportSection Method() => new("How it was measured")
    {
        Paragraphs =
        [
            ReportTexts.Rotation, ReportTexts.ProcessorTime, ReportTexts.Commands,
            .. Settings.ClientCommands.Select(command => $"`{command}`"),
        ],
        Tables = [_tables.Connections()],
    };

    private static IReadOnlyList<string> Given(params string[] paragraphs) => [.. paragraphs.Where(text => text.Length != 0)];

    private static IReadOnlyList<Cell> ByPipeline(IReadOnlyList<Cell> cells) =>
        [.. cells.Where(cell => cell.Connections == MeasurementPlan.Connections)];

    /// <summary>Without a pipeline; empty where only one number of connections is measured.</summary>
    private static Cell[] ByConnections(IReadOnlyList<Cell> cells)
    {
        Cell[] plain =
        [
            .. cells.Where(cell => cell.Pipeline == 1).OrderBy(cell => cell.Workload).ThenBy(cell => cell.Connections),
        ];
        return plain.Select(cell => cell.Connections).Distinct().Count() > 1 ? plain : [];
    }

    /// <summary>The first has the short name.</summary>
    private static string NameOfLatency(Cell cell, string suffix) =>
        cell is { RatePercent: 50, Workload: Workload.Setex }
            ? $"latency-fixed-rate{suffix}.svg"
            : $"latency-fixed-rate-{cell.WorkloadTitle.ToLowerInvariant()}-{cell.RatePercent}{suffix}.svg";
}

using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Results;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Plan;

/// <summary>
/// All measurements in their order. Within a round each cell is measured of all servers one after the other, so that
/// what is compared lies seconds apart. Which server begins goes round, and every second round runs backwards, so that
/// none always follows the same one. Only with many keys a server comes to its end before the next one starts.
/// </summary>
internal static class MeasurementPlan
{
    public const int Connections = 30;

    public const int ManyKeysPipeline = 30;

    public const int ManyThreadsConnections = 100;

    private static readonly int[] Pipelines = [1, 10, 30, 100];
    private static readonly int[] SharedPipelines = [1, 30, 100];
    private static readonly int[] OtherConnections = [1, 1000];
    private static readonly int[] SharedOtherConnections = [1000];
    private static readonly int[] QuickPipelines = [1, 30];
    private static readonly int[] QuickSharedPipelines = [30];
    private static readonly int[] RatePercents = [50, 90];
    private static readonly int[] QuickRatePercents = [50];
    private static readonly int[] ManyThreadsPipelines = [1, 30, 100];
    private static readonly int[] TransactionPipelines = [16, 1];
    private static readonly int[] TypePipelines = [16, 1];
    private static readonly Collection[] SmallTypes = [Collection.Hash, Collection.Set, Collection.SortedSet];
    private static readonly int[] ThreadCounts = [2, 4, 8, 16];
    private static readonly CellKind[] Footprints = [CellKind.SmallEntries, CellKind.IdleConnections, CellKind.LargeValue];
    private static readonly Workload[] Workloads = [Workload.Setex, Workload.Get];
    private static readonly Workload[] Transactions = [Workload.Mset, Workload.Multi, Workload.Eval, Workload.Queue];

    public static IReadOnlyList<PlannedMeasurement> Make(RunSettings settings, IReadOnlyList<string> servers)
    {
        List<PlannedMeasurement> plan = [];
        HashSet<string> wanted = Wanted(settings);
        foreach (Layout layout in settings.Layouts)
        {
            // The rates come second: they are shares of a maximum.
            Rotate(MaximumCells(layout, settings.IsQuick));
            Rotate(RateCells(layout, settings.IsQuick));
            if (layout != Layout.Shared) continue;
            Rotate(ManyThreadsCells(settings));
            Rotate(TransactionCells(settings));
        }

        Rotate(FillCells(settings));
        Rotate(FootprintCells(settings));
        Rotate(MemoryCells(settings));
        Rotate(TypeSpeedCells(settings));
        Rotate(LongCommandCells(settings));
        foreach (string server in servers)
        {
            foreach (int round in Enumerable.Range(0, settings.OtherRounds))
            {
                plan.AddRange(
                    from cell in ManyKeysCells(settings)
                    where wanted.Contains(cell.Id) && TakesPart(cell, server)
                    select new PlannedMeasurement(cell, server, round));
            }
        }

        return plan;

        void Rotate(IReadOnlyList<Cell> cells) =>
            MeasurementPlan.Rotate(plan, [.. cells.Where(cell => wanted.Contains(cell.Id))], settings, servers);
    }

    /// <summary>
    /// What of an earlier run may stand: a cell's round of which all servers were measured, and well. One that was cut off
    /// or failed is measured again as a whole, because its servers are compared with each other.
    /// </summary>
    public static IReadOnlyList<Measurement> Kept(IReadOnlyList<PlannedMeasurement> plan, IEnumerable<Measurement> done)
    {
        Dictionary<(string Cell, int Round), int> wanted =
            plan.GroupBy(step => (step.Cell.Id, step.Round)).ToDictionary(group => group.Key, group => group.Count());
        return
        [
            .. from measurement in done
            where measurement.Failure.Length == 0
            group measurement by (measurement.Cell, measurement.Round) into round
            where round.Count() == wanted.GetValueOrDefault(round.Key)
            from measurement in round
            select measurement,
        ];
    }

    public static IReadOnlyList<PlannedMeasurement> Remaining(
        IReadOnlyList<PlannedMeasurement> plan, IEnumerable<Measurement> done)
    {
        HashSet<(string Cell, string Server, int Round)> known = [.. done.Select(one => (one.Cell, one.Server, one.Round))];
        return [.. plan.Where(step => !known.Contains((step.Cell.Id, step.Server, step.Round)))];
    }

    public static IReadOnlyList<Cell> MaximumCells(Layout layout, bool isQuick)
    {
        bool isSplit = layout == Layout.Split;
        int[] pipelines = isSplit ? Pipelines : SharedPipelines, others = isSplit ? OtherConnections : SharedOtherConnections;
        if (isQuick) (pipelines, others) = (isSplit ? QuickPipelines : QuickSharedPipelines, []);
        return
        [
            .. from pipeline in pipelines
            from workload in Workloads
            select Cell.Maximum(layout, workload, pipeline, Connections),
            .. from connections in others
            from workload in Workloads
            select Cell.Maximum(layout, workload, 1, connections),
        ];
    }

    public static IReadOnlyList<Cell> RateCells(Layout layout, bool isQuick)
    {
        if (isQuick && layout == Layout.Shared) return [];
        int[] percents = isQuick ? QuickRatePercents : RatePercents;
        return [.. from percent in percents from workload in Workloads select Cell.Rate(layout, workload, percent)];
    }

    /// <summary>Empty where they are not asked for.</summary>
    public static IReadOnlyList<Cell> ManyKeysCells(RunSettings settings) =>
        settings.ManyKeys == 0 || !settings.Layouts.Contains(Layout.Split)
            ? []
            : [.. Workloads.Select(workload => Cell.ManyKeys(workload, settings.ManyKeys))];

    /// <summary>Those of a pipeline and a workload, with ever more threads, follow each other.</summary>
    public static IReadOnlyList<Cell> ManyThreadsCells(RunSettings settings) =>
        settings.IsQuick || !settings.Layouts.Contains(Layout.Shared)
            ? []
            : [.. from pipeline in ManyThreadsPipelines
                from workload in Workloads
                from threads in ThreadCounts
                select Cell.ManyThreads(workload, pipeline, threads)];

    /// <summary>Where Anax has several shards. They are measured where they are asked for by name: the whole run is long without them.</summary>
    public static IReadOnlyList<Cell> TransactionCells(RunSettings settings) =>
        settings.IsQuick || !settings.Layouts.Contains(Layout.Shared)
            ? []
            : [.. from pipeline in TransactionPipelines from workload in Transactions select Cell.Transaction(workload, pipeline)];

    /// <summary>All that is run against the servers which are measured in such a cell.</summary>
    public static IReadOnlyList<Workload> WorkloadsBeside(Cell cell) => cell.Kind == CellKind.Transaction ? Transactions : Workloads;

    /// <summary>Empty where they are not asked for.</summary>
    public static IReadOnlyList<Cell> FootprintCells(RunSettings settings) =>
        settings.IsQuick || !settings.Layouts.Contains(Layout.Split) ? [] : [.. Footprints.Select(Cell.Footprint)];

    /// <summary>Of large collections and of small ones; empty where they are not asked for, as the two that follow.</summary>
    public static IReadOnlyList<Cell> MemoryCells(RunSettings settings) =>
        settings.IsQuick || !settings.Layouts.Contains(Layout.Split)
            ? []
            : [
                .. Enum.GetValues<Collection>().Select(type => Cell.Memory(CellKind.LargeCollection, type)),
                .. SmallTypes.Select(type => Cell.Memory(CellKind.SmallCollections, type)),
            ];

    public static IReadOnlyList<Cell> TypeSpeedCells(RunSettings settings) =>
        settings.IsQuick || !settings.Layouts.Contains(Layout.Split)
            ? []
            : [.. from pipeline in TypePipelines from row in TypeRow.All select Cell.TypeSpeed(row, pipeline)];

    public static IReadOnlyList<Cell> LongCommandCells(RunSettings settings) =>
        settings.IsQuick || !settings.Layouts.Contains(Layout.Shared) || settings.SharedCpus.Count < LongCommands.Threads
            ? []
            : [.. from command in LongCommands.All from isSame in (bool[])[false, true] select Cell.Long(command, isSame)];

    /// <summary>Whether a server is measured in a cell, where it is there and has the CPUs.</summary>
    public static bool TakesPart(Cell cell, string server) => server switch
    {
        ServerNames.Anax => true,
        // More of them would make of minutes hours. One thread has no other shard.
        _ when cell.Kind is CellKind.TypeSpeed => server == ServerNames.Valkey,
        _ when cell.Kind is CellKind.LongCommand => server == ServerNames.Valkey && cell.IsSameShard,
        _ when cell.Kind is CellKind.LargeCollection or CellKind.SmallCollections => server == ServerNames.Valkey
            || server == ServerNames.Dragonfly || (server == ServerNames.Garnet && cell.Collection != Collection.Stream),
        ServerNames.AnaxGlobal => cell.Workload == Workload.Queue,
        // Its memory is Valkey's: what it tells is noise in time.
        ServerNames.Control =>
            cell.Kind is not (CellKind.ManyThreads or CellKind.SmallEntries or CellKind.IdleConnections),
        ServerNames.ValkeyIo => cell.Kind is CellKind.Maximum or CellKind.Rate,
        ServerNames.Floor => cell.Kind == CellKind.Rate
            || cell is { Kind: CellKind.Maximum, Layout: Layout.Split, Pipeline: 1, Connections: Connections },
        _ => cell.Kind != CellKind.ManyThreads,
    };

    /// <summary>A goal wants as many rounds as are asked for: of its cells there are few.</summary>
    public static int RoundsOf(Cell cell, RunSettings settings) => cell switch
    {
        { Kind: CellKind.Maximum, Connections: Connections, Pipeline: 1 or 30 } or { Kind: CellKind.Transaction } => settings.Rounds,
        { Kind: CellKind.Rate } => settings.RateRounds,
        // Bytes are the same every time.
        { Kind: CellKind.SmallEntries or CellKind.IdleConnections or CellKind.LargeCollection or CellKind.SmallCollections } => 1,
        _ => settings.OtherRounds,
    };

    private static IReadOnlyList<Cell> FillCells(RunSettings settings) =>
        settings.FillEntries == 0 || !settings.Layouts.Contains(Layout.Split) ? [] : [Cell.Fill()];

    /// <summary>The ids of the cells that are asked for, and of those that their rates are shares of.</summary>
    private static HashSet<string> Wanted(RunSettings settings)
    {
        IEnumerable<Cell> all =
        [
            .. settings.Layouts.SelectMany(layout => MaximumCells(layout, settings.IsQuick)),
            .. settings.Layouts.SelectMany(layout => RateCells(layout, settings.IsQuick)),
            .. ManyThreadsCells(settings), .. TransactionCells(settings), .. FillCells(settings), .. FootprintCells(settings), .. ManyKeysCells(settings),
            .. MemoryCells(settings), .. TypeSpeedCells(settings), .. LongCommandCells(settings),
        ];
        Cell[] chosen = [.. all.Where(IsChosen)];
        return [.. chosen.Select(cell => cell.Id), .. chosen.Where(cell => cell.Kind == CellKind.Rate).Select(cell => cell.Reference.Id)];

        bool IsChosen(Cell cell) =>
            settings.Cells.Count == 0 ? cell.Kind != CellKind.Transaction : settings.Cells.Any(text => cell.Id.Contains(text, StringComparison.Ordinal));
    }

    /// <summary>On one CPU Valkey has none for I/O threads.</summary>
    private static bool HasCpus(Cell cell, string server, RunSettings settings) =>
        server != ServerNames.ValkeyIo || settings.ServerCpusOf(cell.Layout).Count > 1;

    private static void Rotate(
        List<PlannedMeasurement> plan, IReadOnlyList<Cell> cells, RunSettings settings, IReadOnlyList<string> servers)
    {
        for (int round = 0; round < settings.Rounds; round++)
        {
            for (int place = 0; place < cells.Count; place++)
            {
                Cell cell = cells[place];
                if (round >= RoundsOf(cell, settings)) continue;
                string[] there = [.. servers.Where(server => TakesPart(cell, server) && HasCpus(cell, server, settings))];
                for (int i = 0; i < there.Length; i++)
                {
                    int turn = round % 2 == 0 ? i : there.Length - 1 - i;
                    plan.Add(new PlannedMeasurement(cell, there[(round + place + turn) % there.Length], round));
                }
            }
        }
    }
}

/// <summary>One cell of one server in one round; the rounds count from 0.</summary>
internal sealed record PlannedMeasurement(Cell Cell, string Server, int Round)
{
    /// <summary>The servers that run side by side while this is measured; empty where a fresh one is started for it.</summary>
    public string Group => Cell.Kind switch
    {
        CellKind.Maximum or CellKind.Rate => Cell.LayoutName,
        CellKind.ManyThreads => "many threads",
        CellKind.Transaction => "transactions",
        CellKind.ManyKeys => $"{Cell.KeysName} keys, {Server}",
        CellKind.TypeSpeed => "types",
        CellKind.LongCommand => "long commands",
        CellKind.Fill or CellKind.SmallEntries or CellKind.IdleConnections or CellKind.LargeValue
            or CellKind.LargeCollection or CellKind.SmallCollections => "",
    };
}

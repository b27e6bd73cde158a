using System.Globalization;
using Anax.Bench.HeadToHead.Running;
using Anax.Bench.HeadToHead.Settings;

namespace Anax.Bench.HeadToHead.Plan;

/// <summary>One thing that is measured of a server, alike for all of them.</summary>
internal sealed record Cell(CellKind Kind, Layout Layout, Workload Workload, int Pipeline, int Connections, int RatePercent)
{
    public const int FillPipeline = 50;

    /// <summary>Divides, with the pipeline, the round numbers of entries that one asks for.</summary>
    public const int FillConnections = 20;

    private const long Million = 1_000_000;

    /// <summary>How many the server holds, all of which are read or overwritten.</summary>
    public long Keys { get; init; } = RunSettings.Keys;

    /// <summary>Of the server; 0: as many as it has CPUs.</summary>
    public int Threads { get; init; }

    /// <summary>Of <see cref="CellKind.TypeSpeed"/>.</summary>
    public TypeRow? Row { get; init; }

    /// <summary>Of the memory of a large or of many small ones.</summary>
    public Collection Collection { get; init; }

    /// <summary>Of <see cref="CellKind.LongCommand"/>: what runs, and whether what is read meanwhile lies on the same shard.</summary>
    public LongCommand LongCommand { get; init; }

    public bool IsSameShard { get; init; }

    public static Cell Maximum(Layout layout, Workload workload, int pipeline, int connections) =>
        new(CellKind.Maximum, layout, workload, pipeline, connections, 0);

    public static Cell Rate(Layout layout, Workload workload, int ratePercent) =>
        new(CellKind.Rate, layout, workload, 1, MeasurementPlan.Connections, ratePercent);

    public static Cell ManyKeys(Workload workload, long keys) =>
        new(CellKind.ManyKeys, Layout.Split, workload, MeasurementPlan.ManyKeysPipeline, MeasurementPlan.Connections, 0)
        {
            Keys = keys,
        };

    public static Cell ManyThreads(Workload workload, int pipeline, int threads) =>
        new(CellKind.ManyThreads, Layout.Shared, workload, pipeline, MeasurementPlan.ManyThreadsConnections, 0)
        {
            Threads = threads,
        };

    public static Cell Transaction(Workload workload, int pipeline) =>
        new(CellKind.Transaction, Layout.Shared, workload, pipeline, MeasurementPlan.Connections, 0);

    public static Cell Fill() => new(CellKind.Fill, Layout.Split, Workload.Setex, FillPipeline, FillConnections, 0);

    /// <param name="kind">Small entries, idle connections or a large value.</param>
    public static Cell Footprint(CellKind kind) => new(kind, Layout.Split, Workload.Setex, 1, 1, 0);

    public static Cell TypeSpeed(TypeRow row, int pipeline) =>
        new(CellKind.TypeSpeed, Layout.Split, Workload.Setex, pipeline, TypeRow.Connections, 0) { Row = row, Threads = 1 };

    /// <param name="kind">A large one or many small ones.</param>
    /// <param name="collection">Of which type.</param>
    public static Cell Memory(CellKind kind, Collection collection) =>
        new(kind, Layout.Split, Workload.Setex, 1, 1, 0) { Collection = collection, Threads = 1 };

    public static Cell Long(LongCommand command, bool isSameShard) =>
        new(CellKind.LongCommand, Layout.Shared, Workload.Get, 1, LongCommands.Connections, 0)
        {
            LongCommand = command,
            IsSameShard = isSameShard,
            Threads = LongCommands.Threads,
        };

    /// <summary>The cell whose maximum, of Valkey, a rate is a share of.</summary>
    public Cell Reference => this with { Kind = CellKind.Maximum, RatePercent = 0 };

    /// <summary>By which results name it.</summary>
    public string Id => Kind switch
    {
        CellKind.Maximum => LoadId,
        CellKind.Transaction => $"{LayoutName}/tx/{WorkloadName}/p{Pipeline}/c{Connections}",
        CellKind.Rate => $"{LoadId}/{RatePercent}%",
        CellKind.ManyKeys => $"{LoadId}/{KeysName}",
        CellKind.ManyThreads => $"{LoadId}/t{Threads}",
        CellKind.Fill => $"{LayoutName}/fill",
        CellKind.SmallEntries => $"{LayoutName}/footprint/small-entries",
        CellKind.IdleConnections => $"{LayoutName}/footprint/idle-connections",
        CellKind.LargeValue => $"{LayoutName}/footprint/large-value",
        CellKind.LargeCollection => $"types/memory/{CollectionTitle.Replace(' ', '-')}",
        CellKind.SmallCollections => $"types/memory/small-{CollectionTitle.Replace(' ', '-')}",
        CellKind.TypeSpeed => $"types/speed/{Row!.Name}/p{Pipeline}/c{Connections}",
        CellKind.LongCommand => $"types/worst/{LongCommand.ToString().ToLowerInvariant()}/{(IsSameShard ? "same" : "other")}",
    };

    /// <summary>For people, within its layout.</summary>
    public string Title => Kind switch
    {
        CellKind.Maximum or CellKind.Transaction => LoadTitle,
        CellKind.Rate => $"{WorkloadTitle} at {RatePercent} %",
        CellKind.ManyKeys => $"{LoadTitle}, {KeysName} keys",
        CellKind.ManyThreads => $"{LoadTitle}, {Threads} threads",
        CellKind.Fill => "fill",
        CellKind.SmallEntries => "small entries",
        CellKind.IdleConnections => "idle connections",
        CellKind.LargeValue => "a large value",
        CellKind.LargeCollection => $"a large {CollectionTitle}",
        CellKind.SmallCollections => Collection == Collection.Hash ? "small hashes" : $"small {CollectionTitle}s",
        CellKind.TypeSpeed => $"{Row!.Title}, pipeline {Pipeline}",
        CellKind.LongCommand => $"{LongCommands.Title(LongCommand)}, GET on {(IsSameShard ? "its" : "another")} shard",
    };

    public string LayoutName => Layout == Layout.Split ? "split" : "shared";

    public string WorkloadTitle => Workload switch
    {
        Workload.Setex => "SETEX",
        Workload.Get => "GET",
        Workload.Mset => $"MSET of {ClientArguments.MsetKeys} keys",
        Workload.Multi => $"MULTI of {ClientArguments.MultiSets} SETs",
        Workload.Eval => "EVAL of a GET",
        Workload.Queue => "EVAL of a job",
    };

    public string KeysName => Keys % Million == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{Keys / Million}M")
        : Keys.ToString(CultureInfo.InvariantCulture);

    private string CollectionTitle => Collection switch
    {
        Collection.Set => "set",
        Collection.Hash => "hash",
        Collection.SortedSet => "sorted set",
        Collection.List => "list",
        Collection.Stream => "stream",
    };

    private string LoadId => $"{LayoutName}/{WorkloadName}/p{Pipeline}/c{Connections}";

    private string LoadTitle => $"{WorkloadTitle}, pipeline {Pipeline}, {ConnectionsTitle}";

    private string WorkloadName => Workload.ToString().ToLowerInvariant();

    private string ConnectionsTitle => Connections == 1 ? "1 connection" : $"{Connections} connections";
}

internal enum CellKind
{
    /// <summary>A closed loop as fast as the answers come.</summary>
    Maximum,

    /// <summary>A share of what Valkey reached in the same cell.</summary>
    Rate,

    /// <summary>A maximum of a server that holds more than any cache does.</summary>
    ManyKeys,

    /// <summary>A maximum of Anax with a given number of threads, whatever CPUs there are for them.</summary>
    ManyThreads,

    /// <summary>A maximum of what concerns several keys at one instant: over shards, in MULTI, by a script.</summary>
    Transaction,

    /// <summary>Takes a fresh server from empty to its last entry.</summary>
    Fill,

    /// <summary>The memory of a fresh server by the number of its entries, which are as small as they come.</summary>
    SmallEntries,

    /// <summary>The memory of a fresh server with many connections that wait.</summary>
    IdleConnections,

    /// <summary>Time and memory of a fresh server for one value.</summary>
    LargeValue,

    /// <summary>The memory of a fresh server by the number of elements of one collection.</summary>
    LargeCollection,

    /// <summary>The memory of a fresh server with many collections of a few elements.</summary>
    SmallCollections,

    /// <summary>A maximum of one row of valkey-benchmark's default list.</summary>
    TypeSpeed,

    /// <summary>What a client that reads feels of another one's long command.</summary>
    LongCommand,
}

/// <summary>A type of values that have elements.</summary>
internal enum Collection
{
    Set,
    Hash,
    SortedSet,
    List,
    Stream,
}

/// <summary>Who runs where.</summary>
internal enum Layout
{
    /// <summary>The server on cores of its own, the client on others.</summary>
    Split,

    /// <summary>The server on all cores, and the client on the same.</summary>
    Shared,
}

internal enum Workload
{
    Setex,
    Get,
    Mset,

    /// <summary>MULTI, SETs and EXEC, which together are one operation.</summary>
    Multi,

    /// <summary>A script of one command on its declared key.</summary>
    Eval,

    /// <summary>A script that makes the names of most keys that it writes.</summary>
    Queue,
}

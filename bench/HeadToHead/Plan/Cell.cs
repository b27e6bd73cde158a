namespace Anax.Bench.HeadToHead.Plan;

/// <summary>
/// One thing that is measured of every server. A maximum is a closed loop as fast as the answers come; a rate is a
/// share of what Valkey reached in the same cell; a fill takes a fresh server from empty to its last entry.
/// </summary>
internal sealed record Cell(CellKind Kind, Layout Layout, Workload Workload, int Pipeline, int Connections, int RatePercent)
{
    public const int FillPipeline = 50;

    /// <summary>Divides, with the pipeline, the round numbers of entries that one asks for.</summary>
    public const int FillConnections = 20;

    public static Cell Maximum(Layout layout, Workload workload, int pipeline, int connections) =>
        new(CellKind.Maximum, layout, workload, pipeline, connections, 0);

    public static Cell Rate(Layout layout, Workload workload, int ratePercent) =>
        new(CellKind.Rate, layout, workload, 1, MeasurementPlan.Connections, ratePercent);

    public static Cell Fill() => new(CellKind.Fill, Layout.Split, Workload.Setex, FillPipeline, FillConnections, 0);

    /// <summary>The cell whose maximum, of Valkey, a rate is a share of.</summary>
    public Cell Reference => this with { Kind = CellKind.Maximum, RatePercent = 0 };

    /// <summary>By which results name it.</summary>
    public string Id => Kind switch
    {
        CellKind.Maximum => $"{LayoutName}/{WorkloadName}/p{Pipeline}/c{Connections}",
        CellKind.Rate => $"{LayoutName}/{WorkloadName}/p{Pipeline}/c{Connections}/{RatePercent}%",
        CellKind.Fill => $"{LayoutName}/fill",
    };

    /// <summary>For people, within its layout.</summary>
    public string Title => Kind switch
    {
        CellKind.Maximum => $"{WorkloadTitle}, pipeline {Pipeline}, {ConnectionsTitle}",
        CellKind.Rate => $"{WorkloadTitle} at {RatePercent} %",
        CellKind.Fill => "fill",
    };

    public string LayoutName => Layout == Layout.Split ? "split" : "shared";

    public string WorkloadTitle => Workload == Workload.Setex ? "SETEX" : "GET";

    private string WorkloadName => Workload == Workload.Setex ? "setex" : "get";

    private string ConnectionsTitle => Connections == 1 ? "1 connection" : $"{Connections} connections";
}

internal enum CellKind
{
    Maximum,
    Rate,
    Fill,
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
}

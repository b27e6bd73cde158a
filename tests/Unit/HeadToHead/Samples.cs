using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Results;

namespace Anax.Tests.Unit.HeadToHead;

/// <summary>Results whose every figure is known.</summary>
internal static class Samples
{
    public static readonly Cell Setex = Cell.Maximum(Layout.Split, Workload.Setex, 1, MeasurementPlan.Connections);

    public static readonly string[] Servers = [ServerNames.Anax, ServerNames.Valkey, ServerNames.Control, ServerNames.Garnet];

    /// <summary>Anax, Valkey and its control are there, Dragonfly is not.</summary>
    public static ResultDocument Document(params Measurement[] measurements) => new()
    {
        Fingerprint = "1",
        Settings = new ResultSettings { IsQuick = true, Rounds = 3, Seconds = 1, FillEntries = 1000, Layouts = [Layout.Split] },
        Servers =
        [
            new ResultServer { Name = ServerNames.Anax, Version = "0.1.0" },
            new ResultServer { Name = ServerNames.Valkey, Version = "9.1.2" },
            new ResultServer { Name = ServerNames.Control, Version = "9.1.2" },
            new ResultServer { Name = ServerNames.Dragonfly, Missing = "not given: --dragonfly PATH" },
        ],
        Measurements = [.. measurements],
    };

    public static Measurement Load(string server, int round, double cpuNs, double perSecond = 1000, bool clientIsLimit = false) =>
        Load(Setex, server, round, cpuNs, perSecond, clientIsLimit);

    public static Measurement Load(Cell cell, string server, int round, double cpuNs, double perSecond, bool clientIsLimit) => new()
    {
        Cell = cell.Id,
        Server = server,
        Round = round,
        Load = new LoadFigures
        {
            UserNs = cpuNs / 4,
            SystemNs = cpuNs * 3 / 4,
            PerSecond = perSecond,
            ClientIsLimit = clientIsLimit,
        },
    };

    public static Measurement Failed(string server, int round, string why) =>
        new() { Cell = Setex.Id, Server = server, Round = round, Failure = why };

    /// <summary>A thousand MiB in so many seconds, written and read.</summary>
    public static LargeValueFigures LargeValue(double seconds) => new()
    {
        ValueBytes = 1000 << 20,
        SetSeconds = seconds,
        GetSeconds = seconds,
        SetPeakBytes = 1050 << 20,
        GetStartBytes = 1050 << 20,
        GetPeakBytes = 1067 << 20,
    };

    /// <summary>A thousand entries in a second, each of a hundred bytes above a base of 5000.</summary>
    public static FillFigures EvenFill() => new()
    {
        Entries = 1000,
        EntriesFound = 1000,
        Seconds = 1,
        Series = [.. Enumerable.Repeat(100L, 10)],
        StartBytes = 5000,
        ResidentMs = [0, 500, 1000],
        ResidentBytes = [5000, 55_000, 105_000],
    };
}

using Anax.Bench.HeadToHead.Peers;
using Anax.Bench.HeadToHead.Plan;
using Anax.Bench.HeadToHead.Report;
using Anax.Bench.HeadToHead.Results;
using Xunit;

namespace Anax.Tests.Unit.HeadToHead;

/// <summary>Reports tell everything: what failed, who is missing, and where the client was the limit.</summary>
public sealed class ReportTests
{
    private static readonly ResultDocument Document = Samples.Document(
        Samples.Load(ServerNames.Anax, 0, 5000, 60_000, clientIsLimit: true),
        Samples.Load(ServerNames.Anax, 1, 6000, 66_000, clientIsLimit: true),
        Samples.Failed(ServerNames.Anax, 2, "3 errors, as: -OOM <memory>"),
        Samples.Load(ServerNames.Valkey, 0, 10_000, 40_000), Samples.Load(ServerNames.Valkey, 1, 10_000, 40_000),
        Samples.Failed(ServerNames.Control, 0, "the server ended with 1"),
        new Measurement { Cell = Cell.Fill().Id, Server = ServerNames.Anax, Fill = Samples.EvenFill() });

    private static readonly ResultSummary Summary = new(Document);

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.012345, "0.0123")]
    [InlineData(7.0562, "7.06")]
    [InlineData(73.12, "73.1")]
    [InlineData(123_456, "123456")]
    [InlineData(double.NaN, "–")]
    public void FiguresHaveThreeDigits(double value, string expected) => Assert.Equal(expected, FigureText.Of(value));

    [Fact]
    public void SpreadsAreShownWhereThereAreSeveralRounds()
    {
        Assert.Equal("5.50 (5.00…6.00)", FigureText.WithRange(new Spread(5500, 5000, 6000, 2), 1000));
        Assert.Equal("5.50", FigureText.WithRange(new Spread(5500, 5500, 5500, 1), 1000));
        Assert.Equal("0.55 (0.50…0.60)", FigureText.Ratio(new Spread(0.55, 0.5, 0.6, 2)));
        Assert.Equal("–", FigureText.Ratio(null));
    }

    [Fact]
    public void RowsTellFiguresRatiosAndRounds()
    {
        ReportTable table = new ReportTables(Summary).Cpu([Samples.Setex]);
        Assert.Equal(
            [
                "SETEX, pipeline 1, 30 connections", "Anax †", "1.38", "0.55 (0.50…0.60)", "4.12", "5.50 (5.00…6.00)", "0.55 (0.50…0.60)",
                "0", "2 of 3",
            ],
            table.Rows[0]);
        Assert.Equal("Valkey", table.Rows[1][1]);
        Assert.Equal("1.00 (1.00…1.00)", table.Rows[1][6]);
        Assert.All(table.Rows.Take(2), row => Assert.Equal(table.Columns.Count, row.Count));
    }

    [Fact]
    public void WhatFailedAndWhoIsMissingHaveRows()
    {
        ReportTable table = new ReportTables(Summary).Cpu([Samples.Setex]);
        Assert.Equal(["SETEX, pipeline 1, 30 connections", "Valkey (control)", "failed: the server ended with 1"], table.Rows[2]);
        Assert.Equal(["", "Dragonfly", "not given: --dragonfly PATH"], table.Rows[3]);
        Assert.Equal(2, new ReportTables(Summary).Failures().Rows.Count);
    }

    [Fact]
    public void ColumnsAboutAServerAreThereWhereItIs()
    {
        ResultDocument document = Samples.Document(
            Samples.Load(ServerNames.Anax, 0, 1100), Samples.Load(ServerNames.Valkey, 0, 2000), Samples.Load(ServerNames.Floor, 0, 1000));
        ReportTable table = new ReportTables(new ResultSummary(document with
        {
            Servers = [.. document.Servers, new ResultServer { Name = ServerNames.Floor }],
        })).Cpu([Samples.Setex]);
        int column = table.Columns.ToList().IndexOf("ratio to the floor");
        Assert.Equal(["1.10", "2.00", "1.00"], table.Rows.Take(3).Select(row => row[column]));
        Assert.DoesNotContain("ratio to the floor", new ReportTables(Summary).Cpu([Samples.Setex]).Columns);

        Cell shared = Cell.Maximum(Layout.Shared, Workload.Get, 30, 30);
        table = new ReportTables(new ResultSummary(Samples.Document(
            Samples.Load(shared, ServerNames.Anax, 0, 1, 130_000, false), Samples.Load(shared, ServerNames.ValkeyIo, 0, 1, 100_000, false))))
            .Throughput([shared]);
        Assert.Equal("1.30", table.Rows[0][table.Columns.ToList().IndexOf("ratio to Valkey with I/O threads")]);
    }

    [Fact]
    public void EveryKindOfCellHasATable()
    {
        Cell threads = Cell.ManyThreads(Workload.Get, 30, 16), keys = Cell.ManyKeys(Workload.Get, 20_000_000);
        Measurement withLoops = Samples.Load(threads, ServerNames.Anax, 0, 1000, 1000, false);
        ResultDocument document = Samples.Document(
            withLoops with { Load = withLoops.Load! with { Loops = new LoopCounts { Hops = 0.9, SystemCalls = 0.3 } } },
            Samples.Load(keys, ServerNames.Anax, 0, 500, 1000, false), Samples.Load(keys, ServerNames.Valkey, 0, 1000, 1000, false),
            new Measurement
            {
                Cell = Cell.Footprint(CellKind.LargeValue).Id,
                Server = ServerNames.Anax,
                LargeValue = Samples.LargeValue(2),
            });
        Cell hash = Cell.Memory(CellKind.SmallCollections, Collection.Hash), row = Cell.TypeSpeed(TypeRow.All[0], 16);
        document.Measurements.AddRange(
        [
            new Measurement
            {
                Cell = hash.Id,
                Server = ServerNames.Anax,
                Collections = new GrowthFigures { Entries = [10], ResidentBytes = [2250], StartUsedBytes = 30, UsedBytes = [2230] },
            },
            Samples.Load(row, ServerNames.Anax, 0, 500, 900_000, false), Samples.Load(row, ServerNames.Valkey, 0, 800, 600_000, false),
            new Measurement
            {
                Cell = Cell.Long(LongCommand.Del, isSameShard: true).Id,
                Server = ServerNames.Valkey,
                LongCommand = new LongCommandFigures
                {
                    Yardstick = new Latencies { P999Us = 200 },
                    Latency = new Latencies { P50Us = 50, P999Us = 300, MaxUs = 400 },
                    Runs = 1,
                    LongestRunMs = 0.1,
                },
            },
        ]);
        document = document with
        {
            Settings = document.Settings with { IsQuick = false, ManyKeys = 20_000_000, Layouts = [Layout.Split, Layout.Shared] },
        };
        string text = MarkdownWriter.Write(new ReportBuilder(new ResultSummary(document)).Build());
        Assert.Contains("\n## Goals\n", text, StringComparison.Ordinal);
        Assert.Contains("\n## 20M keys\n", text, StringComparison.Ordinal);
        Assert.Contains(
            "| GET, pipeline 30, 100 connections, 16 threads | Anax | 1.00 | 1.00 | 0.250 | 0.750 | 0.900 | 0 | 0 | 0 | 0 | 0 | 0.300 | 1 |",
            text, StringComparison.Ordinal);
        Assert.Contains("| small hashes | Anax | 225 | – | 220 | 1 |", text, StringComparison.Ordinal);
        Assert.Contains("| SET, pipeline 16 | Anax | 2000 | 1.60 | 900 | 1.50 | 0 | 0 | 1 |", text, StringComparison.Ordinal);
        Assert.Contains(
            "| DEL of a hash of 10M, GET on its shard | Valkey | 200 | 300 | 1.50 | 50.0 | 400 | – | – | 1.00 | 0.100 | 1 |", text, StringComparison.Ordinal);
        Assert.Contains("| a large value | Anax | 2.00 | – | 1.05 | 2.00 | – | 17.0 | 1 |", text, StringComparison.Ordinal);
    }

    [Fact]
    public void WhereCellsWereAskedForTheOthersHaveNoSections()
    {
        ResultDocument document = Samples.Document(Samples.Load(ServerNames.Anax, 0, 500));
        document = document with { Settings = document.Settings with { Cells = [Samples.Setex.Id] } };
        string[] titles = [.. new ReportBuilder(new ResultSummary(document)).Build().Sections.Select(section => section.Title)];
        Assert.Equal(
            [
                "Overview", "Goals", "CPU time per operation, split layout", "Throughput and latency in a closed loop, split layout",
                "How it was measured",
            ],
            titles);
    }

    [Fact]
    public void AServerWithoutAPartInATableIsNotMissedThere()
    {
        ResultDocument document = Samples.Document() with { Servers = [new ResultServer { Name = ServerNames.Floor, Missing = "no compiler" }] };
        ReportTables tables = new(new ResultSummary(document));
        Assert.Equal(["", "Floor (bare epoll echo in C)", "no compiler"], Assert.Single(tables.Cpu([Samples.Setex]).Rows));
        Assert.Empty(tables.FillSpeed(Cell.Fill()).Rows);
    }

    [Fact]
    public void MarkdownHasAsManyCellsInEveryRow()
    {
        string[] lines = MarkdownWriter.Write(new ReportTables(Summary).Cpu([Samples.Setex])).TrimEnd().Split('\n');
        Assert.Equal(2 + 4, lines.Length);
        Assert.All(lines, line => Assert.Equal(10, line.Count(sign => sign == '|')));
        Assert.StartsWith("| --- | --- | ---: |", lines[1], StringComparison.Ordinal);
        Assert.StartsWith("| a\\|b |\n", MarkdownWriter.Write(new ReportTable(["a|b"], [])), StringComparison.Ordinal);
    }

    [Fact]
    public void ThePageNeedsNothingElseAndEscapesWhatServersSay()
    {
        string page = HtmlWriter.Write(new ReportBuilder(Summary).Build());
        Assert.Contains("-OOM &lt;memory&gt;", page, StringComparison.Ordinal);
        Assert.Contains("not given: --dragonfly PATH", page, StringComparison.Ordinal);
        Assert.Contains("<b>Not finished</b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", page, StringComparison.Ordinal);
        Assert.DoesNotContain("src=", page, StringComparison.Ordinal);
        Assert.Contains("<svg", page, StringComparison.Ordinal);
    }

    [Fact]
    public void ThePicturesThatAReadmeShowsAreThere()
    {
        ReportParts report = new ReportBuilder(Summary).Build();
        string[] names = [.. report.Sections.SelectMany(section => section.Charts).Select(chart => chart.FileName)];
        string[] expected =
            ["cpu-per-operation.svg", "throughput.svg", "latency-fixed-rate.svg", "bytes-per-entry.svg", "fill-throughput.svg"];
        Assert.Subset(names.ToHashSet(), expected.ToHashSet());
        Assert.Equal(names.Length, names.Distinct().Count());
    }

    [Fact]
    public void TheReadmesTableHasARowForEachServer()
    {
        string[] lines = new ReadmeTable(Summary).Write().TrimEnd().Split('\n');
        Assert.Equal(2 + 4, lines.Length);
        Assert.Contains("| Anax † | 0.1.0 | 5.50 · 0.55 (0.50…0.60) |", lines[2], StringComparison.Ordinal);
        Assert.Contains("| Dragonfly | not given: --dragonfly PATH |", lines[5], StringComparison.Ordinal);
    }

    [Fact]
    public void AReportOfNothingIsStillAReport()
    {
        ReportParts report = new ReportBuilder(new ResultSummary(Samples.Document())).Build();
        Assert.Contains("Not finished", MarkdownWriter.Write(report), StringComparison.Ordinal);
    }
}

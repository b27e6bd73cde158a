using Anax.LoadGen.Measuring;
using Anax.LoadGen.Options;
using Spectre.Console;

namespace Anax.LoadGen.Output;

/// <summary>
/// A run in a terminal: a table with a row for each of the last phases, the lowest of which changes while it lasts. It
/// is drawn by the main thread, which competes with what is measured, so it stays small.
/// </summary>
internal sealed class LiveDisplay(IAnsiConsole console, BenchOptions options) : IRunDisplay
{
    private const int RowsMax = 8;

    private static readonly string[] Columns =
        ["phase", "time", "requests/s", "mean/s", "p50 µs", "p99", "p99.9", "hits", "errors", "conns"];

    private static readonly Style Quiet = new(Color.Grey);

    private readonly PhaseProgress _progress = new(options);
    private readonly Table _table = MakeTable();
    private LiveDisplayContext? _context;

    /// <summary>Elsewhere every refresh would be printed below the last one.</summary>
    public static bool CanShowOn(IAnsiConsole console) =>
        console.Profile.Capabilities.Ansi && console.Profile.Capabilities.Interactive && console.Profile.Out.IsTerminal;

    public void Show(Action watch) =>
        console.Live(_table).AutoClear(true).Start(context =>
        {
            _context = context;
            watch();
        });

    public void Begin(PhaseRecord phase)
    {
        _progress.Begin(phase);
        if (_table.Rows.Count == RowsMax) _table.RemoveRow(0);
        Text[] cells = new Text[Columns.Length];
        Array.Fill(cells, Text.Empty);
        // The warm-up is not counted, and so it is not bright.
        cells[0] = phase.IsMeasured ? new Text(phase.Name) : new Text(phase.Name, Quiet);
        _table.AddRow(cells);
    }

    public void Refresh(PhaseRecord phase, long nowNs, bool hasCollected)
    {
        _progress.Advance(phase, nowNs);
        Set(1, _progress.Text(phase));
        Set(2, FigureText.Rate(_progress.RateNow));
        Set(3, FigureText.Rate(_progress.RateMean));
        if (hasCollected) SetLatencies(phase.PerSecond[^1].Latency);
        Set(7, FigureText.HitRate(phase));
        Set(8, FigureText.Count(phase.ErrorCount));
        Set(9, FigureText.Count(phase.Connections));
        _context?.Refresh();
    }

    /// <summary>From now on its row says what the whole phase was.</summary>
    public void End(PhaseRecord phase)
    {
        Refresh(phase, phase.EndNs, hasCollected: false);
        Set(2, FigureText.None);
        SetLatencies(new LatencySummary(phase.Latencies.Intended));
    }

    public void Summarize(RunResult result) => TerminalSummary.Write(console, result);

    private void SetLatencies(in LatencySummary latency)
    {
        Set(4, FigureText.ShortMicroseconds(latency.P50Ns));
        Set(5, FigureText.ShortMicroseconds(latency.P99Ns));
        Set(6, FigureText.ShortMicroseconds(latency.P999Ns));
    }

    private void Set(int column, string text) => _table.UpdateCell(_table.Rows.Count - 1, column, new Text(text));

    private static Table MakeTable()
    {
        Table table = new() { Border = TableBorder.None };
        foreach (string name in Columns)
        {
            table.AddColumn(new Spectre.Console.TableColumn(new Text(name, Quiet))
            {
                Alignment = name == Columns[0] ? Justify.Left : Justify.Right,
                Padding = new Padding(0, 0, 1, 0),
            });
        }

        return table;
    }
}

using Anax.LoadGen.Measuring;
using Spectre.Console;

namespace Anax.LoadGen.Output;

/// <summary>The result as tables in a terminal. Cells are plain text, never markup: some come from the server.</summary>
internal static class TerminalSummary
{
    private static readonly Style Bold = new(decoration: Decoration.Bold);
    private static readonly Style Quiet = new(Color.Grey);
    private static readonly Style Bar = new(Color.Blue);

    public static void Write(IAnsiConsole console, RunResult result)
    {
        foreach (ResultTable table in ResultTables.Of(result)) Write(console, table);
        if (result.Steps.Count == 1) Write(console, ResultTables.Histogram(result.Steps[0]));
    }

    private static void Write(IAnsiConsole console, ResultTable table)
    {
        Table drawn = new() { Border = TableBorder.None };
        foreach (TableColumn column in table.Columns)
        {
            Justify alignment = column.Kind == CellKind.Figure ? Justify.Right : Justify.Left;
            drawn.AddColumn(new Spectre.Console.TableColumn(new Text(column.Name, Quiet))
            {
                Alignment = alignment,
                Padding = new Padding(0, 0, 2, 0),
            });
        }

        foreach (string[] row in table.Rows)
        {
            Text[] cells = new Text[row.Length];
            for (int i = 0; i < cells.Length; i++) cells[i] = Cell(table.Columns[i].Kind, row[i]);
            drawn.AddRow(cells);
        }

        console.WriteLine();
        console.Write(new Text(table.Title, Bold));
        console.WriteLine();
        console.Write(new Padder(drawn, new Padding(2, 0, 0, 0)));
        foreach (string note in table.Notes)
        {
            console.Write(new Text($"  {note}"));
            console.WriteLine();
        }
    }

    private static Text Cell(CellKind kind, string text) =>
        kind == CellKind.Bar ? new Text(text.Replace('#', '█').Replace('.', '▏'), Bar) : new Text(text);
}

using Anax.LoadGen.Measuring;

namespace Anax.LoadGen.Output;

/// <summary>The result as aligned text, for output that is no terminal.</summary>
internal static class PlainSummary
{
    private const string Indent = "  ";
    private const string Gap = "  ";

    public static void Write(TextWriter output, RunResult result)
    {
        foreach (ResultTable table in ResultTables.Of(result)) Write(output, table);
        if (result.Steps.Count == 1) Write(output, ResultTables.Histogram(result.Steps[0]));
    }

    public static void Write(TextWriter output, ResultTable table)
    {
        output.WriteLine();
        output.WriteLine(table.Title);
        int[] widths = new int[table.Columns.Count];
        for (int i = 0; i < widths.Length; i++)
            widths[i] = Math.Max(table.Columns[i].Name.Length, table.Rows.Select(row => row[i].Length).DefaultIfEmpty().Max());
        WriteRow(output, table, [.. table.Columns.Select(column => column.Name)], widths);
        foreach (string[] row in table.Rows) WriteRow(output, table, row, widths);
        foreach (string note in table.Notes) output.WriteLine(Indent + note);
    }

    private static void WriteRow(TextWriter output, ResultTable table, string[] row, int[] widths)
    {
        string[] cells = new string[row.Length];
        for (int i = 0; i < cells.Length; i++)
        {
            bool isFigure = table.Columns[i].Kind == CellKind.Figure;
            cells[i] = isFigure ? row[i].PadLeft(widths[i]) : row[i].PadRight(widths[i]);
        }

        output.WriteLine((Indent + string.Join(Gap, cells)).TrimEnd());
    }
}

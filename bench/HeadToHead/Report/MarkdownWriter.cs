using System.Text;

namespace Anax.Bench.HeadToHead.Report;

/// <summary>The report as Markdown, with its charts as links to their files.</summary>
internal static class MarkdownWriter
{
    public static string Write(ReportParts report)
    {
        StringBuilder text = new($"# {report.Title}\n");
        foreach (ReportSection section in report.Sections)
        {
            text.Append($"\n## {section.Title}\n");
            foreach (string paragraph in section.Paragraphs) text.Append($"\n{paragraph}\n");
            foreach (ReportTable table in section.Tables) text.Append('\n').Append(Write(table));
            foreach (ReportChart chart in section.Charts) text.Append($"\n![{chart.Title}]({chart.FileName})\n");
        }

        return text.ToString();
    }

    public static string Write(ReportTable table)
    {
        StringBuilder text = new();
        AddRow(table.Columns);
        AddRow([.. table.Columns.Select((_, column) => column < table.WordColumns ? "---" : "---:")]);
        foreach (IReadOnlyList<string> row in table.Rows) AddRow(row);
        return text.ToString();

        void AddRow(IReadOnlyList<string> cells)
        {
            IEnumerable<string> whole = cells.Concat(Enumerable.Repeat("", table.Columns.Count - cells.Count));
            text.Append("| ").AppendJoin(" | ", whole.Select(Escaped)).Append(" |\n");
        }
    }

    private static string Escaped(string cell) => cell.Replace("|", "\\|", StringComparison.Ordinal).Replace('\n', ' ');
}

using System.Net;
using System.Text;

namespace Anax.Bench.HeadToHead.Report;

/// <summary>The report as one page that needs nothing else: its charts stand in it.</summary>
internal static class HtmlWriter
{
    private const string Style = """
        body { font: 15px/1.5 system-ui, sans-serif; color: #1c2430; background: #fff; }
        body { max-width: 1040px; margin: 2em auto; padding: 0 1em; }
        h1 { font-size: 1.6em; } h2 { font-size: 1.2em; margin-top: 2.2em; border-bottom: 1px solid #d5dbe3; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-size: 13px; margin: 1em 0; font-variant-numeric: tabular-nums; }
        th, td { padding: 3px 10px; border-bottom: 1px solid #e4e8ee; text-align: right; white-space: nowrap; }
        th { background: #f3f5f8; vertical-align: bottom; white-space: normal; }
        .word { text-align: left; } td.text { text-align: left; white-space: normal; }
        td code { background: none; padding: 0; white-space: normal; }
        tr.first td { border-top: 2px solid #c3ccd8; }
        code { font: 12px ui-monospace, monospace; background: #f3f5f8; padding: 1px 4px; }
        svg { max-width: 100%; height: auto; display: block; margin: 1.2em 0; }
        """;

    public static string Write(ReportParts report)
    {
        StringBuilder page = new("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
        page.Append($"<title>{Text(report.Title)}</title>\n<style>\n{Style}\n</style></head><body>\n");
        page.Append($"<h1>{Text(report.Title)}</h1>\n");
        foreach (ReportSection section in report.Sections)
        {
            page.Append($"<h2>{Text(section.Title)}</h2>\n");
            foreach (string paragraph in section.Paragraphs) page.Append($"<p>{Marked(paragraph)}</p>\n");
            foreach (ReportChart chart in section.Charts) page.Append(chart.Svg).Append('\n');
            foreach (ReportTable table in section.Tables) Write(page, table);
        }

        return page.Append("</body></html>\n").ToString();
    }

    private static void Write(StringBuilder page, ReportTable table)
    {
        page.Append("<div class=\"wide\"><table>\n<tr>");
        for (int column = 0; column < table.Columns.Count; column++)
            page.Append($"<th{(column < table.WordColumns ? " class=\"word\"" : "")}>{Text(table.Columns[column])}</th>");
        page.Append("</tr>\n");
        string group = "";
        foreach (IReadOnlyList<string> row in table.Rows)
        {
            // A rule wherever the first column changes.
            page.Append(row[0] == group ? "<tr>" : "<tr class=\"first\">");
            group = row[0];
            for (int column = 0; column < row.Count; column++)
            {
                // A reason may stand where figures would; it may be long.
                bool isText = column >= table.WordColumns && row[column].Length > 0 && char.IsLetter(row[column][0]);
                string kind = column < table.WordColumns ? " class=\"word\"" : isText ? " class=\"text\"" : "";
                int span = column == row.Count - 1 ? table.Columns.Count - column : 1;
                page.Append($"<td{kind}{(span > 1 ? $" colspan=\"{span}\"" : "")}>{Marked(row[column])}</td>");
            }

            page.Append("</tr>\n");
        }

        page.Append("</table></div>\n");
    }

    /// <summary>The two marks of Markdown that paragraphs and cells have.</summary>
    private static string Marked(string text) => Between(Between(Text(text), "`", "code"), "**", "b");

    private static string Between(string text, string mark, string element)
    {
        string[] parts = text.Split(mark);
        StringBuilder joined = new(parts[0]);
        for (int i = 1; i < parts.Length; i++)
            joined.Append(i % 2 == 1 ? $"<{element}>" : $"</{element}>").Append(parts[i]);
        return joined.ToString();
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}

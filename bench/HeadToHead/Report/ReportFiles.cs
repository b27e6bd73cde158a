using Anax.Bench.HeadToHead.Results;

namespace Anax.Bench.HeadToHead.Report;

/// <summary>Writes all that is made of the results into their folder.</summary>
internal static class ReportFiles
{
    public const string PageName = "report.html";

    public static void Write(string folder, ResultDocument document)
    {
        ResultSummary summary = new(document);
        ReportParts report = new ReportBuilder(summary).Build();
        Write("results.md", MarkdownWriter.Write(report));
        Write(PageName, HtmlWriter.Write(report));
        Write("readme-table.md", new ReadmeTable(summary).Write());
        foreach (ReportChart chart in report.Sections.SelectMany(section => section.Charts))
            Write(chart.FileName, chart.Svg);

        void Write(string name, string text) => File.WriteAllText(Path.Combine(folder, name), text);
    }
}

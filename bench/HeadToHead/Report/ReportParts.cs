namespace Anax.Bench.HeadToHead.Report;

/// <summary>What a report is made of, whether as Markdown or as a page: sections of paragraphs, tables and charts.</summary>
internal sealed record ReportParts(string Title, IReadOnlyList<ReportSection> Sections);

internal sealed record ReportSection(string Title)
{
    /// <summary>Words between backticks are code.</summary>
    public IReadOnlyList<string> Paragraphs { get; init; } = [];

    public IReadOnlyList<ReportTable> Tables { get; init; } = [];

    public IReadOnlyList<ReportChart> Charts { get; init; } = [];
}

/// <summary>The first columns are words, the rest figures. A row may be shorter: its last cell says why.</summary>
internal sealed record ReportTable(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    public int WordColumns { get; init; } = 2;
}

/// <summary>An SVG picture and the name of its file.</summary>
internal sealed record ReportChart(string FileName, string Title, string Svg);

namespace Anax.LoadGen.Output;

/// <summary>One table of the result, as texts: the terminal, plain output and the report each draw it their way.</summary>
internal sealed record ResultTable(string Title, IReadOnlyList<TableColumn> Columns, IReadOnlyList<string[]> Rows)
{
    /// <summary>Lines below the table.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

/// <summary>What a column is called and how its cells stand.</summary>
internal readonly record struct TableColumn(string Name, CellKind Kind = CellKind.Figure);

internal enum CellKind
{
    /// <summary>On the right, so that digits stand below each other.</summary>
    Figure,

    Text,

    /// <summary>A bar of a histogram, in number signs; a dot is less than one.</summary>
    Bar,
}

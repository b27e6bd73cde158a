using System.Globalization;

namespace Anax.Bench.Shards;

/// <summary>What was measured: a row per figure, a value per round, in the order in which figures first came.</summary>
internal sealed class Figures
{
    private const int NameColumns = 68;

    private readonly List<Row> _rows = [];

    /// <summary>Adds a round's value to a figure.</summary>
    public void Add(string name, string unit, double value, string goal = "")
    {
        Row? row = _rows.Find(r => r.Name == name);
        if (row is null)
        {
            row = new Row(name, unit, goal, []);
            _rows.Add(row);
        }
        row.Values.Add(value);
    }

    /// <summary>One table, a line per figure.</summary>
    public void Write(TextWriter output)
    {
        output.WriteLine($"{"",-NameColumns} {"median",10} {"least",10} {"greatest",10} {"rounds",7}  unit, goal");
        foreach (Row row in _rows)
        {
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{row.Name,-NameColumns} {MedianOf(row.Values),10:F3} "));
            output.Write(string.Create(CultureInfo.InvariantCulture, $"{row.Values.Min(),10:F3} {row.Values.Max(),10:F3} {row.Values.Count,7}"));
            output.WriteLine($"  {row.Unit}{row.Goal}");
        }
    }

    private static double MedianOf(List<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private sealed record Row(string Name, string Unit, string Goal, List<double> Values);
}

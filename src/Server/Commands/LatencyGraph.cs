using System.Globalization;
using System.Text;
using Anax.Engine.Dispatch;

namespace Anax.Server.Commands;

/// <summary>LATENCY GRAPH: the samples of an event as columns of characters, with their ages below.</summary>
internal static class LatencyGraph
{
    private const int Columns = 80, Rows = 4;

    /// <summary>Three heights within a row, from low to high, and what fills a column below its top.</summary>
    private const string Levels = "_o#", Fill = "|";

    internal static string Draw(LatencyHistory history, long nowSeconds)
    {
        long high = 0, low = long.MaxValue;
        foreach (LatencySample sample in history.Samples)
        {
            high = Math.Max(high, sample.Ms);
            low = Math.Min(low, sample.Ms);
        }
        string name = Encoding.ASCII.GetString(LatencyHistory.NameOf(history.Event));
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{name} - high {high} ms, low {low} ms (all time high {history.MaxMs} ms)\n");
        text.Append('-', Columns).Append('\n');
        for (int start = 0; start < history.Samples.Count; start += Columns)
            DrawBlock(text, history.Samples.GetRange(start, Math.Min(Columns, history.Samples.Count - start)), low, high, nowSeconds);
        return text.ToString();
    }

    private static void DrawBlock(StringBuilder text, List<LatencySample> samples, long low, long high, long nowSeconds)
    {
        int steps = Rows * Levels.Length;
        double range = Math.Max(1, high - low);
        for (int row = Rows - 1; row >= 0; row--)
        {
            foreach (LatencySample sample in samples)
            {
                var step = (int)Math.Min(steps - 1, (sample.Ms - low) / range * steps);
                int level = step - row * Levels.Length;
                text.Append(level < 0 ? ' ' : level < Levels.Length ? Levels[level] : Fill[0]);
            }
            text.Append('\n');
        }
        text.Append('\n');
        // Ages are written downwards, a character a line.
        var ages = samples.ConvertAll(sample => Age(Math.Max(0, nowSeconds - sample.UnixSeconds)));
        int longest = 0;
        foreach (string age in ages) longest = Math.Max(longest, age.Length);
        for (int line = 0; line < longest; line++)
        {
            foreach (string age in ages) text.Append(line < age.Length ? age[line] : ' ');
            text.Append('\n');
        }
    }

    private static string Age(long seconds) => seconds switch
    {
        < 60 => $"{seconds}s",
        < 3600 => $"{seconds / 60}m",
        < 86_400 => $"{seconds / 3600}h",
        _ => $"{seconds / 86_400}d",
    };
}

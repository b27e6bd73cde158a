using System.Text;
using System.Text.RegularExpressions;
using Anax.Core.Rdb;
using Anax.Core.Structures;

namespace Anax.Tests.Fuzz;

/// <summary>A stream as texts: its figures, entries, groups, and what is pending.</summary>
public static partial class StreamText
{
    /// <summary>Are both payloads, in Latin-1, of the same stream, but for the times that a clock has told?</summary>
    public static bool AreSameButForTimes(string left, string right) =>
        left.Length == right.Length && left[0] == (char)RdbType.Stream3 && WithoutTimes(left) == WithoutTimes(right);

    private static string WithoutTimes(string payload)
    {
        using var value = new LoadedValue();
        RdbLoad outcome = value.Load(Encoding.Latin1.GetBytes(payload[..^RdbBytes.FooterBytes]), RdbVersion.Written, LoadedValue.Limits);
        return outcome == RdbLoad.Done ? Time().Replace(value.Describe(), "$1 then") : $"{outcome} {payload}";
    }

    [GeneratedRegex(@"(seen|active|at) [0-9]{13}\b")]
    private static partial Regex Time();

    internal static void Describe(StreamView stream, List<string> elements)
    {
        elements.Add($"{stream.Count} of {stream.EntriesAdded}");
        elements.Add($"{Text(stream.FirstId)} to {Text(stream.LastId)} without {Text(stream.MaxDeletedId)}");
        StreamWalk walk = stream.Walk(default, StreamId.Max, false);
        while (walk.Next(out StreamEntry entry))
        {
            var text = new StringBuilder(Text(entry.Id));
            for (int i = entry.FieldCount; i > 0; i--)
            {
                entry.Next(out PackedItem field, out PackedItem value);
                text.Append($" {LoadedValue.TextOf(field)} = {LoadedValue.TextOf(value)}");
            }
            elements.Add(text.ToString());
        }
        for (long i = 0; i < stream.GroupCount; i++) Describe(stream.GroupAt(i), elements);
    }

    private static void Describe(StreamGroup group, List<string> elements)
    {
        elements.Add($"group {Name(group.Name)} at {Text(group.LastId)} read {group.EntriesRead} pending {group.PendingCount}");
        for (long i = 0; i < group.ConsumerCount; i++)
        {
            StreamConsumer consumer = group.ConsumerAt(i);
            elements.Add($"consumer {Name(consumer.Name)} seen {consumer.SeenMs} active {consumer.ActiveMs}");
            PendingWalk walk = consumer.Pending(default);
            while (walk.Next(out PendingEntry entry)) elements.Add($"{Text(entry.Id)} at {entry.DeliveredMs} times {entry.Deliveries}");
        }
    }

    private static string Name(ReadOnlySpan<byte> name) => Encoding.Latin1.GetString(name);

    private static string Text(StreamId id) => $"{id.Ms}-{id.Sequence}";
}

using System.Text;
using Anax.Core.Structures;

namespace Anax.Tests.Fuzz;

/// <summary>A stream as texts: its figures, entries, groups, and what is pending.</summary>
internal static class StreamText
{
    public static void Describe(StreamView stream, List<string> elements)
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

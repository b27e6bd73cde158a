using Anax.Tests.Unit.Harness;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// Keys that are judged together, because commands move data between them. What a history says of other keys is cut away,
/// which loses no order that concerns these alone.
/// </summary>
internal sealed class KeyGroup
{
    private readonly HashSet<string> _keys;

    /// <summary>Keys as "database/name".</summary>
    public KeyGroup(IEnumerable<string> keys)
    {
        Keys = [.. keys.Order(StringComparer.Ordinal)];
        _keys = [.. Keys];
    }

    public IReadOnlyList<string> Keys { get; }

    public bool IsSingle => Keys.Count == 1;

    /// <summary>
    /// All groups of a history. Keys that are named after "s" are single ones; others are one group per database and letter.
    /// </summary>
    public static IEnumerable<KeyGroup> Of(History history) =>
        history.Operations.SelectMany(operation => operation.Commands).SelectMany(NamesOf).Distinct()
            .GroupBy(key => key.Contains("/s", StringComparison.Ordinal) ? key : key[..(key.IndexOf('/') + 2)])
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new KeyGroup(group));

    /// <summary>What an operation has to do with this group: empty where nothing.</summary>
    public List<Step> Cut(Operation operation)
    {
        List<Step> steps = [];
        if (operation.IsVoid) return steps;
        for (int i = 0; i < operation.Commands.Count; i++)
        {
            Reply? reply = operation.IsAnswered ? operation.Replies[i] : null;
            if (Cut(operation.Commands[i], reply) is { } step && (step.Reply is not null || !IsRead(step.Command))) steps.Add(step);
        }

        return steps;
    }

    /// <summary>Changes nothing, so that without a reply it says nothing.</summary>
    private static bool IsRead(Command command) => command.Name is "GET" or "MGET" or "EXISTS" or "STRLEN" or "PEXPIRETIME";

    private Step? Cut(Command command, Reply? reply)
    {
        if (command.Name == "FLUSHDB")
        {
            string prefix = $"{command.Database}/";
            string[] flushed = [.. Keys.Where(key => key.StartsWith(prefix, StringComparison.Ordinal)).Select(key => key[prefix.Length..])];
            return flushed.Length == 0 ? null : new Step(new Command("DEL", command.Database, flushed, []), null);
        }

        int[] own = [.. Enumerable.Range(0, command.Keys.Length).Where(i => _keys.Contains(NameOf(command, i)))];
        if (own.Length == 0) return null;
        if (own.Length == command.Keys.Length) return new Step(command, reply);

        Command part = command with
        {
            Keys = [.. own.Select(i => command.Keys[i])],
            Arguments = command.Arguments.Length == 0 ? [] : [.. own.Select(i => command.Arguments[i])],
        };
        return command.Name switch
        {
            "MGET" when reply is { Items.Count: > 0 } => new Step(part, Array(own.Select(i => reply.Items[i]))),
            "MSET" => new Step(part, reply),
            // The reply is a sum: it says nothing about one part.
            _ => new Step(part, null),
        };
    }

    private static Reply Array(IEnumerable<Reply> items)
    {
        Reply[] all = [.. items];
        return new Reply('*', $"[{string.Join<Reply>(", ", all)}]", all);
    }

    private static IEnumerable<string> NamesOf(Command command) => command.Keys.Select((_, i) => NameOf(command, i));

    private static string NameOf(Command command, int i) => $"{command.Database}/{command.Keys[i]}";
}

/// <summary>A command of an operation and its reply; null where it is not known.</summary>
internal sealed record Step(Command Command, Reply? Reply);

using System.Text;
using Anax.Engine.Keyspace;

namespace Anax.Server.Options;

/// <summary>The classes of keyspace events; each has a letter in notify-keyspace-events.</summary>
[Flags]
public enum KeyspaceEvents
{
    None = 0,
    Keyspace = 1 << 0,
    KeyEvent = 1 << 1,
    Generic = 1 << 2,
    String = 1 << 3,
    List = 1 << 4,
    Set = 1 << 5,
    Hash = 1 << 6,
    SortedSet = 1 << 7,
    Expired = 1 << 8,
    Evicted = 1 << 9,
    Stream = 1 << 10,
    KeyMiss = 1 << 11,
    Module = 1 << 13,
    New = 1 << 14,
    /// <summary>The letter A. Misses and new keys stand apart.</summary>
    All = Generic | String | List | Set | Hash | SortedSet | Expired | Evicted | Stream | Module,
}

/// <summary>Reads and writes the letters of <see cref="KeyspaceEvents"/>.</summary>
internal static class KeyspaceEventLetters
{
    // The order in which CONFIG GET shows them; A stands for all up to 'd'.
    private static readonly (char Letter, KeyspaceEvents Event)[] Classes =
    [
        ('g', KeyspaceEvents.Generic), ('$', KeyspaceEvents.String), ('l', KeyspaceEvents.List),
        ('s', KeyspaceEvents.Set), ('h', KeyspaceEvents.Hash), ('z', KeyspaceEvents.SortedSet),
        ('x', KeyspaceEvents.Expired), ('e', KeyspaceEvents.Evicted), ('t', KeyspaceEvents.Stream),
        ('d', KeyspaceEvents.Module), ('n', KeyspaceEvents.New),
    ];

    /// <summary>The engine's names of the classes; module events come from nowhere.</summary>
    private static readonly (KeyspaceEvents Event, EventClass Class)[] Names =
    [
        (KeyspaceEvents.Generic, EventClass.Generic), (KeyspaceEvents.String, EventClass.String), (KeyspaceEvents.List, EventClass.List),
        (KeyspaceEvents.Set, EventClass.Set), (KeyspaceEvents.Hash, EventClass.Hash), (KeyspaceEvents.SortedSet, EventClass.SortedSet),
        (KeyspaceEvents.Expired, EventClass.Expired), (KeyspaceEvents.Evicted, EventClass.Evicted), (KeyspaceEvents.Stream, EventClass.Stream),
        (KeyspaceEvents.KeyMiss, EventClass.KeyMiss), (KeyspaceEvents.New, EventClass.New),
    ];

    private static readonly (char Letter, KeyspaceEvents Event)[] Channels =
    [
        ('K', KeyspaceEvents.Keyspace), ('E', KeyspaceEvents.KeyEvent), ('m', KeyspaceEvents.KeyMiss),
    ];

    public static bool TryParse(string letters, out KeyspaceEvents events)
    {
        events = KeyspaceEvents.None;
        foreach (var letter in letters)
        {
            // Valkey reads up to a zero byte.
            if (letter == '\0')
                break;
            var one = letter == 'A' ? KeyspaceEvents.All : Find(Classes, letter) | Find(Channels, letter);
            if (one == KeyspaceEvents.None)
                return false;
            events |= one;
        }
        return true;
    }

    /// <summary>With all classes on, "A" hides 'n' too: Valkey's order of tests, kept.</summary>
    public static string Format(KeyspaceEvents events)
    {
        var text = new StringBuilder();
        if ((events & KeyspaceEvents.All) == KeyspaceEvents.All)
            text.Append('A');
        else
            Append(text, Classes, events);
        Append(text, Channels, events);
        return text.ToString();
    }

    public static EventClass ClassesOf(KeyspaceEvents events)
    {
        var classes = EventClass.None;
        foreach (var (one, name) in Names)
        {
            if ((events & one) != 0)
                classes |= name;
        }
        return classes;
    }

    private static KeyspaceEvents Find((char Letter, KeyspaceEvents Event)[] table, char letter)
    {
        foreach (var (name, one) in table)
        {
            if (name == letter)
                return one;
        }
        return KeyspaceEvents.None;
    }

    private static void Append(StringBuilder text, (char Letter, KeyspaceEvents Event)[] table, KeyspaceEvents events)
    {
        foreach (var (letter, one) in table)
        {
            if ((events & one) != 0)
                text.Append(letter);
        }
    }
}

using System.Globalization;

namespace Anax.Tests.Simulation.Simulated;

/// <summary>
/// Draws commands. Keys "s…" are used by commands that concern each key for itself; data moves between the keys "l…";
/// "p0" and "p1" always get the same value in one MSET; between the accounts "b…" money moves, and never comes or goes.
/// </summary>
internal sealed class CommandMaker(SimulationPlan plan, Random random)
{
    public const int Accounts = 4;
    public const int AccountBalance = 100;

    private const int LinkedKeys = 3;
    private const int LargeBytes = 20_000;

    private int _values;

    public static string[] AccountNames { get; } = [.. Enumerable.Range(0, Accounts).Select(i => $"b{i}")];

    public static string[] Pair { get; } = ["p0", "p1"];

    /// <summary>A value that nobody else writes.</summary>
    public required string ValuePrefix { get; init; }

    public Command Any(int database) => random.Next(3) == 0 ? Linked(database) : Single(database);

    public Command Single(int database)
    {
        string key = $"s{random.Next(plan.SingleKeys)}";
        return random.Next(24) switch
        {
            0 or 1 => Set(database, key),
            2 => Command.Of("SET", database, key, Number()),
            3 => Command.Of("SET", database, key, Value(), "PX", Milliseconds()),
            4 => Command.Of("SETNX", database, key, Value()),
            5 => Command.Of("GETSET", database, key, Value()),
            6 => Command.Of("GETDEL", database, key),
            7 or 8 => Command.Of("INCR", database, key),
            9 => Command.Of("DECRBY", database, key, Number()),
            10 => Command.Of("APPEND", database, key, Number()),
            11 => Command.Of("STRLEN", database, key),
            12 => Command.Of("PEXPIRE", database, key, Milliseconds()),
            13 => Command.Of("EXPIRE", database, key, random.Next(6) == 0 ? "0" : "1"),
            14 => Command.Of("PERSIST", database, key),
            15 => Command.Of("PEXPIRETIME", database, key),
            16 => new Command(random.Next(2) == 0 ? "DEL" : "UNLINK", database, Some('s', plan.SingleKeys), []),
            17 => new Command("EXISTS", database, Some('s', plan.SingleKeys), []),
            18 => new Command("MGET", database, Some('s', plan.SingleKeys), []),
            19 => MultiSet("MSET", database, Some('s', plan.SingleKeys)),
            _ => Command.Of("GET", database, key),
        };
    }

    public Command Linked(int database)
    {
        string[] two = [.. Some('l', LinkedKeys, 2)];
        return random.Next(12) switch
        {
            0 => new Command("RENAME", database, two, []),
            1 => new Command("RENAMENX", database, two, []),
            2 => new Command("COPY", database, two, random.Next(2) == 0 ? [] : ["REPLACE"]),
            3 => MultiSet("MSETNX", database, two),
            4 or 5 => MultiSet("MSET", database, Some('l', LinkedKeys)),
            6 or 7 => new Command("MGET", database, Some('l', LinkedKeys), []),
            8 => new Command("DEL", database, Some('l', LinkedKeys), []),
            9 => Command.Of("SET", database, two[0], Value()),
            10 => Command.Of("PEXPIRE", database, two[0], Milliseconds()),
            _ => Command.Of("GET", database, two[0]),
        };
    }

    /// <summary>Writes both keys of the pair alike, or reads them.</summary>
    public Command OnPair()
    {
        string value = Value();
        return random.Next(2) == 0 ? new Command("MSET", 0, Pair, [value, value]) : new Command("MGET", 0, Pair, []);
    }

    /// <summary>Commands that, as one, move money from one account to another, or look at all of them.</summary>
    public List<Command> OnAccounts()
    {
        if (random.Next(2) == 0) return [.. AccountNames.Select(name => Command.Of("GET", 0, name))];
        string[] two = Some('b', Accounts, 2);
        string amount = Number();
        return [Command.Of("DECRBY", 0, two[0], amount), Command.Of("INCRBY", 0, two[1], amount)];
    }

    private Command Set(int database, string key) => random.Next(6) switch
    {
        0 => Command.Of("SET", database, key, Value(), "NX"),
        1 => Command.Of("SET", database, key, Value(), "XX", "GET"),
        2 => Command.Of("SET", database, key, Value(), "KEEPTTL"),
        3 when plan.HasLargeValues => Command.Of("SET", database, key, Value() + new string('x', LargeBytes)),
        _ => Command.Of("SET", database, key, Value()),
    };

    private Command MultiSet(string name, int database, string[] keys) => new(name, database, keys, [.. keys.Select(_ => Value())]);

    /// <summary>Different keys of a kind, in any order.</summary>
    private string[] Some(char kind, int keys, int count = 0)
    {
        int[] all = [.. Enumerable.Range(0, keys)];
        random.Shuffle(all);
        return [.. all.Take(count == 0 ? 1 + random.Next(keys) : count).Select(i => $"{kind}{i}")];
    }

    private string Value() => $"{ValuePrefix}{_values++}";

    private string Number() => random.Next(1, 10).ToString(CultureInfo.InvariantCulture);

    private string Milliseconds() => random.Next(1, 40).ToString(CultureInfo.InvariantCulture);
}

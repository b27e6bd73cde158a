namespace Anax.Bench.HeadToHead.Plan;

/// <summary>
/// A row of valkey-benchmark's default list under -r 100000 -c 50 -d 3, in anax-bench's words: that client tells whether it was
/// the limit, and writes what a row needs before the server's processor time is looked at.
/// </summary>
internal sealed record TypeRow(string Title, string Command)
{
    public const int Connections = 50;

    public const int ValueBytes = 3;

    /// <summary>Numbers in keys and elements; valkey-benchmark writes them with twelve digits, and so do these.</summary>
    public const long Keys = 100_000, FirstKey = 100_000_000_000;

    private const string PushLeft = "lpush mylist __data__", Set = "set key:__key__ __data__";
    private const string AddMember = "sadd myset element:__key__";
    private const int MsetKeys = 10;
    private const long TakenPerSecond = 60_000, TakenPerSecondPiped = 500_000, CountStep = 1000;

    /// <summary>Writes what the row reads or takes away, each number once; empty where it reads nothing.</summary>
    public string Before { get; init; } = "";

    /// <summary>It takes away what was written before, so it ends when all is gone and not by the clock.</summary>
    public bool Takes { get; init; }

    public string Name => Title.ToLowerInvariant();

    public static IReadOnlyList<TypeRow> All { get; } =
    [
        new("SET", Set),
        new("GET", "get key:__key__") { Before = Set },
        new("INCR", "incr counter:__key__"),
        new("LPUSH", PushLeft),
        new("RPUSH", "rpush mylist __data__"),
        new("LPOP", "lpop mylist") { Before = PushLeft, Takes = true },
        new("RPOP", "rpop mylist") { Before = PushLeft, Takes = true },
        new("SADD", AddMember),
        new("HSET", "hset myhash element:__key__ __data__"),
        new("SPOP", "spop myset") { Before = AddMember, Takes = true },
        new("ZADD", "zadd myzset __key__ element:__key__"),
        new("ZPOPMIN", "zpopmin myzset") { Before = "zadd myzset __score__ element:__key__", Takes = true },
        Range(100), Range(300), Range(500), Range(600),
        new("MSET", "mset" + string.Concat(Enumerable.Repeat(" key:__key__ __data__", MsetKeys))),
        new("XADD", "xadd mystream * myfield __data__"),
    ];

    /// <summary>How many are written before; where they are taken away, so many as take about the time.</summary>
    public long CountBefore(int pipeline, double seconds)
    {
        if (!Takes) return Keys;
        double wanted = seconds * (pipeline == 1 ? TakenPerSecond : TakenPerSecondPiped);
        return Math.Max(1, (long)(wanted / CountStep)) * CountStep;
    }

    private static TypeRow Range(int elements) =>
        new($"LRANGE_{elements}", $"lrange mylist 0 {elements - 1}") { Before = PushLeft };
}

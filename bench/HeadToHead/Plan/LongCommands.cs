namespace Anax.Bench.HeadToHead.Plan;

internal enum LongCommand
{
    Sunionstore,
    Zrange,
    Lrange,
    Del,
    Script,
}

/// <summary>
/// Commands that keep a server busy for long, on values that lie on one shard, and the reads beside which they run.
/// </summary>
internal static class LongCommands
{
    public const int Threads = 2;

    /// <summary>Of the client that reads, and how often each of them asks in a second, whether it is answered or not.</summary>
    public const int Connections = 20, ReadsPerSecond = 100;

    public const int ReadKeys = 10_000;

    public const long Elements = 1_000_000, DeletedFields = 10_000_000;

    /// <summary>How much of a measurement the script loops.</summary>
    public const double ScriptShare = 2.0 / 3;

    private const string Loop = "for i = 1, tonumber(ARGV[1]) do end return redis.call('get', KEYS[1])";

    public static IReadOnlyList<LongCommand> All { get; } = Enum.GetValues<LongCommand>();

    /// <summary>Whether it is sent again and again; else it has its effect once, or lasts as long as it is told.</summary>
    public static bool IsRepeated(LongCommand command) => command is not LongCommand.Del and not LongCommand.Script;

    public static string Title(LongCommand command) => command switch
    {
        LongCommand.Sunionstore => "SUNIONSTORE of two sets of 1M",
        LongCommand.Zrange => "ZRANGE 0 -1 of 1M",
        LongCommand.Lrange => "LRANGE 0 -1 of 1M",
        LongCommand.Del => "DEL of a hash of 10M",
        LongCommand.Script => "a script that loops",
    };

    /// <param name="command">Which.</param>
    /// <param name="keys">By which its keys begin.</param>
    /// <param name="steps">Of the script.</param>
    public static string[] Words(LongCommand command, string keys, long steps) => command switch
    {
        LongCommand.Sunionstore => ["SUNIONSTORE", $"{keys}union", $"{keys}set:0", $"{keys}set:1"],
        LongCommand.Zrange => ["ZRANGE", $"{keys}zset", "0", "-1"],
        LongCommand.Lrange => ["LRANGE", $"{keys}list", "0", "-1"],
        LongCommand.Del => ["DEL", Copied(keys).To],
        LongCommand.Script => ["EVAL", Loop, "1", $"{keys}key:0", $"{steps}"],
    };

    /// <summary>The hash that stays, and its copy, which is deleted.</summary>
    public static (string From, string To) Copied(string keys) => ($"{keys}hash", $"{keys}copy");
}
